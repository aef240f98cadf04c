"""Names that strangers may see: opaque, unguessable, safe in an address."""

from __future__ import annotations

import secrets

# No vowels, so no words; no 0, 1, l, o: a code can be read out over the telephone.
ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"


def random_text(length: int) -> str:
    """`length` characters of some 4.8 bits each from the system's secure source."""
    return "".join([secrets.choice(ALPHABET) for _ in range(length)])


def public_id(prefix: str) -> str:
    """An identifier such as `ord_7kq3…` with 76 random bits behind its kind."""
    return f"{prefix}_{random_text(16)}"
