"""A chat with the bot in the terminal: what it sends as text, its buttons by number."""

import asyncio
import sys
from collections.abc import Iterator
from typing import Any

from bot.simulation.chats import Said
from bot.simulation.teams import actions
from bot.simulation.world import World
from cards.plain import plain

HELP = "Write to the bot, press a button by its number, /as PERSON plays somebody else, /people lists them, /quit ends."


async def chat(world: World, person: str = "user") -> None:
    """Until the end of input or /quit."""
    print(HELP)
    await world.teams.install(person)
    shown = _show(world, person, 0)
    while (line := await _read(f"{person}> ")) not in {None, "/quit"}:
        match str(line).strip().split(maxsplit=1):
            case []:
                continue
            case ["/people"]:
                print("\n".join(f"{key}: {one.name}" for key, one in world.company.people.items()))
            case ["/as", key] if key in world.company.people:
                person, shown = key, 0
                await world.teams.install(person)
            case [number] if number.isdigit() and (button := _button(world, person, int(number))):
                await _press(world, person, *button)
                shown = max(0, shown - 1)  # the pressed card may have changed
            case [command, *_] if command.startswith("/"):
                print(HELP)
            case _:
                await world.teams.say(person, str(line))
        shown = _show(world, person, shown)


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


def _show(world: World, person: str, already: int) -> int:
    said = world.chats.personal(person).by_bot()
    for one in said[already:]:
        print(f"\n{_text(one, person)}\n")
    if said:
        print("  ".join(f"[{number}] {button['title']}" for number, button in enumerate(_buttons(said[-1], person), 1)))
    return len(said)


def _text(said: Said, person: str) -> str:
    card = said.card_of(person)
    return (plain(card) if card else said.text).replace("**", "")


def _buttons(said: Said, person: str) -> list[dict[str, Any]]:
    return list(actions(said.card_of(person)))


def _button(world: World, person: str, number: int) -> tuple[Said, dict[str, Any]] | None:
    said = world.chats.personal(person).by_bot()
    buttons = _buttons(said[-1], person) if said else []
    return (said[-1], buttons[number - 1]) if 0 < number <= len(buttons) else None


async def _press(world: World, person: str, said: Said, button: dict[str, Any]) -> None:
    inputs = {found["id"]: await _fill(found) for found in _inputs(said.card_of(person))}
    await world.teams.press(person, said.id, button["verb"], {**button.get("data", {}), **inputs})


async def _fill(found: dict[str, Any]) -> str:
    choices = found.get("choices", [])
    for number, choice in enumerate(choices, 1):
        print(f"  {number}. {choice['title']}")
    given = await _read(f"{found.get('label', found['id'])}: ") or ""
    chosen = given.isdigit() and 0 < int(given) <= len(choices)
    return str(choices[int(given) - 1]["value"]) if chosen else given


def _inputs(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if str(part.get("type", "")).startswith("Input."):
            yield part
        for inner in part.values():
            yield from _inputs(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _inputs(inner)
