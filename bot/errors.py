"""Every way to fail, each with the key of the sentence to say. The text of an exception is for the log only."""


class BotError(Exception):
    """Something a person is told about. `key` names the sentence in dialogs/locales/*/errors.toml."""

    key = "errors.unexpected"


class TenantUnreachable(BotError):
    """Microsoft Graph or the login service did not answer in time, or throttles."""

    key = "errors.tenant_unreachable"


class NotPermitted(BotError):
    """The bot's own app lacks a Graph permission."""

    key = "errors.not_permitted"


class NotFound(BotError):
    """The object asked for is not in the tenant."""

    key = "errors.not_found"


class TenantRefused(BotError):
    """Graph refused the request itself: a defect of ours, or a tenant in an unexpected state."""

    key = "errors.tenant_refused"


class NotSent(BotError):
    """The chat platform did not take the message. `blocked`: the person removed or muted the bot, do not try again."""

    key = "errors.not_sent"

    def __init__(self, reason: str, *, blocked: bool = False) -> None:
        super().__init__(reason)
        self.blocked = blocked
