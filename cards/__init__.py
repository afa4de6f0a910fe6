"""How a reply looks: an Adaptive Card as Teams draws it."""

from typing import Any, assert_never

from cards import ask, say, sheet, steps
from dialogs.words.replies import Ask, Details, Reply, Say, Steps
from dialogs.words.texts import Words


def render(reply: Reply, words: Words) -> dict[str, Any]:
    """The card for a reply, as JSON."""
    match reply:
        case Say():
            return say.draw(reply, words)
        case Steps():
            return steps.draw(reply, words)
        case Ask():
            return ask.draw(reply, words)
        case Details():
            return sheet.draw(reply, words)
        case _ as never:
            assert_never(never)


def summary(reply: Reply, words: Words) -> str:
    """The line that a toast shows."""
    return words.plain(reply.title)
