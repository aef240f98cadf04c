"""Attribution policies, verdicts and credits."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, Id
from storefront.orders.models import Order, OrderLine
from storefront.staff.models import Employee, Store


class VersionState(StrEnum):
    """The life of a version of a policy or a plan. Once published it never changes."""

    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"


class AttributionPolicy(Base):
    """A version of the rule that says who earns."""

    __tablename__ = "attribution_policies"
    id: Mapped[Id]
    version: Mapped[int] = mapped_column(unique=True)
    state: Mapped[VersionState]
    starts_at: Mapped[datetime]
    """Orders placed from here on are judged by it, until a later version starts."""
    rules: Mapped[dict[str, Any]]
    """The document that `attribution.rules.Policy` reads."""
    note: Mapped[str]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class Verdict(Base):
    """What a policy said about an order: everybody who had a claim, and why they won or lost."""

    __tablename__ = "verdicts"
    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id))
    sequence: Mapped[int]
    """1 for the first; a later one supersedes it."""
    policy_id: Mapped[int] = mapped_column(sa.ForeignKey(AttributionPolicy.id))
    reason: Mapped[str]
    document: Mapped[dict[str, Any]]
    """Winners and losers with a reason code each, as `attribution.rules.Verdict` writes it."""
    at: Mapped[datetime]
    __table_args__ = (sa.UniqueConstraint("order_id", "sequence"),)


class Credit(Base):
    """One employee's share of one order line."""

    __tablename__ = "credits"
    id: Mapped[Id]
    verdict_id: Mapped[int] = mapped_column(sa.ForeignKey(Verdict.id), index=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id), index=True)
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey(OrderLine.id))
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id))
    store_id: Mapped[int] = mapped_column(sa.ForeignKey(Store.id))
    """The employee's store when the order was placed."""
    position: Mapped[int] = mapped_column(default=0)
    """Place among the line's shares: the first takes what rounding leaves."""
    share: Mapped[int]
    """In basis points; a line's shares sum to 10,000."""
    touch_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    """The touch that won, so that a link's sales can be counted. No key: touches are many."""
    at: Mapped[datetime]
    __table_args__ = (
        sa.UniqueConstraint("order_line_id", "verdict_id", "employee_id"),
        sa.Index("ix_credits_employee_id_id", "employee_id", "id"),
        sa.CheckConstraint("share > 0 AND share <= 10000", name="share_in_basis_points"),
    )
