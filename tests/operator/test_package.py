"""The Teams app package: what an administrator uploads is what Teams accepts, and its words are what the bot knows."""

import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot import config
from bot.operator import package
from bot.operator.package import PackageError
from dialogs.understanding.understand import prepare, understand

MODULE = Path(__file__).parent / "node_modules/@microsoft/app-manifest"
GIVEN = {
    "MICROSOFT_APP_ID": "11111111-2222-3333-4444-555555555555",
    "MICROSOFT_APP_TYPE": "UserAssignedMSI",
    "MICROSOFT_APP_TENANT_ID": "66666666-2222-3333-4444-555555555555",
    "PINBOT_ADMIN_GROUP_ID": "77777777-2222-3333-4444-555555555555",
    "PINBOT_APPROVER_GROUP_ID": "88888888-2222-3333-4444-555555555555",
    "PINBOT_AUDIT_KEY": "k" * 32,
    "PINBOT_PUBLIC_URL": "https://pinbot.contoso.com",
    "PINBOT_ORGANISATION": "Twenty letters, no 1",
    "PINBOT_PRIVACY_URL": "https://contoso.com/privacy",
}


def _made(**other: str) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package.package(config.simulated(GIVEN | other)))) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist()}


def _json(name: str, **other: str) -> Any:
    return json.loads(_made(**other)[name])


def test_the_zip_holds_the_manifest_both_icons_and_a_file_for_each_language_and_nothing_else() -> None:
    named = _json("manifest.json")["localizationInfo"]
    files = [named["defaultLanguageFile"], *(one["file"] for one in named["additionalLanguages"])]
    assert sorted(_made()) == sorted([*files, "manifest.json", "color.png", "outline.png"])
    assert set(package.languages()) == {"en", "de", "fr", "es", "pt", "ja"}


def test_the_same_settings_give_the_same_bytes_and_another_bot_another_app() -> None:
    assert package.package(config.simulated(GIVEN)) == package.package(config.simulated(GIVEN))
    other = "99999999-2222-3333-4444-555555555555"
    assert _json("manifest.json", MICROSOFT_APP_ID=other)["id"] != _json("manifest.json")["id"]
    assert _json("manifest.json", PINBOT_TEAMS_APP_ID=other)["id"] == other


def test_the_bot_may_install_itself_since_the_app_names_it() -> None:
    manifest = _json("manifest.json")
    assert manifest["webApplicationInfo"]["id"] == manifest["bots"][0]["botId"] == GIVEN["MICROSOFT_APP_ID"]
    assert manifest["validDomains"] == ["pinbot.contoso.com"]


@pytest.mark.parametrize("setting", ["PINBOT_PUBLIC_URL", "PINBOT_ORGANISATION", "PINBOT_PRIVACY_URL"])
def test_a_setting_that_is_missing_is_named_with_what_it_is_for(setting: str) -> None:
    with pytest.raises(PackageError, match=f"{setting} is missing: "):
        package.package(config.simulated({name: value for name, value in GIVEN.items() if name != setting}))


@pytest.mark.parametrize("language", package.languages())
def test_every_prompt_starter_is_understood_as_its_command_in_its_language(language: str) -> None:
    prepare()
    said = package.words(language)["commands"]
    prompts = {name: one["prompt"] for name, one in said.items() if "prompt" in one}
    assert {name: understand(text, language).intent for name, text in prompts.items()} == {
        name: name for name in prompts
    }
    assert set(said) == set(package.words("en")["commands"])


def test_every_other_command_is_titled_as_it_is_typed() -> None:
    lists = _json("manifest.json")["bots"][0]["commandLists"]
    typed = [one["title"] for each in lists for one in each["commands"] if one.get("type") != "prompt"]
    assert typed
    assert all(understand(title, "en").intent == title for title in typed)


@pytest.mark.parametrize(
    ("name", "side", "colour", "why"),
    [
        ("color.png", 191, (1, 2, 3, 255), "192 by 192"),
        ("color.png", 192, (1, 2, 3, 254), "full square"),
        ("outline.png", 32, (255, 255, 254, 255), "white on nothing"),
    ],
)
def test_an_icon_that_teams_would_refuse_is_told_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, side: int, colour: tuple[int, ...], why: str
) -> None:
    shutil.copytree("manifest/teams", tmp_path / "teams")
    Image.new("RGBA", (side, side), colour).save(tmp_path / "teams" / name)
    monkeypatch.setattr(package, "FOLDER", tmp_path / "teams")
    with pytest.raises(PackageError, match=f"{name} must .*{why}"):
        package.package(config.simulated(GIVEN))


def test_what_breaks_the_schema_is_told_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree("manifest/teams", tmp_path / "teams")
    template = tmp_path / "teams" / "manifest.json"
    template.write_text(template.read_text().replace("#0F6CBD", "blue"))
    (tmp_path / "teams" / "color.png").write_text("no picture")
    monkeypatch.setattr(package, "FOLDER", tmp_path / "teams")
    with pytest.raises(PackageError, match=r"(?s)manifest.json: accentColor: .*color.png is no PNG"):
        package.package(config.simulated(GIVEN))


@pytest.mark.skipif(not MODULE.exists(), reason="needs npm's @microsoft/app-manifest: npm ci in tests/operator")
def test_microsofts_own_validator_finds_nothing(tmp_path: Path) -> None:
    for name, content in _made().items():
        (tmp_path / name).write_bytes(content)
    script = (
        f"require('{MODULE}').AppManifestUtils.readAndValidateTeamsManifest('{tmp_path}/manifest.json')"
        ".then(([_, found]) => console.log(JSON.stringify(found)))"
    )
    assert json.loads(subprocess.check_output(["node", "-e", script])) == []
