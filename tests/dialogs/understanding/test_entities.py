"""What an intent needs beside itself is read from the text, in six languages."""

import pytest

from dialogs.understanding import entities, numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("what became of request 12", "12"),
        ("undo #7 please", "7"),
        ("zeig mir Antrag 31", "31"),
        ("annule la demande 4", "4"),
        ("deshaz la solicitud nº 9", "9"),
        ("申請 15 を見せて", "15"),
        ("undo 12", "12"),
        ("between 3 and 4", ""),
        ("undo the last one", ""),
    ],
)
def test_the_number_of_a_request_is_read(text: str, number: str) -> None:
    assert entities.number(text) == number


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("what changed in the last 7 days", "7"),
        ("changes of the last two weeks", "14"),
        ("who changed what this month", "30"),
        ("was wurde in den letzten 3 Tagen geändert", "3"),
        ("les changements de la semaine", "7"),
        ("cambios de los últimos 2 meses", "60"),
        ("what changed", ""),
    ],
)
def test_how_far_back_somebody_looks_is_read(text: str, days: str) -> None:
    assert numbers.days(text) == days


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("did All Windows Devices slip in by accident?", ("All Windows Devices",)),
        ("has anyone put Executives on it", ("Executives",)),
        ("Pilot Ring still in?", ("Pilot Ring",)),
        ("is grp-eu-laptops-01 covered", ("grp-eu-laptops-01",)),
        ("ist „ring zwei“ drin", ("ring zwei",)),
        ("which groups are in now", ()),
        ("is finance laptops covered?", ("finance laptops",)),
        ("are the kiosk devices in the rollout yet", ("kiosk devices",)),
        ("does finance laptops have the profile already?", ("finance laptops",)),
        ("has the group sales emea been added?", ("sales emea",)),
        ("are finance laptops and kiosk devices covered", ("finance laptops", "kiosk devices")),
        ("is finance laptops covered, CHG-2291", ("finance laptops",)),
        ("has anybody assigned Finance Laptops to it yet", ("Finance Laptops",)),
        ("ist die gruppe finance laptops schon zugewiesen?", ("finance laptops",)),
        ("est-ce que le groupe finance laptops est inclus ?", ("finance laptops",)),
        ("¿está incluido el grupo finance laptops?", ("finance laptops",)),
        ("o grupo finance laptops está incluído?", ("finance laptops",)),
        ("is the profile assigned", ()),
        ("who is covered", ()),
        ("is my pc covered", ()),
        ("is it assigned yet", ()),
    ],
)
def test_what_is_written_like_a_group_is_found_in_a_question(text: str, names: tuple[str, ...]) -> None:
    assert entities.names(text) == names


@pytest.mark.parametrize("text", ["is the group finance laptops assigned yet?", "sind die kiosk geräte zugewiesen?"])
def test_a_question_whether_groups_are_assigned_is_no_order(text: str) -> None:
    intent, values = entities.change(text, "assign")
    assert (intent, values["topic"]) == ("live", "assignment")
    assert values["names"] in text


@pytest.mark.parametrize(
    "text", ["assign to all devices", "roll it out to everyone", "weise es allen Geräten zu", "assign all users"]
)
def test_all_devices_are_no_group(text: str) -> None:
    assert entities.change(text, "assign") == ("answer", {"answer": entities.ALL_DEVICES})


def test_a_group_whose_name_begins_with_all_is_one() -> None:
    assert entities.change("assign to All Windows Devices", "assign") == ("assign", {"include": "All Windows Devices"})
