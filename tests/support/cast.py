"""A small cast of people and things, made through the services that the shop itself uses."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from storefront.api.tokens import tokens_for
from storefront.catalog import brands, categories, locations, products, stocktaking
from storefront.catalog.models import (
    Brand,
    Category,
    Location,
    Product,
    ProductState,
    Variant,
)
from storefront.catalog.products import ProductDraft
from storefront.catalog.stocktaking import Counted
from storefront.catalog.variants import VariantDraft
from storefront.core import clock
from storefront.core.actor import SYSTEM, Actor
from storefront.core.database import db, transaction
from storefront.sharing import service as sharing
from storefront.sharing.models import Channel, ShareLink
from storefront.shops import listings, posts
from storefront.shops import service as shops
from storefront.shops.models import Listing, Post, Shop
from storefront.staff import employment, invitations, sessions, stores
from storefront.staff import service as staff
from storefront.staff.models import Employee, EmploymentState, Region, Role, Store

PASSWORD = "a quiet lamp 7 looms"

_count = itertools.count(1)


def a_region(code: str = "R1") -> Region:
    """The region with this code, opened if need be."""
    found = db.session.scalar(sa.select(Region).where(Region.code == code))
    return found or stores.open_region(code, f"{code}区", f"Region {code}")


def a_store(code: str = "S1", region: str = "R1") -> Store:
    """The store with this code, opened if need be."""
    found = db.session.scalar(sa.select(Store).where(Store.code == code))
    return found or stores.open_store(code, f"{code}店", f"Store {code}", a_region(region).id)


def an_employee(
    number: str | None = None,
    *,
    role: Role = Role.EMPLOYEE,
    store: str = "S1",
    name: str = "林小雨",
    phone: str | None = None,
    state: EmploymentState = EmploymentState.ACTIVE,
    password: str | None = None,
) -> Employee:
    """Somebody who works here. Only with a `password` (it costs time) can they sign in."""
    details = staff.Details(name=name, phone=phone, store_id=a_store(store).id, role=role)
    now = clock.now()
    employee = staff.hire(number or f"E{next(_count):04}", details, SYSTEM, now)
    if password:
        code = invitations.invite(employee.id, SYSTEM, now).code
        invitations.set_password(code, password, "192.0.2.99", now)
    elif state is not EmploymentState.INVITED:
        employment.activate(employee.id, "the test begins", now)
    db.session.refresh(employee)
    if state is not employee.state:
        leaves(employee, state)
    return employee


def leaves(employee: Employee, state: EmploymentState = EmploymentState.LEFT) -> None:
    """The employee leaves, or is suspended."""
    employment.change_state(employee.id, state, "the test says so", SYSTEM, clock.now())
    db.session.refresh(employee)


def actor_of(employee: Employee) -> Actor:
    """The employee as services see them."""
    return Actor(role=employee.role, employee_id=employee.id, store_id=employee.store_id)


def headers_of(employee: Employee) -> dict[str, str]:
    """Request headers of a fresh session of an active employee, without the cost of a password."""
    with transaction():
        signed_in = sessions.open_session(employee.id, clock.now())
    return {"Authorization": f"Bearer {tokens_for(signed_in).access}"}


def a_brand(code: str = "LOOM") -> Brand:
    """The brand with this code, entered if need be."""
    found = db.session.scalar(sa.select(Brand).where(Brand.code == code))
    return found or brands.create(code, f"{code}牌", code)


def a_category(code: str = "LAMPS", parent: Category | None = None) -> Category:
    """The category with this code, entered if need be."""
    found = db.session.scalar(sa.select(Category).where(Category.code == code))
    above = parent.public_id if parent else categories.TOP
    return found or categories.create(code, f"{code}类", code, parent=above)


def a_product(
    name: str = "Lamp",
    *,
    price: int = 1999,
    more_prices: Sequence[int] = (),
    state: ProductState = ProductState.ACTIVE,
    stock: int | None = None,
    **columns: Any,
) -> Product:
    """A product with a variant for each price, each with `stock` pieces, or always enough of it.

    `columns` are the product's own, set as they are.
    """
    code = f"P{next(_count):04}"
    product = products.create(
        ProductDraft(
            code=code,
            brand=a_brand().public_id,
            category=a_category().public_id,
            name_zh=f"{name}灯",
            name_en=name,
        ),
        [
            VariantDraft(code=f"{code}-{position}", price=each, stock_tracked=stock is not None)
            for position, each in enumerate([price, *more_prices], 1)
        ],
        SYSTEM,
        clock.now(),
    )
    with transaction():
        for column, value in {"state": state, **columns}.items():
            setattr(product, column, value)
    if stock:
        place = a_location()
        counted = [Counted(variant.id, place.id, stock) for variant in product.variants]
        stocktaking.count(counted, SYSTEM, clock.now())
    return product


def a_location(code: str = "HOUSE", priority: int = 0) -> Location:
    """The place with this code, opened if need be."""
    found = db.session.scalar(sa.select(Location).where(Location.code == code))
    return found or locations.create(code, f"{code}仓", code, priority=priority)


def a_pick_up_point(code: str = "SHOP", priority: int = 5, opening: str = "") -> Location:
    """A place where customers may collect their orders, with nothing in it."""
    return locations.create(
        code,
        f"{code}店",
        f"Store {code}",
        priority=priority,
        is_pick_up=True,
        address_zh=f"{code}路 1 号",
        address_en=f"1 {code} Road",
        opening_zh=opening,
        opening_en=opening,
    )


def counted(variant: Variant, on_hand: int, place: Location | None = None) -> None:
    """So many pieces of a variant lie at a place (the house if none is given)."""
    at = place or a_location()
    stocktaking.count([Counted(variant.id, at.id, on_hand)], SYSTEM, clock.now())


def a_shop(
    owner: Employee | None = None,
    *,
    handle: str | None = None,
    title: str = "小雨的店",
    words: str = "",
) -> Shop:
    """An open shop of an employee."""
    return shops.open_shop(
        (owner or an_employee()).id,
        handle=handle or f"shop{next(_count)}",
        title=title,
        words=words,
        now=clock.now(),
    )


def a_listing(shop: Shop, product: Product | None = None, *, caption: str = "") -> Listing:
    """A product picked for a shop."""
    chosen = product or a_product()
    return listings.pick(shop.employee_id, chosen.public_id, caption=caption, now=clock.now())


def a_post(
    shop: Shop, *products: Product, title: str = "周末在家的理由", words: str = "一壶热的。"
) -> Post:
    """A post in the shop, with products that are listed in it."""
    return posts.publish(
        shop.employee_id,
        title=title,
        words=words,
        products=[product.public_id for product in products],
        now=clock.now(),
    )


def a_link(
    shop: Shop,
    product: Product | None = None,
    channel: Channel = Channel.WECHAT,
    label: str = "",
    *,
    post: Post | None = None,
) -> ShareLink:
    """A link to the shop, or to a product that is listed in it, or to a post of it."""
    return sharing.create_link(
        shop.employee_id,
        product_id=product.public_id if product else None,
        post_id=post.public_id if post else None,
        channel=channel,
        label=label,
        now=clock.now(),
    )
