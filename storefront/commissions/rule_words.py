"""A plan's rules in words: what each is about and gives, and why it won."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.catalog.models import Brand, Category, Product
from storefront.commissions.models import Accrual, CommissionPlan, PlanRule
from storefront.commissions.rules import Buyer
from storefront.core.database import db
from storefront.core.languages import Language, say_share
from storefront.core.money import format_amount
from storefront.sharing.models import Campaign
from storefront.staff.models import Employee, Store

_accruals = cast(sa.Table, Accrual.__table__)
_plans = cast(sa.Table, CommissionPlan.__table__)
_rules = cast(sa.Table, PlanRule.__table__)

_Words = Mapping[Language, str]

_NOUNS: dict[str, _Words] = {
    "employee": {"zh": "员工「{name}」", "en": "employee {name}"},
    "product": {"zh": "商品「{name}」", "en": "product {name}"},
    "campaign": {"zh": "活动「{name}」", "en": "campaign {name}"},
    "category": {"zh": "品类「{name}」", "en": "category {name}"},
    "brand": {"zh": "品牌「{name}」", "en": "brand {name}"},
    "store": {"zh": "门店「{name}」", "en": "store {name}"},
    "grade": {"zh": "级别「{name}」", "en": "grade {name}"},
}
_BUYERS: dict[Buyer, _Words] = {
    Buyer.NEW: {"zh": "新客户", "en": "new customers"},
    Buyer.RETURNING: {"zh": "老客户", "en": "returning customers"},
}
_ALL: _Words = {"zh": "所有商品", "en": "everything"}
_JOINT: _Words = {"zh": "、", "en": ", "}
_PER_UNIT: _Words = {"zh": "每件 {amount}", "en": "{amount} per piece"}
_CAP: _Words = {"zh": "，每行最多 {amount}", "en": ", at most {amount} per line"}
_WHY: _Words = {
    "zh": "适用方案第 {version} 版第 {position} 条规则（{about}）：{pay}。"
    "它是符合条件的规则中最具体的一条；"
    "同样具体时以方案中靠前的为准。",
    "en": "Rule {position} of plan version {version} applies ({about}): {pay}. It is the most"
    " specific of those that match; of equally specific ones the first in the plan counts.",
}
_NONE: _Words = {
    "zh": "方案中没有适用的规则，因此没有按规则的佣金。",
    "en": "No rule of the plan matches, so nothing is earned by a rule.",
}
_BOOST: _Words = {
    "zh": "其中 {amount} 来自限时加码（{about}：{pay}）。",
    "en": "{amount} of it comes from a booster ({about}: {pay}).",
}
_UNFUNDED: _Words = {
    "zh": "限时加码的预算已用完，因此少发 {amount}。",
    "en": "The booster's budget was used up: {amount} that it promised is not paid.",
}
_ORDER_CUT: _Words = {
    "zh": "每单上限使佣金减少 {amount}。",
    "en": "The cap on the order took {amount} away.",
}
_CUT: _Words = {
    "zh": "每行上限使佣金减少 {amount}。",
    "en": "The cap on the line took {amount} away.",
}
_BONUS: _Words = {
    "zh": "其中 {amount} 是客户首单奖励。",
    "en": "{amount} of it is the bonus for the customer's first order.",
}


@dataclass(frozen=True, slots=True)
class SaidRule:
    """A rule with the names of what it is about."""

    id: int
    version: int
    position: int
    rate: int
    per_unit: int | None
    cap: int | None
    names: Mapping[str, _Words]
    """What it is about, by noun; a noun that is not here it does not ask for."""
    buyer: Buyer | None
    conditions: tuple[Any, ...]
    """The same for two rules exactly if they are about the same."""
    budget: int | None = None
    """A booster's; None for a rule."""
    spent: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What made up an accrual's amount."""

    rule: SaidRule | None
    """None: none matched."""
    booster: SaidRule | None
    cut: int
    order_cut: int
    boost: int
    unfunded: int
    bonus: int


def say_about(rule: SaidRule, language: Language) -> str:
    """What a rule is about: `brand Loom, new customers`."""
    said = [_NOUNS[noun][language].format(name=name[language]) for noun, name in rule.names.items()]
    if rule.buyer:
        said.append(_BUYERS[rule.buyer][language])
    return _JOINT[language].join(said) or _ALL[language]


def say_pay(rule: SaidRule, currency: str, language: Language) -> str:
    """What a rule gives: `5%, at most 20.00 CNY per line`."""
    said = say_share(rule.rate)
    if rule.per_unit is not None:
        said = _PER_UNIT[language].format(amount=say_amount(rule.per_unit, currency))
    if rule.cap is not None:
        said += _CAP[language].format(amount=say_amount(rule.cap, currency))
    return said


def say_why(rule: SaidRule | None, currency: str, language: Language) -> str:
    """Which rule won, what it gives, and why it was this one; None: none matched."""
    if rule is None:
        return _NONE[language]
    return _WHY[language].format(
        version=rule.version,
        position=rule.position,
        about=say_about(rule, language),
        pay=say_pay(rule, currency, language),
    )


