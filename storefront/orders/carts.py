"""Carts: what a visitor means to buy. Only the visitor who made a cart may see or change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import cast

import sqlalchemy as sa

from storefront.catalog.models import Product, ProductState, Variant
from storefront.core.database import changed_rows, db, dialect, insert_for, transaction
from storefront.core.errors import Conflict, Invalid, NotFound, TooLarge
from storefront.core.ids import public_id
from storefront.orders.models import Cart, CartLine, Order

MOST_LINES = 2_000
"""Lines in one cart; the largest real wholesale order we know has some 1,100."""

_carts = cast(sa.Table, Cart.__table__)
_lines = cast(sa.Table, CartLine.__table__)
_variants = cast(sa.Table, Variant.__table__)
_products = cast(sa.Table, Product.__table__)


@dataclass(frozen=True, slots=True)
class CartView:
    """A cart with today's prices, in the order in which its lines were put in."""

    id: int
    public_id: str
    coupon_id: int | None
    lines: tuple[CartLineView, ...]

    @property
    def total(self) -> int:
        """What it would cost now, before a coupon."""
        return sum(line.net for line in self.lines)


@dataclass(frozen=True, slots=True)
class CartLineView:
    """One line of a cart at the catalogue's price."""

    variant_id: int
    variant: str
    product: str
    code: str
    name_zh: str
    name_en: str
    option_zh: str
    option_en: str
    unit_price: int
    quantity: int
    on_sale: bool
    """False once the chain has taken the goods off sale: to be taken out before ordering."""
    category_id: int
    brand_id: int

    @property
    def net(self) -> int:
        """Price times pieces."""
        return self.unit_price * self.quantity


def create(visitor_id: str, wanted: Mapping[str, int], now: datetime) -> CartView:
    """A new cart with `wanted` pieces per variant's public id.

    Raises Invalid `unknown_variant`, TooLarge `cart_too_long`.
    """
    with transaction() as session:
        variant_ids = _find_variants(wanted)
        cart_public_id = public_id("crt")
        cart_id = session.scalars(
            sa.insert(_carts).returning(_carts.c.id),
            {"public_id": cart_public_id, "visitor_id": visitor_id, "created_at": now},
        ).one()
        _put(cart_id, wanted, variant_ids)
        return CartView(cart_id, cart_public_id, None, _read_lines(cart_id))


def read(cart_public_id: str, visitor_id: str) -> CartView:
    """The visitor's cart. Raises NotFound `cart_not_found`, also for another's cart."""
    cart = _find(cart_public_id, visitor_id)
    return CartView(cart.id, cart_public_id, cart.coupon_id, _read_lines(cart.id))


def current(visitor_id: str) -> CartView | None:
    """The cart that the shop's pages show this visitor: their newest that is not ordered yet."""
    cart = db.session.execute(_CURRENT, {"visitor_id": visitor_id}).one_or_none()
    if cart is None:
        return None
    return CartView(cart.id, cart.public_id, cart.coupon_id, _read_lines(cart.id))


def add(visitor_id: str, variant: str, pieces: int, most: int, now: datetime) -> CartView:
    """Put `pieces` more of a variant (public id) into the current cart; start one if there is none.

    Raises Invalid `unknown_variant`, and Invalid `too_many_pieces` if the cart would then hold more
    than `most` of it.
    """
    with transaction():
        cart = current(visitor_id)
        if cart is None:
            return create(visitor_id, {variant: pieces}, now)
        before = next((line.quantity for line in cart.lines if line.variant == variant), 0)
        if before + pieces > most:
            raise Invalid("too_many_pieces", f"An order takes up to {most} of a kind.", most=most)
        return set_quantities(cart.public_id, visitor_id, {variant: before + pieces})


def set_quantities(cart_public_id: str, visitor_id: str, wanted: Mapping[str, int]) -> CartView:
    """Set the pieces of some variants; 0 takes the line out. Others stay.

    Raises NotFound `cart_not_found`, Conflict `cart_already_ordered`, Invalid `unknown_variant`.
    """
    with transaction() as session:
        cart = _find_open(cart_public_id, visitor_id)
        variant_ids = _find_variants(wanted)
        gone = [variant_ids[key] for key, quantity in wanted.items() if quantity == 0]
        if gone:
            session.execute(
                sa.delete(_lines).where(_lines.c.cart_id == cart.id, _lines.c.variant_id.in_(gone))
            )
        _put(cart.id, {key: pieces for key, pieces in wanted.items() if pieces}, variant_ids)
        lines = _read_lines(cart.id)
        _refuse_too_long(len(lines))
        return CartView(cart.id, cart_public_id, cart.coupon_id, lines)


def set_coupon(cart_public_id: str, visitor_id: str, coupon_id: int | None) -> CartView:
    """Let the cart remember a coupon (row number), or none.

    Raises NotFound `cart_not_found`, Conflict `cart_already_ordered`.
    """
    with transaction() as session:
        cart = _find_open(cart_public_id, visitor_id)
        session.execute(sa.update(_carts).where(_carts.c.id == cart.id).values(coupon_id=coupon_id))
        return CartView(cart.id, cart_public_id, coupon_id, _read_lines(cart.id))


