"""Who does something. Rules and services take an actor as an argument, never from the request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person of the chain, a customer, or the program itself."""

    role: str
    """One of staff's roles, or `customer`, or `system`."""
    employee_id: int | None = None
    store_id: int | None = None


SYSTEM = Actor(role="system")
CUSTOMER = Actor(role="customer")
