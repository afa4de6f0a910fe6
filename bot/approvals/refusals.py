"""Every no of this room, each with the key of the sentence to say."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.errors import Declined
from dialogs.words.replies import Text, Value


class Reason(StrEnum):
    """Why not. The sentence is `approvals.refused.<reason>` in the locales."""

    # A plan can't be made.
    NOT_A_GUID = "not_a_guid"
    NOTHING_TO_CHANGE = "nothing_to_change"
    CONSENT_MISSING = "consent_missing"  # values: service, client (an AppState each)
    APP_DISABLED = "app_disabled"  # values: apps, the names of those that are switched off
    PROFILE_MISSING = "profile_missing"
    PROFILE_WRONG = "profile_wrong"  # values: profile
    # Values of both: profiles, the names of those that set PIN recovery, each with the end of its id.
    SET_ELSEWHERE = "set_elsewhere"  # not by a custom profile
    PROFILE_CONFLICT = "profile_conflict"  # by two, to different values on the same devices
    PROFILE_OBSCURED = "profile_obscured"  # values: profile; a row that Graph shows as **** would be stored so
    NOT_SECURITY_GROUP = "not_security_group"  # values: group
    SAME_GROUP = "same_group"  # values: group; on both sides
    MIXED_KINDS = "mixed_kinds"  # values: included, excluded; Intune would not evaluate the exclusion
    TOO_MANY_GROUPS = "too_many_groups"  # values: count, most
    TOO_LARGE = "too_large"
    NOT_UNDOABLE = "not_undoable"
    GROUP_MISSING = "group_missing"  # none was named
    OF_POLICY_SET = "of_policy_set"  # values: group
    UNKNOWN_GROUP = "unknown_group"  # values: group
    # A request can't be filed.
    WRONG_TENANT = "wrong_tenant"
    NOT_ADMIN = "not_admin"
    REASON_MISSING = "reason_missing"
    REASON_LONG = "reason_long"  # values: most
    REASON_PATTERN = "reason_pattern"
    NOBODY_TO_APPROVE = "nobody_to_approve"  # values: needed
    TOO_MANY_OPEN = "too_many_open"  # values: most
    OBJECT_BUSY = "object_busy"  # values: request
    READ_ONLY = "read_only"
    FROZEN = "frozen"
    TRY_AGAIN = "try_again"  # the tenant or the store did not answer in time; nothing has changed
    # A press decides nothing.
    AUTOMATIC = "automatic"
    UNKNOWN_REQUEST = "unknown_request"
    FORGED = "forged"  # the nonce is not this request's
    OWN_REQUEST = "own_request"
    NOT_APPROVER = "not_approver"
    ALREADY_VOTED = "already_voted"
    ALREADY_DECIDED = "already_decided"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    STALE_CARD = "stale_card"
    TAMPERED = "tampered"  # somebody has written to the database by hand; it is void now
    REJECTION_REASON = "rejection_reason"
    # Other commands.
    NOT_REQUESTER = "not_requester"
    SECOND_PERSON = "second_person"
    WRONG_STATE = "wrong_state"  # values: state
    WHICH_REQUEST = "which_request"  # values: numbers; none was named, and not just one is theirs
    ALREADY_FROZEN = "already_frozen"
    NOT_FROZEN = "not_frozen"
    CLOCK_RIGHT = "clock_right"  # there is nothing to set right


class Refused(Declined):
    """A no with its reason. `notes`: what to know besides."""

    def __init__(self, reason: Reason, *notes: Text, **values: Value) -> None:
        super().__init__(f"approvals.refused.{reason}", **values)
        self.reason = reason
        self.notes = notes


MOST_LISTED = 10  # refused presses of one person on one request in an hour; what is audited stays for good
HOUR = timedelta(hours=1)


@dataclass(slots=True)
class _Hour:
    began: datetime
    listed: int = 0
    counted: int = 0


@dataclass(frozen=True, slots=True)
class Suspicious:
    """Presses that were refused and say something about who pressed: the first of an hour are audited one by one, the
    rest only counted, so that nobody fills the audit."""

    _hours: dict[tuple[str, int], _Hour] = field(default_factory=dict)

    def is_listed(self, person: str, request: int, now: datetime) -> bool:
        """Is this one audited by itself?"""
        hour = self._hours.setdefault((person, request), _Hour(now))
        if hour.listed < MOST_LISTED:
            hour.listed += 1
            return True
        hour.counted += 1
        return False

    def ended(self, now: datetime) -> list[tuple[str, int, int]]:
        """Person, request, and how many presses were only counted, of each hour that is over; these begin anew."""
        over = [key for key, hour in self._hours.items() if not hour.began <= now < hour.began + HOUR]
        return [(*key, hour.counted) for key in over if (hour := self._hours.pop(key)).counted]
