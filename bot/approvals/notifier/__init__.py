"""Tells people: the carrying of what the outbox holds in `notifier`, the words of news in `news`."""

from bot.approvals.notifier.notifier import MOST_TRIES, Notifier, unreached

__all__ = ["MOST_TRIES", "Notifier", "unreached"]
