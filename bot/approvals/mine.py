"""The requests that somebody could take back: words alone never do it, the button does."""

from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, For, Neighbours
from dialogs.words.replies import Button, Say, Text


async def run(asked: Asked, neighbours: Neighbours) -> Answer:
    """The asker's own that are open; never more than three."""
    own = await neighbours.changing.approvals.open_of(asked.turn.person.object_id)
    return Answer(
        Say(
            Text("mine.title"),
            (Text("mine.text" if own else "mine.none"),),
            buttons=(
                *(
                    Button(
                        Text("button.take_back", {"number": str(request.number)}),
                        "request.cancel",
                        {"request": str(request.number)},
                    )
                    for request in own
                ),
                notices.status(),
            ),
        )
    )


COMMANDS = (Command(run, intents=("own_requests",), audience=For.STAFF, private=True),)
