"""A tenant on this machine: login, Graph, Teams connector. Speaks only HTTP and imports no other room."""

from bot.simulation.world import World, simulate

__all__ = ["World", "simulate"]
