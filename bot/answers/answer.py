"""What the bot knows about the rollout: one answer with its source, or the nearest questions to choose from."""

from collections.abc import Mapping
from string import Formatter

from bot.answers import computed
from bot.changes.tenant_state import oma_uri
from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, For, Neighbours
from bot.help.hello import unknown
from bot.pin_reset import card
from dialogs.understanding.labels import kind
from dialogs.words.answers import answers
from dialogs.words.replies import Button, Fold, Link, Reply, Say, Text

NEAREST = ("first", "second", "third")  # values: labels of what a text may want
# Answers to whether the service works on some PCs: reckoned for one PC, what holds for others would only confuse.
SETTLED = frozenset({
    *("minimum_version", "windows_1703", "editions", "pro_edition", "enterprise_edition", "education_edition"),
    *("home_edition", "ltsc", "windows_11", "build_numbers", "join_types", "canreset_values"),
})  # fmt: skip
ANSWER, FORGOT = "answer.", "forgot."  # how labels begin


async def show(asked: Asked, neighbours: Neighbours) -> Answer:
    """The answer of that id; what the text said of a PC is reckoned first."""
    name = asked.values.get("answer", "")
    return Answer(_answer(name, asked, neighbours) if name in answers() else unknown(asked, neighbours))


async def offer(asked: Asked, neighbours: Neighbours) -> Answer:
    """Not sure what is wanted: the nearest, answers one tap away. A wrong card would be worse. Noted as a gap
    until one of the buttons is pressed."""
    text = asked.turn.text
    about = {"gap": neighbours.asking.gaps.note(text), **notices.carried(asked, text)}
    labels = [label for one in NEAREST if (label := asked.values.get(one, ""))]
    names = [name for label in labels if (name := label.removeprefix(ANSWER)) in answers()]
    forgotten = any(kind(label) == "forgot" for label in labels)
    wishes = [label for label in labels if not label.startswith((ANSWER, FORGOT))]
    return Answer(
        Say(
            Text("nearest.title"),
            (*_heard(labels, about), Text("nearest.text")),
            folds=(*((card.fold(),) if forgotten else ()), *(fold(name, neighbours) for name in names)),
            buttons=(
                *(wish(label, **about) for label in wishes),
                notices.forgot(),
                notices.what_can_you_do(),
                *notices.ask_a_person(asked, neighbours, text),
            ),
        )
    )


def _heard(labels: list[str], about: Mapping[str, str]) -> tuple[Text, ...]:
    """Of what may be an order everything is said back: no half of it is done in silence."""
    ordered = any(kind(label) == "order" for label in labels)
    return (Text("usage.heard", {"text": about["question"]}),) if ordered and about.get("question") else ()


def _answer(name: str, asked: Asked, neighbours: Neighbours) -> Reply:
    entry = answers()[name]
    reckoned = computed.computed(asked.values, neighbours)
    near, wishes = also(asked)
    settled = reckoned.verdict and name in SETTLED
    related = () if near or wishes else (name, *entry.related[:2]) if settled else entry.related
    return Say(
        Text(f"answers.{name}.title"),
        (*reckoned.sentences, *(() if settled else _paragraphs(name, neighbours))),
        facts=reckoned.facts,
        buttons=(*map(wish, wishes), *map(_related, related), *notices.votes(name, asked)),
        links=(Link(Text("button.read_source"), entry.link),) if entry.link else (),
        footnotes=_footnotes(name),
        folds_title=Text("answer.also") if near else None,
        folds=tuple(fold(other, neighbours) for other in near),
    )


def also(asked: Asked) -> tuple[list[str], list[str]]:
    """What may be meant too: ids of answers, and labels of what is no answer."""
    labels = asked.values.get("also", "").split()
    near = [name for label in labels if (name := label.removeprefix(ANSWER)) in answers()]
    return near, [label for label in labels if not label.startswith(ANSWER)]


def wish(label: str, **about: str) -> Button:
    """Stands for a label: pressed, it is as if that had been understood."""
    return Button(Text(f"wish.{label}"), "wish", {"label": label, **about})


def fold(name: str, neighbours: Neighbours) -> Fold:
    """An answer that one tap shows on the card of something else."""
    return Fold(Text(f"answers.{name}.title"), _paragraphs(name, neighbours), footnotes=_footnotes(name))


def _paragraphs(name: str, neighbours: Neighbours) -> tuple[Text, ...]:
    tenant_id = neighbours.changing.tenant_id
    filling = {"tenant_id": tenant_id, "oma_uri": oma_uri(tenant_id)}
    return tuple(_paragraph(name, at, text, filling) for at, text in enumerate(answers()[name].paragraphs, 1))


def _footnotes(name: str) -> tuple[Text, ...]:
    entry = answers()[name]
    source = Text("answer.source", {"source": entry.source})
    return (source, Text("answer.unverified")) if entry.unverified else (source,)


def _paragraph(name: str, at: int, text: str, filling: dict[str, str]) -> Text:
    wanted = {field for _, field, _, _ in Formatter().parse(text) if field}
    return Text(f"answers.{name}.text.{at}", {field: filling[field] for field in wanted})


def _related(name: str) -> Button:
    return Button(Text(f"answers.{name}.title"), "answer.show", {"answer": name})


COMMANDS = (
    Command(show, intents=("answer",), verbs=("answer.show",), audience=For.MEMBERS),
    Command(offer, intents=("nearest",), audience=For.MEMBERS),
)
