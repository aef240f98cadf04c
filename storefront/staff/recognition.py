"""Whether a buyer is one of the chain's own people."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from storefront.core.database import db
from storefront.staff.models import Employee, OwnVisitor


def employees_known_as(phone: str, visitor_ids: Collection[str]) -> set[int]:
    """Ids of employees who have this phone number, or who signed in in one of these browsers."""
    by_phone = sa.select(Employee.id).where(Employee.phone == phone)
    by_browser = sa.select(OwnVisitor.employee_id).where(OwnVisitor.visitor_id.in_(visitor_ids))
    return set(db.session.scalars(by_phone.union(by_browser)))