def say_made(made: Made, currency: str, language: Language) -> str:
    """Which rule won and why, what caps took away, and what a booster and a bonus added."""
    said = [say_why(made.rule, currency, language), *say_extras(made, currency, language)]
    return ("" if language == "zh" else " ").join(said)


def say_extras(made: Made, currency: str, language: Language) -> list[str]:
    """What caps took away, and what a booster and a bonus added, a sentence each."""
    booster = made.booster
    about = say_about(booster, language) if booster else ""
    pay = say_pay(booster, currency, language) if booster else ""
    extras = (
        (_CUT, made.cut),
        (_BOOST, made.boost),
        (_UNFUNDED, made.unfunded),
        (_ORDER_CUT, made.order_cut),
        (_BONUS, made.bonus),
    )
    return [
        words[language].format(amount=say_amount(amount, currency), about=about, pay=pay)
        for words, amount in extras
        if amount
    ]


MADE_OF = tuple(
    _accruals.c[name]
    for name in ("rule_id", "booster_id", "cut", "order_cut", "boost", "unfunded", "bonus")
)
"""The columns of an accrual that `made` reads."""


def made(rows: Iterable[Any]) -> list[Made]:
    """What made up accruals, one for one, of rows that have MADE_OF. One query, none for none."""
    every = list(rows)
    ids = {number for row in every for number in (row.rule_id, row.booster_id)} - {None}
    said = said_rules(ids)
    return [
        Made(
            said.get(row.rule_id),
            said.get(row.booster_id),
            row.cut or 0,
            row.order_cut or 0,
            row.boost or 0,
            row.unfunded or 0,
            row.bonus or 0,
        )
        for row in every
    ]


def say_amount(amount: int, currency: str) -> str:
    """`12.34 CNY`."""
    return f"{format_amount(amount, currency)} {currency}"


def said_rules(rule_ids: Collection[int]) -> dict[int, SaidRule]:
    """These rules by their row numbers. One query, none for none."""
    return _said(_rules.c.id.in_(rule_ids)) if rule_ids else {}


def said_rules_of(plan_id: int) -> list[SaidRule]:
    """All rules of a plan (row number), in its own order, boosters at the end. One query."""
    return list(_said(_rules.c.plan_id == plan_id).values())


def _said(which: sa.ColumnElement[bool]) -> dict[int, SaidRule]:
    columns: tuple[Any, ...] = (
        _rules,
        _plans.c.version,
        (Employee.name + " " + Employee.number).label("of_employee"),
        Product.name_zh.label("product_zh"),
        Product.name_en.label("product_en"),
        Category.name_zh.label("category_zh"),
        Category.name_en.label("category_en"),
        Brand.name_zh.label("brand_zh"),
        Brand.name_en.label("brand_en"),
        Store.name_zh.label("store_zh"),
        Store.name_en.label("store_en"),
        Campaign.name_zh.label("campaign_zh"),
        Campaign.name_en.label("campaign_en"),
    )
    rows = db.session.execute(
        sa.select(*columns)
        .select_from(_rules)
        .join(_plans, _plans.c.id == _rules.c.plan_id)
        .outerjoin(Employee, Employee.id == _rules.c.employee_id)
        .outerjoin(Product, Product.id == _rules.c.product_id)
        .outerjoin(Category, Category.id == _rules.c.category_id)
        .outerjoin(Brand, Brand.id == _rules.c.brand_id)
        .outerjoin(Store, Store.id == _rules.c.store_id)
        .outerjoin(Campaign, Campaign.id == _rules.c.campaign_id)
        .where(which)
        .order_by(_rules.c.plan_id, _rules.c.position)
    )
    return {row.id: _as_said(row) for row in rows}


def _as_said(row: sa.Row[*tuple[Any, ...]]) -> SaidRule:
    names: dict[str, _Words] = {}
    if row.of_employee is not None:
        names["employee"] = {"zh": row.of_employee, "en": row.of_employee}
    for noun in ("product", "campaign", "category", "brand", "store"):
        if getattr(row, f"{noun}_id") is not None:
            names[noun] = {"zh": getattr(row, f"{noun}_zh"), "en": getattr(row, f"{noun}_en")}
    if row.grade is not None:
        names["grade"] = {"zh": row.grade, "en": row.grade}
    return SaidRule(
        id=row.id,
        version=row.version,
        position=row.position,
        rate=row.rate,
        per_unit=row.per_unit,
        cap=row.cap,
        names=names,
        buyer=row.buyer,
        conditions=(
            row.employee_id,
            row.product_id,
            row.category_id,
            row.brand_id,
            row.store_id,
            row.grade,
            row.buyer,
            row.campaign_id,
            row.starts_at,
            row.ends_at,
        ),
        budget=row.budget,
        spent=row.spent,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )
