"""A small chain to look at: shops, goods with pictures, orders in each of their states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random

import sqlalchemy as sa

from storefront import sales
from storefront.catalog import products, stocktaking, variants
from storefront.catalog.models import Category, Product, ProductState
from storefront.catalog.products import ProductDraft
from storefront.catalog.stocktaking import Counted
from storefront.catalog.variants import VariantDraft
from storefront.cli.demo import goods as drawn
from storefront.cli.demo import pictures
from storefront.cli.demo.content import Product as Drawn
from storefront.cli.demo.content import Words
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.database import db, transaction
from storefront.core.pictures import keep_encoded
from storefront.customers.models import Customer, SignedInVisitor
from storefront.customers.visitors import new_visitor_id
from storefront.orders import return_requests
from storefront.orders.dispatches import Tracking
from storefront.orders.models import CancelReason, DispatchKind, Order, ReturnReason
from storefront.orders.placing import PlacedOrder
from storefront.sharing import service as sharing
from storefront.shops import listings, posts, sections
from storefront.shops import service as shops
from storefront.shops.models import Shop
from tests.support import cast, trade
from tests.support.couponing import a_coupon

CODES = ("TK01", "FR01", "BG01", "LD01", "SK04", "TP04", "TR04", "BB04")
"""Of the demo's goods, those that are sold here: they have one to six variants."""
TEAPOT, PERFUME, SOLD_OUT = "TK01", "FR01", "BB04"
PIECES = 400
"""Of each variant that is to be had."""
PHONE = "+8613800138000"
"""Whose orders these are."""


@dataclass(frozen=True)
class Showcase:
    """Addresses and ids of what can be looked at."""

    keeper: int
    """The employee who keeps the shop `fang`."""
    link: str
    """Codes of her links: to the shop, to the teapot in it, and one that she took back."""
    teapot_link: str
    withdrawn_link: str
    products: dict[str, str]
    """Public ids by code."""
    variants: dict[str, list[str]]
    category: str
    no_longer_sold: str
    post: str
    taken_down: str
    """Posts of hers, by public id."""
    orders: dict[str, str]
    """Secrets by what became of the order."""
    signed_in: str
    """The visitor whose orders these are, and who has proved it."""


def furnish() -> Showcase:
    """Open the chain. The caller has an application's context pushed, over an empty database."""
    trade.open_for_trade()
    by_code = {each.code: each for each in drawn.products(Random(7))}
    entered = {code: _enter(by_code[code]) for code in CODES}
    fang = _shop_with(entered)
    _other_shops(entered)
    withdrawn = cast.a_link(fang)
    sharing.revoke_link(fang.employee_id, withdrawn.public_id, clock.now())
    cast.a_pick_up_point("SHOP", opening="10–22")
    a_coupon("WELCOME10")
    post, taken_down = _posts(fang, entered)
    orders = {name: order.secret for name, order in _orders(entered).items()}
    return Showcase(
        keeper=fang.employee_id,
        link=cast.a_link(fang).code,
        teapot_link=cast.a_link(fang, entered[TEAPOT]).code,
        withdrawn_link=withdrawn.code,
        products={code: product.public_id for code, product in entered.items()},
        variants={
            code: [variant.public_id for variant in product.variants]
            for code, product in entered.items()
        },
        category=entered[TEAPOT].category.public_id,
        no_longer_sold=cast.a_product(state=ProductState.HIDDEN).public_id,
        post=post,
        taken_down=taken_down,
        orders=orders,
        signed_in=_signed_in(),
    )


def _enter(goods: Drawn) -> Product:
    """Enter goods, hang their pictures up and count them."""
    made_by = next(brand.name for brand in drawn.brands() if brand.code == goods.brand)
    with transaction():
        brand = cast.a_brand(goods.brand)
        brand.name_zh, brand.name_en = made_by.zh, made_by.en
    product = products.create(
        ProductDraft(
            code=goods.code,
            brand=brand.public_id,
            category=_department(goods.category).public_id,
            name_zh=goods.name.zh,
            name_en=goods.name.en,
            words_zh=f"{goods.description.zh}\n\n{goods.material.zh}",
            words_en=f"{goods.description.en}\n\n{goods.material.en}",
        ),
        [
            VariantDraft(
                code=each.sku,
                price=each.price,
                option_zh=" · ".join(option.name.zh for option in each.options),
                option_en=" · ".join(option.name.en for option in each.options),
            )
            for each in goods.variants
        ],
        SYSTEM,
        clock.now(),
    )
    _hang_pictures(product, goods)
    _count(product)
    return product


def _department(code: str) -> Category:
    name: Words = next(each.name for each in drawn.categories() if each.code == code)
    with transaction():
        category = cast.a_category(code)
        category.name_zh, category.name_en = name.zh, name.en
    return category


def _hang_pictures(product: Product, goods: Drawn) -> None:
    """The product's picture is that of its first variant; the teapot has one more to swipe to."""
    by_code = {variant.code: variant for variant in product.variants}
    for shown in goods.pictured()[: 2 if goods.code == TEAPOT else 1]:
        picture = keep_encoded(pictures.product_files(goods, shown))
        variants.set_picture(by_code[shown.sku].public_id, picture)
        if shown is goods.variants[0]:
            products.set_picture(product.public_id, picture)


