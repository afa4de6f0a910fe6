"""A ranking is decided by what a mistake costs."""

from dialogs.understanding.decide import Decision, Outcome, decide
from dialogs.understanding.model import Candidate


def _decided(**chances: float) -> Decision:
    ranked = [Candidate(label.replace("__", "."), chance) for label, chance in chances.items()]
    return decide(sorted(ranked, key=lambda found: -found.chance))


def test_what_is_likely_enough_is_said() -> None:
    decision = _decided(answer__licence=0.7, answer__editions=0.2)
    assert (decision.outcome, decision.labels) == (Outcome.ANSWERED, ("answer.licence",))


def test_labels_of_one_family_stand_together() -> None:
    decision = _decided(forgot__plain=0.35, forgot__locked=0.3, answer__licence=0.2)
    assert (decision.outcome, decision.labels) == (Outcome.ANSWERED, ("forgot.plain",))


def test_what_is_not_sure_is_asked_back_with_three_of_different_families() -> None:
    decision = _decided(answer__a=0.3, forgot__plain=0.2, forgot__locked=0.1, answer__b=0.1, answer__c=0.05)
    assert decision.outcome is Outcome.ASKED_BACK
    assert decision.labels == ("answer.a", "forgot.plain", "answer.b")


def test_what_is_not_ours_is_declined_but_nobody_who_may_be_locked_out() -> None:
    assert _decided(near_miss__sim=0.9).outcome is Outcome.DECLINED
    decision = _decided(near_miss__sim=0.8, forgot__plain=0.15, answer__a=0.05)
    assert decision.outcome is Outcome.ASKED_BACK
    assert "forgot.plain" in decision.labels


def test_what_resembles_nothing_gets_no_choice() -> None:
    decision = _decided(answer__a=0.1, answer__b=0.1, answer__c=0.1)
    assert (decision.outcome, decision.labels) == (Outcome.DECLINED, ())
