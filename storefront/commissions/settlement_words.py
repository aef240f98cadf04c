"""A plan's terms for whole months in words, and what a month came to, sentence by sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storefront.commissions.rule_words import say_amount
from storefront.commissions.rules.months import (
    Band,
    LaterReturns,
    MonthResult,
    MonthTerms,
    Tier,
    TierMode,
    next_tier,
)
from storefront.core.languages import Language, say_share

_Words = Mapping[Language, str]

_MODES: dict[TierMode, _Words] = {
    TierMode.MARGINAL: {"zh": "分段累进", "en": "each for the part within it"},
    TierMode.WHOLE_VOLUME: {"zh": "达档全额", "en": "the one reached for everything"},
}
_LATER: dict[LaterReturns, _Words] = {
    LaterReturns.NOTHING: {
        "zh": "月后退货不改变该月档位，计入退货当月",
        "en": "goods that come back after the month change nothing in it",
    },
    LaterReturns.DIFFERENCE: {
        "zh": "月后退货重新核算该月，差额记入下次结账",
        "en": "for goods that come back after the month the difference is posted",
    },
}
_TIER: _Words = {"zh": "满 {start} 加 {extra}", "en": "from {start} {extra} more"}
_TIERS: _Words = {"zh": "{tiers}（{mode}；{later}）", "en": "{tiers} ({mode}; {later})"}
_NONE: _Words = {"zh": "无", "en": "none"}
_JOINT: _Words = {"zh": "，", "en": ", "}

_NET: _Words = {
    "zh": "{month} 净销售额 {net}：当月付款减去计入当月的退款，按你的份额计；适用方案第 {version}"
    " 版。",
    "en": "Net sales of {month}: {net}, paid less what was paid back and counts in it, by your"
    " shares; plan version {version} applies.",
}
_BAND: dict[TierMode, _Words] = {
    TierMode.MARGINAL: {
        "zh": "自 {start} 起的一档：其中 {part} 加 {extra}，为 {amount}。",
        "en": "Tier from {start}: {extra} of the {part} within it is {amount}.",
    },
    TierMode.WHOLE_VOLUME: {
        "zh": "达到自 {start} 起的一档：全部 {part} 加 {extra}，为 {amount}。",
        "en": "The tier from {start} is reached: {extra} of all {part} is {amount}.",
    },
}
_NO_TIER: _Words = {
    "zh": "未达到任何档位；第一档自 {start} 起。",
    "en": "No tier is reached; the first begins at {start}.",
}
_CUT: _Words = {
    "zh": "该月销售的佣金连同档位共 {total}，超过每月上限 {cap}，扣减 {cut}。",
    "en": "Commission on the month's sales comes to {total} with its tiers; the month's cap is"
    " {cap}, so {cut} is taken off.",
}
_WITHIN: _Words = {
    "zh": "该月销售的佣金连同档位共 {total}，未超过每月上限 {cap}。",
    "en": "Commission on the month's sales comes to {total} with its tiers, within the month's cap"
    " of {cap}.",
}
_SO_FAR: _Words = {
    "zh": "截至目前 {month} 净销售额 {net}；以下为估算，月末结算为准。",
    "en": "Net sales of {month} so far: {net}. What follows is an estimate: the month is settled"
    " when it closes.",
}
_MISSING: _Words = {
    "zh": "再卖 {missing} 即达到自 {start} 起的一档（加 {extra}）。",
    "en": "{missing} more reach the tier from {start} ({extra} more).",
}
_TOP: _Words = {"zh": "已达到最高一档。", "en": "The highest tier is reached."}
_OWN: _Words = {"zh": "合计记入 {amount}。", "en": "Posted: {amount}."}
_LATER_ON: _Words = {
    "zh": "{month} 的后续变化在 {posted_in} 结账时重新核算：应为 {now}，此前已记 {before}，"
    "差额 {amount} 记入 {posted_in}。",
    "en": "What came back or came to light after {month} was settled with {posted_in}: it comes to"
    " {now}, {before} was posted before, and the difference of {amount} is posted in {posted_in}.",
}


@dataclass(frozen=True, slots=True)
class SaidSettlement:
    """A settlement with what its sentences are made of."""

    id: int
    month: str
    """What it is about."""
    posted_in: str
    version: int
    terms: MonthTerms
    net_sales: int
    commission: int
    extra: int
    cut: int
    before: int
    amount: int
    bands: tuple[Band, ...]

    @property
    def is_correction(self) -> bool:
        """Whether it is about an earlier month than the one in which it is posted."""
        return self.month != self.posted_in


def explain(said: SaidSettlement, currency: str, language: Language) -> list[str]:
    """A settlement in sentences: net sales, tiers, cap, and what is posted."""

    def money(amount: int) -> str:
        return say_amount(amount, currency)

    sentences = [
        _NET[language].format(month=said.month, net=money(said.net_sales), version=said.version)
    ]
    sentences += _reckoned(said.terms, said, currency, language)
    words = _LATER_ON if said.is_correction else _OWN
    sentences.append(
        words[language].format(
            month=said.month,
            posted_in=said.posted_in,
            now=money(said.extra - said.cut),
            before=money(said.before),
            amount=money(said.amount),
        )
    )
    return sentences


def explain_so_far(
    month: str, terms: MonthTerms, result: MonthResult, currency: str, language: Language
) -> list[str]:
    """What a month that is not over would come to if it ended now, and what is missing to more."""

    def money(amount: int) -> str:
        return say_amount(amount, currency)

    sentences = [_SO_FAR[language].format(month=month, net=money(result.net))]
    sentences += _reckoned(terms, result, currency, language)
    following = next_tier(terms, result.net)
    if following:
        sentences.append(
            _MISSING[language].format(
                missing=money(following.start - result.net),
                start=money(following.start),
                extra=say_share(following.extra),
            )
        )
    elif terms.tiers and result.bands:
        sentences.append(_TOP[language])
    return sentences


def _reckoned(
    terms: MonthTerms, month: SaidSettlement | MonthResult, currency: str, language: Language
) -> list[str]:
    """The tiers that were reached, and what the cap does."""

    def money(amount: int) -> str:
        return say_amount(amount, currency)

    sentences = [
        _BAND[terms.mode][language].format(
            start=money(band.start),
            part=money(band.part),
            extra=say_share(band.extra),
            amount=money(band.amount),
        )
        for band in month.bands
    ]
    if terms.tiers and not month.bands:
        sentences.append(_NO_TIER[language].format(start=money(terms.tiers[0].start)))
    if terms.cap is not None:
        words = _CUT if month.cut else _WITHIN
        total = money(month.commission + month.extra)
        sentences.append(
            words[language].format(total=total, cap=money(terms.cap), cut=money(month.cut))
        )
    return sentences


def say_tiers(terms: MonthTerms, currency: str, language: Language) -> str:
    """A plan's tiers: `from 1,000.00 CNY 2% more (…)`."""
    if not terms.tiers:
        return _NONE[language]
    tiers = _JOINT[language].join(_say_tier(tier, currency, language) for tier in terms.tiers)
    return _TIERS[language].format(
        tiers=tiers, mode=_MODES[terms.mode][language], later=_LATER[terms.later_returns][language]
    )


def say_month_cap(terms: MonthTerms, currency: str, language: Language) -> str:
    """A plan's cap on the month."""
    return _NONE[language] if terms.cap is None else say_amount(terms.cap, currency)


def _say_tier(tier: Tier, currency: str, language: Language) -> str:
    return _TIER[language].format(
        start=say_amount(tier.start, currency), extra=say_share(tier.extra)
    )
