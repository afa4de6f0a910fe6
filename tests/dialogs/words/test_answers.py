"""What the bot knows: whole, sourced, and right by the question set's own measure."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import ValidationError

from dialogs.words.answers import StoredAnswer, answers
from tests.conftest import BESIDE

SHARED = Path(__file__).parents[3].parent / "shared"
QUESTIONS = SHARED / "qa" / "dev.jsonl"
GRADE = SHARED / "qa" / "grade.py"
SEED = SHARED / "seed"
SENTENCES = Path(__file__).parent / "seed_sentences.tsv"
TENANT = "0b1f2d3c-0000-4000-8000-000000000001"
FILLED = {"tenant_id": TENANT, "oma_uri": f"./Device/Vendor/MSFT/PassportForWork/{TENANT}/Policies/EnablePinRecovery"}

# The answer that each question of kind `fact` wants, chosen by hand.
WANTED = {
    "d-fact-001": "minimum_version",
    "d-fact-002": "windows_1703",
    "d-fact-003": "hybrid_requirements",
    "d-fact-004": "join_types",
    "d-fact-005": "pro_edition",
    "d-fact-006": "pro_edition",
    "d-fact-007": "licence",
    "d-fact-008": "windows_11",
    "d-fact-009": "pro_edition",
    "d-fact-010": "purpose",
    "d-fact-011": "ways_to_configure",
    "d-fact-012": "rollout_order",
    "d-fact-013": "remote_reset",
    "d-fact-014": "consent_service",
    "d-fact-015": "consent_client",
    "d-fact-016": "consent_role",
    "d-fact-017": "app_ids",
    "d-fact-018": "consent_end_page",
    "d-fact-019": "verify_consent",
    "d-fact-020": "gpo_path",
    "d-fact-021": "gpo_steps",
    "d-fact-022": "settings_catalog",
    "d-fact-023": "tenant_id",
    "d-fact-024": "tenant_id_command",
    "d-fact-025": "profile_fields",
    "d-fact-026": "oma_uri",
    "d-fact-027": "data_type",
    "d-fact-028": "assign_steps",
    "d-fact-029": "onprem_requirements",
    "d-fact-030": "onprem_authentication",
    "d-fact-031": "onprem_network",
    "d-fact-032": "onprem_lock_steps",
    "d-fact-033": "vpn_hybrid",
    "d-fact-034": "video",
    "d-fact-035": "password_changes",
    "d-fact-036": "error_0x801c03ed",
    "d-fact-037": "event_300",
    "d-fact-038": "biometrics_storage",
    "d-fact-039": "document_age",
    "d-fact-040": "destructive",
    "d-fact-041": "canreset",
    "d-fact-042": "cant_open_page",
    "d-fact-043": "key_trust",
}

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"shared {BESIDE}")


def filled(entry: StoredAnswer) -> str:
    return entry.text.format_map(FILLED)


def said(entry: StoredAnswer) -> str:
    """Title and text as people see them: bold and italic signs removed."""
    return f"{entry.title}\n{filled(entry)}".replace("*", "").casefold()


def grader() -> ModuleType:
    spec = importlib.util.spec_from_file_location("grade", GRADE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fact_questions() -> list[dict[str, str]]:
    if not QUESTIONS.is_file():
        return []
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    return [row for row in rows if row["kind"] == "fact"]


@needs_shared
def test_every_fact_of_the_question_set_has_an_answer() -> None:
    assert {question["id"] for question in fact_questions()} == set(WANTED)


@needs_shared
@pytest.mark.parametrize("question", fact_questions(), ids=lambda question: question["id"])
def test_the_answer_says_what_the_question_set_expects(question: dict[str, str]) -> None:
    assert grader().check(question, filled(answers()[WANTED[question["id"]]])) == []


def seed_rows() -> list[tuple[str, str, tuple[str, ...]]]:
    lines = [line for line in SENTENCES.read_text("utf-8").splitlines() if not line.startswith("#")]
    rows = [line.split("\t") for line in lines]
    return [(start, name, tuple(filter(None, words.split("; ")))) for start, name, words in rows]


def sentences() -> list[str]:
    lines = [
        line.strip().removeprefix("-").strip()
        for file in SEED.iterdir()
        for line in file.read_text("utf-8").splitlines()
    ]
    return [sentence for line in lines if line for sentence in re.split(r'(?<=[.?!"])\s+(?=[A-Z])', line)]


@needs_shared
def test_every_sentence_of_the_2019_document_is_covered() -> None:
    starts = {start for start, _, _ in seed_rows()}
    found = {sentence: max(filter(sentence.startswith, starts), key=len, default="") for sentence in sentences()}
    assert [sentence for sentence, start in found.items() if not start] == []
    assert starts - set(found.values()) == set()


@pytest.mark.parametrize(("start", "name", "words"), [row for row in seed_rows() if row[1]], ids=str)
def test_the_answer_says_what_the_2019_document_says(start: str, name: str, words: tuple[str, ...]) -> None:
    assert words
    assert [word for word in words if word.casefold() not in said(answers()[name])] == []


@pytest.mark.parametrize("name", answers())
def test_an_answer_is_well_formed(name: str) -> None:
    entry = answers()[name]
    assert len(filled(entry)) <= 1000  # 900 as written; the placeholders may grow
    assert entry.source
    assert set(entry.related) <= answers().keys() - {name}
    assert set(re.findall(r"{(\w*)}", entry.text)) <= FILLED.keys()
    assert not re.search(r"^(?:#|\|)|`|\t", entry.text, re.MULTILINE), "Adaptive Cards draw no headings, tables, code"


def test_unverified_facts_are_called_that_and_nothing_else_is() -> None:
    called = {name for name, entry in answers().items() if "unverified" in entry.text.casefold()}
    assert called == {name for name, entry in answers().items() if entry.unverified}


def test_titles_tell_the_answers_apart() -> None:
    titles = [entry.title for entry in answers().values()]
    assert len(titles) == len(set(titles))


def test_a_misspelt_field_is_refused() -> None:
    right = {"title": "A", "text": "A.", "source": "somewhere"}
    assert StoredAnswer.model_validate(right).text == "A."
    for wrong in ({**right, "txt": "A."}, {**right, "related": ["a", "b", "c", "d"]}, {**right, "link": "ftp://x"}):
        with pytest.raises(ValidationError):
            StoredAnswer.model_validate(wrong)
