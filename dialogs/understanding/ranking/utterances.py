"""What people write, by what they want: the data that the model is trained on. Read by its build and by checks only."""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from dialogs.understanding.files import LOCALES, load
from dialogs.words.answers import answers

OTHERS = Path(__file__).with_name("other_languages.toml")
SURROUNDINGS = "surroundings.toml"
ONE_IN = 3  # so many utterances are trained on with surroundings too
PARTS = 10  # one part in ten of all groups is kept aside: never trained on, and read by nobody who writes utterances
OWN = "/own/"  # a voice whose sentences whoever works on the answers has seen
_CHUNK = 8  # of a long list of one voice, so many sentences are a group


@dataclass(frozen=True, slots=True)
class Utterance:
    """One sentence and its label. `group`: sentences of one author, label and voice stand or fall together."""

    label: str
    text: str
    group: str

    @property
    def language(self) -> str:
        """The one that it is in."""
        return self.group.partition("/")[0]

    @property
    def part(self) -> int:
        """From 0 to PARTS - 1, by the hash of the group; part 0 is the one that is kept aside, but for OWN ones."""
        part = hashlib.sha256(self.group.encode()).digest()[0] * PARTS // 256
        return max(part, 1) if OWN in self.group else part


class Surroundings(BaseModel):
    """One language's surroundings.toml: what people write before and after a wish."""

    model_config = ConfigDict(extra="forbid")

    before: tuple[str, ...] = Field(min_length=1)
    after: tuple[str, ...] = Field(min_length=1)


def utterances(locales: Path = LOCALES) -> Iterator[Utterance]:
    """All of them: the titles of the answers, then the files. Raises ValueError naming one that is malformed."""
    for name, entry in answers().items():
        yield Utterance(f"answer.{name}", entry.title, f"en/answers{OWN}{name}")
    for file in sorted(locales.glob("*/utterances/*.toml")):
        try:
            yield from _read(file)
        except (tomllib.TOMLDecodeError, AttributeError, TypeError) as error:
            raise ValueError(f"cannot read {file.parent.parent.name}/{file.name}: {error}") from error


def others(file: Path = OTHERS) -> Iterator[Utterance]:
    """Sentences in languages that the bot does not speak, without a label."""
    for language, texts in tomllib.loads(file.read_text("utf-8")).items():
        for at, text in enumerate(texts):
            yield Utterance("", text, f"{language}/{at // _CHUNK}")


def surrounded(rows: Iterable[Utterance], locales: Path = LOCALES) -> Iterator[Utterance]:
    """All rows, and some once more with what people write around a wish, where a language says what that is: the model
    learns that it says nothing."""
    files = locales.glob(f"*/{SURROUNDINGS}")
    around = {file.parent.name: load(file, Surroundings) for file in files}
    for row in rows:
        yield row
        chosen = int.from_bytes(hashlib.sha256(row.text.encode()).digest()[:4])
        if row.part and row.language in around and chosen % ONE_IN == 0:
            yield replace(row, text=_amid(row.text, around[row.language], chosen // ONE_IN))


def _amid(text: str, around: Surroundings, chosen: int) -> str:
    """Before it, after it, or both."""
    first, last = around.before[chosen % len(around.before)], around.after[chosen % len(around.after)]
    return (f"{first} {text}", f"{text} {last}", f"{first} {text} {last}")[chosen % 3]


def fingerprint(locales: Path = LOCALES) -> str:
    """A hash of all data: the model says which one it was trained from."""
    whole = hashlib.sha256()
    for one in (*surrounded(utterances(locales), locales), *others()):
        whole.update(f"{one.label}\t{one.group}\t{one.text}\n".encode())
    return whole.hexdigest()


def _read(file: Path) -> Iterator[Utterance]:
    language = file.parent.parent.name
    for label, voices in _labels(tomllib.loads(file.read_text("utf-8"))):
        for voice, texts in voices.items():
            for at, text in enumerate(texts):
                yield Utterance(label, text, f"{language}/{file.stem}/{label}/{voice}/{at // _CHUNK}")


def _labels(table: dict[str, object], above: str = "") -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Tables may be nested ([answer.gpo_path]); one whose values are lists is a label."""
    for name, below in table.items():
        label = f"{above}{name}"
        if all(isinstance(value, list) for value in below.values()):  # type: ignore[attr-defined]  # a malformed file
            yield label, below  # type: ignore[misc]  # all values are lists
        else:
            yield from _labels(below, f"{label}.")  # type: ignore[arg-type]