def take_for_order(cart_public_id: str, visitor_id: str, now: datetime) -> CartView:
    """Close the cart within the transaction that makes it an order: each cart is ordered once.

    Raises NotFound `cart_not_found`, Conflict `cart_already_ordered` (with the order's id),
    Conflict `cart_empty`.
    """
    cart = _find_open(cart_public_id, visitor_id)
    taken = db.session.execute(_TAKE, {"of_cart": cart.id, "ordered_at": now})
    if not changed_rows(taken):
        raise _already_ordered(cart.id)
    lines = _read_lines(cart.id)
    if not lines:
        raise Conflict("cart_empty", "There is nothing in the cart.")
    return CartView(cart.id, cart_public_id, cart.coupon_id, lines)


_TAKE = sa.update(_carts).where(
    _carts.c.id == sa.bindparam("of_cart"), _carts.c.ordered_at.is_(None)
)
_FIND = sa.select(_carts.c.id, _carts.c.ordered_at, _carts.c.coupon_id).where(
    _carts.c.public_id == sa.bindparam("public_id"),
    _carts.c.visitor_id == sa.bindparam("visitor_id"),
)
_ON_SALE = (
    sa.select(_variants.c.public_id, _variants.c.id)
    .join(_products, _products.c.id == _variants.c.product_id)
    .where(
        _variants.c.public_id.in_(sa.bindparam("public_ids", expanding=True)),
        _variants.c.state == ProductState.ACTIVE,
        _products.c.state == ProductState.ACTIVE,
    )
)
_CURRENT = (
    sa.select(_carts.c.id, _carts.c.public_id, _carts.c.coupon_id)
    .where(_carts.c.visitor_id == sa.bindparam("visitor_id"), _carts.c.ordered_at.is_(None))
    .order_by(_carts.c.id.desc())
    .limit(1)
)


def _find(cart_public_id: str, visitor_id: str) -> sa.Row[int, datetime | None, int | None]:
    cart = db.session.execute(
        _FIND, {"public_id": cart_public_id, "visitor_id": visitor_id}
    ).one_or_none()
    if cart is None:
        raise NotFound("cart_not_found", "There is no such cart in this browser.")
    return cart


def _find_open(cart_public_id: str, visitor_id: str) -> sa.Row[int, datetime | None, int | None]:
    cart = _find(cart_public_id, visitor_id)
    if cart.ordered_at is not None:
        raise _already_ordered(cart.id)
    return cart


def _already_ordered(cart_id: int) -> Conflict:
    order = db.session.scalar(sa.select(Order.public_id).where(Order.cart_id == cart_id))
    return Conflict("cart_already_ordered", "This cart has been ordered already.", order=order)


def _find_variants(wanted: Mapping[str, int]) -> dict[str, int]:
    _refuse_too_long(len(wanted))
    rows = db.session.execute(_ON_SALE, {"public_ids": list(wanted)})
    found = {row.public_id: row.id for row in rows}
    # What is no longer sold may still be taken out.
    unknown = sorted(key for key, pieces in wanted.items() if pieces and key not in found)
    if unknown:
        raise Invalid(
            "unknown_variant", "Some of these goods are not on sale (any more).", variants=unknown
        )
    missing = [key for key in wanted if key not in found]
    if missing:
        found |= {
            row.public_id: row.id
            for row in db.session.execute(
                sa.select(_variants.c.public_id, _variants.c.id).where(
                    _variants.c.public_id.in_(missing)
                )
            )
        }
    return found


def _refuse_too_long(lines: int) -> None:
    if lines > MOST_LINES:
        raise TooLarge("cart_too_long", f"A cart takes up to {MOST_LINES} different goods.")


def _put(cart_id: int, wanted: Mapping[str, int], variant_ids: Mapping[str, int]) -> None:
    if not wanted:
        return
    db.session.execute(
        _put_line(dialect()),
        [
            {"cart_id": cart_id, "variant_id": variant_ids[key], "quantity": quantity}
            for key, quantity in wanted.items()
        ],
    )


@cache
def _put_line(dialect_name: str) -> sa.Insert:
    insert = insert_for(_lines, dialect_name)
    return insert.on_conflict_do_update(
        index_elements=["cart_id", "variant_id"], set_={"quantity": insert.excluded.quantity}
    )


_CART_LINES = (
    sa.select(
        _lines.c.variant_id,
        _variants.c.public_id.label("variant"),
        _products.c.public_id.label("product"),
        _variants.c.code,
        _products.c.name_zh,
        _products.c.name_en,
        _variants.c.option_zh,
        _variants.c.option_en,
        _variants.c.price,
        _lines.c.quantity,
        sa.and_(
            _variants.c.state == ProductState.ACTIVE, _products.c.state == ProductState.ACTIVE
        ).label("on_sale"),
        _products.c.category_id,
        _products.c.brand_id,
    )
    .join(_variants, _variants.c.id == _lines.c.variant_id)
    .join(_products, _products.c.id == _variants.c.product_id)
    .where(_lines.c.cart_id == sa.bindparam("cart_id"))
    .order_by(_lines.c.id)
)


def _read_lines(cart_id: int) -> tuple[CartLineView, ...]:
    rows = db.session.execute(_CART_LINES, {"cart_id": cart_id})
    return tuple(CartLineView(*row) for row in rows)
