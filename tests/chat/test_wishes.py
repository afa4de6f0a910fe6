"""What free words may do: show, explain, offer; never act."""

from dataclasses import replace

import pytest

from bot.approvals.kind import ChangeArguments, Kind
from bot.approvals.refusals import Reason, Refused
from bot.changes import preview
from bot.chat.command import For
from bot.commands import commands
from bot.demo.gallery.company import ADMIN, OTHER
from bot.demo.gallery.example import KINDS, Example
from bot.demo.gallery.fakes import Filed
from bot.demo.gallery.questions import request
from bot.errors import TenantUnreachable
from bot.help.usage import explained
from dialogs.words.replies import Details, Say
from tests.chat.asking import ask, shown


@pytest.mark.parametrize("command", explained())
async def test_usage_shows_the_command_and_an_example(command: str) -> None:
    text = shown((await ask("usage", command=command)).reply)
    assert command in text
    assert "Nothing has been done" in text


async def test_usage_of_what_is_no_command_is_not_understood() -> None:
    reply = (await ask("usage", command="dance")).reply
    assert isinstance(reply, Say)
    assert reply.title.key == "unknown.title"


async def test_ones_own_requests_are_taken_back_by_buttons_only() -> None:
    waiting = (request(12), replace(request(13), requester=OTHER), request(14))
    reply = (await ask("own_requests", Example(filed=Filed(requests=waiting)), person=ADMIN)).reply
    assert isinstance(reply, Say)
    taken = [button.data["request"] for button in reply.buttons if button.verb == "request.cancel"]
    assert taken == ["12", "14"]


async def test_who_has_no_request_is_told_so() -> None:
    assert "no open request" in shown((await ask("own_requests", person=ADMIN)).reply)


@pytest.mark.parametrize(
    ("topic", "first"),
    [
        ("consent", "status.consent.title"),
        ("profile", "status.profile.title"),
        ("assignment", "status.assignment.title"),
        ("devices", "status.devices.title"),
        ("next", "status.consent.title"),
        ("", "status.consent.title"),
        ("x", "status.consent.title"),
    ],
)
async def test_what_was_asked_for_comes_first_and_nothing_is_left_out(topic: str, first: str) -> None:
    reply = (await ask("live", topic=topic)).reply
    assert isinstance(reply, Details)
    assert reply.sections[0].title.key == first
    assert len({section.title.key for section in reply.sections}) == 4


def test_live_questions_have_the_role_rule_of_status() -> None:
    assert [(one.audience, one.private) for one in commands(Example().services) if "live" in one.intents] == [
        (For.STAFF, True)
    ]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_is_so_already_is_said_by_its_name(kind: Kind) -> None:
    text = shown(
        preview.unchanged(
            Refused(Reason.NOTHING_TO_CHANGE), kind, ChangeArguments(include="Pilot Ring", exclude="Kiosks")
        )
    )
    assert "requested" in text
    assert ("Pilot Ring and Kiosks" in text) is (kind.name in {"assign", "unassign"})


def test_other_errors_of_a_change_are_said_as_ever() -> None:
    assert "No group is called x" in shown(
        preview.unchanged(Refused(Reason.UNKNOWN_GROUP, group="x"), KINDS["assign"], ChangeArguments())
    )
    assert "try again" in shown(preview.unchanged(TenantUnreachable("canary"), KINDS["assign"], ChangeArguments()))
