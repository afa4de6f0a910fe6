"""Tokens that were checked a moment ago: Teams sends the same one with every call for an hour, and a check of its
signature costs more than most answers."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.teams.keys import SigningKeys

KEPT_SECONDS = 300.0
MOST = 1_000  # a tenant's calls come with one or a few


@dataclass(frozen=True, slots=True)
class _Known:
    service_url: str
    ends: float  # the token itself, seconds since 1970
    checked: float  # by the clock of the keys


class KnownTokens:
    """Good ones only, by a hash of the whole header. Each is checked anew after some minutes or its own end, and all of
    them once the keys were fetched anew: a key that is revoked signs for nobody any longer."""

    def __init__(self, keys: SigningKeys, now: Callable[[], datetime]) -> None:
        self._keys = keys
        self._now = now
        self._fetched = keys.fetched
        self._known: OrderedDict[bytes, _Known] = OrderedDict()

    def service_url(self, header: str) -> str:
        """What the token is good for; empty where it has to be checked."""
        self._forget_with_the_keys()
        known = self._known.get(_key(header))
        if known is None or self._keys.clock() - known.checked >= KEPT_SECONDS or not self._keys.usable:
            return ""
        return known.service_url if self._now().timestamp() < known.ends else ""

    def keep(self, header: str, service_url: str, ends: float) -> None:
        """It has just been checked."""
        self._forget_with_the_keys()
        self._known[_key(header)] = _Known(service_url, ends, self._keys.clock())
        self._known.move_to_end(_key(header))
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    def _forget_with_the_keys(self) -> None:
        if self._fetched != self._keys.fetched:
            self._known.clear()
            self._fetched = self._keys.fetched


def _key(header: str) -> bytes:
    return hashlib.sha256(header.encode("utf-8", "surrogateescape")).digest()
