"""A chain that has seen everything: sold, cancelled, taken back, paid out, changed its mind."""

from __future__ import annotations

from datetime import timedelta

from storefront import sales
from storefront.commissions import payouts
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.insights import visits
from storefront.orders.models import CancelReason
from storefront.sharing.models import Uncounted
from storefront.staff.models import Role
from tests.support import cast, trade


def live_through_it(clock: SettableClock) -> None:
    """Two sellers and the chain's own front, from the first visit to two paydays and a debt."""
    trade.open_for_trade()
    anna, bo = trade.a_seller("E1", store="S1"), trade.a_seller("E2", store="S2")
    drafts, approves = (
        cast.actor_of(cast.an_employee(number, role=Role.HQ_FINANCE)) for number in ("F1", "F2")
    )
    pots = trade.stocked(cast.a_product(price=3_333), 50).variants[0]
    tea = cast.a_product(price=1_099).variants[0]

    trade.a_visit(bo, uncounted=Uncounted.CRAWLER)
    first = trade.sell({pots: 3, tea: 2}, through=anna)
    trade.sell({pots: 1})
    trade.sell({pots: 1}, through=anna, handed_over=False)
    given_up = trade.sell({pots: 2}, through=bo, handed_over=False)
    sales.cancel(given_up.public_id, CancelReason.BY_CHAIN, SYSTEM, clock.now())
    late = trade.a_charge(trade.an_order({pots: 1}, through=bo))
    clock.advance(timedelta(minutes=20))
    sales.expire_holds(clock.now())
    trade.pay_at(late)
    sales.take_back(first.public_id, {1: 1}, "chipped", SYSTEM, clock.now())
    trade.carry_out_refunds()
    visits.fold(clock.now())

    clock.advance(timedelta(days=31))
    paid = sales.draft_payout(clock.now(), drafts, clock.now())
    payouts.approve(paid.public_id, approves, clock.now())
    sales.pay_out(paid.public_id, clock.now())
    sales.take_back(first.public_id, {1: 1, 2: 2}, "unwanted", SYSTEM, clock.now())

    trade.sell({pots: 2, tea: 5}, through=bo)
    clock.advance(timedelta(days=31))
    regretted = sales.draft_payout(clock.now(), drafts, clock.now())
    payouts.discard(regretted.public_id, clock.now())
    following = sales.draft_payout(clock.now(), drafts, clock.now())
    payouts.approve(following.public_id, approves, clock.now())
    trade.a_visit(anna)
    trade.an_order({pots: 4}, through=anna)
    clock.advance(timedelta(minutes=1))
