"""What rules look for and what they saw, told to headquarters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from storefront.commissions.fraud_models import CaseOutcome, Signal
from storefront.core.languages import Language, say_share

Words = Mapping[Language, str]

RULES: Mapping[Signal, Words] = {
    Signal.OWN_PHONE: {
        "zh": "自购：下单手机号就是员工本人的",
        "en": "Own purchase: the phone number is the employee's own",
    },
    Signal.OWN_DEVICE: {
        "zh": "自购：用员工登录过的浏览器下单",
        "en": "Own purchase: ordered in a browser in which the employee has signed in",
    },
    Signal.OWN_OPENID: {
        "zh": "自购：用员工本人的支付账户付款",
        "en": "Own purchase: paid from the account that the employee pays from",
    },
    Signal.OWN_CARD: {
        "zh": "自购：用员工本人的银行卡付款",
        "en": "Own purchase: paid with the card that the employee pays with",
    },
    Signal.OWN_ADDRESS: {
        "zh": "自购：多次寄往员工本人的收货地址",
        "en": "Own purchase: sent again and again to where the employee has goods sent",
    },
    Signal.COLLEAGUE_RING: {
        "zh": "同事之间成环互买",
        "en": "Colleagues who buy from each other in a ring",
    },
    Signal.BUY_AND_RETURN: {
        "zh": "结算日前买入、之后退回",
        "en": "Bought just before a payday and back just after it",
    },
    Signal.GUESTS_ON_DEVICE: {
        "zh": "同一浏览器上有许多顾客",
        "en": "Many customers in one browser",
    },
    Signal.STAFF_DISCOUNT: {
        "zh": "同事以低于标价买入，同时计佣",
        "en": "A colleague bought under the list price, with commission on it",
    },
    Signal.CLAIM_WITHOUT_MEETING: {
        "zh": "收银台认领从未接触过的顾客",
        "en": "Sales claimed at the till from customers whom the employee had never met",
    },
    Signal.BUYING_FOR_STOCK: {
        "zh": "囤货：同一买家或地址反复大量买入",
        "en": "Buying for stock: one buyer or address takes far more than others, again and again",
    },
}
"""What each rule looks for."""

OUTCOMES: Mapping[CaseOutcome, Words] = {
    CaseOutcome.DISMISSED: {"zh": "不成立", "en": "dismissed"},
    CaseOutcome.CONFIRMED: {"zh": "成立", "en": "confirmed"},
    CaseOutcome.MEASURE_TAKEN: {"zh": "已采取措施", "en": "measure taken"},
}

_SAW: Mapping[Signal, Words] = {
    Signal.OWN_ADDRESS: {
        "zh": "回看期内有 {orders} 笔订单寄往该地址。",
        "en": "{orders} orders went to this address in the window.",
    },
    Signal.COLLEAGUE_RING: {
        "zh": "{people} 名同事成环；其中这位同事买了 {orders} 笔。",
        "en": "A ring of {people} colleagues; one of them placed {orders} orders here.",
    },
    Signal.BUY_AND_RETURN: {
        "zh": "结算日前买入 {lines} 行，之后退回 {back} 行（{share}）；其他人为 {others_share}。",
        "en": "Of {lines} lines bought before the payday {back} were back after it ({share});"
        " with everybody else it was {others_share}.",
    },
    Signal.STAFF_DISCOUNT: {
        "zh": "低于标价（或同期他人所付价格）{off}。",
        "en": "{off} under the list price, or what others paid in those days.",
    },
    Signal.CLAIM_WITHOUT_MEETING: {
        "zh": "收银台认领 {claims} 笔，其中 {without} 笔此前从未接触（{share}）；"
        "其他人为 {others_share}。",
        "en": "Of {claims} sales claimed at tills {without} were of customers never met before"
        " ({share}); with everybody else it was {others_share}.",
    },
}
_GUESTS_KNOWN: Words = {
    "zh": "该浏览器上有 {guests} 名顾客、{orders} 笔订单，只从 {payers} 个账户付款。",
    "en": "{guests} customers with {orders} orders in this browser paid from {payers} accounts.",
}
_GUESTS_UNKNOWN: Words = {
    "zh": "该浏览器上有 {guests} 名顾客、{orders} 笔订单；支付渠道未告知由谁付款。",
    "en": "{guests} customers with {orders} orders in this browser; who paid is not told.",
}
_PILE: Words = {
    "zh": "{whose}分 {orders} 次留下 {kept} 件；{norm}。",
    "en": "{whose} kept {kept} pieces out of {orders} orders; {norm}.",
}
_WHOSE: Mapping[bool, Words] = {
    False: {"zh": "该买家", "en": "This buyer"},
    True: {"zh": "该地址", "en": "This address"},
}
_NORM: Mapping[str, Words] = {
    "product": {
        "zh": "其他回头客平均留下 {norm} 件",
        "en": "others who buy it again keep {norm} on average",
    },
    "chain": {
        "zh": "这件商品的回头客太少，按全部商品的买家比较：平均 {norm} 件",
        "en": "too few buy this again to compare with; over all products it is {norm} on average",
    },
    "none": {"zh": "没有可比较的买家", "en": "there is nobody to compare with"},
}


def of_evidence(signal: Signal, evidence: Mapping[str, Any], language: Language) -> str:
    """What a rule saw, in a sentence; for what needs no more words than the rule's own, those."""
    special: Mapping[Signal, Callable[[Mapping[str, Any], Language], str]] = {
        Signal.GUESTS_ON_DEVICE: _of_guests,
        Signal.BUYING_FOR_STOCK: _of_pile,
    }
    if signal in special:
        return special[signal](evidence, language)
    if signal not in _SAW:
        return RULES[signal][language]
    shown: dict[str, Any] = dict(evidence)
    for share in ("share", "others_share", "off"):
        if share in evidence:
            shown[share] = say_share(evidence[share])
    shown["people"] = len(evidence.get("ring", ()))
    return _SAW[signal][language].format(**shown)


def _of_guests(evidence: Mapping[str, Any], language: Language) -> str:
    known = evidence["payers"] is not None
    return (_GUESTS_KNOWN if known else _GUESTS_UNKNOWN)[language].format(**evidence)


def _of_pile(evidence: Mapping[str, Any], language: Language) -> str:
    tenths = evidence["norm_tenths"]
    norm = "none" if tenths is None else "product" if evidence["norm_is_products"] else "chain"
    said = "" if tenths is None else f"{tenths // 10}.{tenths % 10}"
    return _PILE[language].format(
        whose=_WHOSE[evidence["by_address"]][language],
        orders=evidence["orders"],
        kept=evidence["kept"],
        norm=_NORM[norm][language].format(norm=said),
    )
