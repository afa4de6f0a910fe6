"""What is costly and comes out the same each time is made once in a process, not once in a test."""

import functools
import itertools
import sys
import zoneinfo
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

KEYS = 12  # more than a test has at a time, so that two keys of one test are never the same


def share(patch: pytest.MonkeyPatch) -> None:
    """RSA keys go round, the certificates that a TLS trusts are read once, and so are the names of the time zones."""
    # itertools.cycle asks for each key when its turn comes: a run of one test makes no more than that test needs.
    make = rsa.generate_private_key
    turns: dict[tuple[int, int], itertools.cycle[rsa.RSAPrivateKey]] = {}

    def next_key(public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
        made = itertools.cycle(make(public_exponent, key_size) for _ in range(KEYS))
        return next(turns.setdefault((public_exponent, key_size), made))

    patch.setattr(rsa, "generate_private_key", next_key)
    patch.setitem(sys.modules, "sniffio", None)  # not there; httpcore looks for it anew whenever it makes a lock
    httpx_transports: Any = httpx._transports.default
    patch.setattr(httpx_transports, "create_ssl_context", functools.cache(httpx.create_ssl_context))
    patch.setattr(zoneinfo, "available_timezones", functools.cache(zoneinfo.available_timezones))
