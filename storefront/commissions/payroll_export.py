"""What a period paid to whom, as the tax client's payroll sheet has it: CSV and XLSX.

The columns and their names are those of the client's sheet for wages; what the chain does not know
(insurance, deductions) stays empty for payroll to fill in. `docs/closing-a-month.md` says more.
"""

from __future__ import annotations

import io
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions.period_models import Period, PeriodState
from storefront.commissions.statement_models import Statement
from storefront.core.csvfile import write_rows
from storefront.core.database import db
from storefront.core.errors import Conflict
from storefront.core.money import MINOR_DIGITS, format_amount
from storefront.core.settings import settings
from storefront.core.times import as_rfc3339
from storefront.staff.models import Employee

log = logging.getLogger(__name__)

_employees = cast(sa.Table, Employee.__table__)
_statements = cast(sa.Table, Statement.__table__)

OURS = ("工号", "姓名", "证件类型", "证件号码", "本期收入", "本期免税收入")
PAYROLLS = (
    "基本养老保险费",
    "基本医疗保险费",
    "失业保险费",
    "住房公积金",
    "累计子女教育",
    "累计继续教育",
    "累计住房贷款利息",
    "累计住房租金",
    "累计赡养老人",
    "累计3岁以下婴幼儿照护",
    "累计个人养老金",
    "企业(职业)年金",
    "商业健康保险",
    "税延养老保险",
    "其他",
    "准予扣除的捐赠额",
    "减免税额",
)
"""Columns of the sheet that payroll fills in."""
WHERE = ("备注", "公司", "币种")
COLUMNS = (*OURS, *PAYROLLS, *WHERE)
INCOME = COLUMNS.index("本期收入")


@dataclass(frozen=True, slots=True)
class PayrollRow:
    """What somebody was paid in a period, in minor units."""

    number: str
    name: str
    identity_type: str
    identity_number: str
    income: int
    store_code: str
    store_name: str
    company: str
    currency: str


@dataclass(frozen=True, slots=True)
class PayrollFilter:
    """Which rows: of one company or store, or of all."""

    company: str | None = None
    store_code: str | None = None


ALL = PayrollFilter()


def rows_of(period: Period, chosen: PayrollFilter = ALL) -> list[PayrollRow]:
    """Whoever was paid in a closed period (or had a payout come back), by company, store, number.

    Raises Conflict `period_not_closed`.
    """
    if period.state is not PeriodState.CLOSED:
        raise Conflict("period_not_closed", f"Close {period.name} first: its figures still move.")
    conditions = [
        _statements.c.period_id == period.id,
        _statements.c.revoked_at.is_(None),
        _statements.c.paid != 0,
    ]
    if chosen.company is not None:
        conditions.append(_statements.c.company == chosen.company)
    if chosen.store_code is not None:
        conditions.append(_statements.c.store_code == chosen.store_code)
    found = db.session.execute(
        sa.select(
            _statements.c.employee_number,
            _statements.c.employee_name,
            _employees.c.identity_type,
            _employees.c.identity_number,
            _statements.c.paid,
            _statements.c.store_code,
            _statements.c.store_name_zh,
            _statements.c.company,
            _statements.c.currency,
        )
        .join(_employees, _employees.c.id == _statements.c.employee_id)
        .where(*conditions)
        .order_by(_statements.c.company, _statements.c.store_code, _statements.c.employee_number)
    )
    return [PayrollRow(*row) for row in found]


def log_export(who: str | int, period: Period, kind: str, chosen: PayrollFilter, rows: int) -> None:
    """Note that payroll's file left the house: by whom, and which rows, never what is in them."""
    log.info(
        "employee %s exported payroll %s as %s: %s rows, company %s, store %s",
        who,
        period.name,
        kind,
        rows,
        chosen.company,
        chosen.store_code,
    )


def as_csv(rows: Iterable[PayrollRow]) -> Iterator[bytes]:
    """The rows as a CSV file: no totals, ids as text, a column for the currency."""
    return write_rows(
        COLUMNS,
        ((*_cells(row, format_amount(row.income, row.currency)),) for row in rows),
    )


def _cells(row: PayrollRow, income: Any) -> Sequence[Any]:
    ours = (row.number, row.name, row.identity_type, row.identity_number, income, None)
    where = (f"{row.store_code} {row.store_name}", row.company, row.currency)
    return (*ours, *(None for _ in PAYROLLS), *where)


# --- the workbook -----------------------------------------------------------------------------


NO_COMPANY = "未填公司"
ABOUT = "About"
SUMMARY = "汇总"
MOST_OF_A_NAME = 31
"""Characters that a sheet's name may have."""

DEFINITIONS = (
    ("工号", "The staff number, as the chain's roster has it; always text."),
    ("本期收入", "Commission paid out in the period, less what came back from the bank."),
    ("本期免税收入", "Empty: commission has no exempt part that the chain knows of."),
    ("备注", "The employee's store when the period's statement was issued."),
    ("公司", "The legal person that pays there, as the store had it then."),
    ("other columns", "Left for payroll to fill in."),
    ("totals", "The sum of 本期收入 equals the period's “paid” on the reconciliation table."),
)


