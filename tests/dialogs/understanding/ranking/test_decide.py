"""A ranking is decided by what a mistake costs."""

from dialogs.understanding.ranking.decide import Outcome, Resolution, decide
from dialogs.understanding.ranking.labels import kind
from dialogs.understanding.ranking.model import Candidate

KINDS = ("answer", "forgot", "live", "order", "near_miss", "usage", "talk", "desk")


def _decided(rest: str = "answer", **chances: float) -> Resolution:
    """What is missing to 1 goes to the kind `rest`, spread over labels that are not among the nearest."""
    ranked = [Candidate(label.replace("__", "."), chance) for label, chance in chances.items()]
    kinds = dict.fromkeys(KINDS, 0.0)
    for candidate in ranked:
        kinds[kind(candidate.label)] += candidate.chance
    kinds[rest] += 1.0 - sum(kinds.values())
    return decide(sorted(ranked, key=lambda found: -found.chance), kinds)


def test_what_is_likely_enough_is_said() -> None:
    decision = _decided(answer__licence=0.9, forgot__plain=0.05)
    assert (decision.outcome, decision.labels) == (Outcome.ANSWERED, ("answer.licence",))


def test_answers_that_share_the_chance_stand_on_one_card() -> None:
    decision = _decided(answer__licence=0.5, answer__editions=0.3, answer__pro_edition=0.1)
    assert decision.outcome is Outcome.ANSWERED
    assert decision.labels == ("answer.licence", "answer.editions", "answer.pro_edition")


def test_labels_of_one_family_stand_together() -> None:
    decision = _decided(forgot__plain=0.4, forgot__locked=0.3, pin_blocked=0.1, answer__licence=0.1)
    assert (decision.outcome, decision.labels) == (Outcome.ANSWERED, ("forgot.plain",))


def test_what_is_not_sure_is_asked_back_with_three_of_different_families() -> None:
    decision = _decided(answer__a=0.3, forgot__plain=0.25, forgot__locked=0.15, live__consent=0.2, approvals=0.05)
    assert decision.outcome is Outcome.ASKED_BACK
    assert decision.labels == ("forgot.plain", "answer.a", "live.consent")


def test_what_is_not_ours_is_declined_but_nobody_who_may_be_locked_out() -> None:
    assert _decided(near_miss__sim=0.95, rest="near_miss").outcome is Outcome.DECLINED
    decision = _decided(near_miss__sim=0.75, forgot__plain=0.2, answer__a=0.05)
    assert decision.outcome is Outcome.ASKED_BACK
    assert "forgot.plain" in decision.labels


def test_a_question_about_the_reset_does_not_get_its_steps_while_that_is_as_likely() -> None:
    decision = _decided(forgot__plain=0.5, answer__destructive=0.5)
    assert decision.labels[0] != "forgot.plain" or decision.outcome is Outcome.ASKED_BACK


def test_what_resembles_nothing_gets_no_choice() -> None:
    flat = [Candidate(f"answer.{number}", 0.01) for number in range(10)]
    spread = dict.fromkeys(KINDS, 0.1) | {"forgot": 0.05, "answer": 0.35}
    assert decide(flat, spread) == Resolution(Outcome.DECLINED, (), "resembles nothing", 1.0)


def test_nobody_who_may_be_locked_out_hears_that_nothing_was_found() -> None:
    flat = [Candidate("forgot.plain", 0.11), *(Candidate(f"answer.{number}", 0.02) for number in range(9))]
    spread = dict.fromkeys(KINDS, 0.1) | {"forgot": 0.15, "answer": 0.25}
    assert decide(flat, spread).outcome is Outcome.ASKED_BACK
