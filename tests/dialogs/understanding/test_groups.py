"""Group names are cut out of sentences as they were written, and out of nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.understanding.groups.sentences import Named, sentences


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
        ("put the pin recovery thing on Finance Laptops, but leave Kiosk Devices out", "*", "Kiosk Devices", ""),
        ("assign Finance Laptops because: the pilot went well", "*", "", "the pilot went well"),
        ("INC0048213: assign to Finance Laptops", "*", "", "INC0048213"),
        ("assign to Finance Laptops (CHG-2291)", "*", "", "CHG-2291"),
        ("weise das Profil der Gruppe Finance Laptops zu", "Gruppe *", "", ""),
        ("assigne le profil au groupe Finance Laptops", "*", "", ""),
        ("asigna el perfil al grupo Finance Laptops", "*", "", ""),
        ("atribua o perfil ao grupo Finance Laptops", "*", "", ""),
    ],
)
def test_names_stand_between_the_key_words(text: str, include: str, exclude: str, reason: str) -> None:
    names = include.replace("*", "Finance Laptops")
    included, excluded = (tuple(filter(None, side.split("|"))) for side in (names, exclude))
    assert sentences().read(text) == Named(included, excluded, reason)


@pytest.mark.parametrize(
    "text", ["roll out to Finance Laptops but not yet", "assign Finance Laptops and exclude nobody"]
)
def test_nobody_is_no_group(text: str) -> None:
    assert sentences().read(text) == Named()


@pytest.mark.parametrize("text", ["put the rollout on ice", "put it on the agenda"])
def test_a_figure_of_speech_names_no_group(text: str) -> None:
    assert sentences().read(text) is None


def test_a_french_article_stands_before_what_groups_are_taken_off() -> None:
    assert sentences().read("retire Pilot Ring de l'affectation") == Named(("Pilot Ring",), remove=True)


FINANCE, KIOSKS = ("Finance Laptops",), ("Kiosk Devices",)


@pytest.mark.parametrize(
    "text",
    [
        "I need Finance Laptops in the next wave, Kiosk Devices must stay out",
        "exclude Kiosk Devices, assign Finance Laptops",
        "Exclude Kiosk Devices, Assign Finance Laptops",
        "exclude Kiosk Devices and include Finance Laptops",
        "push to Finance Laptops, keep Kiosk Devices out",
        "next wave Finance Laptops w/o Kiosk Devices",
        "please push the profile to the Finance Laptops group but leave the Kiosk Devices alone",
        "Finance Laptops go next, Kiosk Devices stay out.",
        "assign: Finance Laptops; exclude: Kiosk Devices",
        "assign profile -> Finance Laptops, except Kiosk Devices",
        "the pilot went well, assign Finance Laptops and exclude Kiosk Devices",
        "Kiosk Devices shouldn’t get the profile. Finance Laptops should get the profile.",
    ],
)
@pytest.mark.parametrize(
    ("ticket", "reason"), [("", ""), (", change CHG-31", "CHG-31"), (". Reason: second wave", "second wave")]
)
def test_of_two_sides_both_are_read(text: str, ticket: str, reason: str) -> None:
    assert sentences().read(text.rstrip(".") + ticket) == Named(FINANCE, KIOSKS, reason)


@pytest.mark.parametrize(
    ("text", "include", "exclude"),
    [
        ("assign A1, B1 and C1, D1 stay out", "A1|B1|C1", "D1"),
        ("assign A1, B1 but C1 stays out", "A1|B1", "C1"),
        ("assign A1; B1 and C1 stay out", "A1", "B1|C1"),
        ("assign St. Gallen Laptops, exclude Kiosk Devices", "St. Gallen Laptops", "Kiosk Devices"),
        ("assign 'Opt out to Beta', exclude \"Not yet, Group\"", "Opt out to Beta", "Not yet, Group"),
        ("assign Finance Laptops because it is time, exclude Kiosk Devices", "Finance Laptops", "Kiosk Devices"),
        ("assign Finance Laptops, CHG-31, exclude Kiosk Devices", "Finance Laptops", "Kiosk Devices"),
    ],
)
def test_names_go_to_the_side_that_claims_them(text: str, include: str, exclude: str) -> None:
    named = sentences().read(text)
    assert named is not None
    assert ("|".join(named.include), "|".join(named.exclude)) == (include, exclude)


@pytest.mark.parametrize(
    "text",
    [
        "assign A1, B1, C1 stay out",
        "remove Pilot Ring from the rollout and add Finance Laptops",
        "Finance Laptops are waiting, exclude Kiosk Devices",
        "exclude Kiosk Devices, they are used in the lobby",
    ],
)
def test_half_of_a_sentence_is_never_taken_for_the_whole(text: str) -> None:
    assert sentences().read(text) == Named()


@pytest.mark.parametrize(
    "text",
    [
        "stop assigning the profile to Kiosk Devices",
        "pull the profile back from Kiosk Devices",
        "remove the exclusion of Kiosk Devices",
        "Kiosk Devices no longer need to be excluded",
        "don't exclude Kiosk Devices any longer",
    ],
)
def test_what_is_to_end_takes_groups_off(text: str) -> None:
    assert sentences().read(text) == Named(KIOSKS, remove=True)


def test_twenty_long_names_and_a_reason_are_read_whole() -> None:
    names = tuple(
        f"Department {number:02d} of the Northern Branch, Berlin and Hamburg".ljust(60, "x") for number in range(20)
    )
    listed = ", ".join(f'"{name}"' for name in names)
    plain = tuple(name.replace(",", "").replace(" and", "") for name in names)
    for said, asked in ((listed, names), (", ".join(plain), plain)):
        found = sentences().read(f"assign {said} exclude Kiosk Devices reason CHG-4711: second wave")
        assert found == Named(asked, KIOSKS, "CHG-4711: second wave")


@pytest.mark.parametrize(
    ("text", "include", "reason"),
    [
        ("assign RING-1, RING-2, RING-3", "RING-1|RING-2|RING-3", ""),
        ("assign RING-1, RING-2, CHG-7", "RING-1|RING-2", "CHG-7"),
        ("assign RING-1, CHG-7", "RING-1", "CHG-7"),
        ("CHG-7: assign Finance Laptops, reason: second wave", "Finance Laptops", "CHG-7, second wave"),
    ],
)
def test_a_group_is_not_taken_for_a_ticket_nor_a_reason_for_a_group(text: str, include: str, reason: str) -> None:
    assert sentences().read(text) == Named(tuple(include.split("|")), reason=reason)


def test_what_is_taken_off_is_told_apart() -> None:
    assert sentences().read("remove Pilot Ring from the rollout") == Named(("Pilot Ring",), remove=True)


@pytest.mark.parametrize(
    ("text", "name", "bare"),
    [
        ("assign Group Finance", "Group Finance", "Finance"),
        ("assign the profile to Device Ring 2", "Device Ring 2", "Ring 2"),
        ("assign the group Finance", "Finance", "Finance"),
    ],
)
def test_a_name_that_begins_like_a_small_word_is_kept_as_written(text: str, name: str, bare: str) -> None:
    assert sentences().read(text) == Named((name,))
    assert sentences().bare(name) == bare


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
