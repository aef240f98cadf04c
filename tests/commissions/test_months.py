"""Ten thousand generated months, reckoned by the program and by a second, plain opinion."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.attribution.models import Credit
from storefront.attribution.rules import Model, Policy
from storefront.commissions import plans as plan_service
from storefront.commissions.models import Accrual
from storefront.commissions.rules import Portion, Rule, earned, to_reverse
from storefront.commissions.rules.months import (
    LaterReturns,
    MonthTerms,
    Tier,
    TierMode,
    bands_of,
    settle_month,
)
from storefront.commissions.rules.volume import Back, Month, Sale, month_of, undone
from storefront.commissions.settlement import Span, settle
from storefront.commissions.settlement_models import SettledMonth, Settlement
from storefront.commissions.terms import NewRule, Terms
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.orders.models import Order, OrderLine, Return, ReturnLine
from tests.commissions import plain
from tests.commissions import plain_months as second
from tests.commissions.plain_months import Event, Plan, Sold
from tests.insights.simulations import story
from tests.support import disputing, trade
from tests.support.books import broken

MONTHS = 10_000
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
SPANS = [
    (BEGIN + timedelta(days=30 * number), BEGIN + timedelta(days=30 * (number + 1)))
    for number in range(4)
]
ENDS = [end for _, end in SPANS]


def terms_by(chance: random.Random) -> MonthTerms:
    if chance.random() < 0.1:
        return MonthTerms()
    thresholds = sorted(chance.sample(range(0, 60_000, 500), chance.randrange(0, 5)))
    return MonthTerms(
        tuple(Tier(each, chance.randrange(0, 2_000)) for each in thresholds),
        chance.choice(list(TierMode)),
        chance.choice(list(LaterReturns)),
        chance.choice([None, chance.randrange(0, 6_000)]),
    )


def plainly(terms: MonthTerms) -> Plan:
    return Plan(
        [tier.start for tier in terms.tiers],
        [tier.extra for tier in terms.tiers],
        terms.mode is TierMode.WHOLE_VOLUME,
        terms.later_returns is LaterReturns.DIFFERENCE,
        terms.cap,
    )


def commission_by(chance: random.Random, base: int, quantity: int) -> int:
    """What a share earns by a rule, agreed on by both opinions."""
    rate, per_unit = chance.choice([(chance.randrange(0, 3_000), None), (0, chance.randrange(900))])
    rule = Rule(1, 1, rate, per_unit=per_unit, cap=chance.choice([None, chance.randrange(2_000)]))
    mine = chance.randrange(1, 10_000)
    place = chance.randrange(2)
    shares = (mine, 10_000 - mine)
    bonus = chance.choice([0, 0, 777])
    amount = earned(rule, Portion(base, quantity, shares, place), bonus).amount
    assert amount == plain.pay(rule, base, quantity, shares, place, bonus)
    return amount


def a_sale(chance: random.Random) -> tuple[Sale, Sold]:
    at = BEGIN + timedelta(hours=chance.randrange(-24 * 40, 24 * 119))
    base, quantity = chance.randrange(0, 25_000), chance.randrange(1, 6)
    commission = commission_by(chance, base, quantity)
    pieces, left, moment = quantity, base, at
    back: list[Back] = []
    while pieces and chance.random() < 0.3:
        moment += timedelta(hours=chance.choice([0, 1, 300, 900, 9_600]))
        some = chance.randrange(1, pieces + 1)
        amount = left if some == pieces else chance.randrange(0, left + 1)
        pieces, left = pieces - some, left - amount
        back.append(Back(moment, some, amount))
    ended_at = None
    if chance.random() < 0.1:
        ended_at = moment + timedelta(hours=chance.choice([-5, 0, 40, 1_000]))
    events = [Event(each.at, each.pieces, each.amount) for each in back]
    if ended_at:
        events.append(Event(ended_at))
    return (
        Sale(at, base, commission, quantity, tuple(back), ended_at),
        Sold(at, base, commission, quantity, events),
    )


def by_the_program(sales: list[Sale], terms: list[MonthTerms]) -> list[list[int]]:
    """What each close posts for each month, out of the program's rules alone."""
    months = [
        Month(*span, bool(each) and each.later_returns is LaterReturns.DIFFERENCE)
        for span, each in zip(SPANS, terms, strict=True)
    ]
    posted: dict[int, int] = defaultdict(int)
    closes: list[list[int]] = []
    for close, until in enumerate(ENDS):
        net, commission = [0] * 4, [0] * 4
        for sale in sales:
            place = month_of(months, sale.at)
            if place is not None and sale.at < until:
                net[place] += sale.base
                commission[place] += sale.commission
            if sale.at < until:
                for less in undone(sale, months[: close + 1], until):
                    net[less.month] -= less.net
                    commission[less.month] -= less.commission
        now: list[int] = []
        for month in range(close + 1):
            result = settle_month(terms[month], net[month], commission[month])
            now.append(result.amount - posted[month])
            posted[month] += now[-1]
        closes.append(now)
    return closes


