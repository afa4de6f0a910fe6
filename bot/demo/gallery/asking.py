"""Examples of questions that people hand to people, and of what the bot could not answer."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.chat.command import Asked, Neighbours
from bot.chat.notices import note
from bot.chat.turn import Person, Place, PlaceKind, Turn, TurnKind
from bot.chat.typed_secrets import IN_A_FORM, warned
from bot.commands import COMMANDS
from bot.demo.gallery.fakes import ACCOUNTS, APPROVER, CHANNEL, NOW, OTHER, TENANT, Handing, neighbours
from bot.helpdesk import card
from bot.helpdesk.card import KnownFacts
from bot.reset_rules.facts import Account, Device, Inventory, Join
from bot.store.gaps import Gap, Votes
from bot.store.questions import NewQuestion, Question, Stage
from dialogs.understanding.secrets import HIDDEN
from dialogs.words.answers import answers
from dialogs.words.replies import Reply

_ASKER = "00000000-0000-4000-8000-000000000007"
_PC = Device("00000000000000a1", "CON-LT-0142", join=Join.ENTRA, build=26100, last_seen=NOW - timedelta(hours=1))
_HANDED = NewQuestion(_ASKER, "The page stays white when I confirm.", "00000000000000a1", "CAA20004", "page_refused")
_OPEN = Question(12, _HANDED, Stage.OPEN, 1, NOW - timedelta(minutes=20))
_TAKEN = replace(_OPEN, stage=Stage.TAKEN, revision=2, taker=APPROVER)
_ANSWER = "Your admin has agreed to the app now. Please try again."
_SHOWN = KnownFacts(ACCOUNTS | {_ASKER: Account(_ASKER, "Uma Keller", "user@contoso.example")}, _PC)
_PLACE = Place(PlaceKind.PERSONAL, CHANNEL, TENANT, "https://smba.trafficmanager.net/teams", "28:bot")
_GAPS = (
    Gap("can I use it with a smart card?", NOW.date()),
    Gap("does it work with smart cards", NOW.date() - timedelta(days=2), next(iter(answers()))),
    Gap("who pays for this?", NOW.date()),
)
_REFUSALS = tuple(f"errors.question.{reason}" for reason in ("elsewhere", "gone", "too_many"))


class _Devices:
    """One PC."""

    async def belongings(self, object_id: str) -> Inventory:
        """Of everybody."""
        return Inventory(Account(object_id, "Uma Keller", "user@contoso.example"), (_PC,))

    async def so_far(self, object_id: str) -> Inventory:
        """Nothing comes later."""
        return await self.belongings(object_id)


async def replies() -> dict[str, Reply]:
    """By name."""
    one = neighbours(handing=Handing((_OPEN,)))
    taken, nobody = neighbours(handing=Handing((_TAKEN,))), neighbours(channel="", help_desk="")
    old = (_TAKEN, *(replace(_OPEN, number=20 + n, created_at=NOW - timedelta(hours=7**n)) for n in range(3)))
    noted = neighbours(handing=Handing(gaps=_GAPS, votes=(Votes(next(iter(answers())), 9, 2),)))
    question = {"question": _HANDED.text, "device": "00000000000000a1", "code": "CAA20004", "what": "page_refused"}
    mine = {"number": "12", "revision": "1"}
    return {
        "ask a person": await _said("question.ask", neighbours(devices=_Devices()), _ASKER, **question),
        "ask a person, nobody named": await _said("ask_person", nobody),
        "ask a person, only the help desk's address": await _said("ask_person", neighbours(channel="")),
        "asked, empty": await _said("question.send", neighbours()),
        "asked": await _said("question.send", neighbours(), question=_HANDED.text),
        "asked, with a PIN": warned(
            await _said("question.send", neighbours(), question=f"my PIN is {HIDDEN}"), IN_A_FORM
        ),
        "asked, with a secret": await _said("question.send", neighbours(), question="it says client_secret=abcdef12"),
        **{key: note(key) for key in _REFUSALS},
        **{f"question in the channel, {stage}": _base(stage) for stage in Stage},
        "question, just taken": await _said("question.take", one, **mine),
        "question, for who took it": await _said("question.view", taken, number="12"),
        "question, for the others": await _said("question.view", taken, OTHER, number="12"),
        "question, somebody was faster": await _said("question.take", taken, OTHER, **mine),
        "question, empty answer": await _said("question.answer", taken, number="12"),
        "question, answer with a secret": await _said(
            "question.answer", taken, number="12", answer="password: abcd1234"
        ),
        "question, answered": await _said("question.answer", taken, number="12", answer=_ANSWER),
        "question, the answer": card.answered(_at(Stage.DELIVERED), _SHOWN),
        "questions": await _said("questions", neighbours(handing=Handing(old * 5))),
        "questions, none": await _said("questions", neighbours()),
        "answer voted": await _said("answer.good", neighbours()),
        "gaps": await _said("gaps", noted),
        "gaps, none": await _said("gaps", neighbours()),
        "gaps, as a file": await _said("export_gaps", noted),
        "gaps, put": await _said("gaps.put", noted),
        "gaps, no files here": await _said("export_gaps", neighbours(files=False)),
    }


def _base(stage: Stage) -> Reply:
    return card.base(_at(stage), _SHOWN, 30)


def _at(stage: Stage) -> Question:
    """The question that has come so far."""
    if stage is Stage.OPEN:
        return _OPEN
    answered = stage not in {Stage.TAKEN, Stage.ERASED}
    taker = "" if stage is Stage.ERASED else APPROVER
    return replace(_TAKEN, stage=stage, taker=taker, answer=_ANSWER if answered else "")


async def _said(key: str, told: Neighbours, person: str = APPROVER, **values: str) -> Reply:
    command = next(one for one in COMMANDS if key in (*one.verbs, *one.intents))
    turn = Turn(TurnKind.MESSAGE, "1", Person(TENANT, person, "29:x", ""), _PLACE, secret=HIDDEN in str(values))
    until = asyncio.get_running_loop().time() + 60.0
    return (await command.run(Asked(turn, until, {"verb": key, **values}), told)).reply
