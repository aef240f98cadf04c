"""Coupons at headquarters: made, looked at, withdrawn. A coupon is never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.catalog import rules
from storefront.catalog.changes import checked, flush_new, unknown
from storefront.catalog.models import Brand, Category
from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db, transaction
from storefront.core.errors import Conflict, Invalid, NotFound
from storefront.core.ids import public_id
from storefront.core.money import WHOLE_BASIS_POINTS
from storefront.orders import coupon_rules
from storefront.orders.coupon_models import Coupon, CouponState, CouponUse, UseState
from storefront.orders.coupon_rules import CouponKind

_uses = cast(sa.Table, CouponUse.__table__)


@dataclass(frozen=True, slots=True)
class NewCoupon:
    """A coupon to be made. Amounts in minor units of the chain's currency."""

    code: str
    name_zh: str
    name_en: str
    kind: CouponKind
    starts_at: datetime
    ends_at: datetime
    amount_off: int = 0
    basis_points: int = 0
    most_off: int | None = None
    least_spend: int = 0
    categories: Sequence[str] = field(default_factory=tuple[str, ...])
    """Public ids; none for all."""
    brands: Sequence[str] = field(default_factory=tuple[str, ...])
    most_uses: int | None = None
    most_uses_each: int = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """A coupon, and what it has given."""

    coupon: Coupon
    given: int
    """What it took off the orders that hold one, in minor units."""


def create(wanted: NewCoupon, actor: Actor, now: datetime) -> Coupon:
    """Make a coupon.

    Raises Invalid `wrong_code`, `wrong_name_zh`, `wrong_name_en`, `wrong_dates`, `wrong_coupon`,
    `unknown_category`, `unknown_brand`; Conflict `code_taken`.
    """
    if wanted.ends_at <= wanted.starts_at:
        raise _wrong("wrong_dates", "ends_at", "A coupon ends after it has started.")
    _check_kind(wanted)
    with transaction() as session:
        _check_scope(wanted)
        coupon = Coupon(
            public_id=public_id("cpn"),
            code=checked("code", coupon_rules.code, wanted.code),
            name_zh=checked("name_zh", rules.name, wanted.name_zh),
            name_en=checked("name_en", rules.name, wanted.name_en),
            kind=wanted.kind,
            amount_off=wanted.amount_off,
            basis_points=wanted.basis_points,
            most_off=wanted.most_off,
            least_spend=wanted.least_spend,
            categories=sorted(set(wanted.categories)),
            brands=sorted(set(wanted.brands)),
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            most_uses=wanted.most_uses,
            most_uses_each=wanted.most_uses_each,
            uses=0,
            state=CouponState.ACTIVE,
            created_at=now,
            created_by_id=actor.employee_id,
        )
        session.add(coupon)
        flush_new()
        return coupon


def listed(before: int | None, limit: int) -> list[Standing]:
    """Up to `limit` coupons, the newest first, from below a row. Two queries."""
    coupons = db.session.scalars(
        sa.select(Coupon)
        .where(Coupon.id < before if before is not None else sa.true())
        .order_by(Coupon.id.desc())
        .limit(limit)
    ).all()
    given = _given([coupon.id for coupon in coupons])
    return [Standing(coupon, given.get(coupon.id, 0)) for coupon in coupons]


def find(coupon_id: str) -> Standing:
    """The coupon with this public id. Raises NotFound `coupon_not_found`."""
    coupon = db.session.scalars(
        sa.select(Coupon).where(Coupon.public_id == coupon_id)
    ).one_or_none()
    if coupon is None:
        raise NotFound("coupon_not_found", "There is no such coupon.")
    return Standing(coupon, _given([coupon.id]).get(coupon.id, 0))


def withdraw(coupon_id: str, actor: Actor, now: datetime) -> Standing:
    """Let no further order use it; what was used stays so.

    Raises NotFound `coupon_not_found`, Conflict `already_withdrawn`.
    """
    with transaction() as session:
        found = find(coupon_id)
        withdrawn = session.execute(
            sa.update(Coupon)
            .where(Coupon.id == found.coupon.id, Coupon.state == CouponState.ACTIVE)
            .values(
                state=CouponState.WITHDRAWN,
                withdrawn_at=now,
                withdrawn_by_id=actor.employee_id,
            )
        )
        if not changed_rows(withdrawn):
            raise Conflict("already_withdrawn", "This coupon was withdrawn already.")
        session.refresh(found.coupon)
        return found


def _given(coupon_ids: Sequence[int]) -> dict[int, int]:
    rows = db.session.execute(
        sa.select(_uses.c.coupon_id, sa.func.sum(_uses.c.amount))
        .where(_uses.c.coupon_id.in_(coupon_ids), _uses.c.state == UseState.LIVE)
        .group_by(_uses.c.coupon_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def _check_kind(wanted: NewCoupon) -> None:
    """A coupon says what its kind needs, and nothing of the other one."""
    if wanted.kind is CouponKind.AMOUNT:
        if wanted.amount_off <= 0:
            raise _wrong("wrong_coupon", "amount_off", "Say how much is taken off.")
        if wanted.basis_points or wanted.most_off is not None:
            raise _wrong("wrong_coupon", "kind", "A part and its limit belong to `percent`.")
        return
    if not 0 < wanted.basis_points <= WHOLE_BASIS_POINTS:
        raise _wrong("wrong_coupon", "basis_points", "Say which part is taken off.")
    if wanted.amount_off:
        raise _wrong("wrong_coupon", "amount_off", "An amount belongs to `amount`.")


def _check_scope(wanted: NewCoupon) -> None:
    scopes: list[tuple[type[Any], str, Sequence[str]]] = [
        (Category, "category", wanted.categories),
        (Brand, "brand", wanted.brands),
    ]
    for kind, noun, named in scopes:
        known = db.session.scalars(sa.select(kind.public_id).where(kind.public_id.in_(named)))
        if set(named) - set(known):
            raise unknown(noun)


def _wrong(code: str, field_name: str, message: str) -> Invalid:
    return Invalid(code, message, errors={"json": {field_name: [message]}})
