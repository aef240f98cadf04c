"""Commission plans from a file."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.attribution.models import VersionState
from storefront.catalog.models import Product
from storefront.commissions import plans
from storefront.commissions.models import CommissionPlan
from storefront.commissions.plan_file import import_plans
from storefront.core import clock as now_of
from storefront.core.actor import SYSTEM
from storefront.core.csvfile import Imported
from storefront.core.database import db
from storefront.core.errors import Conflict, Invalid
from storefront.staff.models import Employee
from tests.support import cast, trade

HEADER = "starts_at,hold_days,rate,employee,product,category,brand,note\n"


@pytest.fixture
def lamp(app: Flask) -> Product:
    """A product of the brand LOOM in LAMPS, and the employee E1."""
    cast.an_employee("E1")
    return cast.a_product()


def taken_in(rows: str, *, publish: bool = False) -> Imported:
    content = (HEADER + rows).encode()
    return import_plans(content, "Asia/Shanghai", SYSTEM, now_of.now(), publish=publish)


def complaints(rows: str, *, publish: bool = False) -> list[tuple[int, str, str]]:
    before = db.session.scalar(sa.select(sa.func.count()).select_from(CommissionPlan))
    with pytest.raises(Invalid) as refused:
        taken_in(rows, publish=publish)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CommissionPlan)) == before
    return [(each["line"], each["column"], each["code"]) for each in refused.value.extra["lines"]]


def test_plans_are_drafted_rule_for_rule_and_again_nothing_changes(lamp: Product) -> None:
    rows = (
        "2026-01-01,14,5%,,,,,First\n"
        f"2026-01-01,14,7.5%,E1,{lamp.code},,,First\n"
        "2026-02-01T00:00:00Z,30,0%,,,LAMPS,LOOM,\n"
    )
    assert taken_in(rows) == Imported(2, 0, 0)
    first, second = db.session.scalars(sa.select(CommissionPlan).order_by(CommissionPlan.id)).all()
    assert first.state is second.state is VersionState.DRAFT
    assert first.starts_at == datetime.fromisoformat("2026-01-01T00:00:00+08:00")
    e1 = db.session.scalar(sa.select(Employee.id).where(Employee.number == "E1"))
    named = [(rule.rate, rule.employee_id, rule.product_id) for rule in first.rules]
    assert (first.hold_days, named) == (14, [(500, None, None), (750, e1, lamp.id)])
    (rule,) = second.rules
    assert (rule.rate, rule.category_id, rule.brand_id) == (0, lamp.category_id, lamp.brand_id)
    assert taken_in(rows) == Imported(0, 0, 2)


def test_a_chain_without_a_plan_may_publish_its_past(lamp: Product) -> None:
    rows = "2020-01-01,14,5%,,,,,\n2023-01-01,30,6%,,,,,\n"
    assert taken_in(rows, publish=True) == Imported(2, 0, 0)
    assert plans.plan_in_force(datetime.fromisoformat("2021-06-01T00:00:00Z")).hold_days == 14
    assert plans.plan_in_force(now_of.now()).hold_days == 30
    with pytest.raises(Conflict, match="no_plan"):
        plans.plan_in_force(datetime.fromisoformat("2019-06-01T00:00:00Z"))


def test_a_chain_with_a_plan_publishes_only_what_is_to_come(lamp: Product) -> None:
    trade.the_plan()
    past = "2026-03-02T01:59:59Z,14,5%,,,,,\n"
    assert complaints(past, publish=True) == [(2, "starts_at", "starts_in_the_past")]
    assert taken_in(past) == Imported(1, 0, 0), "a draft may say what it likes"
    to_come = "2026-03-02T02:00:01Z,14,5%,,,,,\n"
    assert taken_in(to_come, publish=True) == Imported(1, 0, 0)


def test_all_that_is_wrong_is_told_at_once(lamp: Product) -> None:
    rows = (
        "soon,14,5%,,,,,\n"
        "2026-01-01,366,5,E9,,,,\n"
        "2026-01-02,14,101%,,P9,C9,B9,\n"
        "2026-01-02,15,5%,,,,,Another\n"
        "2026-01-03,14,5%,,,,,\n"
        "2026-01-02,14,5%,,,,,\n"
    )
    assert complaints(rows) == [
        (2, "starts_at", "wrong_starts_at"),
        (3, "employee", "unknown_employee"),
        (3, "hold_days", "wrong_hold_days"),
        (3, "rate", "wrong_rate"),
        (4, "brand", "unknown_brand"),
        (4, "category", "unknown_category"),
        (4, "product", "unknown_product"),
        (4, "rate", "wrong_rate"),
        (5, "hold_days", "differs"),
        (5, "note", "differs"),
        (7, "starts_at", "not_together"),
    ]
