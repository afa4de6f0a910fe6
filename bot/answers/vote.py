"""Thumbs up and down on an answer: counted, without a name."""

from bot.chat.command import Answer, Asked, Command, For, Neighbours
from dialogs.words.answers import answers
from dialogs.words.replies import Say, Text


async def run(asked: Asked, neighbours: Neighbours) -> Answer:
    """The answer stays as it is. A button of no answer of ours counts nothing."""
    answer, good = asked.values.get("answer", ""), asked.values.get("verb") == "answer.good"
    if answer in answers():
        neighbours.asking.gaps.vote(answer, good=good)
        if not good:
            neighbours.asking.gaps.note(asked.values.get("question", ""), answer)
    return Answer(Say(Text("vote.thanks")), brief=True)


COMMANDS = (Command(run, verbs=("answer.good", "answer.bad"), audience=For.MEMBERS),)
