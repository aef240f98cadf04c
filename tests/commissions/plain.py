"""A second opinion on what plans pay: slow, plain, and written without looking at the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from storefront.commissions.rules import Booster, Buyer, Rule, Subject

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
        (rule.campaign_id, [subject.campaign_id]),
        (rule.buyer, ["new" if subject.buyer in NEW else subject.buyer.value]),
    ]
    return all(wanted is None or wanted in there for wanted, there in asked)


def winner(rules: Sequence[Rule], subject: Subject) -> Rule | None:
    """Those that match, weeded out by one kind of condition after the other."""
    left = [rule for rule in rules if matches(rule, subject)]
    for kind in ("employee_id", "product_id", "campaign_id"):
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


@dataclass
class Share:
    """One share of one line, and what comes of it."""

    subject: Subject
    base: int
    quantity: int
    shares: Sequence[int]
    place: int
    bonus: int = 0
    parts: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def amount(self) -> int:
        """What it earns in all."""
        return self.parts["rule"] + self.parts["boost"] + self.parts["bonus"]


def booster(boosters: Sequence[Booster], subject: Subject, at: datetime) -> Booster | None:
    """The one booster that counts at a moment."""
    on = [each for each in boosters if each.starts_at <= at and not each.ends_at <= at]
    rule = winner([each.rule for each in on], subject)
    return next((each for each in on if each.rule is rule), None)


def pay_order(
    order: Sequence[Share],
    rules: Sequence[Rule],
    boosters: Sequence[Booster],
    left: dict[int, int],
    at: datetime,
    cap: int | None,
) -> None:
    """Pay an order coin by coin: rules first, boosters then, each employee up to the cap.

    `left` is what budgets have left, by the booster's rule, and what goes out is taken from it.
    """
    earned: dict[int, int] = {}
    for share in order:
        won = winner(rules, share.subject)
        full = pay(won, share.base, share.quantity, share.shares, share.place, 0)
        share.parts["rule"] = _within(cap, earned, share.subject.employee_id, full)
        share.parts["bonus"] = part(share.bonus, share.shares, share.place)
        share.parts["over_cap"] = full - share.parts["rule"]
    for share in order:
        boosting = booster(boosters, share.subject, at)
        full = (
            pay(boosting.rule, share.base, share.quantity, share.shares, share.place, 0)
            if boosting
            else 0
        )
        promised = _within(cap, earned, share.subject.employee_id, full)
        share.parts["over_cap"] += full - promised
        paid = min(promised, left[boosting.rule.id]) if boosting else 0
        if boosting:
            left[boosting.rule.id] -= paid
        share.parts["boost"], share.parts["unfunded"] = paid, promised - paid


def _within(cap: int | None, earned: dict[int, int], employee: int, full: int) -> int:
    so_far = earned.get(employee, 0)
    allowed = full if cap is None else max(0, min(full, cap - so_far))
    earned[employee] = so_far + allowed
    return allowed
