"""The process dies in the middle of a checkout or a payment, at each step that matters."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from config.settings import Settings
from storefront import duties, sales
from storefront.catalog.models import Location, Product, StockLevel, Variant
from storefront.commissions.models import Accrual
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.customers.visitors import COOKIE_NAME
from storefront.orders.models import Order, OrderState
from storefront.payments.models import Payment
from tests.support import cast
from tests.support.rules import a_plan, a_policy
from tests.support.shopping import Shopper, a_shopper

pytestmark = pytest.mark.own_app

PROJECT = Path(__file__).parents[2]

DYING = """
import os, signal, sys
from datetime import datetime
from importlib import import_module

from config.settings import Settings
from storefront import create_app
from storefront.core.clock import SettableClock

url, now, step, method, path, cookie, body, *headers = sys.argv[1:]
place, name = step.rsplit(".", 1)
module, _, noun = place.rpartition(".")
owner = getattr(import_module(module), noun) if noun[0].isupper() else import_module(place)
real = getattr(owner, name)

def die_after(*args, **kwargs):
    real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, die_after)
app = create_app(
    Settings.for_tests(database_url=url), clock=SettableClock(datetime.fromisoformat(now))
)
client = app.test_client()
client.set_cookie("visitor", cookie)
sent = dict(header.split("=", 1) for header in headers)
client.open(path, method=method, data=body.encode(), headers=sent)
raise SystemExit("the step was never reached")
"""


@pytest.fixture
def shopper(app: Flask, clock: SettableClock) -> Shopper:
    app.extensions["clock"] = clock
    a_policy()
    a_plan()
    shopper = a_shopper(app)
    shopper.follow(cast.a_link(cast.a_shop()))
    return shopper


@pytest.fixture
def last_piece(app: Flask) -> Variant:
    product = cast.a_product(price=1_999)
    with transaction() as session:
        location = Location(code="W", name_zh="仓", name_en="Warehouse")
        session.add(location)
        session.flush()
        variant = session.get_one(Product, product.id).variants[0]
        variant.stock_tracked = True
        session.add(StockLevel(variant_id=variant.id, location_id=location.id, on_hand=1))
    return variant


def die(
    shopper: Shopper,
    settings: Settings,
    clock: SettableClock,
    step: str,
    path: str,
    body: bytes,
    headers: dict[str, str],
) -> None:
    """Send a request to a process that is killed right after `step`."""
    cookie = shopper.client.get_cookie(COOKIE_NAME)
    assert cookie is not None
    died = subprocess.run(
        [
            sys.executable,
            "-c",
            DYING,
            settings.database_url,
            clock.now().isoformat(),
            step,
            "POST",
            path,
            cookie.value,
            body.decode(),
            *(f"{name}={value}" for name, value in headers.items()),
        ],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    db.session.rollback()


@pytest.mark.parametrize(
    "step",
    [
        "storefront.core.idempotency.claim",
        "storefront.orders.placing._hold_stock",
        "storefront.core.idempotency.keep_answer",
    ],
)
def test_a_checkout_that_died_has_not_happened_and_can_be_sent_again(
    shopper: Shopper, last_piece: Variant, settings: Settings, clock: SettableClock, step: str
) -> None:
    cart = shopper.fill_cart({last_piece: 1})
    body = (
        f'{{"cart": "{cart}", "name": "Li Lei", "phone": "139 0013 9000", "address": "Shanghai"}}'
    )
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    die(shopper, settings, clock, step, "/api/v1/shopper/orders", body.encode(), headers)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0
    assert db.session.scalars(sa.select(StockLevel.reserved)).one() == 0

    again = shopper.client.post("/api/v1/shopper/orders", data=body, headers=headers)
    assert again.status_code == 201, again.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Payment)) == 1


@pytest.mark.parametrize(
    "step",
    [
        "storefront.payments.inbox.keep",
        "storefront.orders.handling.mark_paid",
        "storefront.commissions.service.accrue",
        "storefront.insights.rollups.Tally.write",
    ],
)
def test_a_notice_whose_taker_died_is_taken_whole_the_next_time(
    app: Flask,
    shopper: Shopper,
    last_piece: Variant,
    settings: Settings,
    clock: SettableClock,
    step: str,
) -> None:
    order = shopper.order({last_piece: 1})
    notice = shopper.paid_notice(order)
    path = "/api/v1/partner/gateways/sandbox/notices"
    die(shopper, settings, clock, step, path, notice.body, dict(notice.headers))
    assert db.session.scalars(sa.select(Order.state)).one() is OrderState.AWAITING_PAYMENT
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Accrual)) == 0

    told = shopper.client.post(path, data=notice.body, headers=notice.headers)
    assert told.json == {"outcome": "applied"}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Accrual)) == 1


def test_an_order_whose_customer_never_came_back_gives_its_goods_free(
    shopper: Shopper, last_piece: Variant, clock: SettableClock
) -> None:
    shopper.order({last_piece: 1})
    clock.set(db.session.scalars(sa.select(Order.hold_expires_at)).one())
    _interval, expire = duties.PERIODIC_DUTIES["expire holds"]
    assert expire(clock.now()) == 1
    assert db.session.scalars(sa.select(StockLevel.reserved)).one() == 0
    assert sales.expire_holds(clock.now()) == 0
