"""A change that is there already: said with what it was about."""

from collections.abc import Mapping

from bot.approvals.plan import Kind
from bot.approvals.refusals import Reason, Refused
from bot.chat import notices
from bot.errors import BotError
from dialogs.words.replies import Button, Say, Text


def unchanged(error: BotError, kind: Kind, values: Mapping[str, str]) -> Say:
    """What an error of planning means; where nothing is to change, what is so already."""
    if not isinstance(error, Refused) or error.reason is not Reason.NOTHING_TO_CHANGE:
        return notices.failed_with(error)
    groups = ", ".join(name for side in ("include", "exclude") for name in values.get(side, "").splitlines())
    said = {"groups": notices.shortened(groups, notices.MOST_TYPED)} if kind in {Kind.ASSIGN, Kind.UNASSIGN} else {}
    return Say(
        Text("change.unchanged.title"),
        (Text(f"change.unchanged.{kind}", said),),
        buttons=(notices.status(), Button(Text("button.verify_consent"), "consent.verify")),
    )
