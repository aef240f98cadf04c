"""A verdict as sentences: for the employee whom it concerns, and for headquarters.

An employee reads about themselves and about how many others there were, never who. The codes in
`rules.Reason` stay beside the sentences: the words may be improved, the codes may not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from storefront.attribution.rules import Claim, Evidence, Policy, Reason, Verdict
from storefront.core.languages import Language, say_moment, say_share
from storefront.core.money import WHOLE_BASIS_POINTS

CHANNELS: dict[str, dict[Language, str]] = {
    "wechat": {"zh": "微信", "en": "WeChat"},
    "moments": {"zh": "朋友圈", "en": "Moments"},
    "wecom": {"zh": "企业微信", "en": "WeCom"},
    "weibo": {"zh": "微博", "en": "Weibo"},
    "qq": {"zh": "QQ", "en": "QQ"},
    "whatsapp": {"zh": "WhatsApp", "en": "WhatsApp"},
    "poster": {"zh": "海报", "en": "poster"},
}
"""How a link's channel is called; a link without one of these is only a link."""

_Words = Mapping[Language, str]

_YOURS: _Words = {"zh": "这笔订单记在你名下。", "en": "This order is credited to you."}
_PARTLY_YOURS: _Words = {
    "zh": "这笔订单的 {share} 记在你名下。",
    "en": "{share} of this order is credited to you.",
}
_NOT_YOURS: _Words = {
    "zh": "这笔订单没有记在你名下。",
    "en": "This order is not credited to you.",
}
_NOBODYS: _Words = {
    "zh": "这笔订单没有记在任何人名下。",
    "en": "This order is not credited to anybody.",
}

_YOUR_CLAIM: dict[Reason, _Words] = {
    Reason.LAST_TOUCH: {
        "zh": "顾客在 {at} 打开了你的{link}，这是下单前最后一次有效访问。",
        "en": "The customer opened your {link} on {at}: the last visit that counts before the"
        " order.",
    },
    Reason.EARLIER_TOUCH: {
        "zh": "顾客在 {at} 打开过你的{link}，但之后又经由别人的链接访问；只有最后一次有效。",
        "en": "The customer opened your {link} on {at}, but came through somebody else's later;"
        " only the last visit counts.",
    },
    Reason.OUTSIDE_WINDOW: {
        "zh": "顾客在 {at} 打开过你的{link}，到下单时已超过 {days} 天的有效期。",
        "en": "The customer opened your {link} on {at}: more than {days} days before the order,"
        " too long ago to count.",
    },
    Reason.AFTER_ORDER: {
        "zh": "顾客在 {at} 打开了你的{link}，那时已经下单。",
        "en": "The customer opened your {link} on {at}, after the order was placed.",
    },
    Reason.NOT_COUNTED: {
        "zh": "{at} 对你{link}的访问不是顾客本人的访问（例如预览、程序或你自己打开），不计入。",
        "en": "The visit to your {link} on {at} was no customer's (a preview, a program, or"
        " yourself), so it does not count.",
    },
    Reason.OWN_PURCHASE: {
        "zh": "这是你自己的购买，按规定不计佣金。",
        "en": "This is your own purchase, on which the rules give no commission.",
    },
    Reason.LEFT_THE_CHAIN: {
        "zh": "下单时你已离职，按规定不再计入。",
        "en": "You had left the company when the order was placed, so it does not count.",
    },
}

_OTHERS: dict[Reason, _Words] = {
    Reason.LAST_TOUCH: {
        "zh": "另有 {count} 位同事分得这笔订单。",
        "en": "It is shared with colleagues: {count}.",
    },
    Reason.EARLIER_TOUCH: {
        "zh": "有 {count} 位同事的链接更早被打开过；只有最后一次有效访问计入。",
        "en": "Colleagues whose links had been opened earlier: {count}. Only the last visit"
        " counts.",
    },
    Reason.OUTSIDE_WINDOW: {
        "zh": "有 {count} 位同事的链接在 {days} 天有效期之前被打开过，不计入。",
        "en": "Colleagues whose links were opened more than {days} days before the order: {count}."
        " That is too long ago to count.",
    },
    Reason.AFTER_ORDER: {
        "zh": "有 {count} 位同事的链接在下单之后才被打开，不计入。",
        "en": "Colleagues whose links were opened only after the order: {count}.",
    },
    Reason.NOT_COUNTED: {
        "zh": "有 {count} 位同事的链接只有不计数的访问（例如预览或程序）。",
        "en": "Colleagues whose links had only visits that do not count (previews and the like):"
        " {count}.",
    },
    Reason.OWN_PURCHASE: {
        "zh": "有 {count} 位同事因自购规则不计入。",
        "en": "Colleagues ruled out by the rule on own purchases: {count}.",
    },
    Reason.LEFT_THE_CHAIN: {
        "zh": "有 {count} 位已离职的同事不计入。",
        "en": "Former colleagues who no longer count: {count}.",
    },
}

