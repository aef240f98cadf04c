"""The trade itself: every event of the plan in its turn."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from flask import current_app

from storefront import sales
from storefront.cli.demo.filling import calendar, goods, shops, stock
from storefront.cli.demo.filling.buying import Buying
from storefront.cli.demo.filling.calendar import Calendar
from storefront.cli.demo.filling.coupons import Coupons
from storefront.cli.demo.filling.goods import Deed, Goods
from storefront.cli.demo.filling.people import People, part_with
from storefront.cli.demo.filling.script import Script
from storefront.cli.demo.filling.visiting import Visiting
from storefront.cli.demo.plans import (
    CancellationPlan,
    EmploymentPlan,
    Event,
    HandOverPlan,
    LinkPlan,
    PaymentPlan,
    PurchasePlan,
    ReturnPlan,
    ShopOpeningPlan,
    VisitPlan,
)
from storefront.cli.demo.rhythm import CHINA
from storefront.core import jobs
from storefront.insights import visits

_LET_GO_AFTER = timedelta(seconds=20)
"""How long after a hold has run out the shop notices it."""


class Play:
    """The chain with everything that has happened in it so far."""

    def __init__(self, script: Script, people: People, known: Goods, coupons: Coupons) -> None:
        self._script = script
        self._people = people
        self._goods = known
        self._visiting = Visiting(script)
        self._buying = Buying(script.chain, people, known, coupons)
        self._settled = {plan.purchase for plan in script.events(PaymentPlan)}
        self._settled |= {plan.purchase for plan in script.events(CancellationPlan)}
        self._calendar = Calendar()
        for at, deed in chain(
            calendar.nights(script, self._visiting.keep),
            calendar.paydays(script, people, self._calendar),
            goods.price_changes(script, known, people.desk),
            stock.later(script, known, people.desk),
        ):
            self._calendar.note(at, deed)

    def through(self) -> Iterator[Event]:
        """Let everything happen; each event is given out when it is done."""
        with _customers_left_in_peace():
            for event in self._script.trade.events:
                self._calendar.advance_to(event.at)
                self._happen(event)
                yield event
            self._calendar.advance_to(self._script.end)
            self._visiting.keep()
            visits.fold(self._script.end + visits.SETTLED)

    def _happen(self, event: Event) -> None:
        match event:
            case VisitPlan():
                self._visiting.follow(event)
            case LinkPlan():
                self._visiting.codes[event.number] = shops.share_link(
                    event, self._people, self._goods
                )
            case ShopOpeningPlan():
                browser = self._visiting.browser_of(event.employee)
                shops.open_shop(event, self._people, self._goods, browser)
            case EmploymentPlan():
                self._visiting.keep()
                part_with(self._people, event.employee, event.state, event.at)
            case _:
                self._trade(event)

    def _trade(
        self, event: PurchasePlan | PaymentPlan | CancellationPlan | HandOverPlan | ReturnPlan
    ) -> None:
        match event:
            case PurchasePlan():
                self._order(event)
            case PaymentPlan():
                self._buying.pay(event)
                self._calendar.note(_sent_at(event), self._dispatching(event))
            case CancellationPlan():
                self._buying.cancel(event)
            case HandOverPlan():
                self._buying.hand_over(event)
            case ReturnPlan():
                self._buying.take_back(event)
        jobs.run_due(event.at)

    def _dispatching(self, plan: PaymentPlan) -> Deed:
        def dispatch(now: datetime) -> None:
            self._buying.dispatch(plan.purchase, now)
            jobs.run_due(now)

        return dispatch

    def _order(self, plan: PurchasePlan) -> None:
        self._visiting.keep()
        placed = self._buying.order(
            plan,
            self._script.trade.customers[plan.customer - 1],
            self._visiting.visitor(plan.visitor),
            self._visiting.language_of(plan),
        )
        if plan.number not in self._settled:
            self._calendar.note(placed.hold_expires_at + _LET_GO_AFTER, sales.expire_holds)


def _sent_at(plan: PaymentPlan) -> datetime:
    """Two or three hours after it was paid, or else the first thing in the morning."""
    paid, minutes = plan.at.astimezone(CHINA), timedelta(minutes=plan.purchase % 60)
    if 7 <= paid.hour < 17:
        return plan.at + timedelta(hours=2) + minutes
    morning = paid.replace(hour=7, minute=30) + minutes
    return (morning if paid.hour < 7 else morning + timedelta(days=1)).astimezone(UTC)


@contextmanager
def _customers_left_in_peace() -> Generator[None]:
    """Send no messages: nobody wants to be told today of an order of the past."""

    def tell_nobody(_payload: dict[str, Any], _now: datetime) -> None:
        pass

    extensions = current_app.extensions
    handlers = extensions["job_handlers"]
    messages = dict.fromkeys((sales.SEND_RECEIPT, sales.TELL_OF_DISPATCH), tell_nobody)
    extensions["job_handlers"] = {**handlers, **messages}
    try:
        yield
    finally:
        extensions["job_handlers"] = handlers
