"""Every way to fail, each with the key of the sentence to say. The text of an exception is for the log only."""

import re
import traceback

from dialogs.words.replies import Value

_CODE = re.compile(r"[\w.:-]{1,64}", re.ASCII)


def where(error: BaseException) -> str:
    """The type of an error and the line that raised it: all that a log may say, since messages carry content."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {frames[-1].name}:{frames[-1].lineno}" if frames else type(error).__name__


def short_code(foreign: object) -> str:
    """A code or an id that another service gave, as a log may show it: short and plain, else a dash in its place."""
    return text if _CODE.fullmatch(text := str(foreign)) else "-"


class BotError(Exception):
    """Something a person is told about. `key` names the sentence in dialogs/locales/*/errors.toml."""

    key = "errors.unexpected"
    passes = True  # it may be over in a minute: whoever pressed a button may press it again


class Declined(BotError):
    """A no of the bot's own. `values` fill the sentence's placeholders and are shown literally."""

    passes = False

    def __init__(self, key: str, **values: Value) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class TenantUnreachable(BotError):
    """Microsoft Graph or the login service did not answer in time, or throttles."""

    key = "errors.tenant_unreachable"


class SignInRefused(TenantUnreachable):
    """The login service refused the bot itself. `error`: OAuth's word; `number`: Entra's (AADSTS), 0 without one."""

    def __init__(self, error: str, number: int = 0) -> None:
        super().__init__(f"login: {error} AADSTS{number}" if number else f"login: {error}")
        self.error, self.number = error, number


class NotPermitted(BotError):
    """The bot's own app lacks a Graph permission."""

    key = "errors.not_permitted"
    passes = False


class NotFound(BotError):
    """The object asked for is not in the tenant."""

    key = "errors.not_found"
    passes = False


class TenantRefused(BotError):
    """Graph refused the request itself: a defect of ours, or a tenant in an unexpected state."""

    key = "errors.tenant_refused"


class StoreUnavailable(BotError):
    """The database is locked, full, away or replaced, or lacks what must be there. Nothing has changed."""

    key = "errors.store_unavailable"


class Unreadable(BotError):
    """A stored row holds what the bot never writes: a hand or another version did. The text: the row's number."""

    key = "errors.unreadable"


class NotSent(BotError):
    """The chat platform did not take the message.

    `blocked`: the person removed or muted the bot, or the message to be changed is gone; do not try again.
    `unfit`: it was refused for its size or its shape; only another message can be taken.
    `after`: it may be taken in so many seconds, which is longer than one call waits.
    """

    key = "errors.not_sent"

    def __init__(self, reason: str, *, blocked: bool = False, unfit: bool = False, after: float | None = None) -> None:
        super().__init__(reason)
        self.blocked = blocked
        self.unfit = unfit
        self.after = after


class NotKept(BotError):
    """What Teams told could not be written down: 503, so that Teams tells it again."""


class Unauthorised(BotError):
    """The call is not proven to come from Teams: 401, and nothing is said."""


class KeysUnavailable(BotError):
    """No signing key is to be had right now: 503, Teams tries again."""
