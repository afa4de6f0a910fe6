"""Buttons and notices that several commands show."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.chat.command import Arguments, Asked, For
from bot.chat.turn import Turn
from bot.errors import BotError, Declined
from bot.reset_rules.facts import Standing
from cards import actions
from dialogs.understanding.redact import redact
from dialogs.understanding.secrets import HIDDEN
from dialogs.words.replies import Button, Link, Names, Say, Text, Value

MOST_LETTERS = 120  # of a name or a text in a list; Entra takes names of 256
MOST_TYPED = 2_000  # of what somebody typed, when it is said back to them
_HOURS_TOLD = 48  # of a span of time; a longer one is told in days
MOST_CARRIED = 500  # characters of a question that a button carries
_OF_PCS = frozenset({For.HELP_DESK, For.HELPERS})  # who types one of their commands may mean their own PC
CHAT_LINK = "https://teams.microsoft.com/l/chat/0/0?users="
_BOT = re.compile(r"28:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
AGAIN = "again"  # the verb of a button that stands for what was typed
WORKING = Say(Text("change.working.title"), (Text("change.working.text"),))


@dataclass(frozen=True, slots=True)
class HelpDesk:
    """The way to a human. `words`: as the operator wrote it, foreign text; `takes_questions`: in the chat too."""

    words: str
    takes_questions: bool


class DeviceArguments(Arguments):
    """`device`: the reference of a person's own device."""

    device: str = ""


class QuestionArguments(DeviceArguments):
    """A question for people, and what is known of the trouble: `code`, `what` happened."""

    question: str = ""
    code: str = ""
    what: str = ""


class VoteArguments(Arguments):
    """Whether an answer helped with a question."""

    answer: str = ""
    question: str = ""


class GapNotes(Protocol):
    """What could not be answered, without names. Noting costs a turn nothing."""

    def note(self, text: str, answer: str = "") -> str:
        """A question that was not answered, or that `answer` did not help with. Its id, for `settled`."""
        ...

    def settled(self, gap: str) -> None:
        """The person chose one of the answers that were offered instead."""
        ...


def forgot(*, main: bool = False) -> Button:
    """The most frequent wish."""
    return Button(Text("button.forgot"), "pin.forgot", main=main)


def failed(device: str = "") -> Button:
    """A reset went wrong."""
    return DeviceArguments(device=device).button(Text("button.failed"), "pin.failed")


def what_can_you_do() -> Button:
    """Opens the help."""
    return Button(Text("button.what_can_you_do"), "help")


def ask_a_person(asked: Asked, help_desk: HelpDesk, text: str = "", **about: str) -> tuple[Button, ...]:
    """The way to a human, where there is one in the chat."""
    if not help_desk.takes_questions:
        return ()
    return (
        QuestionArguments(question=carried(asked, text), **about).button(Text("button.ask_person"), "question.ask"),
    )


def votes(asked: Asked, answer: str, question: str) -> tuple[Button, Button]:
    """Did this answer help? `question`: where nothing was written just now."""
    good, bad = (
        VoteArguments(answer=answer),
        VoteArguments(answer=answer, question=carried(asked, asked.turn.text or question)),
    )
    return good.button(Text("button.good"), "answer.good"), bad.button(Text("button.bad"), "answer.bad")


def carried(asked: Asked, text: str) -> str:
    """What was written, for a button to carry; nothing when there was a secret in it."""
    excerpt = redact(text)[:MOST_CARRIED]
    return "" if asked.turn.secret or HIDDEN in excerpt else excerpt


def refused(error: Declined) -> Say:
    """A no with its reason and what to do next."""
    return Say(Text("approvals.refused.title"), sentences(error), buttons=(status(),))


def sentences(error: BotError) -> tuple[Text, ...]:
    """The same in sentences alone, for a card that stays. Names in them are as long as somebody typed them."""
    if isinstance(error, Declined):
        return (short(Text(error.key, error.values), MOST_TYPED),)
    return Text(f"{error.key}.title"), Text(f"{error.key}.text")


def failed_with(error: BotError, again: Button | None = None) -> Say:
    """What an error means for a person. `again`: what was pressed, offered once more where that may help."""
    if isinstance(error, Declined):
        return refused(error)
    return note(error.key, *((again,) if again and error.passes else ()))


