"""One wish in several wordings is one group, the most frequent first."""

from dialogs.understanding.ranking.likeness import groups

TEXTS = (
    "what does it cost",
    "can I use it with a smart card?",
    "does it work with smart cards",
    "Does it work with Smart Cards?!",
    "who pays for this",
    "do smart cards work with it",
)


def test_alike_questions_are_one_group_and_the_largest_comes_first() -> None:
    found = groups(TEXTS)
    assert set(found[0]) >= {2, 3, 5}
    assert [0] in found
    assert [4] in found
    assert sorted(place for group in found for place in group) == [*range(len(TEXTS))]


def test_nothing_is_no_group() -> None:
    assert groups(()) == []
