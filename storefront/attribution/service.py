"""Policies as versioned data, and the verdict on an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from storefront.attribution import versions
from storefront.attribution.models import AttributionPolicy, Credit, Verdict, VersionState
from storefront.attribution.rules import Evidence, Line, Policy, decide, faults_of
from storefront.attribution.rules import Verdict as Decision
from storefront.core.actor import Actor
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, Invalid, NotFound
from storefront.core.money import split
from storefront.orders.handling import LineFacts, OrderFacts

_policies = cast(sa.Table, AttributionPolicy.__table__)
_verdicts = cast(sa.Table, Verdict.__table__)
_credits = cast(sa.Table, Credit.__table__)


@dataclass(frozen=True, slots=True)
class CreditFacts:
    """One employee's share of one line: what commission is computed on."""

    id: int
    line: LineFacts
    employee_id: int | None
    """None: the store alone is credited."""
    store_id: int
    position: int
    share: int
    net: int
    """This share of the line's net; a line's shares sum to it."""
    touch_id: int | None = None
    """The touch that won, if one did."""


def draft_policy(
    policy: Policy, starts_at: datetime, note: str, actor: Actor, now: datetime
) -> AttributionPolicy:
    """A new version, to be approved by somebody else.

    Raises Invalid `wrong_policy`, `policy_credits_nobody`, with a sentence per element.
    """
    _refuse_faults(policy)
    with transaction() as session:
        draft = AttributionPolicy(
            version=versions.next_version(_policies),
            state=VersionState.DRAFT,
            starts_at=starts_at,
            rules=policy.as_document(),
            note=note,
            created_by_id=actor.employee_id,
            created_at=now,
        )
        session.add(draft)
        session.flush()
        return draft


def redraft_policy(
    version: int, policy: Policy, starts_at: datetime, note: str, actor: Actor, now: datetime
) -> AttributionPolicy:
    """Write a version anew that is not published: its approval is gone, and it is this actor's.

    Raises what drafting raises, Conflict `already_published`, NotFound.
    """
    _refuse_faults(policy)
    with transaction():
        find_policy(version)
        versions.redraft(
            _policies,
            version,
            {"rules": policy.as_document(), "starts_at": starts_at, "note": note},
            actor,
            now,
        )
        return find_policy(version)


def bring_policy(
    policy: Policy, starts_at: datetime, note: str, actor: Actor, now: datetime
) -> AttributionPolicy:
    """Publish a version at once: for a chain that brings its past along, which has none yet.

    Once there is a published version a further one starts now or later. Raises what drafting
    raises, Invalid `starts_in_the_past`.
    """
    with transaction():
        drafted = draft_policy(policy, starts_at, note, actor, now)
        versions.refuse_past(_policies, starts_at, now)
        versions.publish_at_once(_policies, [drafted.version], now)
        return find_policy(drafted.version)


def _refuse_faults(policy: Policy) -> None:
    faults = faults_of(policy)
    if faults:
        errors: dict[str, list[str]] = {}
        for fault in faults:
            errors.setdefault(fault.element, []).append(fault.sentence)
        raise Invalid(faults[0].code, faults[0].sentence, errors={"json": errors})


def approve_policy(version: int, actor: Actor) -> None:
    """A second person agrees. Raises Forbidden `four_eyes`, Conflict `not_a_draft`, NotFound."""
    with transaction():
        find_policy(version)
        versions.approve(_policies, version, actor)


def publish_policy(version: int, now: datetime) -> None:
    """Let an approved version judge from its start on; it never changes again.

    Raises Conflict `not_approved`, Invalid `starts_in_the_past`, NotFound.
    """
    with transaction():
        find_policy(version)
        versions.publish(_policies, version, now)


def find_policy(version: int) -> AttributionPolicy:
    """The version with this number. Raises NotFound `policy_not_found`."""
    policy = db.session.scalar(
        sa.select(AttributionPolicy)
        .where(AttributionPolicy.version == version)
        .execution_options(populate_existing=True)
    )
    if policy is None:
        raise NotFound("policy_not_found", "There is no such version.")
    return policy


def list_policies(before: int | None, limit: int) -> Sequence[AttributionPolicy]:
    """Versions, the latest first, from below the version `before`."""
    statement = sa.select(AttributionPolicy).order_by(AttributionPolicy.version.desc())
    if before is not None:
        statement = statement.where(AttributionPolicy.version < before)
    return db.session.scalars(statement.limit(limit)).all()


