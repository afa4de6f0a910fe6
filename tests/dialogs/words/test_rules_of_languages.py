"""Plurals, numbers, days, moments and lists are those of the reader's language, and of their region."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dialogs.words import answers, cldr, faults, texts
from dialogs.words.replies import Names, Text, Value

MOMENT = datetime(2026, 11, 27, 14, 5, 30, tzinfo=UTC)
IN_BERLIN = MOMENT.astimezone(ZoneInfo("Europe/Berlin"))
NARROW = "\N{NARROW NO-BREAK SPACE}"
POLISH = {
    "pc": {"one": "{count} komputer", "few": "{count} komputery", "many": "{count} komputerów", "other": "…{count}"}
}


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Locales of our own beside English; nothing of them is remembered afterwards."""
    (tmp_path / "en").symlink_to(texts.LOCALES / "en")
    for module in (texts, answers):
        monkeypatch.setattr(module, "LOCALES", tmp_path)
    cached = (texts.own, texts.words, texts._words, texts.languages, answers.spoken, answers.sentences)
    for one in cached:
        one.cache_clear()
    yield tmp_path
    for one in cached:
        one.cache_clear()


def write(folder: Path, **nouns: dict[str, str]) -> None:
    folder.mkdir()
    forms = (
        f"[count.{noun}]\n" + "".join(f'{form} = "{said}"\n' for form, said in of.items()) for noun, of in nouns.items()
    )
    folder.joinpath("commands.toml").write_text("".join(forms), "utf-8")


def counted(words: texts.Words, count: int) -> str:
    return words.plain(Text("effect.reckoned.gained", {"count": count, "names": "X"}))


@pytest.mark.parametrize(
    ("tag", "value", "shown"),
    [
        ("en", 1_234_567, "1,234,567"),
        ("de", 1_234_567, "1.234.567"),
        ("fr", 1_234_567, f"1{NARROW}234{NARROW}567"),
        ("pt-PT", 1_234_567, "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567"),
        ("ja", 1_234_567, "1,234,567"),
        ("en", date(2026, 11, 27), "Nov 27, 2026"),
        ("en-GB", date(2026, 11, 27), "27 Nov 2026"),
        ("de", date(2026, 11, 27), "27.11.2026"),
        ("pt-BR", date(2026, 11, 27), "27 de nov. de 2026"),
        ("ja", date(2026, 11, 27), "2026/11/27"),
        ("en-US", MOMENT, f"Nov 27, 2026, 2:05{NARROW}PM UTC"),
        ("de-AT", IN_BERLIN, "27.11.2026, 15:05 Europe/Berlin"),
        ("ja-JP", MOMENT, "2026/11/27 14:05 UTC"),
        ("en", Names(("A", "B", "C")), "A, B, and C"),
        ("de", Names(("A", "B", "C")), "A, B und C"),
        ("ja", Names(("A", "B")), "A、B"),
        ("ja", Names(("A", "B"), more=True), "A、B"),
        ("de", Names(("A", "B"), more=True), "A, B"),
        ("de", "1234567", "1234567"),  # an id stays as it is
    ],
)
def test_a_value_is_written_as_the_reader_writes_it(tag: str, value: Value, shown: str) -> None:
    assert texts.words(tag).shown(value) == shown


def test_names_in_a_list_are_shown_literally() -> None:
    assert texts.words("en").shown(Names(("a\u202eb", "c"))) == "a\ufffdb and c"


def test_a_region_that_speaks_another_language_changes_no_date() -> None:
    assert texts.words("xx-DE").shown(date(2026, 11, 27)) == "Nov 27, 2026"


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 komputer"), (3, "3 komputery"), (5, "5 komputerów"), (22, "22 komputery")]
)
def test_a_noun_has_all_forms_of_its_language(folders: Path, count: int, said: str) -> None:
    write(folders / "pl", **POLISH)
    assert said in counted(texts.words("pl-PL"), count)
    assert [*faults.faults()] == []


@pytest.mark.parametrize(
    ("language", "forms", "fault"),
    [
        ("pl", ("one", "other"), "pl: count.pc: lacks the form few, many"),
        ("ja", ("one", "other"), "ja: count.pc: one: no form that ja has"),
        ("de", ("other",), "de: count.pc: lacks the form one"),
        ("xx", ("other",), "xx: no language that CLDR knows; name the folder by its tag, such as nl or pt-br"),
    ],
)
def test_a_form_that_a_language_lacks_or_has_not_is_named(
    folders: Path, language: str, forms: tuple[str, ...], fault: str
) -> None:
    write(folders / language, pc=dict.fromkeys(forms, "{count} PC"))
    assert [*faults.faults()] == [fault]


@pytest.mark.parametrize("language", ["fr", "es", "pt"])
def test_the_form_of_millions_may_be_written_or_left_out(folders: Path, language: str) -> None:
    write(
        folders / language,
        pc={"one": "{count} PC", "other": "{count} PCs"},
        user={"one": "{count} u", "many": "{count} de us", "other": "{count} us"},
    )
    assert [*faults.faults()] == []
    assert "PCs" in counted(texts.words(language), 1_000_000)


def test_nought_is_one_in_french(folders: Path) -> None:
    write(folders / "fr", pc={"one": "{count} poste", "other": "{count} postes"})
    assert "0 poste:" in counted(texts.words("fr"), 0)


def test_a_form_may_leave_its_number_out_only_where_it_stands_for_one_alone(folders: Path) -> None:
    write(folders / "de", time={"one": "Einmal", "other": "{count}-mal"})
    write(folders / "fr", time={"one": "Une fois", "other": "{count} fois"})
    assert [*faults.faults()] == ["fr: count.time: one: other placeholders than {count}"]


def test_a_region_has_its_own_words_and_its_languages_for_the_rest(folders: Path) -> None:
    write(
        folders / "pt",
        pc={"one": "{count} PC", "other": "{count} PCs"},
        user={"one": "{count} usuário", "other": "{count} usuários"},
    )
    write(folders / "pt-pt", user={"one": "{count} utilizador", "other": "{count} utilizadores"})
    of_both = Text("effect.members.both", {"devices": 2, "users": 2})
    assert "2 utilizadores" in texts.words("pt-PT").plain(of_both)
    assert "2 usuários" in texts.words("pt-BR").plain(of_both)
    assert "2 PCs" in counted(texts.words("pt-PT"), 2)
    assert texts.of_locale("pt-AO") == "pt"


@pytest.mark.parametrize(
    ("language", "tag", "said"),
    [("pt", "pt-BR", "pt-BR"), ("de", "pt-BR", "de"), ("en", "en-GB", "en-GB"), ("en", "", "en")],
)
def test_an_answer_has_the_readers_region_where_it_is_in_their_language(language: str, tag: str, said: str) -> None:
    assert texts.said_in(language, tag) == said


def test_a_tag_is_only_the_clients_word() -> None:
    for tag in ("", "-", "../../etc", "de-../..", "x" * 500, "de_DE@euro", "\0"):
        assert texts.words(tag).shown(1000)
    assert cldr.regional("de", "de-\0").language == "de"
