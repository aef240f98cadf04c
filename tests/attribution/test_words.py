"""Verdicts and policies in sentences: complete for headquarters, discreet for employees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from storefront.attribution import words
from storefront.attribution.differences import differences, say_element
from storefront.attribution.rules import (
    WINNING,
    Evidence,
    Kind,
    Line,
    Model,
    Person,
    Policy,
    Reason,
    Renewal,
    Scope,
    Source,
    TieEvidence,
    TieMode,
    TillClaim,
    TouchEvidence,
    Treatment,
    decide,
)
from storefront.attribution.rules.policy import ELEMENTS
from storefront.attribution.wording import (
    ELEMENTS as NAMED_ELEMENTS,
)
from storefront.attribution.wording import (
    MEETINGS,
    MEETINGS_IN_SHORT,
    WHY,
    WHY_IN_SHORT,
    WHY_NOBODY,
)
from storefront.attribution.words import Case
from storefront.core.languages import LANGUAGES, Language

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
ZONE = "Asia/Shanghai"
POLICY = Policy(window_days=30)
ONE_LINE = (Line(1, 77),)


def met(
    employee: int,
    days_ago: float,
    channel: str = "wechat",
    *,
    counts: bool = True,
    kind: str = "link",
    product_id: int | None = None,
) -> TouchEvidence:
    return TouchEvidence(
        touch_id=employee * 100,
        employee_id=employee,
        at=NOON - timedelta(days=days_ago),
        kind=kind,
        channel=channel,
        product_id=product_id,
        uncounted="no" if counts else "prefetch",
    )


def case_of(
    *touches: TouchEvidence,
    policy: Policy = POLICY,
    left: frozenset[int] = frozenset(),
    lines: Sequence[Line] = ONE_LINE,
    **more: Any,
) -> Case:
    people = {
        employee: Person(
            f"STAFF-{employee}",
            1,
            NOON - timedelta(days=3) if employee in left else None,
            6 if employee in left else None,
        )
        for employee in range(1, 7)
    }
    evidence = Evidence(NOON, people, touches, **more)
    return Case(decide(policy, evidence, lines), evidence, policy, policy_version=3)


def test_the_winner_reads_when_where_and_by_which_rule() -> None:
    case = case_of(met(1, 1, "moments"), met(2, 3), met(3, 4))
    assert words.for_employee(case, 1, "zh", ZONE) == [
        "这笔订单记在你名下。",
        "顾客在 2026年3月4日 20:00 打开了你的朋友圈链接：这是下单前最后一次有效接触。",
        "另有 2 位同事未计入：之后另有接触。",
        "依据归属规则第 3 版：最后一次有效接触，30 天内有效。",
    ]
    assert words.for_employee(case, 1, "en", ZONE) == [
        "This order is credited to you.",
        (
            "The customer opened your Moments link on 4 Mar 2026, 20:00: the last meeting that"
            " counts before the order."
        ),
        "Colleagues who do not share in it: 2 (another meeting came later).",
        "By version 3 of the attribution policy: the last meeting that counts, within 30 days.",
    ]


def test_somebody_who_lost_reads_why_and_not_to_whom() -> None:
    case = case_of(met(1, 1), met(2, 3, "poster"))
    assert words.for_employee(case, 2, "en", ZONE)[:2] == [
        "This order is not credited to you.",
        (
            "The customer opened your poster link on 2 Mar 2026, 20:00: the customer met a"
            " colleague later, and only the last meeting counts."
        ),
    ]


def test_a_link_for_no_channel_in_particular_is_just_a_link() -> None:
    case = case_of(met(1, 1, "other"))
    assert "你的链接" in words.for_employee(case, 1, "zh", ZONE)[1]
    assert "your link on" in words.for_employee(case, 1, "en", ZONE)[1]


def test_a_share_is_said_in_percent() -> None:
    policy = replace(POLICY, model=Model.LINEAR)
    case = case_of(met(1, 1), met(1, 1.5), met(1, 4), met(2, 2), policy=policy)
    assert words.for_employee(case, 1, "en", ZONE)[0] == "75% of this order is credited to you."
    assert "Colleagues who share in it: 1." in words.for_employee(case, 1, "en", ZONE)


def test_a_till_and_a_tie_are_told_as_what_they_are() -> None:
    till = case_of(met(2, 1), claims=(TillClaim(1, 1, 10_000),))
    assert words.for_employee(till, 1, "en", ZONE)[1] == (
        "The till named you as the seller on 5 Mar 2026, 20:00: what the till says counts."
    )
    tie = TieEvidence(1, NOON - timedelta(days=90), "first_order")
    policy = replace(POLICY, model=Model.TIED_FIRST, tie_mode=TieMode.FIRST_ORDER)
    tied = case_of(met(2, 1), policy=policy, tie=tie)
    assert words.for_employee(tied, 1, "en", ZONE)[1] == (
        "The customer has been yours since 5 Dec 2025, 20:00: the orders of customers who are"
        " yours count for you."
    )


def test_where_lines_differ_each_is_told_by_itself() -> None:
    policy = replace(POLICY, scope=Scope.LINE)
    lines = (Line(1, 77), Line(2, 88), Line(3, 77))
    case = case_of(met(1, 3, product_id=77), met(2, 1), policy=policy, lines=lines)
    told = words.for_employee(case, 1, "en", ZONE)
    assert told[0] == "Of this order, what is credited to you: line 1, 3."
    assert told[1].startswith("Line 1, 3: The customer opened your WeChat link")
    assert any(sentence.startswith("Line 2: ") for sentence in told)
    for_headquarters = words.for_headquarters(case, "zh", ZONE)
    assert for_headquarters[0].startswith("第 1、3 行：STAFF-1：")


def test_headquarters_reads_every_claim_with_staff_numbers() -> None:
    case = case_of(met(1, 1), met(2, 3), met(3, 40), met(4, 2), left=frozenset({4}))
    sentences = words.for_headquarters(case, "en", ZONE)
    assert sentences[0].startswith(
        "STAFF-1: 4 Mar 2026, 20:00, WeChat link, 100%, the last meeting"
    )
    assert [sentence.split(":")[0] for sentence in sentences[1:4]] == [
        "STAFF-4",
        "STAFF-2",
        "STAFF-3",
    ]
    assert "had left by then" in sentences[1]
    assert "outside the window" in sentences[3]


def test_headquarters_reads_that_the_store_is_credited() -> None:
    policy = replace(POLICY, leavers=Treatment.STORE)
    case = case_of(met(4, 2), policy=policy, left=frozenset({4}))
    assert words.for_headquarters(case, "en", ZONE)[0].startswith("The store: ")


def test_headquarters_reads_why_nobody_earns() -> None:
    sentences = words.for_headquarters(case_of(), "zh", ZONE)
    assert sentences[:2] == ["这笔订单没有记在任何人名下。", "顾客下单前没有接触过任何同事。"]


TIE = TieEvidence(5, NOON - timedelta(days=90), "explicit", NOON + timedelta(days=1))
EVERY_KIND = tuple(
    met(number, number, kind=kind.value) for number, kind in enumerate(Kind, 1) if number < 6
)
EVERYTHING = [
    case_of(),
    case_of(met(1, 1)),
    case_of(
        met(1, 1),
        met(2, 2),
        met(3, 3, counts=False),
        met(4, 40),
        met(5, 1.5),
        left=frozenset({5}),
    ),
    case_of(met(1, 1), met(2, 2), buyers=frozenset({1})),
    case_of(met(1, -1)),
    case_of(met(1, 1, counts=False)),
    case_of(met(1, 31)),
    *(
        case_of(
            *EVERY_KIND,
            policy=replace(
                POLICY,
                model=model,
                tie_mode=TieMode.EXPLICIT,
                own_purchase=own,
                leavers=leavers,
                precedence=precedence,
            ),
            tie=TIE,
            claims=claims,
            buyers=frozenset({1}),
            left=frozenset({2}),
        )
        for model in Model
        for own, leavers in ((Treatment.SKIP, Treatment.SUCCESSOR), (Treatment.NOBODY,) * 2)
        for precedence in ((Source.TILL, Source.TOUCH), (Source.TIE, Source.COUPON))
        for claims in ((), (TillClaim(1, 3, 4_000), TillClaim(1, 4, 6_000)))
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_employee_ever_reads_who_a_colleague_is(language: Language) -> None:
    for case, employee in product(EVERYTHING, range(1, 7)):
        text = " ".join(words.for_employee(case, employee, language, ZONE))
        assert "STAFF" not in text
        assert "{" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_can_be_said_to_headquarters(language: Language) -> None:
    for case in EVERYTHING:
        text = "\n".join(words.for_headquarters(case, language, ZONE))
        assert all(claim.number in text for claim in case.verdict.claims())
        assert "{" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_words_for_every_code(language: Language) -> None:
    of_nobody = {Reason.NO_TOUCH, Reason.NO_VALID_CLAIM}
    for reason in set(Reason) - of_nobody:
        assert WHY[reason][language]
        assert WHY_IN_SHORT[reason][language]
    for reason in of_nobody | {Reason.OWN_PURCHASE, Reason.LEFT_THE_CHAIN, Reason.DECIDED}:
        assert WHY_NOBODY[reason][language]
    for kind in (*Kind, Source.TILL, Source.TIE):
        assert MEETINGS[kind][language]
        assert MEETINGS_IN_SHORT[kind][language]
    assert set(WHY) >= WINNING


# --- policies ---------------------------------------------------------------------------------


def test_what_changes_is_said_element_by_element() -> None:
    new = replace(
        POLICY,
        model=Model.LINEAR,
        window_days=14,
        precedence=(Source.TILL, Source.TOUCH),
        windows={Kind.QR: 2, Kind.TILL_SCAN: 1},
        first_share=5_000,
    )
    assert [each.sentence for each in differences(POLICY, new, "en")] == [
        "Who is credited: all meetings that count, alike (was: the last meeting that counts)",
        "Window: 14 days (was: 30 days)",
        "Other windows: QR codes 2 days, till scans 1 days (was: none)",
        "Order of evidence: till, then meetings (was: till, then coupon, then meetings)",
        "Share of the first meeting: 50% (was: 40%)",
    ]
    assert differences(POLICY, POLICY, "zh") == []


def test_every_element_has_a_name_and_can_be_said() -> None:
    assert set(NAMED_ELEMENTS) == set(ELEMENTS)
    full = replace(
        POLICY, windows=dict.fromkeys(Kind, 3), renewed_by=tuple(Renewal), protection_days=9
    )
    for element, language, policy in product(ELEMENTS, LANGUAGES, (POLICY, full)):
        assert NAMED_ELEMENTS[element][language]
        assert say_element(policy, element, language)
