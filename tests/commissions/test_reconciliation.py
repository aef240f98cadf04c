"""A closed month in one table, and in payroll's file: ledger = statements = export."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from storefront import sales
from storefront.commissions import adjustments, payouts, payroll_export, periods
from storefront.commissions.adjustment_models import AdjustmentKind
from storefront.commissions.adjustments import NewAdjustment
from storefront.commissions.payroll_export import PayrollFilter
from storefront.commissions.reconciliation import Figures, reconcile
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import transaction
from storefront.core.errors import Conflict
from storefront.staff.models import Employee, Store
from tests.support import cast, trade
from tests.support.books import broken

MAY = datetime(2026, 4, 30, 16, 0, tzinfo=UTC)
APRIL = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def two_months(app: Flask, clock: SettableClock) -> None:
    """Two stores of two companies; March earns, April pays, takes back and adjusts."""
    trade.open_for_trade()
    first = trade.a_seller("E1", store="S1")
    second, third = trade.a_seller("E2", store="S2"), trade.a_seller("E3", store="S2")
    with transaction() as session:
        for code, company in (("S1", "甲公司"), ("S2", "=乙公司")):
            session.query(Store).filter_by(code=code).one().company = company
        lin = session.get_one(Employee, first.employee_id)
        lin.identity_type, lin.identity_number = "居民身份证", "110101199003070011"
        session.get_one(Employee, second.employee_id).name = "=cmd|' /C calc'!A0"
    order = trade.sell({cast.a_product(price=1_000).variants[0]: 4}, through=first)
    trade.sell(cast.a_product(price=2_000), through=second)
    trade.sell(cast.a_product(price=3_000), through=third)
    clock.set(APRIL)
    sales.close_period("2026-03", SYSTEM, clock.now())
    clock.advance(timedelta(days=5))
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    payouts.approve(batch.public_id, SYSTEM, clock.now())
    sales.pay_out(batch.public_id, clock.now())
    sales.take_back(order.public_id, {1: 2}, "", SYSTEM, clock.now())
    for number, kind, amount in (
        ("E2", AdjustmentKind.BONUS, 50),
        ("E3", AdjustmentKind.RECOVERY, -20),
    ):
        new = NewAdjustment(number, kind, amount, "Agreed.")
        made = adjustments.propose(new, SYSTEM, clock.now())
        adjustments.approve(made.public_id, SYSTEM, clock.now())
    clock.set(MAY)
    sales.close_period("2026-04", SYSTEM, clock.now())


def test_the_table_adds_up_per_store_and_for_the_chain(two_months: None) -> None:
    table = reconcile(periods.find("2026-04"))
    assert [(line.company, line.store_code, line.statements) for line in table.stores] == [
        ("=乙公司", "S2", 2),
        ("甲公司", "S1", 1),
    ]
    assert table.stores[0].figures == Figures(
        opening=500, earned=0, reversed=0, adjusted=30, settled=0, paid=500, closing=30
    )
    assert table.stores[1].figures == Figures(
        opening=400, earned=0, reversed=200, adjusted=0, settled=0, paid=400, closing=-200
    )
    assert [line.debts for line in table.stores] == [20, 200]
    assert table.chain == table.ledger
    assert (table.chain.paid, table.exported, table.difference) == (900, 900, 0)
    assert reconcile(periods.find("2026-03")).difference == 0
    assert broken() == set()


def test_a_period_that_is_not_closed_has_no_table(two_months: None, clock: SettableClock) -> None:
    periods.open_due(clock.now())
    with pytest.raises(Conflict, match="period_not_closed"):
        reconcile(periods.find("2026-05"))


def test_payrolls_csv_has_the_sheets_columns_and_no_formula(two_months: None) -> None:
    file = b"".join(payroll_export.as_csv(payroll_export.rows_of(periods.find("2026-04"))))
    rows = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
    assert list(rows[0])[:6] == [
        "工号",
        "姓名",
        "证件类型",
        "证件号码",
        "本期收入",
        "本期免税收入",
    ]
    assert [(row["工号"], row["本期收入"], row["公司"]) for row in rows] == [
        ("E2", "2.00", "'=乙公司"),
        ("E3", "3.00", "'=乙公司"),
        ("E1", "4.00", "甲公司"),
    ]
    assert rows[0]["姓名"] == "'=cmd|' /C calc'!A0"
    assert rows[2]["证件号码"] == "110101199003070011"
    only = PayrollFilter(company="甲公司")
    assert len(payroll_export.rows_of(periods.find("2026-04"), only)) == 1
    assert len(payroll_export.rows_of(periods.find("2026-04"), PayrollFilter(None, "S2"))) == 2


def test_the_workbook_has_typed_cells_totals_and_says_what_it_is(
    two_months: None, clock: SettableClock
) -> None:
    period = periods.find("2026-04")
    rows = payroll_export.rows_of(period)
    file = payroll_export.as_workbook(rows, period, payroll_export.ALL, clock.now())
    sheets = _read(file)
    assert list(sheets) == ["About", "汇总", "1 =乙公司", "2 甲公司"]
    about = {row[0]: row[1] for row in sheets["About"] if len(row) > 1}
    assert (about["period"], about["as of"], about["company"]) == (
        "2026-04",
        "2026-04-30T16:00:00Z",
        "all",
    )
    summary = sheets["汇总"]
    assert summary[1:] == [
        ["=乙公司", "S2 S2店", 2.0, 5.0],
        ["甲公司", "S1 S1店", 1.0, 4.0],
        ["合计", 3.0, 9.0],
    ]
    first = sheets["1 =乙公司"][1]
    assert (first[0], first[1]) == ("E2", "=cmd|' /C calc'!A0")
    assert 2.0 in first
    assert sheets["1 =乙公司"][-1] == ["合计", 5.0]
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        written = b"".join(parts.read(name) for name in parts.namelist() if "worksheets" in name)
        assert b"<f>" not in written
        assert b'quotePrefix="1"' in parts.read("xl/styles.xml")


def _read(file: bytes) -> dict[str, list[list[str | float]]]:
    """The cells of every sheet, out of the file's own XML; empty ones are left out."""
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        shared = [
            "".join(text.itertext()) for text in ET.fromstring(parts.read("xl/sharedStrings.xml"))
        ]
        names = re.findall(r'<sheet name="([^"]*)"', parts.read("xl/workbook.xml").decode())
        return {
            name: [
                [_cell(cell, shared) for cell in row]
                for row in ET.fromstring(parts.read(f"xl/worksheets/sheet{place}.xml")).iter(
                    f"{SPREADSHEET}row"
                )
            ]
            for place, name in enumerate(names, 1)
        }


def _cell(cell: ET.Element, shared: list[str]) -> str | float:
    value = cell.findtext(f"{SPREADSHEET}v")
    assert value is not None
    return shared[int(value)] if cell.get("t") == "s" else float(value)
