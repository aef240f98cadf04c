"""What a till tells, as it tells it: names instead of row numbers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from storefront.core.times import as_rfc3339


@dataclass(frozen=True, slots=True)
class Seller:
    """Whom the till names on a line."""

    number: str
    """The staff number."""
    share: int
    """In basis points of the line."""


@dataclass(frozen=True, slots=True)
class SoldLine:
    """Some pieces of one variant, as they were charged."""

    code: str
    """The variant's."""
    quantity: int
    net: int
    """What the customer paid for the line, in minor units of the chain's currency."""
    sellers: tuple[Seller, ...] = ()


@dataclass(frozen=True, slots=True)
class Sale:
    """One receipt."""

    store: str
    """The store's code."""
    number: str
    """The till's own, unique within the store."""
    at: datetime
    lines: tuple[SoldLine, ...]
    member_code: str | None = None
    phone: str | None = None
    """In E.164 form."""


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """Some pieces of a line that came back."""

    code: str
    quantity: int
    line: int | None = None
    """The line's position in the sale, from 1; None: whichever lines have this code."""
    amount: int | None = None
    """What was paid back; None: in proportion to the pieces."""


@dataclass(frozen=True, slots=True)
class Return:
    """Goods of one receipt that came back on one occasion."""

    store: str
    """The store that took them."""
    number: str
    at: datetime
    sale_store: str
    sale: str
    """The receipt that they were sold on, by its number at `sale_store`."""
    lines: tuple[BroughtBack, ...]
    reason: str = ""


def digest_of(told: Sale | Return) -> str:
    """A fingerprint of all that was told: the same in whatever form it came."""
    content = {"kind": type(told).__name__, **asdict(told)}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=_as_text)
    return hashlib.sha256(text.encode()).hexdigest()


def _as_text(value: Any) -> str:
    assert isinstance(value, datetime)
    return as_rfc3339(value)
