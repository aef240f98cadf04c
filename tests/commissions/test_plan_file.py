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
from storefront.commissions.plan_file import export_plan, import_plans
from storefront.commissions.rules.months import LaterReturns, MonthTerms, Tier, TierMode
from storefront.commissions.terms import NewBooster, NewRule
from storefront.core import clock as now_of
from storefront.core.actor import SYSTEM
from storefront.core.csvfile import Imported
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, Invalid
from storefront.staff.models import Employee
from tests.support import cast, trade
from tests.support.planning import a_campaign

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


EVERY = "starts_at,hold_days,rate,store,grade,buyer,per_unit,cap,bonus\n"


def test_a_file_may_say_all_that_a_plan_can(lamp: Product) -> None:
    with transaction():
        db.session.execute(sa.update(Employee).values(grade="senior"))
    rows = (
        "2026-01-01,14,5%,,,,,,12.50\n"
        "2026-01-01,14,,S1,senior,new,3.00,20,12.50\n"
        "2026-01-01,14,7%,,,returning,,,12.50\n"
    )
    content = (EVERY + rows).encode()
    for expected in (Imported(1, 0, 0), Imported(0, 0, 1)):
        done = import_plans(content, "Asia/Shanghai", SYSTEM, now_of.now())
        assert done == expected
    (plan,) = db.session.scalars(sa.select(CommissionPlan)).all()
    assert plan.bonus == 1_250
    assert [
        (rule.rate, rule.per_unit, rule.cap, rule.grade, rule.buyer) for rule in plan.rules
    ] == [
        (500, None, None, None, None),
        (0, 300, 2_000, "senior", "new"),
        (700, None, None, None, "returning"),
    ]
    assert plan.rules[1].store_id is not None


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("5%,,,,3.00,,", "per_unit", "rate_and_amount"),
        (",,,,,,", "rate", "wrong_rate"),
        ("5%,,,,,-1,", "cap", "wrong_cap"),
        (",,,,0.001,,", "per_unit", "wrong_per_unit"),
        ("5%,,,,,,many", "bonus", "wrong_bonus"),
        ("5%,,,unknown,,,", "buyer", "wrong_buyer"),
        ("5%,S9,,,,,", "store", "unknown_store"),
        ("5%,,emperor,,,,", "grade", "unknown_grade"),
    ],
)
def test_what_a_file_says_wrongly_is_named_by_column(
    lamp: Product, row: str, column: str, code: str
) -> None:
    content = (EVERY + f"2026-01-01,14,{row}\n").encode()
    with pytest.raises(Invalid) as refused:
        import_plans(content, "Asia/Shanghai", SYSTEM, now_of.now())
    assert [(each["column"], each["code"]) for each in refused.value.extra["lines"]] == [
        (column, code)
    ]


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


MONTHS = "starts_at,hold_days,rate,tiers,tier_mode,later_returns,month_cap\n"


def of_months(*rows: str) -> Imported:
    content = (MONTHS + "".join(f"2026-01-01,14,{row}\n" for row in rows)).encode()
    return import_plans(content, "Asia/Shanghai", SYSTEM, now_of.now())


def test_tiers_and_a_months_cap_come_from_a_file(lamp: Product) -> None:
    row = "5%,1000:2%; 2000.50:3.25%,whole_volume,difference,500"
    assert of_months(row) == Imported(1, 0, 0)
    assert of_months(row) == Imported(0, 0, 1)
    terms = plans.terms_of(plans.find_plan(1)).month
    assert terms == MonthTerms(
        (Tier(100_000, 200), Tier(200_050, 325)),
        TierMode.WHOLE_VOLUME,
        LaterReturns.DIFFERENCE,
        50_000,
    )


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("5%,1000:2%; 1000:3%,,,", "tiers"),
        ("5%,1000:96%,,,", "tiers"),
        ("5%,a lot,,,", "tiers"),
        ("5%,,half,,", "tier_mode"),
        ("5%,,,sometimes,", "later_returns"),
        ("5%,,,,-1", "month_cap"),
    ],
)
def test_months_that_cannot_be_are_refused_by_their_column(
    lamp: Product, row: str, column: str
) -> None:
    with pytest.raises(Invalid) as refused:
        of_months(row)
    (found,) = refused.value.extra["lines"]
    assert (found["line"], found["column"], found["code"]) == (2, column, f"wrong_{column}")


def test_rows_of_a_plan_agree_about_its_months(lamp: Product) -> None:
    with pytest.raises(Invalid) as refused:
        of_months("5%,1000:2%,,,", "6%,1000:3%,,,")
    assert [each["code"] for each in refused.value.extra["lines"]] == ["differs"]


# --- boosters, campaigns, caps on the order ---------------------------------------------------

