"""Colleagues who buy from each other: cycles in the graph of who buys from whom."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from storefront.fraud.rules.thresholds import Thresholds


class Dealing(NamedTuple):
    """How often one employee bought what another is credited with."""

    buyer_id: int
    seller_id: int
    orders: int


class Edge(NamedTuple):
    """A dealing that closes a ring."""

    buyer_id: int
    seller_id: int
    orders: int
    ring: tuple[int, ...]
    """The shortest ring that it is part of, from the seller on, the least first among equals."""


def rings(dealings: Iterable[Dealing], thresholds: Thresholds) -> list[Edge]:
    """The dealings that are part of a ring of at most `ring_longest` people, in a fixed order.

    Dealings of fewer orders than `ring_orders_from` count for nothing: colleagues do buy from
    each other. For each edge a search goes back from the seller to the buyer and no deeper than the
    longest ring, so that a store where all know all costs no more than its neighbourhoods.
    """
    strong = sorted(
        each
        for each in dealings
        if each.orders >= thresholds.ring_orders_from and each.buyer_id != each.seller_id
    )
    goes_to: dict[int, list[int]] = defaultdict(list)
    for each in strong:
        goes_to[each.buyer_id].append(each.seller_id)
    return list(_closed(strong, goes_to, thresholds.ring_longest))


def _closed(
    strong: Sequence[Dealing], goes_to: Mapping[int, Sequence[int]], longest: int
) -> Iterator[Edge]:
    for each in strong:
        path = _way(each.seller_id, each.buyer_id, goes_to, longest - 1)
        if path:
            yield Edge(each.buyer_id, each.seller_id, each.orders, path)


def _way(start: int, goal: int, goes_to: Mapping[int, Sequence[int]], most: int) -> tuple[int, ...]:
    """The shortest way of at most `most` steps, both ends included; empty if there is none."""
    came_from: dict[int, int] = {start: start}
    waiting = deque([(start, 0)])
    while waiting:
        at, steps = waiting.popleft()
        if steps == most:
            continue
        for following in goes_to.get(at, ()):
            if following in came_from:
                continue
            came_from[following] = at
            if following == goal:
                return _back(goal, start, came_from)
            waiting.append((following, steps + 1))
    return ()


def _back(goal: int, start: int, came_from: Mapping[int, int]) -> tuple[int, ...]:
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return tuple(reversed(path))
