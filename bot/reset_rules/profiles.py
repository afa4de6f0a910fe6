"""What the rows of Intune's profiles and policies say of EnablePinRecovery: parsed, each row judged, nothing guessed.

Rows are Graph's JSON as it was read; who reads it is bot.tenant.sources, what follows from it bot.reset_rules.sources.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from bot.reset_rules.sources import Aspect, Difference, RecoverySource, Row, Rows, Scope, Setting, SourceKind

BOOLEAN = "#microsoft.graph.omaSettingBoolean"
ACCOUNT_PROTECTION = "endpointsecurityaccountprotection"  # the family of Endpoint security > Account protection

_LAST = "enablepinrecovery"
_HEAD, _TAIL = ("vendor", "msft", "passportforwork"), ("policies", _LAST)
_CATALOG_NODE = re.compile(r"(?P<scope>device|user)?.*_passportforwork_.+_policies_enablepinrecovery")
_INTENT_NODE = "windowsidentityprotectionconfiguration_pinrecoveryenabled"
_SAID = {"true": True, "false": False}
_BLANK_LETTERS = frozenset("\u2800\u3164\u115f\u1160\uffa0")  # letters by their class, blank to the eye
_MOST_ESCAPED = 3  # times that somebody may have escaped a path


def oma_uri(tenant_id: str, scope: Scope = Scope.DEVICE) -> str:
    """The node of the CSP, in its exact case; the newest page's `Policy/PassportForWork` matches no node."""
    return f"./{scope.capitalize()}/Vendor/MSFT/PassportForWork/{tenant_id}/Policies/EnablePinRecovery"


def custom(profile: Row, tenant_id: str, assignments: Rows | None) -> RecoverySource | None:
    """A custom profile with at least one row for the node, however it is written; None: it has none."""
    rows = own_rows(profile)
    if not rows:
        return None
    return RecoverySource(
        SourceKind.CUSTOM,
        _text(profile, "id"),
        _text(profile, "displayName"),
        tuple(_judged(row, tenant_id) for row in rows),
        assignments,
        profile=profile,
    )


def catalog(policy: Row, settings: Rows | None, assignments: Rows | None = ()) -> RecoverySource | None:
    """A policy of the settings catalog or of Account protection, which is made of the same. `settings` None: unread."""
    family = _text(policy.get("templateReference") or {}, "templateFamily").lower()
    kind = SourceKind.ACCOUNT_PROTECTION if family == ACCOUNT_PROTECTION else SourceKind.CATALOG
    return _policy(kind, policy, None if settings is None else tuple(_in_catalog(settings)), assignments)


def intent(policy: Row, settings: Rows | None, assignments: Rows | None = ()) -> RecoverySource | None:
    """An old policy of Account protection (Preview)."""
    return _policy(SourceKind.INTENT, policy, None if settings is None else tuple(_in_intent(settings)), assignments)


def template(profile: Row, assignments: Rows | None = ()) -> RecoverySource | None:
    """A profile of the old template Identity protection. Its false is what its page calls Not configured, and nobody
    says whether PCs get it."""
    value = profile.get("pinRecoveryEnabled")
    settings = (Setting(Scope.DEVICE, value, certain=value),) if isinstance(value, bool) else ()
    return _policy(SourceKind.TEMPLATE, profile, settings, assignments)


def own_rows(profile: Row) -> Rows:
    """The rows of a custom profile that mean the node, however they are written."""
    return tuple(row for row in profile.get("omaSettings") or () if _segments(_text(row, "omaUri"))[-1:] == [_LAST])


def is_working(row: Row, tenant_id: str, scope: Scope) -> bool:
    """Does a row set a value for devices, or for users, as it stands and without any doubt?"""
    setting = _judged(row, tenant_id)
    return setting.scope is scope and setting.certain and setting.value is not None


def differences(profile: Row, tenant_id: str) -> tuple[Difference, ...]:
    """In what a custom profile is wrong: of the row that is least so. None where one row is right, or works for users,
    and no other one contradicts it."""
    found = custom(profile, tenant_id, ())
    if found is None:
        return ()
    wrong = [one.wrong for one in found.settings if one.wrong]
    if found.is_right or found.for_users or not wrong:
        return ()
    contradicting = [one.wrong for one in found.settings if one.value is False and one.wrong]
    return min(contradicting or wrong, key=len)


def visible(text: str) -> str:
    """With each blank shown: a space as an open box, others by their number."""
    return "".join(("␣" if one == " " else f"[U+{ord(one):04X}]") if _is_blank(one) else one for one in text)