def note(key: str, *buttons: Button) -> Say:
    """A refusal or a failure in words, by the key of its sentences."""
    return Say(Text(f"{key}.title"), (Text(f"{key}.text"),), buttons=buttons)


def unreachable(bot_id: str) -> Say:
    """To somebody who can't be written to: where they write first. Teams' own address of a chat with the bot."""
    link = Link(Text("button.open_chat"), f"{CHAT_LINK}{bot_id}")
    return replace(note("errors.private.unreachable"), links=(link,) if _BOT.fullmatch(bot_id) else ())


def again(turn: Turn) -> Button | None:
    """What was pressed or typed, once more; None for what no button may carry, and where people were named."""
    if turn.button:
        pressed = actions.read(turn.button)
        return Button(Text("button.again"), pressed.verb, pressed.values) if pressed else None
    short = 0 < len(turn.text) <= MOST_CARRIED and not turn.mentioned
    if not short or turn.secret or HIDDEN in redact(turn.text):
        return None
    return QuestionArguments(question=turn.text).button(Text("button.again"), AGAIN)


def typed_again(turn: Turn) -> Turn:
    """A press on the button of what was typed is as if it had been typed now: it may do no more than that."""
    return replace(turn, text=str(turn.button.get("question", ""))) if turn.button.get("verb") == AGAIN else turn


def unread(turn: Turn) -> Say | None:
    """What to say to who sent nothing that can be read."""
    if turn.button:
        return None if actions.read(turn.button) else note("errors.input")
    return note("errors.no_words", forgot()) if turn.attached and not turn.text else None


def shortened(text: str, most: int = MOST_LETTERS) -> str:
    """As much of a name or a text as a line of a list has room for."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def short(text: Text, most: int = MOST_LETTERS) -> Text:
    """A sentence whose foreign values have no more letters than that."""
    return Text(text.key, {name: _short(value, most) for name, value in text.values.items()})


def _short(value: Value, most: int) -> Value:
    if isinstance(value, Names):
        return replace(
            value, names=tuple(one if isinstance(one, Text) else shortened(one, most) for one in value.names)
        )
    return shortened(value, most) if isinstance(value, str) else value


def told_apart(names: Mapping[str, str], most: int = MOST_LETTERS) -> dict[str, str]:
    """What to call each, by its id: its name, with the end of its id where another has that name; its id where it has
    none."""
    alike = Counter(names.values())
    return {
        one: f"{shortened(name, most)} (…{one[-12:]})" if alike[name] > 1 and name else shortened(name, most) or one
        for one, name in names.items()
    }


def no_role(audience: For, help_desk: HelpDesk, standing: Standing = Standing.MEMBER) -> Say:
    """Which role is needed and whom to ask for it, or why no group would give it to this account."""
    own = (forgot(main=True),) if audience in _OF_PCS else ()
    if standing is not Standing.MEMBER:
        return Say(Text("role.title"), (Text(f"role.{audience}"), Text(f"role.account.{standing}")), buttons=own)
    ask = Text("role.ask_help_desk", {"help_desk": help_desk.words}) if help_desk.words else Text("role.ask")
    return Say(Text("role.title"), (Text(f"role.{audience}"), ask), buttons=own)


def status() -> Button:
    """Where the rollout stands."""
    return Button(Text("button.status"), "status")


def at(moment: datetime, zone: ZoneInfo | None = None) -> datetime:
    """A moment as it stands on cards: in the zone of the one who reads it, which is named, or in UTC for everybody."""
    return moment.astimezone(zone or UTC)


def ago(moment: datetime, now: datetime) -> Text:
    """How long ago it was; a clock that is behind makes it now."""
    return _span("ago", now - moment)


def left(moment: datetime, now: datetime) -> Text:
    """How long it still is."""
    return _span("left", moment - now)


def _span(key: str, span: timedelta) -> Text:
    """In hours, and in days where that says enough."""
    hours = max(0, span // timedelta(hours=1))
    if hours < _HOURS_TOLD:
        return Text(f"time.{key}.hours" if hours else f"time.{key}.soon", {"hours": hours} if hours else {})
    return Text(f"time.{key}.days", {"days": hours // 24})


def since(moment: datetime, now: datetime) -> Text:
    """How many days ago it was; a clock that is behind makes it today."""
    days = max(0, (now - moment).days)
    return Text("fact.days_ago", {"days": days}) if days else Text("fact.today")
