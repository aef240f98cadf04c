"""Signatures that anybody can check without us: Ed25519 (RFC 8032), by keys that are published.

A key is called by the first 16 hexadecimal digits of its public half's SHA-256, so nobody has to
give it a name and two keys never share one.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """The public half of a key."""

    id: str
    raw: bytes
    """Its 32 bytes."""
    retired: bool
    """It signs nothing any more; what it signed stays genuine."""

    @property
    def pem(self) -> str:
        """As openssl reads it."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        public = Ed25519PublicKey.from_public_bytes(self.raw)
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def x(self) -> str:
        """As a JSON Web Key writes it (RFC 8037): base64url without padding."""
        return urlsafe_b64encode(self.raw).rstrip(b"=").decode()


class KeyRing:
    """The key that signs now, and those that signed before.

    The library behind it weighs 10 MB and is loaded when the first statement is signed or checked:
    processes that nobody asks for one do without.
    """

    def __init__(self, secret: bytes, retired: Iterable[bytes] = ()) -> None:
        """Take the current key's 32 secret bytes, and the public halves of retired ones."""
        self._secret = secret
        self._retired = tuple(retired)

    @cached_property
    def _current(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self._secret)

    @cached_property
    def published(self) -> tuple[PublishedKey, ...]:
        """The public halves of all of them, the current one first."""
        own = self._current.public_key().public_bytes_raw()
        earlier = [raw for raw in dict.fromkeys(self._retired) if raw != own]
        return (
            PublishedKey(key_id(own), own, retired=False),
            *(PublishedKey(key_id(raw), raw, retired=True) for raw in earlier),
        )

    @property
    def current_id(self) -> str:
        """The name of the key that signs."""
        return self.published[0].id

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes that only this key can make of the message."""
        return self._current.sign(message)

    def holds(self, message: bytes, signature: bytes, by: str) -> bool:
        """Whether the key with this name is one of ours and signed exactly this message."""
        for key in self.published:
            if key.id == by:
                return _is_signed(key.raw, message, signature)
        return False


def key_id(raw: bytes) -> str:
    """What a key is called, from its public half's 32 bytes."""
    return hashlib.sha256(raw).hexdigest()[:16]


def _is_signed(raw: bytes, message: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except InvalidSignature:
        return False
    return True
