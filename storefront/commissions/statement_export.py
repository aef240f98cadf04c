"""A month's statements as one file: figures as CSV, or figures and lines as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import orjson

from storefront.commissions import statements
from storefront.commissions.period_models import Period
from storefront.commissions.rule_words import SaidRule
from storefront.commissions.statement_lines import StatementLine
from storefront.commissions.statement_models import Statement
from storefront.core.csvfile import Cell, write_rows
from storefront.core.database import db
from storefront.core.money import format_amount
from storefront.core.times import as_rfc3339

AT_ONCE = 500

NAMES = (
    "period",
    "code",
    "employee_number",
    "employee_name",
    "store_code",
    "company",
    "currency",
)
AMOUNTS = (
    "opening_held",
    "opening_payable",
    "earned",
    "reversed",
    "adjusted",
    "settled",
    "released",
    "paid",
    "closing_held",
    "closing_payable",
)
COLUMNS = (*NAMES, *AMOUNTS, "issued_at")


def as_csv(period: Period) -> Iterator[bytes]:
    """The standing statements of a period, one row each, amounts as decimals with a point."""
    return write_rows(COLUMNS, (_row(each) for each in _standing(period)))


def as_json(period: Period) -> Iterator[bytes]:
    """The same with their lines, one statement a line within one array; amounts in minor units."""
    yield b"["
    between = b"\n"
    for each in _standing(period):
        yield between + orjson.dumps(_document(each))
        between = b",\n"
    yield b"\n]\n"


def _standing(period: Period) -> Iterator[Statement]:
    after: int | None = None
    while part := statements.of_period(period, after, AT_ONCE):
        yield from (each for each in part if each.revoked_at is None)
        after = part[-1].id
        # A month of a large chain does not fit into the session's memory.
        db.session.expunge_all()


def _row(statement: Statement) -> Sequence[Cell]:
    amounts = (format_amount(getattr(statement, name), statement.currency) for name in AMOUNTS)
    return (*_names(statement).values(), *amounts, as_rfc3339(statement.issued_at))


def _names(statement: Statement) -> dict[str, str]:
    of_itself = {name: getattr(statement, name) for name in NAMES if name != "period"}
    return {"period": statement.period.name, **of_itself}


def _document(statement: Statement) -> dict[str, Any]:
    return {
        **_names(statement),
        "issued_at": as_rfc3339(statement.issued_at),
        "figures": {name: getattr(statement, name) for name in AMOUNTS},
        "plan_versions": statement.plan_versions,
        "lines": [_line(line) for line in statements.lines_of(statement)],
    }


def _line(line: StatementLine) -> dict[str, Any]:
    """A line without what it has no part in."""
    told = {
        name: value
        for name in line.__slots__
        if (value := getattr(line, name)) not in (None, "") and name not in ("rule", "movements")
    }
    movements = [asdict(each) for each in line.movements]
    return {**told, "rule": _rule(line.rule), "movements": movements}


def _rule(rule: SaidRule | None) -> dict[str, int] | None:
    return {"version": rule.version, "position": rule.position} if rule else None
