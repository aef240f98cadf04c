"""Plans tried on past credits: what a simulation says is what the books would have said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from storefront.commissions import plans
from storefront.commissions.models import LedgerEntry
from storefront.commissions.rates import PlanCalendar
from storefront.commissions.rules import Buyer
from storefront.commissions.rules.months import LaterReturns, MonthTerms, Tier, TierMode
from storefront.commissions.settlement import Span as MonthSpan
from storefront.commissions.settlement import settle
from storefront.commissions.terms import NewBooster, NewRule, Terms
from storefront.core import jobs
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.insights.simulations import processes
from storefront.insights.simulations.reading import Span
from storefront.insights.simulations.replay import Replay
from storefront.insights.simulations.result import changes, summary
from storefront.insights.simulations.tally import Tally
from storefront.insights.simulations.trial import Trial, plan_of
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee, Role
from tests.insights.simulations import story
from tests.insights.simulations.test_replay import FIRST, LINEAR, replayed
from tests.support import cast, trade

ZONE = ZoneInfo("Asia/Shanghai")
BEGIN = datetime(2026, 3, 1, tzinfo=ZONE)
TIERS = MonthTerms(
    (Tier(50_000, 150), Tier(150_000, 475)), TierMode.MARGINAL, LaterReturns.DIFFERENCE, cap=25_000
)
WHOLE = MonthTerms((Tier(60_000, 333),), TierMode.WHOLE_VOLUME, LaterReturns.DIFFERENCE)


def drafted(*rules: NewRule, starts_at: datetime, publish: bool = False, **said: object) -> int:
    terms = Terms(rules, 30, starts_at, "", **said)  # pyright: ignore[reportArgumentType]
    version = plans.draft_terms(terms, SYSTEM, starts_at).version
    if publish:
        plans.approve_plan(version, SYSTEM)
        plans.publish_plan(version, starts_at)
    return version


@pytest.fixture
def begun(app: Flask, clock: SettableClock) -> None:
    clock.set(BEGIN.astimezone(UTC))


def close_months(clock: SettableClock) -> None:
    """Settle every month that is over for everybody, after all that may come back has."""
    edges = [BEGIN + timedelta(days=31 * n) for n in range(4)]
    firsts = [edge.replace(day=1) for edge in edges]
    clock.set(firsts[-1].astimezone(UTC))
    for start, end in pairwise(firsts):
        with transaction() as session:
            everybody = session.scalars(sa.select(Employee.id)).all()
            settle(everybody, MonthSpan(start, end, f"{start:%Y-%m}"), clock.now())


def booked_in_all(people: tuple[ShareLink, ...]) -> list[int]:
    """What each has on their accounts, settlements with it."""
    db.session.rollback()
    rows = db.session.execute(
        sa.select(LedgerEntry.employee_id, -sa.func.sum(LedgerEntry.amount))
        .where(LedgerEntry.account == "expense")
        .group_by(LedgerEntry.employee_id)
    )
    sums = {employee_id: int(amount) for employee_id, amount in rows}
    return [sums.get(link.employee_id, 0) for link in people]


def test_the_plan_in_force_changes_nothing(begun: None, clock: SettableClock) -> None:
    trade.the_policy(LINEAR)
    version = drafted(
        NewRule(777),
        NewRule(300, buyer=Buyer.NEW),
        starts_at=BEGIN,
        publish=True,
        month=TIERS,
        bonus=55,
        order_cap=4_000,
    )
    people = story.sellers()
    story.tell(7, story.a_chain(), clock, people)
    span = Span(None, clock.now() + timedelta(seconds=1))
    answer = summary(replayed(None, span, version), "CNY")
    assert answer["old"] == answer["new"]
    assert (answer["difference"]["amount"], answer["orders_changed"]) == (0, 0)
    close_months(clock)
    found = {each.number: each for each in changes(replayed(None, span, version))}
    assert [found[story.number_of(link)].before.cost for link in people] == booked_in_all(people)
    assert answer["new"]["of_months"]["amount"] != 0


@pytest.mark.parametrize("month", [TIERS, WHOLE], ids=["marginal and cap", "whole volume"])
def test_a_tried_plan_says_what_the_books_would_have_said(
    begun: None, clock: SettableClock, month: MonthTerms
) -> None:
    """The same story is told twice, under one plan and then under the other."""
    trade.the_policy(LINEAR)
    chain, tried, twins = story.a_chain(), story.sellers(), story.sellers()
    drafted(NewRule(777), starts_at=BEGIN, publish=True)
    story.tell(11, chain, clock, tried)
    span = Span(None, clock.now() + timedelta(seconds=1))
    new = drafted(
        NewRule(900),
        NewRule(1_250, product_id=chain.goods[1].id),
        NewRule(per_unit=99, buyer=Buyer.NEW),
        starts_at=clock.now() + timedelta(minutes=1),
        month=month,
        order_cap=3_000,
        bonus=70,
    )
    answer = replayed(None, span, new)
    found = {each.number: each for each in changes(answer)}
    said = [found[story.number_of(link)].after.cost for link in tried]
    before = [found[story.number_of(link)].before.cost for link in tried]
    assert before == story.booked(tried) != said
    assert said == by_the_books(new, chain, clock, twins)
    assert answer.settled[0] == 0 != answer.settled[1]


def by_the_books(
    version: int, chain: story.Chain, clock: SettableClock, twins: tuple[ShareLink, ...]
) -> list[int]:
    """The story told by twins in a later March, under the version that was tried."""
    clock.set((BEGIN + timedelta(days=365)).astimezone(UTC))
    with transaction() as session:
        plan = plans.find_plan(version)
        plan.starts_at = clock.now()
        session.flush()
    plans.approve_plan(version, SYSTEM)
    plans.publish_plan(version, clock.now())
    story.tell(11, chain, clock, twins)
    begin = BEGIN.replace(year=2027)
    for n in range(3):
        start, end = (begin.replace(month=begin.month + each) for each in (n, n + 1))
        with transaction():
            ids = [link.employee_id for link in twins]
            settle(ids, MonthSpan(start, end, f"{start:%Y-%m}"), clock.now())
    return booked_in_all(twins)


def test_on_several_processes_months_are_settled_whole(
    begun: None, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade.the_policy(LINEAR)
    drafted(NewRule(500), starts_at=BEGIN, publish=True, month=WHOLE)
    story.tell(3, story.a_chain(), clock, story.sellers())
    version = drafted(NewRule(700), starts_at=clock.now(), month=TIERS)
    span = Span(None, clock.now() + timedelta(seconds=1))
    one = processes.replay(Trial(plan=plan_of(version)), span, lambda _: None)
    monkeypatch.setattr(processes, "PART", 7)
    monkeypatch.setattr(processes, "WORTH_IT", 1)
    monkeypatch.setattr(processes.os, "cpu_count", lambda: 2)
    several = processes.replay(Trial(plan=plan_of(version)), span, lambda _: None)
    assert one.settled == several.settled != [0, 0]
    assert summary(one, "CNY") == summary(several, "CNY")


def test_what_is_written_down_between_two_steps_is_read_back(
    begun: None, clock: SettableClock
) -> None:
    trade.the_policy(LINEAR)
    drafted(NewRule(500), starts_at=BEGIN, publish=True, month=TIERS)
    story.tell(3, story.a_chain(), clock, story.sellers())
    replay = Replay(Trial(FIRST), PlanCalendar())
    replay.through(Span(None, clock.now()), lambda *_: False)
    assert replay.tally.months
    again = Tally.from_bytes(replay.tally.as_bytes())
    assert (again.months, again.settled) == (replay.tally.months, replay.tally.settled)


def test_a_boosters_budget_is_used_up_once(begun: None, clock: SettableClock) -> None:
    trade.the_policy(LINEAR)
    drafted(NewRule(500), starts_at=BEGIN, publish=True)
    story.tell(3, story.a_chain(), clock, story.sellers())
    span = Span(None, clock.now() + timedelta(seconds=1))
    booster = NewBooster(NewRule(1_000), 5_000, BEGIN, clock.now())
    version = drafted(NewRule(500), starts_at=clock.now(), boosters=(booster,))
    tally = replayed(None, span, version)
    assert sum(tally.spent.values()) == 5_000
    gained = tally.credited_after.cost - tally.credited_before.cost
    assert 0 < gained <= 5_000


def test_a_policy_and_a_plan_are_tried_together_over_http(
    begun: None, client: FlaskClient, clock: SettableClock
) -> None:
    trade.the_policy(LINEAR)
    drafted(NewRule(500), starts_at=BEGIN, publish=True)
    story.tell(3, story.a_chain(), clock, story.sellers())
    version = drafted(NewRule(700), starts_at=clock.now(), month=WHOLE)
    headers = cast.headers_of(cast.an_employee("H3", role=Role.HQ_FINANCE, store="HQ"))
    expected = summary(replayed(FIRST, Span(None, clock.now()), version), "CNY")
    given = {"plan_version": version, "policy": FIRST.as_document()}
    asked = client.post("/api/v1/hq/simulations", json=given, headers=headers)
    assert asked.status_code == 202, asked.text
    plans.redraft_plan(version, Terms((NewRule(1),), 30, clock.now(), ""), SYSTEM, clock.now())
    jobs.run_due(clock.now())
    address = f"/api/v1/hq/simulations/{asked.get_json()['id']}"
    done = client.get(address, headers=headers).get_json()
    assert (done["state"], done["plan_version"]) == ("done", version)
    assert done["result"]["new"] == expected["new"]
    assert done["result"]["losers"] == expected["losers"]
    alone = client.post(
        "/api/v1/hq/simulations", json={"plan_version": version}, headers=headers
    ).get_json()
    assert (alone["policy"], alone["version"]) == (None, None)
