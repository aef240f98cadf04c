"""A version of the rule that says who earns, as its document says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

LONGEST_WINDOW_DAYS = 365
"""Evidence older than this is not frozen on an order: no window is longer."""


class Model(StrEnum):
    """Which of several touches wins, or how they share."""

    LAST_TOUCH = "last_touch"
    FIRST_TOUCH = "first_touch"
    TIED_FIRST = "tied_first"
    """The employee to whom the customer is tied; without one, the last touch."""
    LINEAR = "linear"
    """Every touch the same."""
    POSITION_BASED = "position_based"
    """The first and the last touch a set share each, those between them the rest."""
    TIME_DECAY = "time_decay"
    """A touch weighs half as much for every half-life that it is older than the order."""
    TIED_AND_LAST = "tied_and_last"
    """A set share to the tied employee, the rest to the last touch."""


class Scope(StrEnum):
    """Whether an order is judged as a whole or line by line."""

    ORDER = "order"
    LINE = "line"
    """Touches that led to a line's own product outrank, on that line, those that led elsewhere."""


class Kind(StrEnum):
    """How a customer met an employee."""

    LINK = "link"
    QR = "qr"
    SHOP_VISIT = "shop_visit"
    RESHARE = "reshare"
    COUPON = "coupon"
    TILL_SCAN = "till_scan"


class Source(StrEnum):
    """Where a claim comes from. A policy says which outranks which."""

    TILL = "till"
    """The till named the seller on the line."""
    COUPON = "coupon"
    """The customer gave an employee's coupon; of several, the last."""
    TOUCH = "touch"
    """Links, scans and visits, judged by the model."""
    TIE = "tie"
    """The customer is this employee's, whoever brought them today."""


class Treatment(StrEnum):
    """What becomes of a claim that the policy looks at askance."""

    ALLOW = "allow"
    """It counts like any other."""
    SKIP = "skip"
    """It does not count; the next claim may win."""
    NOBODY = "nobody"
    """It wins in its turn, and then nobody earns: the chain keeps it. Where claims share, it takes
    no part."""
    STORE = "store"
    """It wins in its turn, and the employee's store is credited."""
    SUCCESSOR = "successor"
    """It wins in its turn, for whoever took the leaver's place; for the store if nobody did."""


class TieMode(StrEnum):
    """How a customer comes to belong to an employee."""

    NONE = "none"
    """Ties are neither made nor looked at."""
    FIRST_TOUCH = "first_touch"
    FIRST_ORDER = "first_order"
    EXPLICIT = "explicit"
    """Only by headquarters, or by a claim that an employee states."""


class Renewal(StrEnum):
    """What begins a tie's protection anew."""

    ORDER = "order"
    """An order that the tied employee is credited with."""
    TOUCH = "touch"
    """A touch with the tied employee that counts."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Every element of the rule. What is not said has the value it had before it existed."""

    window_days: int
    """A touch counts if it is at most this many days older than the order."""
    own_purchase: Treatment = Treatment.SKIP
    """What becomes of the claim of an employee who is the buyer."""
    leavers: Treatment = Treatment.SKIP
    """What becomes of the claim of an employee who had left when the order was placed."""
    model: Model = Model.LAST_TOUCH
    scope: Scope = Scope.ORDER
    precedence: tuple[Source, ...] = (Source.TILL, Source.COUPON, Source.TOUCH)
    """The first source with a claim that stands decides; a source that is not named never does."""
    windows: Mapping[Kind, int] = field(default_factory=dict[Kind, int])
    """Days for kinds of touch whose window is another; 0 means that the kind never counts."""
    first_share: int = 4_000
    """Position based: the first touch's, in basis points."""
    last_share: int = 4_000
    """Position based: the last touch's, in basis points."""
    half_life_days: int = 7
    """Time decay: days after which a touch weighs half."""
    tied_share: int = 5_000
    """Tied and last: the tied employee's, in basis points."""
    tie_mode: TieMode = TieMode.NONE
    protection_days: int = 0
    """How long a tie lasts before others may take the customer; 0 means for good."""
    renewed_by: tuple[Renewal, ...] = ()
    grace_days: int = 0
    """For so many days after somebody left, their links still count as theirs."""
    dispute_days: int = 30
    """How long after the payment an employee may dispute an order."""
    answer_days: int = 5
    """How long whoever would lose by a dispute has to answer."""
    decision_days: int = 10
    """How long headquarters has to decide it."""
    blackout_days: int = 0
    """After an employee has written to a customer, colleagues wait so many days."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a stored policy. ValueError or TypeError if it is not one."""
        known = dict(document)
        for name, kind in _KINDS.items():
            if name in known:
                known[name] = kind(known[name])
        for name, kind in _SEVERAL.items():
            if name in known:
                known[name] = tuple(kind(each) for each in known[name])
        if "windows" in known:
            known["windows"] = {Kind(kind): int(days) for kind, days in known["windows"].items()}
        return cls(**known)

    def as_document(self) -> dict[str, Any]:
        """What is stored."""
        return asdict(self) | {
            "precedence": list(self.precedence),
            "renewed_by": list(self.renewed_by),
            "windows": {kind.value: days for kind, days in sorted(self.windows.items())},
        }

    def window_of(self, kind: str) -> int:
        """Days that a touch of this kind counts."""
        return self.windows.get(Kind(kind), self.window_days)


_KINDS: dict[str, type[StrEnum]] = {
    "own_purchase": Treatment,
    "leavers": Treatment,
    "model": Model,
    "scope": Scope,
    "tie_mode": TieMode,
}
_SEVERAL: dict[str, type[StrEnum]] = {"precedence": Source, "renewed_by": Renewal}

ELEMENTS = tuple(each.name for each in fields(Policy))
"""The names of all elements, in the order in which people read them."""