def test_ten_thousand_months_are_settled_alike() -> None:
    moved = 0
    for seed in range(MONTHS // 4):
        chance = random.Random(seed)
        terms = [terms_by(chance) for _ in range(4)]
        pairs = [a_sale(chance) for _ in range(chance.randrange(1, 12))]
        found = by_the_program([sale for sale, _ in pairs], terms)
        plans = [plainly(each) for each in terms]
        assert found == second.postings([sold for _, sold in pairs], plans, BEGIN, ENDS), seed
        moved += sum(1 for close in found for amount in close if amount)
    assert moved > MONTHS / 4


def test_bands_add_up_to_the_whole_and_rise_with_sales() -> None:
    chance = random.Random(1)
    for _ in range(2_000):
        terms, net = terms_by(chance), chance.randrange(-1_000, 80_000)
        bands = bands_of(terms, net)
        assert sum(band.amount for band in bands) == second.tiers_of(plainly(terms), net)
        if bands and terms.mode is TierMode.WHOLE_VOLUME:
            assert [band.part for band in bands] == [net]
        elif bands:
            assert sum(band.part for band in bands) == net - bands[0].start


def test_whatever_comes_back_in_whatever_parts_all_is_reversed_in_the_end() -> None:
    chance = random.Random(2)
    for _ in range(2_000):
        amount, quantity = chance.randrange(0, 9_999), chance.randrange(1, 20)
        back = reversed_so_far = 0
        while back < quantity:
            back += chance.randrange(1, quantity - back + 1)
            reversed_so_far += to_reverse(amount, reversed_so_far, back, quantity)
            assert reversed_so_far == second.rounded(second.Fraction(amount * back, quantity))
        assert reversed_so_far == amount


# --- through the database ---------------------------------------------------------------------


def sold_by(employee_id: int) -> list[Sold]:
    """A person's life out of the books, read row by row."""
    found: list[Sold] = []
    for accrual in db.session.scalars(sa.select(Accrual).where(Accrual.employee_id == employee_id)):
        line = db.session.get_one(OrderLine, accrual.order_line_id)
        order = db.session.get_one(Order, accrual.order_id)
        credit = db.session.get_one(Credit, accrual.credit_id)
        shares = list(
            db.session.scalars(
                sa.select(Credit.share)
                .where(Credit.order_line_id == line.id, Credit.verdict_id == credit.verdict_id)
                .order_by(Credit.position)
            )
        )
        rows = db.session.execute(
            sa.select(Return.at, ReturnLine.quantity, ReturnLine.amount)
            .join(ReturnLine, ReturnLine.return_id == Return.id)
            .where(ReturnLine.order_line_id == line.id)
            .order_by(ReturnLine.id)
        )
        left, events = line.net, list[Event]()
        for at, pieces, amount in rows:
            before = plain.part(left, shares, credit.position)
            left -= amount
            events.append(Event(at, pieces, before - plain.part(left, shares, credit.position)))
        events += [Event(at) for at in (order.cancelled_at, accrual.superseded_at) if at]
        found.append(Sold(accrual.at, accrual.base, accrual.amount, line.quantity, events))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_months_out_of_the_books_are_settled_alike(
    app: Flask, clock: SettableClock, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(story, "ORDERS", 25)
    clock.set(BEGIN)
    trade.the_policy(Policy(window_days=30, model=Model.LINEAR))
    terms = MonthTerms(
        (Tier(10_000, 333), Tier(50_000, 777)),
        list(TierMode)[seed % 2],
        list(LaterReturns)[seed // 2 % 2],
        chance.choice([None, 9_000]),
    )
    said = Terms((NewRule(777),), 7, BEGIN, "", month=terms, order_cap=4_000, bonus=55)
    version = plan_service.draft_terms(said, SYSTEM, clock.now()).version
    plan_service.approve_plan(version, SYSTEM)
    plan_service.publish_plan(version, clock.now())
    people = story.sellers()
    told = story.tell(seed, story.a_chain(), clock, people)
    disputed = trade.sell(story.a_chain().goods[2], through=told.sellers[0])
    clock.advance(timedelta(days=9))
    case = disputing.a_dispute(disputing.owner(people[1]), disputed)
    disputing.decided(case, lines={1: {disputing.owner(people[1]): 10_000}})
    ids = [link.employee_id for link in people]
    clock.set(ENDS[-1] + timedelta(days=1))
    for number, span in enumerate(SPANS):
        with transaction():
            settle(ids, Span(*span, f"month {number}"), clock.now())
    plans = [plainly(terms)] * 4
    moved = 0
    for employee_id in ids:
        expected = second.postings(sold_by(employee_id), plans, BEGIN, ENDS)
        found = [[0] * (close + 1) for close in range(4)]
        for row in db.session.scalars(
            sa.select(Settlement).where(Settlement.employee_id == employee_id)
        ):
            found[number_of(row.posted_in_id)][number_of(row.month_id)] = row.amount
        assert found == expected
        moved += sum(1 for close in found for amount in close if amount)
    assert moved > 0
    assert broken() == set()


def number_of(month_id: int) -> int:
    return int(db.session.get_one(SettledMonth, month_id).key.split()[1])
