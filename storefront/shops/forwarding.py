"""Shops whose keepers are away, or gone: customers are led to whoever looks after them."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from storefront.catalog.models import Product, ProductState
from storefront.core.hot import HotStatement
from storefront.shops.models import Listing, Shop, ShopState
from storefront.staff.models import Employee, EmploymentState

_employees = cast(sa.Table, Employee.__table__)
_listings = cast(sa.Table, Listing.__table__)
_products = cast(sa.Table, Product.__table__)
_shops = cast(sa.Table, Shop.__table__)

Columns = Any
"""The columns of a table, of an alias of it, or of its model."""


def is_open(shops: Columns, keepers: Columns) -> sa.ColumnElement[bool]:
    """Whether customers may come in: the shop is open, and its keeper works for the chain.

    Who is on leave may leave it open: the chain sells the goods, and somebody else sends them.
    """
    # Spelled out: a hot statement knows no IN.
    works = sa.or_(
        keepers.state == EmploymentState.ACTIVE, keepers.state == EmploymentState.ON_LEAVE
    )
    return sa.and_(shops.state == ShopState.OPEN, works, ~is_forwarding(shops, keepers))


def is_forwarding(shops: Columns, keepers: Columns) -> sa.ColumnElement[bool]:
    """Whether the shop leads to another: its keeper is away, and somebody was named.

    Once they are back it is their own shop again, whatever was named.
    """
    away = sa.or_(
        keepers.state == EmploymentState.ON_LEAVE,
        keepers.state == EmploymentState.LEFT,
        keepers.state == EmploymentState.INVITED,
    )
    return sa.and_(shops.forward_to_id.is_not(None), away)


class Forwarding(NamedTuple):
    """Where a shop leads."""

    title: str
    keeper: str
    """Whose shop it is, by name."""
    successor: str
    """Who looks after the customers, by name."""
    handle: str | None
    """The successor's shop; None if they have none that is open."""
    has_product: bool
    """Whether that shop shows the product that was asked for."""


_heirs = _employees.alias("heirs")
_heirs_shops = _shops.alias("heirs_shops")

_FORWARDING = HotStatement(
    sa.select(
        _shops.c.title,
        _employees.c.name,
        _heirs.c.name,
        _heirs_shops.c.handle,
        sa.case((_products.c.id.is_not(None), 1), else_=0),
    )
    .select_from(
        _shops.join(_employees, _employees.c.id == _shops.c.employee_id)
        .join(_heirs, _heirs.c.id == _shops.c.forward_to_id)
        .outerjoin(
            _heirs_shops,
            sa.and_(_heirs_shops.c.employee_id == _heirs.c.id, is_open(_heirs_shops.c, _heirs.c)),
        )
        .outerjoin(
            _listings.join(
                _products,
                sa.and_(
                    _products.c.id == _listings.c.product_id,
                    _products.c.public_id == sa.bindparam("product"),
                    _products.c.state == ProductState.ACTIVE,
                ),
            ),
            _listings.c.shop_id == _heirs_shops.c.id,
        )
    )
    .where(_shops.c.handle == sa.bindparam("handle"), is_forwarding(_shops.c, _employees.c))
)


def forwarding(handle: str, product_id: str = "") -> Forwarding | None:
    """Where the shop with this handle leads; None if it leads nowhere else. One query."""
    row = _FORWARDING.first(handle=handle, product=product_id)
    if row is None:
        return None
    title, keeper, successor, to, has_product = row
    return Forwarding(title, keeper, successor, to, bool(has_product))
