"""Which edition of Windows a device has: by its code of GetProductInfo, else by Intune's name for it (GRAPH.md)."""

from dataclasses import dataclass

from bot.reset_rules.facts import DeviceKind, Edition


@dataclass(frozen=True, slots=True)
class Sku:
    """What an edition decides. `named`: Microsoft's page on PIN reset names it, so that something can be promised."""

    edition: Edition = Edition.UNKNOWN
    ltsc: bool = False
    iot: bool = False  # of an LTSC: the one for IoT
    kind: DeviceKind = DeviceKind.PC
    named: bool = True


_ENTERPRISE = Sku(Edition.ENTERPRISE)
_LTSC = Sku(Edition.ENTERPRISE, ltsc=True)
_IOT_LTSC = Sku(Edition.ENTERPRISE, ltsc=True, iot=True)
_MULTI_SESSION = Sku(Edition.ENTERPRISE, kind=DeviceKind.SESSION_HOST)
_PRO, _EDUCATION, _HOME = Sku(Edition.PRO), Sku(Edition.EDUCATION), Sku(Edition.HOME)  # Pro Education: as Education
_SE = Sku(named=False)  # Windows SE, also called Cloud edition
_SERVER = Sku(kind=DeviceKind.SERVER, named=False)
_NOT_TOLD = Sku()

_BY_CODE = (
    (_ENTERPRISE, {4, 27, 70, 72, 84, 140, 141, 171, 172, 188, 206}),  # N, evaluation, subscription, G, IoT
    (_LTSC, {125, 126, 129, 130}),
    (_IOT_LTSC, {191, 205, 207}),  # 205: by subscription, 207: evaluation
    (_MULTI_SESSION, {175}),
    (_PRO, {48, 49, 69, 138, 139, 161, 162}),
    (_EDUCATION, {121, 122, 164, 165}),
    (_HOME, {98, 99, 100, 101}),
    (_SE, {202, 203}),
    # Standard, Datacenter and their kin (Core, Evaluation, Essentials, Azure Edition), with and without Hyper-V.
    (_SERVER, {7, 8, 9, 10, 12, 13, 14, 17, 18, 36, 37, 38, 39, 40, 41, 50, 79, 80, 145, 146, 168, 406, 407, 408}),
)
_CODES = {code: sku for sku, codes in _BY_CODE for code in codes}
_FAMILIES = {
    **dict.fromkeys(("enterprise", "enterprisen", "enterpriseeval", "enterpriseg", "iotenterprise"), _ENTERPRISE),
    **dict.fromkeys(("iotenterprisek",), _ENTERPRISE),
    **dict.fromkeys(("enterprises", "enterprisesn", "enterpriseseval", "enterpriseltsc"), _LTSC),
    **dict.fromkeys(("iotenterprises", "iotenterprisesk"), _IOT_LTSC),
    **dict.fromkeys(("serverrdsh", "enterprisemultisession", "enterprisemulti-session"), _MULTI_SESSION),
    **dict.fromkeys(("pro", "pron", "professional", "professionaln", "professionalworkstation"), _PRO),
    **dict.fromkeys(("proforworkstations", "professionalworkstationn"), _PRO),
    **dict.fromkeys(("education", "educationn", "proeducation", "professionaleducation"), _EDUCATION),
    **dict.fromkeys(("professionaleducationn",), _EDUCATION),
    **dict.fromkeys(("home", "core", "coren", "coresinglelanguage", "corecountryspecific"), _HOME),
    **dict.fromkeys(("se", "windowsse", "cloudedition", "cloudeditionn"), _SE),
}


def sku_of(code: int, family: str, system: str) -> Sku:
    """By the code; where that says nothing (0) by the family's name. `system`: as the directory names it."""
    family = "".join(family.lower().split())
    edition = _CODES.get(code) or _FAMILIES.get(family)
    if "server" in system.lower() or (edition is None and family.startswith("server")):
        return _SERVER
    return edition or _NOT_TOLD
