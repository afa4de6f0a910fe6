"""The commands of the Azure CLI that manifest/ uses. Entra's go to the simulated Graph as az sends them; those
of Azure are noted, one JSON object a line, for the test to look at. What az does not know ends with 2."""

import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pycep import BicepParser

GRAPH = "https://graph.microsoft.com"
V1 = f"{GRAPH}/v1.0"
SHORT = {"-o": "--output", "-g": "--resource-group", "-n": "--name"}
Options = dict[str, Any]


class Refused(Exception):
    """As az says it; the exit status is the second argument."""


def _call(method: str, url: str, body: Any = None) -> Any:
    """One call of Graph with the administrator's token."""
    if not url.startswith(f"{GRAPH}/"):
        raise Refused(f"no token for {url}", 1)
    there = os.environ["TENANT_GRAPH"] + url.removeprefix(GRAPH)
    headers = {"Authorization": f"Bearer {os.environ['TENANT_TOKEN']}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(there, data, headers, method=method)) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        raise Refused(f"{error.code} {error.read().decode()}", 1) from None


def _rest(given: Options) -> Any:
    if given.get("body") and given.get("headers") != "Content-Type=application/json":
        raise Refused("Graph wants to be told that it is JSON", 1)
    return _call(given.get("method", "GET"), given["url"], json.loads(given["body"]) if given.get("body") else None)


def _new_group(given: Options) -> Any:
    named = {"displayName": given["display-name"], "mailNickname": given["mail-nickname"]}
    return _call("POST", f"{V1}/groups", named | {"mailEnabled": False, "securityEnabled": True})


def _add_member(given: Options) -> Any:
    member = {"@odata.id": f"{V1}/directoryObjects/{given['member-id']}"}
    return _call("POST", f"{V1}/groups/{given['group']}/members/$ref", member)


def _new_app(given: Options) -> Any:
    named = {"displayName": given["display-name"], "signInAudience": given["sign-in-audience"]}
    return _call("POST", f"{V1}/applications", named)


def _new_secret(given: Options) -> Any:
    if "append" not in given:
        raise Refused("without --append every other secret of the app would be removed", 1)
    ends = datetime.now(UTC) + timedelta(days=365 * int(given["years"]))
    secret = {"displayName": given["display-name"], "endDateTime": f"{ends:%Y-%m-%dT%H:%M:%SZ}"}
    made = _call("POST", f"{_app(given)}/addPassword", {"passwordCredential": secret})
    return {"appId": given["id"], "password": made["secretText"], "tenant": os.environ["TENANT_ID"]}


def _remove_secret(given: Options) -> Any:
    return _call("POST", f"{_app(given)}/removePassword", {"keyId": given["key-id"]})


def _app(given: Options) -> str:
    return f"{V1}/applications(appId='{given['id']}')"


def _deploy(given: Options) -> Any:
    """Every parameter of the file that has no default is given, and no other."""
    declared = BicepParser().parse(text=Path(given["template-file"]).read_text("utf-8"))["parameters"]
    parameters = dict(one.partition("=")[::2] for one in given["parameters"])
    missing = [name for name, one in declared.items() if one.get("default") is None and not parameters.get(name)]
    if missing or parameters.keys() - declared.keys():
        raise Refused(f"missing: {missing}, unknown: {parameters.keys() - declared.keys()}", 1)
    return {"properties": {"outputs": {"botId": {"value": "the id of an identity"}}}}


COMMANDS: dict[str, tuple[str, Callable[[Options], Any]]] = {
    "login": ("tenant", lambda _given: None),
    "account show": ("", lambda _given: {"tenantId": os.environ["TENANT_ID"]}),
    "rest": ("url method headers body", _rest),
    "ad user show": ("id", lambda given: _call("GET", f"{V1}/users/{given['id']}")),
    "ad group create": ("display-name mail-nickname", _new_group),
    "ad group member add": ("group member-id", _add_member),
    "ad app create": ("display-name sign-in-audience", _new_app),
    "ad sp create": ("id", lambda given: _call("POST", f"{V1}/servicePrincipals", {"appId": given["id"]})),
    "ad app credential reset": ("id append display-name years", _new_secret),
    "ad app credential list": ("id", lambda given: _call("GET", _app(given))["passwordCredentials"]),
    "ad app credential delete": ("id key-id", _remove_secret),
    "group create": ("name location", lambda _given: None),
    "bot create": ("resource-group name app-type appid tenant-id endpoint sku", lambda _given: None),
    "bot msteams create": ("resource-group name", lambda _given: None),
    "deployment group what-if": ("resource-group template-file parameters", _deploy),
    "deployment group create": ("resource-group template-file parameters", _deploy),
}


def _parsed(words: list[str]) -> tuple[str, Options]:
    first = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    command, given, name = " ".join(words[:first]), Options(), ""
    for word in words[first:]:
        if word.startswith("--") or word in SHORT:
            name = SHORT.get(word, word).removeprefix("--")
            given[name] = [] if name == "parameters" else ""
        elif name == "parameters":
            given[name].append(word)
        else:
            given[name] = word
    known, _ = COMMANDS.get(command, (None, None))
    if known is None or (wrong := given.keys() - {*known.split(), "query", "output"}):
        raise Refused(f"az {command}: {'no such command' if known is None else f'unrecognized arguments: {wrong}'}", 2)
    return command, given


def _queried(answer: Any, query: str) -> Any:
    """The little of JMESPath that is used: a.b, list[].a and [?a=='b'].c."""
    if found := re.fullmatch(r"\[\?(\w+)=='([^']*)'\]\.(\w+)", query):
        return [row[found[3]] for row in answer if row[found[1]] == found[2]]
    head, several, field = query.partition("[].")
    for part in head.split("."):
        answer = answer[part]
    return [row[field] for row in answer] if several else answer


def main(words: list[str]) -> int:
    """Do it, print the answer; the exit status."""
    try:
        command, given = _parsed(words)
        answer = COMMANDS[command][1](given)
    except Refused as refused:
        print(f"ERROR: {refused.args[0]}", file=sys.stderr)
        return int(refused.args[1])
    with Path(os.environ["AZURE_NOTES"]).open("a", encoding="utf-8") as notes:
        notes.write(json.dumps({"command": command, **given}) + "\n")
    if given.get("output") != "none" and answer is not None:
        found = _queried(answer, given["query"]) if "query" in given else answer
        plain = found if isinstance(found, list) else [found]
        print("\n".join(map(str, plain)) if given.get("output") == "tsv" else json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
