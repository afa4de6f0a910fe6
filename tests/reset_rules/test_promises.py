"""What no situation whatsoever may break: nothing raises, and nothing promises that keys survive unproven."""

from hypothesis import given, settings

from bot.reset_rules.advice import Advice, Caveat, Flow, Need, Next, ResetSteps, Situation
from bot.reset_rules.facts import Join, Platform, Recovery, Whereabouts
from bot.reset_rules.rules import NOT_WINDOWS, decide, decide_both
from tests.reset_rules.situations import SITUATIONS


def keys_are_said_to_stay_only_where_the_device_is_covered(situation: Situation, advice: Advice) -> bool:
    said = advice.flow is Flow.KEEPS_KEYS or advice.destructive is False
    device = situation.device
    return not said or (device.recovery is Recovery.READY and device.join in {Join.ENTRA, Join.HYBRID})


def the_flow_and_the_warning_agree(situation: Situation, advice: Advice) -> bool:
    expected = {Flow.KEEPS_KEYS: False, Flow.DELETES_KEYS: True}.get(advice.flow)
    return advice.destructive is expected


def steps_come_with_what_they_need(situation: Situation, advice: Advice) -> bool:
    return (Need.SECOND_FACTOR in advice.needs) == (advice.steps is not ResetSteps.NONE)


def without_steps_there_is_something_else_to_do(situation: Situation, advice: Advice) -> bool:
    return advice.steps is not ResetSteps.NONE or advice.next is not Next.NOTHING


def the_clicks_are_those_of_the_place_where_the_person_stands(situation: Situation, advice: Advice) -> bool:
    locked = {Join.ENTRA: ResetSteps.LOCK_SCREEN_WEB}.get(situation.device.join, ResetSteps.LOCK_SCREEN_PASSWORD)
    return advice.steps in {
        ResetSteps.NONE,
        ResetSteps.SETTINGS if situation.state is Whereabouts.SIGNED_IN else locked,
    }


def the_password_screen_needs_a_password(situation: Situation, advice: Advice) -> bool:
    return advice.steps is not ResetSteps.LOCK_SCREEN_PASSWORD or Need.PASSWORD in advice.needs


def a_version_that_is_not_known_is_named(situation: Situation, advice: Advice) -> bool:
    known = situation.device.build is not None or advice.steps is ResetSteps.NONE
    return known or Caveat.UNKNOWN_BUILD in advice.caveats


def a_join_that_is_not_known_is_asked_for(situation: Situation, advice: Advice) -> bool:
    asked = advice.flow in {Flow.ASK, Flow.UNSUPPORTED} or advice is NOT_WINDOWS
    return situation.device.join is not Join.UNKNOWN or asked


def only_windows_gets_an_advice(situation: Situation, advice: Advice) -> bool:
    return (advice is NOT_WINDOWS) == (situation.device.platform is not Platform.WINDOWS)


def no_caveat_is_told_twice(situation: Situation, advice: Advice) -> bool:
    return len(advice.caveats) == len(set(advice.caveats))


def both_ways_are_the_two_states_of_one_device(situation: Situation, advice: Advice) -> bool:
    locked, signed_in = decide_both(situation.device, situation.trust, situation.federated, situation.today)
    return advice == (locked if situation.state is Whereabouts.LOCKED else signed_in)


PROMISES = (
    keys_are_said_to_stay_only_where_the_device_is_covered,
    the_flow_and_the_warning_agree,
    steps_come_with_what_they_need,
    without_steps_there_is_something_else_to_do,
    the_clicks_are_those_of_the_place_where_the_person_stands,
    the_password_screen_needs_a_password,
    a_version_that_is_not_known_is_named,
    a_join_that_is_not_known_is_asked_for,
    only_windows_gets_an_advice,
    no_caveat_is_told_twice,
    both_ways_are_the_two_states_of_one_device,
)


# A deadline would be a timed assertion; a database would be written beside the sources.
@settings(max_examples=3_000, deadline=None, database=None)
@given(SITUATIONS)
def test_no_situation_raises_or_breaks_a_promise(situation: Situation) -> None:
    advice = decide(situation)
    assert [promise.__name__ for promise in PROMISES if not promise(situation, advice)] == []
