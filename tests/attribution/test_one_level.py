"""Commission is paid on one level: nobody earns but who has evidence on the order.

WeChat closes down whoever pays for recruiting (its rules on chain distribution), and a chain that
pays its staff for sales needs no more. This walks the tables and the rules, so that nobody builds
a second level unawares.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import cast

import sqlalchemy as sa
from hypothesis import given

import storefront
from storefront.attribution.models import Credit
from storefront.attribution.rules import Evidence, Policy, Treatment, decide
from storefront.commissions.models import Accrual, ServiceBonus
from storefront.staff.models import Employee
from storefront.tables import every_table
from tests.attribution.test_rules import LINES, histories, policies

SOURCES = Path(storefront.__file__).parent

BETWEEN_EMPLOYEES = {
    "employees.successor_id",
}
"""Columns that lead from an employee to another. A successor earns in a leaver's place, and only
where the policy says so; whoever adds a column here says why it pays nobody."""

LEADING_ON = {
    "shops.forward_to_id",
    "career_events.successor_id",
    "career_events.forward_before_id",
    "career_events.forward_after_id",
}
"""Where customers find who looks after them once somebody has gone: they earn by touches of their
own."""

SUSPICIOUS = ("parent", "upline", "downline", "sponsor", "recruit", "team", "level", "ancestor")
TREES = {"categories.parent_id"}
"""A tree of goods is a tree of goods."""


def test_no_table_says_who_brought_in_whom() -> None:
    named = {
        f"{table.name}.{column.name}"
        for table in every_table().tables.values()
        for column in table.columns
        if any(word in column.name for word in SUSPICIOUS)
    }
    allowed = {name for name in named if name.startswith("stock_levels.")} | TREES
    assert named <= allowed


def test_no_column_leads_from_an_employee_to_another_but_those_that_are_known() -> None:
    own = cast(sa.Table, Employee.__table__)
    found = {
        f"{own.name}.{column.name}"
        for column in own.columns
        for key in column.foreign_keys
        if key.column.table is own
    }
    assert found <= BETWEEN_EMPLOYEES


def test_no_table_pairs_employees_but_to_say_who_did_something() -> None:
    """Every further reference to an employee is the doer of a deed, never somebody who earns."""
    doers = ("by_", "_by_id", "by_id", "by_employee_id", "approver", "decided", "opened")
    for table in every_table().tables.values():
        if table.name == "employees":
            continue
        referring = [
            column.name
            for column in table.columns
            for key in column.foreign_keys
            if key.column.table.name == "employees"
        ]
        others = [name for name in referring if not any(word in name for word in doers)]
        others = [name for name in others if f"{table.name}.{name}" not in LEADING_ON]
        assert len(others) <= 1, f"{table.name}: {others}"


@given(policies, histories())
def test_only_evidence_earns_or_its_store_or_a_leavers_successor_where_the_policy_says_so(
    policy: Policy, evidence: Evidence
) -> None:
    verdict = decide(policy, evidence, LINES)
    for ruling in verdict.rulings:
        concerned = {touch.employee_id for touch in evidence.touches}
        concerned |= {
            claim.employee_id for claim in evidence.claims if claim.position in ruling.positions
        }
        concerned |= {evidence.tie.employee_id} if evidence.tie else set()
        heirs = {
            evidence.people[each].successor_id
            for each in concerned
            if evidence.people[each].left_at and policy.leavers is Treatment.SUCCESSOR
        }
        stores = {evidence.people[each].store_id for each in concerned}
        askance = {policy.leavers, policy.own_purchase}
        for claim in ruling.winners:
            if claim.employee_id is None:
                assert claim.store_id in stores
                assert askance & {Treatment.STORE, Treatment.SUCCESSOR}
            else:
                assert claim.employee_id in concerned | heirs


def _inserting(table: str) -> set[str]:
    """The functions of the program that write rows of a table, as `module.function`."""
    found: set[str] = set()
    for path in SOURCES.rglob("*.py"):
        module = ".".join(path.relative_to(SOURCES.parent).with_suffix("").parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and _inserts(call, table):
                    found.add(f"{module}.{function.name}")
    return found


def _inserts(call: ast.Call, table: str) -> bool:
    name = ast.unparse(call.func)
    if name not in {"sa.insert", "insert_for", "insert_if_absent"} or not call.args:
        return False
    return ast.unparse(call.args[0]).strip("_") == table


def test_credits_are_written_in_one_place_from_a_verdict_and_accruals_in_one_from_credits() -> None:
    assert _inserting("credits") == {"storefront.attribution.service.write_credits"}
    writers = _inserting("accruals")
    assert len(writers) == 1
    assert writers.pop().startswith("storefront.commissions.")


def test_a_bonus_for_service_is_written_in_one_place_by_whoever_hands_over() -> None:
    """One to an order, for a deed of one's own: the audit compares it with the order's."""
    assert _inserting("bonuses") == {"storefront.commissions.service_bonus.earn"}
    bonuses = cast(sa.Table, ServiceBonus.__table__)
    assert [
        column.name
        for column in bonuses.columns
        if any(key.column.table.name == "employees" for key in column.foreign_keys)
    ] == ["employee_id"]
    assert bonuses.columns["order_id"].unique


def test_an_accrual_has_no_earner_of_its_own() -> None:
    """One accrual to a credit, and the credit's employee is who earns: the audit compares them."""
    accruals, credits_ = cast(sa.Table, Accrual.__table__), cast(sa.Table, Credit.__table__)
    unique = {
        tuple(column.name for column in constraint.columns)
        for constraint in accruals.constraints
        if isinstance(constraint, sa.UniqueConstraint)
    }
    assert ("credit_id",) in unique
    assert [
        column.name
        for column in credits_.columns
        if any(key.column.table.name == "employees" for key in column.foreign_keys)
    ] == ["employee_id"]
