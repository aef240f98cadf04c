"""Thresholds as versioned data: drafted, approved by a second person, published for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.attribution import versions
from storefront.attribution.models import VersionState
from storefront.commissions.fraud_models import FraudPolicy
from storefront.core.actor import Actor
from storefront.core.database import db, transaction
from storefront.core.errors import Invalid, NotFound
from storefront.fraud.rules import Thresholds, faults_of

_policies = cast(sa.Table, FraudPolicy.__table__)

DEFAULTS = 0
"""The version number of the thresholds that hold while nobody has published any."""


def draft(
    thresholds: Thresholds, starts_at: datetime, note: str, actor: Actor, now: datetime
) -> FraudPolicy:
    """A new version, to be approved by somebody else. Raises Invalid `wrong_thresholds`."""
    _refuse_faults(thresholds)
    with transaction() as session:
        drafted = FraudPolicy(
            version=versions.next_version(_policies),
            state=VersionState.DRAFT,
            starts_at=starts_at,
            rules=thresholds.as_document(),
            note=note,
            created_by_id=actor.employee_id,
            created_at=now,
        )
        session.add(drafted)
        session.flush()
        return drafted


def approve(version: int, actor: Actor) -> None:
    """A second person agrees. Raises Forbidden `four_eyes`, Conflict `not_a_draft`, NotFound."""
    with transaction():
        find(version)
        versions.approve(_policies, version, actor)


def publish(version: int, now: datetime) -> None:
    """Let an approved version rule scans from its start on; it never changes again.

    Raises Conflict `not_approved`, Invalid `starts_in_the_past`, NotFound.
    """
    with transaction():
        find(version)
        versions.publish(_policies, version, now)


def find(version: int) -> FraudPolicy:
    """The version with this number. Raises NotFound `thresholds_not_found`."""
    found = db.session.scalar(
        sa.select(FraudPolicy)
        .where(FraudPolicy.version == version)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("thresholds_not_found", "There is no such version.")
    return found


def listed(before: int | None, limit: int) -> Sequence[FraudPolicy]:
    """Versions from below `before`, the latest first."""
    asked = sa.select(FraudPolicy).order_by(FraudPolicy.version.desc()).limit(limit)
    if before is not None:
        asked = asked.where(FraudPolicy.version < before)
    return db.session.scalars(asked).all()


def in_force(moment: datetime) -> tuple[int, Thresholds]:
    """The version that rules at a moment, with its number; the defaults before the first."""
    row = db.session.execute(
        sa.select(_policies.c.version, _policies.c.rules)
        .where(_policies.c.state == VersionState.PUBLISHED, _policies.c.starts_at <= moment)
        .order_by(_policies.c.starts_at.desc(), _policies.c.version.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return DEFAULTS, Thresholds()
    return row.version, Thresholds.from_document(row.rules)


def _refuse_faults(thresholds: Thresholds) -> None:
    faults = faults_of(thresholds)
    if faults:
        errors: dict[str, list[str]] = {}
        for fault in faults:
            errors.setdefault(fault.element, []).append(fault.sentence)
        raise Invalid("wrong_thresholds", faults[0].sentence, errors={"json": errors})
