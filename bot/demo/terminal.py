"""A chat with the bot in the terminal: what it sends as text, its buttons by number."""

import asyncio
import sys
from collections.abc import Iterator
from typing import Any

from bot.simulation.chats import FILE_CONSENT, ChatEvent, Said
from bot.simulation.teams import actions
from bot.simulation.world import World
from cards.plain import plain

HELP = "Write to the bot, press a button by its number, /as PERSON plays somebody else, /people lists them, /quit ends."
# Buttons are numbered below the text. What a tap would unfold stands in the text already.
PRESSED = frozenset({"Action.Execute", "Action.Submit", "Action.ToggleVisibility"})
TAKE = ({"title": "Take the file", "accept": True}, {"title": "Don't take it", "accept": False})

Card = dict[str, Any]


async def chat(world: World, person: str = "user") -> None:
    """Until the end of input or /quit. What the bot says meanwhile is shown when it comes."""
    print(HELP)
    seat = Seat(world, person)
    with world.chats.follow() as events:
        await _survived(seat.sit(person))
        while (line := await _line(seat, events)) not in {None, "/quit"}:
            await _survived(seat.type(str(line).strip()))


class Seat:
    """One person before the terminal, and what of their chat with the bot stands on the screen."""

    def __init__(self, world: World, person: str) -> None:
        self.world = world
        self.person = person
        self._shown: dict[str, str] = {}  # texts by message, the last that was printed at the end
        self._refreshed: set[tuple[str, int]] = set()

    async def sit(self, person: str) -> None:
        """Be this person, and see their chat from its beginning."""
        self.person, self._shown = person, {}
        self._refreshed.clear()
        await self.world.teams.install(person)
        await self.show()

    async def type(self, line: str) -> None:
        """What a line means."""
        match line.split(maxsplit=1):
            case []:
                pass
            case ["/people"]:
                print("\n".join(f"{key}: {one.name}" for key, one in self.world.company.people.items()))
            case ["/as", key] if key in self.world.company.people:
                await self.sit(key)
            case [number] if number.isdecimal() and (pressed := self._button(int(number))):
                await self._press(*pressed)
            case [command, *_] if command.startswith("/"):
                print(HELP)
            case _:
                await self.world.teams.say(self.person, line)
        await self.show()

    async def show(self) -> bool:
        """Print what is new or has changed, then the buttons of the newest card that has some."""
        printed = {one.id for one in self._said() if await self._print(one)}
        front = self._front()
        if front and front.id in printed:
            titles = (button.get("title", "–") for button in buttons(front, self.person))
            print("  ".join(f"[{number}] {title}" for number, title in enumerate(titles, 1)))
        return bool(printed)

    async def _print(self, said: Said) -> bool:
        """One card that can't be drawn is no reason not to see the others."""
        try:
            if (said.id, said.updated) not in self._refreshed:
                self._refreshed.add((said.id, said.updated))
                await self.world.teams.refresh(self.person, said)
            text = written(said, self.person)
        except Exception as error:  # noqa: BLE001 - whatever a card holds
            text = _broken(error)
        if self._shown.get(said.id) == text:
            return False
        self._shown.pop(said.id, None)
        self._shown[said.id] = text
        print(f"\n{text}\n")
        return True

    def _said(self) -> list[Said]:
        return self.world.chats.personal(self.person).by_bot()

    def _front(self) -> Said | None:
        said = {one.id: one for one in self._said()}
        printed = (said[found] for found in reversed(self._shown) if found in said)
        return next((one for one in printed if buttons(one, self.person)), None)

    def _button(self, number: int) -> tuple[Said, Card] | None:
        front = self._front()
        offered = buttons(front, self.person) if front else []
        return (front, offered[number - 1]) if front and 0 < number <= len(offered) else None

    async def _press(self, said: Said, button: Card) -> None:
        if "accept" in button:
            await self.world.teams.take_file(self.person, said.id, accept=button["accept"])
            return
        wanted = [] if str(button.get("associatedInputs", "")).lower() == "none" else _inputs(said.card_of(self.person))
        inputs = {found["id"]: await _fill(found) for found in wanted if "id" in found}
        await self.world.teams.press(self.person, said.id, button["verb"], {**button.get("data", {}), **inputs})


def written(said: Said, person: str) -> str:
    """A message as text, without its buttons."""
    card = said.card_of(person)
    shown = plain(_without_buttons(card)) if card else said.text or str(said.activity.get("summary") or "")
    return shown.replace("**", "")


def buttons(said: Said, person: str) -> list[Card]:
    """What can be pressed on a message, by what this person sees of it."""
    if any(one.get("contentType") == FILE_CONSENT for one in said.activity.get("attachments") or ()):
        return [*TAKE]
    return list(actions(said.card_of(person)))


async def _survived(work: Any) -> None:
    """What goes wrong with one line does not end the chat."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - see above
        print(_broken(error))


def _broken(error: Exception) -> str:
    return f"(This can't be shown or done in the terminal: {type(error).__name__}. Try it on the chat page.)"


async def _line(seat: Seat, events: "asyncio.Queue[ChatEvent]") -> str | None:
    """The next line that is typed; None at the end of input."""
    typed = asyncio.create_task(_read(f"{seat.person}> "))
    try:
        while not typed.done():
            news = asyncio.create_task(events.get())
            await asyncio.wait({typed, news}, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            if not typed.done() and await seat.show():
                print(f"{seat.person}> ", end="", flush=True)
        return typed.result()
    finally:
        typed.cancel()


async def _read(prompt: str) -> str | None:
    """A line; None at the end of input. No thread waits for it: one in input() would hold up the end at Ctrl-C."""
    print(prompt, end="", flush=True)
    loop, typed = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin, typed.set)
    try:
        await typed.wait()
    finally:
        loop.remove_reader(sys.stdin)
    line = sys.stdin.readline()  # a terminal gives whole lines
    return line.rstrip("\n") if line else None


async def _fill(found: Card) -> str:
    choices = found.get("choices", [])
    for number, choice in enumerate(choices, 1):
        print(f"  {number}. {choice['title']}")
    given = await _read(f"{found.get('label', found['id'])}: ") or ""
    chosen = given.isdecimal() and 0 < int(given) <= len(choices)
    return str(choices[int(given) - 1]["value"]) if chosen else given


def _without_buttons(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_buttons(one) for one in part if not (isinstance(one, dict) and one.get("type") in PRESSED)]
    return {name: _without_buttons(one) for name, one in part.items()} if isinstance(part, dict) else part


def _inputs(part: Any) -> Iterator[Card]:
    if isinstance(part, dict):
        if str(part.get("type", "")).startswith("Input."):
            yield part
        for inner in part.values():
            yield from _inputs(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _inputs(inner)
