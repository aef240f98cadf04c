"""Who earns, who does not, and why: what a policy makes of the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from storefront.core.times import as_rfc3339


class Reason(StrEnum):
    """Why a claim won or lost, or why nobody earned. Stable: screens and exports hang on them."""

    # Why somebody earns.
    TILL_CLAIM = "till_claim"
    COUPON = "coupon"
    LAST_TOUCH = "last_touch"
    FIRST_TOUCH = "first_touch"
    LINEAR_SHARE = "linear_share"
    POSITION_SHARE = "position_share"
    DECAY_SHARE = "decay_share"
    TIED = "tied"
    TIED_AND_LAST = "tied_and_last"
    DECIDED = "decided"
    """Headquarters decided a dispute so."""
    # Why a winning claim's share goes to another.
    FOR_SUCCESSOR = "for_successor"
    FOR_STORE = "for_store"
    # Why a claim loses.
    EARLIER_TOUCH = "earlier_touch"
    LATER_TOUCH = "later_touch"
    OUTSIDE_WINDOW = "outside_window"
    AFTER_ORDER = "after_order"
    NOT_COUNTED = "not_counted"
    OWN_PURCHASE = "own_purchase"
    LEFT_THE_CHAIN = "left_the_chain"
    OUTRANKED = "outranked"
    """Evidence of a kind that the policy puts first decided."""
    TIED_TO_ANOTHER = "tied_to_another"
    TIE_ENDED = "tie_ended"
    SOURCE_NOT_USED = "source_not_used"
    """The policy does not look at evidence of this kind."""
    OTHER_PRODUCT = "other_product"
    SHARE_TOO_SMALL = "share_too_small"
    DECIDED_AGAINST = "decided_against"
    WITHDRAWN = "withdrawn"
    """Headquarters looked into the sale and took the credit back."""
    # Why nobody earns, besides the last touch's being an own purchase or a leaver's.
    NO_TOUCH = "no_touch"
    NO_VALID_CLAIM = "no_valid_claim"


WINNING = frozenset(
    {
        Reason.TILL_CLAIM,
        Reason.COUPON,
        Reason.LAST_TOUCH,
        Reason.FIRST_TOUCH,
        Reason.LINEAR_SHARE,
        Reason.POSITION_SHARE,
        Reason.DECAY_SHARE,
        Reason.TIED,
        Reason.TIED_AND_LAST,
        Reason.DECIDED,
    }
)
"""Reasons of rulings under which somebody earns."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody's evidence came to, or a store's part in it."""

    employee_id: int | None
    """None: the store itself."""
    number: str
    """The staff number; empty for a store."""
    store_id: int
    source: str
    kind: str
    """The touch's kind; how a tie came about; empty for a till's claim."""
    touch_id: int | None
    at: datetime
    reason: Reason
    share: int = 0
    """In basis points; 0 for a claim that lost."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What holds for some lines of an order."""

    positions: tuple[int, ...]
    reason: Reason
    winners: tuple[Claim, ...]
    """Their shares sum to 10,000; empty if nobody earns. The first takes what rounding leaves."""
    losers: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds for an order: every line under one ruling."""

    rulings: tuple[Ruling, ...]

    @property
    def reason(self) -> Reason:
        """The first ruling's under which somebody earns, else the first's."""
        rulings = self.rulings
        return next((each.reason for each in rulings if each.winners), rulings[0].reason)

    def ruling_on(self, position: int) -> Ruling:
        """What holds for the line at this position. KeyError if there is none."""
        for ruling in self.rulings:
            if position in ruling.positions:
                return ruling
        raise KeyError(position)

    def claims(self) -> Iterator[Claim]:
        """Every claim of every ruling, winners first."""
        for ruling in self.rulings:
            yield from ruling.winners
            yield from ruling.losers

    def as_document(self) -> dict[str, Any]:
        """What is stored with the credit."""
        return {
            "rulings": [
                {
                    "positions": list(ruling.positions),
                    "reason": ruling.reason.value,
                    "winners": [_written(claim) for claim in ruling.winners],
                    "losers": [_written(claim) for claim in ruling.losers],
                }
                for ruling in self.rulings
            ]
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a stored verdict."""
        return cls(
            tuple(
                Ruling(
                    positions=tuple(ruling["positions"]),
                    reason=Reason(ruling["reason"]),
                    winners=tuple(_read(claim) for claim in ruling["winners"]),
                    losers=tuple(_read(claim) for claim in ruling["losers"]),
                )
                for ruling in document["rulings"]
            )
        )


def _written(claim: Claim) -> dict[str, Any]:
    return {**asdict(claim), "reason": claim.reason.value, "at": as_rfc3339(claim.at)}


def _read(document: Mapping[str, Any]) -> Claim:
    known = dict(document)
    known["reason"] = Reason(known["reason"])
    known["at"] = datetime.fromisoformat(known["at"])
    return Claim(**known)
