"""What else may have been meant: near answers one tap away, and buttons for what is no answer."""

from collections.abc import Mapping
from string import Formatter

from bot.chat.command import Arguments
from dialogs.words.answers import answers
from dialogs.words.replies import Button, Fold, Text

ANSWER = "answer."  # how the labels of answers begin
WISH = "wish"  # the verb of a button that stands for what a text may have meant


class WishArguments(Arguments):
    """`label`: what may have been meant by the `question`, of which a `gap` was noted."""

    label: str = ""
    gap: str = ""
    question: str = ""


def also(labels: str) -> tuple[list[str], list[str]]:
    """What may be meant too: ids of answers, and labels of what is no answer."""
    listed = labels.split()
    near = [name for label in listed if (name := label.removeprefix(ANSWER)) in answers()]
    return near, [label for label in listed if not label.startswith(ANSWER)]


def wish(label: str, *, gap: str = "", question: str = "") -> Button:
    """Stands for a label: pressed, it is as if that had been understood."""
    return WishArguments(label=label, gap=gap, question=question).button(Text(f"wish.{label}"), WISH)


def fold(name: str, filling: Mapping[str, str]) -> Fold:
    """An answer that one tap shows on the card of something else."""
    return Fold(title(name), paragraphs(name, filling), footnotes=footnotes(name))


def title(name: str) -> Text:
    """What an answer is called."""
    return Text(f"answers.{name}.title")


def paragraphs(name: str, filling: Mapping[str, str]) -> tuple[Text, ...]:
    """The text of an answer. `filling`: what its placeholders stand for."""
    return tuple(_paragraph(name, at, text, filling) for at, text in enumerate(answers()[name].paragraphs, 1))


def _paragraph(name: str, at: int, text: str, filling: Mapping[str, str]) -> Text:
    wanted = {field for _, field, _, _ in Formatter().parse(text) if field}
    return Text(f"answers.{name}.text.{at}", {field: filling[field] for field in wanted})


def footnotes(name: str) -> tuple[Text, ...]:
    """Where an answer stands."""
    entry = answers()[name]
    source = Text("answer.source", {"source": entry.source})
    return (source, Text("answer.unverified")) if entry.unverified else (source,)
