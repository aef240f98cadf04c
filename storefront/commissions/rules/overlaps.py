"""Rules that ask for as much as each other and meet: only the weight of what they ask decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice
from typing import Any

from storefront.commissions.rules.matching import KINDS, Rule, weight

MOST_OVERLAPS = 100
"""Pairs that are named: whoever has more of them sees by these what decides."""
MOST_COMPARED = 200_000
"""Pairs that are looked at, so that a plan of ten thousand rules is checked in a moment."""

_Paths = Mapping[int, tuple[int, ...]]

_FIELDS = {kind: kind if kind in ("grade", "buyer") else f"{kind}_id" for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules that may match the same sale, and the kind of condition by which one wins."""

    winner: Rule
    loser: Rule
    by: str
    """One of KINDS: the winner asks for it, or more narrowly."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Which goods there are, as far as rules ask about them."""

    products: Mapping[int, tuple[int, int]]
    """Category and brand of each product."""
    paths: _Paths
    stocked: Collection[tuple[int, int]]
    """Category, or one above it, and brand of some product."""

    @classmethod
    def of(cls, products: Mapping[int, tuple[int, int]], paths: _Paths) -> Shelf:
        """The shelf with these products."""
        stocked = {
            (above, brand)
            for category, brand in set(products.values())
            for above in paths.get(category, (category,))
        }
        return cls(products, paths, stocked)


def overlaps(rules: Sequence[Rule], shelf: Shelf) -> Iterator[Overlap]:
    """Pairs of `rules` with as many conditions, of which neither holds wherever the other does.

    Rules with the same conditions, and those that never win, are somebody else's finding: leave
    them out.
    """
    by_pattern: dict[tuple[str, ...], list[Rule]] = defaultdict(list)
    for rule in rules:
        by_pattern[_pattern(rule)].append(rule)
    looked_at = islice(_meetings(by_pattern), MOST_COMPARED)
    meeting = (
        _decided(one, other, shelf.paths)
        for one, other in looked_at
        if _may_meet(one, other, shelf)
    )
    return islice(meeting, MOST_OVERLAPS)


def _pattern(rule: Rule) -> tuple[str, ...]:
    return tuple(kind for kind in KINDS if getattr(rule, _FIELDS[kind]) is not None)


def _meetings(by_pattern: Mapping[tuple[str, ...], Sequence[Rule]]) -> Iterator[tuple[Rule, Rule]]:
    """Pairs with as many conditions of not the same kinds that say the same where both ask."""
    return chain.from_iterable(
        _joined(by_pattern, one, other)
        for one, other in combinations(by_pattern, 2)
        if len(one) == len(other)
    )


def _joined(
    by_pattern: Mapping[tuple[str, ...], Sequence[Rule]],
    one: tuple[str, ...],
    other: tuple[str, ...],
) -> Iterator[tuple[Rule, Rule]]:
    # Of categories one may lie in the other.
    shared = [_FIELDS[kind] for kind in one if kind in other and kind != "category"]
    keyed: dict[tuple[Any, ...], list[Rule]] = defaultdict(list)
    for rule in by_pattern[other]:
        keyed[tuple(getattr(rule, name) for name in shared)].append(rule)
    for rule in by_pattern[one]:
        for met in keyed.get(tuple(getattr(rule, name) for name in shared), ()):
            yield rule, met


def _may_meet(one: Rule, other: Rule, shelf: Shelf) -> bool:
    """Whether there are goods for both, and neither asks for goods that the other has anyway."""
    if _covers(one, other, shelf) or _covers(other, one, shelf):
        return False
    product = one.product_id or other.product_id
    brand = one.brand_id or other.brand_id
    categories = [each.category_id for each in (one, other) if each.category_id is not None]
    if product is not None:
        category, made_by = shelf.products.get(product, (0, 0))
        path = shelf.paths.get(category, (category,))
        return brand in (None, made_by) and all(each in path for each in categories)
    if not categories:
        return True
    lowest = max(categories, key=lambda each: len(shelf.paths.get(each, (each,))))
    if not set(categories) <= set(shelf.paths.get(lowest, (lowest,))):
        return False
    return brand is None or (lowest, brand) in shelf.stocked


def _covers(wide: Rule, narrow: Rule, shelf: Shelf) -> bool:
    """Whether one matches wherever the other does."""
    category, brand = narrow.category_id, narrow.brand_id
    if narrow.product_id is not None:
        category, brand = shelf.products.get(narrow.product_id, (category, brand))
    path = () if category is None else shelf.paths.get(category, (category,))
    return (
        (wide.category_id is None or wide.category_id in path)
        and wide.brand_id in (None, brand)
        and all(
            getattr(wide, name) in (None, getattr(narrow, name))
            for kind, name in _FIELDS.items()
            if kind not in ("category", "brand")
        )
    )


def _decided(one: Rule, other: Rule, paths: _Paths) -> Overlap:
    weights = {
        rule.position: weight(rule, len(paths.get(rule.category_id or 0, (0,))))
        if rule.category_id is not None
        else weight(rule, 0)
        for rule in (one, other)
    }
    winner, loser = sorted((one, other), key=lambda rule: weights[rule.position], reverse=True)
    by = next(
        kind
        for kind, more, less in zip(
            KINDS, weights[winner.position], weights[loser.position], strict=True
        )
        if more != less
    )
    return Overlap(winner, loser, by)
