"""A sale is disputed before and after its commission is released and paid; the books follow."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import disputing, sales
from storefront.attribution.disputes.models import Dispute, DisputeReason, Outcome
from storefront.attribution.disputes.opening import Objection
from storefront.attribution.models import Credit, Verdict
from storefront.attribution.rules import Policy, Reason, TieMode
from storefront.attribution.rules import Verdict as Judgement
from storefront.catalog.models import Variant
from storefront.commissions import book, payouts, plans
from storefront.commissions.book import Balance
from storefront.commissions.models import Accrual
from storefront.commissions.terms import NewRule
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict
from storefront.insights.disputes.timeline import timeline_of
from storefront.insights.disputes.wording import EventKind
from storefront.orders.models import CancelReason, Order
from storefront.orders.placing import PlacedOrder
from storefront.shops.models import Shop
from storefront.staff.models import Employee
from storefront.till.told import BroughtBack
from tests.support import cast, tills, trade
from tests.support.books import broken
from tests.support.disputing import a_dispute, decided, owner

HELD, DUE, PAID = "held", "due", "paid"


class Scene:
    """A sale of three pots and two cups through Bo's link, which Anna calls hers."""

    def __init__(self) -> None:
        trade.the_policy()
        trade.the_plan(hold_days=7)
        anna, bo = trade.a_seller("E1", "S1"), trade.a_seller("E2", "S2")
        self.anna, self.bo = owner(anna), owner(bo)
        self.pots: Variant = cast.a_product(price=3_335).variants[0]  # 3 of them earn 1001
        self.cups: Variant = cast.a_product(price=1_999).variants[0]  # 2 of them earn 400
        self.order: PlacedOrder = trade.sell({self.pots: 3, self.cups: 2}, through=bo)


@pytest.fixture
def scene(app: Flask) -> Scene:
    return Scene()


def stand_of(employee: Employee) -> tuple[int, int, int]:
    balance: Balance = book.balance_of(employee.id)
    return balance.held, balance.payable, balance.paid


def credited_of(employee: Employee) -> int:
    """The sum of standing shares, in basis points over all lines."""
    return int(
        db.session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(Credit.share), 0)).where(
                Credit.employee_id == employee.id, Credit.superseded_by_id.is_(None)
            )
        )
        or 0
    )


def get_to(stage: str, clock: SettableClock) -> None:
    """Let the commission on what was sold so far be held, due, or paid out."""
    if stage == HELD:
        return
    clock.advance(timedelta(days=7))
    sales.release(clock.now())
    if stage == PAID:
        clock.advance(timedelta(seconds=1))
        payday(clock)


def payday(clock: SettableClock) -> None:
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    payouts.approve(batch.public_id, SYSTEM, clock.now())
    sales.pay_out(batch.public_id, clock.now())


AFTER = {
    # What is left of Bo's 1001 on the pots goes: held, due, or into debt for what was paid.
    HELD: ((400, 0, 0), (1_001, 0, 0)),
    DUE: ((0, 400, 0), (0, 1_001, 0)),
    PAID: ((0, -1_001, 1_401), (0, 1_001, 0)),
}


@pytest.mark.parametrize("stage", [HELD, DUE, PAID])
def test_the_disputed_line_goes_over_wherever_its_commission_is(
    scene: Scene, clock: SettableClock, stage: str
) -> None:
    get_to(stage, clock)
    dispute = a_dispute(scene.anna, scene.order, 1)
    assert broken() == set()
    clock.advance(timedelta(days=1))
    decided(dispute, lines={1: {scene.anna: 10_000}})
    sales.release(clock.now())
    assert (stand_of(scene.bo), stand_of(scene.anna)) == AFTER[stage]
    assert broken() == set()


@pytest.mark.parametrize("stage", [HELD, DUE, PAID])
@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_a_piece_that_comes_back_is_reversed_once_and_from_whoever_stands(
    scene: Scene, clock: SettableClock, stage: str, when: str
) -> None:
    def a_pot_comes_back() -> None:
        sales.take_back(scene.order.public_id, {1: 1}, "chipped", SYSTEM, clock.now())

    get_to(stage, clock)
    if when == "before":
        a_pot_comes_back()
    dispute = a_dispute(scene.anna, scene.order, 1)
    if when == "during":
        a_pot_comes_back()
    clock.advance(timedelta(days=1))
    decided(dispute, lines={1: {scene.anna: 7_500, scene.bo: 2_500}})
    if when == "after":
        a_pot_comes_back()
    sales.release(clock.now())
    # By hand: 10005 is split 7504 + 2501 (the first takes what rounding leaves), a tenth each is
    # 750 and 250, of which a third is 250 and 83.
    anna, bo = 750 - 250, 250 - 83
    held, due, paid = stand_of(scene.bo)
    assert (held + due, paid) == (bo + 400 - paid, 1_401 if stage == PAID else 0)
    assert sum(stand_of(scene.anna)) == anna
    assert broken() == set()


