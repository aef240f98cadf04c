"""Plans in words: what a version changes against another one, and what a check found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from storefront.catalog.models import Product
from storefront.commissions import plans
from storefront.commissions.models import CommissionPlan
from storefront.commissions.rule_words import (
    SaidRule,
    said_rules_of,
    say_about,
    say_amount,
    say_pay,
)
from storefront.commissions.rules import Buyer, Finding, Problem, check, check_boosters
from storefront.commissions.rules.months import MonthTerms
from storefront.commissions.settlement_words import say_month_cap, say_tiers
from storefront.core.database import db
from storefront.core.languages import Language
from storefront.core.settings import settings

_products = cast(sa.Table, Product.__table__)

_Words = Mapping[Language, str]

_HOLD: _Words = {
    "zh": "退货期：{new} 天（原为：{old} 天）",
    "en": "Held: {new} days (was: {old} days)",
}
_BONUS: _Words = {
    "zh": "客户首单奖励：{new}（原为：{old}）",
    "en": "Bonus for a customer's first order: {new} (was: {old})",
}
_TIERS: _Words = {
    "zh": "按月净销售额的档位：{new}（原为：{old}）",
    "en": "Tiers by the month's net sales: {new} (was: {old})",
}
_MONTH_CAP: _Words = {
    "zh": "每人每月佣金上限：{new}（原为：{old}）",
    "en": "Cap on a person's commission for a month: {new} (was: {old})",
}
_AMOUNTS: dict[str, _Words] = {
    "bonus": _BONUS,
    "order_cap": {
        "zh": "每位员工每单最多：{new}（原为：{old}）",
        "en": "The most per employee and order: {new} (was: {old})",
    },
    "service_bonus": {
        "zh": "门店交付奖励：{new}（原为：{old}）",
        "en": "For handing an order over at the store: {new} (was: {old})",
    },
}
_NO_LIMIT: _Words = {"zh": "不限", "en": "no limit"}
_BOOSTER: _Words = {
    "zh": "限时加码，{about}，{start} 至 {end} 前",
    "en": "booster, {about}, from {start} until {end}",
}
_BOOSTER_PAY: _Words = {
    "zh": "加 {pay}，预算 {budget}",
    "en": "{pay} on top, budget {budget}",
}
_CHANGED: _Words = {"zh": "{about}：{new}（原为：{old}）", "en": "{about}: {new} (was: {old})"}
_ADDED: _Words = {"zh": "新增规则，{about}：{new}", "en": "New rule, {about}: {new}"}
_GONE: _Words = {
    "zh": "取消规则，{about}（原为：{old}）",
    "en": "No longer a rule, {about} (was: {old})",
}
_AFTER_THAT: _Words = {"zh": "，其后 ", "en": ", after it "}

_FOUND: dict[Problem, _Words] = {
    Problem.MATCHES_NOTHING: {
        "zh": "第 {position} 条规则（{about}）不会适用：该商品不属于这个品牌或品类。",
        "en": "Rule {position} ({about}) matches nothing: the product is not of that brand or"
        " category.",
    },
    Problem.SHADOWED: {
        "zh": "第 {position} 条规则（{about}）不会适用：第 {other} 条（{other_about}）更具体，"
        "且覆盖它的全部范围。",
        "en": "Rule {position} ({about}) never wins: rule {other} ({other_about}) is more specific"
        " and matches everything that it does.",
    },
    Problem.TWIN: {
        "zh": "第 {position} 条规则（{about}）不会适用：第 {other} 条条件相同且靠前，"
        "仅由先后顺序决定。",
        "en": "Rule {position} ({about}) never wins: rule {other} has the same conditions and comes"
        " first; only the order decides.",
    },
    Problem.OVERLAP: {
        "zh": "第 {other} 条规则（{other_about}）与第 {position} 条（{about}）条件一样多，"
        "可能同时适用：此时以第 {other} 条为准，因为按{by}指定的优先。",
        "en": "Rules {other} ({other_about}) and {position} ({about}) ask for as much and may both"
        " match: then rule {other} wins, as {by} weighs more.",
    },
    Problem.BOOSTER_OVER: {
        "zh": "限时加码（{about}）在方案生效前就已结束，不会适用。",
        "en": "The booster ({about}) ends before the plan starts and never pays anything.",
    },
    Problem.GAP: {
        "zh": "商品「{goods}」没有面向所有人的规则（{buyers}）：未被点名的员工卖出后没有佣金。",
        "en": "No rule for everybody matches product {goods} ({buyers}): it earns nothing when sold"
        " by somebody whom no rule names.",
    },
}
_KINDS: dict[str, _Words] = {
    "employee": {"zh": "员工", "en": "an employee"},
    "product": {"zh": "商品", "en": "a product"},
    "campaign": {"zh": "活动", "en": "a campaign"},
    "category": {"zh": "更近的品类", "en": "a nearer category"},
    "brand": {"zh": "品牌", "en": "a brand"},
    "store": {"zh": "门店", "en": "a store"},
    "grade": {"zh": "级别", "en": "a grade"},
    "buyer": {"zh": "新老客户", "en": "new or returning customers"},
}
_BUYERS: dict[Buyer, _Words] = {
    Buyer.NEW: {"zh": "新客户", "en": "new customers"},
    Buyer.RETURNING: {"zh": "老客户", "en": "returning customers"},
    Buyer.UNKNOWN: {"zh": "身份未知的客户", "en": "customers whom nobody knows"},
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that two versions say differently, in words."""

    element: str
    """Its name in the document."""
    sentence: str


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a check found, in words."""

    problem: Problem
    sentence: str
    position: int | None
    """The rule that it is about, counted from 1."""
    because_of: int | None
    """The rule that wins instead."""
    product: str | None
    """The goods that no rule is for: their public id."""


def differences(
    old: CommissionPlan, new: CommissionPlan, currency: str, language: Language
) -> list[Difference]:
    """What changes from one version to the other; empty if nothing that is earned does."""
    found: list[Difference] = []
    if old.hold_days != new.hold_days:
        sentence = _HOLD[language].format(old=old.hold_days, new=new.hold_days)
        found.append(Difference("hold_days", sentence))
    for element, words in _AMOUNTS.items():
        was, now = getattr(old, element), getattr(new, element)
        if was != now:
            sentence = words[language].format(
                old=_say_limit(was, currency, language), new=_say_limit(now, currency, language)
            )
            found.append(Difference(element, sentence))
    found += _of_months(old, new, currency, language)
    before, after = _by_conditions(said_rules_of(old.id)), _by_conditions(said_rules_of(new.id))
    for conditions in [*after, *(each for each in before if each not in after)]:
        was, now = before.get(conditions, []), after.get(conditions, [])
        said_before = _say_pays(was, currency, language)
        said_now = _say_pays(now, currency, language)
        if said_before != said_now:
            words = _CHANGED if was and now else _ADDED if now else _GONE
            rule = (now or was)[0]
            sentence = words[language].format(
                about=_say_what(rule, language), new=said_now, old=said_before
            )
            found.append(Difference("rules" if rule.budget is None else "boosters", sentence))
    return found


def _say_limit(amount: int | None, currency: str, language: Language) -> str:
    return _NO_LIMIT[language] if amount is None else say_amount(amount, currency)


def _say_what(rule: SaidRule, language: Language) -> str:
    about = say_about(rule, language)
    if rule.starts_at is None or rule.ends_at is None:
        return about
    start, end = (_say_moment(each) for each in (rule.starts_at, rule.ends_at))
    return _BOOSTER[language].format(about=about, start=start, end=end)


def _say_moment(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(settings().chain_time_zone)):%Y-%m-%d %H:%M}"


def _of_months(
    old: CommissionPlan, new: CommissionPlan, currency: str, language: Language
) -> Iterator[Difference]:
    was = MonthTerms.from_document(old.month_terms)
    now = MonthTerms.from_document(new.month_terms)
    for element, words, say in (
        ("tiers", _TIERS, say_tiers),
        ("month_cap", _MONTH_CAP, say_month_cap),
    ):
        before, after = say(was, currency, language), say(now, currency, language)
        if before != after:
            yield Difference(element, words[language].format(old=before, new=after))


def _by_conditions(rules: Sequence[SaidRule]) -> dict[tuple[Any, ...], list[SaidRule]]:
    # Only among rules with the same conditions does the order matter.
    found: dict[tuple[Any, ...], list[SaidRule]] = defaultdict(list)
    for rule in rules:
        found[rule.conditions].append(rule)
    return dict(found)


def _say_pays(rules: Sequence[SaidRule], currency: str, language: Language) -> str:
    return _AFTER_THAT[language].join(_say_pay(rule, currency, language) for rule in rules)


def _say_pay(rule: SaidRule, currency: str, language: Language) -> str:
    pay = say_pay(rule, currency, language)
    if rule.budget is None:
        return pay
    return _BOOSTER_PAY[language].format(pay=pay, budget=say_amount(rule.budget, currency))


def checked(plan: CommissionPlan, language: Language) -> list[Found]:
    """What the check finds about a version, against the catalogue as it is now. Five queries."""
    rules, boosters = plans.content_of(plan.id)
    catalogue, paths = plans.catalogue(), plans.all_paths()
    findings = [
        *check(rules, catalogue, paths),
        *check_boosters(boosters, plan.starts_at, catalogue, paths),
    ]
    said = {rule.position: rule for rule in said_rules_of(plan.id)}
    wanted = [each.product_id for each in findings if each.product_id is not None]
    rows = db.session.execute(
        sa.select(
            _products.c.id, _products.c.public_id, _products.c.name_zh, _products.c.name_en
        ).where(_products.c.id.in_(wanted))
    )
    goods = {row.id: row for row in rows}
    return [_as_found(finding, said, goods, language) for finding in findings]


def _as_found(
    finding: Finding, said: Mapping[int, SaidRule], goods: Mapping[int, Any], language: Language
) -> Found:
    rule = said.get(finding.position or 0)
    other = said.get(finding.because_of or 0)
    product = goods.get(finding.product_id or 0)
    sentence = _FOUND[finding.problem][language].format(
        position=finding.position,
        about=say_about(rule, language) if rule else "",
        other=finding.because_of,
        other_about=say_about(other, language) if other else "",
        by=_KINDS[finding.by][language] if finding.by else "",
        goods=(product.name_zh if language == "zh" else product.name_en) if product else "",
        buyers=("、" if language == "zh" else ", ").join(
            _BUYERS[buyer][language] for buyer in finding.buyers
        ),
    )
    return Found(
        finding.problem,
        sentence,
        finding.position,
        finding.because_of,
        product.public_id if product else None,
    )
