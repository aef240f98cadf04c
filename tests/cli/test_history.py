"""What a chain brings along, on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from config.settings import PROJECT_FOLDER
from storefront.attribution import customer_file
from storefront.attribution import service as attribution
from storefront.catalog.files import groups, prices, product_lines, stock
from storefront.commissions import plan_file
from storefront.commissions.models import CommissionPlan
from storefront.core.database import db
from storefront.orders.models import Order
from storefront.sharing import touch_file
from storefront.staff import roster_lines, store_file
from storefront.till import receipt_rows
from tests.support import cast, trade
from tests.support.books import broken

COLUMNS = "kind,store,number,at,code,quantity,net,sellers,sale\n"


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_receipts_are_imported_and_again_nothing_changes(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    trade.open_for_trade()
    cast.an_employee("E1")
    code = cast.a_product().variants[0].code
    file = tmp_path / "till.csv"
    file.write_text(
        f"{COLUMNS}sale,S1,T1,2026-03-01 12:00,{code},2,19.98,E1,\n"
        f"return,S1,T2,2026-03-02 09:00,{code},1,,,T1\n"
    )
    first = runner.invoke(args=["import", "till", str(file)])
    assert (first.exit_code, "2 new, 0 changed, 0 as they were" in first.output) == (0, True)
    again = runner.invoke(args=["import", "till", str(file)])
    assert "0 new, 0 changed, 2 as they were" in again.output
    assert broken() == set()


def test_a_wrong_file_of_receipts_is_refused_with_a_table_and_status_1(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    cast.a_store("S1")
    file = tmp_path / "till.csv"
    file.write_text(f"{COLUMNS}sale,S1,T1,2026-03-01 12:00,[bold]Z,2,19.98,E1,\n")
    refused = runner.invoke(args=["import", "till", str(file)])
    assert refused.exit_code == 1
    assert "unknown_code" in refused.output
    assert "unknown_employee" in refused.output
    assert not db.session.scalar(sa.select(sa.func.count()).select_from(Order))


def test_plans_are_drafted_and_published_on_the_word(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    file = tmp_path / "plans.csv"
    file.write_text("starts_at,hold_days,rate\n2020-01-01,30,5%\n")
    done = runner.invoke(args=["import", "plans", str(file), "--publish"])
    assert (done.exit_code, "1 new" in done.output) == (0, True)
    assert db.session.scalars(sa.select(CommissionPlan.state)).one() == "published"


def test_a_plan_is_written_into_a_file_that_brings_nothing_new(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    trade.the_plan()
    file = tmp_path / "plan.csv"
    written = runner.invoke(args=["export", "plan", "1", str(file)])
    assert written.exit_code == 0, written.output
    again = runner.invoke(args=["import", "plans", str(file)])
    assert "0 new, 0 changed, 1 as they were" in again.output
    unknown = runner.invoke(args=["export", "plan", "9", str(file)])
    assert (unknown.exit_code, "no such version" in unknown.output) == (1, True)


def test_every_column_of_every_file_is_documented() -> None:
    page = (PROJECT_FOLDER / "docs" / "bring-your-own-data.md").read_text()
    for columns in (
        store_file.COLUMNS,
        roster_lines.COLUMNS,
        groups.BRANDS,
        groups.CATEGORIES,
        groups.LOCATIONS,
        product_lines.COLUMNS,
        prices.COLUMNS,
        stock.COLUMNS,
        plan_file.COLUMNS,
        touch_file.COLUMNS,
        customer_file.COLUMNS,
        receipt_rows.COLUMNS,
    ):
        for name in columns.required:
            assert f"`{name}`" in page, name
        for name in columns.optional:
            assert f"*`{name}`*" in page, name


def test_all_files_of_a_chain_have_a_command(runner: FlaskCliRunner) -> None:
    listed = runner.invoke(args=["import", "--help"]).output
    for name in ("stores", "roster", "brands", "categories", "products", "prices", "locations"):
        assert f"\n  {name} " in listed
    for name in ("stock", "plans", "touches", "customers", "till"):
        assert f"\n  {name} " in listed


# --- a policy ---------------------------------------------------------------------------------


def test_a_chains_first_policy_may_begin_before_its_history(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    file = tmp_path / "policy.json"
    file.write_text('{"window_days": 30, "model": "linear"}')
    arguments = ["import", "policy", str(file), "--starts-at", "2010-01-01", "--publish"]
    done = runner.invoke(args=arguments)
    assert (done.exit_code, done.output) == (0, "Version 1 is published.\n")
    _, policy = attribution.policy_in_force(datetime(2009, 12, 31, 16, 0, tzinfo=UTC))
    assert (policy.model, policy.window_days) == ("linear", 30)
    again = runner.invoke(args=arguments)
    assert again.exit_code == 1
    assert "starts now or later" in again.output
    draft = runner.invoke(args=arguments[:-1])
    assert (draft.exit_code, draft.output) == (0, "Version 2 is draft.\n")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"window_days": 0}', "window_days: The window is 1 to 365 days."),
        ('{"window": 30}', "window: There is no such element."),
        ('{"window_days": 30, "precedence": ["tie"]}', "nobody could ever earn"),
        ("{", "is not JSON"),
    ],
)
def test_a_policy_that_makes_no_sense_leaves_nothing(
    runner: FlaskCliRunner, tmp_path: Path, content: str, complaint: str
) -> None:
    file = tmp_path / "policy.json"
    file.write_text(content)
    done = runner.invoke(args=["import", "policy", str(file), "--starts-at", "2010-01-01"])
    assert done.exit_code == 1
    assert complaint in done.output
    assert attribution.list_policies(None, 1) == []
