"""Answers about the rollout: every one can be shown, filled and sourced; what is said of a PC is reckoned."""

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest

import cards
from bot.changes.consent import consent_links
from bot.chat.command import For
from bot.commands import commands
from bot.demo.gallery.company import TENANT
from bot.demo.gallery.example import Example
from bot.reset_rules.builds import GOOD_FOR
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE
from dialogs.understanding.windows import AS_OF
from dialogs.words import texts
from dialogs.words.answers import answers
from dialogs.words.replies import Say
from tests.cards.schema import validator
from tests.chat.asking import ask, shown

GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.mark.parametrize("name", answers())
async def test_every_answer_is_a_card_with_its_source(name: str) -> None:
    reply = (await ask("answer", answer=name)).reply
    card = cards.render(reply, texts.words("en"))
    assert [error.message for error in validator().iter_errors(card)] == []
    assert isinstance(reply, Say)
    assert len(reply.buttons) + len(reply.links) <= 6  # as many as Teams shows
    assert f"Source: {answers()[name].source}." in shown(reply)
    assert "{" not in shown(reply).replace("{TenantId}", "")
    assert (reply.footnotes[-1].key == "answer.unverified") is answers()[name].unverified


@pytest.mark.parametrize("name", answers())
async def test_no_line_of_an_answer_is_lost(name: str) -> None:
    text = shown((await ask("answer", answer=name)).reply).replace("*", "")
    filled = answers()[name].text.replace("{tenant_id}", TENANT)
    uri = f"./Device/Vendor/MSFT/PassportForWork/{TENANT}/Policies/EnablePinRecovery"
    lines = filled.replace("{oma_uri}", uri).replace("*", "").splitlines()
    assert [line for line in lines if line.strip() and line.strip() not in text] == []


async def test_the_configured_tenants_id_is_ready_to_copy() -> None:
    uri = f"./Device/Vendor/MSFT/PassportForWork/{TENANT}/Policies/EnablePinRecovery"
    assert uri in shown((await ask("answer", answer="oma_uri")).reply)


def test_the_consent_links_and_app_ids_in_answers_are_those_that_the_bot_works_with() -> None:
    links = consent_links(TENANT, "https://login.windows.net")
    said = answers()["consent_links"].text
    assert [link.url for link in links if link.url.replace(TENANT, "common") not in said] == []
    states = {parse_qs(urlsplit(link.url).query)["state"][0] for link in links}
    named = {found for answer in answers().values() for found in GUID.findall(answer.text)}
    assert named - {str(uuid.UUID(int=0))} == {PIN_SERVICE, PIN_CLIENT} | states


async def test_related_answers_are_buttons_that_show_them() -> None:
    reply = (await ask("answer", answer="gpo_steps")).reply
    assert isinstance(reply, Say)
    related = [button.data["answer"] for button in reply.buttons if button.verb == "answer.show"]
    assert related == list(answers()["gpo_steps"].related)
    assert answers()["gpo_path"].title in shown((await ask("answer.show", answer="gpo_path")).reply)


@pytest.mark.parametrize("name", ["", "gone", "../x", "gpo_steps "])
async def test_an_answer_that_does_not_exist_is_not_understood(name: str) -> None:
    reply = (await ask("answer.show", answer=name)).reply
    assert isinstance(reply, Say)
    assert reply.title.key == "unknown.title"


async def test_the_nearest_are_offered_and_an_answer_that_is_gone_is_left_out() -> None:
    reply = (await ask("nearest", first="answer.oma_uri", second="answer.gone", third="live.profile")).reply
    assert isinstance(reply, Say)
    assert [fold.title.key for fold in reply.folds] == ["answers.oma_uri.title"]
    assert reply.buttons[0].data["label"] == "live.profile"


async def test_whoever_may_have_forgotten_the_pin_finds_the_steps_on_the_card_itself() -> None:
    text = shown((await ask("nearest", first="answer.oma_uri", second="forgot.locked")).reply)
    assert "Sign-in options" in text
    assert "Settings > Accounts" in text


