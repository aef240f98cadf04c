"""A second opinion on what plans pay: slow, plain, and written without looking at the rules."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from storefront.commissions.rules import Buyer, Rule, Subject

NEW = (Buyer.NEW, Buyer.NEW_TOLD_LATE)


def matches(rule: Rule, subject: Subject) -> bool:
    """Whether every condition of a rule holds."""
    asked = [
        (rule.employee_id, [subject.employee_id]),
        (rule.product_id, [subject.product_id]),
        (rule.category_id, subject.category_ids),
        (rule.brand_id, [subject.brand_id]),
        (rule.store_id, [subject.store_id]),
        (rule.grade, [subject.grade]),
        (rule.buyer, ["new" if subject.buyer in NEW else subject.buyer.value]),
    ]
    return all(wanted is None or wanted in there for wanted, there in asked)


def winner(rules: Sequence[Rule], subject: Subject) -> Rule | None:
    """Those that match, weeded out by one kind of condition after the other."""
    left = [rule for rule in rules if matches(rule, subject)]
    for kind in ("employee_id", "product_id"):
        left = [rule for rule in left if getattr(rule, kind) is not None] or left
    for category in subject.category_ids:
        nearest = [rule for rule in left if rule.category_id == category]
        if nearest:
            left = nearest
            break
    for kind in ("brand_id", "store_id", "grade", "buyer"):
        left = [rule for rule in left if getattr(rule, kind) is not None] or left
    return min(left, key=lambda rule: rule.position) if left else None


def part(whole: int, shares: Sequence[int], place: int) -> int:
    """A share of a whole: later ones rounded down, the first has what is left."""
    cut = [
        int((Decimal(whole) * share / 10_000).to_integral_value(ROUND_FLOOR)) for share in shares
    ]
    return whole - sum(cut[1:]) if place == 0 else cut[place]


def pay(
    rule: Rule | None, base: int, quantity: int, shares: Sequence[int], place: int, bonus: int
) -> int:
    """What a share of a line earns; `bonus` is the line's."""
    if rule is None:
        amount = 0
    elif rule.per_unit is None:
        exact = Decimal(base) * rule.rate / 10_000
        amount = int(exact.to_integral_value(ROUND_HALF_UP))
    else:
        amount = part(rule.per_unit * quantity, shares, place)
    if rule is not None and rule.cap is not None:
        amount = min(amount, part(rule.cap, shares, place))
    return amount + part(bonus, shares, place)
