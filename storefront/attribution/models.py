"""Attribution policies, verdicts and credits."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, mapped_column

from storefront.core.database import Base, Id
from storefront.customers.models import Customer
from storefront.orders.models import Order, OrderLine
from storefront.staff.models import Employee, Store


class VersionState(StrEnum):
    """The life of a version of a policy or a plan. Once published it never changes."""

    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"


def superseded_at(table: sa.FromClause) -> sa.ScalarSelect[datetime]:
    """When a later published version takes the place of a row of `table`; NULL if none does."""
    later = table.alias(f"later_{table.description}")
    after = sa.or_(
        later.c.starts_at > table.c.starts_at,
        sa.and_(later.c.starts_at == table.c.starts_at, later.c.version > table.c.version),
    )
    return (
        sa.select(sa.func.min(later.c.starts_at))
        .where(
            table.c.state == VersionState.PUBLISHED,
            later.c.state == VersionState.PUBLISHED,
            after,
        )
        .correlate(table)
        .scalar_subquery()
    )


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

    if TYPE_CHECKING:
        superseded_at: Mapped[datetime | None]
        """When a later version takes its place, if one was published. Set below: it is a query."""


AttributionPolicy.superseded_at = column_property(superseded_at(AttributionPolicy.__table__))


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
    """Winners and losers of every line with a reason code each, as `rules.Verdict` writes it."""
    at: Mapped[datetime]
    __table_args__ = (sa.UniqueConstraint("order_id", "sequence"),)


class Credit(Base):
    """One employee's share of one order line."""

    __tablename__ = "credits"
    id: Mapped[Id]
    verdict_id: Mapped[int] = mapped_column(sa.ForeignKey(Verdict.id), index=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id), index=True)
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey(OrderLine.id))
    employee_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    """None: the store alone is credited, and nobody earns."""
    store_id: Mapped[int] = mapped_column(sa.ForeignKey(Store.id))
    """The employee's store when the order was placed."""
    position: Mapped[int] = mapped_column(default=0)
    """Place among the line's shares: the first takes what rounding leaves."""
    share: Mapped[int]
    """In basis points; a line's shares sum to 10,000."""
    touch_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    """The touch that won, so that a link's sales can be counted. No key: touches are many."""
    at: Mapped[datetime]
    superseded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Verdict.id))
    """The verdict on a dispute that put other credits in this one's place; None while it stands."""
    __table_args__ = (
        sa.UniqueConstraint("order_line_id", "verdict_id", "position"),
        sa.Index("ix_credits_employee_id_order_id", "employee_id", "order_id"),
        sa.Index("ix_credits_order_line_id", "order_line_id"),
        sa.CheckConstraint("share > 0 AND share <= 10000", name="share_in_basis_points"),
    )


class TieHow(StrEnum):
    """How a tie came about, or why it ended."""

    FIRST_TOUCH = "first_touch"
    FIRST_ORDER = "first_order"
    HEADQUARTERS = "headquarters"
    """Headquarters said so, for one customer or for many."""
    CLAIM = "claim"
    """The employee stated it, and the policy let it stand."""
    SUCCESSION = "succession"
    """Whoever they belonged to left, moved or went on leave."""
    FILE = "file"
    """It was told by an import."""


class Tie(Base):
    """Which employee a customer belongs to, from when to when. A customer has one open tie at most.

    Rows are ended, never changed or deleted: together they are the customer's dated history.
    """

    __tablename__ = "ties"
    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey(Customer.id), index=True)
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), index=True)
    since: Mapped[datetime]
    how: Mapped[TieHow]
    protected_until: Mapped[datetime | None]
    """Until then nobody else takes the customer by touch or order; None: for good."""
    reason: Mapped[str] = mapped_column(default="")
    """What headquarters or the employee said about it."""
    by_employee_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    """Who brought it about; None: the rules."""
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    __table_args__ = (
        sa.Index(
            "uq_ties_open_customer_id",
            "customer_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )
