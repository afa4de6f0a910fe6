"""Thumbs up and down on an answer: counted, without a name."""

from bot.answers.services import AnswerServices
from bot.chat.command import Answer, Asked, Command, For, bound
from dialogs.words.answers import answers
from dialogs.words.replies import Say, Text


async def run(asked: Asked, services: AnswerServices) -> Answer:
    """The answer stays as it is. A button of no answer of ours counts nothing."""
    answer, good = asked.values.get("answer", ""), asked.values.get("verb") == "answer.good"
    if answer in answers():
        services.gaps.vote(answer, good=good)
        if not good:
            services.gaps.note(asked.values.get("question", ""), answer)
    return Answer(Say(Text("vote.thanks")), brief=True)


def commands(services: AnswerServices) -> tuple[Command, ...]:
    """Of this file."""
    return (Command(bound(run, services), verbs=("answer.good", "answer.bad"), audience=For.MEMBERS),)
