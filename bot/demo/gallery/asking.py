"""Examples of questions that people hand to people, and of what the bot could not answer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from bot.chat.notices import HelpDesk, note
from bot.chat.typed_secrets import IN_A_FORM, warned
from bot.demo.gallery.company import ACCOUNTS, APPROVER, NOW, OTHER
from bot.demo.gallery.example import Example
from bot.demo.gallery.fakes import Handing
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
_CONTENT = NewQuestion(_ASKER, "The page stays white when I confirm.", "00000000000000a1", "CAA20004", "page_refused")
_OPEN = Question(12, _CONTENT, Stage.OPEN, 1, NOW - timedelta(minutes=20))
_TAKEN = replace(_OPEN, stage=Stage.TAKEN, revision=2, taker=APPROVER)
_ANSWER = "Your admin has agreed to the app now. Please try again."
_KNOWN = KnownFacts(ACCOUNTS | {_ASKER: Account(_ASKER, "Uma Keller", "user@contoso.example")}, _PC)
_GAPS = (
    Gap("can I use it with a smart card?", NOW.date()),
    Gap("does it work with smart cards", NOW.date() - timedelta(days=2), next(iter(answers()))),
    Gap("who pays for this?", NOW.date()),
)
_REFUSALS = tuple(f"errors.question.{reason}" for reason in ("elsewhere", "gone", "too_many"))


class _Devices:
    """One PC."""

    async def inventory(self, object_id: str, references: Iterable[str] = ()) -> Inventory:  # noqa: ARG002 - as Devices
        """Of everybody."""
        return Inventory(Account(object_id, "Uma Keller", "user@contoso.example"), (_PC,))

    async def so_far(self, object_id: str, references: Iterable[str] = ()) -> Inventory:  # noqa: ARG002 - as Devices
        """Nothing comes later."""
        return await self.inventory(object_id)


async def replies() -> dict[str, Reply]:
    """By name."""
    one = Example(handing=Handing((_OPEN,)))
    taken, nobody = Example(handing=Handing((_TAKEN,))), Example(help_desk=HelpDesk("", takes_questions=False))
    old = (_TAKEN, *(replace(_OPEN, number=20 + n, created_at=NOW - timedelta(hours=7**n)) for n in range(3)))
    question = {"question": _CONTENT.text, "device": "00000000000000a1", "code": "CAA20004", "what": "page_refused"}
    mine = {"number": "12", "revision": "1"}
    return {
        "ask a person": await Example(devices=_Devices()).said("question.ask", person=_ASKER, **question),
        "ask a person, nobody named": await nobody.said("ask_person", person=APPROVER),
        "ask a person, only the help desk's address": await Example(
            help_desk=HelpDesk("extension 4357", takes_questions=False)
        ).said("ask_person", person=APPROVER),
        "asked, empty": await Example().said("question.send", person=APPROVER),
        "asked": await Example().said("question.send", person=APPROVER, question=_CONTENT.text),
        "asked, with a PIN": warned(
            await Example().said("question.send", person=APPROVER, question=f"my PIN is {HIDDEN}"), IN_A_FORM
        ),
        "asked, with a secret": await Example().said(
            "question.send", person=APPROVER, question="it says client_secret=abcdef12"
        ),
        **{key: note(key) for key in _REFUSALS},
        **{f"question in the channel, {stage}": _base(stage) for stage in Stage},
        "question, just taken": await one.said("question.take", person=APPROVER, **mine),
        "question, for who took it": await taken.said("question.view", person=APPROVER, number="12"),
        "question, for the others": await taken.said("question.view", person=OTHER, number="12"),
        "question, somebody was faster": await taken.said("question.take", person=OTHER, **mine),
        "question, empty answer": await taken.said("question.answer", person=APPROVER, number="12"),
        "question, answer with a secret": await taken.said(
            "question.answer", person=APPROVER, number="12", answer="password: abcd1234"
        ),
        "question, answered": await taken.said("question.answer", person=APPROVER, number="12", answer=_ANSWER),
        "question, the answer": card.answered(_at(Stage.DELIVERED), _KNOWN),
        "questions": await Example(handing=Handing(old * 5)).said("questions", person=APPROVER),
        "questions, none": await Example().said("questions", person=APPROVER),
        "answer voted": await Example().said("answer.good", person=APPROVER),
        **await _gaps(),
    }


async def _gaps() -> dict[str, Reply]:
    noted = Example(handing=Handing(gaps=_GAPS, votes=(Votes(next(iter(answers())), 9, 2),)))
    return {
        "gaps": await noted.said("gaps", person=APPROVER),
        "gaps, none": await Example().said("gaps", person=APPROVER),
        "gaps, as a file": await noted.said("export_gaps", person=APPROVER),
        "gaps, put": await noted.said("gaps.put", person=APPROVER),
        "gaps, no files here": await Example(files=False).said("export_gaps", person=APPROVER),
    }


def _base(stage: Stage) -> Reply:
    return card.base(_at(stage), _KNOWN, 30)


def _at(stage: Stage) -> Question:
    """The question that has come so far."""
    if stage is Stage.OPEN:
        return _OPEN
    answered = stage not in {Stage.TAKEN, Stage.ERASED}
    taker = "" if stage is Stage.ERASED else APPROVER
    return replace(_TAKEN, stage=stage, taker=taker, answer=_ANSWER if answered else "")
