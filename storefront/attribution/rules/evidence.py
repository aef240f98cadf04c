"""All that is known about who may have sold an order, as it stood when the order was placed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Self

from storefront.core.times import as_rfc3339

COUNTS = "no"
"""What `TouchEvidence.uncounted` says of a touch that counts."""


class Line(NamedTuple):
    """An order line, as far as credit asks about it."""

    position: int
    product_id: int


@dataclass(frozen=True, slots=True)
class Person:
    """An employee whom the evidence speaks of, or who took the place of one."""

    number: str
    """The staff number."""
    store_id: int
    """Their store at the time of the order."""
    left_at: datetime | None = None
    """When they left the chain, if they had by then."""
    successor_id: int | None = None
    """Who took their place."""
    grade: str | None = None
    """What commission plans called them by, if they had a grade: it plays no part in who earns."""


@dataclass(frozen=True, slots=True)
class TouchEvidence:
    """One touch."""

    touch_id: int
    employee_id: int
    at: datetime
    kind: str
    channel: str
    product_id: int | None = None
    """The product it led to; None for a whole shop."""
    uncounted: str = COUNTS
    """Why it does not count, in sharing's words; `no` if it does."""
    campaign_id: int | None = None
    """The campaign it came through: what it is paid by, and no part of who earns."""

    @property
    def counts(self) -> bool:
        """Whether it was a customer's meeting with an employee."""
        return self.uncounted == COUNTS


@dataclass(frozen=True, slots=True)
class TieEvidence:
    """Whose the customer was."""

    employee_id: int
    since: datetime
    how: str
    protected_until: datetime | None = None
    """None: for good."""


@dataclass(frozen=True, slots=True)
class TillClaim:
    """Whom the till named on a line, and for what share of it in basis points."""

    position: int
    employee_id: int
    share: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is frozen on an order."""

    placed_at: datetime
    people: Mapping[int, Person] = field(default_factory=dict[int, Person])
    """Everybody whom the rest speaks of, by id."""
    touches: tuple[TouchEvidence, ...] = ()
    buyers: frozenset[int] = frozenset()
    """Employees whom the buyer is known to be, by phone or by browser."""
    tie: TieEvidence | None = None
    claims: tuple[TillClaim, ...] = ()

    def as_document(self) -> dict[str, Any]:
        """What is stored. What is empty is left out: most orders have neither tie nor till."""
        document: dict[str, Any] = {
            "placed_at": as_rfc3339(self.placed_at),
            "people": {str(key): _written(asdict(who)) for key, who in self.people.items()},
            "touches": [_written(asdict(touch)) for touch in self.touches],
            "buyers": sorted(self.buyers),
        }
        if self.tie:
            document["tie"] = _written(asdict(self.tie))
        if self.claims:
            document["claims"] = [asdict(claim) for claim in self.claims]
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read what was frozen."""
        tie = document.get("tie")
        return cls(
            placed_at=datetime.fromisoformat(document["placed_at"]),
            people={
                int(key): Person(**_read(who, "left_at")) for key, who in document["people"].items()
            },
            touches=tuple(TouchEvidence(**_read(touch, "at")) for touch in document["touches"]),
            buyers=frozenset(document["buyers"]),
            tie=TieEvidence(**_read(tie, "since", "protected_until")) if tie else None,
            claims=tuple(TillClaim(**claim) for claim in document.get("claims", ())),
        )


def _written(record: dict[str, Any]) -> dict[str, Any]:
    return {
        name: as_rfc3339(value) if isinstance(value, datetime) else value
        for name, value in record.items()
        if value is not None
    }


def _read(record: Mapping[str, Any], *times: str) -> dict[str, Any]:
    read = dict(record)
    for name in times:
        if name in read:
            read[name] = datetime.fromisoformat(read[name])
    return read
