"""What can go wrong, in the business's words.

Domain code raises one of these with a stable `code`; `api.problems` and `web` turn them into
problem+json or a page. The class says which kind of answer it is, so there is one table from kind
to HTTP status and forty views without try/except.
"""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """Something that the caller did or met, with a stable code and a sentence for a person."""

    status = 400

    def __init__(self, code: str, detail: str, **extra: Any) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.extra = extra
        """Further members of the problem document, like `{"left": 3}`."""


class Unauthenticated(DomainError):
    """Nobody is signed in, or the proof of it no longer holds."""

    status = 401


class Forbidden(DomainError):
    """Known, but not allowed to do this."""

    status = 403


class NotFound(DomainError):
    """No such thing, or none that this caller may know of."""

    status = 404


class Conflict(DomainError):
    """The thing's state does not allow it (any more)."""

    status = 409


class Gone(DomainError):
    """It was there, and was taken back on purpose."""

    status = 410


class Stale(DomainError):
    """It was changed by somebody else since the caller read it."""

    status = 412

    def __init__(self) -> None:
        super().__init__(
            "version_changed", "Somebody changed this since you read it. Read it again."
        )


class TooLarge(DomainError):
    """More than the program takes in one go."""

    status = 413


class Invalid(DomainError):
    """Understood, but wrong: a field, a quantity, a line of a file."""

    status = 422


class VersionMissing(DomainError):
    """An edit must say which version it means to change."""

    status = 428


class TooMany(DomainError):
    """Too often; `retry_after` seconds are given in the extras."""

    status = 429


class Unavailable(DomainError):
    """Something outside does not answer; trying again later may work."""

    status = 503
