"""The whole way: link, product, cart, pay, order, return; with scripts and without."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from PIL import Image

from storefront import sales
from storefront.attribution.models import Credit
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.database import db
from storefront.orders import handling
from storefront.orders.models import OrderState, RequestState, ReturnRequest
from storefront.sharing.models import Touch, TouchKind, Uncounted
from tests.browser.places import PLACE_ORDER
from tests.browser.serving import LiveShop
from tests.browser.visitor import NewVisitor, Visitor
from tests.support.chromium import CHROME, WECHAT, Phone
from tests.support.showcase import PERFUME


@dataclass(frozen=True)
class Said:
    """What a reader of one language is to read on the way."""

    tag: str
    price: str
    total: str
    error_title: str
    paid: str
    returned: str


CHINESE = Said("zh-Hans", "¥429.00", "¥858.00", "有误：", "已付款", "已收到退货")
ENGLISH = Said("en", "CN¥429.00", "CN¥858.00", "Error: ", "Paid", "We have had it back")

both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@both_ways
@pytest.mark.parametrize(
    ("phone", "said"), [(WECHAT, CHINESE), (CHROME, ENGLISH)], ids=["wechat", "phone"]
)
def test_the_whole_way(
    live_shop: LiveShop, new_visitor: NewVisitor, phone: Phone, said: Said, scripts: bool
) -> None:
    visitor = new_visitor(phone, scripts=scripts)
    arrive_by_the_link(visitor, said)
    fill_the_cart(visitor, said)
    check_out(visitor, said)
    pay(visitor, said)
    secret = visitor.path.rpartition("/")[2]
    the_sale_is_hers(live_shop, visitor, secret)
    get_the_goods(live_shop, visitor, secret)
    give_them_back(live_shop, visitor, secret, said)


def arrive_by_the_link(visitor: Visitor, said: Said) -> None:
    code, perfume = visitor.shop.goods.link, visitor.shop.goods.products[PERFUME]
    visitor.go(f"/l/{code}")
    assert visitor.path == f"/s/fang/~{code}"
    assert visitor.page.locator("html").get_attribute("lang") == said.tag
    visitor.press(f".good a[href*='{perfume}']")
    assert visitor.path == f"/s/fang/p/{perfume}/~{code}"
    assert said.price in visitor.text


def fill_the_cart(visitor: Visitor, said: Said) -> None:
    chosen = visitor.shop.goods.variants[PERFUME][1]
    visitor.page.locator(f"[name='variant'][value='{chosen}']").check()
    visitor.press("form.buy button[value='cart']")
    if not visitor.path.startswith("/cart"):
        # With scripts the page may stay where it is.
        visitor.press(".to-cart")
    assert visitor.path == "/cart?shop=fang"
    assert visitor.value_of("quantity") == "1"
    visitor.fill(quantity="2")
    visitor.enter("quantity")
    visitor.page.locator(".sum-total", has_text=said.total).wait_for()
    visitor.page.reload()
    assert visitor.value_of("quantity") == "2"
    visitor.press("main a[href^='/checkout']")


def check_out(visitor: Visitor, said: Said) -> None:
    visitor.fill(name="韩梅梅", phone="139", address="上海市黄浦区南京东路 1 号", note="周末送")
    visitor.press(PLACE_ORDER)
    assert visitor.status == 422
    assert visitor.page.title().startswith(said.error_title)
    assert visitor.page.evaluate("document.activeElement.id") == "problem"
    assert visitor.page.locator("#problem a").get_attribute("href") == "#phone"
    typed = [visitor.value_of(name) for name in ("name", "phone", "address", "note")]
    assert typed == ["韩梅梅", "139", "上海市黄浦区南京东路 1 号", "周末送"]
    visitor.fill(phone="139 0013 9000")
    visitor.press(PLACE_ORDER)
    assert visitor.path.startswith("/o/")
    assert said.total in visitor.text


def pay(visitor: Visitor, said: Said) -> None:
    order = visitor.path
    visitor.press("form[action$='/pay'] button")
    assert visitor.path.startswith("/sandbox/pay/")
    assert said.total in visitor.text
    visitor.press("button[value='pay']")
    assert visitor.path == order
    assert said.paid in visitor.page.locator("h1").inner_text()


def the_sale_is_hers(shop: LiveShop, visitor: Visitor, secret: str) -> None:
    """The visit was kept, and the keeper of the shop has earned all of it."""
    with shop.inside():
        first = db.session.scalars(
            sa.select(Touch).where(Touch.visitor_id == visitor.known_as()).order_by(Touch.id)
        ).first()
        assert first is not None
        assert (first.kind, first.uncounted) == (TouchKind.LINK, Uncounted.NO)
        order = handling.find_by_secret(secret)
        assert order.state is OrderState.PAID
        credit = db.session.scalars(sa.select(Credit).where(Credit.order_id == order.id)).one()
        assert (credit.employee_id, credit.share) == (shop.goods.keeper, 10_000)


def get_the_goods(shop: LiveShop, visitor: Visitor, secret: str) -> None:
    with shop.inside():
        order = handling.find_by_secret(secret)
        sales.hand_over(order.public_id, SYSTEM, clock.now())
    visitor.page.reload()
    assert visitor.page.locator(".steps .done").count() == 3


def give_them_back(shop: LiveShop, visitor: Visitor, secret: str, said: Said) -> None:
    ask_for_a_return(visitor)
    visitor.press("form[action$='/return/withdraw'] button")
    ask_for_a_return(visitor)
    with shop.inside():
        order = handling.find_by_secret(secret)
        requests = db.session.scalars(
            sa.select(ReturnRequest)
            .where(ReturnRequest.order_id == order.id)
            .order_by(ReturnRequest.id)
        ).all()
        states = [request.state for request in requests]
        assert states == [RequestState.WITHDRAWN, RequestState.ASKED]
        assert requests[1].picture_id is not None
        sales.accept_return(requests[1].public_id, "", SYSTEM, clock.now())
    visitor.page.reload()
    assert said.returned in visitor.text


def ask_for_a_return(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#giving-back summary").click()
    visitor.fill(**{"line-1": "2", "words": "喷头是坏的。"})
    page.locator("[name='reason'][value='damaged']").check()
    page.locator("[name='picture']").set_input_files(
        {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": a_photo()}
    )
    visitor.press("form[action$='/return'] button.button:not([name])")
    assert visitor.page.locator("form[action$='/return/withdraw']").count() == 1


def a_photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(file, "JPEG")
    return file.getvalue()
