"""Each invariant sees what breaks it, and nothing in a chain that is sound."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.commissions.models import PlanRule
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.insights import audit, visits
from storefront.insights.audit import tables as t
from tests.insights.belonging import PLANTS as TIE_PLANTS
from tests.insights.belonging import belong
from tests.insights.boosting import MORE_PLANTS as MORE_BOOSTER_PLANTS
from tests.insights.boosting import PLANTS as BOOSTER_PLANTS
from tests.insights.boosting import boost
from tests.insights.closings import MORE_PLANTS as MORE_CLOSING_PLANTS
from tests.insights.closings import PLANTS as CLOSING_PLANTS
from tests.insights.closings import close_months
from tests.insights.couponing import MORE_PLANTS as MORE_COUPON_PLANTS
from tests.insights.couponing import PLANTS as COUPON_PLANTS
from tests.insights.couponing import save_money
from tests.insights.monthly import PLANTS as MONTH_PLANTS
from tests.insights.monthly import settle_months
from tests.insights.parcels import PLANTS as PARCEL_PLANTS
from tests.insights.parcels import send_and_collect
from tests.insights.planting import (
    Plant,
    change,
    copy,
    delete,
    loosely,
    one,
    whatever_is_done_is_undone,
)
from tests.insights.quarrels import PLANTS as DISPUTE_PLANTS
from tests.insights.quarrels import quarrel
from tests.insights.receipts import PLANTS_ON_TILLS, TILL_PLANTS, ring_up
from tests.insights.suspicions import PLANTS as FRAUD_PLANTS
from tests.insights.suspicions import suspect
from tests.insights.year import live_through_it
from tests.support import cast, trade
from tests.support.books import broken

ASIDE = 999_999
"""An id that nobody has."""


def now_asked(clock: SettableClock) -> audit.Asked:
    return audit.Asked(clock.now(), "Asia/Shanghai")


def more(amount: int) -> int:
    return amount + 1


def another_order() -> Any:
    return sa.select(sa.func.max(t.orders.c.id)).scalar_subquery()


def employee(number: str) -> Any:
    return sa.select(t.employees.c.id).where(t.employees.c.number == number).scalar_subquery()


def event_waiting() -> None:
    db.session.execute(
        sa.insert(t.events).values(
            gateway="sandbox",
            event_id="evt_unheard_of",
            kind="captured",
            body=b"{}",
            received_at=datetime(2026, 3, 2, tzinfo=UTC),
            state="waiting",
            problem="",
        )
    )


def new_customer_of_somebody_else() -> None:
    mine = one(t.sales_days, t.sales_days.c.employee_id != 0, t.sales_days.c.new_customers > 0)
    change(t.sales_days, t.sales_days.c.employee_id == 0, new_customers=more)()
    db.session.execute(
        sa.update(t.sales_days)
        .where(t.sales_days.c.day == mine.day, t.sales_days.c.employee_id == mine.employee_id)
        .values(new_customers=t.sales_days.c.new_customers - 1)
    )


_rules: Any = PlanRule.__table__
_e, _a, _o, _l = t.entries.c, t.accruals.c, t.orders.c, t.lines.c
_p, _b, _h, _r = t.payments.c, t.batches.c, t.holds.c, t.refunds.c
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

PLANTS: dict[str, list[Plant]] = {
    "ledger transactions balance": [
        change(t.entries, amount=more),
        change(t.entries, currency="XXX"),
        loosely(change(t.entries, amount=None), t.entries),
    ],
    "ledger transactions have entries": [
        copy(t.transactions, id=ASIDE, cause="nothing at all"),
    ],
    "ledger entries have their cause": [
        change(t.entries, _e.account == "held", accrual_id=None),
        change(t.entries, _e.account == "paid", payout_id=None),
        change(t.entries, account="pocket"),
    ],
    "accruals equal their entries": [
        change(t.accruals, _a.reversed < _a.amount, reversed=more),
        change(t.accruals, amount=more),
        change(t.entries, _e.account == "held", amount=more),
        change(t.entries, _e.account == "payable", _e.accrual_id.is_not(None), amount=more),
        change(t.entries, _e.account == "held", account="payable"),
        change(t.accruals, _a.released_at.is_not(None), _a.reversed < _a.amount, released_at=None),
        delete(t.entries, _e.account == "held"),
        change(t.entries, _e.account == "held", employee_id=employee("F1")),
    ],
    "lines know what came back": [
        change(t.lines, _l.returned_quantity == 0, returned_quantity=1),
        change(t.return_lines, amount=more),
        delete(t.return_lines),
    ],
    "returns are the sum of their lines": [
        change(t.returns, refund_amount=more),
        change(t.orders, _o.state == "handed_over", state="paid"),
        delete(t.return_lines),
    ],
    "returns are of their order's lines": [change(t.returns, order_id=another_order())],
    "one accrual per credit": [loosely(copy(t.accruals, id=ASIDE), t.accruals)],
    "accruals fit their credit": [
        change(t.accruals, base=more),
        change(t.accruals, employee_id=employee("F1")),
        change(t.accruals, store_id=ASIDE),
        change(t.accruals, order_id=another_order()),
        delete(t.credits_),
    ],
    "credits have their accrual": [delete(t.accruals)],
    "reversals within the accrual": [
        loosely(change(t.accruals, reversed=1_000_000), t.accruals),
        loosely(change(t.accruals, reversed=-1), t.accruals),
        loosely(change(t.accruals, reversed=None), t.accruals),
        change(t.entries, _e.key.like("return:%:accrual:%"), amount=-1_000_000),
    ],
    "reversals in proportion": [
        change(t.accruals, _a.reversed < _a.amount, reversed=more),
        change(t.orders, _o.state == "handed_over", state="cancelled"),
    ],
    "released when due": [
        change(t.accruals, _a.released_at.is_not(None), released_at=LONG_AGO),
        change(t.accruals, _a.released_at.is_not(None), due_at=None),
    ],
    "due from the hand-over on": [
        change(t.accruals, _a.due_at.is_not(None), due_at=None),
        change(t.accruals, _a.due_at.is_(None), due_at=LONG_AGO),
        change(t.accruals, _a.due_at.is_not(None), due_at=lambda due: due - timedelta(days=1)),
        change(t.orders, _o.state == "handed_over", paid_at=None),
    ],
    "paid after release": [
        change(t.accruals, _a.released_at.is_not(None), released_at=None),
        change(t.entries, _e.key.like("release:%:payable"), at=datetime(2027, 1, 1, tzinfo=UTC)),
        change(t.entries, _e.key.like("release:%:payable"), accrual_id=None),
    ],
    "entries claimed once": [
        change(t.batches, _b.state == "approved", state="discarded"),
        change(t.payouts, employee_id=employee("F1")),
        change(
            t.entries,
            _e.account == "held",
            payout_id=sa.select(sa.func.min(t.payouts.c.id)).scalar_subquery(),
        ),
        change(t.batches, _b.state == "paid", currency="XXX"),
    ],
    "one payout per employee and batch": [
        loosely(copy(t.payouts, id=ASIDE, public_id="pyt_again"), t.payouts)
    ],
    "batches are the sum of their payouts": [
        change(t.batches, total=more),
        change(t.batches, payees=more),
        delete(t.payouts),
    ],
    "payouts are the sum of their entries": [
        change(t.payouts, amount=more),
        change(t.entries, _e.key.like("release:%:payable"), payout_id=None),
        change(t.entries, _e.key.like("payout:%:payable"), amount=more),
        change(t.entries, _e.account == "paid", amount=more),
    ],
    "paid is the sum of payouts": [
        change(t.entries, _e.account == "paid", employee_id=employee("F1")),
        delete(t.entries, _e.account == "paid"),
    ],
    "reserved within on hand": [
        loosely(change(t.levels, reserved=1_000), t.levels),
        loosely(change(t.levels, reserved=-1), t.levels),
        loosely(change(t.levels, on_hand=None), t.levels),
    ],
    "reserved equals live holds": [
        change(t.levels, reserved=more),
        change(t.holds, _h.state == "live", quantity=more),
        delete(t.holds, _h.state == "live"),
        delete(t.levels),
    ],
    "holds follow their order": [
        change(t.holds, _h.state == "taken", state="live"),
        change(t.holds, _h.state == "live", state="let_go"),
        change(t.orders, _o.state == "awaiting_payment", state="cancelled"),
        loosely(change(t.holds, state=None), t.holds),
    ],
    "lines are held whole": [
        change(t.holds, _h.state == "taken", quantity=more),
        change(t.holds, variant_id=sa.select(sa.func.max(t.variants.c.id)).scalar_subquery()),
    ],
    "on hand equals movements": [
        change(t.levels, on_hand=more),
        delete(t.movements),
        delete(t.levels),
    ],
    "refunds within captured": [change(t.refunds, amount=1_000_000)],
    "refunds fit their payment": [
        change(t.refunds, currency="XXX"),
        change(t.refunds, order_id=another_order()),
    ],
    "returns are refunded": [
        change(t.refunds, _r.return_id.is_not(None), amount=more),
        delete(t.refunds, _r.return_id.is_not(None)),
    ],
    "paid means captured in full": [
        change(t.payments, captured_amount=lambda amount: amount - 1),
        change(t.payments, state="failed"),
        delete(t.payments),
        change(t.orders, _o.state == "awaiting_payment", paid_at=LONG_AGO),
    ],
    "payments capture all or nothing": [
        change(t.payments, _p.state == "captured", captured_amount=more),
        change(t.payments, _p.state == "captured", captured_at=None),
        change(t.payments, _p.state != "captured", captured_amount=1),
        change(t.payments, state="spent"),
    ],
    "no money without an order": [
        delete(t.refunds, _r.reason == "late_payment"),
        change(t.orders, _o.state == "handed_over", state="awaiting_payment"),
    ],
    "no captured message left waiting": [event_waiting],
    "cancelled orders are refunded": [
        delete(t.refunds, _r.reason == "cancelled"),
        change(t.refunds, _r.reason == "cancelled", amount=lambda amount: amount - 1),
    ],
    "nothing captured twice and kept": [
        copy(t.payments, _p.state == "captured", id=ASIDE, public_id="pay_two", reference="two")
    ],
    "one open attempt per order": [
        loosely(
            copy(
                t.payments,
                _p.state.in_(["opening", "open"]),
                id=ASIDE,
                public_id="pay_two",
                reference="two",
            ),
            t.payments,
        )
    ],
    "orders are the sum of their lines": [
        change(t.orders, lines_total=more, total=more),
        loosely(change(t.orders, total=more), t.orders),
        change(t.lines, net=lambda net: net - 1),
        delete(t.lines, _l.position == 1),
        change(t.orders, shipping_total=-1, total=lambda total: total - 1),
    ],
    "lines cost what they cost": [
        change(t.lines, net=more),
        change(t.lines, net=-1),
        loosely(change(t.lines, net=None), t.lines),
        loosely(change(t.lines, quantity=0), t.lines),
    ],
    "every paid order is judged": [
        delete(t.verdicts),
        change(t.verdicts, sequence=2),
        copy(
            t.verdicts,
            id=ASIDE,
            order_id=sa.select(_o.id).where(_o.state == "awaiting_payment").scalar_subquery(),
        ),
    ],
    "shares are whole": [
        change(t.credits_, share=9_999),
        loosely(change(t.credits_, share=None), t.credits_),
    ],
    "credits are what the verdict says": [
        change(t.credits_, share=9_999),
        change(t.credits_, position=1),
        change(t.credits_, store_id=lambda store: store + 1),
        change(t.credits_, employee_id=None),
        change(t.credits_, superseded_by_id=1),
        delete(t.credits_),
        change(t.verdicts, document={"rulings": []}),
    ],
    "credits are of their verdict's order": [
        change(t.credits_, order_id=another_order()),
        change(t.lines, order_id=another_order(), position=77),
    ],
    "daily sales equal the orders": [
        *(
            change(t.sales_days, **{measure: more})
            for measure in ("orders", "orders_shared", "lines", "units", "sales")
        ),
        change(t.sales_days, day=lambda day: day + timedelta(days=1)),
        delete(t.sales_days),
        change(t.orders, _o.state == "handed_over", paid_at=LONG_AGO),
    ],
    "daily returns equal the returns": [
        change(t.sales_days, units_returned=more),
        change(t.sales_days, refunded=more),
        change(t.returns, at=LONG_AGO),
        change(t.orders, _o.paid_at.is_not(None), _o.state == "cancelled", cancelled_at=LONG_AGO),
    ],
    "daily commission equals the ledger": [
        change(t.sales_days, accrued=more),
        change(t.sales_days, reversed=more),
        change(t.sales_days, released=more),
        change(t.transactions, t.transactions.c.kind == "release", at=LONG_AGO),
    ],
    "daily payouts equal the ledger": [
        change(t.sales_days, paid=more),
        change(t.transactions, t.transactions.c.kind == "payout", at=LONG_AGO),
    ],
    "daily new customers equal the customers": [
        change(t.sales_days, new_customers=more),
        change(t.customers, t.customers.c.first_paid_at.is_not(None), first_paid_at=LONG_AGO),
    ],
    "new customers are their seller's": [new_customer_of_somebody_else],
    "daily visits equal the touches": [
        change(t.visits_days, visits=more),
        delete(t.visits_days),
        change(t.visits_days, employee_id=employee("F1")),
        change(t.touches, uncounted="head"),
        change(t.visits_folded, touch_id=0),
    ],
    "accruals can be repeated": [
        change(t.accruals, rate=more),
        change(t.accruals, amount=more),
        change(t.accruals, rule_id=None),
        change(t.accruals, hold_days=more),
        change(_rules, rate=more),
        change(t.plans, starts_at=datetime(2027, 1, 1, tzinfo=UTC)),
    ],
    "verdicts can be repeated": [
        change(
            t.orders,
            _o.state == "handed_over",
            evidence=lambda evidence: {**evidence, "touches": []},
        ),
        change(t.verdicts, t.verdicts.c.reason == "no_touch", reason="no_valid_claim"),
        change(t.policies, starts_at=datetime(2027, 1, 1, tzinfo=UTC)),
        change(
            t.policies,
            rules=lambda rules: {**rules, "own_purchase": "allow", "window_days": 1},
            starts_at=LONG_AGO,
            id=ASIDE,
        ),
    ],
    "orders' states fit their times": [
        change(t.orders, _o.state == "handed_over", state="paid"),
        change(t.orders, _o.state == "handed_over", handed_over_at=None),
        change(t.orders, _o.state == "awaiting_payment", paid_at=LONG_AGO),
        change(t.orders, _o.state == "cancelled", cancel_reason=""),
        change(t.orders, state="forgotten"),
        loosely(change(t.orders, state=None), t.orders),
    ],
    "first payments are noted": [
        change(t.customers, t.customers.c.first_paid_at.is_not(None), first_paid_at=None),
        change(t.customers, first_paid_at=LONG_AGO),
    ],
    "four eyes on payouts": [
        change(t.batches, _b.state == "paid", approved_by_id=employee("F1")),
        change(t.batches, _b.state == "paid", approved_at=None),
        change(t.batches, _b.state == "paid", paid_at=None),
        change(t.batches, _b.state == "discarded", discarded_at=None),
    ],
    "four eyes on policies": [
        change(t.policies, created_by_id=employee("F1"), approved_by_id=employee("F1")),
        change(t.policies, published_at=None),
    ],
    "four eyes on plans": [
        change(t.plans, created_by_id=employee("F1"), approved_by_id=employee("F1")),
        change(t.plans, state="draft"),
    ],
}
PLANTS.update(DISPUTE_PLANTS | FRAUD_PLANTS | TIE_PLANTS | TILL_PLANTS | MONTH_PLANTS)
PLANTS.update(BOOSTER_PLANTS | CLOSING_PLANTS | PARCEL_PLANTS | COUPON_PLANTS)
for name, plants in (
    *PLANTS_ON_TILLS.items(),
    *MORE_BOOSTER_PLANTS.items(),
    *MORE_CLOSING_PLANTS.items(),
    *MORE_COUPON_PLANTS.items(),
):
    PLANTS[name] = PLANTS[name] + plants


def test_every_invariant_is_tried() -> None:
    assert set(PLANTS) == {invariant.name for invariant in audit.INVARIANTS}


def test_each_plant_is_seen_in_a_chain_that_is_otherwise_sound(
    app: Flask, clock: SettableClock, subtests: pytest.Subtests
) -> None:
    live_through_it(clock)
    quarrel(clock)
    suspect(clock)
    belong(clock)
    ring_up(clock)
    save_money(clock)
    boost(clock)
    send_and_collect(clock)
    settle_months(clock)
    close_months(clock)
    asked = now_asked(clock)
    assert broken(asked) == set()
    by_name = {invariant.name: invariant for invariant in audit.INVARIANTS}
    for name, plants in PLANTS.items():
        for number, plant in enumerate(plants):
            with subtests.test(name, plant=number), whatever_is_done_is_undone():
                plant()
                answer = audit.ask(by_name[name], asked)
                assert answer.count > 0
                assert answer.examples
    assert broken(asked) == set()


def test_a_sound_chain_passes_the_command(app: Flask, clock: SettableClock) -> None:
    live_through_it(clock)
    result = app.test_cli_runner().invoke(args=["audit"])
    assert result.exit_code == 0, result.output
    assert f"All {len(audit.INVARIANTS)} invariants hold." in result.output


def test_the_command_names_what_is_broken_and_where(app: Flask, clock: SettableClock) -> None:
    live_through_it(clock)
    order = one(t.orders, _o.state == "handed_over")
    with transaction():
        change(t.orders, _o.id == order.id, lines_total=more, total=more)()
    result = app.test_cli_runner().invoke(args=["audit"])
    assert result.exit_code == 1
    lines = result.output.splitlines()
    at = next(i for i, line in enumerate(lines) if "orders are the sum of their lines: 1" in line)
    assert lines[at].startswith("BROKEN")
    assert f"number={order.number}" in lines[at + 2]
    assert "2 of" in lines[-1]  # the payment no longer covers the total either


def test_many_violations_are_counted_and_a_few_are_shown(app: Flask, clock: SettableClock) -> None:
    live_through_it(clock)
    with transaction() as session:
        session.execute(sa.update(t.lines).values(net=-1))
    count = db.session.scalar(sa.select(sa.func.count()).select_from(t.lines)) or 0
    result = app.test_cli_runner().invoke(args=["audit"])
    assert f"lines cost what they cost: {count}" in result.output
    assert f"… and {count - 5} more" in result.output


def test_money_for_a_cancelled_order_has_a_quarter_of_an_hour(
    app: Flask, clock: SettableClock
) -> None:
    live_through_it(clock)
    with whatever_is_done_is_undone():
        late = change(
            t.payments,
            _p.id == one(t.refunds, _r.reason == "late_payment").payment_id,
            captured_at=clock.now(),
        )
        late()
        delete(t.refunds, _r.reason == "late_payment")()
        assert "no money without an order" not in broken(now_asked(clock))
        later = audit.Asked(clock.now() + timedelta(minutes=15), "Asia/Shanghai")
        assert "no money without an order" in broken(later)


def test_an_empty_database_is_sound(app: Flask, clock: SettableClock) -> None:
    assert broken(now_asked(clock)) == set()


@pytest.mark.own_app(chain_time_zone="Europe/London")
def test_days_are_the_chains_through_a_change_of_summer_time(
    app: Flask, clock: SettableClock
) -> None:
    trade.open_for_trade()
    seller = trade.a_seller()
    goods = cast.a_product()
    for moment in (
        datetime(2026, 3, 28, 23, 30, tzinfo=UTC),  # 28 March, still winter time
        datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 22, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 23, 30, tzinfo=UTC),  # 30 March already
        datetime(2026, 10, 24, 23, 30, tzinfo=UTC),  # 25 October, the last hours of summer time
        datetime(2026, 10, 25, 23, 30, tzinfo=UTC),
    ):
        clock.set(moment)
        trade.sell(goods, through=seller)
    clock.advance(timedelta(minutes=6))
    visits.fold(clock.now())
    assert broken(audit.Asked(clock.now(), "Europe/London")) == set()
    days = db.session.scalars(sa.select(t.visits_days.c.day).order_by(t.visits_days.c.day)).all()
    assert [str(day) for day in days] == ["2026-03-28", "2026-03-29", "2026-03-30", "2026-10-25"]
    assert broken(audit.Asked(clock.now(), "Asia/Shanghai")) != set()
