"""Coupons, and every use of one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Amount, Base, Id
from storefront.customers.models import Customer
from storefront.orders.coupon_rules import CouponKind


class CouponState(StrEnum):
    """Whether headquarters lets a coupon be used."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class Coupon(Base):
    """A code that takes money off an order. Never changed; it may be withdrawn.

    It belongs to nobody and no link carries it: nothing is earned or saved by forwarding.
    """

    __tablename__ = "coupons"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    """In capitals."""
    name_zh: Mapped[str]
    name_en: Mapped[str]
    kind: Mapped[CouponKind]
    amount_off: Mapped[Amount] = mapped_column(default=0)
    """Of the kind `amount`."""
    basis_points: Mapped[int] = mapped_column(default=0)
    """Of the kind `percent`."""
    most_off: Mapped[int | None] = mapped_column(sa.BigInteger())
    """The most that a `percent` takes off; None: no limit."""
    least_spend: Mapped[Amount] = mapped_column(default=0)
    """What the goods that it is for must come to."""
    categories: Mapped[list[Any]]
    """Public ids; with everything below them. None of them: all categories."""
    brands: Mapped[list[Any]]
    """Public ids. None of them: all brands."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """Works until just before."""
    most_uses: Mapped[int | None]
    """By all customers together; None: no limit."""
    most_uses_each: Mapped[int] = mapped_column(default=1)
    """By one customer."""
    uses: Mapped[int] = mapped_column(default=0)
    """Orders that hold one. Raised by a guarded UPDATE, so it never passes `most_uses`."""
    state: Mapped[CouponState] = mapped_column(default=CouponState.ACTIVE)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    __table_args__ = (
        sa.Index("ix_coupons_state_ends_at", "state", "ends_at"),
        sa.CheckConstraint("uses >= 0", name="uses_not_negative"),
        sa.CheckConstraint("starts_at < ends_at", name="ends_after_its_start"),
    )


class UseState(StrEnum):
    """What became of a use."""

    LIVE = "live"
    GIVEN_BACK = "given_back"
    """Nothing came of the order: the customer may use the coupon again."""


class CouponUse(Base):
    """An order that a coupon took money off."""

    __tablename__ = "coupon_uses"
    id: Mapped[Id]
    coupon_id: Mapped[int] = mapped_column(sa.ForeignKey(Coupon.id))
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), unique=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey(Customer.id))
    amount: Mapped[Amount]
    state: Mapped[UseState]
    at: Mapped[datetime]
    __table_args__ = (sa.Index("ix_coupon_uses_coupon_id_customer_id", "coupon_id", "customer_id"),)


class CouponGuesses(Base):
    """How often somebody typed a code that there is not, within a window that began at `since`."""

    __tablename__ = "coupon_guesses"
    key: Mapped[str] = mapped_column(primary_key=True)
    """A digest of the visitor's id, or of the network address."""
    count: Mapped[int]
    since: Mapped[datetime]
