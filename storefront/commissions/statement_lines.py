"""The lines of a statement: what its close claimed, told by what it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions.adjustment_models import Adjustment, AdjustmentKind
from storefront.commissions.issuing import OWED
from storefront.commissions.models import (
    Account,
    Accrual,
    LedgerEntry,
    LedgerTransaction,
    Payout,
    ServiceBonus,
    TransactionKind,
)
from storefront.commissions.rule_words import SaidRule, said_rules
from storefront.commissions.settlement_models import SettledMonth, Settlement
from storefront.commissions.statement_models import Statement
from storefront.core.database import db
from storefront.orders.models import Order, OrderLine

_accruals = cast(sa.Table, Accrual.__table__)
_adjustments = cast(sa.Table, Adjustment.__table__)
_bonuses = cast(sa.Table, ServiceBonus.__table__)
_entries = cast(sa.Table, LedgerEntry.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_months = cast(sa.Table, SettledMonth.__table__)
_orders = cast(sa.Table, Order.__table__)
_payouts = cast(sa.Table, Payout.__table__)
_settlements = cast(sa.Table, Settlement.__table__)
_transactions = cast(sa.Table, LedgerTransaction.__table__)


class LineKind(StrEnum):
    """What a line is about, in the order in which a statement shows them."""

    SALE = "sale"
    SERVICE = "service"
    SETTLEMENT = "settlement"
    ADJUSTMENT = "adjustment"
    PAYOUT = "payout"


class LineState(StrEnum):
    """Where what a line is about stood when the period ended."""

    HELD = "held"
    DUE = "due"
    REVERSED = "reversed"
    """Nothing is left of it."""
    PAID = "paid"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Movement:
    """One thing that happened to it within the period."""

    at: datetime
    kind: TransactionKind
    amount: int
    """What it adds to what is owed. A release adds nothing: here it is what fell due."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A sale with what came back of it, an adjustment, a payout; amounts in minor units.

    What a line has no part in is empty.
    """

    kind: LineKind
    number: int
    """Row number of what it is about: an accrual, a settlement, an adjustment, a payout."""
    at: datetime
    """When the sale was paid, or else of the first movement."""
    amount: int
    """What the line adds to what is owed: the lines sum to closing - opening."""
    held: int
    """What was left held of it at the end of the period, and what was left due. Of payouts none."""
    due: int
    state: LineState
    movements: tuple[Movement, ...]
    order_number: str = ""
    position: int = 0
    name_zh: str = ""
    name_en: str = ""
    base: int = 0
    rate: int = 0
    """In basis points of the base."""
    cut: int = 0
    bonus: int = 0
    rule: SaidRule | None = None
    month: str = ""
    """The month that a settlement is about, like `2026-03`."""
    adjustment: str = ""
    """Its public id."""
    adjustment_kind: AdjustmentKind | None = None
    reason: str = ""
    payout: str = ""
    """The payout's public id."""


_SOURCE = {
    LineKind.SALE: _entries.c.accrual_id,
    LineKind.SERVICE: _entries.c.service_bonus_id,
    LineKind.SETTLEMENT: _entries.c.settlement_id,
    LineKind.ADJUSTMENT: _entries.c.adjustment_id,
}
"""Which column of an entry names what it is about."""

_ENTRIES = (
    sa.select(
        _entries.c.at,
        _entries.c.account,
        _entries.c.amount,
        _entries.c.key,
        _transactions.c.kind,
        *(column.label(kind.value) for kind, column in _SOURCE.items()),
        _entries.c.payout_id,
    )
    .join(_transactions, _transactions.c.id == _entries.c.transaction_id)
    .where(
        _entries.c.period_id == sa.bindparam("period_id"),
        _entries.c.employee_id == sa.bindparam("employee_id"),
        _entries.c.account.in_((*OWED, Account.PAID)),
    )
    .order_by(_entries.c.id)
)


def lines_of(statement: Statement) -> list[StatementLine]:
    """The lines behind a statement, sales first, each kind in the order of its first movement.

    They are read from entries that never change, so that they are the same whenever one looks.
    """
    grouped: dict[tuple[LineKind, int], list[sa.Row[*tuple[Any, ...]]]] = defaultdict(list)
    found = db.session.execute(
        _ENTRIES, {"period_id": statement.period_id, "employee_id": statement.employee_id}
    )
    for entry in found:
        grouped[_about(entry)].append(entry)
    facts = _facts_of(grouped)
    left = _left(statement, [number for kind, number in grouped if kind is LineKind.SALE])
    lines = [_line(key, entries, facts[key], left) for key, entries in grouped.items()]
    order = list(LineKind)
    return sorted(lines, key=lambda line: order.index(line.kind))


def _about(entry: sa.Row[*tuple[Any, ...]]) -> tuple[LineKind, int]:
    if entry.kind in (TransactionKind.PAYOUT, TransactionKind.PAYOUT_RETURN):
        return LineKind.PAYOUT, _payout_number(entry)
    for kind in _SOURCE:
        number = getattr(entry, kind.value)
        if number is not None:
            return kind, number
    raise ValueError(f"the entry {entry.key} is about nothing that statements know")


