"""Whether a buyer is one of the chain's own people."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from storefront.core.database import db
from storefront.staff.models import Employee, OwnVisitor

_KNOWN_AS = (
    sa.select(Employee.id)
    .where(Employee.phone == sa.bindparam("phone"))
    .union(
        sa.select(OwnVisitor.employee_id).where(
            OwnVisitor.visitor_id.in_(sa.bindparam("visitor_ids", expanding=True))
        )
    )
)


def employees_known_as(phone: str | None, visitor_ids: Collection[str]) -> set[int]:
    """Ids of employees who have this phone number, or who signed in in one of these browsers."""
    if phone is None and not visitor_ids:
        return set()
    return set(db.session.scalars(_KNOWN_AS, {"phone": phone, "visitor_ids": list(visitor_ids)}))
