"""Statements: finding them, reading their lines, and issuing one anew when a name was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from storefront.commissions import issuing, periods
from storefront.commissions.issuing import Range
from storefront.commissions.period_models import Period
from storefront.commissions.statement_lines import LineKind, StatementLine, lines_of
from storefront.commissions.statement_models import Statement
from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db, transaction
from storefront.core.errors import Conflict, NotFound

__all__ = ["LineKind", "StatementLine", "find", "lines_of", "of_employee", "of_period", "reissue"]

_statements = cast(sa.Table, Statement.__table__)


def find(code: str, employee_id: int | None = None) -> Statement:
    """The statement with this code; with an employee, only if it is theirs.

    Raises NotFound `statement_not_found`.
    """
    mine = Statement.employee_id == employee_id if employee_id is not None else sa.true()
    found = db.session.scalar(
        sa.select(Statement)
        .options(joinedload(Statement.period))
        .where(Statement.code == code, mine)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("statement_not_found", "There is no such statement.")
    return found


def of_employee(employee_id: int, before: int | None, limit: int) -> Sequence[Statement]:
    """An employee's statements, the latest first, from below the row number `before`."""
    statement = sa.select(Statement).where(Statement.employee_id == employee_id)
    if before is not None:
        statement = statement.where(Statement.id < before)
    return _read(statement.order_by(Statement.id.desc()).limit(limit))


def of_period(
    period: Period, after: int | None, limit: int, store_code: str | None = None
) -> Sequence[Statement]:
    """A period's statements in the order they were issued, revoked ones too, from behind `after`.

    With a `store_code` only those of that store.
    """
    statement = sa.select(Statement).where(
        Statement.period_id == period.id, Statement.id > (after or 0)
    )
    if store_code is not None:
        statement = statement.where(Statement.store_code == store_code)
    return _read(statement.order_by(Statement.id).limit(limit))


def _read(statement: sa.Select[Statement]) -> Sequence[Statement]:
    return db.session.scalars(
        statement.options(joinedload(Statement.period)).execution_options(populate_existing=True)
    ).all()


def reissue(code: str, reason: str, actor: Actor, now: datetime) -> Statement:
    """Revoke a statement and issue another for the same entries, with the names as they are now.

    Its figures are the same: what a close claimed is final, and a wrong amount is put right by an
    adjustment in the open period. Raises NotFound `statement_not_found`, Conflict
    `statement_revoked`.
    """
    with transaction() as session:
        old = find(code)
        revoked = changed_rows(
            session.execute(
                sa.update(_statements)
                .where(_statements.c.id == old.id, _statements.c.revoked_at.is_(None))
                .values(revoked_at=now, revoked_reason=reason, revoked_by_id=actor.employee_id)
            )
        )
        if not revoked:
            raise Conflict(
                "statement_revoked", "This one was revoked already. Take the one that replaced it."
            )
        issuing.issue(old.period, periods.before(old.period), Range.of(old.employee_id), now)
        new = session.scalars(
            sa.select(Statement).where(
                Statement.period_id == old.period_id,
                Statement.employee_id == old.employee_id,
                Statement.revoked_at.is_(None),
            )
        ).one()
        session.execute(
            sa.update(_statements).where(_statements.c.id == old.id).values(replaced_by_id=new.id)
        )
        if old.show_total:
            new.show_total = True
        session.flush()
        return new
