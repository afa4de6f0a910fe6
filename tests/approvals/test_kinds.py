"""The contract of a kind of change, for every kind that there is: a new one has a case here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pydantic import ValidationError

import cards
from bot.approvals.kind import ChangeArguments, Kind, is_known
from bot.approvals.plan import Look, Plan, in_full
from bot.changes import preview
from bot.changes.kinds import kinds
from bot.chat.command import For
from bot.commands import commands
from bot.demo.gallery import company
from bot.demo.gallery.company import BOTH_APPS, FINANCE, KIOSKS, PILOT, app, profile, target
from bot.demo.gallery.example import Example
from bot.demo.gallery.fakes import Filed
from bot.demo.gallery.questions import request
from bot.demo.gallery.tenant import ExampleTenant
from bot.errors import NotPermitted, TenantUnreachable
from bot.reset_rules.facts import PIN_CLIENT
from bot.store.records import StepRecord, StepState
from cards.plain import plain
from dialogs.words import texts
from dialogs.words.replies import Text

KINDS = kinds(Example().planning)
ENGLISH = texts.words("en")
GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PROFILES = "/deviceManagement/deviceConfigurations"
# What the bot may write to, whatever is approved: a new kind widens it here, where a reviewer sees that.
ALLOWED = {
    "POST": rf"/v1\.0/servicePrincipals|/v1\.0{PROFILES}|/(?:v1\.0|beta){PROFILES}/{GUID}/assign",
    "PATCH": rf"/v1\.0/servicePrincipals/{GUID}|/v1\.0{PROFILES}/{GUID}",
}
MARKER = "12345678-0000-4000-8000-000000000000"
BRACES = f"./Device/Vendor/MSFT/PassportForWork/{{{company.TENANT}}}/Policies/EnablePinRecovery"
READY = ExampleTenant(profiles=(profile(),), targets=(target(PILOT), target(KIOSKS, excluded=True)))


@dataclass(frozen=True)
class Case:
    """A wish, and the tenant that it is planned for."""

    kind: str
    tenant: ExampleTenant
    values: Mapping[str, str] = field(default_factory=dict)
    creates_apps: bool = False
    undone: str = ""  # the case whose request is taken back

    def example(self, tenant: ExampleTenant | None = None) -> Example:
        filed = Filed(requests=(_done(PLANS[self.undone]),)) if self.undone else Filed()
        return Example(tenant or self.tenant, filed, creates_apps=self.creates_apps)

    async def plan(self, tenant: ExampleTenant | None = None, wanted: ChangeArguments | None = None) -> Plan:
        made = kinds(self.example(tenant).planning)[self.kind]
        return await made.plan(self.wanted if wanted is None else wanted)

    @property
    def wanted(self) -> ChangeArguments:
        return KINDS[self.kind].arguments.read({"marker": MARKER, **self.values})


def _done(plan: Plan) -> Any:
    step = StepRecord(0, StepState.DONE, 1, company.NOW)
    return replace(request(12), kind=plan.kind, plan=plan.canonical(), digest=plan.digest(), steps=(step,))


CASES = {
    "consent by link": Case("consent", ExampleTenant(apps=(), grant=False)),
    "consent, apps created": Case("consent", ExampleTenant(apps=(), grant=False), creates_apps=True),
    "consent, one app enabled": Case(
        "consent", ExampleTenant(apps=(BOTH_APPS[0], app(PIN_CLIENT, enabled=False))), creates_apps=True
    ),
    "profile created": Case("profile", ExampleTenant()),
    "profile created, not all clear": Case("profile", ExampleTenant(policies=(company.UNREAD,))),
    "profile corrected": Case("profile", ExampleTenant(profiles=(profile("true", BRACES),))),
    "assign": Case("assign", READY, {"include": FINANCE.name}),
    "assign, both sides": Case(
        "assign", replace(READY, targets=(target(KIOSKS),)), {"include": FINANCE.name, "exclude": PILOT.name}
    ),
    "unassign": Case("unassign", READY, {"include": PILOT.name}),
    "unassign, readmit": Case("unassign", READY, {"include": KIOSKS.name}),
    "undo": Case("undo", replace(READY, targets=(*READY.targets, target(FINANCE))), {"number": "12"}, undone="assign"),
}
PLANS: dict[str, Plan] = {}


@pytest.fixture(autouse=True)
async def _planned() -> None:
    """The plan of each case, once; a case that takes back another comes after it."""
    for name, case in CASES.items():
        if name not in PLANS:
            PLANS[name] = await case.plan()


every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
every_case = pytest.mark.parametrize("name", CASES)


def test_every_kind_has_a_case_here() -> None:
    assert {case.kind for case in CASES.values()} == KINDS.keys()


@every_kind
def test_a_kind_is_listed_by_its_own_name_and_has_its_words(kind: Kind) -> None:
    assert KINDS[kind.name] is kind
    words = [f"change.{kind.name}.name", f"change.unchanged.{kind.name}"]
    for text in (Text(words[0]), *kind.footnotes):
        assert ENGLISH.plain(text)
    already = Text(words[1], kind.subject(ChangeArguments(include="Pilot Ring", exclude="Kiosks")))
    assert ENGLISH.plain(already)


def test_every_verb_and_every_intent_belongs_to_one_command() -> None:
    listed = commands(Example().services)
    for names in ([one for command in listed for one in command.verbs], [i for c in listed for i in c.intents]):
        assert sorted(names) == sorted(set(names))


@every_kind
def test_whatever_asks_for_a_kind_leads_to_its_preview_in_a_chat_with_an_admin_alone(kind: Kind) -> None:
    assert kind.verbs
    assert kind.intents
    others = [other for other in KINDS.values() if other is not kind]
    assert {*kind.verbs, *kind.intents}.isdisjoint(one for other in others for one in (*other.verbs, *other.intents))
    shows = [
        command
        for command in commands(Example().services)
        if {*kind.verbs} <= {*command.verbs} and {*kind.intents} <= {*command.intents}
    ]
    assert [(command.audience, command.private) for command in shows] == [(For.ADMINS, True)]


@every_case
async def test_asked_for_it_is_shown_and_nothing_is_written(name: str) -> None:
    case = CASES[name]
    reply = await case.example().said(KINDS[case.kind].intents[0], marker=MARKER, **case.values)
    assert reply == preview.preview(KINDS[case.kind], PLANS[name], case.wanted)


@every_case
async def test_a_plan_is_the_same_when_it_is_read_back_and_when_it_is_made_again(name: str) -> None:
    plan = PLANS[name]
    assert (plan.kind, plan.tenant_id) == (CASES[name].kind, company.TENANT)
    assert Plan.read(plan.canonical()) == plan
    assert Plan.read(plan.canonical()).digest() == plan.digest()
    assert Plan.filed(plan.canonical(), plan.digest()) == plan
    assert (await CASES[name].plan()).canonical() == plan.canonical()
    assert plan.model_copy(update={"object_key": "another"}).digest() != plan.digest()


@every_case
async def test_the_order_in_which_graph_lists_things_changes_no_plan(name: str) -> None:
    tenant = CASES[name].tenant
    turned = replace(tenant, apps=tenant.apps[::-1], profiles=tenant.profiles[::-1], targets=tenant.targets[::-1])
    assert (await CASES[name].plan(turned)).digest() == PLANS[name].digest()


@every_case
def test_the_effect_is_read_as_it_was_written_and_takes_nothing_else_at_any_depth(name: str) -> None:
    plan, model = PLANS[name], KINDS[CASES[name].kind].effect
    assert model.model_validate(plan.effect).model_dump(mode="json") == plan.effect
    for more in _with_one_more(plan.effect):
        with pytest.raises(ValidationError):
            model.model_validate(more)
        assert not is_known(KINDS, plan.model_copy(update={"effect": more}))


def _with_one_more(value: Any) -> Iterator[Any]:
    """Copies of an effect, each with one more field in one of its parts."""
    if isinstance(value, dict):
        yield {**value, "also": 1}
        yield from ({**value, key: more} for key, part in value.items() for more in _with_one_more(part))
    if isinstance(value, list):
        for at, part in enumerate(value):
            yield from ([*value[:at], more, *value[at + 1 :]] for more in _with_one_more(part))


@every_case
def test_a_plan_that_looks_at_something_else_is_none_that_is_known(name: str) -> None:
    plan = PLANS[name]
    assert is_known(KINDS, plan)
    assert plan.looks() <= KINDS[plan.kind].looks
    assert not is_known(KINDS, plan.model_copy(update={"kind": "of tomorrow"}))
    for basis in plan.basis:
        other = basis.model_copy(update={"look": basis.look.model_copy(update={"kind": "of tomorrow"})})
        assert not is_known(KINDS, plan.model_copy(update={"basis": (other,)}))


@every_case
def test_every_part_of_an_effect_is_said(name: str) -> None:
    plan = PLANS[name]
    said = _said(plan)
    for part, other in _changed(plan.effect):
        assert _said(plan.model_copy(update={"effect": other})) != said, part
    for part, value in plan.effect.items():
        if isinstance(value, str) and value and part != "kind":
            assert value in said, part


def _changed(effect: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Copies of an effect, each with one entry of a list less, or with a number that is one more."""
    for part, value in effect.items():
        if isinstance(value, list):
            yield from ((part, {**effect, part: [*value[:at], *value[at + 1 :]]}) for at in range(len(value)))
        elif isinstance(value, int):
            yield part, {**effect, part: value + 1}
        elif isinstance(value, dict):
            yield from ((f"{part}.{name}", {**effect, part: other}) for name, other in _changed(value))