_WHY_NOBODY: dict[Reason, _Words] = {
    Reason.NO_TOUCH: {
        "zh": "顾客下单前没有打开过任何人的链接。",
        "en": "The customer had not opened anybody's link before the order.",
    },
    Reason.NO_VALID_CLAIM: {
        "zh": "顾客打开过的链接按规则都不计入。",
        "en": "None of the visits before the order counts under the rules.",
    },
    Reason.OWN_PURCHASE: {
        "zh": "最后一次有效访问属于买家本人，按规则无人计佣。",
        "en": "The last visit belongs to the buyer's own shop; then nobody earns, by the rules.",
    },
    Reason.LEFT_THE_CHAIN: {
        "zh": "最后一次有效访问属于已离职的员工，按规则无人计佣。",
        "en": "The last visit belongs to somebody who had left; then nobody earns, by the rules.",
    },
}

_POLICY: _Words = {
    "zh": "依据归属规则第 {version} 版：下单前 {days} 天内的最后一次有效访问。",
    "en": "By version {version} of the attribution policy: the last visit that counts within"
    " {days} days before the order.",
}

_CLAIM_FOR_HEADQUARTERS: _Words = {
    "zh": "{number}：{at}，{link}，{share}，{why}。",
    "en": "{number}: {at}, {link}, {share}, {why}.",
}

_IN_SHORT: dict[Reason, _Words] = {
    Reason.LAST_TOUCH: {"zh": "最后一次有效访问", "en": "the last visit that counts"},
    Reason.EARLIER_TOUCH: {"zh": "之后另有访问", "en": "another visit came later"},
    Reason.OUTSIDE_WINDOW: {"zh": "超出有效期", "en": "outside the window"},
    Reason.AFTER_ORDER: {"zh": "在下单之后", "en": "after the order"},
    Reason.NOT_COUNTED: {"zh": "访问不计数", "en": "the visit does not count"},
    Reason.OWN_PURCHASE: {"zh": "自购", "en": "own purchase"},
    Reason.LEFT_THE_CHAIN: {"zh": "下单时已离职", "en": "had left by then"},
}


@dataclass(frozen=True, slots=True)
class Case:
    """A verdict and what it was made of."""

    verdict: Verdict
    evidence: Evidence
    policy: Policy
    policy_version: int


def for_employee(case: Case, employee_id: int, language: Language, time_zone: str) -> list[str]:
    """What the verdict means to one employee, in a few sentences."""
    speaker = _Speaker(case, language, time_zone)
    claims = [*case.verdict.winners, *case.verdict.losers]
    own = next((claim for claim in claims if claim.employee_id == employee_id), None)
    sentences = [speaker.headline(own)]
    if own:
        sentences.append(speaker.say(_YOUR_CLAIM[own.reason], own))
    elif not case.verdict.winners:
        sentences.append(_WHY_NOBODY[case.verdict.reason][language])
    others = Counter(claim.reason for claim in claims if claim.employee_id != employee_id)
    # Somebody who lost need not be told how many others did: who won is what they lost to.
    if own and own.share:
        sentences += [
            _OTHERS[reason][language].format(count=count, days=case.policy.window_days)
            for reason, count in sorted(others.items())
        ]
    return [*sentences, speaker.policy()]


def for_headquarters(case: Case, language: Language, time_zone: str) -> list[str]:
    """The whole verdict, claim by claim, with staff numbers."""
    speaker = _Speaker(case, language, time_zone)
    sentences: list[str] = []
    if not case.verdict.winners:
        sentences += [_NOBODYS[language], _WHY_NOBODY[case.verdict.reason][language]]
    for claim in (*case.verdict.winners, *case.verdict.losers):
        why = _IN_SHORT[claim.reason][language]
        sentences.append(speaker.say(_CLAIM_FOR_HEADQUARTERS, claim, why=why))
    return [*sentences, speaker.policy()]


class _Speaker:
    """Fills sentences about one case."""

    def __init__(self, case: Case, language: Language, time_zone: str) -> None:
        self._case = case
        self._language: Language = language
        self._time_zone = time_zone
        self._channels = {touch.touch_id: touch.channel for touch in case.evidence.touches}

    def headline(self, own: Claim | None) -> str:
        """Whose order it is, seen from one employee."""
        if own is None or not own.share:
            return (_NOT_YOURS if self._case.verdict.winners else _NOBODYS)[self._language]
        if own.share == WHOLE_BASIS_POINTS:
            return _YOURS[self._language]
        return _PARTLY_YOURS[self._language].format(share=say_share(own.share))

    def say(self, words: _Words, claim: Claim, *, why: str = "") -> str:
        """A sentence about a claim."""
        return words[self._language].format(
            number=claim.number,
            at=say_moment(claim.at, self._time_zone, self._language),
            link=self._link(claim),
            share=say_share(claim.share),
            days=self._case.policy.window_days,
            why=why,
        )

    def policy(self) -> str:
        """Which rule it was judged by."""
        return _POLICY[self._language].format(
            version=self._case.policy_version, days=self._case.policy.window_days
        )

    def _link(self, claim: Claim) -> str:
        named = CHANNELS.get(self._channels.get(claim.touch_id, ""))
        link = "链接" if self._language == "zh" else "link"
        if named is None:
            return link
        return named["zh"] + link if self._language == "zh" else f"{named['en']} {link}"