def _count(product: Product) -> None:
    """Everything is there but the throw, and the last of the teapot's variants."""
    out = product.variants if product.code == SOLD_OUT else ()
    out = product.variants[-1:] if product.code == TEAPOT else out
    place = cast.a_location().id
    stocktaking.count(
        [Counted(each.id, place, 0 if each in out else PIECES) for each in product.variants],
        SYSTEM,
        clock.now(),
    )


def _shop_with(entered: dict[str, Product]) -> Shop:
    shop = cast.a_shop(
        cast.an_employee("E01", name="林小芳"),
        handle="fang",
        title="小芳的日常好物",
        words="在南京路店站了六年柜台。\n这里只放我自己在用的东西。",
    )
    shops.edit(shop.employee_id, shop.version, colour="#2f6f63")
    captions = {
        TEAPOT: "壶嘴断水利落，我每天都用它泡茶。",
        SOLD_OUT: "沙发上搭一条，冬天就不冷了。",
    }
    for code, product in entered.items():
        listing = cast.a_listing(shop, product, caption=captions.get(code, ""))
        if code == TEAPOT:
            listings.pin(shop.employee_id, listing.public_id)
    return shop


def _posts(shop: Shop, entered: dict[str, Product]) -> tuple[str, str]:
    """One to be read, with a section for what it is about, and one that was taken down."""
    tea = sections.create(shop.employee_id, "喝茶")
    for listing in listings.listings_of(shop.employee_id):
        if listing.product.code in {"LD01", "SK04"}:
            listings.edit(shop.employee_id, listing.public_id, section_id=tea.public_id)
    goods = [entered["LD01"].public_id, entered["SK04"].public_id]
    kept, gone = (
        posts.publish(
            shop.employee_id,
            title=title,
            words="水开了先放一放。\n叶子不要多。",
            products=goods,
            now=clock.now(),
        )
        for title in ("怎样泡一壶好茶", "过期的话")
    )
    posts.take_down(shop.employee_id, gone.public_id)
    return kept.public_id, gone.public_id


def _other_shops(entered: dict[str, Product]) -> None:
    """One that is closed, one that has nothing yet, and one whose keeper is away."""
    closed = cast.a_shop(cast.an_employee("E02", name="陈默"), handle="chenmo", title="默默的店")
    cast.a_listing(closed, entered["LD01"])
    shops.close(closed.employee_id, clock.now())
    new = cast.a_shop(cast.an_employee("E03", name="赵一"), handle="zhaoyi", title="刚开张")
    away = cast.a_shop(cast.an_employee("E04", name="孙好"), handle="sunhao", title="好好的店")
    cast.leaves(away.employee)
    with transaction():
        shops.forward(away.employee_id, new.employee_id, None)


def _orders(entered: dict[str, Product]) -> dict[str, PlacedOrder]:
    """An order in each of its states, all of one customer."""
    bag = entered["BG01"]
    both = {bag.variants[0]: 1, entered["SK04"].variants[1]: 2}
    orders = {
        "awaiting": trade.an_order(both, phone=PHONE),
        "too_late": trade.an_order(bag, phone=PHONE),
        "cancelled": trade.sell(bag, phone=PHONE, handed_over=False),
        "paid": trade.sell(both, phone=PHONE, handed_over=False),
        "sent": trade.sell(both, phone=PHONE, handed_over=False),
        "ready": trade.sell(both, phone=PHONE, handed_over=False, pick_up="SHOP"),
        "handed_over": trade.sell(both, phone=PHONE),
        "asked_back": trade.sell(both, phone=PHONE),
        "came_back": trade.sell(both, phone=PHONE),
    }
    now = clock.now()
    with transaction() as session:
        session.execute(
            sa.update(Order)
            .where(Order.secret == orders["too_late"].secret)
            .values(hold_expires_at=now - timedelta(minutes=1))
        )
    sales.cancel(orders["cancelled"].public_id, CancelReason.BY_CUSTOMER, SYSTEM, now)
    parcel = Tracking("Red Gate", "RG 4711 0815", "https://parcels.example/RG47110815")
    sales.dispatch(orders["sent"].public_id, DispatchKind.SENT, parcel, SYSTEM, now)
    ready = DispatchKind.READY_FOR_PICK_UP
    sales.dispatch(orders["ready"].public_id, ready, Tracking(), SYSTEM, now)
    for name in ("asked_back", "came_back"):
        request = return_requests.ask(
            orders[name].secret, {1: 1}, ReturnReason.DAMAGED, "背带断了。", None, now
        )
        if name == "came_back":
            sales.accept_return(request.public_id, "对不起，钱马上退给您。", SYSTEM, now)
    trade.carry_out_refunds()
    db.session.rollback()
    return orders


def _signed_in() -> str:
    visitor = new_visitor_id()
    customer = sa.select(Customer.id).where(Customer.phone == PHONE)
    with transaction() as session:
        session.add(
            SignedInVisitor(
                visitor_id=visitor,
                customer_id=session.scalars(customer).one(),
                until=clock.now() + timedelta(days=1),
            )
        )
    return visitor
