"""What employees say of customers and do with them: claims, and messages written to them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.attribution.models import Tie
from storefront.core.database import Base, Id
from storefront.customers.models import Customer
from storefront.staff.models import Employee


class ClaimOutcome(StrEnum):
    """Why a claim was accepted or refused. Stable: screens hang on it."""

    # Accepted.
    NOBODYS = "nobodys"
    LAPSED = "lapsed"
    """Somebody's, but their protection had run out."""
    # Refused.
    ALREADY_YOURS = "already_yours"
    PROTECTED = "protected"
    """A colleague's, and protected."""
    OWN_NUMBER = "own_number"
    """Nobody is their own customer."""
    NO_TIES = "no_ties"
    """The policy in force knows no ties."""


ACCEPTED = frozenset({ClaimOutcome.NOBODYS, ClaimOutcome.LAPSED})


class CustomerClaim(Base):
    """An employee's statement that a customer is theirs, and how the policy settled it at once."""

    __tablename__ = "customer_claims"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey(Customer.id), index=True)
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), index=True)
    words: Mapped[str]
    """What the employee says about it."""
    at: Mapped[datetime]
    outcome: Mapped[ClaimOutcome]
    until: Mapped[datetime | None]
    """Until when the customer is protected after it: for the claimant, or for the colleague."""
    tie_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Tie.id), unique=True)
    """What came of it; None if it was refused."""


class ContactChannel(StrEnum):
    """By what an employee writes to a customer."""

    WECHAT = "wechat"
    WECOM = "wecom"
    QQ = "qq"
    WHATSAPP = "whatsapp"
    SMS = "sms"
    PHONE = "phone"
    OTHER = "other"


class CustomerContact(Base):
    """An employee wrote to a customer, or was about to."""

    __tablename__ = "customer_contacts"
    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey(Customer.id))
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id))
    channel: Mapped[ContactChannel]
    at: Mapped[datetime]
    __table_args__ = (sa.Index("ix_customer_contacts_customer_id_at", "customer_id", "at"),)
