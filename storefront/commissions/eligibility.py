"""Who has a part in a payout batch, and why somebody has not: pure, one person at a time."""

from __future__ import annotations

from dataclasses import dataclass

from storefront.commissions.payout_models import LeftOut
from storefront.staff.models import EmploymentState


@dataclass(frozen=True, slots=True)
class Terms:
    """What a batch asks of everybody."""

    minimum: int
    """Minor units; who is owed less waits."""
    needs_identity: bool
    """Whether payroll must know somebody's identity document to pay them."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is due to somebody by the cutoff and in no batch, in minor units."""

    employee_id: int
    free: int
    """Below zero it is a debt."""
    on_hold: int
    state: EmploymentState
    has_identity: bool

    @property
    def amount(self) -> int:
        """All of it."""
        return self.free + self.on_hold


def left_out(due: Due, terms: Terms) -> LeftOut | None:
    """Why somebody gets nothing out of a batch; None if they get what is free.

    Who left is paid like everybody: it was earned. Who is suspended waits until that is decided.
    """
    if due.free <= 0:
        return LeftOut.DEBT if due.free < 0 or due.on_hold <= 0 else LeftOut.ON_HOLD
    if due.state is EmploymentState.SUSPENDED:
        return LeftOut.SUSPENDED
    if terms.needs_identity and not due.has_identity:
        return LeftOut.MISSING_DATA
    return LeftOut.BELOW_MINIMUM if due.free < terms.minimum else None
