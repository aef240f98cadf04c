"""How cases end: who may answer, what two people have to see, and where the money is then."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import disputing, sales
from storefront.attribution import service as attribution
from storefront.attribution.disputes.models import Outcome
from storefront.attribution.rules import Policy
from storefront.attribution.rules.policy import Treatment
from storefront.commissions import book
from storefront.commissions.fraud_models import (
    CaseOutcome,
    CaseState,
    FraudCase,
    FraudOccurrence,
    Signal,
)
from storefront.commissions.models import Accrual, CommissionHold, HoldKind
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from storefront.fraud import cases, policies, scan
from storefront.fraud.cases import Answer
from storefront.fraud.rules import Thresholds
from storefront.orders.models import OrderLine
from storefront.sharing.models import ShareLink
from storefront.staff.models import Role
from tests.support import cast, tills, trade
from tests.support.books import broken
from tests.support.disputing import a_dispute, decided, owner

PHONE = "+8613900000001"
DISMISS = Answer(CaseOutcome.DISMISSED, "It is her sister.")
TAKE_BACK = Answer(CaseOutcome.CONFIRMED, "She admits it.", takes_back=True)


@pytest.fixture
def link(app: Flask) -> ShareLink:
    trade.the_policy(Policy(window_days=30, own_purchase=Treatment.ALLOW))
    trade.the_plan(hold_days=7)
    return cast.a_link(cast.a_shop(cast.an_employee(phone=PHONE)))


@pytest.fixture
def operations(app: Flask) -> Actor:
    return cast.actor_of(cast.an_employee(role=Role.HQ_OPERATIONS))


@pytest.fixture
def finance(app: Flask) -> Actor:
    return cast.actor_of(cast.an_employee(role=Role.HQ_FINANCE))


def bought_themselves(link: ShareLink, clock: SettableClock, price: int = 5_000) -> FraudCase:
    trade.sell(cast.a_product(price=price), through=link, phone=PHONE)
    scan.scan(clock.now(), whole=True)
    return the_case()


def the_case(rule: Signal = Signal.OWN_PHONE) -> FraudCase:
    return db.session.scalars(
        sa.select(FraudCase)
        .where(FraudCase.rule == rule)
        .order_by(FraudCase.id.desc())
        .execution_options(populate_existing=True)
        .limit(1)
    ).one()


def stand_of(link: ShareLink) -> tuple[int, int, int]:
    balance = book.balance_of(link.employee_id)
    return balance.held, balance.payable, balance.paid


def test_what_is_dismissed_is_free_and_never_comes_back(
    link: ShareLink, operations: Actor, clock: SettableClock
) -> None:
    case = bought_themselves(link, clock)
    assert cases.held_of(case.id) == 500
    assert cases.answer(case.public_id, DISMISS, operations, clock.now()).state is CaseState.CLOSED
    assert scan.scan(clock.now(), whole=True) == 0
    clock.advance(timedelta(days=8))
    assert sales.release(clock.now()) == 1
    assert stand_of(link) == (0, 500, 0)
    assert not broken()


def test_taking_back_needs_a_second_person_and_credits_nobody(
    link: ShareLink, operations: Actor, finance: Actor, clock: SettableClock
) -> None:
    case = bought_themselves(link, clock)
    proposed = cases.answer(case.public_id, TAKE_BACK, operations, clock.now())
    assert proposed.state is CaseState.PROPOSED
    assert stand_of(link) == (500, 0, 0)
    assert not broken()
    with pytest.raises(Forbidden, match="role_not_allowed"):
        cases.approve(case.public_id, operations, clock.now())
    closed = cases.approve(case.public_id, finance, clock.now())
    assert closed.state is CaseState.CLOSED
    assert stand_of(link) == (0, 0, 0)
    [line] = db.session.scalars(sa.select(OrderLine.id)).all()
    assert attribution.shares_of([line]) == {}
    assert db.session.scalar(sa.select(FraudOccurrence.verdict_id)) is not None
    assert not broken()
    with pytest.raises(Conflict, match="case_closed"):
        cases.answer(case.public_id, DISMISS, finance, clock.now())


def test_commission_that_was_paid_becomes_a_debt_in_sight(
    link: ShareLink, operations: Actor, finance: Actor, clock: SettableClock
) -> None:
    trade.sell(cast.a_product(price=5_000), through=link, phone=PHONE)
    clock.advance(timedelta(days=8))
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    scan.scan(clock.now(), whole=True)
    case = the_case()
    assert cases.held_of(case.id) == 0, "a batch that had claimed it before goes on"
    cases.answer(case.public_id, TAKE_BACK, operations, clock.now())
    cases.approve(case.public_id, finance, clock.now())
    assert stand_of(link)[1] == 0
    assert batch.total == 500
    assert not broken()


def test_nobody_approves_their_own_answer_nor_answers_about_themselves(
    finance: Actor, app: Flask, clock: SettableClock
) -> None:
    trade.the_policy(Policy(window_days=30, own_purchase=Treatment.ALLOW))
    trade.the_plan()
    boss = cast.an_employee(role=Role.HQ_FINANCE, phone=PHONE)
    case = bought_themselves(cast.a_link(cast.a_shop(boss)), clock)
    with pytest.raises(Forbidden, match="four_eyes"):
        cases.answer(case.public_id, DISMISS, cast.actor_of(boss), clock.now())
    cases.answer(case.public_id, TAKE_BACK, finance, clock.now())
    for nobody in (finance, cast.actor_of(boss)):
        with pytest.raises(Forbidden, match="four_eyes"):
            cases.approve(case.public_id, nobody, clock.now())


def test_much_money_is_let_go_by_two(
    link: ShareLink, operations: Actor, finance: Actor, clock: SettableClock
) -> None:
    case = bought_themselves(link, clock, price=1_000_000)
    assert (
        cases.answer(case.public_id, DISMISS, operations, clock.now()).state is CaseState.PROPOSED
    )
    clock.advance(timedelta(days=8))
    assert sales.release(clock.now()) == 0
    cases.approve(case.public_id, finance, clock.now())
    assert sales.release(clock.now()) == 1
    assert not broken()


def test_what_is_found_after_an_answer_has_to_be_looked_at_again(
    link: ShareLink, operations: Actor, finance: Actor, clock: SettableClock
) -> None:
    case = bought_themselves(link, clock)
    cases.answer(case.public_id, TAKE_BACK, operations, clock.now())
    assert bought_themselves(link, clock).id == case.id
    with pytest.raises(Conflict, match="case_unanswered"):
        cases.approve(case.public_id, finance, clock.now())
    assert not broken()


def test_one_case_lifts_no_hold_that_another_keeps(
    link: ShareLink, operations: Actor, clock: SettableClock
) -> None:
    trade.sell(cast.a_product(price=5_000), through=link, phone=PHONE, visitor="v" * 26)
    trade.signs_in(owner(link), "v" * 26)
    scan.scan(clock.now(), whole=True)
    cases.answer(the_case().public_id, DISMISS, operations, clock.now())
    clock.advance(timedelta(days=8))
    assert sales.release(clock.now()) == 0
    assert not broken()
    device = the_case(Signal.OWN_DEVICE)
    cases.answer(device.public_id, DISMISS, operations, clock.now())
    assert sales.release(clock.now()) == 1
    assert not broken()


def test_whoever_shares_a_line_keeps_their_part_and_the_store_takes_the_other(
    finance: Actor, operations: Actor, app: Flask, clock: SettableClock
) -> None:
    trade.the_policy(Policy(window_days=30, own_purchase=Treatment.ALLOW))
    trade.the_plan()
    own, other = cast.an_employee("E7", phone=PHONE), cast.an_employee("E8")
    line = tills.a_line(cast.a_product(), 10_000, ("E7", 6_000), ("E8", 4_000))
    tills.sold(tills.a_sale(line, phone=PHONE))
    scan.scan(clock.now(), whole=True)
    case = the_case()
    assert case.employee_id == own.id
    cases.answer(case.public_id, TAKE_BACK, operations, clock.now())
    cases.approve(case.public_id, finance, clock.now())
    [line_id] = db.session.scalars(sa.select(OrderLine.id)).all()
    assert attribution.shares_of([line_id])[line_id] == [
        (None, own.store_id, 6_000),
        (other.id, other.store_id, 4_000),
    ]
    assert book.balance_of(other.id).held == 400
    assert book.balance_of(own.id).held == 0
    assert not broken()


def test_a_dispute_is_decided_first_and_what_it_gives_back_stays_held(
    link: ShareLink, operations: Actor, finance: Actor, clock: SettableClock
) -> None:
    order = trade.sell(cast.a_product(price=5_000), through=link, phone=PHONE)
    bo = cast.an_employee()
    dispute = a_dispute(bo, order)
    scan.scan(clock.now(), whole=True)
    case = the_case()
    cases.answer(case.public_id, TAKE_BACK, operations, clock.now())
    with pytest.raises(Conflict, match="line_in_dispute"):
        cases.approve(case.public_id, finance, clock.now())
    decided(dispute, Outcome.PARTLY, {1: {owner(link): 5_000, bo: 5_000}})
    assert not broken()
    held = db.session.scalars(
        sa.select(Accrual.employee_id)
        .join(CommissionHold, CommissionHold.accrual_id == Accrual.id)
        .where(
            Accrual.superseded_at.is_(None),
            CommissionHold.kind == HoldKind.FRAUD,
            CommissionHold.lifted_at.is_(None),
        )
    ).all()
    assert held == [link.employee_id]
    cases.approve(case.public_id, finance, clock.now())
    assert book.balance_of(bo.id).held == 250
    assert stand_of(link) == (0, 0, 0)
    assert not broken()


def test_a_return_meanwhile_and_a_dispute_afterwards_leave_the_books_sound(
    link: ShareLink, operations: Actor, finance: Actor, clock: SettableClock
) -> None:
    lamp = cast.a_product(price=5_000).variants[0]
    order = trade.sell({lamp: 3}, through=link, phone=PHONE)
    scan.scan(clock.now(), whole=True)
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    case = the_case()
    cases.answer(case.public_id, TAKE_BACK, operations, clock.now())
    cases.approve(case.public_id, finance, clock.now())
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    assert not broken()
    dispute = a_dispute(owner(link), order)
    decided(dispute, Outcome.UPHELD, {1: {owner(link): 10_000}})
    assert stand_of(link)[0] == 500
    assert not broken()
    with pytest.raises(Conflict, match="dispute_over"):
        disputing.withdraw(dispute.public_id, cast.actor_of(owner(link)), clock.now())


@pytest.mark.parametrize("outcome", [CaseOutcome.DISMISSED, CaseOutcome.MEASURE_TAKEN])
def test_only_what_is_confirmed_is_taken_back(
    outcome: CaseOutcome, link: ShareLink, finance: Actor, clock: SettableClock
) -> None:
    case = bought_themselves(link, clock)
    with pytest.raises(Invalid, match="wrong_answer"):
        cases.answer(case.public_id, Answer(outcome, "no", takes_back=True), finance, clock.now())
    with pytest.raises(NotFound):
        cases.answer("frd_unknown", DISMISS, finance, clock.now())


def test_a_case_that_went_up_is_no_more_for_the_lower_role(
    link: ShareLink, operations: Actor, finance: Actor, clock: SettableClock
) -> None:
    case = bought_themselves(link, clock)
    clock.advance(timedelta(days=10))
    scan.escalate(clock.now())
    with pytest.raises(Forbidden, match="role_not_allowed"):
        cases.answer(case.public_id, DISMISS, operations, clock.now())
    cases.answer(case.public_id, DISMISS, finance, clock.now())


def test_thresholds_are_drafted_approved_by_another_and_published(
    link: ShareLink, finance: Actor, operations: Actor, clock: SettableClock
) -> None:
    watched = tuple(each.value for each in Signal if each is not Signal.OWN_PHONE)
    draft = policies.draft(Thresholds(watched=watched), clock.now(), "", finance, clock.now())
    with pytest.raises(Forbidden, match="four_eyes"):
        policies.approve(draft.version, finance)
    with pytest.raises(Conflict, match="not_approved"):
        policies.publish(draft.version, clock.now())
    policies.approve(draft.version, operations)
    policies.publish(draft.version, clock.now())
    assert policies.in_force(clock.now()) == (1, Thresholds(watched=watched))
    trade.sell(cast.a_product(), through=link, phone=PHONE)
    assert scan.scan(clock.now(), whole=True) == 0
    with pytest.raises(DomainError, match="wrong_thresholds"):
        policies.draft(Thresholds(ring_longest=1), clock.now(), "", finance, clock.now())
