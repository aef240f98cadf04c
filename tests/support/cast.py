"""A small cast of people and things, made through the services that the shop itself uses."""

from __future__ import annotations

import itertools
from typing import Any

import sqlalchemy as sa

from storefront.api.tokens import tokens_for
from storefront.catalog.models import Brand, Category, Product, Variant
from storefront.core import clock, ids
from storefront.core.actor import SYSTEM, Actor
from storefront.core.database import db, transaction
from storefront.sharing import service as sharing
from storefront.sharing.models import Channel, ShareLink
from storefront.shops import listings
from storefront.shops import service as shops
from storefront.shops.models import Listing, Shop
from storefront.staff import employment, invitations, service, sessions, stores
from storefront.staff.models import Employee, Region, Role, Store

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
    password: str | None = None,
) -> Employee:
    """An active employee; without a `password` (which costs time) they cannot sign in themselves."""
    details = service.Details(name=name, phone=phone, store_id=a_store(store).id, role=role)
    now = clock.now()
    employee = service.hire(number or f"E{next(_count):04}", details, SYSTEM, now)
    if password is None:
        employment.activate(employee.id, "a test begins", now)
    else:
        code = invitations.invite(employee.id, SYSTEM, now).code
        invitations.set_password(code, password, "192.0.2.99", now)
    db.session.refresh(employee)
    return employee


def actor_of(employee: Employee) -> Actor:
    """The employee as services see them."""
    return Actor(role=employee.role, employee_id=employee.id, store_id=employee.store_id)


def headers_of(employee: Employee) -> dict[str, str]:
    """Request headers of a fresh session of an active employee, without the cost of a password."""
    with transaction():
        signed_in = sessions.open_session(employee.id, clock.now())
    return {"Authorization": f"Bearer {tokens_for(signed_in).access}"}


def a_product(
    name: str = "Teapot", *, price: int = 1_999, more_prices: tuple[int, ...] = (), **columns: Any
) -> Product:
    """Something the chain sells, with a variant (never out of stock) for each price."""
    with transaction() as session:
        brand = session.scalar(sa.select(Brand).where(Brand.code == "B1"))
        category = session.scalar(sa.select(Category).where(Category.code == "C1"))
        code = f"P{next(_count):04}"
        product = Product(
            public_id=ids.public_id("prd"),
            brand=brand or Brand(public_id="brd_1", code="B1", name_zh="灯织", name_en="Loom"),
            category=category
            or Category(public_id="cat_1", code="C1", name_zh="家居", name_en="Home"),
            created_at=clock.now(),
            **({"code": code, "name_zh": f"{name}（中）", "name_en": name} | columns),
        )
        for position, each in enumerate((price, *more_prices)):
            product.variants.append(
                Variant(
                    public_id=ids.public_id("var"),
                    code=f"{code}-{position}",
                    price=each,
                    stock_tracked=False,
                    position=position,
                )
            )
        session.add(product)
    return product


def a_shop(
    employee: Employee | None = None, handle: str | None = None, title: str = "", words: str = ""
) -> Shop:
    """The employee's shop (a new employee's if none is given), open."""
    owner = employee or an_employee()
    return shops.open_shop(
        owner.id,
        handle=handle or f"shop-{next(_count)}",
        title=title or f"{owner.name}的店",
        words=words,
        now=clock.now(),
    )


def a_listing(shop: Shop, product: Product | None = None, caption: str = "") -> Listing:
    """A product (a new one if none is given) picked for the shop."""
    picked = product or a_product()
    return listings.pick(shop.employee_id, picked.public_id, caption=caption, now=clock.now())


def a_link(
    shop: Shop, product: Product | None = None, channel: Channel = Channel.WECHAT, label: str = ""
) -> ShareLink:
    """A link to the shop, or to a product that is listed in it."""
    return sharing.create_link(
        shop.employee_id,
        product_id=product.public_id if product else None,
        channel=channel,
        label=label,
        now=clock.now(),
    )
