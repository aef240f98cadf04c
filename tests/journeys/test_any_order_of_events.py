"""Whatever happens in whatever order, the books hold: a machine plays shop, and asks the audit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from storefront import disputing, sales
from storefront.attribution.disputes.deciding import Decision, Share
from storefront.attribution.disputes.models import DisputeReason, Outcome
from storefront.attribution.disputes.opening import Objection
from storefront.commissions import payouts
from storefront.commissions.terms import NewRule
from storefront.core import jobs
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.errors import DomainError
from storefront.insights import audit
from storefront.integrations.payments.sandbox import SignedNotice
from storefront.orders.models import CancelReason
from tests.support import cast, trade
from tests.support.disputing import owner
from tests.support.planning import a_booster, a_campaign, a_link_for, in_force
from tests.support.shopping import Shopper, a_shopper, deliver, sandbox_of

OTHER_PERSON = Actor(role="hq_finance")


class Shop(RuleBasedStateMachine):
    """One chain with two sellers, little stock and small budgets; every rule is something that
    really happens.
    """

    app: Flask
    clock: SettableClock
    links: list[Any]
    """Of either seller, and of either for a campaign."""
    people: list[Actor]
    numbers: list[str]
    goods: list[Any]

    orders = Bundle("orders")
    notices = Bundle("notices")
    batches = Bundle("batches")
    disputes = Bundle("disputes")

    @initialize()
    def a_shopper_comes(self) -> None:
        self.refusals: set[str] = set()
        self.shopper: Shopper = a_shopper(self.app)

    @rule(link=st.integers(0, 3))
    def follows_a_link(self, link: int) -> None:
        self.shopper.follow(self.links[link])

    @rule(phone=st.integers(0, 3))
    def somebody_else_comes(self, phone: int) -> None:
        self.shopper = a_shopper(self.app, phone=f"1390013900{phone}")

    @rule(target=orders, pieces=st.lists(st.integers(0, 3), min_size=2, max_size=2))
    def orders_something(self, pieces: list[int]) -> Any:
        wanted = {
            variant: count for variant, count in zip(self.goods, pieces, strict=True) if count
        }
        placed = self.shopper.check_out(self.shopper.fill_cart(wanted))
        assert placed.status_code in (201, 409), placed.text
        return placed.json if placed.status_code == 201 else multiple()

    @rule(target=notices, order=orders)
    def pays_at_the_gateway(self, order: dict[str, Any]) -> Any:
        asked = self.shopper.client.post(f"/api/v1/shopper/orders/{order['key']}/payment")
        if asked.status_code == 409:
            return multiple()
        gateway = sandbox_of(self.app)
        charge = gateway.read_charge(asked.json["pay_url"].rpartition("/")[2])  # pyright: ignore
        assert charge is not None
        return gateway.pay(charge, self.clock.now())

    @rule(notice=notices)
    def the_gateway_tells(self, notice: SignedNotice) -> None:
        fresh = sandbox_of(self.app).signed(orjson.loads(notice.body), self.clock.now())
        assert deliver(self.shopper.client, fresh).status_code == 200

    @rule(notice=notices)
    def a_payment_fails(self, notice: SignedNotice) -> None:
        failed = {**orjson.loads(notice.body), "kind": "failed"}
        failed["event_id"] += f":failed:{self.clock.now()}"
        fresh = sandbox_of(self.app).signed(failed, self.clock.now())
        assert deliver(self.shopper.client, fresh).status_code == 200

    @rule(order=orders, seller=st.integers(0, 2))
    def is_handed_over(self, order: dict[str, Any], seller: int) -> None:
        now = self.clock.now()
        if seller == 2:
            self.tries(lambda: sales.hand_over(order["id"], SYSTEM, now))
        else:
            actor = self.people[seller]
            self.tries(lambda: sales.hand_over_at_store(order["key"], actor, now))

    @rule(order=orders, by_customer=st.booleans())
    def is_cancelled(self, order: dict[str, Any], *, by_customer: bool) -> None:
        now = self.clock.now()
        if by_customer:
            self.tries(lambda: sales.cancel_by_secret(order["key"], now))
        else:
            self.tries(lambda: sales.cancel(order["id"], CancelReason.BY_CHAIN, SYSTEM, now))

    @rule(order=orders, line=st.integers(1, 2), pieces=st.integers(1, 3))
    def comes_back(self, order: dict[str, Any], line: int, pieces: int) -> None:
        now = self.clock.now()
        self.tries(lambda: sales.take_back(order["id"], {line: pieces}, "", SYSTEM, now))

    @rule(minutes=st.sampled_from([1, 20, 60 * 24, 60 * 24 * 8]))
    def time_passes(self, minutes: int) -> None:
        now = self.clock.advance(timedelta(minutes=minutes))
        sales.expire_holds(now)
        sales.release(now)
        sales.settle_lost_notices(sandbox_of(self.app), now)
        jobs.run_due(now)
        self.the_books_hold()

    @rule(target=batches)
    def payday(self) -> Any:
        now = self.clock.now()
        try:
            return sales.draft_payout(now, SYSTEM, now).public_id
        except DomainError:
            return multiple()

    @rule(batch=consumes(batches), paid=st.booleans())
    def payday_ends(self, batch: str, *, paid: bool) -> None:
        now = self.clock.now()
        if not paid:
            payouts.discard(batch, now)
            return
        payouts.approve(batch, OTHER_PERSON, now)
        sales.pay_out(batch, now)

    @rule(target=disputes, order=orders, seller=st.integers(0, 1), line=st.integers(0, 2))
    def is_disputed(self, order: dict[str, Any], seller: int, line: int) -> Any:
        objection = Objection(DisputeReason.OTHER, "…", (line,) if line else ())
        actor, now = self.people[seller], self.clock.now()
        try:
            opened = disputing.open_dispute(None, order["number"], objection, actor, now)
        except DomainError as refused:
            self.refusals.add(refused.code)
            return multiple()
        return opened.public_id

    @rule(dispute=disputes, line=st.integers(1, 2), share=st.integers(0, 10_000))
    def headquarters_decides(self, dispute: str, line: int, share: int) -> None:
        """One line of it, or all of it is denied: then there are no shares to give."""
        parts = {self.numbers[0]: share, self.numbers[1]: 10_000 - share}
        shares = [Share(part, employee=number) for number, part in parts.items() if part]
        partly = Decision(Outcome.PARTLY, "…", {line: shares})
        denied = Decision(Outcome.DENIED, "…", {})
        decision, now = denied if share % 4 == 3 else partly, self.clock.now()
        self.tries(lambda: disputing.decide(dispute, decision, OTHER_PERSON, now))

    @rule(dispute=disputes, seller=st.integers(0, 1))
    def is_let_be(self, dispute: str, seller: int) -> None:
        actor, now = self.people[seller], self.clock.now()
        self.tries(lambda: disputing.withdraw(dispute, actor, now))

    def tries(self, deed: Any) -> None:
        """Do it, or be refused with a stable code: nothing in between."""
        try:
            deed()
        except DomainError as refused:
            self.refusals.add(refused.code)

    def teardown(self) -> None:
        self.the_books_hold()

    def the_books_hold(self) -> None:
        asked = audit.Asked(self.clock.now(), "Asia/Shanghai")
        broken = [
            (answer.invariant.name, answer.count, answer.examples)
            for answer in (audit.ask(each, asked) for each in audit.INVARIANTS)
            if answer.count
        ]
        assert broken == []


@pytest.mark.parametrize("pieces_in_stock", [4])
def test_the_books_hold_whatever_happens_in_whatever_order(
    app: Flask, clock: SettableClock, pieces_in_stock: int
) -> None:
    trade.the_policy()
    campaign = a_campaign(days=90)
    teapot = trade.stocked(cast.a_product(price=1_999), pieces_in_stock)
    voucher = cast.a_product(price=333)
    Shop.app, Shop.clock = app, clock
    in_force(
        NewRule(1_000),
        NewRule(1_700, campaign_id=campaign.id),
        boosters=(
            a_booster(700, budget=450, days=90),
            a_booster(per_unit=31, product_id=voucher.id, budget=70, days=90),
        ),
        bonus=100,
        order_cap=600,
        service_bonus=50,
        hold_days=7,
    )
    sellers = [trade.a_seller(), trade.a_seller()]
    Shop.links = [*sellers, *(a_link_for(campaign, link) for link in sellers)]
    owners = [owner(link) for link in sellers]
    Shop.people, Shop.numbers = [cast.actor_of(each) for each in owners], [x.number for x in owners]
    Shop.goods = [teapot.variants[0], voucher.variants[0]]
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=6,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            derandomize=True,
        ),
    )
