"""main.bicep is what Azure's resource types take, as far as that can be seen without Azure: each resource against
Microsoft's schema of its API version, each name against what is declared."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from jsonschema.exceptions import best_match
from pycep import BicepParser

from bot.config import Settings

FILE = Path("manifest/azure/main.bicep")
SCHEMAS = Path(__file__).parent / "arm"
EXPRESSION = "[an expression]"
OF_BICEP = {"parent", "scope", "dependsOn"}  # no part of a type
WORDS = {
    "param",
    "var",
    "output",
    "resource",
    "targetScope",
    "string",
    "bool",
    "int",
    "object",
    "array",
    "true",
    "false",
}
Json = Any


@cache
def _source() -> str:
    return FILE.read_text("utf-8")


def _parsed(source: str) -> Json:
    return json.loads(json.dumps(BicepParser().parse(text=source), default=str))


def _as_arm(value: Json, symbols: set[str]) -> Json:
    """As ARM would be given it; each expression is a string in brackets."""
    if isinstance(value, dict):
        if value.keys() & {"operator", "function", "conditional"}:
            return EXPRESSION
        return {EXPRESSION if "${" in name else name: _as_arm(one, symbols) for name, one in value.items()}
    if isinstance(value, list):
        return [_as_arm(one, symbols) for one in value]
    return EXPRESSION if isinstance(value, str) and ("${" in value or value in symbols) else value


def _faults(source: str) -> Iterator[str]:
    """Of every resource, against the schema of its type."""
    tree = _parsed(source)
    symbols = set(tree["parameters"]) | set(tree["variables"]) | set(tree["resources"])
    for symbol, resource in tree["resources"].items():
        provider, _, path = resource["type"].partition("/")
        file = SCHEMAS / f"{provider}@{resource['api_version']}.json"
        known = json.loads(file.read_text()) if file.exists() else {"resources": {}}
        schema = known["resources"].get(path.replace("/", "_"))
        if schema is None:
            yield f"{symbol}: no schema of {resource['type']}@{resource['api_version']}"
            continue
        body = _as_arm({name: one for name, one in resource["config"].items() if name not in OF_BICEP}, symbols)
        body |= {"type": resource["type"], "apiVersion": resource["api_version"]}
        found = best_match(Draft4Validator(schema | {"definitions": known["definitions"]}).iter_errors(body))
        if found:
            yield f"{symbol}: {'.'.join(map(str, found.absolute_path))}: {found.message}"


def _unknown(source: str) -> set[str]:
    """Names that are used and neither a parameter, a variable nor a resource. Not properties, keys or functions."""
    said = " ".join(re.findall(r"\$\{([^}]*)\}", source))
    bare = re.sub(r"//.*|'[^'\n]*'", "", source)
    used = set(re.findall(r"(?<![.\w@$])([A-Za-z]\w*)\b(?!\s*[:(])", f"{bare} {said}"))
    declared = set(re.findall(r"^(?:param|var|resource|output) (\w+)", bare, re.MULTILINE))
    return used - declared - WORDS


def test_every_resource_is_what_its_type_takes() -> None:
    assert len(_parsed(_source())["resources"]) == 13
    assert [*_faults(_source())] == []


def test_every_name_is_declared() -> None:
    assert _unknown(_source()) == set()


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("endpoint: 'https", "endpiont: 'https"),
        ("msaAppType: 'UserAssignedMSI'", "msaAppType: 'UserAsignedMSI'"),
        ("channelName: 'MsTeamsChannel'", "channelName: 'TeamsChannel'"),
        ("name: 'MsTeamsChannel'", "name: 'TeamsChannel'"),
        ("acceptedTerms: true", "acceptTerms: true"),
        ("isEnabled: true", "isEnabled: 'yes'"),
        ("minReplicas: 1", "minReplica: 1"),
        ("botServices@2022-09-15", "botServices@2022-09-16"),
        ("        targetPort: 3978\n", "        targetPort: 'http'\n"),
        ("    version: '16'", "    versoin: '16'"),
    ],
)
def test_a_slip_in_a_resource_is_found(right: str, wrong: str) -> None:
    assert right in _source()
    assert len([*_faults(_source().replace(right, wrong, 1))]) == 1


@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("principalId: identity.", "principalId: identiy.", "identiy"),
        ("parent: vault\n", "parent: vualt\n", "vualt"),
        ("take('${name}-${unique}'", "take('${name}-${uniqe}'", "uniqe"),
        ("value: helpDesk\n", "value: helpdesk\n", "helpdesk"),
    ],
)
def test_a_slip_in_a_name_is_found(right: str, wrong: str, name: str) -> None:
    assert right in _source()
    assert _unknown(_source().replace(right, wrong, 1)) == {name}


def test_the_container_app_is_given_settings_of_this_bot_and_all_that_have_no_default() -> None:
    (container,) = _parsed(_source())["resources"]["app"]["config"]["properties"]["template"]["containers"]
    given = {one["name"] for one in container["env"]}
    known = {str(field.alias): field.is_required() for field in Settings.model_fields.values()}
    assert given <= known.keys()
    assert {name for name, required in known.items() if required} <= given


def test_a_bot_that_can_not_reach_graph_still_gets_what_people_write() -> None:
    """Readiness decides whether calls come in, and help needs no Graph; /readyz is for who is paged."""
    assert _source().count("path: '/healthz'") == 3
    assert "path: '/readyz'" not in _source()
