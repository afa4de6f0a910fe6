"""How long something may take before the bot goes on without it: handed to every room by bot.app, never read off."""

from contextvars import ContextVar
from dataclasses import dataclass

# The loop's time by which a press must be answered, for what waits on its behalf further down: a database that is
# locked or has no connection left is then given up. None: nobody waits for an HTTP response.
PRESS_UNTIL: ContextVar[float | None] = ContextVar("PRESS_UNTIL", default=None)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """In seconds. What depends on one turns out otherwise on a slow machine, so that tests hand in their own."""

    answer: float = 2.0  # Teams' rule for a message; what the tenant has not told by then comes later
    press: float = 0.7  # a press is answered within a second
    later: float = 30.0  # how long a slow tenant may still replace the first answer
    role: float = 0.7  # the one look-up inside a press
    name: float = 0.2  # of somebody on a card that is waited for; without it the card shows the id
    names: float = 1.0  # the same for a list
    look: float = 5.0  # for a view that nobody waits for
    told_name: float = 5.0  # the same for what is said unasked
    silence: float = 10.0  # in one call of Graph, before it counts as lost
    read: float = 25.0  # over all tries of one read of Graph; whoever waits has a shorter limit of their own
    policies: float = 15.0  # for all policies: who waits for a card gives up after `later`, the next reading goes on
    write: float = 30.0  # for one write to Graph; after that nobody knows what became of it
    login: float = 10.0  # who waits for a token gives up after this
    login_call: float = 5.0  # of silence in one call of MSAL's, whose thread then ends
    keys: float = 5.0  # a fetch of the keys that sign Teams' calls
    known_key: float = 0.5  # of such a fetch hold up a call whose key is known: enough to hear that it was revoked
    outbound: float = 15.0  # one call to Teams or for signing keys
    notifications: float = 5.0  # the notifier waits for those of one request, then looks for others beside them
    stop: float = 10.0  # when the bot is stopped: for the calls under way, then for the write to Graph that is
    finish: float = 5.0  # what was promised to somebody may still take when the bot is stopped
    ready: float = 2.0  # a look at what is ready
    body: float = 10.0  # until a caller's request is there
    idle: float = 10.0  # a connection that sends nothing is closed after this


STANDARD = Deadlines()
