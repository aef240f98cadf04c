"""What those whom a dispute concerns read of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storefront.attribution.disputes.models import DisputeReason, DisputeState, Outcome
from storefront.attribution.disputes.words import (
    OUTCOMES,
    REASONS,
    ShareOfLine,
    Standing,
    of_case,
)
from storefront.core.languages import LANGUAGES

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
OPENED = Standing(
    order_number="260302-1",
    lines=(1, 3),
    reason=DisputeReason.SHARED_SALE,
    state=DisputeState.OPEN,
    mine=True,
    spoke=True,
    others=2,
    answers=1,
    opened_at=NOON,
    answer_due_at=NOON + timedelta(days=5),
    decision_due_at=NOON + timedelta(days=10),
)
AGAINST_ME = replace(OPENED, mine=False, spoke=False)
DECIDED = replace(
    OPENED,
    state=DisputeState.DECIDED,
    closed_at=NOON + timedelta(days=6),
    outcome=Outcome.PARTLY,
    explanation="两人都在场。",
    shares=(ShareOfLine(1, 0, 5_000), ShareOfLine(3, 0, 0)),
)


def test_the_opener_reads_where_it_stands() -> None:
    assert of_case(OPENED, NOON, "zh", "Asia/Shanghai") == [
        "你于 2026年3月2日 12:00 对订单 260302-1 第 1、3 行的归属提出争议：是共同完成的销售。",
        "裁定之前，这些行的佣金暂不结算，也不发放；订单的其他行不受影响。",
        "可能受影响的 2 位同事可在 2026年3月7日 12:00 之前答复，已答复 1 位。",
        "总部应在 2026年3月12日 12:00 之前裁定。",
    ]


@pytest.mark.parametrize(
    ("case", "days", "told"),
    [
        (AGAINST_ME, 0, "You may answer in words and pictures until 7 Mar 2026, 12:00."),
        (replace(AGAINST_ME, spoke=True), 0, "Your answer is there"),
        (AGAINST_ME, 5, "it is decided without your answer"),
        (AGAINST_ME, 10, "It is past due and listed first; time alone decides nothing."),
        (OPENED, 9, "Headquarters has to decide it by 12 Mar 2026, 12:00."),
        (DECIDED, 9, "The reason: 两人都在场。"),
        (DECIDED, 9, "Line 1: 50% of it is yours now (it was 0%)."),
        (replace(DECIDED, outcome=Outcome.DENIED, shares=()), 9, "stays as it was"),
    ],
)
def test_what_is_said_depends_on_whom_and_when(case: Standing, days: int, told: str) -> None:
    assert told in " ".join(of_case(case, NOON + timedelta(days=days), "en", "Asia/Shanghai"))


def test_a_dispute_by_which_nobody_would_lose_waits_for_nobody() -> None:
    alone = of_case(replace(OPENED, others=0, answers=0), NOON, "en", "Asia/Shanghai")
    assert not any("Colleagues" in sentence for sentence in alone)


def test_what_is_withdrawn_says_so_and_no_more() -> None:
    case = replace(OPENED, state=DisputeState.WITHDRAWN, closed_at=NOON)
    assert of_case(case, NOON, "en", "Asia/Shanghai")[1:] == [
        "The dispute was withdrawn on 2 Mar 2026, 12:00; nothing changes."
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_outcome_has_words(language: str) -> None:
    for words in (*REASONS.values(), *OUTCOMES.values()):
        assert words[language]  # pyright: ignore[reportArgumentType]
    assert set(REASONS) == set(DisputeReason)
    assert set(OUTCOMES) == set(Outcome)
