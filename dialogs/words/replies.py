"""Everything the bot can say, as data. Words come from the locales by key; foreign text rides in `values`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Text:
    """A whole sentence of the locales. `values` fill its named placeholders: foreign text, which is always shown
    literally, or some more words of ours. Numbers that count, days and moments stay what they are until somebody
    reads them; ids, codes and builds are text."""

    key: str
    values: "Mapping[str, Value]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that is not ours (a device's name): shown letter by letter, never as markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class Names:
    """One after another. `more`: the sentence goes on with how many are left out."""

    names: tuple[str | Text, ...]
    more: bool = False


Value = str | int | date | Text | Names
"""What stands in a placeholder; a date may be a moment too, and is then told in its own zone."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what is known."""

    label: Text
    value: Text | Literal | int | date | Names


@dataclass(frozen=True, slots=True)
class Button:
    """A press that comes back to the bot. `data` is opaque and never trusted on its return."""

    title: Text
    verb: str
    data: Mapping[str, str] = field(default_factory=dict)
    main: bool = False  # the one to press most likely


@dataclass(frozen=True, slots=True)
class Link:
    """A page outside Teams; the title says so."""

    title: Text
    url: str


@dataclass(frozen=True, slots=True)
class Fold:
    """What one tap shows in the same card; another tap hides it again."""

    title: Text  # the button that opens it
    paragraphs: tuple[Text, ...] = ()
    lists: tuple[tuple[Text, str], ...] = ()  # a heading, and the key of a list of sentences
    footnotes: tuple[Text, ...] = ()
    buttons: tuple[Button, ...] = ()  # examples that can be pressed
    facts: tuple[Fact, ...] = ()  # below the paragraphs


@dataclass(frozen=True, slots=True)
class Say:
    """A heading, some paragraphs, some buttons: welcome, help, refusals, closings, questions back."""

    title: Text
    paragraphs: tuple[Text, ...] = ()
    facts: tuple[Fact, ...] = ()
    buttons: tuple[Button, ...] = ()
    links: tuple[Link, ...] = ()
    notices: tuple[Text, ...] = ()  # on top: what must be read first
    footnotes: tuple[Text, ...] = ()  # small, at the end: the source, the way to a human
    folds_title: Text | None = None
    folds: tuple[Fold, ...] = ()  # what may be meant too


class Tone(StrEnum):
    """How a state looks beside its words: the names are those of a container's styles."""

    PLAIN = "default"
    CALM = "emphasis"
    GOOD = "good"
    WARNING = "warning"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What to expect, in one line that is seen at once: good, a warning (something may be lost), or attention (it does
    not work now)."""

    text: Text
    tone: Tone


class Tile(StrEnum):
    """What Windows calls the PIN among its sign-in options: the label is `label.pin_tile.<value>`."""

    WINDOWS_10 = "windows_10"
    WINDOWS_11 = "windows_11"
    EITHER = "either"  # the version is not known


@dataclass(frozen=True, slots=True)
class Path:
    """What to do from where the person stands: locked out, or still signed in."""

    title: Text  # the button that opens it
    steps: str  # key of a list of sentences; empty when nothing can be clicked from here
    paragraphs: tuple[Text, ...] = ()
    needs: tuple[Text, ...] = ()
    caveats: tuple[Text, ...] = ()
    open: bool = False  # shown at once, because the person said where they stand
    tile: Tile = Tile.EITHER  # as the steps quote it


@dataclass(frozen=True, slots=True)
class Steps:
    """How to get a new PIN on one device (or in general, when `facts` is empty)."""

    title: Text
    ways: tuple[Path, ...]  # none where nothing can be clicked
    expectations: tuple[Expectation, ...] = ()  # what to expect; a warning is read before a tap shows any steps
    facts: tuple[Fact, ...] = ()  # one tap away
    paragraphs: tuple[Text, ...] = ()  # before the states
    instead: tuple[Text, ...] = ()  # after them, where nothing can be clicked
    question: Text | None = None  # asked by the buttons below it
    notices: tuple[Text, ...] = ()
    footnotes: tuple[Text, ...] = ()  # small, at the end
    sources: tuple[Text, ...] = ()  # with the facts
    ended: tuple[Button, ...] = ()  # how it went: offered once a way is open
    buttons: tuple[Button, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a question with choices; `title` may be foreign (a device's name)."""

    title: Text | Literal
    value: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with choices and, where `detail` is set, a text field. Inputs come back as `choice` and `detail`."""

    title: Text
    label: Text
    choices: tuple[Choice, ...]
    send: Button
    paragraphs: tuple[Text, ...] = ()
    detail: Text | None = None  # label of the text field
    notices: tuple[Text, ...] = ()
    buttons: tuple[Button, ...] = ()  # beside sending, without a choice


@dataclass(frozen=True, slots=True)
class Section:
    """Some lines under a small heading. `exact`: shown letter by letter as it is, nothing left out (a request).
    `folded`: one tap on the title shows it, in the same card; another hides it. `buttons`: about this part alone.
    `status`: the one line of it that matters most."""

    title: Text
    lines: tuple[Text | Literal, ...] = ()
    exact: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    buttons: tuple[Button, ...] = ()
    folded: bool = False
    status: Text | None = None
    tone: Tone = Tone.PLAIN  # of that line


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a bar. `shade` is a name of the chart's colours (good, warning, attention, neutral)."""

    label: Text
    count: int
    shade: str


class Mark(StrEnum):
    """How far one part of a task is. The sign beside it is `card.mark.<value>`."""

    DONE = "done"
    TO_DO = "to_do"
    PROBLEM = "problem"
    UNKNOWN = "unknown"  # could not be read


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a checklist."""

    title: Text
    mark: Mark


@dataclass(frozen=True, slots=True)
class Field:
    """A text field of a form; comes back under its name."""

    name: str
    label: Text
    required: bool = False
    preset: str = ""
    long: bool = False


@dataclass(frozen=True, slots=True)
class Picker:
    """One of many, found as one types; comes back under its name. `dataset`: in what the client lets the bot search.
    `choices`: shown at once, also by a client that can't search."""

    name: str
    label: Text
    dataset: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Objection:
    """What has to be given with one of the presses and with no other: a tap on `title` shows it."""

    title: Text
    field: Field
    send: Button
    open: bool = False  # shown at once, because something is missing in it


@dataclass(frozen=True, slots=True)
class Details:
    """Everything about one thing: the state of the rollout, a change to be asked for, a request and its decision."""

    title: Text
    subtitle: Text | None = None  # what it is called where it has to be named
    status: Text | None = None  # the one line that matters most
    tone: Tone = Tone.PLAIN  # of that line
    checks: tuple[Check, ...] = ()
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    rest: Text | None = None  # one tap for all sections that are folded; else each has its own
    bar: tuple[Share, ...] = ()  # above the sections, with its numbers in words
    fields: tuple[Field | Picker, ...] = ()
    buttons: tuple[Button, ...] = ()
    links: tuple[Link, ...] = ()
    notices: tuple[Text, ...] = ()
    footnotes: tuple[Text, ...] = ()
    outcome: tuple[Text, ...] = ()  # what came of a press, for who pressed: right above the buttons
    objection: Objection | None = None  # beside the buttons, which are pressed without it
    refresh: Button | None = None  # pressed by each client by itself: who may do more then sees more


Reply = Say | Steps | Ask | Details
