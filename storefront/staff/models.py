"""Regions, stores and employees, and what signing in leaves behind."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.core.database import Base, Id


class Role(StrEnum):
    """What an employee is to the chain."""

    EMPLOYEE = "employee"
    STORE_MANAGER = "store_manager"
    REGION_MANAGER = "region_manager"
    HQ_OPERATIONS = "hq_operations"
    HQ_FINANCE = "hq_finance"
    HQ_ADMIN = "hq_admin"


HQ_ROLES = frozenset({Role.HQ_OPERATIONS, Role.HQ_FINANCE, Role.HQ_ADMIN})


class EmploymentState(StrEnum):
    """Where someone's employment stands."""

    INVITED = "invited"
    ACTIVE = "active"
    ON_LEAVE = "on_leave"
    """Away for a time: sees what they earn, and leaves shop and customers alone."""
    SUSPENDED = "suspended"
    LEFT = "left"


EMPLOYMENT_TRANSITIONS: dict[EmploymentState, frozenset[EmploymentState]] = {
    EmploymentState.INVITED: frozenset({EmploymentState.ACTIVE, EmploymentState.LEFT}),
    EmploymentState.ACTIVE: frozenset(
        {EmploymentState.ON_LEAVE, EmploymentState.SUSPENDED, EmploymentState.LEFT}
    ),
    EmploymentState.ON_LEAVE: frozenset(
        {EmploymentState.ACTIVE, EmploymentState.SUSPENDED, EmploymentState.LEFT}
    ),
    EmploymentState.SUSPENDED: frozenset({EmploymentState.ACTIVE, EmploymentState.LEFT}),
    EmploymentState.LEFT: frozenset({EmploymentState.INVITED}),
}
"""Someone who left may be invited again: a new beginning under the old number."""

MAY_SIGN_IN = frozenset({EmploymentState.ACTIVE, EmploymentState.ON_LEAVE})
"""Who is on leave may look at what they earned: it is theirs, and is paid meanwhile."""


class Region(Base):
    """A group of stores."""

    __tablename__ = "regions"
    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]


class Store(Base):
    """A house of the chain; headquarters is one too."""

    __tablename__ = "stores"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    region_id: Mapped[int] = mapped_column(sa.ForeignKey(Region.id), index=True)
    company: Mapped[str] = mapped_column(default="")
    """The legal person that employs and pays here; empty for none."""

    region: Mapped[Region] = relationship()


class Employee(Base):
    """Someone who works for the chain, and may sell for it."""

    __tablename__ = "employees"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    """The staff number, as payroll knows it."""
    name: Mapped[str]
    phone: Mapped[str | None] = mapped_column(unique=True)
    """In E.164 form, `+8613800138000`."""
    store_id: Mapped[int] = mapped_column(sa.ForeignKey(Store.id), index=True)
    role: Mapped[Role]
    grade: Mapped[str] = mapped_column(default="")
    """What commission plans call them by, as the chain writes it; empty for none."""
    identity_type: Mapped[str] = mapped_column(default="")
    """What kind of document payroll knows them by, in its words; empty for none."""
    identity_number: Mapped[str] = mapped_column(default="", deferred=True)
    """That document's number. For payroll's file alone: no other answer and no log names it."""
    state: Mapped[EmploymentState]
    password_hash: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    """When they left the chain; empty again if they come back."""
    successor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("employees.id"))
    """Who took over their customers when they left."""

    store: Mapped[Store] = relationship()


class EmploymentChange(Base):
    """What happened to someone's employment, when, and by whom."""

    __tablename__ = "employment_changes"
    id: Mapped[Id]
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), index=True)
    state: Mapped[EmploymentState]
    role: Mapped[Role]
    store_id: Mapped[int] = mapped_column(sa.ForeignKey(Store.id))
    at: Mapped[datetime]
    by_employee_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    reason: Mapped[str]


class Invitation(Base):
    """A one-time code with which an employee sets a first, or a new, password."""

    __tablename__ = "invitations"
    id: Mapped[Id]
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), index=True)
    code_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))


class StaffSession(Base):
    """One sign-in on one device; its refresh tokens are a family that lives and dies with it."""

    __tablename__ = "staff_sessions"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    """Moves on with every refresh."""
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="")


class RefreshToken(Base):
    """One refresh token of a family: good for one rotation.

    Only the last few of a family have rows: a token without one is an old one that comes back.
    """

    __tablename__ = "refresh_tokens"
    id: Mapped[Id]
    token_id: Mapped[str] = mapped_column(unique=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey(StaffSession.id), index=True)
    issued_at: Mapped[datetime]
    rotated_at: Mapped[datetime | None]


class AttemptBudget(Base):
    """How often somebody failed to sign in lately: for one account, one address or one device."""

    __tablename__ = "attempt_budgets"
    key: Mapped[str] = mapped_column(primary_key=True)
    """A hash: what was typed as a staff number may have been a password."""
    failures: Mapped[int]
    since: Mapped[datetime] = mapped_column(index=True)
    """When the running window began."""


class OwnVisitor(Base):
    """A browser in which an employee has signed in.

    Its visits to their links are own visits, and strangers' failures to sign in as them do not
    keep it out.
    """

    __tablename__ = "own_visitors"
    visitor_id: Mapped[str] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), primary_key=True)
    at: Mapped[datetime]
