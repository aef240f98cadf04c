"""What a plan's author should know of its rules: what never wins, twins, overlaps, and gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import Any

from storefront.commissions.rules.matching import Booster, Buyer, Rule, weight
from storefront.commissions.rules.overlaps import Shelf, overlaps

MOST_GAPS = 100
"""Goods without a rule that are named; a plan that has more lacks a rule, not a hundred."""

Paths = Mapping[int, tuple[int, ...]]
"""Each category's way up to the root, itself first."""


class Problem(StrEnum):
    """What may be wrong."""

    MATCHES_NOTHING = "matches_nothing"
    """The rule's product is neither of its brand nor within its category."""
    SHADOWED = "shadowed"
    """A more specific rule matches everything that this one does."""
    TWIN = "twin"
    """An earlier rule has the same conditions: the plan's order alone decides."""
    OVERLAP = "overlap"
    """Another rule asks for as much and may match the same sale: what it asks for weighs more."""
    BOOSTER_OVER = "booster_over"
    """The booster ends before the plan starts."""
    GAP = "gap"
    """Goods that earn nothing when they are sold by somebody whom no rule names."""


@dataclass(frozen=True, slots=True)
class Goods:
    """A product of the catalogue."""

    product_id: int
    category_id: int
    brand_id: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that may be wrong, with the rules (by position) or the goods it is about."""

    problem: Problem
    position: int | None = None
    because_of: int | None = None
    """The rule that wins instead: always, or with an overlap where both match."""
    by: str | None = None
    """Of an overlap: the kind of condition that decides, one of KINDS."""
    product_id: int | None = None
    buyers: tuple[Buyer, ...] = ()
    """The customers for whom there is the gap."""


_Conditions = tuple[Any, ...]


def check(rules: Sequence[Rule], catalogue: Sequence[Goods], paths: Paths) -> list[Finding]:
    """What is found about the rules, in the plan's order, then about pairs of them that overlap,
    and then about goods without a rule.
    """
    goods = {each.product_id: each for each in catalogue}
    ordered = sorted(rules, key=lambda rule: rule.position)
    first: dict[_Conditions, Rule] = {}
    for rule in ordered:
        first.setdefault(_conditions(rule), rule)
    found = [
        finding
        for rule in ordered
        for finding in [_finding_on(rule, first, goods, paths)]
        if finding
    ]
    hopeless = {finding.position for finding in found}
    shelf = Shelf.of(
        {each.product_id: (each.category_id, each.brand_id) for each in catalogue}, paths
    )
    meeting = [
        Finding(Problem.OVERLAP, each.loser.position, each.winner.position, each.by)
        for each in overlaps([rule for rule in ordered if rule.position not in hopeless], shelf)
    ]
    return [*found, *meeting, *_gaps(first, catalogue, paths)]


def check_boosters(
    boosters: Sequence[Booster], starts_at: datetime, catalogue: Sequence[Goods], paths: Paths
) -> list[Finding]:
    """Boosters that can never pay anything in a plan that starts at `starts_at`."""
    goods = {each.product_id: each for each in catalogue}
    found: list[Finding] = []
    for each in boosters:
        about = goods.get(each.rule.product_id) if each.rule.product_id is not None else None
        if about and _contradicts(each.rule, about, paths):
            found.append(Finding(Problem.MATCHES_NOTHING, each.rule.position))
        elif each.ends_at <= starts_at:
            found.append(Finding(Problem.BOOSTER_OVER, each.rule.position))
    return found


def _conditions(rule: Rule) -> _Conditions:
    return (
        rule.employee_id,
        rule.product_id,
        rule.category_id,
        rule.brand_id,
        rule.store_id,
        rule.grade,
        rule.campaign_id,
        rule.buyer,
    )


def _finding_on(
    rule: Rule, first: Mapping[_Conditions, Rule], goods: Mapping[int, Goods], paths: Paths
) -> Finding | None:
    about = goods.get(rule.product_id) if rule.product_id is not None else None
    if about and _contradicts(rule, about, paths):
        return Finding(Problem.MATCHES_NOTHING, rule.position)
    twin = first[_conditions(rule)]
    if twin is not rule:
        return Finding(Problem.TWIN, rule.position, twin.position)
    wider = [first[each] for each in _implied(rule, about, paths) if each in first]
    stronger = max(wider, key=lambda each: _rank(each, paths))
    if stronger is rule:
        return None
    return Finding(Problem.SHADOWED, rule.position, stronger.position)


def _contradicts(rule: Rule, about: Goods, paths: Paths) -> bool:
    return rule.brand_id not in (None, about.brand_id) or (
        rule.category_id is not None and rule.category_id not in _path(about.category_id, paths)
    )


def _implied(rule: Rule, about: Goods | None, paths: Paths) -> Iterator[_Conditions]:
    """Every set of conditions that holds wherever the rule's do, the rule's own among them."""
    lowest = about.category_id if about else rule.category_id
    brand = about.brand_id if about else rule.brand_id
    choices: list[tuple[Any, ...]] = [
        _or_nothing(rule.employee_id),
        _or_nothing(rule.product_id),
        (None, *_path(lowest, paths)),
        _or_nothing(brand),
        _or_nothing(rule.store_id),
        _or_nothing(rule.grade),
        _or_nothing(rule.campaign_id),
        _or_nothing(rule.buyer),
    ]
    return product(*choices)


def _or_nothing(value: Any) -> tuple[Any, ...]:
    return (None,) if value is None else (None, value)


def _path(category_id: int | None, paths: Paths) -> tuple[int, ...]:
    return () if category_id is None else paths.get(category_id, (category_id,))


def _rank(rule: Rule, paths: Paths) -> tuple[Any, ...]:
    # How near a category is to the goods is how deep it lies, whatever the goods.
    return (*weight(rule, len(_path(rule.category_id, paths))), -rule.position)


def _gaps(
    first: Mapping[_Conditions, Rule], catalogue: Sequence[Goods], paths: Paths
) -> Iterator[Finding]:
    left = MOST_GAPS
    for goods in catalogue:
        missed = tuple(
            buyer
            for buyer in (Buyer.NEW, Buyer.RETURNING, Buyer.UNKNOWN)
            if not _is_covered(goods, buyer, first, paths)
        )
        if missed:
            yield Finding(Problem.GAP, product_id=goods.product_id, buyers=missed)
            left -= 1
        if not left:
            return


def _is_covered(
    goods: Goods, buyer: Buyer, first: Mapping[_Conditions, Rule], paths: Paths
) -> bool:
    anybody = Rule(
        0,
        0,
        0,
        product_id=goods.product_id,
        category_id=goods.category_id,
        brand_id=goods.brand_id,
        buyer=None if buyer is Buyer.UNKNOWN else buyer,
    )
    return any(conditions in first for conditions in _implied(anybody, goods, paths))
