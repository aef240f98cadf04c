"""Customers and the visitors they were before we knew them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, Id


class Customer(Base):
    """A person who buys, known by a phone number, a member code, or both."""

    __tablename__ = "customers"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str | None] = mapped_column(unique=True)
    """In E.164 form."""
    member_code: Mapped[str | None] = mapped_column(unique=True)
    """The number of their loyalty card, as tills know them."""
    name: Mapped[str]
    created_at: Mapped[datetime]
    first_paid_at: Mapped[datetime | None]
    """When their first order ever was paid: set once, so a customer is new once."""
    __table_args__ = (
        sa.CheckConstraint(
            "phone IS NOT NULL OR member_code IS NOT NULL", name="known_by_something"
        ),
    )


class Through(StrEnum):
    """By what a browser was found to be a customer's."""

    CHECKOUT = "checkout"
    SIGN_IN = "sign_in"
    TILL = "till"
    FILE = "file"


class CustomerVisitor(Base):
    """A browser that was found to be a customer's: from here on its touches are theirs.

    The log of who was merged with whom, never changed: it says when and by what.
    """

    __tablename__ = "customer_visitors"
    visitor_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Customer.id), primary_key=True, index=True
    )
    at: Mapped[datetime]
    through: Mapped[Through] = mapped_column(default=Through.CHECKOUT)


class SignInCode(Base):
    """A code that was asked for to prove that a phone number is one's own; also for a number that
    nobody has, which is asked for like any other and sent nothing.

    The code itself stands nowhere: it is made anew whenever it is needed.
    """

    __tablename__ = "sign_in_codes"
    id: Mapped[Id]
    phone: Mapped[str] = mapped_column(index=True)
    """In E.164 form."""
    salt: Mapped[str] = mapped_column(unique=True)
    """What the code is made of, besides our secret and the number."""
    is_customers: Mapped[bool]
    """Whether a customer has the number, who is sent the code."""
    caller: Mapped[str] = mapped_column(index=True)
    """A digest of the network address that asked: enough to count by."""
    made_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class SignedInVisitor(Base):
    """A browser whose user has proved to be a customer, for a while."""

    __tablename__ = "signed_in_visitors"
    visitor_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey(Customer.id), index=True)
    until: Mapped[datetime]
