"""What the rules answer for one device and one state of the person. Why, and with what source: MATRIX.md."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.reset_rules.facts import Device, Trust, Whereabouts


class Flow(StrEnum):
    """What will happen. Windows chooses between the first two; the clicks are the same."""

    KEEPS_KEYS = "keeps_keys"  # non-destructive: only the PIN changes
    DELETES_KEYS = "deletes_keys"  # destructive: the keys of the Hello container on this device go
    DECIDED_BY_PC = "decided_by_pc"  # same steps; CanReset on the PC decides; say "may delete keys"
    UNSUPPORTED = "unsupported"  # no reset from here: another way in first
    OTHER_SERVICE = "other_service"  # the PIN belongs to a local or Microsoft account
    BLOCKED = "blocked"  # an admin has to finish the rollout first
    CHECK_DATA = "check_data"  # the inventory contradicts itself, or the device is no Windows PC
    GONE = "gone"  # deleted in Entra: nothing can be reset until it is registered again
    ASK = "ask"  # one question decides


class Need(StrEnum):
    """What the person must have at hand; one sentence each in the locales (rollout.need.<value>)."""

    INTERNET = "internet"
    WORK_SIGN_IN = "work_sign_in"  # Entra sign-in (web sign-in)
    SECOND_FACTOR = "second_factor"
    PASSWORD = "password"  # noqa: S105 - a need, not a password
    DOMAIN_CONTROLLER = "domain_controller"  # corporate network or VPN
    FEDERATION_SERVICE = "federation_service"  # AD FS reachable


class Caveat(StrEnum):
    """What to know before; one sentence each in the locales (rollout.caveat.<value>)."""

    LOCK_SCREEN_LIMITS = "lock_screen_limits"  # remote sessions, third-party credential providers, …
    RESTART_FIRST = "restart_first"  # Windows 11: perhaps not from a locked session; said of password reset only
    FEDERATED_ALLOWED_URLS = "federated_allowed_urls"  # else "We can't open that page right now"
    PERHAPS_FEDERATED = "perhaps_federated"  # the same, where it is not known whether the domain is federated
    SYNC_WAIT = "sync_wait"  # hybrid, key trust or perhaps: the new PIN works after Entra Connect's next cycle
    OUT_OF_SERVICING = "out_of_servicing"
    UNKNOWN_BUILD = "unknown_build"  # no version known, or one that the table of releases lacks
    UNKNOWN_EDITION = "unknown_edition"  # 1709-1809: only Enterprise keeps the keys, and the edition is not known
    VPN_AT_LOCK_SCREEN = "vpn_at_lock_screen"  # a VPN is usually not up there
    NEEDS_USABLE_PASSWORD = "needs_usable_password"  # noqa: S105 - smart card or passwordless users
    TEMPORARY_ACCESS_PASS = "temporary_access_pass"  # noqa: S105 - Entra joined with Web sign-in switched on
    EDUCATION_UNCLEAR = "education_unclear"  # 1709-1809: the documents are silent
    UNKNOWN_TRUST = "unknown_trust"  # trust model not known: the needs are the longest list that it can be
    WORST_CASE_TRUST = "worst_case_trust"  # the same at the lock screen: if it is key trust, not from there at all
    KEY_TRUST_MAY_REFUSE = "key_trust_may_refuse"
    NEW_CERTIFICATE = "new_certificate"
    DOCUMENTS_DISAGREE = "documents_disagree"  # Entra registered: 2019 and today's page differ
    TRUST_DATA_ODD = "trust_data_odd"  # cloud Kerberos trust on a build that cannot have it
    SERVICE_NEVER_APPLIES = "service_never_applies"  # on-premises only
    APP_DISABLED = "app_disabled"  # policy on or perhaps, an app switched off: may end in AADSTS7000112 or 500014
    CONSENT_UNSURE = "consent_unsure"  # not seen for the whole tenant: the reset may ask for an admin
    APPS_MISSING = "apps_missing"  # policy on, apps missing, version not known: may end in CAA20004


class Next(StrEnum):
    """The one thing to do next; one sentence each in the locales (rollout.next.<value>)."""

    NOTHING = "nothing"
    PASSWORD_THEN_SETTINGS = "password_then_settings"  # noqa: S105
    UPGRADE_WINDOWS = "upgrade_windows"
    ADMIN_CONSENT = "admin_consent"
    ADMIN_ENABLE = "admin_enable"  # the same, where an app is there and switched off
    CONSUMER_RESET = "consumer_reset"
    REFRESH_INVENTORY = "refresh_inventory"
    REGISTER_AGAIN = "register_again"
    ASK_DSREGCMD = "ask_dsregcmd"
    ASK_WINVER = "ask_winver"


class ResetSteps(StrEnum):
    """Which clicks; the lists of sentences live in the locales (rollout.steps.<value>)."""

    SETTINGS = "settings"  # Settings > Accounts > Sign-in options > PIN (Windows Hello) > I forgot my PIN
    LOCK_SCREEN_WEB = "lock_screen_web"  # Entra joined: choose one of the offered methods
    LOCK_SCREEN_PASSWORD = "lock_screen_password"  # noqa: S105 - hybrid, on-premises: password, Enter
    NONE = "none"


class Source(StrEnum):
    """Where the rule stands (links in the locales)."""

    DOCUMENT_2019 = "document_2019"
    TODAY = "today"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a rule may look at. `today` decides what is out of servicing."""

    device: Device
    state: Whereabouts
    today: date
    trust: Trust = Trust.UNKNOWN
    federated: bool | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """One row of the matrix, applied. `destructive` None: not known, warn as if it were."""

    row: int
    flow: Flow
    steps: ResetSteps
    destructive: bool | None
    needs: tuple[Need, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    next: Next = Next.NOTHING
    source: Source = Source.BOTH