def _policy(
    kind: SourceKind, policy: Row, settings: tuple[Setting, ...] | None, assignments: Rows | None
) -> RecoverySource | None:
    if settings == ():
        return None
    name = _text(policy, "name") or _text(policy, "displayName") or "–"
    return RecoverySource(kind, _text(policy, "id"), name, settings or (), assignments, is_read=settings is not None)


def _judged(row: Row, tenant_id: str) -> Setting:
    """One row of a custom profile. Only a Boolean at this tenant's node is surely taken by a PC; one that is written in
    an odd way may be, since nobody documents what Windows makes of it; any other sets nothing."""
    scope, wrong, is_node = _place(_text(row, "omaUri"), tenant_id.lower())
    value = row.get("value")
    if _text(row, "@odata.type") != BOOLEAN:
        odd = Difference(aspect=Aspect.TYPE, found=_text(row, "@odata.type"), wanted=BOOLEAN)
        return Setting(scope, None, (*wrong, odd))
    right = isinstance(value, bool)
    if value is not True:
        said = json.dumps(value, ensure_ascii=False, sort_keys=True)
        wrong = (*wrong, Difference(aspect=Aspect.VALUE, found=said, wanted="true"))
    spelling = any(one.aspect is not Aspect.VALUE for one in wrong)
    return Setting(scope, value if right and is_node else None, wrong, certain=not (is_node and spelling))


def _place(uri: str, tenant_id: str) -> tuple[Scope, tuple[Difference, ...], bool]:
    """For whom a path sets the value, in what it is wrong, and whether what is meant is this tenant's node.

    `./Vendor` means `./Device/Vendor`; case is not compared, but what is written has the exact one.
    """
    parts = [part for part in _segments(uri) if part != "."]
    scope = Scope.USER if parts[:1] == [Scope.USER] else Scope.DEVICE
    wanted = oma_uri(tenant_id, scope)
    rest = parts[1:] if parts[:1] in ([Scope.DEVICE], [Scope.USER]) else parts
    if (*rest[:3], *rest[4:]) != (*_HEAD, *_TAIL):
        return scope, (Difference(aspect=Aspect.PATH, found=visible(uri), wanted=wanted),), False
    bare = rest[3].strip("{}")
    checks = (
        (Aspect.PATH, not _is_exact(uri, rest[3], scope)),
        (Aspect.BRACES, bare != rest[3]),
        (Aspect.TENANT, bare != tenant_id),
    )
    wrong = (Difference(aspect=aspect, found=visible(uri), wanted=wanted) for aspect, holds in checks if holds)
    return scope, tuple(wrong), bare == tenant_id


def _is_exact(uri: str, tenant: str, scope: Scope) -> bool:
    path = uri.lower()
    path = f"./device{path[1:]}" if path.startswith("./vendor/") else path
    return path == f"./{scope}/{'/'.join((*_HEAD, tenant, *_TAIL))}"


def _segments(uri: str) -> list[str]:
    """The parts of a path, in small letters, with whatever people and web pages put in between taken out."""
    for _ in range(_MOST_ESCAPED):
        uri = unquote(uri)
    plain = unicodedata.normalize("NFKC", "".join(one for one in uri if not _is_blank(one)))
    parts = plain.replace("\\", "/").casefold().split("/")
    return [part for part in ("".join(one for one in part if not _is_blank(one)) for part in parts) if part]


def _is_blank(letter: str) -> bool:
    """Separators, controls and formats of Unicode, and letters that show nothing."""
    return unicodedata.category(letter)[0] in "ZC" or letter in _BLANK_LETTERS


def _in_catalog(rows: object) -> Iterator[Setting]:
    """Settings hold settings, to any depth. A choice that says neither true nor false can't be judged."""
    if isinstance(rows, list | tuple):
        for row in rows:
            yield from _in_catalog(row)
    elif isinstance(rows, Mapping):
        node = _CATALOG_NODE.fullmatch(str(rows.get("settingDefinitionId")).lower())
        if node:
            choice = rows.get("choiceSettingValue")
            chosen = choice.get("value") if isinstance(choice, Mapping) else None
            yield _said(node["scope"] or "", str(chosen).lower().rpartition("_")[2])
        yield from _in_catalog([*rows.values()])


def _in_intent(rows: Iterable[Row]) -> Iterator[Setting]:
    """All that its template knows is there; "null" is what is not set."""
    for row in rows:
        said = str(row.get("valueJson")).lower().strip('"')
        if str(row.get("definitionId")).lower().endswith(_INTENT_NODE) and said not in {"null", "none"}:
            yield _said("", said)


def _said(scope: str, said: str) -> Setting:
    value = _SAID.get(said)
    return Setting(Scope.USER if scope == Scope.USER else Scope.DEVICE, value, certain=value is not None)


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""
