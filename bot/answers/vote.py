"""Thumbs up and down on an answer: counted, without a name."""

from bot.answers.services import AnswerServices
from bot.chat.command import Answer, Asked, Command, For, reading
from bot.chat.notices import VoteArguments
from dialogs.words.answers import answers
from dialogs.words.replies import Say, Text


async def run(asked: Asked, vote: VoteArguments, services: AnswerServices) -> Answer:
    """The answer stays as it is. A button of no answer of ours counts nothing."""
    good = asked.key == "answer.good"
    if vote.answer in answers():
        services.gaps.vote(vote.answer, good=good)
        if not good:
            services.gaps.note(vote.question, vote.answer)
    return Answer(Say(Text("vote.thanks")), brief=True)


def commands(services: AnswerServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (Command(reading(VoteArguments, run, services), verbs=("answer.good", "answer.bad"), audience=For.MEMBERS),)
