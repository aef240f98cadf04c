"""Versions of the chain's rules, be it who earns or what: drafted, approved by a second person,
published for good. Policies and plans have the columns for it in common.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storefront.attribution.models import VersionState
from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db, transaction
from storefront.core.errors import Conflict, Forbidden, Invalid


def next_version(table: sa.Table) -> int:
    """The number that a new draft gets."""
    return (db.session.scalar(sa.select(sa.func.max(table.c.version))) or 0) + 1


def redraft(
    table: sa.Table, version: int, values: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """Change what is not published yet: it is a draft again, and its approval is gone.

    Raises Conflict `already_published`.
    """
    with transaction() as session:
        changed = session.execute(
            sa.update(table)
            .where(table.c.version == version, table.c.state != VersionState.PUBLISHED)
            .values(
                **values,
                state=VersionState.DRAFT,
                created_by_id=actor.employee_id,
                created_at=now,
                approved_by_id=None,
            )
        )
        if not changed_rows(changed):
            raise Conflict("already_published", "What was published never changes. Draft anew.")


def approve(table: sa.Table, version: int, actor: Actor) -> None:
    """A second person agrees. Raises Forbidden `four_eyes`, Conflict `not_a_draft`."""
    with transaction() as session:
        drafted_by = session.scalar(
            sa.select(table.c.created_by_id).where(table.c.version == version)
        )
        if drafted_by is not None and drafted_by == actor.employee_id:
            raise Forbidden("four_eyes", "Somebody else has to approve what you drafted.")
        approved = session.execute(
            sa.update(table)
            .where(table.c.version == version, table.c.state == VersionState.DRAFT)
            .values(state=VersionState.APPROVED, approved_by_id=actor.employee_id)
        )
        if not changed_rows(approved):
            raise Conflict("not_a_draft", "Only a draft can be approved, once.")


def refuse_past(table: sa.Table, starts_at: datetime, now: datetime) -> None:
    """Raise Invalid `starts_in_the_past` where an earlier version is published."""
    earlier = db.session.scalar(
        sa.select(sa.func.count()).where(table.c.state == VersionState.PUBLISHED)
    )
    if earlier and starts_at < now:
        message = "A new version starts now or later."
        raise Invalid("starts_in_the_past", message, errors={"json": {"starts_at": [message]}})


def publish(table: sa.Table, version: int, now: datetime) -> None:
    """Let an approved version rule from its start on; it never changes again.

    Raises Conflict `not_approved`, and Invalid `starts_in_the_past` where an earlier version is
    published: what was judged by it stays judged.
    """
    with transaction() as session:
        starts_at: datetime = session.scalars(
            sa.select(table.c.starts_at).where(table.c.version == version)
        ).one()
        refuse_past(table, starts_at, now)
        published = session.execute(
            sa.update(table)
            .where(table.c.version == version, table.c.state == VersionState.APPROVED)
            .values(state=VersionState.PUBLISHED, published_at=now)
        )
        if not changed_rows(published):
            raise Conflict("not_approved", "Only an approved version can be published.")


def publish_at_once(table: sa.Table, drafts: Collection[int], now: datetime) -> None:
    """Publish drafts whoever wrote them: for what a chain brings along from before it came here.

    The caller has made sure that nothing was published that they could change.
    """
    with transaction() as session:
        session.execute(
            sa.update(table)
            .where(table.c.version.in_(drafts), table.c.state == VersionState.DRAFT)
            .values(state=VersionState.PUBLISHED, published_at=now)
        )
