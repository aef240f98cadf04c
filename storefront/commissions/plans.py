"""Commission plans as versioned data: drafted, approved by a second person, published for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.attribution import versions
from storefront.attribution.models import VersionState
from storefront.catalog.models import Category
from storefront.commissions.models import CommissionPlan, PlanRule
from storefront.commissions.rules import Rule
from storefront.core.actor import Actor
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, Invalid, NotFound
from storefront.core.money import WHOLE_BASIS_POINTS

LONGEST_HOLD_DAYS = 365

_plans = cast(sa.Table, CommissionPlan.__table__)
_rules = cast(sa.Table, PlanRule.__table__)
_categories = cast(sa.Table, Category.__table__)


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule of a plan being drafted; None matches everything."""

    rate: int
    employee_id: int | None = None
    product_id: int | None = None
    category_id: int | None = None
    brand_id: int | None = None


@dataclass(frozen=True, slots=True)
class PlanInForce:
    """A published plan, ready to be applied."""

    id: int
    version: int
    hold_days: int
    rules: tuple[Rule, ...]


def draft_plan(
    rules: Sequence[NewRule],
    *,
    hold_days: int,
    starts_at: datetime,
    note: str,
    actor: Actor,
    now: datetime,
) -> CommissionPlan:
    """A new version, to be approved by somebody else. Raises Invalid `wrong_plan`."""
    if not 0 <= hold_days <= LONGEST_HOLD_DAYS:
        raise Invalid("wrong_plan", f"Commission is held for 0 to {LONGEST_HOLD_DAYS} days.")
    if not rules or any(not 0 <= rule.rate <= WHOLE_BASIS_POINTS for rule in rules):
        raise Invalid("wrong_plan", "A plan needs rules with rates from 0 to 10,000 basis points.")
    with transaction() as session:
        draft = CommissionPlan(
            version=versions.next_version(_plans),
            state=VersionState.DRAFT,
            starts_at=starts_at,
            hold_days=hold_days,
            note=note,
            created_by_id=actor.employee_id,
            created_at=now,
            rules=[
                PlanRule(
                    position=position,
                    rate=rule.rate,
                    employee_id=rule.employee_id,
                    product_id=rule.product_id,
                    category_id=rule.category_id,
                    brand_id=rule.brand_id,
                )
                for position, rule in enumerate(rules, start=1)
            ],
        )
        session.add(draft)
        session.flush()
        return draft


def approve_plan(version: int, actor: Actor) -> None:
    """A second person agrees. Raises Forbidden `four_eyes`, Conflict `not_a_draft`, NotFound."""
    with transaction():
        find_plan(version)
        versions.approve(_plans, version, actor)


def publish_plan(version: int, now: datetime) -> None:
    """Let an approved version earn from its start on; it never changes again.

    Raises Conflict `not_approved`, Invalid `starts_in_the_past`, NotFound.
    """
    with transaction():
        find_plan(version)
        versions.publish(_plans, version, now)


def find_plan(version: int) -> CommissionPlan:
    """The version with this number. Raises NotFound `plan_not_found`."""
    plan = db.session.scalar(
        sa.select(CommissionPlan)
        .where(CommissionPlan.version == version)
        .execution_options(populate_existing=True)
    )
    if plan is None:
        raise NotFound("plan_not_found", "There is no such version.")
    return plan


def list_plans(before: int | None, limit: int) -> Sequence[CommissionPlan]:
    """Versions, the latest first, from below the version `before`."""
    statement = sa.select(CommissionPlan).order_by(CommissionPlan.version.desc())
    if before is not None:
        statement = statement.where(CommissionPlan.version < before)
    return db.session.scalars(statement.limit(limit)).all()


_IN_FORCE = (
    sa.select(_plans.c.id, _plans.c.version, _plans.c.hold_days)
    .where(_plans.c.state == VersionState.PUBLISHED, _plans.c.starts_at <= sa.bindparam("at"))
    .order_by(_plans.c.starts_at.desc(), _plans.c.version.desc())
    .limit(1)
)
_RULES_OF = (
    sa.select(
        _rules.c.id,
        _rules.c.position,
        _rules.c.rate,
        _rules.c.employee_id,
        _rules.c.product_id,
        _rules.c.category_id,
        _rules.c.brand_id,
    )
    .where(_rules.c.plan_id == sa.bindparam("plan_id"))
    .order_by(_rules.c.position)
)


def plan_in_force(at: datetime) -> PlanInForce:
    """The version by which orders placed at `at` earn. Raises Conflict `no_plan`."""
    row = db.session.execute(_IN_FORCE, {"at": at}).one_or_none()
    if row is None:
        raise Conflict("no_plan", "No commission plan is in force.")
    rules = db.session.execute(_RULES_OF, {"plan_id": row.id})
    return PlanInForce(row.id, row.version, row.hold_days, tuple(Rule(*rule) for rule in rules))


def category_paths(plan: PlanInForce) -> Mapping[int, tuple[int, ...]]:
    """Each category's way up to the root, itself first; empty when no rule asks for categories."""
    if all(rule.category_id is None for rule in plan.rules):
        return {}
    parent = {
        row.id: row.parent_id
        for row in db.session.execute(sa.select(_categories.c.id, _categories.c.parent_id))
    }
    return {category: _path(category, parent) for category in parent}


def _path(category: int, parent: Mapping[int, int | None]) -> tuple[int, ...]:
    path: list[int] = []
    here: int | None = category
    while here is not None and here not in path:
        path.append(here)
        here = parent.get(here)
    return tuple(path)
