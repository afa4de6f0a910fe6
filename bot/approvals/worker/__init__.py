"""Carries out what was approved: rounds and steps in `worker`, what an approval rests on in `grounds`."""

from bot.approvals.worker.worker import ReadBack, Worker

__all__ = ["ReadBack", "Worker"]
