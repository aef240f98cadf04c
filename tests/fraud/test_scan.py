"""Each rule finds what it is for, in sales made through the shop itself, once; and holds it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.attribution.rules import Policy
from storefront.attribution.rules.policy import Treatment
from storefront.commissions.fraud_models import FraudCase, FraudOccurrence, Signal
from storefront.commissions.models import Accrual, CommissionHold, HoldKind
from storefront.core import clock as the_clock
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.fraud import policies, scan
from storefront.fraud.rules import Thresholds
from storefront.orders.models import Order, OrderLine
from storefront.orders.placing import PlacedOrder
from storefront.payments.models import Payment
from storefront.staff.models import Employee, Role
from tests.support import cast, tills, trade
from tests.support.books import broken
from tests.support.disputing import owner

OWN = Policy(window_days=30, own_purchase=Treatment.ALLOW)


@pytest.fixture(autouse=True)
def rules(app: Flask) -> None:
    trade.the_policy(OWN)
    trade.the_plan(hold_days=30)


def look(clock: SettableClock, *, whole: bool = True) -> set[Signal]:
    scan.scan(clock.now(), whole=whole)
    assert not broken()
    return set(db.session.scalars(sa.select(FraudOccurrence.rule)))


def with_phone(phone: str, number: str | None = None) -> Employee:
    return cast.an_employee(number, phone=phone)


def paid_with(order: PlacedOrder, **payer: str) -> None:
    with transaction() as session:
        session.execute(
            sa.update(Payment)
            .where(
                Payment.order_id
                == sa.select(Order.id).where(Order.public_id == order.public_id).scalar_subquery()
            )
            .values(**payer)
        )


def sent_to(order: PlacedOrder, digest: str) -> None:
    with transaction() as session:
        session.execute(
            sa.update(Order).where(Order.public_id == order.public_id).values(address_digest=digest)
        )


def test_an_honest_sale_is_nobodys_case(clock: SettableClock) -> None:
    trade.sell(cast.a_product(), through=trade.a_seller())
    assert look(clock) == set()


def test_what_somebody_buys_with_their_own_phone_is_held_once(clock: SettableClock) -> None:
    seller = with_phone("+8613900000001")
    link = cast.a_link(cast.a_shop(seller))
    trade.sell(cast.a_product(price=5_000), through=link, phone="+8613900000001")
    trade.sell(cast.a_product(price=5_000), through=link)
    assert look(clock) == {Signal.OWN_PHONE}
    [hold] = db.session.scalars(sa.select(CommissionHold)).all()
    assert (hold.kind, hold.placed_by_id) == (HoldKind.FRAUD, None)
    assert scan.scan(clock.now(), whole=True) == 0
    assert scan.scan(clock.now(), whole=False) == 0
    clock.advance(timedelta(days=40))
    assert sales.release(clock.now()) == 1, "the honest one; the other waits for an answer"


def test_a_scan_of_what_is_new_finds_what_came_since(clock: SettableClock) -> None:
    seller = with_phone("+8613900000001")
    link = cast.a_link(cast.a_shop(seller))
    assert scan.scan(clock.now(), whole=False) == 0
    trade.sell(cast.a_product(), through=link, phone="+8613900000001")
    assert scan.scan(clock.now(), whole=False) == 1
    trade.sell(cast.a_product(), through=link, phone="+8613900000001")
    assert scan.scan(clock.now(), whole=False) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(FraudCase)) == 1


def test_ones_own_browser_is_found_and_the_stores_tablet_is_not(clock: SettableClock) -> None:
    link = trade.a_seller()
    seller = owner(link)
    trade.sell(cast.a_product(), through=link, visitor="v" * 26)
    trade.signs_in(seller, "v" * 26)
    assert look(clock) == {Signal.OWN_DEVICE}
    other = trade.a_seller()
    for _ in range(3):
        trade.signs_in(cast.an_employee(), "w" * 26)
    trade.signs_in(owner(other), "w" * 26)
    trade.sell(cast.a_product(), through=other, visitor="w" * 26)
    assert scan.scan(clock.now(), whole=True) == 0


@pytest.mark.parametrize(
    ("column", "signal"),
    [("payer_openid", Signal.OWN_OPENID), ("payer_card", Signal.OWN_CARD)],
)
def test_others_orders_paid_from_ones_own_account_are_found(
    column: str, signal: Signal, clock: SettableClock
) -> None:
    seller = with_phone("+8613900000001")
    link = cast.a_link(cast.a_shop(seller))
    mine = trade.sell(cast.a_product(), phone="+8613900000001")
    second = trade.sell(cast.a_product(), through=link, phone="+8613900000002")
    honest = trade.sell(cast.a_product(), through=link)
    for order, mark in ((mine, "a" * 32), (second, "a" * 32), (honest, "b" * 32)):
        paid_with(order, **{column: mark})
    assert look(clock) == {signal}
    assert found_orders() == {second.public_id}


def found_orders() -> set[str]:
    return set(
        db.session.scalars(
            sa.select(Order.public_id)
            .join(OrderLine, OrderLine.order_id == Order.id)
            .join(FraudOccurrence, FraudOccurrence.order_line_id == OrderLine.id)
        )
    )


def test_an_address_is_ones_own_only_after_several_orders(clock: SettableClock) -> None:
    seller = with_phone("+8613900000001")
    link = cast.a_link(cast.a_shop(seller))
    sent_to(trade.sell(cast.a_product(), phone="+8613900000001"), "home")
    for _ in range(2):
        sent_to(trade.sell(cast.a_product(), through=link), "home")
    for each in range(3):
        sent_to(trade.sell(cast.a_product(), through=link), f"elsewhere {each}")
    assert look(clock) == set(), "a family lives there too"
    sent_to(trade.sell(cast.a_product(), through=link), "home")
    assert look(clock) == {Signal.OWN_ADDRESS}
    assert len(found_orders()) == 3


def test_three_colleagues_who_buy_in_a_ring_are_found_and_a_good_customer_is_not(
    clock: SettableClock,
) -> None:
    phones = [f"+861390000000{each}" for each in range(4)]
    links = [cast.a_link(cast.a_shop(with_phone(phone))) for phone in phones]
    for buyer, seller in ((0, 1), (1, 2), (2, 0), (3, 0)):
        for each in range(3):
            order = trade.sell(cast.a_product(), through=links[seller], phone=phones[buyer])
            sent_to(order, f"{buyer}{each}")
    assert look(clock) == {Signal.COLLEAGUE_RING}
    assert len(found_orders()) == 9, "who buys and sells to nobody in return closes no ring"
    cases = db.session.scalars(sa.select(FraudCase.employee_id)).all()
    assert sorted(cases) == sorted(link.employee_id for link in links[:3])


def test_bought_before_the_months_end_and_back_after_it(clock: SettableClock) -> None:
    clock.set(clock.now().replace(month=3, day=29))
    link, others = trade.a_seller(), trade.a_seller()
    bought = [trade.sell(cast.a_product(), through=link) for _ in range(4)]
    kept = [trade.sell(cast.a_product(), through=others) for _ in range(8)]
    clock.advance(timedelta(days=5))
    for order in (*bought[:3], kept[0]):
        sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    assert look(clock) == {Signal.BUY_AND_RETURN}
    assert found_orders() == {order.public_id for order in bought[:3]}


def test_guests_on_one_browser_who_pay_from_one_account_and_an_office_that_does_not(
    clock: SettableClock,
) -> None:
    bad, good, unknown = trade.a_seller(), trade.a_seller(), trade.a_seller()
    for each in range(5):
        paid_with(trade.sell(cast.a_product(), through=bad, visitor="b" * 26), payer_card="one")
        order = trade.sell(cast.a_product(), through=good, visitor="g" * 26)
        paid_with(order, payer_openid=f"of {each}")
        trade.sell(cast.a_product(), through=unknown, visitor="u" * 26)
    assert look(clock) == {Signal.GUESTS_ON_DEVICE}
    assert len(found_orders()) == 5


def test_a_colleagues_price_with_commission_on_it(clock: SettableClock) -> None:
    seller, buyer = cast.an_employee("E7"), with_phone("+8613900000009", "E8")
    lamp, vase = cast.a_product(price=10_000), cast.a_product(price=10_000)
    tills.sold(tills.a_sale(tills.a_line(lamp, 7_000, "E7"), phone=buyer.phone))
    tills.sold(tills.a_sale(tills.a_line(vase, 7_000, "E7"), phone=buyer.phone))
    for _ in range(3):
        tills.sold(tills.a_sale(tills.a_line(vase, 7_000, "E7"), phone="+8613911111111"))
    assert look(clock) == {Signal.STAFF_DISCOUNT}
    [found] = db.session.scalars(sa.select(FraudOccurrence)).all()
    assert found.employee_id == seller.id
    assert found.evidence == {"listed": 10_000, "paid": 7_000, "off": 3_000}


def test_claims_on_customers_never_met_stand_out_where_others_meet_theirs(
    clock: SettableClock,
) -> None:
    cast.an_employee("E7")
    link = cast.a_link(cast.a_shop(cast.an_employee("E8")))
    for each in range(10):
        tills.sold(tills.a_sale(tills.a_line(cast.a_product(), 1_000, "E7")))
        phone = f"+86137000000{each:02}"
        trade.sell(cast.a_product(), through=link, phone=phone)
        for _ in range(2):
            tills.sold(tills.a_sale(tills.a_line(cast.a_product(), 1_000, "E8"), phone=phone))
    assert look(clock) == {Signal.CLAIM_WITHOUT_MEETING}
    assert len(found_orders()) == 10


def test_goods_that_pile_up_at_one_buyer(clock: SettableClock) -> None:
    link, tea = trade.a_seller(), cast.a_product().variants[0]
    for each in range(12):
        for _ in range(2):
            order = trade.sell(tea, through=link, phone=f"+86136000000{each:02}")
            sent_to(order, f"home {each}")
    for _ in range(3):
        sent_to(trade.sell({tea: 5}, through=link, phone="+8613500000000"), "a garage")
    trade.sell({tea: 40}, through=link, phone="+8613500000001")
    assert look(clock) == {Signal.BUYING_FOR_STOCK}
    assert len(found_orders()) == 3, "one large order is a large order"


def test_goods_that_pile_up_at_an_address_under_several_names(clock: SettableClock) -> None:
    link, tea = trade.a_seller(), cast.a_product().variants[0]
    for each in range(12):
        for _ in range(2):
            order = trade.sell(tea, through=link, phone=f"+86136000000{each:02}")
            sent_to(order, f"home {each}")
    for each in range(5):
        order = trade.sell({tea: 3}, through=link, phone=f"+861350000000{each}")
        sent_to(order, "a garage")
    assert look(clock) == {Signal.BUYING_FOR_STOCK}
    assert len(found_orders()) == 5


def test_a_case_that_nobody_answers_goes_up_and_stays_held(clock: SettableClock) -> None:
    seller = with_phone("+8613900000001")
    link = cast.a_link(cast.a_shop(seller))
    trade.sell(cast.a_product(), through=link, phone="+8613900000001")
    scan.scan_in_turn(clock.now())
    assert db.session.scalar(sa.select(FraudCase.id)) is None, "nobody has agreed on thresholds yet"
    maker, checker = (cast.actor_of(cast.an_employee(role=Role.HQ_ADMIN)) for _ in range(2))
    draft = policies.draft(Thresholds(), clock.now(), "", maker, clock.now())
    policies.approve(draft.version, checker)
    policies.publish(draft.version, clock.now())
    scan.scan_in_turn(clock.now())
    roles = []
    for _ in range(5):
        roles.append(db.session.scalar(sa.select(FraudCase.for_role)))
        clock.advance(timedelta(days=10))
        scan.scan_in_turn(the_clock.now())
    assert roles == [
        Role.HQ_OPERATIONS,
        Role.HQ_FINANCE,
        Role.HQ_ADMIN,
        Role.HQ_ADMIN,
        Role.HQ_ADMIN,
    ]
    assert sales.release(clock.now()) == 0
    assert db.session.scalar(sa.select(Accrual.released_at)) is None
