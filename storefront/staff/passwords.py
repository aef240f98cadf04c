"""Passwords: how they are kept, and which ones are refused."""

from __future__ import annotations

import re
import string
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from storefront.core.errors import Invalid
from storefront.staff.common_passwords import COMMON_PASSWORDS, COMMON_WORDS, KEYBOARD_WALKS

SHORTEST = 10
LONGEST = 200

# OWASP's Password Storage Cheat Sheet; some 40 ms. argon2-cffi's own defaults take ten times that.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)

NOBODYS_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$L6mQ20KIkFtnPpZKH4J5KQ"
    "$TlFtvhGMLRYsHS3u38raDyxoY4KrGtMNzYldRn8tBUg"
)
"""Of a password that nobody knows: checked where there is no account, to take as long."""

_LOOKALIKES = str.maketrans("@013457$!", "aoleastsi")
_AROUND_WORDS = string.digits + string.punctuation


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return _hasher.hash(_as_bytes(password))


def password_matches(kept_hash: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long where there is none (`kept_hash` None)."""
    try:
        _hasher.verify(kept_hash or NOBODYS_HASH, _as_bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept_hash is not None


def refuse_weak(password: str, number: str, name: str) -> None:
    """Raise Invalid if a password would be guessed.

    Codes: `password_too_short`, `password_too_long`, `password_has_name` (the staff number or the
    person's name is in it), `password_too_common` (it stands in lists of leaked passwords, or is
    one of the patterns that fill them).
    """
    normal = _normal(password)
    if len(normal) < SHORTEST:
        raise _refused("password_too_short", f"Take at least {SHORTEST} characters.")
    if len(normal) > LONGEST:
        raise _refused("password_too_long", f"Take at most {LONGEST} characters.")
    folded = normal.casefold()
    if any(part in folded for part in _telling_parts(number, name)):
        raise _refused("password_has_name", "Leave your name and staff number out of it.")
    if is_common(folded):
        raise _refused("password_too_common", "Many people use this password. Take another.")


def is_common(folded: str) -> bool:
    """Whether a case-folded password is among the first that anybody would try."""
    core = folded.strip(_AROUND_WORDS)
    return (
        folded.isdigit()
        or folded in COMMON_PASSWORDS
        or core in COMMON_WORDS
        or core.translate(_LOOKALIKES) in COMMON_WORDS
        or len(set(folded)) < 4
        or re.fullmatch(r"(.{1,5})\1+", folded) is not None
        or any(folded in walk or folded[::-1] in walk for walk in KEYBOARD_WALKS)
    )


def _normal(password: str) -> str:
    # One password typed on two keyboards may arrive in two spellings (NIST SP 800-63B, 3.1.1.2).
    return unicodedata.normalize("NFKC", password)


def _as_bytes(password: str) -> bytes:
    # JSON can carry half of a surrogate pair, which is no text but may well be a wrong password.
    return _normal(password).encode("utf-8", "surrogatepass")


def _telling_parts(number: str, name: str) -> set[str]:
    """What a password must not contain. Very short names would forbid half the alphabet."""
    whole = _normal(name).casefold()
    parts = {part for part in whole.split() if len(part) >= 3}
    if len(whole) >= 3 or (len(whole) == 2 and not whole.isascii()):
        parts |= {whole, whole.replace(" ", "")}
    if len(number) >= 3:
        parts.add(_normal(number).casefold())
    return parts


def _refused(code: str, message: str) -> Invalid:
    return Invalid(code, message, errors={"json": {"password": [message]}})
