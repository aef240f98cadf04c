"""From an employee's link to money in the payroll, through the doors that people use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from storefront import sales
from storefront.attribution import service as attribution
from storefront.attribution.rules import Policy
from storefront.catalog.models import Brand, Category, Location, Product, StockLevel, Variant
from storefront.commissions import book, payouts, plans
from storefront.core import jobs
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.customers.visitors import COOKIE_NAME, cookie_value
from storefront.integrations.running import sandbox
from storefront.sharing.models import Channel, ShareLink, Touch, TouchKind, Uncounted
from storefront.shops.models import Shop
from storefront.staff.models import Employee, EmploymentState, Region, Role, Store

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
VISITOR = "a-visitor-of-the-journey"
FINANCE = Actor(role=Role.HQ_FINANCE.value)


@pytest.fixture
def chain(app: Flask, clock: SettableClock) -> dict[str, Any]:
    clock.set(START)
    with transaction() as session:
        region = Region(code="R1", name_zh="华东", name_en="East")
        store = Store(public_id="sto_1", code="S1", name_zh="一店", name_en="One", region=region)
        seller = Employee(
            public_id="emp_1",
            number="1001",
            name="王芳",
            phone="+8613800138000",
            store=store,
            role=Role.EMPLOYEE,
            state=EmploymentState.ACTIVE,
            created_at=START,
        )
        brand = Brand(public_id="brd_1", code="B1", name_zh="牌", name_en="Brand")
        category = Category(public_id="cat_1", code="C1", name_zh="茶", name_en="Tea")
        product = Product(
            public_id="prd_1",
            code="TEAPOT",
            brand=brand,
            category=category,
            name_zh="茶壶",
            name_en="Teapot",
            created_at=START,
        )
        variant = Variant(public_id="var_1", product=product, code="TEAPOT-W", price=1_999)
        location = Location(code="W", name_zh="仓", name_en="Warehouse")
        session.add_all([seller, variant, location])
        session.flush()
        session.add(StockLevel(variant_id=variant.id, location_id=location.id, on_hand=5))
        shop = Shop(
            public_id="shp_1", employee_id=seller.id, handle="fang", title="芳的店", opened_at=START
        )
        session.add(shop)
        session.flush()
        link = ShareLink(
            public_id="lnk_1",
            code="testcode",
            employee_id=seller.id,
            shop_id=shop.id,
            channel=Channel.WECHAT,
            created_at=START,
        )
        session.add(link)
        session.flush()
        session.add(
            Touch(
                kind=TouchKind.LINK,
                link_id=link.id,
                employee_id=seller.id,
                visitor_id=VISITOR,
                at=START,
                uncounted=Uncounted.NO,
                landing="/s/fang",
                user_agent="",
                referrer="",
            )
        )
    attribution.draft_policy(Policy(window_days=30), START, "", SYSTEM, START)
    attribution.approve_policy(1, FINANCE)
    attribution.publish_policy(1, START)
    plans.draft_plan(
        [plans.NewRule(rate=500)], hold_days=7, starts_at=START, note="", actor=SYSTEM, now=START
    )
    plans.approve_plan(1, FINANCE)
    plans.publish_plan(1, START)
    return {"seller": seller.id, "variant": variant.id, "location": location.id}


def buy(client: FlaskClient, app: Flask, pieces: int) -> dict[str, Any]:
    secret = app.extensions["settings"].visitor_secret
    client.set_cookie(COOKIE_NAME, cookie_value(VISITOR, secret))
    cart = client.post(
        "/api/v1/shopper/carts", json={"lines": [{"variant": "var_1", "quantity": pieces}]}
    )
    assert cart.status_code == 201, cart.text
    placed = client.post(
        "/api/v1/shopper/orders",
        json={
            "cart": cart.json["id"],
            "name": "李雷",
            "phone": "139 0013 9000",
            "address": "上海",
            "expected_total": 1_999 * pieces,
        },
        headers={"Idempotency-Key": "k1"},
    )
    assert placed.status_code == 201, placed.text
    return placed.json


def pay(client: FlaskClient, key: str, now: datetime) -> None:
    payment = client.post(f"/api/v1/shopper/orders/{key}/payment")
    assert payment.status_code == 200, payment.text
    charge = sandbox().read_charge(payment.json["pay_url"].rpartition("/")[2])
    assert charge is not None
    notice = sandbox().pay(charge, now)
    for outcome in ("applied", "without_effect"):
        answer = client.post(
            "/api/v1/partner/gateways/sandbox/notices", data=notice.body, headers=notice.headers
        )
        assert answer.status_code == 200, answer.text
        assert answer.json == {"outcome": outcome}


def test_a_shared_link_becomes_a_paid_sale_a_commission_and_a_payout(
    app: Flask, client: FlaskClient, clock: SettableClock, chain: dict[str, Any]
) -> None:
    order = buy(client, app, pieces=3)
    pay(client, order["key"], clock.now())
    # 5 % of 59.97 is 2.9985: halves up to 3.00.
    assert book.balance_of(chain["seller"]) == book.Balance(held=300, payable=0, paid=0)

    assert jobs.run_due(clock.now()) == 1
    sales.hand_over(order["id"], SYSTEM, clock.now())
    level = db.session.execute(sa.select(StockLevel.on_hand, StockLevel.reserved)).one()
    assert tuple(level) == (2, 0)

    sales.take_back(order["id"], {1: 1}, "too small", SYSTEM, clock.now())
    assert book.balance_of(chain["seller"]).held == 200
    assert jobs.run_due(clock.now()) == 1
    shown = client.get(f"/api/v1/shopper/orders/{order['key']}").json
    assert shown["refunded"] == {"amount": 1_999, "currency": "CNY"}

    clock.advance(timedelta(days=7))
    assert sales.release(clock.now()) == 1
    assert book.balance_of(chain["seller"]) == book.Balance(held=0, payable=200, paid=0)

    clock.advance(timedelta(seconds=1))
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    payouts.approve(batch.public_id, FINANCE, clock.now())
    sales.pay_out(batch.public_id, clock.now())
    assert book.balance_of(chain["seller"]) == book.Balance(held=0, payable=0, paid=200)

    sales.take_back(order["id"], {1: 2}, "changed my mind", SYSTEM, clock.now())
    assert book.balance_of(chain["seller"]) == book.Balance(held=0, payable=-200, paid=200)
