"""A forgotten PIN: some instructions always, the own device only, and in time."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cards
from bot.chat.command import Answer, Asked
from bot.chat.notices import HelpDesk
from bot.chat.turn import Person, Place, PlaceKind, Turn, TurnKind
from bot.commands import commands
from bot.demo.gallery.company import NOW
from bot.demo.gallery.example import Example
from bot.errors import BotError, NotFound, NotPermitted, TenantRefused, TenantUnreachable
from bot.reset_rules.facts import Account, Device, DeviceKind, Edition, Inventory, Join, Platform, Recovery, Trust
from cards.plain import plain
from dialogs.words import texts
from dialogs.words.replies import Ask, Reply, Say, Steps, Text, Tone
from tests.deadlines import PATIENCE

ANA = Person("t", "ana", "29:ana", "Ana")
CHAT = Place(PlaceKind.PERSONAL, "a:1", "t", "https://smba.trafficmanager.net/teams", "28:bot")
PC = Device("r1", "PC-ONE", join=Join.ENTRA, build=26100, edition=Edition.PRO, last_seen=NOW, recovery=Recovery.READY)
OTHER = replace(PC, reference="r2", name="PC-TWO")
ACCOUNT = Account("ana", "Ana", "ana@contoso.example", hello_key=True)


@dataclass
class Tenant:
    """Tells what it is given, perhaps late."""

    devices: tuple[Device, ...] = (PC, OTHER)
    account: Account = ACCOUNT
    failure: BotError | None = None
    tells: asyncio.Event = field(default_factory=asyncio.Event)
    late: bool = False
    early: tuple[Device, ...] | None = None  # what is known before the whole
    asked: list[tuple[str, ...]] = field(default_factory=list)

    async def inventory(self, object_id: str, references: Iterable[str] = ()) -> Inventory:
        self.asked.append(tuple(references))
        if self.late:
            await self.tells.wait()
        if self.failure:
            raise self.failure
        read = set(references)
        return Inventory(
            self.account, tuple(replace(one, read=one.read or one.reference in read) for one in self.devices)
        )

    async def so_far(self, object_id: str, references: Iterable[str] = ()) -> Inventory:
        if self.early is None:
            return await self.inventory(object_id, references)
        return Inventory(self.account, self.early)


async def ask(
    tenant: Tenant, key: str = "forgot", *, seconds: float = PATIENCE, text: str = "", **values: str
) -> Answer:
    services = Example(devices=tenant).services
    command = next(command for command in commands(services) if key in (*command.verbs, *command.intents))
    until = asyncio.get_running_loop().time() + seconds
    return await command.run(Asked(Turn(TurnKind.MESSAGE, "1", ANA, CHAT, text), until, key), values)


def shown(reply: Reply) -> str:
    return plain(cards.render(reply, texts.words("en")))


async def test_the_most_recently_used_pc_comes_first_and_the_others_are_one_tap_away() -> None:
    tenant = Tenant()
    first = (await ask(tenant)).reply
    assert first.title == Text("forgot.title_of", {"pc": "PC-ONE"})
    assert _titles(first) == ["Not this one? PC-TWO"]
    second = (await ask(tenant, "pin.device", device="r2")).reply
    assert second.title == Text("forgot.title_of", {"pc": "PC-TWO"})
    assert _titles(second) == ["Another device"]
    pick = (await ask(tenant, "pin.others", device="r1")).reply
    assert isinstance(pick, Ask)
    assert [choice.value for choice in pick.choices] == ["r2", "not-listed"]
    assert "PC-TWO" in shown((await ask(tenant, "pin.device", choice="r2")).reply)


def _titles(reply: Reply) -> list[str]:
    assert isinstance(reply, Steps)
    return [texts.words("en").plain(button.title) for button in reply.buttons]


@pytest.mark.parametrize(
    "others",
    [
        (),
        (replace(OTHER, name="PC-one"),),
        (replace(OTHER, kind=DeviceKind.CLOUD_PC),),
        (OTHER, replace(OTHER, reference="r3", name="PC-THREE")),
    ],
    ids=["one PC", "two of one name", "the other runs elsewhere", "three"],
)
async def test_where_a_name_alone_would_not_tell_the_other_pc_the_list_is_offered(others: tuple[Device, ...]) -> None:
    assert _titles((await ask(Tenant((PC, *others)))).reply) == ["Another device"]


async def test_what_warns_of_a_loss_is_read_before_the_steps_even_where_the_way_is_known() -> None:
    bare = replace(PC, recovery=Recovery.NONE)
    card = cards.render((await ask(Tenant((bare,)), state="locked")).reply, texts.words("en"))
    assert "warning" in {part.get("style") for part in card["body"]}
    assert _open(card) == set()
    kept = cards.render((await ask(Tenant((PC,)), state="locked")).reply, texts.words("en"))
    assert "good" in {part.get("style") for part in kept["body"]}
    assert _open(kept) == {"way0", "ended"}


async def test_how_it_went_is_asked_once_a_way_is_open() -> None:
    card = cards.render((await ask(Tenant((PC,)))).reply, texts.words("en"))
    assert _open(card) == set()
    assert "It worked" not in str(card["actions"])
    taps = [action for part in card["body"] if part["type"] == "ActionSet" for action in part["actions"]]
    assert [tap["style"] for tap in taps] == ["positive", "positive"]
    for tap in taps:
        shows = {target["elementId"] for target in tap["targetElements"] if target["isVisible"]}
        assert "ended" in shows


def _open(card: dict[str, Any]) -> set[str]:
    return {part["id"] for part in card["body"] if "id" in part and part.get("isVisible", True)}


_NO_PCS = (
    "I forgot my PIN on PC-ONE, ticket CHG-2291",
    "forgot my pin, CHG-2291",
    "PIN vergessen (OPS-4711)",
    "forgot my pin, see SR-2026-0012 and REQ-1",
    "forgot my pin, ticket PC-2291",  # as their PC is called, but said to be a ticket
    "forgot my pin. Ref: FIN-PC07",
    "I forgot my 6-digit PIN on Windows 11 24H2",
    "win11 / windows-11 / Win-10, Wi-Fi6, error 0x80090016, CAA20004, AADSTS50126",
    "write to pc-keller7@contoso.example, see https://x.example/CON-LT-0201 or \\\\CON-FS-0001\\share",
    "of 2024-11-03, T14-gen2, covid-19, KB5031455, 11111111-2222-4333-8444-555555555555",
)


@pytest.mark.parametrize("text", _NO_PCS)
async def test_what_is_no_name_of_a_pc_is_not_taken_for_one(text: str) -> None:
    said = shown((await ask(Tenant(), text=text)).reply)
    assert "registered to you" not in said
    assert "PC: PC-ONE" in said


async def test_a_pc_that_was_picked_or_an_old_name_of_theirs_is_not_said_to_be_anybody_elses() -> None:
    renamed = Tenant((replace(PC, other_names=frozenset({"DESKTOP-0A1B2C"})),))
    assert "registered to you" not in shown((await ask(renamed, text="PIN of desktop-0a1b2c")).reply)
    assert "registered to you" not in shown((await ask(Tenant(), "pin.device", choice="r2", text="PC-99")).reply)


async def test_a_secret_beside_the_name_of_a_pc_is_repeated_nowhere() -> None:
    services = Example(devices=Tenant()).services
    command = next(command for command in commands(services) if "forgot" in command.intents)
    turn = Turn(TurnKind.MESSAGE, "1", ANA, CHAT, "the PIN of CON-LT-0201 was AB-CDE-123", secret=True)
    until = asyncio.get_running_loop().time() + PATIENCE
    assert "registered to you" not in shown((await command.run(Asked(turn, until, "forgot"), {})).reply)


@pytest.mark.parametrize("reference", ["zz", "../../x", "r1 ", "PC-ONE", "not-listed"])
async def test_a_reference_that_is_not_the_persons_own_gives_general_steps(reference: str) -> None:
    reply = (await ask(Tenant(), "pin.device", device=reference)).reply
    assert isinstance(reply, Steps)
    assert reply.facts == ()
    assert "I forgot my PIN" in shown(reply)


@pytest.mark.parametrize("failure", [TenantUnreachable, NotPermitted, NotFound, TenantRefused])
async def test_whatever_the_tenant_refuses_the_person_gets_steps_and_is_told(failure: type[BotError]) -> None:
    reply = (await ask(Tenant(failure=failure("canary of the log")))).reply
    assert "I forgot my PIN" in shown(reply)
    assert "couldn't" in shown(reply)
    assert "canary" not in shown(reply)


async def test_a_slow_tenant_gives_general_steps_at_once_and_the_device_later() -> None:
    tenant = Tenant(late=True)
    answer = await ask(tenant, seconds=0.0)
    assert "PC-ONE" not in shown(answer.reply)
    assert "I forgot my PIN" in shown(answer.reply)
    assert answer.later is not None
    later = asyncio.ensure_future(answer.later())
    tenant.tells.set()
    assert "PC-ONE" in shown(await later)


async def test_a_device_that_is_known_in_time_is_shown_and_what_else_may_keep_the_keys_comes_later() -> None:
    tenant = Tenant(late=True, early=(replace(PC, recovery=Recovery.UNKNOWN),))
    answer = await ask(tenant, seconds=0.0)
    first = shown(answer.reply)
    assert "PC-ONE" in first
    assert "may delete" in first
    assert "still reading" in first
    assert answer.later is not None
    tenant.tells.set()
    whole = shown(await answer.later())
    assert "should keep" in whole
    assert "still reading" not in whole


async def test_a_slow_tenant_that_fails_in_the_end_is_told_too() -> None:
    tenant = Tenant(late=True, failure=TenantUnreachable("x"))
    answer = await ask(tenant, seconds=0.0)
    assert answer.later is not None
    tenant.tells.set()
    assert "couldn't read your device" in shown(await answer.later())


async def test_a_guest_learns_nothing_however_late_the_tenant_says_so() -> None:
    tenant = Tenant(late=True, account=replace(ACCOUNT, guest=True))
    answer = await ask(tenant, seconds=0.0)
    assert answer.later is not None
    tenant.tells.set()
    assert "PC-ONE" not in shown(await answer.later())


async def test_the_way_that_the_person_named_is_open_at_once() -> None:
    reply = (await ask(Tenant(), state="locked")).reply
    assert isinstance(reply, Steps)
    assert [way.open for way in reply.ways] == [True, False]


async def test_without_any_hello_key_the_person_is_told_how_to_set_one_up_and_can_insist() -> None:
    tenant = Tenant(account=replace(ACCOUNT, hello_key=False))
    reply = (await ask(tenant)).reply
    assert isinstance(reply, Say)
    assert "never set up" in shown(reply)
    assert "I forgot my PIN" in shown((await ask(tenant, "pin.forgot", anyway="yes")).reply)


@pytest.mark.parametrize("situation", ["password_forgotten", "second_factor_lost", "pin_blocked"])
async def test_a_special_situation_has_its_own_words_above_the_steps(situation: str) -> None:
    text = shown((await ask(Tenant(), situation)).reply)
    assert texts.words("en").plain(_title(situation)) in text
    assert "I forgot my PIN" in text
    assert "PC-ONE" in text


def _title(situation: str) -> Text:
    return Text(f"situation.{situation}.title")


DEVICES = st.builds(
    Device,
    reference=st.text("abcdef0123456789", min_size=4, max_size=8),
    name=st.text(max_size=500) | st.just("**x** [y](https://evil.example) <at>z</at>\u202e"),
    platform=st.sampled_from(Platform),
    join=st.sampled_from(Join),
    build=st.none() | st.sampled_from([10240, 15063, 17763, 19045, 22631, 26100, 29999, 1, 10**9]),
    edition=st.sampled_from(Edition),
    ltsc=st.booleans(),
    last_seen=st.none() | st.datetimes(timezones=st.just(UTC)),
    recovery=st.sampled_from(Recovery),
    enabled=st.booleans(),
    kind=st.sampled_from(DeviceKind),
    deleted=st.booleans(),
)


@settings(max_examples=2_000, deadline=None)
@given(device=DEVICES, trust=st.sampled_from(Trust), federated=st.sampled_from([True, False, None]))
def test_no_device_is_ever_too_odd_and_keys_are_promised_to_none_that_is_not_covered(
    device: Device, trust: Trust, federated: bool | None
) -> None:
    account = replace(ACCOUNT, federated=federated)
    reply = asyncio.run(_card(Tenant((device,), account), trust))
    text = shown(reply)
    assert "I forgot my PIN" in text or "sign in with" in text.lower()
    if device.recovery is not Recovery.READY:
        assert "should keep" not in text
    if isinstance(reply, Steps) and reply.ways and "should keep" not in text:
        assert Tone.WARNING in {one.tone for one in reply.expectations}


async def _card(tenant: Tenant, trust: Trust) -> Reply:
    asked = Asked(Turn(TurnKind.MESSAGE, "1", ANA, CHAT), asyncio.get_running_loop().time() + 5, "forgot")
    services = Example(help_desk=HelpDesk("", takes_questions=True), devices=tenant, trust=trust).services
    command = next(command for command in commands(services) if "forgot" in command.intents)
    return (await command.run(asked, {})).reply


async def report(tenant: Tenant, *, detail: str = "", choice: str = "other", seconds: float = PATIENCE) -> str:
    answer = await ask(tenant, "pin.trouble", seconds=seconds, choice=choice, device="r1", detail=detail)
    return shown(answer.reply)


async def test_the_help_desk_card_carries_what_is_known() -> None:
    text = await report(Tenant(), detail="it said 0x801c03ed, then closed")
    for part in ("0x801C03ED", "PC-ONE", "extension 4357", "Nov 24, 2026, 9:00\N{NARROW NO-BREAK SPACE}AM", "Ana"):
        assert part in text


async def test_a_secret_in_the_text_field_is_neither_repeated_nor_passed_on() -> None:
    text = await report(Tenant(), detail="my pin 4711 is not accepted")
    assert "4711" not in text


async def test_no_time_for_the_tenant_still_gives_the_answer() -> None:
    tenant = Tenant(late=True)
    text = await report(tenant, choice="no_link", seconds=0.0)
    assert "Sign-in options" in text
    tenant.tells.set()


def test_a_device_long_not_seen_is_called_so() -> None:
    stale = replace(PC, last_seen=NOW - timedelta(days=90))
    assert "may be out of date" in shown(asyncio.run(_card(Tenant((stale,)), Trust.UNKNOWN)))


CLOUD = replace(PC, reference="c1", name="CPC-ANA", kind=DeviceKind.CLOUD_PC)


@pytest.mark.parametrize("kind", [kind for kind in DeviceKind if kind is not DeviceKind.PC])
async def test_what_runs_elsewhere_is_not_taken_for_the_pc_in_front_of_the_person(kind: DeviceKind) -> None:
    elsewhere = replace(CLOUD, kind=kind)
    assert "PC-TWO" in shown((await ask(Tenant((elsewhere, OTHER)))).reply)
    alone = shown((await ask(Tenant((elsewhere,)))).reply)
    assert "CPC-ANA" not in alone
    assert "I forgot my PIN" in alone
    assert "Another device" in alone
    picked = shown((await ask(Tenant((elsewhere, OTHER)), "pin.device", choice="c1")).reply)
    assert texts.words("en").plain(Text(f"rollout.kind.{kind}")) in picked
    assert "in front of you" in picked or "from another device" in picked


async def test_a_pc_that_was_deleted_gets_no_steps_and_the_way_to_the_help_desk() -> None:
    reply = (await ask(Tenant((replace(PC, deleted=True),)))).reply
    text = shown(reply)
    assert "no longer in your organisation's directory" in text
    assert "Your help desk has to register it again" in text
    assert "sign in with your password" in text
    assert "should keep" not in text
    assert isinstance(reply, Steps)
    assert reply.ways == ()


@pytest.mark.parametrize(
    "text",
    [
        "I forgot my PIN on PC-TWO",
        "forgot the pin of pc-two!",
        "PC\u2011TWO: forgot my PIN",
        "PIN weg (PC-TWO)",
        "forgot my pin, the pc is called OLD-TWO.",
    ],
)
async def test_the_pc_that_a_text_names_is_taken(text: str) -> None:
    tenant = Tenant((PC, replace(OTHER, other_names=frozenset({"old-two"}))))
    assert "PC-TWO" in shown((await ask(tenant, text=text)).reply)


@pytest.mark.parametrize("text", ["I forgot my PIN on PC-TWO-B", "my XPC-TWO", "I forgot my PIN"])
async def test_a_part_of_another_name_names_nothing(text: str) -> None:
    assert "PC-ONE" in shown((await ask(Tenant(), text=text)).reply)


async def test_of_two_names_the_longer_one_is_meant() -> None:
    longer = replace(OTHER, name="PC-ONE X")
    assert "PC-ONE X" in shown((await ask(Tenant((PC, longer)), text="forgot my pin on pc-one x")).reply)


async def test_a_pc_that_the_list_alone_tells_of_is_read_before_it_is_shown() -> None:
    tenant = Tenant((PC, replace(OTHER, read=False)))
    assert "PC-TWO" in shown((await ask(tenant, text="forgot my PIN on PC-TWO")).reply)
    assert ("r2",) in tenant.asked
    pressed = Tenant(tenant.devices)
    await ask(pressed, "pin.device", choice="r2")
    assert set(pressed.asked) == {("r2",)}


async def test_equal_names_show_their_last_contact_and_those_long_not_seen_are_said_to_be() -> None:
    same = replace(PC, reference="r3", last_seen=NOW - timedelta(hours=5))
    old = replace(OTHER, last_seen=NOW - timedelta(days=31))
    text = shown((await ask(Tenant((PC, same, old, CLOUD)), "pin.others")).reply)
    assert "PC-ONE, last seen Nov 24, 2026, 9:00\N{NARROW NO-BREAK SPACE}AM UTC" in text
    assert "PC-ONE, last seen Nov 24, 2026, 4:00\N{NARROW NO-BREAK SPACE}AM UTC" in text
    assert "PC-TWO, not seen since Oct 24, 2026, 9:00\N{NARROW NO-BREAK SPACE}AM UTC" in text
    assert "CPC-ANA (Cloud PC)" in text


@pytest.mark.parametrize("count", [1, 8, 9, 16, 17, 50])
async def test_all_of_a_persons_pcs_can_be_reached(count: int) -> None:
    tenant = Tenant(tuple(replace(PC, reference=f"{number:016x}", name=f"PC-{number}") for number in range(count)))
    seen, page = list[str](), "1"
    while True:
        pick = (await ask(tenant, "pin.others", page=page)).reply
        assert isinstance(pick, Ask)
        assert len(pick.choices) <= 9
        seen += [choice.value for choice in pick.choices if choice.value != "not-listed"]
        if not pick.buttons or pick.buttons[0].data.get("page", "1") == "1":
            break
        page = pick.buttons[0].data["page"]
    assert seen == [device.reference for device in tenant.devices]


@pytest.mark.parametrize("page", ["0", "-1", "x", "1000", "99"])
async def test_a_page_that_is_not_there_shows_none_of_what_is_not_theirs(page: str) -> None:
    pick = (await ask(Tenant(), "pin.others", page=page)).reply
    assert isinstance(pick, Ask)
    assert pick.choices[-1].value == "not-listed"
