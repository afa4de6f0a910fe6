"""What a text says of a device: Windows version, edition, join, CanReset, error codes. Only what stands there."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dialogs.understanding.folding import plain
from dialogs.understanding.windows import BUILDS, LTSC_BUILDS, RELEASES, is_windows_11, release_of

LONGEST = 20_000  # characters: a whole dsregcmd output has about 5,000


@dataclass(frozen=True, slots=True)
class FactsInText:
    """Empty where nothing is said, or where two different things are said.

    `edition`: enterprise, education, pro, home. `join`: entra, hybrid, registered, on_premises. `trust`: key,
    certificate, cloud. `can_reset`: as dsregcmd writes it. `error_codes`: 0x…, CAA…, AADSTS…, in their order.
    """

    build: int | None = None  # third number of the Windows version
    windows: str = ""  # "10" or "11"
    version: str = ""  # "1803", "22H2"
    edition: str = ""
    ltsc: bool = False
    join: str = ""
    trust: str = ""
    tenant_id: str = ""
    can_reset: str = ""
    error_codes: tuple[str, ...] = ()
    hello_set: str = ""  # NgcSet: yes, no
    provisioning: str = ""  # PreReqResult: will, will_not
    against: tuple[str, ...] = ()  # the checks of the set-up that say NO, as dsregcmd names them
    token: str = ""  # AzureAdPrt: yes, no
    device_auth: str = ""  # DeviceAuthStatus: success, failed
    pasted: bool = False  # an output of dsregcmd

    def said(self) -> dict[str, str]:
        """What is said of a PC, as strings by its name."""
        named = {
            "build": str(self.build or ""),
            "edition": self.edition,
            "ltsc": "yes" if self.ltsc else "",
            "join": self.join,
            "trust": self.trust,
            "tenant_id": self.tenant_id,
            "can_reset": self.can_reset,
            "hello_set": self.hello_set,
            "provisioning": self.provisioning,
            "against": ", ".join(self.against),
            "token": self.token,
            "device_auth": self.device_auth,
        }
        return {name: value for name, value in named.items() if value}


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_WINDOWS = _pattern(r"\b(?:windows|win|w)[ -]?(10|11)\b")
_FULL_BUILD = _pattern(r"\b10\.0\.(\d{5})\b|\bbuild[ :]{0,3}(\d{5})\b")
_BARE_BUILD = _pattern(r"(?<![\w.,-])(" + "|".join(map(str, BUILDS.values())) + r")(?![\w-])")
_YEAR = "2004"  # a version too, but only beside such a word
_NUMBERED = "|".join(one.version for one in RELEASES if one.version.isdigit() and one.version != _YEAR)
_VERSION = _pattern(rf"(?<![\d.:/-])v?({_NUMBERED}|2\dH[12])(?![\w:/-]|\.\d)")
_VERSION_2004 = _pattern(rf"\b(?:version|ver\.?|windows 10|win ?10|w10|v)[ ,]{{0,2}}({_YEAR})\b")
_LTSC_YEAR = _pattern(r"\blts[cb][ -]?(20\d\d)\b")
_LTSC_WORD = _pattern(r"\blts[cb]\b")
_TENANT = _pattern(r"tenant[ _-]?id\W{0,12}([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f-])")
_CAN_RESET = _pattern(
    r"\bcan ?reset\W{0,12}(Unknown)\b|\b(DestructiveAndNonDestructive|NonDestructiveOnly|DestructiveOnly)\b"
)
_CAN_RESET_WORDS = {
    word.casefold(): word
    for word in ("DestructiveAndNonDestructive", "NonDestructiveOnly", "DestructiveOnly", "Unknown")
}
_DSREGCMD = _pattern(r"\b(AzureAdJoined|DomainJoined|WorkplaceJoined)\s{0,40}:\s{0,40}(YES|NO)\b")
_CHECKS = (
    *("IsDeviceJoined", "IsUserAzureAD", "PolicyEnabled", "PostLogonEnabled", "DeviceEligible", "SessionIsNotRemote"),
    *("AdfsRefreshToken", "AdfsRaIsReady", "LogonCertTemplateReady", "OnPremTGT", "CloudTGT"),
)
_LINE = _pattern(rf"\b(NgcSet|PreReqResult|AzureAdPrt|DeviceAuthStatus|{'|'.join(_CHECKS)})\s{{0,40}}:\s{{0,40}}(\w+)")
_PROVISIONING = {"willprovision": "will", "willnotprovision": "will_not"}
# Without 0x only where it begins as these do: any other eight digits may be somebody's PIN.
_HEX = _pattern(r"(?<![0-9a-z-])(?:0x(?!caa)([8c][0-9a-f]{7})|((?:8007|8009|801c|c000)[0-9a-f]{4}))(?![0-9a-z-])")
_CAA = _pattern(r"\b(?:0x)?(CAA[0-9a-f]{5})\b")
_AADSTS = _pattern(r"\b(?:AADSTS|error(?: code)?:? )(\d{5,8})\b")

_HINT = _pattern(
    r"\d{4}|2\dH[12]|can ?reset|destructive(?:and|only)|AzureAdJoined|DomainJoined|NgcSet|PreReqResult|AzureAdPrt"
    r"|DeviceAuth|\blts[cb]\b"
)

_EDITIONS = (
    ("education", _pattern(r"\b(?:pro[ -])?education\b|\bedu\b")),
    ("enterprise", _pattern(r"\benterprise\b(?! app)|\bent\b")),
    ("pro", _pattern(r"\bpro\b(?! (?:education|nutzer|benutzer|ger[aä]t|monat|jahr))|\bprofessional\b")),
    ("home", _pattern(r"\b(?:windows|win)(?: ?1[01])? home\b|\bhome edition\b|(?<=,)home(?=,|$)")),
)
_JOINS = (
    (
        "hybrid",
        _pattern(r"\bhybrid\w*(?:[ -](?:azure|microsoft|entra|ad|id)){0,4}(?:[ -]join\w*)?|\bhaadj\b|\bserverad\b"),
    ),
    (
        "registered",
        _pattern(r"\b(?:ad|aad|entra|id)[ -]?registered\b|\bazureadregistered\b|\bworkplace\b(?:[ -]join\w*)?"),
    ),
    ("entra", _pattern(r"\b(?:azure ?ad|aad|entra(?: id)?)[ -]?join\w*|\baadj\b|(?<=,)azuread(?=,|$)")),
    ("on_premises", _pattern(r"\bon[ -]?prem(?:ises?)?\b")),
)
_TRUSTS = (
    ("key", _pattern(r"\bkey[ -]trust\b")),
    ("certificate", _pattern(r"\bcert(?:ificate)?[ -]trust\b")),
    ("cloud", _pattern(r"\bcloud (?:kerberos )?trust\b")),
)


def read(text: str) -> FactsInText:
    """The facts of a question, a pasted line of an inventory, a dsregcmd output or an error message; never raises."""
    shown = plain(text[:LONGEST])
    build = _build(shown)
    windows, version = _release(shown, build)
    ltsc = bool(_LTSC_WORD.search(shown))
    return FactsInText(
        build=build if build is not None else BUILDS.get(f"Windows {windows} {version}"),
        windows=windows,
        version=version,
        edition="enterprise" if ltsc else _only(_named(_EDITIONS, shown)),
        ltsc=ltsc,
        join=_join(shown),
        trust=_only(_named(_TRUSTS, shown)),
        tenant_id=_only(found.lower() for found in _TENANT.findall(shown)),
        can_reset=_only(_CAN_RESET_WORDS[(first or second).casefold()] for first, second in _CAN_RESET.findall(shown)),
        error_codes=error_codes(shown),
        **_dsregcmd(shown),
    )


def _dsregcmd(shown: str) -> dict[str, Any]:
    """The lines about Hello. Source: Entra, "Troubleshoot devices by using the dsregcmd command"."""
    lines = {name.casefold(): value.casefold() for name, value in _LINE.findall(shown)}
    return {
        "hello_set": lines.get("ngcset", ""),
        "provisioning": _PROVISIONING.get(lines.get("prereqresult", ""), ""),
        "against": tuple(name for name in _CHECKS if lines.get(name.casefold()) == "no"),
        "token": lines.get("azureadprt", ""),
        "device_auth": lines.get("deviceauthstatus", ""),
        "pasted": bool(lines or _DSREGCMD.search(shown)),
    }


def may_tell(text: str) -> bool:
    """A quick look: is there a number, an edition's year or a word of dsregcmd, so that reading may be worth it?"""
    return bool(_HINT.search(text[:LONGEST]))


