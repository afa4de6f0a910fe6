"""check, in the chat: what must be done first, the rest folded."""

from collections.abc import Iterable, Iterator

from bot.chat.command import Answer, Asked, Command, For, bound
from bot.chat.notices import short
from bot.check.finding import Finding, Level, in_state
from bot.check.run import check
from bot.check.services import CheckServices
from dialogs.words.replies import Button, Fact, Fold, Say, Text

LOOKING = Say(Text("check.card.looking.title"), (Text("check.card.looking.text"),))
MOST_LISTED = 10  # things to do: who has more begins with these, since the first ones often mend the others
_FOLDS = (Level.UNKNOWN, Level.INFO, Level.OK)


async def run(_asked: Asked, services: CheckServices) -> Answer:
    """Looking takes longer than a turn may."""

    async def later() -> Say:
        return card(await check(services))

    return Answer(LOOKING, later=later)


def card(findings: tuple[Finding, ...]) -> Say:
    """In the order of an operator."""
    wrong = in_state(findings, Level.DO)
    unseen = in_state(findings, Level.UNKNOWN)
    title = "to_do" if wrong else "not_all_seen" if unseen else "right"
    listed = wrong[:MOST_LISTED]
    more = (Text("check.card.more", {"count": len(wrong) - MOST_LISTED}),) if wrong[MOST_LISTED:] else ()
    return Say(
        Text(f"check.card.{title}", {"count": len(wrong) or len(unseen)} if title != "right" else {}),
        facts=_facts(listed),
        footnotes=more,
        folds=tuple(_fold(state, found) for state in _FOLDS if (found := in_state(findings, state))),
        buttons=(Button(Text("check.card.again"), "check"),),
    )


def _facts(found: Iterable[Finding]) -> tuple[Fact, ...]:
    """What was looked at and how it is; below it what to do, and where."""
    return tuple(fact for one in found for fact in _lines(one))


def _lines(found: Finding) -> Iterator[Fact]:
    yield Fact(found.title, short(found.text))
    if found.remedy:
        yield Fact(Text("check.card.remedy"), short(found.remedy))


def _fold(state: Level, found: tuple[Finding, ...]) -> Fold:
    title = Text(f"check.card.fold.{state}", {"count": len(found)})
    return Fold(title, facts=_facts(found))


def commands(services: CheckServices) -> tuple[Command, ...]:
    """Of this room."""
    return (Command(bound(run, services), intents=("check",), verbs=("check",), audience=For.ADMINS, private=True),)
