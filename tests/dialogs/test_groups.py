"""Group names are cut out of sentences as they were written, and out of nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.groups import Named
from dialogs.wishes import sentences


@pytest.mark.parametrize(
    ("text", "include", "exclude", "reason"),
    [
        ("assign the profile to Finance Laptops", "Finance Laptops", "", ""),
        ("assign Finance Laptops to the profile", "Finance Laptops", "", ""),
        ("please add the group 'Alpha, Beta and Gamma' to the rollout", "Alpha, Beta and Gamma", "", ""),
        ("target „Ring 1“ and “Ring 2”", "Ring 1|Ring 2", "", ""),
        (
            "next wave: Finance Laptops, keep Kiosk Devices out, justification CHG-2291",
            "*",
            "Kiosk Devices",
            "CHG-2291",
        ),
        ("roll out to Finance Laptops except Kiosk Devices and Executives", "*", "Kiosk Devices|Executives", ""),
        ("exclude Kiosk Devices", "", "Kiosk Devices", ""),
        ("assign Finance Laptops because: the pilot went well", "*", "", "the pilot went well"),
        ("INC0048213: assign to Finance Laptops", "*", "", "INC0048213"),
        ("assign to Finance Laptops (CHG-2291)", "*", "", "CHG-2291"),
        ("weise das Profil der Gruppe Finance Laptops zu", "*", "", ""),
        ("assigne le profil au groupe Finance Laptops", "*", "", ""),
        ("asigna el perfil al grupo Finance Laptops", "*", "", ""),
        ("atribua o perfil ao grupo Finance Laptops", "*", "", ""),
    ],
)
def test_names_stand_between_the_key_words(text: str, include: str, exclude: str, reason: str) -> None:
    names = include.replace("*", "Finance Laptops")
    included, excluded = (tuple(filter(None, side.split("|"))) for side in (names, exclude))
    assert sentences().read(text) == Named(included, excluded, reason)


def test_what_is_taken_off_is_told_apart() -> None:
    assert sentences().read("remove Pilot Ring from the rollout") == Named(("Pilot Ring",), remove=True)


def test_our_own_marks_in_a_text_hold_nothing() -> None:
    assert sentences().read("assign \x027\x03") == Named(("7",))


def test_a_change_without_a_name_names_none() -> None:
    assert sentences().read("assign the profile") == Named()


@pytest.mark.parametrize(
    "text",
    [
        "assign me a new laptop",
        "add me to the finance group",
        "add milk to the shopping list",
        "without my PIN I can't work",
        "which groups should get the profile",
        "how do I assign the profile to a group?",
        "ohne PIN steh ich hier doof da",
        "locked out",
        "the link is greyed out",
    ],
)
def test_other_sentences_name_no_group(text: str) -> None:
    assert sentences().read(text) is None


@given(
    st.text(max_size=300)
    | st.lists(
        st.sampled_from(["assign", "to", "the", "profile", "and", "exclude", ",", '"', "'", ":", "CHG-1"]), max_size=60
    ).map(" ".join)
)
def test_no_text_is_too_odd(text: str) -> None:
    found = sentences().read(text)
    assert found is None or all(name == name.strip() for name in (*found.include, *found.exclude))