def error_codes(text: str) -> tuple[str, ...]:
    """Error codes in one form each: 0x801C03ED, CAA20004, AADSTS650052; in their order, none twice."""
    forms: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
        (_HEX, lambda digits: "0x" + digits.upper()),
        (_CAA, str.upper),
        (_AADSTS, lambda digits: "AADSTS" + digits),
    )
    found = [
        (match.start(), form(match[match.lastindex or 0]))
        for pattern, form in forms
        for match in pattern.finditer(text[:LONGEST])
    ]
    return tuple(dict.fromkeys(code for _, code in sorted(found)))


def _only(found: Iterable[str]) -> str:
    """The one thing that is said; nothing when two different ones are."""
    distinct = set(found)
    return distinct.pop() if len(distinct) == 1 else ""


def _build(text: str) -> int | None:
    full = {first or second for first, second in _FULL_BUILD.findall(text)}
    years = (str(LTSC_BUILDS.get(year, "")) for year in _LTSC_YEAR.findall(text))
    said = _only(full or _BARE_BUILD.findall(text) or years)
    return int(said) if said else None


def _release(text: str, build: int | None) -> tuple[str, str]:
    """Windows and version; a build knows better than words."""
    if build is not None:
        known = release_of(build)
        return (known.windows, known.version) if known else ("11" if is_windows_11(build) else "10", "")
    windows = _only(_WINDOWS.findall(text))
    version = _only(found.upper() for found in (*_VERSION.findall(text), *_VERSION_2004.findall(text)))
    return windows or _only(one.windows for one in RELEASES if one.version == version), version


def _named(names: Iterable[tuple[str, re.Pattern[str]]], text: str) -> list[str]:
    """The names whose pattern occurs; what one has taken is gone for the next: "hybrid joined" is not "joined"."""
    found = []
    for name, pattern in names:
        text, times = pattern.subn(" ", text)
        if times:
            found.append(name)
    return found


def _join(text: str) -> str:
    states = {name.casefold(): state.upper() == "YES" for name, state in _DSREGCMD.findall(text)}
    if "azureadjoined" not in states:
        return _only(_named(_JOINS, text))
    if states["azureadjoined"]:
        return "hybrid" if states.get("domainjoined") else "entra"
    if states.get("domainjoined"):
        return "on_premises"
    return "registered" if states.get("workplacejoined") else ""