def as_workbook(
    rows: Sequence[PayrollRow], period: Period, chosen: PayrollFilter, now: datetime
) -> bytes:
    """A workbook: what it is about, totals per company and store, and a sheet for each company."""
    import xlsxwriter

    target = io.BytesIO()
    # Strings are text, whatever they begin with: never a formula, never a link.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        writer = _Book(book, period.currency)
        writer.about(period, chosen, now)
        writer.summary(rows)
        by_company: Mapping[str, list[PayrollRow]] = _grouped(rows)
        for place, (company, of_company) in enumerate(by_company.items(), 1):
            writer.company(place, company, of_company)
    return target.getvalue()


def _grouped(rows: Iterable[PayrollRow]) -> dict[str, list[PayrollRow]]:
    grouped: dict[str, list[PayrollRow]] = defaultdict(list)
    for row in rows:
        grouped[row.company].append(row)
    return grouped


class _Book:
    """The workbook that is being written."""

    def __init__(self, book: Any, currency: str) -> None:
        self._book = book
        self._digits = MINOR_DIGITS[currency]
        decimals = "." + "0" * self._digits if self._digits else ""
        self._bold = book.add_format({"bold": True})
        self._money = book.add_format({"num_format": f"#,##0{decimals}"})
        self._sum = book.add_format({"num_format": f"#,##0{decimals}", "bold": True, "top": 1})
        # Excel's own apostrophe: the text stays as it is, and is never taken for a formula.
        self._text = book.add_format({"num_format": "@"})
        self._text.set_quote_prefix()

    def about(self, period: Period, chosen: PayrollFilter, now: datetime) -> None:
        """The first sheet: what this is, what was left out, and when it was."""
        sheet = self._book.add_worksheet(ABOUT)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 80)
        filters = [
            ("company", chosen.company if chosen.company is not None else "all"),
            ("store", chosen.store_code if chosen.store_code is not None else "all"),
        ]
        facts = [
            ("chain", settings().chain_name_zh),
            ("period", period.name),
            ("from", as_rfc3339(period.starts_at)),
            ("up to, and without", as_rfc3339(period.ends_at)),
            ("time zone", settings().chain_time_zone),
            ("closed", as_rfc3339(period.closed_at) if period.closed_at else ""),
            ("as of", as_rfc3339(now)),
            ("currency", period.currency),
            *filters,
            *DEFINITIONS,
        ]
        for place, (name, said) in enumerate(facts):
            sheet.write_string(place, 0, name, self._bold)
            sheet.write_string(place, 1, said, self._text)

    def summary(self, rows: Sequence[PayrollRow]) -> None:
        """People and income per company and store."""
        sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for row in rows:
            of_store = sums[row.company, f"{row.store_code} {row.store_name}"]
            of_store[0] += 1
            of_store[1] += row.income
        sheet = self._sheet(SUMMARY, ("公司", "门店", "人数", "本期收入"))
        for place, ((company, store), (people, income)) in enumerate(sums.items(), 1):
            sheet.write_string(place, 0, company, self._text)
            sheet.write_string(place, 1, store, self._text)
            sheet.write_number(place, 2, people)
            sheet.write_number(place, 3, self._units(income), self._money)
        last = len(sums) + 1
        sheet.write_string(last, 0, "合计", self._bold)
        sheet.write_number(last, 2, len(rows), self._bold)
        sheet.write_number(last, 3, self._units(sum(row.income for row in rows)), self._sum)

    def company(self, place: int, company: str, rows: Sequence[PayrollRow]) -> None:
        """The tax client's sheet for one company, with a totals row."""
        sheet = self._sheet(_sheet_name(place, company), COLUMNS)
        for line, row in enumerate(rows, 1):
            for column, cell in enumerate(_cells(row, row.income)):
                if column == INCOME:
                    sheet.write_number(line, column, self._units(row.income), self._money)
                elif cell:
                    sheet.write_string(line, column, cell, self._text)
        total = self._units(sum(row.income for row in rows))
        sheet.write_string(len(rows) + 1, 0, "合计", self._bold)
        sheet.write_number(len(rows) + 1, INCOME, total, self._sum)

    def _sheet(self, name: str, columns: Sequence[str]) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, max(10, 2 * len(column) + 2))
            sheet.write_string(0, place, column, self._bold)
        return sheet

    def _units(self, amount: int) -> Decimal:
        return Decimal(amount).scaleb(-self._digits)


def _sheet_name(place: int, company: str) -> str:
    """A name that Excel takes: short, without its own signs, and no other sheet's."""
    plain = "".join("_" if sign in "[]:*?/\\'" else sign for sign in company or NO_COMPANY)
    return f"{place} {plain}"[:MOST_OF_A_NAME].strip()
