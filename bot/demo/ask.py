"""One question or a file of them, each through the real door in a fresh conversation; the answers as text."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TextIO

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.simulation.chats import Said
from bot.simulation.world import World
from cards.plain import plain
from dialogs.understanding.understand import understand

FORMAT = 'a line looks like {"id": "1", "persona": "user", "text": "I forgot my PIN"}'


class AskedQuestion(BaseModel):
    """One line of a file of questions; whatever else stands there is ignored."""

    model_config = ConfigDict(extra="ignore")

    id: str
    persona: Literal["user", "admin", "approver"] = "user"
    text: str


async def answer(world: World, person: str, text: str) -> str:
    """Everything that the bot shows for it, what a tap would unfold included.

    Raises ValueError for a person whom the simulated tenant does not know.
    """
    if person not in world.company.people:
        known = ", ".join(world.company.people)
        raise ValueError(f"nobody is called {person!r}; known are: {known}")
    conversation = world.chats.fresh(person)
    await world.teams.say(person, text)
    return "\n".join(_shown(said) for said in conversation.by_bot())


def read(questions: Path) -> list[AskedQuestion]:
    """The questions of a file. Raises OSError, or ValueError that names the line and the field to mend."""
    lines = questions.read_text(encoding="utf-8").splitlines()
    return [_question(number, line) for number, line in enumerate(lines, 1) if line.strip()]


async def answer_all(world: World, questions: Iterable[AskedQuestion], out: TextIO) -> None:
    """A line for each question, in their order: its id, the answer, what was understood and what the person got."""
    for question in questions:
        said = await answer(world, question.persona, question.text)
        understood = understand(question.text, world.teams.locale)
        line = {
            "id": question.id,
            "answer_text": said,
            "intent": understood.intent,
            "outcome": understood.outcome,
        }
        out.write(json.dumps(line, ensure_ascii=False) + "\n")


def _question(number: int, line: str) -> AskedQuestion:
    try:
        return AskedQuestion.model_validate_json(line)
    except ValidationError as error:
        wrong = error.errors()[0]
        field = "".join(f"{part}: " for part in wrong["loc"])
        raise ValueError(f"line {number}: {field}{wrong['msg']} ({FORMAT})") from None


def _shown(said: Said) -> str:
    return plain(said.card) if said.card else said.text