_IN_FORCE = (
    sa.select(_policies.c.id, _policies.c.rules)
    .where(
        _policies.c.state == VersionState.PUBLISHED,
        _policies.c.starts_at <= sa.bindparam("at"),
    )
    .order_by(_policies.c.starts_at.desc(), _policies.c.version.desc())
    .limit(1)
)


def policy_in_force(at: datetime) -> tuple[int, Policy]:
    """Id and rules of the version that judges orders placed at `at`.

    Raises Conflict `no_policy`: a chain without a policy cannot say who earns.
    """
    row = db.session.execute(_IN_FORCE, {"at": at}).one_or_none()
    if row is None:
        raise Conflict("no_policy", "No attribution policy is in force.")
    return row.id, Policy.from_document(row.rules)


_CREDITS_OF = sa.select(_credits.c.id, _credits.c.order_line_id, _credits.c.position).where(
    _credits.c.verdict_id == sa.bindparam("verdict_id")
)


def version_in_force(at: datetime) -> AttributionPolicy:
    """The version that judges orders placed at `at`. Raises Conflict `no_policy`."""
    policy_id, _ = policy_in_force(at)
    return db.session.get_one(AttributionPolicy, policy_id)


class Judged(NamedTuple):
    """What came of an order, and by which policy."""

    policy: Policy
    decision: Decision
    credited: list[CreditFacts]


def judge(order: OrderFacts, lines: Sequence[LineFacts], now: datetime) -> Judged:
    """Decide an order by the policy in force when it was placed; store verdict and credits.

    The first verdict on an order has sequence 1, and the database keeps it the only one.
    """
    policy_id, policy = policy_in_force(order.placed_at)
    decision = decide(
        policy,
        Evidence.from_document(order.evidence),
        [Line(line.position, line.product_id) for line in lines],
    )
    verdict_id = write_verdict(order.id, 1, policy_id, decision, now)
    credited = write_credits(verdict_id, order.id, lines, decision, now)
    return Judged(policy, decision, credited)


def write_verdict(
    order_id: int, sequence: int, policy_id: int, decision: Decision, now: datetime
) -> int:
    """Store a verdict within the caller's transaction; its row's number."""
    return db.session.scalars(
        sa.insert(_verdicts).returning(_verdicts.c.id),
        {
            "order_id": order_id,
            "sequence": sequence,
            "policy_id": policy_id,
            "reason": decision.reason.value,
            "document": decision.as_document(),
            "at": now,
        },
    ).one()


def write_credits(
    verdict_id: int, order_id: int, lines: Sequence[LineFacts], decision: Decision, now: datetime
) -> list[CreditFacts]:
    """Store the credits that a verdict gives on these lines; what commission is computed on."""
    rows: list[dict[str, Any]] = []
    shared: list[tuple[LineFacts, int]] = []
    for line in lines:
        winners = decision.ruling_on(line.position).winners
        if not winners:
            continue
        nets = split(line.net, [winner.share for winner in winners])
        for position, (winner, net) in enumerate(zip(winners, nets, strict=True)):
            shared.append((line, net))
            rows.append(
                {
                    "verdict_id": verdict_id,
                    "order_id": order_id,
                    "order_line_id": line.id,
                    "employee_id": winner.employee_id,
                    "store_id": winner.store_id,
                    "position": position,
                    "share": winner.share,
                    "touch_id": winner.touch_id,
                    "at": now,
                }
            )
    if not rows:
        return []
    db.session.execute(sa.insert(_credits), rows)
    ids = {
        (row.order_line_id, row.position): row.id
        for row in db.session.execute(_CREDITS_OF, {"verdict_id": verdict_id})
    }
    return [
        CreditFacts(
            id=ids[line.id, row["position"]],
            line=line,
            employee_id=row["employee_id"],
            store_id=row["store_id"],
            position=row["position"],
            share=row["share"],
            net=net,
            touch_id=row["touch_id"],
        )
        for row, (line, net) in zip(rows, shared, strict=True)
    ]


def shares_of(order_line_ids: Sequence[int]) -> dict[int, list[tuple[int | None, int, int]]]:
    """Who stands credited with each line, first share first: (employee, store, basis points)."""
    rows = db.session.execute(
        sa.select(
            _credits.c.order_line_id, _credits.c.employee_id, _credits.c.store_id, _credits.c.share
        )
        .where(_credits.c.order_line_id.in_(order_line_ids), _credits.c.superseded_by_id.is_(None))
        .order_by(_credits.c.order_line_id, _credits.c.position)
    )
    shares: dict[int, list[tuple[int | None, int, int]]] = {}
    for row in rows:
        shares.setdefault(row.order_line_id, []).append((row.employee_id, row.store_id, row.share))
    return shares