BOOSTERS = (
    "starts_at,hold_days,rate,campaign,per_unit,cap,budget,booster_from,booster_until,"
    "bonus,order_cap,service_bonus\n"
)


def of_boosters(*rows: str) -> Imported:
    content = (BOOSTERS + "".join(f"2026-01-01,14,{row}\n" for row in rows)).encode()
    return import_plans(content, "Asia/Shanghai", SYSTEM, now_of.now())


def test_boosters_campaigns_and_the_orders_cap_come_from_a_file_and_go_into_one(
    lamp: Product,
) -> None:
    campaign = a_campaign("SPRING")
    rows = (
        "5%,,,8.00,,,,1.00,250,2.50",
        "6%,SPRING,,,,,,1.00,250,2.50",
        "2.25%,,,,5000,2026-03-01,2026-03-08T12:00:00+08:00,1.00,250,2.50",
        ",SPRING,0.50,,10,2026-03-01,2026-04-01,1.00,250,2.50",
    )
    assert of_boosters(*rows) == Imported(1, 0, 0)
    assert of_boosters(*rows) == Imported(0, 0, 1)
    terms = plans.terms_of(plans.find_plan(1))
    assert (terms.bonus, terms.order_cap, terms.service_bonus) == (100, 25_000, 250)
    assert terms.rules == (NewRule(500, cap=800), NewRule(600, campaign_id=campaign.id))
    begin = datetime.fromisoformat("2026-03-01T00:00:00+08:00")
    assert terms.boosters == (
        NewBooster(NewRule(225), 500_000, begin, datetime.fromisoformat("2026-03-08T04:00:00Z")),
        NewBooster(
            NewRule(per_unit=50, campaign_id=campaign.id),
            1_000,
            begin,
            datetime.fromisoformat("2026-04-01T00:00:00+08:00"),
        ),
    )
    written = b"".join(export_plan(1))
    again = import_plans(written, "Asia/Shanghai", SYSTEM, now_of.now())
    assert again == Imported(0, 0, 1)


def test_every_kind_of_plan_comes_back_from_its_file(lamp: Product) -> None:
    with transaction():
        db.session.execute(sa.update(Employee).values(grade="senior"))
    content = EVERY + "2026-01-01,14,5%,,,,,,12.50\n2026-01-01,14,,S1,senior,new,3.00,20,12.50\n"
    import_plans(content.encode(), "Asia/Shanghai", SYSTEM, now_of.now())
    named = f"2026-01-02,14,7.5%,E1,{lamp.code},LAMPS,LOOM,=a formula?\n"
    assert taken_in(named) == Imported(1, 0, 0)
    assert of_months("5%,1000:2%; 2000.50:3.25%,whole_volume,difference,500") == Imported(1, 0, 0)
    for version in (1, 2, 3):
        written = b"".join(export_plan(version))
        again = import_plans(written, "Europe/London", SYSTEM, now_of.now())
        assert again == Imported(0, 0, 1)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("5%,,,,,2026-03-01,2026-03-08,,,", "budget", "booster_incomplete"),
        ("5%,,,,100,,2026-03-08,,,", "booster_from", "booster_incomplete"),
        ("5%,,,,100,2026-03-01,,,,", "booster_until", "booster_incomplete"),
        ("5%,,,,0,2026-03-01,2026-03-08,,,", "budget", "wrong_budget"),
        ("5%,,,,-1,2026-03-01,2026-03-08,,,", "budget", "wrong_budget"),
        ("5%,,,1,100,2026-03-01,2026-03-08,,,", "cap", "wrong_cap"),
        ("0%,,,,100,2026-03-01,2026-03-08,,,", "rate", "wrong_rate"),
        ("5%,,,,100,2026-03-08,2026-03-08,,,", "booster_until", "wrong_booster_until"),
        ("5%,,,,100,soon,2026-03-08,,,", "booster_from", "wrong_booster_from"),
        ("5%,AUTUMN,,,,,,,,", "campaign", "unknown_campaign"),
        ("5%,,,,,,,,-1,", "order_cap", "wrong_order_cap"),
        ("5%,,,,,,,,,lots", "service_bonus", "wrong_service_bonus"),
    ],
)
def test_a_booster_that_cannot_be_is_refused_by_its_column(
    lamp: Product, row: str, column: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        of_boosters(row)
    found = [(each["column"], each["code"]) for each in refused.value.extra["lines"]]
    assert (column, code) in found
    assert {each for _, each in found} <= {code, "no_rules"}


def test_a_plan_of_boosters_alone_is_refused(lamp: Product) -> None:
    with pytest.raises(Invalid) as refused:
        of_boosters("5%,,,,100,2026-03-01,2026-03-08,,,")
    assert [each["code"] for each in refused.value.extra["lines"]] == ["no_rules"]