def test_what_is_disputed_is_neither_released_nor_paid_until_it_is_decided(
    scene: Scene, clock: SettableClock
) -> None:
    dispute = a_dispute(scene.anna, scene.order, 1)
    clock.advance(timedelta(days=90))
    assert sales.release(clock.now()) == 1
    assert stand_of(scene.bo) == (1_001, 400, 0), "only the cups fall due"
    decided(dispute, Outcome.DENIED)
    assert sales.release(clock.now()) == 1
    assert stand_of(scene.bo) == (0, 1_401, 0)
    assert broken() == set()


def test_what_was_due_already_is_kept_out_of_the_next_batch(
    scene: Scene, clock: SettableClock
) -> None:
    get_to(DUE, clock)
    dispute = a_dispute(scene.anna, scene.order, 1)
    clock.advance(timedelta(seconds=1))
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    assert batch.total == 400
    payouts.approve(batch.public_id, SYSTEM, clock.now())
    sales.pay_out(batch.public_id, clock.now())
    with pytest.raises(Conflict, match="nothing_to_pay"):
        sales.draft_payout(clock.now(), SYSTEM, clock.now())
    disputing.withdraw(dispute.public_id, cast.actor_of(scene.anna), clock.now())
    payday(clock)
    assert stand_of(scene.bo) == (0, 0, 1_401)
    assert broken() == set()


def test_a_batch_that_claimed_it_before_goes_on_and_the_decision_makes_a_debt(
    scene: Scene, clock: SettableClock
) -> None:
    get_to(DUE, clock)
    clock.advance(timedelta(seconds=1))
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    dispute = a_dispute(scene.anna, scene.order)
    payouts.approve(batch.public_id, SYSTEM, clock.now())
    sales.pay_out(batch.public_id, clock.now())
    clock.advance(timedelta(days=1))
    decided(dispute, lines={1: {scene.anna: 10_000}, 2: {}})
    assert stand_of(scene.bo) == (0, -1_401, 1_401)
    # What falls due next works the debt off, in sight.
    trade.sell({scene.pots: 9}, through=cast.a_link(_shop_of(scene.bo)))
    clock.advance(timedelta(days=31))
    payday(clock)
    assert stand_of(scene.bo) == (0, 0, 1_401 + 3_002 - 1_401)
    assert stand_of(scene.anna) == (0, 0, 1_001)
    assert broken() == set()


def test_a_batch_that_is_given_up_leaves_what_is_disputed_on_hold(
    scene: Scene, clock: SettableClock
) -> None:
    get_to(DUE, clock)
    clock.advance(timedelta(seconds=1))
    given_up = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    a_dispute(scene.anna, scene.order, 1)
    payouts.discard(given_up.public_id, clock.now())
    assert sales.draft_payout(clock.now(), SYSTEM, clock.now()).total == 400
    assert broken() == set()


def _shop_of(employee: Employee) -> Shop:
    return db.session.scalars(sa.select(Shop).where(Shop.employee_id == employee.id)).one()


def test_the_outcome_is_a_verdict_of_its_own_with_a_reason_for_everybody(
    scene: Scene, clock: SettableClock
) -> None:
    dispute = decided(
        a_dispute(scene.anna, scene.order, 1), Outcome.UPHELD, {1: {scene.anna: 10_000}}
    )
    verdict = db.session.get_one(Verdict, dispute.verdict_id)
    assert verdict.sequence == 2
    judgement = Judgement.from_document(verdict.document)
    pots, cups = judgement.ruling_on(1), judgement.ruling_on(2)
    assert [(claim.number, claim.reason) for claim in pots.winners] == [("E1", Reason.DECIDED)]
    assert [(claim.number, claim.reason) for claim in pots.losers] == [
        ("E2", Reason.DECIDED_AGAINST)
    ]
    assert [(claim.number, claim.reason) for claim in cups.winners] == [("E2", Reason.LAST_TOUCH)]
    old = db.session.scalars(sa.select(Credit).where(Credit.superseded_by_id == verdict.id)).all()
    assert [credit.employee_id for credit in old] == [scene.bo.id]
    assert (credited_of(scene.anna), credited_of(scene.bo)) == (10_000, 10_000)


def test_a_store_or_nobody_may_be_credited_and_then_nobody_earns(
    scene: Scene, clock: SettableClock
) -> None:
    dispute = a_dispute(scene.anna, scene.order)
    decided(dispute, lines={1: {"S2": 10_000}, 2: {}})
    assert stand_of(scene.anna) == stand_of(scene.bo) == (0, 0, 0)
    sales.take_back(scene.order.public_id, {1: 2, 2: 1}, "", SYSTEM, clock.now())
    assert broken() == set()


def test_a_line_can_be_disputed_again_and_the_last_decision_stands(
    scene: Scene, clock: SettableClock
) -> None:
    decided(a_dispute(scene.anna, scene.order), lines={n: {scene.anna: 10_000} for n in (1, 2)})
    clock.advance(timedelta(days=1))
    again = a_dispute(scene.bo, scene.order, 2)
    decided(again, Outcome.PARTLY, {2: {scene.anna: 5_000, scene.bo: 5_000}})
    assert (stand_of(scene.anna), stand_of(scene.bo)) == ((1_001 + 200, 0, 0), (200, 0, 0))
    assert db.session.scalars(sa.select(Verdict.sequence).order_by(Verdict.id)).all() == [1, 2, 3]
    assert broken() == set()


@pytest.mark.parametrize("first", ["cancelled", "decided"])
def test_a_cancelled_order_earns_nobody_anything_whichever_comes_first(
    app: Flask, clock: SettableClock, first: str
) -> None:
    trade.open_for_trade()
    anna, bo = trade.a_seller("E1", "S1"), trade.a_seller("E2", "S2")
    order = trade.sell(cast.a_product(price=1_999), through=bo, handed_over=False)
    dispute = a_dispute(owner(anna), order)

    def is_decided() -> Dispute:
        return decided(dispute, lines={1: {owner(anna): 10_000}})

    if first == "decided":
        is_decided()
    clock.advance(timedelta(days=1))
    sales.cancel(order.public_id, CancelReason.BY_CHAIN, SYSTEM, clock.now())
    if first == "cancelled":
        assert broken() == set()
        is_decided()
    assert stand_of(owner(anna)) == stand_of(owner(bo)) == (0, 0, 0)
    assert broken() == set()


def test_goods_handed_over_after_the_decision_fall_due_for_the_new_earner(
    app: Flask, clock: SettableClock
) -> None:
    trade.open_for_trade()
    anna, bo = trade.a_seller("E1", "S1"), trade.a_seller("E2", "S2")
    order = trade.sell(cast.a_product(price=1_999), through=bo, handed_over=False)
    decided(a_dispute(owner(anna), order), lines={1: {owner(anna): 10_000}})
    sales.hand_over(order.public_id, SYSTEM, clock.now())
    clock.advance(timedelta(days=30))
    assert sales.release(clock.now()) == 1
    assert stand_of(owner(anna)) == (0, 200, 0)
    assert stand_of(owner(bo)) == (0, 0, 0)
    assert broken() == set()


def test_the_plan_of_the_order_holds_for_the_new_earner_though_another_is_in_force(
    scene: Scene, clock: SettableClock
) -> None:
    another_plan_starts(clock, NewRule(rate=9_000))
    decided(a_dispute(scene.anna, scene.order, 2), lines={2: {scene.anna: 10_000}})
    accrual = db.session.scalars(
        sa.select(Accrual).where(Accrual.employee_id == scene.anna.id)
    ).one()
    assert (accrual.rate, accrual.amount, accrual.base) == (1_000, 400, 3_998)
    assert broken() == set()


def another_plan_starts(clock: SettableClock, *rules: NewRule) -> None:
    clock.advance(timedelta(minutes=1))
    now = clock.now()
    version = plans.draft_plan(
        rules,
        hold_days=3,
        starts_at=now,
        note="",
        actor=SYSTEM,
        now=now,
    ).version
    plans.approve_plan(version, SYSTEM)
    plans.publish_plan(version, now)


def test_a_sale_that_the_till_gave_to_others_goes_to_whom_the_customer_belongs(
    app: Flask, clock: SettableClock
) -> None:
    trade.the_policy(Policy(window_days=30, tie_mode=TieMode.FIRST_ORDER))
    trade.the_plan()
    links = [trade.a_seller(f"E{number}", "S1") for number in (1, 2, 3)]
    anna, bo, cai = (owner(link) for link in links)
    phone = "+8613800138000"
    trade.sell(cast.a_product(price=100), through=links[0], phone=phone)
    clock.advance(timedelta(days=1))
    lamp, oil = cast.a_product(), cast.a_product()
    told = tills.a_sale(
        tills.a_line(lamp, 10_001, ("E2", 6_000), ("E3", 4_000), quantity=2),
        tills.a_line(oil, 5_000, "E2"),
        phone=phone,
    )
    tills.sold(told)
    order = db.session.scalars(sa.select(Order).order_by(Order.id.desc()).limit(1)).one()
    clock.advance(timedelta(days=1))
    objection = Objection(DisputeReason.WRONG_SELLER_AT_TILL, "我不在收银台。", (1,))
    dispute = disputing.open_dispute(
        order.public_id, None, objection, cast.actor_of(anna), clock.now()
    )
    decided(dispute, lines={1: {anna: 8_000, bo: 2_000}})
    tills.taken_back(tills.a_return(told, BroughtBack(tills.code_of(lamp), 1)))
    # 10001 is 8001 + 2000 (the first takes what rounding leaves): 800 and 200, half of it back.
    assert sum(stand_of(anna)) == 10 + 400
    assert sum(stand_of(bo)) == 500 + 100
    assert sum(stand_of(cai)) == 0
    kinds = [event.kind for event in timeline_of(dispute.public_id, "en", "Asia/Shanghai")]
    assert kinds[0] is EventKind.TOUCH, "how the customer came to be Anna's is evidence too"
    assert EventKind.TIE in kinds
    assert kinds.count(EventKind.TILL_CLAIM) == 3
    assert broken() == set()
