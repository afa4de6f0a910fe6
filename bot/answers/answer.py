"""What the bot knows about the rollout: one answer with its source, or the nearest questions to choose from."""

from collections.abc import Mapping

from bot.answers import computed
from bot.answers.services import AnswerServices
from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, For, bound
from bot.chat.near import ANSWER, also, fold, footnotes, paragraphs, wish
from bot.help.hello import unknown
from bot.pin_reset import card
from dialogs.understanding.ranking.labels import kind
from dialogs.words.answers import answers
from dialogs.words.replies import Button, Link, Reply, Say, Text

NEAREST = ("first", "second", "third")  # values: labels of what a text may want
# Answers to whether the service works on some PCs: reckoned for one PC, what holds for others would only confuse.
SETTLED = frozenset({
    *("minimum_version", "windows_1703", "editions", "pro_edition", "enterprise_edition", "education_edition"),
    *("home_edition", "ltsc", "windows_11", "build_numbers", "join_types", "canreset_values"),
})  # fmt: skip
FORGOT = "forgot."  # how the labels of a forgotten PIN begin


async def show(asked: Asked, services: AnswerServices) -> Answer:
    """The answer of that id; what the text said of a PC is reckoned first."""
    name = asked.values.get("answer", "")
    return Answer(
        _answer(name, asked, services) if name in answers() else unknown(asked, services.gaps, services.help_desk)
    )


async def offer(asked: Asked, services: AnswerServices) -> Answer:
    """Not sure what is wanted: the nearest, answers one tap away. A wrong card would be worse. Noted as a gap
    until one of the buttons is pressed."""
    text = asked.turn.text
    about = {"gap": services.gaps.note(text), **notices.carried(asked, text)}
    labels = [label for one in NEAREST if (label := asked.values.get(one, ""))]
    names = [name for label in labels if (name := label.removeprefix(ANSWER)) in answers()]
    forgotten = any(kind(label) == "forgot" for label in labels)
    wishes = [label for label in labels if not label.startswith((ANSWER, FORGOT))]
    return Answer(
        Say(
            Text("nearest.title"),
            (*_heard(labels, about), Text("nearest.text")),
            folds=(*((card.fold(),) if forgotten else ()), *(fold(name, services.filling) for name in names)),
            buttons=(
                *(wish(label, **about) for label in wishes),
                notices.forgot(),
                notices.what_can_you_do(),
                *notices.ask_a_person(asked, services.help_desk, text),
            ),
        )
    )


def _heard(labels: list[str], about: Mapping[str, str]) -> tuple[Text, ...]:
    """Of what may be an order everything is said back: no half of it is done in silence."""
    ordered = any(kind(label) == "order" for label in labels)
    return (Text("usage.heard", {"text": about["question"]}),) if ordered and about.get("question") else ()


def _answer(name: str, asked: Asked, services: AnswerServices) -> Reply:
    entry = answers()[name]
    reckoned = computed.computed(asked.values, services)
    near, wishes = also(asked)
    settled = reckoned.verdict and name in SETTLED
    related = () if near or wishes else (name, *entry.related[:2]) if settled else entry.related
    return Say(
        Text(f"answers.{name}.title"),
        (*reckoned.sentences, *(() if settled else paragraphs(name, services.filling))),
        facts=reckoned.facts,
        buttons=(*map(wish, wishes), *map(_related, related), *notices.votes(name, asked)),
        links=(Link(Text("button.read_source"), entry.link),) if entry.link else (),
        footnotes=footnotes(name),
        folds_title=Text("answer.also") if near else None,
        folds=tuple(fold(other, services.filling) for other in near),
    )


def _related(name: str) -> Button:
    return Button(Text(f"answers.{name}.title"), "answer.show", {"answer": name})


def commands(services: AnswerServices) -> tuple[Command, ...]:
    """Of this file."""
    return (
        Command(bound(show, services), intents=("answer",), verbs=("answer.show",), audience=For.MEMBERS),
        Command(bound(offer, services), intents=("nearest",), audience=For.MEMBERS),
    )
