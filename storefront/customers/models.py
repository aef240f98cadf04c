"""Customers and the visitors they were before we knew them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, Id


class Customer(Base):
    """A person who buys, known by a phone number."""

    __tablename__ = "customers"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str] = mapped_column(unique=True)
    """In E.164 form."""
    name: Mapped[str]
    created_at: Mapped[datetime]
    first_paid_at: Mapped[datetime | None]
    """When their first order ever was paid: set once, so a customer is new once."""


class CustomerVisitor(Base):
    """A browser in which a customer has given their phone number."""

    __tablename__ = "customer_visitors"
    visitor_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Customer.id), primary_key=True, index=True
    )
    at: Mapped[datetime]