async def test_answers_near_the_likeliest_unfold_on_its_card() -> None:
    reply = (await ask("answer", answer="oma_uri", also="answer.csp answer.gone")).reply
    assert isinstance(reply, Say)
    assert [fold.title.key for fold in reply.folds] == ["answers.csp.title"]


def test_answers_are_open_to_members_and_not_private() -> None:
    listed = [
        command
        for command in commands(Example().services)
        if "answer" in command.intents or "nearest" in command.intents
    ]
    assert [(command.audience, command.private) for command in listed] == [(For.MEMBERS, False)] * 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"build": "19042", "edition": "pro"}, ["Windows 10 20H2", "Pro", "Yes, this Windows is supported"]),
        ({"build": "17763", "edition": "pro"}, ["Windows 10 1809", "No, not with this Windows"]),
        ({"build": "17763", "edition": "enterprise"}, ["Yes, this Windows is supported"]),
        ({"build": "17763", "edition": "education"}, ["Not certain"]),
        ({"build": "17763"}, ["It depends on the edition"]),
        ({"build": "17763", "edition": "enterprise", "ltsc": "yes"}, ["Windows 10 1809 LTSC", "end on Jan 9, 2029"]),
        ({"build": "19044", "edition": "enterprise", "ltsc": "yes"}, ["LTSC Jan 12, 2027, IoT LTSC Jan 13, 2032"]),
        ({"build": "19044"}, ["Home and Pro Jun 13, 2023, Enterprise and Education Jun 11, 2024"]),
        ({"build": "15063", "join": "hybrid"}, ["begins with version 1709", "Hybrid"]),
        ({"build": "14393"}, ["too old"]),
        ({"build": "26100", "edition": "home"}, ["Windows Home can't be joined"]),
        ({"build": "26100", "join": "registered"}, ["Probably not"]),
        ({"build": "19045", "join": "on_premises"}, ["needs Entra or hybrid join"]),
        (
            {"build": "19045", "edition": "pro", "join": "hybrid", "trust": "key"},
            ["Yes, this", "ended on Oct 14, 2025"],
        ),
        (
            {"build": "29999", "edition": "pro"},
            ["build 29999", "Yes, this Windows", "My table of Windows versions is of"],
        ),
        ({"can_reset": "DestructiveOnly"}, ["The keys would be deleted", "DestructiveOnly"]),
        ({"can_reset": "DestructiveAndNonDestructive", "build": "14393"}, ["The keys are kept"]),
        ({"tenant_id": TENANT.upper()}, ["is the one that I serve"]),
        ({"tenant_id": "0" * 8}, ["another tenant"]),
    ],
)
async def test_what_is_said_of_a_pc_goes_through_the_rules(values: dict[str, str], words: list[str]) -> None:
    text = shown((await ask("answer", Example(), values, answer="editions")).reply).replace("*", "")
    assert [word for word in words if word.casefold() not in text.casefold()] == []


async def test_a_table_of_releases_that_has_grown_old_is_owned_up_to() -> None:
    for days, owned_up in ((0, False), (1, True)):
        later = datetime.combine(AS_OF + GOOD_FOR + timedelta(days=days), time(), UTC)
        services = Example().services
        told = replace(
            services, answers=replace(services.answers, now=partial(datetime.fromisoformat, later.isoformat()))
        )
        reply = (await ask("answer", told, {"build": "26300", "edition": "pro"}, answer="editions")).reply
        assert ("My table of Windows versions" in shown(reply)) is owned_up


@pytest.mark.parametrize(
    "values",
    [{"build": "x"}, {"build": "1" * 30}, {"edition": "gold"}, {"join": "?"}, {"can_reset": "Maybe"}, {"trust": "x"}],
)
async def test_values_that_nobody_could_have_read_are_left_out(values: dict[str, str]) -> None:
    reply = (await ask("answer", Example(), values, answer="editions")).reply
    assert isinstance(reply, Say)
    assert not any(text.key.startswith("computed.") for text in reply.paragraphs)
