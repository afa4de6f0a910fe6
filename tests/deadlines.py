"""Deadlines that no test meets: a busy machine changes no outcome. A test about a deadline hands in one of its own."""

from dataclasses import fields

from bot.chat.deadlines import Deadlines

PATIENCE = 120.0
GENEROUS = Deadlines(**{field.name: PATIENCE for field in fields(Deadlines)})
