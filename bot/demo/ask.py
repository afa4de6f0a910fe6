"""One question or a file of them, each through the real door in a fresh conversation; the answers as text."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, TextIO

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.simulation.chats import Said
from bot.simulation.world import World
from cards.plain import plain
from dialogs.understanding.language import OTHER
from dialogs.understanding.ranking.model import LANGUAGE, model
from dialogs.understanding.understand import understand
from dialogs.words.texts import FALLBACK, of_locale

FORMAT = 'a line looks like {"id": "1", "persona": "user", "text": "I forgot my PIN"}'


class AskedQuestion(BaseModel):
    """One line of a file of questions; whatever else stands there is ignored."""

    model_config = ConfigDict(extra="ignore")

    id: str
    persona: Literal["user", "admin", "approver"] = "user"
    text: str
    lang: str = FALLBACK  # that it is asked in


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


async def answer_all(
    world: World, questions: Iterable[AskedQuestion], out: TextIO, *, in_language: bool = False
) -> Counter[tuple[str, bool]]:
    """A line for each question, in their order: its id, the answer, what was understood and what the person got; with
    `in_language` also whether the answer is in the language of the question. How many are and are not, by language."""
    counts = Counter[tuple[str, bool]]()
    for question in questions:
        said = await answer(world, question.persona, question.text)
        understood = understand(question.text, world.teams.locale)
        line: dict[str, str | bool] = {
            "id": question.id,
            "answer_text": said,
            "intent": understood.intent,
            "outcome": understood.outcome,
        }
        if in_language:
            spoken = language_of(said)
            counts[question.lang, right := spoken == of_locale(question.lang)] += 1
            line |= {"answered_in": spoken, "in_language": right}
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
    return counts


def language_of(text: str) -> str:
    """The language that most lines of a text are in, by the model: what the bot meant to say does not count."""
    found = Counter[str]()
    for line in text.splitlines():
        chances = model().chances(model().weigh(line), LANGUAGE)
        found[max(chances, key=chances.__getitem__)] += len(line)
    return found.most_common(1)[0][0] if found else OTHER


def sums(counts: Counter[tuple[str, bool]]) -> Iterator[str]:
    """How many answers are in the language asked, a line each."""
    for language in sorted({language for language, _ in counts}):
        right = counts[language, True]
        yield f"{language}: {right} of {right + counts[language, False]} answers are in the language asked"


def _question(number: int, line: str) -> AskedQuestion:
    try:
        return AskedQuestion.model_validate_json(line)
    except ValidationError as error:
        wrong = error.errors()[0]
        field = "".join(f"{part}: " for part in wrong["loc"])
        raise ValueError(f"line {number}: {field}{wrong['msg']} ({FORMAT})") from None


def _shown(said: Said) -> str:
    return plain(said.card) if said.card else said.text
