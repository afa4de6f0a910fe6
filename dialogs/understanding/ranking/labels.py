"""What the labels of the model stand for: of which kind a wish is, and which lead to cards as good as each other's."""

from functools import lru_cache

from dialogs.understanding.typed import orders

FORGOTTEN = ("forgot.", "pin_blocked", "password_forgotten", "second_factor_lost", "never_set_up", "failed")
TALK = ("help", "thanks", "vague")
LIVE = ("live.", "status")


@lru_cache(maxsize=1_000)  # asked for each candidate of each text, and labels are few
def kind(label: str) -> str:
    """`forgot` (a PIN), `answer`, `live` (how the rollout stands), `order`, `near_miss` (not ours), `usage`, `talk`, or
    `desk` (what else the bot shows)."""
    if label in orders():
        return "order"
    for name, starts in (("forgot", FORGOTTEN), ("talk", TALK), ("live", LIVE)):
        if label.startswith(starts):
            return name
    return label.partition(".")[0] if "." in label else "desk"


def family(label: str) -> str:
    """The labels that a mistake between costs little: a kind whose cards help on, or the label itself."""
    own = kind(label)
    return own if own in {"forgot", "live", "near_miss", "talk"} else label
