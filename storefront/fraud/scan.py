"""Looking for fraud: what the rules find becomes occurrences in a case, and is held.

A line is found once per rule and person, whatever became of it: scanning again changes nothing,
and what was dismissed does not come back. Nothing here takes anything from anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions import holds
from storefront.commissions.fraud_models import (
    CaseState,
    FraudCase,
    FraudOccurrence,
    FraudScan,
    Signal,
)
from storefront.commissions.models import HoldKind
from storefront.core.actor import SYSTEM
from storefront.core.database import db, insert_for, transaction
from storefront.core.ids import public_id
from storefront.core.settings import settings
from storefront.fraud import policies
from storefront.fraud.reading import Found, find
from storefront.fraud.window import Window, accruals, lines, orders
from storefront.staff.models import Role

_cases = cast(sa.Table, FraudCase.__table__)
_occurrences = cast(sa.Table, FraudOccurrence.__table__)
_scans = cast(sa.Table, FraudScan.__table__)

AT_ONCE = 200
"""Lines whose orders one transaction locks: others go on selling meanwhile."""

FIRST_ROLE = Role.HQ_OPERATIONS
SCAN_EVERY = timedelta(hours=1)
WHOLE_EVERY = timedelta(days=1)
"""What became known late, like an employee's new phone number, is found this late at most."""


def scan(now: datetime, *, whole: bool, tell: Callable[[Signal, int], object] | None = None) -> int:
    """Look at what is new, or at the whole window; how many lines were found anew.

    `tell` hears of each rule that is through, and what it found.
    """
    version, thresholds = policies.in_force(now)
    seen_until = None if whole else _seen()
    window = Window.until(now, thresholds, settings().chain_time_zone, seen_until)
    last_accrual = db.session.scalar(sa.select(sa.func.max(accruals.c.id))) or 0
    found_in_all = 0
    for signal in Signal:
        found_now = 0
        if thresholds.watches(signal):
            # All of a rule's findings first: they are few, and nobody waits for a lock meanwhile.
            for found in list(find(signal, window)):
                found_now += keep(found, version, thresholds.escalate_after_days, now)
        found_in_all += found_now
        if tell:
            tell(signal, found_now)
    with transaction() as session:
        session.add(
            FraudScan(
                at=now,
                whole=whole,
                last_accrual_id=last_accrual,
                policy_version=version,
                found=found_in_all,
            )
        )
        session.flush()
    return found_in_all


def _seen() -> int | None:
    """The last accrual that a scan saw; None if there was none yet."""
    return db.session.scalar(
        sa.select(_scans.c.last_accrual_id).order_by(_scans.c.id.desc()).limit(1)
    )


def scan_in_turn(now: datetime) -> None:
    """The duty: what is new every hour, the whole window once a day; and no answer escalates.

    It looks for nothing until headquarters has published thresholds: nobody's money is held by
    figures that two people have not agreed on.
    """
    escalate(now)
    version, _ = policies.in_force(now)
    if version == policies.DEFAULTS:
        return
    last = db.session.scalar(sa.select(sa.func.max(_scans.c.at)))
    last_whole = db.session.scalar(sa.select(sa.func.max(_scans.c.at)).where(_scans.c.whole))
    if last_whole is None or now - last_whole >= WHOLE_EVERY:
        scan(now, whole=True)
    elif last is None or now - last >= SCAN_EVERY:
        scan(now, whole=False)


# --- what is found is kept --------------------------------------------------------------------


def keep(found: Found, version: int, escalate_after_days: int, now: datetime) -> int:
    """Write down and hold what was not known, in the case of rule and person; how many lines."""
    kept = 0
    for start in range(0, len(found.line_ids), AT_ONCE):
        line_ids = found.line_ids[start : start + AT_ONCE]
        with transaction():
            new = _unknown(found, line_ids)
            if not new:
                continue
            # The orders first, as everybody does: a decision that is under way is over then.
            _lock_orders(new)
            # Asked again: another scan may have been quicker.
            new = _unknown(found, new)
            if not new:
                continue
            case_id = _open_case(found, escalate_after_days, now)
            kept += _write(found, case_id, new, version, now)
            reason = f"fraud rule {found.signal.value}"
            holds.place(new, HoldKind.FRAUD, reason, SYSTEM, now, found.employee_id)
    return kept


