"""One person's flood is answered once and then ignored; others do not notice (T32 in SECURITY.md)."""

from bot.chat.flood import MAX_PEOPLE, WINDOW_SECONDS, Limit


class Clock:
    """Time is given."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_turn_over_the_limit_is_told_and_the_rest_is_ignored() -> None:
    limit = Limit(3, Clock())
    assert [limit.allows("a") for _ in range(5)] == [True, True, True, False, False]
    fresh = Limit(3, Clock())
    answers = [(fresh.allows("a"), fresh.just_reached("a")) for _ in range(6)]
    assert [reached for allowed, reached in answers if not allowed] == [True, False, False]


def test_a_new_minute_starts_anew() -> None:
    clock = Clock()
    limit = Limit(1, clock)
    assert (limit.allows("a"), limit.allows("a")) == (True, False)
    clock.now += WINDOW_SECONDS
    assert limit.allows("a")


def test_others_are_not_slowed_down() -> None:
    limit = Limit(1, Clock())
    for _ in range(100):
        limit.allows("loud")
    assert limit.allows("quiet")


def test_the_memory_for_people_is_bounded() -> None:
    limit = Limit(1, Clock())
    for number in range(MAX_PEOPLE + 50):
        limit.allows(str(number))
    assert len(limit._windows) == MAX_PEOPLE


def test_people_whose_minute_is_over_are_forgotten() -> None:
    clock = Clock()
    limit = Limit(1, clock)
    limit.allows("earlier")
    clock.now += WINDOW_SECONDS
    limit.allows("now")
    assert list(limit._windows) == ["now"]
