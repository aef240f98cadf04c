"""Commission plans as versioned data: drafted, approved by a second person, published for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution import versions
from storefront.attribution.models import VersionState
from storefront.catalog.models import Category, Product
from storefront.commissions.models import CommissionPlan, PlanRule
from storefront.commissions.rules import Booster, Goods, Rule
from storefront.commissions.rules.months import MonthTerms
from storefront.commissions.terms import NewBooster, NewRule, Terms, refuse_faults
from storefront.core.actor import Actor
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, NotFound

_plans = cast(sa.Table, CommissionPlan.__table__)
_rules = cast(sa.Table, PlanRule.__table__)
_categories = cast(sa.Table, Category.__table__)
_products = cast(sa.Table, Product.__table__)


@dataclass(frozen=True, slots=True)
class PlanInForce:
    """A published plan, ready to be applied."""

    id: int
    version: int
    hold_days: int
    bonus: int
    rules: tuple[Rule, ...]
    boosters: tuple[Booster, ...] = ()
    order_cap: int | None = None
    service_bonus: int = 0


def draft_plan(
    rules: Sequence[NewRule],
    *,
    hold_days: int,
    starts_at: datetime,
    note: str,
    actor: Actor,
    now: datetime,
    bonus: int = 0,
) -> CommissionPlan:
    """A new version of the plainest kind. Raises Invalid `wrong_plan`."""
    return draft_terms(Terms(rules, hold_days, starts_at, note, bonus), actor, now)


def draft_terms(terms: Terms, actor: Actor, now: datetime) -> CommissionPlan:
    """A new version, to be approved by somebody else. Raises Invalid `wrong_plan`."""
    refuse_faults(terms)
    with transaction() as session:
        draft = CommissionPlan(
            version=versions.next_version(_plans),
            state=VersionState.DRAFT,
            created_by_id=actor.employee_id,
            created_at=now,
            rules=_rows(terms),
            **_said(terms),
        )
        session.add(draft)
        session.flush()
        return draft


def redraft_plan(version: int, terms: Terms, actor: Actor, now: datetime) -> CommissionPlan:
    """Write a version anew that is not published: it is a draft again, its approval is gone.

    Raises Invalid `wrong_plan`, Conflict `already_published`, NotFound `plan_not_found`.
    """
    refuse_faults(terms)
    with transaction() as session:
        find_plan(version)
        versions.redraft(_plans, version, _said(terms), actor, now)
        plan = find_plan(version)
        session.execute(sa.delete(_rules).where(_rules.c.plan_id == plan.id))
        session.expire(plan)
        plan.rules = _rows(terms)
        session.flush()
        return find_plan(version)


def _said(terms: Terms) -> dict[str, Any]:
    return {
        "hold_days": terms.hold_days,
        "starts_at": terms.starts_at,
        "note": terms.note,
        "bonus": terms.bonus,
        "order_cap": terms.order_cap,
        "service_bonus": terms.service_bonus,
        "month_terms": terms.month.as_document() if terms.month else {},
    }


def _rows(terms: Terms) -> list[PlanRule]:
    rules = [
        PlanRule(position=position, **asdict(rule))
        for position, rule in enumerate(terms.rules, start=1)
    ]
    boosters = [
        PlanRule(
            position=position,
            budget=booster.budget,
            starts_at=booster.starts_at,
            ends_at=booster.ends_at,
            **asdict(booster.rule),
        )
        for position, booster in enumerate(terms.boosters, start=len(rules) + 1)
    ]
    return [*rules, *boosters]


def terms_of(plan: CommissionPlan) -> Terms:
    """What a version says, as it was drafted."""
    rules = [rule for rule in plan.rules if rule.budget is None]
    return Terms(
        rules=tuple(_as_drafted(rule) for rule in rules),
        hold_days=plan.hold_days,
        starts_at=plan.starts_at,
        note=plan.note,
        bonus=plan.bonus,
        boosters=tuple(
            NewBooster(_as_drafted(each), each.budget, each.starts_at, each.ends_at)
            for each in plan.rules
            if each.budget is not None and each.starts_at and each.ends_at
        ),
        order_cap=plan.order_cap,
        service_bonus=plan.service_bonus,
        month=MonthTerms.from_document(plan.month_terms),
    )


def _as_drafted(rule: PlanRule) -> NewRule:
    return NewRule(**{each.name: getattr(rule, each.name) for each in fields(NewRule)})


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
    sa.select(
        _plans.c.id,
        _plans.c.version,
        _plans.c.hold_days,
        _plans.c.bonus,
        _plans.c.order_cap,
        _plans.c.service_bonus,
    )
    .where(_plans.c.state == VersionState.PUBLISHED, _plans.c.starts_at <= sa.bindparam("at"))
    .order_by(_plans.c.starts_at.desc(), _plans.c.version.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class ServiceTerms:
    """What the plan pays whoever hands an order over at the store, and how long it is held."""

    plan_id: int
    amount: int
    hold_days: int


def service_terms(at: datetime) -> ServiceTerms | None:
    """Those of the version by which orders placed at `at` earn; None before the first."""
    row = db.session.execute(_IN_FORCE, {"at": at}).one_or_none()
    return ServiceTerms(row.id, row.service_bonus, row.hold_days) if row else None


RULE_COLUMNS = tuple(_rules.c[field.name] for field in fields(Rule))
"""What a Rule is made of, in its order."""

_RULES_OF = (
    sa.select(*RULE_COLUMNS, _rules.c.budget, _rules.c.starts_at, _rules.c.ends_at)
    .where(_rules.c.plan_id == sa.bindparam("plan_id"))
    .order_by(_rules.c.position)
)


def plan_in_force(at: datetime) -> PlanInForce:
    """The version by which orders placed at `at` earn. Raises Conflict `no_plan`."""
    row = db.session.execute(_IN_FORCE, {"at": at}).one_or_none()
    if row is None:
        raise Conflict("no_plan", "No commission plan is in force.")
    rules, boosters = content_of(row.id)
    return PlanInForce(
        row.id,
        row.version,
        row.hold_days,
        row.bonus,
        rules,
        boosters,
        row.order_cap,
        row.service_bonus,
    )


def content_of(plan_id: int) -> tuple[tuple[Rule, ...], tuple[Booster, ...]]:
    """A plan's rules and its boosters, each in its own order, out of one query.

    `plan_id` is its row number.
    """
    rules: list[Rule] = []
    boosters: list[Booster] = []
    for row in db.session.execute(_RULES_OF, {"plan_id": plan_id}):
        rule = Rule(*row[: len(RULE_COLUMNS)])
        if row.budget is None:
            rules.append(rule)
        else:
            boosters.append(Booster(rule, row.budget, row.starts_at, row.ends_at))
    return tuple(rules), tuple(boosters)


def category_paths(plan: PlanInForce) -> Mapping[int, tuple[int, ...]]:
    """Each category's way up to the root, itself first; empty when no rule asks for categories."""
    asking = [*plan.rules, *(booster.rule for booster in plan.boosters)]
    if all(rule.category_id is None for rule in asking):
        return {}
    return all_paths()


def all_paths() -> Mapping[int, tuple[int, ...]]:
    """Every category's way up to the root, itself first."""
    parent = {
        row.id: row.parent_id
        for row in db.session.execute(sa.select(_categories.c.id, _categories.c.parent_id))
    }
    return {category: _path(category, parent) for category in parent}


def catalogue() -> list[Goods]:
    """Every product, as rules ask about it."""
    columns = (_products.c.id, _products.c.category_id, _products.c.brand_id)
    return [Goods(*row) for row in db.session.execute(sa.select(*columns).order_by(columns[0]))]


def _path(category: int, parent: Mapping[int, int | None]) -> tuple[int, ...]:
    path: list[int] = []
    here: int | None = category
    while here is not None and here not in path:
        path.append(here)
        here = parent.get(here)
    return tuple(path)
