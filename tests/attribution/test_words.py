"""Verdicts in sentences: complete for headquarters, discreet for employees."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from storefront.attribution import words
from storefront.attribution.rules import (
    Evidence,
    Policy,
    Reason,
    TouchEvidence,
    Treatment,
    Verdict,
    decide,
)
from storefront.attribution.words import Case
from storefront.core.languages import LANGUAGES, Language

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
ZONE = "Asia/Shanghai"
POLICY = Policy(window_days=30)


def met(employee: int, days_ago: float, channel: str = "wechat", **more: bool) -> TouchEvidence:
    return TouchEvidence(
        touch_id=employee * 100,
        employee_id=employee,
        number=f"STAFF-{employee}",
        store_id=1,
        left=more.get("left", False),
        at=NOON - timedelta(days=days_ago),
        kind="link",
        channel=channel,
        counts=more.get("counts", True),
    )


def case_of(
    *touches: TouchEvidence, policy: Policy = POLICY, buyers: frozenset[int] = frozenset()
) -> Case:
    evidence = Evidence(NOON, touches, buyers)
    return Case(decide(policy, evidence), evidence, policy, policy_version=3)


def test_the_winner_reads_when_where_and_by_which_rule() -> None:
    case = case_of(met(1, 1, "moments"), met(2, 3), met(3, 4))
    assert words.for_employee(case, 1, "zh", ZONE) == [
        "这笔订单记在你名下。",
        "顾客在 2026年3月4日 20:00 打开了你的朋友圈链接，这是下单前最后一次有效访问。",
        "有 2 位同事的链接更早被打开过；只有最后一次有效访问计入。",
        "依据归属规则第 3 版：下单前 30 天内的最后一次有效访问。",
    ]
    assert words.for_employee(case, 1, "en", ZONE) == [
        "This order is credited to you.",
        (
            "The customer opened your Moments link on 4 Mar 2026, 20:00: the last visit that counts"
            " before the order."
        ),
        "Colleagues whose links had been opened earlier: 2. Only the last visit counts.",
        (
            "By version 3 of the attribution policy: the last visit that counts within 30 days"
            " before the order."
        ),
    ]


def test_somebody_who_lost_reads_why_and_not_to_whom() -> None:
    case = case_of(met(1, 1), met(2, 3, "poster"))
    assert words.for_employee(case, 2, "en", ZONE)[:2] == [
        "This order is not credited to you.",
        (
            "The customer opened your poster link on 2 Mar 2026, 20:00, but came through somebody"
            " else's later; only the last visit counts."
        ),
    ]


def test_a_link_for_no_channel_in_particular_is_just_a_link() -> None:
    case = case_of(met(1, 1, "other"))
    assert "你的链接" in words.for_employee(case, 1, "zh", ZONE)[1]
    assert "your link on" in words.for_employee(case, 1, "en", ZONE)[1]


def test_a_share_is_said_in_percent() -> None:
    case = case_of(met(1, 1), met(2, 2))
    (winner,), (loser,) = case.verdict.winners, case.verdict.losers
    both = (replace(winner, share=7_250), replace(loser, share=2_750, reason=Reason.LAST_TOUCH))
    shared = replace(case, verdict=Verdict(Reason.LAST_TOUCH, both, ()))
    assert words.for_employee(shared, 1, "en", ZONE)[0] == "72.5% of this order is credited to you."
    assert "It is shared with colleagues: 1." in words.for_employee(shared, 1, "en", ZONE)


def test_headquarters_reads_every_claim_with_staff_numbers() -> None:
    case = case_of(met(1, 1), met(2, 3), met(3, 40), met(4, 2, left=True))
    sentences = words.for_headquarters(case, "en", ZONE)
    assert sentences[0].startswith("STAFF-1: 4 Mar 2026, 20:00, WeChat link, 100%, the last visit")
    assert [sentence.split(":")[0] for sentence in sentences[1:4]] == [
        "STAFF-4",
        "STAFF-2",
        "STAFF-3",
    ]
    assert "had left by then" in sentences[1]
    assert "outside the window" in sentences[3]


def test_headquarters_reads_why_nobody_earns() -> None:
    sentences = words.for_headquarters(case_of(), "zh", ZONE)
    assert sentences[:2] == ["这笔订单没有记在任何人名下。", "顾客下单前没有打开过任何人的链接。"]


EVERYTHING = [
    case_of(),
    case_of(met(1, 1)),
    case_of(met(1, 1), met(2, 2), met(3, 3, counts=False), met(4, 40), met(5, 1.5, left=True)),
    case_of(met(1, 1), met(2, 2), buyers=frozenset({1})),
    case_of(
        met(1, 1),
        met(2, 2),
        policy=replace(POLICY, own_purchase=Treatment.NOBODY),
        buyers=frozenset({1}),
    ),
    case_of(met(1, 1, left=True), met(2, 2), policy=replace(POLICY, leavers=Treatment.NOBODY)),
    case_of(met(1, -1)),
    case_of(met(1, 1, counts=False)),
    case_of(met(1, 31)),
]


@pytest.mark.parametrize(("case", "language"), list(product(EVERYTHING, LANGUAGES)))
def test_no_employee_ever_reads_who_a_colleague_is(case: Case, language: Language) -> None:
    for employee in range(1, 7):
        text = " ".join(words.for_employee(case, employee, language, ZONE))
        assert "STAFF" not in text
        assert "{" not in text


@pytest.mark.parametrize(("case", "language"), list(product(EVERYTHING, LANGUAGES)))
def test_every_verdict_can_be_said_to_headquarters(case: Case, language: Language) -> None:
    claims = (*case.verdict.winners, *case.verdict.losers)
    text = "\n".join(words.for_headquarters(case, language, ZONE))
    assert all(claim.number in text for claim in claims)
    assert "{" not in text