def _said(plan: Plan) -> str:
    """All that an approver sees of it, before and after the verdict, but for the digest."""
    kind = KINDS[plan.kind]
    shown = replace(preview.preview(kind, plan, ChangeArguments()), footnotes=())
    links = (text for link in kind.links(plan) for text in (ENGLISH.plain(link.title), link.url))
    return "\n".join((plain(cards.render(shown, ENGLISH)), *links))


@every_case
def test_the_very_requests_are_shown_before_anybody_agrees(name: str) -> None:
    said = _squeezed(_said(PLANS[name]))
    assert [step for step in PLANS[name].steps if _squeezed(in_full(step)) not in said] == []


def _squeezed(text: str) -> str:
    """Without the blanks that a card draws lines with."""
    return "".join(text.split())


@every_case
async def test_what_a_step_finds_is_what_the_tenant_shows_and_it_leaves_something_else(name: str) -> None:
    case, plan = CASES[name], PLANS[name]
    state_of = KINDS[case.kind].state_of
    reads = kinds(case.example().planning)[case.kind].reads

    async def rows(look: Look) -> Any:
        return await (reads[look.kind](look) if look.kind in reads else case.tenant.read(look.path))

    for basis in plan.basis:
        assert state_of(basis.look, await rows(basis.look)) == basis.state
    for step in plan.steps:
        assert state_of(step.look, await rows(step.look)) == step.before
        assert step.before != step.after


