"""What somebody was shown last is remembered for minutes, and for few people."""

from bot.chat.recent import MAX_PEOPLE, SECONDS, Recent


def test_the_last_card_counts_and_only_for_minutes() -> None:
    now = 0.0
    recent = Recent(lambda: now)
    recent.note("ana", ("answer.a",))
    recent.note("ana", ("answer.b", "answer.c"))
    assert recent.of("ana") == ("answer.b", "answer.c")
    assert recent.of("bo") == ()
    now = SECONDS
    assert recent.of("ana") == ()


def test_a_card_without_a_choice_ends_what_was_before() -> None:
    recent = Recent(lambda: 0.0)
    recent.note("ana", ("answer.a",))
    recent.note("ana", ())
    assert recent.of("ana") == ()


def test_the_longest_silent_are_forgotten_first() -> None:
    recent = Recent(lambda: 0.0)
    for number in range(MAX_PEOPLE + 1):
        recent.note(str(number), ("answer.a",))
    assert recent.of("0") == ()
    assert recent.of(str(MAX_PEOPLE)) == ("answer.a",)
