"""Visits: folded once, whoever folds them, and exact at any moment."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.insights import visits
from storefront.insights.models import VisitsDay, VisitsFolded
from storefront.insights.scope import EVER, Period
from storefront.insights.visits import Visits
from storefront.sharing.models import ShareLink, Uncounted
from tests.support import trade
from tests.support.queries import recorded_queries
from tests.support.threads import all_at_once


@pytest.fixture
def link(app: Flask) -> ShareLink:
    return trade.a_seller()


def rolled_up() -> dict[tuple[date, str], int]:
    db.session.rollback()
    rows = db.session.execute(sa.select(VisitsDay.day, VisitsDay.uncounted, VisitsDay.visits))
    return {(row.day, row.uncounted.value): row.visits for row in rows}


def later(clock: SettableClock, minutes: int = 6) -> None:
    clock.advance(timedelta(minutes=minutes))


def test_visits_are_folded_by_day_and_by_whether_they_count(
    link: ShareLink, clock: SettableClock
) -> None:
    trade.a_visit(link)
    trade.a_visit(link)
    trade.a_visit(link, uncounted=Uncounted.CRAWLER)
    clock.advance(timedelta(days=1))
    trade.a_visit(link)
    later(clock)
    assert visits.fold(clock.now()) == 4
    assert rolled_up() == {
        (date(2026, 3, 2), "no"): 2,
        (date(2026, 3, 2), "crawler"): 1,
        (date(2026, 3, 3), "no"): 1,
    }


def test_folding_again_changes_nothing(link: ShareLink, clock: SettableClock) -> None:
    trade.a_visit(link)
    later(clock)
    visits.fold(clock.now())
    before = rolled_up()
    assert visits.fold(clock.now()) == 0
    assert rolled_up() == before


def test_what_is_younger_than_five_minutes_waits(link: ShareLink, clock: SettableClock) -> None:
    trade.a_visit(link)
    clock.advance(timedelta(minutes=5))
    trade.a_visit(link)
    assert visits.fold(clock.now()) == 0
    clock.advance(timedelta(microseconds=1))
    assert visits.fold(clock.now()) == 1
    assert visits.visits_of([link.id])[link.id] == Visits(2, {})


def test_what_is_stored_behind_a_young_one_waits_with_it(
    link: ShareLink, clock: SettableClock
) -> None:
    trade.a_visit(link)
    clock.advance(timedelta(minutes=30))
    trade.a_visit(link)  # by a server whose clock is ahead
    clock.advance(timedelta(minutes=-29))
    trade.a_visit(link)
    clock.advance(timedelta(minutes=10))
    assert visits.fold(clock.now()) == 1
    assert visits.visits_of([link.id])[link.id].counted == 3
    clock.advance(timedelta(minutes=30))
    assert visits.fold(clock.now()) == 2
    assert visits.visits_of([link.id])[link.id].counted == 3


def test_a_long_tail_is_folded_in_steps(
    link: ShareLink, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "AT_ONCE", 2)
    for _ in range(5):
        trade.a_visit(link)
    later(clock)
    assert visits.fold(clock.now()) == 5
    assert rolled_up() == {(date(2026, 3, 2), "no"): 5}


def test_many_workers_fold_every_visit_once(
    app: Flask, link: ShareLink, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "AT_ONCE", 3)
    for _ in range(20):
        trade.a_visit(link)
    later(clock)
    now = clock.now()
    answers = all_at_once(app, [lambda: visits.fold(now)] * 4)
    assert [answer for answer in answers if not isinstance(answer, int)] == []
    assert sum(answer for answer in answers if isinstance(answer, int)) == 20
    assert rolled_up() == {(date(2026, 3, 2), "no"): 20}


def test_without_the_lock_on_the_mark_the_workers_notice_each_other(
    app: Flask, link: ShareLink, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade.a_visit(link)
    later(clock)
    monkeypatch.setattr(visits, "_lock_watermark", lambda: 0)
    with pytest.raises(RuntimeError, match="somebody else"):
        visits.fold(clock.now())
    assert rolled_up() == {}


def test_figures_are_exact_before_during_and_after_folding(
    link: ShareLink, clock: SettableClock
) -> None:
    other = trade.a_seller()
    for _ in range(3):
        trade.a_visit(link)
    trade.a_visit(link, uncounted=Uncounted.HEAD)
    trade.a_visit(other)
    expected = {link.id: Visits(3, {Uncounted.HEAD: 1}), other.id: Visits(1, {})}
    db.session.rollback()  # as a new request would begin
    assert visits.visits_of([link.id, other.id]) == expected
    later(clock)
    trade.a_visit(link)
    visits.fold(clock.now())
    expected[link.id] = Visits(4, {Uncounted.HEAD: 1})
    assert visits.visits_of([link.id, other.id]) == expected
    assert visits.visits_of([]) == {}


def test_a_period_is_the_chains_days_folded_or_not(link: ShareLink, clock: SettableClock) -> None:
    trade.a_visit(link)
    clock.advance(timedelta(hours=14))  # 2 March, 16:00 UTC: 3 March in Shanghai
    trade.a_visit(link)
    second = Period(date(2026, 3, 2), date(2026, 3, 3))
    third = Period(date(2026, 3, 3), date(2026, 3, 4))
    for _ in range(2):
        assert visits.visits_of([link.id], second)[link.id].counted == 1
        assert visits.visits_of([link.id], third)[link.id].counted == 1
        assert visits.visits_of([link.id], EVER)[link.id].counted == 2
        later(clock)
        visits.fold(clock.now())


def test_a_fold_that_comes_between_is_noticed_and_the_question_asked_again(
    app: Flask, link: ShareLink, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade.a_visit(link)
    later(clock)
    asked = db.session.scalar
    folded: list[int] = []

    def meanwhile(statement: sa.Select[int]) -> int | None:
        answer = asked(statement)
        if not folded:
            folded.append(1)
            all_at_once(app, [lambda: visits.fold(clock.now())])
        return answer

    monkeypatch.setattr(db.session, "scalar", meanwhile)
    assert visits.visits_of([link.id])[link.id] == Visits(1, {})
    assert folded


def test_the_cost_does_not_grow_with_the_links_asked_about(
    link: ShareLink, clock: SettableClock
) -> None:
    ids = [link.id, *(trade.a_seller().id for _ in range(3))]
    with recorded_queries() as queries:
        visits.visits_of(ids)
    assert len(queries) == 2


def test_there_is_one_mark(link: ShareLink, clock: SettableClock) -> None:
    trade.a_visit(link)
    later(clock)
    visits.fold(clock.now())
    trade.a_visit(link)
    later(clock)
    visits.fold(clock.now())
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(VisitsFolded)) == 1