@every_case
def test_a_write_goes_to_an_allowed_path_and_has_a_body(name: str) -> None:
    for step in PLANS[name].steps:
        assert re.fullmatch(ALLOWED[step.write.method], step.write.path), step.write.path
        assert step.write.body


@every_case
async def test_asked_for_again_it_is_the_same_plan_or_that_can_not_be_told(name: str) -> None:
    case, plan = CASES[name], PLANS[name]
    wanted = KINDS[case.kind].again(plan)
    if wanted is None:
        assert case.kind == "undo"
        return
    assert type(wanted) is KINDS[case.kind].arguments
    assert await case.plan(wanted=wanted.model_copy(update={"marker": MARKER})) == plan


@every_case
def test_the_button_that_files_it_carries_all_that_was_asked_for(name: str) -> None:
    case = CASES[name]
    (button,) = preview.preview(KINDS[case.kind], PLANS[name], case.wanted).buttons
    assert button.data == {"kind": case.kind, "digest": PLANS[name].digest(), "marker": MARKER, **case.values}
    assert KINDS[case.kind].arguments.read(button.data).data() == button.data


@every_kind
@pytest.mark.parametrize(
    "tenant",
    [READY, ExampleTenant(apps=(), grant=False), replace(READY, grant=NotPermitted("canary"))],
    ids=["done", "nothing there", "grants not permitted"],
)
async def test_its_ending_only_looks_and_says_what_it_saw(kind: Kind, tenant: ExampleTenant) -> None:
    """The tenant of the example refuses every write."""
    mine = kinds(Example(tenant).planning)[kind.name]
    first, then = await mine.ending(), await mine.ending()
    assert first == then
    assert all(ENGLISH.plain(text) for text in (mine.found(first.evidence) if first.evidence else ()))
    assert first.ready or first.evidence


@every_kind
async def test_what_can_not_be_read_makes_no_plan(kind: Kind) -> None:
    @dataclass(frozen=True, slots=True)
    class Away(ExampleTenant):
        async def read(self, path: str) -> tuple[Mapping[str, Any], ...]:
            raise TenantUnreachable(path)

    for case in (case for case in CASES.values() if case.kind == kind.name):
        with pytest.raises(TenantUnreachable):
            await case.plan(Away(known=case.tenant.known))
