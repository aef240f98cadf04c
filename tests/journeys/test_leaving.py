"""Somebody leaves: what their customers meet, and whom later orders count for."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.attribution.models import Credit
from storefront.attribution.rules import Policy, TieMode, Treatment
from storefront.careers import service as careers
from storefront.careers import undoing
from storefront.careers.models import Step
from storefront.careers.plan import Planned
from storefront.commissions import book, payouts
from storefront.core import clock
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.sharing.models import Touch
from storefront.staff.models import Role
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.browser import Browser
from tests.support.shopping import Shopper, a_shopper
from tests.support.ties import customer_of, whose

PHONE = "+8613900139000"


def credited() -> list[tuple[int | None, int]]:
    """Who is credited with the latest order, or which store alone."""
    last = sa.select(sa.func.max(Credit.order_id)).scalar_subquery()
    rows = db.session.execute(
        sa.select(Credit.employee_id, Credit.store_id).where(Credit.order_id == last)
    )
    return [(row.employee_id, row.store_id) for row in rows]


class Chain:
    """Anna, who leaves, and Bo, who takes her place; both sell tea."""

    def __init__(self, app: Flask, policy: Policy) -> None:
        trade.the_policy(policy)
        trade.the_plan()
        self.app = app
        self.admin = cast.actor_of(cast.an_employee("H1", role=Role.HQ_ADMIN, store="HQ"))
        self.anna = cast.an_employee("E1", name="安娜", store="S1")
        self.bo = cast.an_employee("E2", name="阿波", store="S2")
        self.tea = cast.a_product("Tea", price=10_000)
        shop = cast.a_shop(self.anna, handle="anna")
        cast.a_listing(shop, self.tea)
        cast.a_listing(cast.a_shop(self.bo, handle="abo"), self.tea)
        self.link = cast.a_link(shop, self.tea)

    def anna_leaves(self) -> str:
        planned = Planned(step=Step.LEFT, successor=self.bo)
        now = clock.now()
        return careers.take(self.anna.id, planned, self.admin, now).public_id

    def customer(self) -> Shopper:
        return a_shopper(self.app, phone=PHONE)

    def buys(self, shopper: Shopper) -> None:
        shopper.buy({self.tea.variants[0]: 1})


def test_her_links_and_her_shop_lead_on_to_whoever_took_her_place(
    app: Flask, clock: SettableClock
) -> None:
    chain = Chain(app, Policy(window_days=30, leavers=Treatment.SUCCESSOR))
    chain.anna_leaves()
    shopper = chain.customer()
    answer = shopper.follow(chain.link)
    assert answer.headers["Location"] == f"/s/abo/p/{chain.tea.public_id}/~{chain.link.code}"
    touch = db.session.scalars(sa.select(Touch)).one()
    assert (touch.employee_id, touch.link_id) == (chain.anna.id, chain.link.id)

    browser = Browser(app.test_client(), language="en")
    page = browser.get("/s/anna")
    assert "阿波 looks after you now" in page.text
    assert "/s/abo" in page.links
    assert (
        f"/s/abo/p/{chain.tea.public_id}" in browser.get(f"/s/anna/p/{chain.tea.public_id}").links
    )
    chinese = Browser(app.test_client(), language="zh").get("/s/anna")
    assert "现在由阿波接待您" in chinese.text


def test_without_a_shop_of_the_successors_her_page_says_who_and_leads_to_the_goods(
    app: Flask,
) -> None:
    trade.the_policy()
    anna, bo = cast.an_employee(name="安娜"), cast.an_employee(name="阿波")
    shop = cast.a_shop(anna, handle="anna")
    tea = cast.a_product("Tea")
    cast.a_listing(shop, tea)
    link = cast.a_link(shop, tea)
    admin = cast.actor_of(cast.an_employee(role=Role.HQ_ADMIN))
    careers.take(anna.id, Planned(step=Step.LEFT, successor=bo), admin, clock.now())
    assert a_shopper(app).follow(link).headers["Location"] == f"/s/anna/~{link.code}"
    browser = Browser(app.test_client(), language="en")
    assert "阿波 looks after you now" in browser.get("/s/anna").text
    assert f"/p/{tea.public_id}" in browser.get(f"/s/anna/p/{tea.public_id}").links
    cast.a_shop(bo, handle="abo")
    assert a_shopper(app).follow(link).headers["Location"] == f"/s/abo/~{link.code}"
    preview = app.test_client().get(
        f"/l/{link.code}", headers={"User-Agent": "facebookexternalhit/1.1"}
    )
    assert preview.status_code == 200


@pytest.mark.parametrize(
    ("leavers", "grace", "days", "expected"),
    [
        (Treatment.SKIP, 0, 1, "nobody"),
        (Treatment.STORE, 0, 1, "store"),
        (Treatment.SUCCESSOR, 0, 1, "successor"),
        (Treatment.SKIP, 14, 13, "leaver"),
        (Treatment.SKIP, 14, 14, "nobody"),
        (Treatment.SUCCESSOR, 14, 14, "successor"),
        (Treatment.ALLOW, 0, 20, "leaver"),
    ],
)
def test_whom_an_order_counts_for_is_the_policys_to_say(
    app: Flask,
    clock: SettableClock,
    leavers: Treatment,
    grace: int,
    days: int,
    expected: str,
) -> None:
    chain = Chain(app, Policy(window_days=30, leavers=leavers, grace_days=grace))
    chain.anna_leaves()
    clock.advance(timedelta(days=days))
    shopper = chain.customer()
    shopper.follow(chain.link)
    chain.buys(shopper)
    assert (
        credited()
        == {
            "nobody": [],
            "store": [(None, chain.anna.store_id)],
            "successor": [(chain.bo.id, chain.bo.store_id)],
            "leaver": [(chain.anna.id, chain.anna.store_id)],
        }[expected]
    )
    assert broken() == set()


def test_an_order_of_before_counts_as_it_stood_and_is_paid_to_her(
    app: Flask, clock: SettableClock
) -> None:
    chain = Chain(app, Policy(window_days=30, leavers=Treatment.SUCCESSOR))
    order = trade.an_order(chain.tea, through=chain.link)
    chain.anna_leaves()
    clock.advance(timedelta(minutes=5))
    trade.pay(order)
    assert credited() == [(chain.anna.id, chain.anna.store_id)]
    assert book.balance_of(chain.anna.id).held == 1_000
    sales.hand_over(order.public_id, SYSTEM, clock.now())
    clock.advance(timedelta(days=31))
    sales.release(clock.now())
    drafts, approves = (
        Actor(role=Role.HQ_FINANCE, employee_id=cast.an_employee(role=Role.HQ_FINANCE).id)
        for _ in range(2)
    )
    batch = sales.draft_payout(clock.now(), drafts, clock.now())
    payouts.approve(batch.public_id, approves, clock.now())
    sales.pay_out(batch.public_id, clock.now())
    assert book.balance_of(chain.anna.id).paid == 1_000
    assert broken() == set()


def test_undone_everything_leads_to_her_again(app: Flask, clock: SettableClock) -> None:
    rules = Policy(
        window_days=30,
        leavers=Treatment.SUCCESSOR,
        tie_mode=TieMode.FIRST_ORDER,
        protection_days=90,
    )
    chain = Chain(app, rules)
    shopper = chain.customer()
    shopper.follow(chain.link)
    chain.buys(shopper)
    assert whose(customer_of(PHONE)) == [chain.anna.id]
    clock.advance(timedelta(hours=1))
    event = chain.anna_leaves()
    assert whose(customer_of(PHONE)) == [chain.anna.id, chain.bo.id]
    clock.advance(timedelta(hours=1))
    shopper.follow(chain.link)
    chain.buys(shopper)
    assert credited() == [(chain.bo.id, chain.bo.store_id)]
    clock.advance(timedelta(hours=1))
    undoing.undo(chain.anna.id, event, "it was another Anna", chain.admin, clock.now())
    assert whose(customer_of(PHONE)) == [chain.anna.id, chain.bo.id, chain.anna.id]
    there = f"/s/anna/p/{chain.tea.public_id}/~{chain.link.code}"
    assert shopper.follow(chain.link).headers["Location"] == there
    clock.advance(timedelta(hours=1))
    chain.buys(shopper)
    assert credited() == [(chain.anna.id, chain.anna.store_id)]
    assert "安娜" in Browser(app.test_client(), language="en").get("/s/anna").text
    assert broken() == set()
