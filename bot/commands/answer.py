"""What the bot knows about the rollout: one answer with its source, or the nearest questions to choose from."""

from string import Formatter

from bot.approvals.looks import oma_uri
from bot.commands import _computed, _words
from bot.commands._command import Answer, Asked, Command, For, Neighbours
from bot.commands.hello import unknown
from dialogs.answers import answers
from dialogs.replies import Button, Link, Reply, Say, Text

NEAREST = ("first", "second", "third")


async def show(asked: Asked, neighbours: Neighbours) -> Answer:
    """The answer of that id; what the text said of a PC is reckoned first."""
    name = asked.values.get("answer", "")
    neighbours.asking.gaps.settled(asked.values.get("gap", ""))
    return Answer(_answer(name, asked, neighbours) if name in answers() else unknown(asked, neighbours))


async def offer(asked: Asked, neighbours: Neighbours) -> Answer:
    """Not sure which: the nearest questions. A wrong answer would be worse. A gap until one of them is chosen."""
    text = asked.turn.text
    about = {"gap": neighbours.asking.gaps.note(text), **_words.carried(asked, text)}
    names = [name for one in NEAREST if (name := asked.values.get(one, "")) in answers()]
    return Answer(
        Say(
            Text("nearest.title"),
            (Text("nearest.text"),),
            buttons=(
                *(_related(name, **about) for name in names),
                _words.forgot(),
                _words.what_can_you_do(),
                *_words.ask_a_person(asked, neighbours, text),
            ),
        )
    )


def _answer(name: str, asked: Asked, neighbours: Neighbours) -> Reply:
    entry, tenant_id = answers()[name], neighbours.changing.tenant_id
    filling = {"tenant_id": tenant_id, "oma_uri": oma_uri(tenant_id)}
    reckoned = _computed.reckoned(asked.values, neighbours)
    return Say(
        Text(f"answers.{name}.title"),
        (*reckoned.sentences, *(_paragraph(name, at, text, filling) for at, text in enumerate(entry.paragraphs, 1))),
        facts=reckoned.facts,
        buttons=(*(_related(other) for other in entry.related), *_words.votes(name, asked)),
        links=(Link(Text("button.read_source"), entry.link),) if entry.link else (),
        footnotes=(
            Text("answer.source", {"source": entry.source}),
            *((Text("answer.unverified"),) if entry.unverified else ()),
        ),
    )


def _paragraph(name: str, at: int, text: str, filling: dict[str, str]) -> Text:
    wanted = {field for _, field, _, _ in Formatter().parse(text) if field}
    return Text(f"answers.{name}.text.{at}", {field: filling[field] for field in wanted})


def _related(name: str, **about: str) -> Button:
    return Button(Text(f"answers.{name}.title"), "answer.show", {"answer": name, **about})


COMMANDS = (
    Command(show, intents=("answer",), verbs=("answer.show",), audience=For.MEMBERS),
    Command(offer, intents=("nearest",), audience=For.MEMBERS),
)
