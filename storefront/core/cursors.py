"""Places in a list: the key of the last row shown, not a count that shifts."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error

from storefront.core.errors import Invalid


def cursor_of(key: int) -> str:
    """An opaque place in a list ordered by a number."""
    return urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def key_of(cursor: str | None) -> int | None:
    """The number behind a cursor. Raises Invalid `wrong_cursor`."""
    if cursor is None:
        return None
    try:
        key = int(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii"))
    except (Base64Error, ValueError) as error:
        raise Invalid("wrong_cursor", "`after` is not a place in this list.") from error
    if not 0 <= key < 2**53:
        raise Invalid("wrong_cursor", "`after` is not a place in this list.")
    return key
