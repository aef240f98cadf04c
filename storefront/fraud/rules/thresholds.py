"""From where on a rule speaks up: one document, versioned and approved by headquarters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple, Self

from storefront.commissions.fraud_models import Signal

WHOLE = 10_000
"""All of it, in basis points."""
MOST_DAYS = 365
MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When each rule speaks up. Days, counts, basis points; amounts in minor units.

    What somebody may do without being asked is in here; what the defaults are is our own choice.
    """

    watched: tuple[str, ...] = tuple(signal.value for signal in Signal)
    """The rules that are on."""
    window_days: int = 90
    """How far back the rules look."""
    escalate_after_days: int = 10
    """After so long without an answer a case goes to a higher role."""
    second_person_from: int = 100_000
    """Held money of so much or more is let go by two people."""
    staff_per_device_from: int = 3
    """A browser in which so many employees have signed in is the shop's: it is nobody's own."""
    address_orders_from: int = 3
    """Orders to an address that an employee has goods sent to: families live together."""
    ring_orders_from: int = 3
    """Orders that a colleague places with another, for the two to count as dealing."""
    ring_longest: int = 4
    """The largest ring that is looked for."""
    return_days_before: int = 7
    """Bought so shortly before a payday, or the end of a month…"""
    return_days_after: int = 10
    """… and back so shortly after."""
    return_lines_from: int = 3
    return_share_from: int = 5_000
    """Of what was bought in those days."""
    return_norm_times: int = 3
    """And so many times the share that comes back to the chain as a whole."""
    guests_from: int = 5
    """Customers on one browser, where they pay from fewer than half as many accounts."""
    guests_unknown_from: int = 12
    """The same where the gateway does not tell who pays."""
    discount_from: int = 500
    """Off the list price, on what a colleague buys."""
    claims_from: int = 10
    """Sales claimed at tills from customers whom the employee had never met."""
    claims_share_from: int = 7_000
    """Of all that the employee claims there."""
    claims_norm_times: int = 2
    """And so many times the chain's own share: where nobody meets anybody, the rule is silent."""
    stock_pieces_from: int = 12
    """Pieces of one product that a buyer, or an address, keeps."""
    stock_orders_from: int = 3
    """In so many orders: one large order is a large order."""
    stock_norm_times: int = 3
    """And so many times what others keep who buy the product again."""
    stock_others_from: int = 5
    """Others from whom on a product has a norm of its own; until then the chain's is taken."""

    def as_document(self) -> dict[str, Any]:
        """What is stored as a version."""
        return {**asdict(self), "watched": list(self.watched)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a stored version; what it does not say is as it is by default."""
        known = {each.name for each in fields(cls)}
        values = {name: value for name, value in document.items() if name in known}
        if "watched" in values:
            values["watched"] = tuple(values["watched"])
        return cls(**values)

    def watches(self, signal: Signal) -> bool:
        """Whether a rule is on."""
        return signal.value in self.watched


class Fault(NamedTuple):
    """One thing that is wrong with thresholds, and where."""

    element: str
    sentence: str


BOUNDS: Mapping[str, tuple[int, int]] = {
    "window_days": (7, MOST_DAYS),
    "escalate_after_days": (1, 90),
    "second_person_from": (0, 10**12),
    "staff_per_device_from": (2, 1_000),
    "address_orders_from": (1, MOST),
    "ring_orders_from": (1, MOST),
    "ring_longest": (2, 8),
    "return_days_before": (1, 31),
    "return_days_after": (1, 62),
    "return_lines_from": (1, MOST),
    "return_share_from": (0, WHOLE),
    "return_norm_times": (1, 100),
    "guests_from": (2, MOST),
    "guests_unknown_from": (2, MOST),
    "discount_from": (1, WHOLE),
    "claims_from": (1, MOST),
    "claims_share_from": (0, WHOLE),
    "claims_norm_times": (1, 100),
    "stock_pieces_from": (2, MOST),
    "stock_orders_from": (1, MOST),
    "stock_norm_times": (1, 1_000),
    "stock_others_from": (1, MOST),
}
"""The least and the most that each may be."""


def faults_of(thresholds: Thresholds) -> list[Fault]:
    """Everything that is wrong with thresholds."""
    faults: list[Fault] = []
    for element, (least, most) in BOUNDS.items():
        if not least <= getattr(thresholds, element) <= most:
            faults.append(Fault(element, f"This is {least} to {most}."))
    signals = {signal.value for signal in Signal}
    unknown = sorted(set(thresholds.watched) - signals)
    if unknown:
        faults.append(Fault("watched", f"There is no such rule: {', '.join(unknown)}."))
    if len(set(thresholds.watched)) < len(thresholds.watched):
        faults.append(Fault("watched", "Name each rule once."))
    if thresholds.guests_unknown_from < thresholds.guests_from:
        faults.append(Fault("guests_unknown_from", "Knowing less asks for as many guests or more."))
    return faults
