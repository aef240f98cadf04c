"""Disputes, returns, cancellations, releases and paydays in an order that chance makes.

What everybody has earned is reckoned beside it on paper, by a few lines that know no ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import pytest
from flask import Flask

from storefront import disputing, sales
from storefront.attribution.disputes.deciding import Decision, Share
from storefront.attribution.disputes.models import DisputeReason, Outcome
from storefront.attribution.disputes.opening import Objection
from storefront.catalog.models import Variant
from storefront.commissions import book, payouts
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.errors import Conflict, DomainError
from storefront.orders.models import CancelReason
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.disputing import owner, the_judge

STEPS = 90
PEOPLE = 3


@dataclass
class Line:
    """A sold line on paper."""

    net: int
    quantity: int
    shares: list[tuple[str, int]]
    """Staff numbers and basis points, the first takes what rounding leaves."""
    back: int = 0

    def earned(self) -> Counter[str]:
        """A tenth of everybody's share, less what came back of it."""
        rest = [self.net * share // 10_000 for _, share in self.shares[1:]]
        bases = [self.net - sum(rest), *rest]
        earned: Counter[str] = Counter()
        for (number, _), base in zip(self.shares, bases, strict=False):
            commission = (base + 5) // 10
            gone = (2 * commission * self.back + self.quantity) // (2 * self.quantity)
            earned[number] += commission - gone
        return earned


class Play:
    """One chain whose days chance decides."""

    def __init__(self, random: Random, clock: SettableClock) -> None:
        self.random, self.clock = random, clock
        trade.the_policy()
        trade.the_plan(hold_days=7)
        self.links = [trade.a_seller(f"E{n}", f"S{n}") for n in range(PEOPLE)]
        owners = [owner(link) for link in self.links]
        self.ids = {each.number: each.id for each in owners}
        self.actors: dict[str, Actor] = {each.number: cast.actor_of(each) for each in owners}
        self.goods: list[Variant] = [
            cast.a_product(price=price).variants[0] for price in (3_335, 1_999)
        ]
        self.orders: dict[str, list[Line]] = {}
        self.numbers: dict[str, str] = {}
        self.disputes: dict[str, str] = {}
        self.done: Counter[str] = Counter()
        self.often: dict[Callable[[], None], int] = {
            self.sells: 6,
            self.disputes_one: 8,
            self.is_decided: 6,
            self.is_withdrawn: 1,
            self.comes_back: 3,
            self.is_handed_over: 2,
            self.is_cancelled: 1,
            self.time_passes: 4,
            self.payday: 3,
        }

    def step(self) -> None:
        """Something happens, or is refused with a stable code."""
        [deed] = self.random.choices(list(self.often), list(self.often.values()))
        try:
            deed()
            self.done[deed.__name__] += 1
        except DomainError as refused:
            self.done[refused.code] += 1

    def sells(self) -> None:
        who = self.random.randrange(PEOPLE)
        wanted = {variant: self.random.randint(1, 3) for variant in self.goods}
        order = trade.sell(wanted, through=self.links[who], handed_over=self.random.random() < 0.7)
        self.numbers[order.public_id] = order.number
        self.orders[order.public_id] = [
            Line(variant.price * pieces, pieces, [(f"E{who}", 10_000)])
            for variant, pieces in wanted.items()
        ]

    def disputes_one(self) -> None:
        order = self.an_order()
        number = self.random.choice(list(self.actors))
        lines = self.random.choice([(), (1,), (2,), (1, 2)])
        objection = Objection(DisputeReason.OTHER, "…", lines)
        opened = disputing.open_dispute(
            None, self.numbers[order], objection, self.actors[number], self.clock.now()
        )
        self.disputes[opened.public_id] = order

    def is_decided(self) -> None:
        dispute = self.a_dispute()
        outcome = self.random.choice([Outcome.PARTLY, Outcome.PARTLY, Outcome.DENIED])
        given: dict[int, list[tuple[str, int]]] = {}
        if outcome is Outcome.PARTLY:
            given = {self.random.choice([1, 2]): self.shares()}
        decision = Decision(
            outcome,
            "…",
            {
                line: [Share(part, number) for number, part in shares]
                for line, shares in given.items()
            },
        )
        disputing.decide(dispute, decision, the_judge(), self.clock.now())
        order = self.disputes[dispute]
        if self.random.random() < 0.8:
            del self.disputes[dispute]
        for line, shares in given.items():
            self.orders[order][line - 1].shares = shares

    def shares(self) -> list[tuple[str, int]]:
        """Nobody's, one person's, or two people's, in parts that don't divide evenly."""
        people = self.random.sample(list(self.actors), self.random.randint(0, 2))
        if len(people) < 2:
            return [(number, 10_000) for number in people]
        part = self.random.randint(1, 9_999)
        return [(people[0], part), (people[1], 10_000 - part)]

    def comes_back(self) -> None:
        order, line = self.an_order(), self.random.choice([1, 2])
        sales.take_back(order, {line: 1}, "", SYSTEM, self.clock.now())
        self.orders[order][line - 1].back += 1

    def is_handed_over(self) -> None:
        sales.hand_over(self.an_order(), SYSTEM, self.clock.now())

    def is_cancelled(self) -> None:
        order = self.an_order()
        sales.cancel(order, CancelReason.BY_CHAIN, SYSTEM, self.clock.now())
        for line in self.orders[order]:
            line.back = line.quantity

    def is_withdrawn(self) -> None:
        dispute, number = self.a_dispute(), self.random.choice(list(self.actors))
        disputing.withdraw(dispute, self.actors[number], self.clock.now())

    def time_passes(self) -> None:
        self.clock.advance(timedelta(hours=self.random.choice([1, 30, 24 * 8])))
        sales.release(self.clock.now())

    def payday(self) -> None:
        now = self.clock.now()
        batch = sales.draft_payout(now, SYSTEM, now).public_id
        if self.random.random() < 0.3:
            payouts.discard(batch, now)
            return
        payouts.approve(batch, the_judge(), now)
        sales.pay_out(batch, now)

    def an_order(self) -> str:
        if not self.orders:
            raise Conflict("no_order", "None was sold yet.")
        return self.random.choice(list(self.orders)[-5:])

    def a_dispute(self) -> str:
        if not self.disputes:
            raise Conflict("no_dispute", "None was opened yet.")
        return self.random.choice(list(self.disputes)[-3:])

    def agrees_with_the_paper(self) -> None:
        """Held, due and paid come to what was earned, for everybody."""
        earned: Counter[str] = Counter()
        for lines in self.orders.values():
            for line in lines:
                earned.update(line.earned())
        for number, employee_id in self.ids.items():
            balance = book.balance_of(employee_id)
            stands = balance.held + balance.payable + balance.paid
            assert stands == earned[number], (number, dict(self.done))


@pytest.mark.parametrize("seed", [1, 3])
def test_whatever_chance_does_the_books_hold_and_agree_with_the_paper(
    app: Flask, clock: SettableClock, seed: int
) -> None:
    play = Play(Random(seed), clock)
    for step in range(STEPS):
        play.step()
        play.agrees_with_the_paper()
        if step % 10 == 9:
            assert broken() == set(), dict(play.done)
    assert broken() == set(), dict(play.done)
    assert play.done["is_decided"] >= 3, "chance must not pass the decisions by"
