"""What the chat page asks for, as JSON, and how it is refused."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import aiohttp
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

from bot.simulation.chats import Json, Where
from bot.simulation.faults import Fault

MOST_TEXT = 20_000
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
Trouble = Literal["ok", "slow", "throttled", "down"]
# What Graph does in each trouble; Teams' users are told something after two seconds at the latest.
TROUBLES: dict[Trouble, Fault] = {
    "slow": Fault("graph", delay=2.5),
    "throttled": Fault("graph", status=429, retry_after="10"),
    "down": Fault("graph", status=503),
}
_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Wish(BaseModel):
    """What the page asks for; nothing else is read."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PersonWish(Wish):
    """In the place of this person of people.toml."""

    person: _Id


class SayWish(PersonWish):
    """A message; `mention`: the bot is mentioned, where others are."""

    where: Where
    text: Annotated[str, StringConstraints(min_length=1, max_length=MOST_TEXT)]
    mention: bool = True


class SubmitWish(PersonWish):
    """A button of a card of before."""

    message: _Id
    data: dict[str, JsonValue] = Field(default_factory=dict)


class PressWish(SubmitWish):
    """Action.Execute."""

    verb: Annotated[str, StringConstraints(max_length=200)] = ""
    trigger: Literal["manual", "automatic"] = "manual"


class SearchWish(PersonWish):
    """What is typed into a field that searches."""

    message: _Id
    dataset: _Id
    text: Annotated[str, StringConstraints(max_length=MOST_TEXT)]


class FileWish(PersonWish):
    """The answer to a file that the bot offers."""

    message: _Id
    accept: bool


class ClientWish(PersonWish):
    """What this person uses Teams in."""

    locale: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    platform: Literal["Windows", "iOS", "Android"]


class TroubleWish(Wish):
    """What Graph does from now on."""

    graph: Trouble


class ConsentWish(Wish):
    """Whether the apps have consent."""

    given: bool


class PageRefusal(Exception):
    """Something that the page says in words of its own."""

    def __init__(self, status: int, reason: Literal["wish", "person", "message", "bot"]) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def wished(model: type[BaseModel], grant: Callable[[Any], Awaitable[Json]]) -> Handler:
    """A POST of JSON; what is refused comes back as a reason that the page has words for."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await grant(await _read(request, model)), headers=HEADERS)
        except PageRefusal as refusal:
            return web.json_response({"refused": refusal.reason}, status=refusal.status, headers=HEADERS)
        except aiohttp.ClientError:
            return web.json_response({"refused": "bot"}, status=502, headers=HEADERS)

    return handle


async def _read(request: web.Request, model: type[BaseModel]) -> BaseModel:
    if request.content_type != "application/json":
        raise PageRefusal(415, "wish")
    try:
        return model.model_validate_json(await request.read())
    except ValidationError:
        raise PageRefusal(400, "wish") from None
