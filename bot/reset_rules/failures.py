"""What went wrong with a reset, by what the person chose or by what Windows showed."""

from enum import StrEnum

from dialogs.understanding.codes import by_either


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
    NO_REMEDY = "no_remedy"
    DIRECTORY = "directory"
    DEVICE_GONE = "device_gone"
    OTHER_METHOD = "other_method"
    PASSWORD_FIRST = "password_first"  # noqa: S105
    KEEP_ON = "keep_on"
    PIN_TOO_SIMPLE = "pin_too_simple"
    PIN_NOT_AVAILABLE = "pin_not_available"
    FOR_ADMINS = "for_admins"  # no trouble of somebody who resets a PIN


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

# What codes.toml hands over as the detail (`heard`) where no code was named; too common to be looked for in a text.
_DETAILS = {"greyed out": Failure.NO_LINK, "Something went wrong": Failure.OTHER}
_BY_DETAIL = {detail.casefold(): failure for detail, failure in _DETAILS.items()}
_SITUATIONS = {"pin_blocked": Failure.BLOCKED, "pin_not_available": Failure.PIN_NOT_AVAILABLE}


def of_code(code: str) -> Failure:
    """What a code or a message of Windows means (dialogs/understanding/codes.toml), in whatever writing."""
    if known := by_either(code):
        return Failure(known.failure) if known.failure else _SITUATIONS[known.situation]
    return _BY_DETAIL.get(code.casefold(), Failure.UNKNOWN_CODE)


def of_choice(choice: str) -> Failure:
    """What was chosen; a choice that no card offers counts as OTHER."""
    return Failure(choice) if choice in CHOICES else Failure.OTHER
