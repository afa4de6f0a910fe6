"""The rules alone: each has a case that only it refuses, and a stranger learns nothing of a request's state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.approvals import policy
from bot.approvals.policy import Card, Case, Hours, Press, Rules, Who
from bot.approvals.refusals import Reason
from bot.store.records import Decision, Freeze, Request, State, Verdict
from bot.store.seal import digest
from tests.approvals.harness import ADA, DANA, MONDAY, PRIYA, TENANT

NONCE = "0123456789abcdef0123456789abcdef"
RULES = Rules(TENANT, Hours(UTC))
REQUEST = Request(
    number=7,
    kind="assign",
    object_key="profile:x",
    state=State.WAITING,
    revision=3,
    plan="{}",
    digest="d",
    seal="s",
    nonce_hash=digest(NONCE),
    requester=ADA,
    reason="why",
    needed=2,
    created_at=MONDAY,
    expires_at=MONDAY + timedelta(hours=24),
    changed_at=MONDAY,
)
PRESS = Press(Who(TENANT, PRIYA), 7, Card(NONCE, 3), Verdict.APPROVE)
CASE = Case(PRESS, REQUEST, Freeze(frozen=False, revision=0), RULES, MONDAY + timedelta(hours=1))
VOTED = (Decision(PRIYA, Verdict.REJECT, MONDAY),)


def _case(press: dict[str, Any] | None = None, request: dict[str, Any] | None = None, **changed: Any) -> Case:
    pressed = dict(press or {})
    card = {name: pressed.pop(name) for name in ("nonce", "revision", "automatic") if name in pressed}
    made = replace(PRESS, card=replace(PRESS.card, **card), **pressed)
    return replace(CASE, press=made, request=replace(REQUEST, **(request or {})), **changed)


def test_an_approver_in_time_may_decide() -> None:
    assert policy.refusal(CASE) is None
    assert policy.refusal(_case({"verdict": Verdict.REJECT, "reason": "no"})) is None


REFUSED: tuple[tuple[Case, Reason], ...] = (
    (_case({"automatic": True}), Reason.AUTOMATIC),
    (_case({"who": Who(DANA, PRIYA)}), Reason.WRONG_TENANT),
    (_case({"nonce": NONCE.upper()}), Reason.FORGED),
    (_case({"who": Who(TENANT, ADA.upper())}), Reason.OWN_REQUEST),
    (_case(approver=None), Reason.TRY_AGAIN),
    (_case(approver=False), Reason.NOT_APPROVER),
    (_case(request={"decisions": VOTED}), Reason.ALREADY_VOTED),
    (_case(request={"state": State.CANCELLED}), Reason.CANCELLED),
    (_case(request={"state": State.SUPERSEDED}), Reason.SUPERSEDED),
    (_case(request={"state": State.EXPIRED}), Reason.EXPIRED),
    (_case(request={"state": State.RUNNING}), Reason.ALREADY_DECIDED),
    (_case(now=REQUEST.expires_at), Reason.EXPIRED),
    (_case({"revision": 2}), Reason.STALE_CARD),
    (_case(rules=replace(RULES, read_only=True)), Reason.READ_ONLY),
    (_case(freeze=Freeze(frozen=True, revision=1)), Reason.FROZEN),
    (_case({"verdict": Verdict.REJECT}), Reason.REJECTION_REASON),
    (_case({"verdict": Verdict.REJECT, "reason": "x" * 1001}), Reason.REASON_LONG),
)


@pytest.mark.parametrize(("case", "reason"), REFUSED)
def test_each_rule_refuses_its_case(case: Case, reason: Reason) -> None:
    assert policy.refusal(case) is reason


def test_every_rule_has_its_case() -> None:
    assert {reason for _, reason in REFUSED} == {reason for reason, _ in policy._CHECKS}
    assert len(REFUSED) == len(policy._CHECKS)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("press", [{"nonce": "x"}, {"who": Who(DANA, PRIYA)}])
def test_a_stranger_learns_no_state(state: State, press: dict[str, Any]) -> None:
    case = _case(press, {"state": state}, now=MONDAY + timedelta(days=9))
    assert policy.refusal(case) in {Reason.FORGED, Reason.WRONG_TENANT}


@given(some.text(), some.integers(), some.text())
def test_T13_only_the_right_nonce_of_the_right_revision_decides(nonce: str, revision: int, number: str) -> None:  # noqa: N802
    refused = policy.refusal(_case({"nonce": nonce, "revision": revision}))
    assert (refused is None) == (nonce == NONCE and revision == 3)


@given(some.text(max_size=300))
def test_T23_what_a_person_wrote_shows_all_that_it_says(text: str) -> None:  # noqa: N802
    kept = policy.tidy(text)
    assert kept.isprintable()
    assert kept == policy.tidy(kept)


def test_working_hours_are_local() -> None:
    hours = Hours(timezone(timedelta(hours=9)))
    assert hours.hold(datetime(2026, 11, 23, 0, 0, tzinfo=UTC))
    assert not hours.hold(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    assert not hours.hold(datetime(2026, 11, 21, 0, 0, tzinfo=UTC))  # a Saturday


STUCK = replace(REQUEST, state=State.ATTENTION)


@pytest.mark.parametrize(
    ("request_", "who", "approver", "reason"),
    [
        (STUCK, PRIYA, True, None),
        (STUCK, ADA, True, Reason.SECOND_PERSON),
        (STUCK, ADA, False, Reason.SECOND_PERSON),
        (STUCK, DANA, False, Reason.NOT_APPROVER),
        (STUCK, PRIYA, None, Reason.TRY_AGAIN),
        (replace(STUCK, state=State.HELD), ADA, False, None),
        (replace(STUCK, state=State.HELD), DANA, False, Reason.NOT_APPROVER),
        (replace(STUCK, state=State.DONE), PRIYA, True, Reason.WRONG_STATE),
    ],
)
def test_the_requester_alone_goes_on_only_with_what_the_tenant_itself_holds(
    request_: Request, who: str, approver: bool | None, reason: Reason | None
) -> None:
    assert policy.may_step_in(RULES, request_, Who(TENANT, who), approver=approver, reason="-") is reason


@pytest.mark.parametrize(("hours", "young"), [(0, True), (23, True), (24, False), (-1, True)])
def test_an_approval_is_young_for_a_while(hours: int, young: bool) -> None:
    given, now = replace(REQUEST, decisions=VOTED), MONDAY + timedelta(hours=hours)
    assert policy.is_young(given, now, timedelta(hours=24)) is young


def test_the_oldest_of_several_approvals_counts() -> None:
    two = (*VOTED, Decision(DANA, Verdict.APPROVE, MONDAY + timedelta(hours=20)))
    assert not policy.is_young(replace(REQUEST, decisions=two), MONDAY + timedelta(hours=25), timedelta(hours=24))
