"""The decision matrix: join x Windows x edition x trust x recovery x state, first match wins."""

from bot.rollout.advice import Advice, Flow, Situation, Steps


def decide(situation: Situation) -> Advice:
    """The advice for one situation; never raises."""
    return Advice(row=0, flow=Flow.ASK, steps=Steps.NONE, destructive=None)
