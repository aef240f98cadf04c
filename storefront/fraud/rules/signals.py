"""What each rule makes of its facts: the evidence if it speaks up, None if it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storefront.commissions.fraud_models import Signal
from storefront.fraud.rules.thresholds import WHOLE, Thresholds


@dataclass(frozen=True, slots=True)
class Match:
    """Orders credited to an employee that carry a mark of the employee's own."""

    signal: Signal
    orders: int
    staff: int = 1
    """How many employees the mark would point to."""


@dataclass(frozen=True, slots=True)
class AroundPayday:
    """What was bought from an employee just before a payday, and was back just after."""

    lines: int
    back: int
    chain_lines: int
    chain_back: int
    """The same of everybody."""


@dataclass(frozen=True, slots=True)
class Guests:
    """Customers who ordered from one employee in one browser."""

    guests: int
    orders: int
    orders_known: int
    """Those of which the gateway told who paid."""
    payers: int
    staff: int
    """Employees who have signed in there."""


@dataclass(frozen=True, slots=True)
class Discount:
    """A line that a colleague, or the seller, bought under its list price. Minor units."""

    listed: int
    net: int


@dataclass(frozen=True, slots=True)
class Claims:
    """Sales that an employee claims at tills, and those of customers they had never met."""

    claims: int
    without: int
    chain_claims: int
    chain_without: int


@dataclass(frozen=True, slots=True)
class Pile:
    """Pieces of one product that one buyer, or one address, took from one employee and kept."""

    kept: int
    orders: int
    others: int
    """Others who bought the product again."""
    others_kept: int
    chain_buyers: int
    """Everybody who bought any product, once or again, counted per product."""
    chain_kept: int
    by_address: bool = False


Fact = Match | AroundPayday | Guests | Discount | Claims | Pile
Evidence = dict[str, Any]


def finding(fact: Fact, thresholds: Thresholds) -> Evidence | None:
    """What the rule for this kind of fact says."""
    match fact:
        case Match():
            return _match(fact, thresholds)
        case AroundPayday():
            return _around_payday(fact, thresholds)
        case Guests():
            return _guests(fact, thresholds)
        case Discount():
            return _discount(fact, thresholds)
        case Claims():
            return _claims(fact, thresholds)
        case Pile():
            return _pile(fact, thresholds)


def _match(fact: Match, thresholds: Thresholds) -> Evidence | None:
    if fact.signal is Signal.OWN_DEVICE and fact.staff >= thresholds.staff_per_device_from:
        return None
    if fact.signal is Signal.OWN_ADDRESS and fact.orders < thresholds.address_orders_from:
        return None
    return {"orders": fact.orders}


def _around_payday(fact: AroundPayday, thresholds: Thresholds) -> Evidence | None:
    share = part(fact.back, fact.lines)
    if fact.back < thresholds.return_lines_from or share < thresholds.return_share_from:
        return None
    others_share = part(fact.chain_back - fact.back, fact.chain_lines - fact.lines)
    if share < others_share * thresholds.return_norm_times:
        return None
    return {"lines": fact.lines, "back": fact.back, "share": share, "others_share": others_share}


def _guests(fact: Guests, thresholds: Thresholds) -> Evidence | None:
    if fact.staff >= thresholds.staff_per_device_from or fact.guests < thresholds.guests_from:
        return None
    # Where most payers are known, guests who pay from as many accounts are so many people.
    known = fact.orders_known * 2 > fact.orders
    if known and fact.payers * 2 >= fact.guests:
        return None
    if not known and fact.guests < thresholds.guests_unknown_from:
        return None
    return {
        "guests": fact.guests,
        "orders": fact.orders,
        "payers": fact.payers if known else None,
    }


def _discount(fact: Discount, thresholds: Thresholds) -> Evidence | None:
    off = part(fact.listed - fact.net, fact.listed)
    if off < thresholds.discount_from:
        return None
    return {"listed": fact.listed, "paid": fact.net, "off": off}


def _claims(fact: Claims, thresholds: Thresholds) -> Evidence | None:
    share = part(fact.without, fact.claims)
    if fact.without < thresholds.claims_from or share < thresholds.claims_share_from:
        return None
    others_share = part(fact.chain_without - fact.without, fact.chain_claims - fact.claims)
    if share < others_share * thresholds.claims_norm_times:
        return None
    return {
        "claims": fact.claims,
        "without": fact.without,
        "share": share,
        "others_share": others_share,
    }


def _pile(fact: Pile, thresholds: Thresholds) -> Evidence | None:
    if fact.kept < thresholds.stock_pieces_from or fact.orders < thresholds.stock_orders_from:
        return None
    own_norm = fact.others >= thresholds.stock_others_from
    others = fact.others if own_norm else fact.chain_buyers
    kept = fact.others_kept if own_norm else fact.chain_kept
    # Compared by products, so that a norm of 1.4 pieces is not taken for 1.
    if fact.kept * others < kept * thresholds.stock_norm_times:
        return None
    return {
        "kept": fact.kept,
        "orders": fact.orders,
        "norm_tenths": 10 * kept // others if others else None,
        "norm_is_products": own_norm,
        "by_address": fact.by_address,
    }


def part(some: int, of: int) -> int:
    """`some` of `of` in basis points; 0 of nothing is 0."""
    return WHOLE * some // of if of > 0 else 0
