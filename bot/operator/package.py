"""The Teams app package: what a Teams administrator uploads to the organisation's catalogue, so that people can install
the bot.

Drawn from the template and the words in `manifest/teams/`, the list of commands and the settings; the same input gives
the same bytes. Limits and fields: Microsoft's manifest schema 1.30, which lies beside the template.
"""

import io
import json
import string
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, cast
from urllib.parse import urlsplit

from bot import __version__
from bot.config import Settings
from dialogs.understanding import typed

FOLDER = files("manifest.teams")
DEFAULT = "en"
ICONS = {"color.png": 192, "outline.png": 32}  # width and height in pixels
WHITE = (255, 255, 255)
_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold; today's would change the bytes each day
_PARTS = ("name", "description")  # each short and full
_NEEDED = {
    "public_url": "the address under which Teams reaches the bot",
    "organisation": "who publishes the app, and the first word of its name",
    "privacy_url": "what your organisation says about personal data; Teams shows it beside the app",
}

Json = dict[str, Any]


class PackageError(Exception):
    """The package can't be made; one line for each thing to mend."""


def package(settings: Settings) -> bytes:
    """The zip. Raises PackageError; what is wrong is never written."""
    contents = {f"{name}.json": _bytes(part) for name, part in _documents(settings).items()}
    contents |= {icon: FOLDER.joinpath(icon).read_bytes() for icon in ICONS}
    if wrong := [*_faults(contents)]:
        raise PackageError("\n".join(wrong))
    return _zipped(contents)


def app_id(settings: Settings) -> str:
    """The app's own id in the catalogue."""
    return settings.catalogue_id


@cache
def languages() -> tuple[str, ...]:
    """Those that the app's words are in, the default first."""
    found = sorted(one.name.removesuffix(".toml") for one in FOLDER.iterdir() if one.name.endswith(".toml"))
    return (DEFAULT, *(one for one in found if one != DEFAULT))


def words(language: str) -> Json:
    """What Teams shows of the app and its commands in that language."""
    return tomllib.loads(FOLDER.joinpath(f"{language}.toml").read_text("utf-8"))


def _documents(settings: Settings) -> dict[str, Json]:
    """The manifest, and a file for each language."""
    values = _values(settings)
    filled = string.Template(FOLDER.joinpath("manifest.json").read_text("utf-8")).substitute(
        {name: json.dumps(value)[1:-1] for name, value in values.items()}
    )
    manifest: Json = json.loads(filled)
    lists = [one["commands"] for one in manifest["bots"][0]["commandLists"]]
    english = _said(DEFAULT, values)
    manifest |= {part: {"short": english[f"{part}.short"], "full": english[f"{part}.full"]} for part in _PARTS}
    manifest["localizationInfo"] = {
        "defaultLanguageTag": DEFAULT,
        "defaultLanguageFile": f"{DEFAULT}.json",
        "additionalLanguages": [{"languageTag": one, "file": f"{one}.json"} for one in languages()[1:]],
    }
    for commands in manifest["bots"][0]["commandLists"]:
        commands["commands"] = [_command(name, words(DEFAULT)["commands"][name]) for name in commands["commands"]]
    return {"manifest": manifest} | {one: _language(one, lists, values) for one in languages()}


def _values(settings: Settings) -> dict[str, str]:
    """What the template leaves open. Raises PackageError where a setting is missing."""
    missing = [
        f"{Settings.model_fields[name].alias} is missing: {why}"
        for name, why in _NEEDED.items()
        if not getattr(settings, name)
    ]
    if missing:
        raise PackageError("\n".join(missing))
    return {
        "version": __version__,
        "app_id": app_id(settings),
        "bot_id": settings.app_id,
        "organisation": settings.organisation,
        "website": settings.public_url,
        "privacy": settings.privacy_url,
        "terms": settings.terms_url or settings.privacy_url,
        "host": urlsplit(settings.public_url).hostname or "",
    }


def _said(language: str, values: Mapping[str, str]) -> dict[str, str]:
    found = words(language)
    return {f"{part}.{size}": found[part][size].format(**values) for part in _PARTS for size in ("short", "full")}


def _command(name: str, said: Mapping[str, str]) -> Json:
    """A prompt starter, or a command by the words that it is typed with."""
    if "prompt" in said:
        return {"type": "prompt", **{part: said[part] for part in ("title", "description", "prompt")}}
    return {"title": title(name), "description": said["description"]}


def title(name: str) -> str:
    """How a command is typed, in English as in typed.toml. Raises PackageError for one that never is."""
    typed_words = next((one.words for one in typed.commands() if one.intent == name), None)
    if typed_words is None:
        raise PackageError(f"manifest/teams/manifest.json names {name}, which no command is typed as")
    return typed_words


def _language(language: str, lists: list[list[str]], values: Mapping[str, str]) -> Json:
    schema = "https://developer.microsoft.com/json-schemas/teams/v1.30/MicrosoftTeams.Localization.schema.json"
    said = words(language)["commands"]
    shown = {
        f"bots[0].commandLists[{row}].commands[{column}].{part}": text
        for row, names in enumerate(lists)
        for column, name in enumerate(names)
        for part, text in said[name].items()
    }
    return {"$schema": schema, **_said(language, values), **shown}


def _faults(contents: Mapping[str, bytes]) -> Iterator[str]:
    """All that Teams would refuse."""
    for name, content in contents.items():
        if name.endswith(".json"):
            yield from _breaks(
                name, json.loads(content), "schema" if name == "manifest.json" else "localization.schema"
            )
        else:
            yield from _icon_faults(name, content)


def _breaks(name: str, document: Json, schema: str) -> Iterator[str]:
    from jsonschema import Draft4Validator  # noqa: PLC0415 - what serves never needs it

    rules = json.loads(FOLDER.joinpath(f"{schema}.json").read_text("utf-8-sig"))
    for error in Draft4Validator(rules).iter_errors(document):
        yield f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def _icon_faults(name: str, content: bytes) -> Iterator[str]:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - as above

    try:
        picture = Image.open(io.BytesIO(content), formats=["PNG"]).convert("RGBA")
    except UnidentifiedImageError:
        yield f"{name} is no PNG"
        return
    side = ICONS[name]
    if picture.size != (side, side):
        yield f"{name} must have {side} by {side} pixels"
    colours = {cast("tuple[int, ...]", pixel) for _, pixel in picture.getcolors(side * side) or ()}
    if name == "outline.png" and any(pixel[:3] != WHITE for pixel in colours if pixel[3]):
        yield f"{name} must be white on nothing: no other colour, no background"
    if name == "color.png" and any(pixel[3] != 255 for pixel in colours):
        yield f"{name} must be a full square: no pixel may be transparent"


def _bytes(document: Json) -> bytes:
    return json.dumps(document, indent=2, ensure_ascii=False).encode()


def _zipped(contents: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, contents[name])
    return written.getvalue()
