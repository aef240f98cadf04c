"""Names that strangers may see: opaque, unguessable, safe in an address."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from random import Random

from storefront.core.settings import settings

# No vowels, so no words; no 0, 1, l, o: a code can be read out over the telephone.
ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"


# Every byte is a letter, but for the last four: 252 is nine times 28, so all are equally likely.
_LETTERS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_TOO_MANY = bytes(range(256 - 256 % len(ALPHABET), 256))

# The same for digits, of which 250 is a multiple.
_DIGITS = bytes(48 + byte % 10 for byte in range(256))
_TOO_MANY_FOR_DIGITS = bytes(range(250, 256))

_source: ContextVar[Callable[[int], bytes]] = ContextVar("source", default=secrets.token_bytes)


def random_bytes(count: int) -> bytes:
    """So many bytes from the system's secure source."""
    return _source.get()(count)


def random_text(length: int) -> str:
    """`length` characters of some 4.8 bits each from the system's secure source."""
    letters = b""
    while len(letters) < length:
        letters += random_bytes(length + 4).translate(_LETTERS, _TOO_MANY)
    return letters[:length].decode("ascii")


def random_digits(length: int) -> str:
    """`length` digits from the system's secure source, for people to say and to type."""
    digits = b""
    while len(digits) < length:
        digits += random_bytes(length + 4).translate(_DIGITS, _TOO_MANY_FOR_DIGITS)
    return digits[:length].decode("ascii")


def public_id(prefix: str) -> str:
    """An identifier such as `ord_7kq3…` with 76 random bits behind its kind."""
    return f"{prefix}_{random_text(16)}"


@contextmanager
def guessable(random: Random) -> Generator[None]:
    """Draw every name from `random`, so that the demo chain has the same ones each time.

    Whoever knows the seed knows them all: RuntimeError in production.
    """
    if settings().in_production:
        raise RuntimeError("names that can be guessed, in production")
    before = _source.set(random.randbytes)
    try:
        yield
    finally:
        _source.reset(before)
