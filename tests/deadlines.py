"""Deadlines that no test meets: a busy machine changes no outcome. A test about a deadline hands in one of its own."""

from dataclasses import fields, replace

from bot.chat.deadlines import Deadlines

PATIENCE = 120.0
GENEROUS = replace(
    Deadlines(**{field.name: PATIENCE for field in fields(Deadlines)}), stop=5.0, finish=0.0
)  # what ends, ends
