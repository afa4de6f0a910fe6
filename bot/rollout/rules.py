"""The decision matrix: join x Windows x edition x trust x recovery x state, first match wins."""

from datetime import date

from bot.rollout.advice import Advice, Flow, Situation, Steps
from bot.rollout.facts import Device, State, Trust


def decide(situation: Situation) -> Advice:
    """The advice for one situation; never raises."""
    del situation
    return Advice(row=0, flow=Flow.ASK, steps=Steps.NONE, destructive=None)


def decide_both(device: Device, trust: Trust, federated: bool | None, today: date) -> tuple[Advice, Advice]:
    """The advice for somebody locked out, and for somebody signed in."""
    locked, signed_in = (
        decide(Situation(device, state, today, trust, federated)) for state in (State.LOCKED, State.SIGNED_IN)
    )
    return locked, signed_in
