"""What went wrong with a reset, by what the person chose or by the code that Windows showed."""

from enum import StrEnum


class Failure(StrEnum):
    """One sentence each in the locales (failed.<value>)."""

    NO_LINK = "no_link"
    PAGE_REFUSED = "page_refused"
    SECOND_FACTOR = "second_factor"
    PASSWORD_REFUSED = "password_refused"  # noqa: S105 - what went wrong, not a password
    BLOCKED = "blocked"
    NEW_PIN_REFUSED = "new_pin_refused"
    OTHER = "other"
    UNKNOWN_CODE = "unknown_code"
    APPS_MISSING = "apps_missing"
    APP_DISABLED = "app_disabled"
    NOT_CONSENTED = "not_consented"
    NO_DOMAIN_CONTROLLER = "no_domain_controller"
    TRY_AGAIN = "try_again"
    SIGN_OUT = "sign_out"
    RESTART = "restart"
    REJOIN = "rejoin"
    MEMORY = "memory"
    TPM_NOT_READY = "tpm_not_ready"
    NO_TPM = "no_tpm"
    NOT_ALLOWED = "not_allowed"
    TOO_MANY_DEVICES = "too_many_devices"
    NETWORK = "network"


# What a person can choose from, the most frequent first.
CHOICES = (
    Failure.NO_LINK,
    Failure.PAGE_REFUSED,
    Failure.SECOND_FACTOR,
    Failure.PASSWORD_REFUSED,
    Failure.BLOCKED,
    Failure.NEW_PIN_REFUSED,
    Failure.OTHER,
)

# Sources: CAA20004 and AADSTS650052 community (facts 3.1 F8), AADSTS65001 community, AADSTS7000112 inferred (1.2),
# 0x80090033 community (windows-itpro-docs issue 10021); all others Microsoft, "Windows Hello errors during PIN
# creation".
_CODES = {
    Failure.APPS_MISSING: ("CAA20004", "AADSTS650052"),
    Failure.APP_DISABLED: ("AADSTS7000112",),
    Failure.NOT_CONSENTED: ("AADSTS65001",),
    Failure.NO_DOMAIN_CONTROLLER: ("0x80090033",),
    Failure.TRY_AGAIN: ("0x80090036",),
    Failure.SIGN_OUT: (
        *("0x801C0010", "0x801C0011", "0x801C0012", "0x801C03E9", "0x801C03EB", "0x801C03EC", "0x801C03ED"),
        *("0x801C03EE", "0x801C03EF", "0x801C044E"),
    ),
    Failure.RESTART: ("0x80090031", "0x801C000F"),
    Failure.REJOIN: ("0x80090005", "0x8009000F", "0x80090011"),
    Failure.MEMORY: ("0x8009002A",),
    Failure.TPM_NOT_READY: ("0x80090029",),
    Failure.NO_TPM: ("0x80090035",),
    Failure.NOT_ALLOWED: ("0x801C0003", "0x801C03EA"),
    Failure.TOO_MANY_DEVICES: ("0x801C000E",),
    Failure.NETWORK: ("0x801C044D",),
}
_MESSAGES = {
    Failure.PAGE_REFUSED: ("We can't open that page right now",),
    Failure.NO_LINK: ("greyed out",),
    Failure.OTHER: ("Something went wrong",),
}
_BY_CODE = {code.upper(): failure for failure, codes in (*_CODES.items(), *_MESSAGES.items()) for code in codes}


def of_code(code: str) -> Failure:
    """What a code or a message of Windows means; in any case of letters."""
    return _BY_CODE.get(code.upper(), Failure.UNKNOWN_CODE)


def of_choice(choice: str) -> Failure:
    """What was chosen; a choice that no card offers counts as OTHER."""
    return Failure(choice) if choice in CHOICES else Failure.OTHER
