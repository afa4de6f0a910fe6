"""What the bot knows about the rollout: one answer with its source, or the nearest questions to choose from."""

from bot.answers import computed
from bot.answers.services import AnswerServices
from bot.chat import notices
from bot.chat.command import Answer, Arguments, Asked, Command, For, reading
from bot.chat.near import ANSWER, also, fold, footnotes, paragraphs, wish
from bot.help.hello import unknown
from bot.pin_reset import card
from dialogs.understanding.ranking.labels import kind
from dialogs.words.answers import answers
from dialogs.words.replies import Button, Link, Reply, Say, Text

# Answers to whether the service works on some PCs: reckoned for one PC, what holds for others would only confuse.
SETTLED = frozenset({
    *("minimum_version", "windows_1703", "editions", "pro_edition", "enterprise_edition", "education_edition"),
    *("home_edition", "ltsc", "windows_11", "build_numbers", "join_types", "canreset_values"),
})  # fmt: skip
FORGOT = "forgot."  # how the labels of a forgotten PIN begin


class AnswerArguments(notices.VoteArguments, computed.PcArguments):
    """The answer to a question, and labels of what may be meant `also`."""

    also: str = ""


class NearestArguments(Arguments):
    """Labels of what a text may want."""

    first: str = ""
    second: str = ""
    third: str = ""


async def show(asked: Asked, wanted: AnswerArguments, services: AnswerServices) -> Answer:
    """The answer of that id; what the text said of a PC is reckoned first."""
    if wanted.answer not in answers():
        return Answer(unknown(asked, services.gaps, services.help_desk))
    return Answer(_answer(asked, wanted, services))


async def offer(asked: Asked, nearest: NearestArguments, services: AnswerServices) -> Answer:
    """Not sure what is wanted: the nearest, answers one tap away. A wrong card would be worse. Noted as a gap
    until one of the buttons is pressed."""
    text = asked.turn.text
    gap, question = services.gaps.note(text), notices.carried(asked, text)
    labels = list(nearest.data().values())
    names = [name for label in labels if (name := label.removeprefix(ANSWER)) in answers()]
    forgotten = any(kind(label) == "forgot" for label in labels)
    wishes = [label for label in labels if not label.startswith((ANSWER, FORGOT))]
    return Answer(
        Say(
            Text("nearest.title"),
            (*_heard(labels, question), Text("nearest.text")),
            folds=(*((card.fold(),) if forgotten else ()), *(fold(name, services.filling) for name in names)),
            buttons=(
                *(wish(label, gap=gap, question=question) for label in wishes),
                notices.forgot(),
                notices.what_can_you_do(),
                *notices.ask_a_person(asked, services.help_desk, text),
            ),
        )
    )


def _heard(labels: list[str], question: str) -> tuple[Text, ...]:
    """Of what may be an order everything is said back: no half of it is done in silence."""
    ordered = any(kind(label) == "order" for label in labels)
    return (Text("usage.heard", {"text": question}),) if ordered and question else ()


def _answer(asked: Asked, wanted: AnswerArguments, services: AnswerServices) -> Reply:
    name, entry = wanted.answer, answers()[wanted.answer]
    found = computed.computed(wanted, services)
    near, wishes = also(wanted.also)
    settled = found.verdict and name in SETTLED
    related = () if near or wishes else (name, *entry.related[:2]) if settled else entry.related
    return Say(
        Text(f"answers.{name}.title"),
        (*found.sentences, *(() if settled else paragraphs(name, services.filling))),
        facts=found.facts,
        buttons=(*map(wish, wishes), *map(_related, related), *notices.votes(asked, name, wanted.question)),
        links=(Link(Text("button.read_source"), entry.link),) if entry.link else (),
        footnotes=footnotes(name),
        folds_title=Text("answer.also") if near else None,
        folds=tuple(fold(other, services.filling) for other in near),
    )


def _related(name: str) -> Button:
    return AnswerArguments(answer=name).button(Text(f"answers.{name}.title"), "answer.show")


def commands(services: AnswerServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (
        Command(
            reading(AnswerArguments, show, services), intents=("answer",), verbs=("answer.show",), audience=For.MEMBERS
        ),
        Command(reading(NearestArguments, offer, services), intents=("nearest",), audience=For.MEMBERS),
    )