def _unknown(found: Found, line_ids: Sequence[int]) -> list[int]:
    known = set(
        db.session.scalars(
            sa.select(_occurrences.c.order_line_id).where(
                _occurrences.c.rule == found.signal,
                _occurrences.c.employee_id == found.employee_id,
                _occurrences.c.order_line_id.in_(line_ids),
            )
        )
    )
    return [line_id for line_id in line_ids if line_id not in known]


def _lock_orders(line_ids: Sequence[int]) -> None:
    of_lines = sa.select(lines.c.order_id).where(lines.c.id.in_(line_ids))
    db.session.execute(
        sa.select(orders.c.id)
        .where(orders.c.id.in_(of_lines))
        .order_by(orders.c.id)
        .with_for_update()
    ).all()


def _open_case(found: Found, escalate_after_days: int, now: datetime) -> int:
    """The open case of rule and person, locked; a new one if there is none.

    What is found anew was not seen by whoever answered it meanwhile: they have to look again.
    """
    db.session.execute(
        insert_for(_cases).on_conflict_do_nothing(),
        {
            "public_id": public_id("frd"),
            "rule": found.signal,
            "employee_id": found.employee_id,
            "state": CaseState.OPEN,
            "opened_at": now,
            "for_role": FIRST_ROLE,
            "escalates_at": now + timedelta(days=escalate_after_days),
            "takes_back": False,
            "note": "",
        },
    )
    case_id = db.session.scalars(
        sa.select(_cases.c.id)
        .where(
            _cases.c.rule == found.signal,
            _cases.c.employee_id == found.employee_id,
            _cases.c.closed_at.is_(None),
        )
        .with_for_update()
    ).one()
    db.session.execute(
        sa.update(_cases)
        .where(_cases.c.id == case_id, _cases.c.state == CaseState.PROPOSED)
        .values(**UNANSWERED)
    )
    return case_id


UNANSWERED: dict[str, Any] = {
    "state": CaseState.OPEN,
    "outcome": None,
    "takes_back": False,
    "note": "",
    "answered_by_id": None,
    "answered_at": None,
}
"""What a case says while nobody has answered it."""


def _write(found: Found, case_id: int, line_ids: Sequence[int], version: int, now: datetime) -> int:
    rows = [
        {
            "case_id": case_id,
            "rule": found.signal,
            "employee_id": found.employee_id,
            "order_line_id": line_id,
            "evidence": found.evidence,
            "policy_version": version,
            "found_at": now,
        }
        for line_id in line_ids
    ]
    db.session.execute(sa.insert(_occurrences), rows)
    return len(rows)


# --- what nobody answers ----------------------------------------------------------------------

LADDER = (Role.HQ_OPERATIONS, Role.HQ_FINANCE, Role.HQ_ADMIN)
"""Who may answer a case, the least first."""


def escalate(now: datetime) -> int:
    """Hand cases that nobody answered in time to the next higher role; how many.

    They stay open and held however long it takes.
    """
    _, thresholds = policies.in_force(now)
    later = now + timedelta(days=thresholds.escalate_after_days)
    count = 0
    with transaction() as session:
        due = session.execute(
            sa.select(_cases.c.id, _cases.c.for_role)
            .where(_cases.c.closed_at.is_(None), _cases.c.escalates_at <= now)
            .order_by(_cases.c.id)
            .with_for_update(skip_locked=True)
        ).all()
        for row in due:
            role = LADDER[min(LADDER.index(row.for_role) + 1, len(LADDER) - 1)]
            session.execute(
                sa.update(_cases)
                .where(_cases.c.id == row.id)
                .values(for_role=role, escalates_at=None if role is LADDER[-1] else later)
            )
            count += 1
    return count
