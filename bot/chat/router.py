"""From a turn to the command that answers it. Pure: it is handed the commands and the two readers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.chat.command import Command
from bot.chat.near import WISH, WishArguments
from bot.chat.notices import AGAIN
from bot.chat.recent import Recent
from bot.chat.turn import Turn, TurnKind
from dialogs.words.texts import said_in

OF_ANOTHER = ("near_miss", {"topic": "other_person"})  # the PIN of somebody else
MAX_TEXT = 20_000  # characters looked at: a pasted dsregcmd output has about 5,000


class Intention(Protocol):
    """What dialogs.understanding.understand gives back."""

    @property
    def intent(self) -> str: ...
    @property
    def values(self) -> Mapping[str, str]: ...
    @property
    def language(self) -> str: ...
    @property
    def labels(self) -> tuple[str, ...]: ...


class ButtonPress(Protocol):
    """What cards.actions gives back."""

    @property
    def verb(self) -> str: ...
    @property
    def values(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command to run, and the language of the answer. `key`, `pressed`: as Asked has them. `values`: strings only,
    never trusted."""

    command: Command
    key: str
    values: Mapping[str, str]
    language: str
    pressed: bool = False


class Router:
    """Finds the one command for a turn; a button or an intent that no command knows ends at that for `unknown`."""

    def __init__(
        self,
        commands: Iterable[Command],
        understand: Callable[[str, str, Sequence[str]], Intention],
        read_button: Callable[[Mapping[str, Any]], ButtonPress | None],
        wished: Callable[[str], tuple[str, Mapping[str, str]]],
        recent: Recent,
    ) -> None:
        """`wished`: the intent and the values of a label that was chosen on a card."""
        listed = tuple(commands)
        self._by_intent = {intent: command for command in listed for intent in command.intents}
        self._by_verb = {verb: command for command in listed for verb in command.verbs}
        self._understand = understand
        self._read_button = read_button
        self._wished = wished
        self._recent = recent

    def route(self, turn: Turn) -> Wanted:
        """The command for this turn; there is always one."""
        if turn.kind is TurnKind.INSTALLED:
            return self._intended("welcome", {}, turn.locale)
        if turn.button and turn.button.get("verb") != AGAIN:
            return self._pressed(turn)
        person = turn.person.object_id
        understood = self._understand(turn.text[:MAX_TEXT], turn.locale, self._recent.of(person))
        self._recent.note(person, understood.labels)
        if turn.mentioned and self._is_own(understood):  # "@Jonas is locked out": not the PC of who says so
            return self._intended(*OF_ANOTHER, said_in(understood.language, turn.locale))
        return self._intended(understood.intent, understood.values, said_in(understood.language, turn.locale))

    def _is_own(self, understood: Intention) -> bool:
        """About somebody's own PIN or PC: for sure, or as the likeliest of what is asked back."""
        likeliest = (self._wished(label)[0] for label in understood.labels[:1])
        return any(self._intended(intent, {}, "").command.own for intent in (understood.intent, *likeliest))

    def _intended(self, intent: str, values: Mapping[str, str], language: str) -> Wanted:
        known = intent if intent in self._by_intent else "unknown"
        return Wanted(self._by_intent[known], known, values, language)

    def _pressed(self, turn: Turn) -> Wanted:
        pressed = self._read_button(turn.button)
        if pressed and pressed.verb == WISH:
            intent, values = self._wished(WishArguments.read(pressed.values).label)
            return self._intended(intent, {**pressed.values, **values}, turn.locale)
        command = self._by_verb.get(pressed.verb) if pressed else None
        if pressed is None or command is None:
            return self._intended("unknown", {}, turn.locale)
        return Wanted(command, pressed.verb, pressed.values, turn.locale, pressed=True)