def _payout_number(entry: sa.Row[*tuple[Any, ...]]) -> int:
    # What became due again may be claimed by a later payout: its key says whose money came back.
    return int(entry.key.split(":")[1])


def _line(
    key: tuple[LineKind, int],
    entries: Sequence[sa.Row[*tuple[Any, ...]]],
    facts: Mapping[str, Any],
    left: Mapping[int, tuple[int, int]],
) -> StatementLine:
    kind, number = key
    movements = tuple(_movements(entries))
    amount = sum(entry.amount for entry in entries if entry.account in OWED)
    if kind is LineKind.SALE:
        held, due = left[number]
    else:
        held = sum(entry.amount for entry in entries if entry.account is Account.HELD)
        due = sum(entry.amount for entry in entries if entry.account is Account.PAYABLE)
    if kind is LineKind.PAYOUT:
        held = due = 0
    told: dict[str, Any] = {"at": movements[0].at, **facts}
    return StatementLine(
        **told,
        kind=kind,
        number=number,
        amount=amount,
        held=held,
        due=due,
        state=_state(kind, amount, held, due),
        movements=movements,
    )


def _state(kind: LineKind, amount: int, held: int, due: int) -> LineState:
    if kind is LineKind.PAYOUT:
        return LineState.PAID if amount < 0 else LineState.RETURNED
    if held:
        return LineState.HELD
    return LineState.DUE if due else LineState.REVERSED


def _movements(entries: Sequence[sa.Row[*tuple[Any, ...]]]) -> Iterator[Movement]:
    for entry in entries:
        if entry.kind is TransactionKind.RELEASE and entry.account is Account.HELD:
            continue  # its other half says the same
        if entry.account in OWED:
            yield Movement(entry.at, entry.kind, entry.amount)


def _left(statement: Statement, accrual_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """What was left held and due of these accruals when the period ended."""

    def sum_on(account: Account) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((_entries.c.account == account, _entries.c.amount), else_=0))

    rows = db.session.execute(
        sa.select(_entries.c.accrual_id, sum_on(Account.HELD), sum_on(Account.PAYABLE))
        .where(_entries.c.accrual_id.in_(accrual_ids), _entries.c.period_id <= statement.period_id)
        .group_by(_entries.c.accrual_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


# --- what the lines are about -----------------------------------------------------------------


_Facts = Mapping[tuple[LineKind, int], Mapping[str, Any]]


def _facts_of(keys: Collection[tuple[LineKind, int]]) -> _Facts:
    numbers: dict[LineKind, list[int]] = defaultdict(list)
    for kind, number in keys:
        numbers[kind].append(number)
    facts: dict[tuple[LineKind, int], Mapping[str, Any]] = {}
    for kind, these in numbers.items():
        rows = db.session.execute(_FACTS[kind].params(these=these)).mappings()
        facts |= {(kind, row["id"]): {**row} for row in rows}
    rules = said_rules({each["rule_id"] for each in facts.values() if each.get("rule_id")})
    return {key: _worded(each, rules) for key, each in facts.items()}


def _worded(facts: Mapping[str, Any], rules: Mapping[int, SaidRule]) -> Mapping[str, Any]:
    said = {name: value for name, value in facts.items() if name not in ("id", "rule_id")}
    if "rule_id" in facts:
        said["rule"] = rules.get(facts["rule_id"])
    return said


def _of(table: sa.Table, *columns: sa.ColumnElement[Any]) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(table.c.id, *columns).where(
        table.c.id.in_(sa.bindparam("these", expanding=True))
    )


_FACTS: Mapping[LineKind, sa.Select[*tuple[Any, ...]]] = {
    LineKind.SALE: _of(
        _accruals,
        _accruals.c.at,
        _accruals.c.base,
        _accruals.c.rate,
        _accruals.c.cut,
        _accruals.c.bonus,
        _accruals.c.rule_id,
        _orders.c.number.label("order_number"),
        _lines.c.position,
        _lines.c.name_zh,
        _lines.c.name_en,
    )
    .join(_lines, _lines.c.id == _accruals.c.order_line_id)
    .join(_orders, _orders.c.id == _accruals.c.order_id),
    LineKind.SERVICE: _of(_bonuses, _orders.c.number.label("order_number")).join(
        _orders, _orders.c.id == _bonuses.c.order_id
    ),
    LineKind.SETTLEMENT: _of(_settlements, _months.c.key.label("month")).join(
        _months, _months.c.id == _settlements.c.month_id
    ),
    LineKind.ADJUSTMENT: _of(
        _adjustments,
        _adjustments.c.public_id.label("adjustment"),
        _adjustments.c.kind.label("adjustment_kind"),
        _adjustments.c.reason,
    ),
    LineKind.PAYOUT: _of(_payouts, _payouts.c.public_id.label("payout")),
}
