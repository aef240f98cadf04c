"""A customer goes the whole way on the pages, from a shared link to a paid order."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from storefront.commissions import book
from storefront.core.database import db
from storefront.orders.models import Order, OrderState
from tests.support import cast, trade
from tests.support.browser import Browser
from tests.support.shopping import PHONE_BROWSER


def bought(app: Flask, start: str) -> Order:
    """Somebody new opens an address, buys the first thing there, and pays."""
    browser = Browser(app.test_client(), "zh-CN,zh;q=0.9")
    browser.headers["User-Agent"] = PHONE_BROWSER
    page = browser.get(start)
    browser.get(next(link for link in page.links if "/p/" in link))
    browser.press(browser.address.partition("/~")[0], "then=checkout", quantity="2")
    browser.press("/checkout", name="韩梅梅", phone="139 0013 9000", address="上海市衡山路 1 号")
    browser.press(f"{browser.address}/pay")
    browser.press(browser.address, "end=pay")
    assert "已付款" in browser.page.text
    db.session.rollback()
    return db.session.scalars(sa.select(Order).order_by(Order.id.desc()).limit(1)).one()


def test_a_shared_link_becomes_a_paid_sale_without_a_line_of_script(app: Flask) -> None:
    trade.open_for_trade()
    shop = cast.a_shop(handle="fang")
    cast.a_listing(shop, cast.a_product("Teapot", price=1999, stock=5), caption="好")
    link = cast.a_link(shop)

    order = bought(app, f"/l/{link.code}")

    assert (order.state, order.total, order.language) == (OrderState.PAID, 3998, "zh")
    # A tenth of it, by the plan in force.
    assert book.balance_of(shop.employee_id).held == 400


def test_what_is_bought_at_the_chains_own_front_is_nobodys_sale(app: Flask) -> None:
    trade.open_for_trade()
    shop = cast.a_shop(handle="fang")
    cast.a_listing(shop, cast.a_product("Teapot", price=1999, stock=5))

    order = bought(app, "/")

    assert order.state is OrderState.PAID
    assert book.balance_of(shop.employee_id).held == 0
