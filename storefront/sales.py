"""The story of a sale, top to bottom, in business verbs. Each verb is one transaction.

`place` → (the customer pays) → `complete` → `hand_over` → `release` → a payout batch; `cancel` and
`take_back` go the other way. Nothing here happens by signal or hook: what is not written in the
verb does not happen. Whatever must be told to the outside is left as a job row in the same
transaction and done after the commit. What a store's till tells of comes in by `till/`, which ends
in the same verdict, book and roll-ups.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain

from storefront.attribution import service as attribution
from storefront.attribution import ties
from storefront.commissions import closing, payouts, periods, service_bonus
from storefront.commissions import service as commissions
from storefront.commissions.models import PayoutBatch
from storefront.commissions.period_models import Period
from storefront.commissions.rules import Buyer
from storefront.commissions.service import Moved
from storefront.core import jobs
from storefront.core.actor import CUSTOMER, SYSTEM, Actor
from storefront.core.clock import local_day
from storefront.core.database import transaction
from storefront.core.errors import Conflict
from storefront.core.settings import settings
from storefront.customers import service as customers
from storefront.insights import counting, rollups
from storefront.insights.rollups import Change, Tally
from storefront.integrations.payments.base import Gateway, Notice, NoticeKind
from storefront.orders import (
    carts,
    dispatches,
    handling,
    pick_ups,
    placing,
    return_requests,
    returns,
)
from storefront.orders.handling import OrderFacts
from storefront.orders.models import (
    CancelReason,
    Dispatch,
    DispatchKind,
    Door,
    OrderState,
    ReturnRequest,
)
from storefront.payments import inbox, refunds
from storefront.payments import service as payments
from storefront.payments.models import EventState, RefundReason
from storefront.payments.service import PaymentFacts

log = logging.getLogger(__name__)

SEND_RECEIPT = "sales.send_receipt"
"""Kind of the job that tells the customer that the order is paid."""
TELL_OF_DISPATCH = "sales.tell_of_dispatch"
"""Kind of the job that tells the customer that something is on its way, or ready."""
CLOSE_PERIOD = "sales.close_period"
"""Kind of the job that goes on with the close of a period until it is closed."""


# --- a customer buys --------------------------------------------------------------------------


def place(
    cart_id: str,
    contact: placing.Contact,
    gateway: Gateway,
    now: datetime,
    *,
    expected_total: int | None = None,
) -> placing.PlacedOrder:
    """Make an order of a cart: freeze prices and evidence, hold the stock, open a payment.

    `expected_total` is what the customer saw, in minor units. Raises what carts and placing raise,
    and Conflict `price_changed` with the new total if it differs.
    """
    with transaction():
        cart = carts.take_for_order(cart_id, contact.visitor_id, now)
        customer = customers.recognise(contact.phone, contact.name, contact.visitor_id, now)
        order = placing.place(
            cart,
            contact,
            customer_id=customer.id,
            evidence=ties.meet(customer.visitor_ids, contact.phone, customer.id, now).as_document(),
            currency=settings().chain_currency,
            hold=timedelta(minutes=settings().hold_minutes),
            now=now,
        )
        if expected_total is not None and expected_total != order.total:
            raise Conflict(
                "price_changed", "Prices have changed; look at the total again.", total=order.total
            )
        payments.open_attempt(order.id, order.total, order.currency, gateway, now)
        return order


def pay_address(secret: str, return_url: str, gateway: Gateway, now: datetime) -> str:
    """Where the customer pays this order. No transaction is open while the gateway is asked.

    Raises Conflict `order_not_payable`, `hold_expired`; GatewayDown.
    """
    with transaction():
        order = handling.lock_by_secret(secret)
        if order.state is not OrderState.AWAITING_PAYMENT:
            raise Conflict(
                "order_not_payable", "This order was paid or cancelled.", state=order.state.value
            )
        if order.hold_expires_at <= now:
            raise Conflict(
                "hold_expired", "The goods were kept for you for a while. Order them again."
            )
        payment = payments.latest_of(order.id)
        if payment is None or payment.state not in payments.LIVE:
            payment = payments.open_attempt(order.id, order.total, order.currency, gateway, now)
    return payments.announce(payment, order.number, return_url, gateway)


# --- the gateway tells ------------------------------------------------------------------------


def complete(notice: Notice, body: bytes, gateway: Gateway, now: datetime) -> EventState:
    """Take in a verified message of a gateway: keep it, and do what it means. All or nothing.

    A repeated message returns quietly. One about a payment we do not know (yet) waits in the
    inbox; one that contradicts what we know is set aside for a person.
    """
    with transaction():
        if not inbox.keep(gateway.name, notice.event_id, notice.kind.value, body, now):
            return EventState.WITHOUT_EFFECT
        return _apply(notice, gateway, now)


def apply_waiting(notice: Notice, gateway: Gateway, now: datetime) -> EventState:
    """Try again with a message that came before what it is about."""
    with transaction():
        if not inbox.take_waiting(gateway.name, notice.event_id):
            return EventState.WITHOUT_EFFECT
        return _apply(notice, gateway, now)


def _apply(notice: Notice, gateway: Gateway, now: datetime) -> EventState:
    if notice.kind in (NoticeKind.REFUNDED, NoticeKind.REFUND_FAILED):
        state, problem = _apply_refund(notice, now)
    else:
        state, problem = _apply_payment(notice, gateway, now)
    if problem:
        log.error("%s event %s set aside: %s", gateway.name, notice.event_id, problem)
    if state is not EventState.WAITING:
        inbox.settle(gateway.name, notice.event_id, state, now, problem)
    return state


def _apply_payment(notice: Notice, gateway: Gateway, now: datetime) -> tuple[EventState, str]:
    order_id = payments.order_of(notice.reference)
    if order_id is None:
        return EventState.WAITING, ""
    # The order first, then the payment: everybody locks in this order.
    order = handling.lock_by_id(order_id)
    payment = payments.lock_by_reference(notice.reference)
    assert payment is not None
    problem = payments.mismatch(payment, notice, gateway)
    if problem:
        return EventState.SET_ASIDE, problem
    if notice.kind is NoticeKind.FAILED:
        failed = payments.fail(payment)
        return (EventState.APPLIED if failed else EventState.WITHOUT_EFFECT), ""
    if not payments.capture(payment, notice.payer, now):
        return EventState.WITHOUT_EFFECT, ""
    if handling.mark_paid(order.id, now):
        payments.close_attempts(order.id)
        tally = Tally()
        credit(order, now, tally)
        tally.write()
        jobs.leave(SEND_RECEIPT, f"receipt:{order.id}", {"order": order.public_id}, now)
    else:
        _send_surplus_back(order, payment, now)
    return EventState.APPLIED, ""


def _apply_refund(notice: Notice, now: datetime) -> tuple[EventState, str]:
    refund = refunds.find(notice.refund_reference)
    if refund is None:
        return EventState.WAITING, ""
    if (refund.amount, refund.currency) != (notice.amount, notice.currency):
        return (
            EventState.SET_ASIDE,
            f"refund of {refund.amount} {refund.currency}, got {notice.amount} {notice.currency}",
        )
    settled = refunds.settle(notice, now)
    return (EventState.APPLIED if settled else EventState.WITHOUT_EFFECT), ""


def _send_surplus_back(order: OrderFacts, payment: PaymentFacts, now: datetime) -> None:
    """Money for an order that is cancelled, or paid already, goes back by itself."""
    late = order.state is OrderState.CANCELLED
    refunds.owe(
        payment,
        payment.amount,
        RefundReason.LATE_PAYMENT if late else RefundReason.SURPLUS_PAYMENT,
        cause=f"surplus:{payment.id}",
        return_id=None,
        now=now,
    )


def credit(order: OrderFacts, now: datetime, tally: Tally) -> None:
    """Decide who earns on a paid order, accrue it, and put the sale into the tally."""
    lines = handling.lines_of(order.id)
    policy, _, credited = attribution.judge(order, lines, now)
    ties.after_sale(order, policy, credited, now)
    buyer = _buyer_of(order, now, tally)
    accrued = commissions.accrue(order, credited, buyer, now)
    day = local_day(now, settings().chain_time_zone)
    tally.add(day, counting.of_sale(lines, credited, new_customer=buyer.is_new))
    tally.add(day, counting.of_commission("accrued", accrued))


def _buyer_of(order: OrderFacts, now: datetime, tally: Tally) -> Buyer:
    """Whether this payment makes somebody a new customer.

    A till may tell late of a purchase from before what we took for their first. Then they were new
    with that one, and no longer with the other.
    """
    if order.customer_id is None:
        return Buyer.UNKNOWN
    noted = customers.note_first_payment(order.customer_id, now)
    if noted.instead_of:
        day = local_day(noted.instead_of, settings().chain_time_zone)
        tally.add(day, [counting.of_a_first_no_more(order.customer_id, noted.instead_of)])
        return Buyer.NEW_TOLD_LATE
    return Buyer.NEW if noted.is_first else Buyer.RETURNING


# --- the goods go, and come back --------------------------------------------------------------


def hand_over(order_id: str, actor: Actor, now: datetime) -> OrderFacts:
    """The customer has the goods: the return clock starts. Raises Conflict `order_not_paid`."""
    with transaction():
        return _hand_over(handling.lock(order_id), actor, now)


def hand_over_at_store(secret: str, actor: Actor, now: datetime) -> OrderFacts:
    """The same by an employee to whom the customer shows the key of their order's own page.

    Raises Conflict `order_not_paid`, NotFound `order_not_found`.
    """
    with transaction():
        return _hand_over(handling.lock_by_secret(secret), actor, now)


def hand_over_for_code(number: str, code: str, actor: Actor, now: datetime) -> OrderFacts:
    """The same for an order that is collected, by its number and the code that its customer shows.

    The caller has charged the try. Raises Conflict `order_not_paid`, Invalid `wrong_pick_up_code`.
    """
    with transaction():
        order_id = pick_ups.find_by_code(number, code)
        return _hand_over(handling.lock_by_id(order_id), actor, now)


def dispatch(
    order_id: str,
    kind: DispatchKind,
    tracking: dispatches.Tracking,
    actor: Actor,
    now: datetime,
) -> Dispatch:
    """Something of an order is on its way, or ready to be collected: the customer is told once.

    Raises NotFound `order_not_found` and what `dispatches.record` raises.
    """
    with transaction():
        made = dispatches.record(handling.lock(order_id), kind, tracking, actor, now)
        key = f"dispatch:{made.public_id}"
        jobs.leave(TELL_OF_DISPATCH, key, {"dispatch": made.public_id}, now)
        return made


def _hand_over(order: OrderFacts, actor: Actor, now: datetime) -> OrderFacts:
    handling.mark_handed_over(order, actor, now)
    commissions.start_hold(order.id, now)
    served = service_bonus.earn(order, actor, now)
    if served:
        _count(now, counting.of_commission("accrued", served))
    return handling.lock_by_id(order.id)


def take_back(
    order_id: str, pieces: Mapping[int, int], reason: str, actor: Actor, now: datetime
) -> returns.RecordedReturn:
    """Take back `pieces` by line position: refund, restock, reverse commission in proportion.

    Raises what `returns.record_return` raises, and Conflict `refund_too_large`, `sold_at_till`.
    """
    with transaction():
        return _take_back(handling.lock(order_id), pieces, reason, actor, now)


def accept_return(request_id: str, answer: str, actor: Actor, now: datetime) -> ReturnRequest:
    """The goods that a customer asked to give back are here: take them back, and say so.

    Raises what `take_back` raises, NotFound `request_not_found`, Conflict `request_over`.
    """
    with transaction():
        request = return_requests.find(request_id)
        order = handling.lock_by_id(request.order_id)
        return_requests.still_asked(request)
        pieces = {line.position: line.quantity for line in request.lines}
        returned = _take_back(order, pieces, request.reason.value, actor, now)
        return return_requests.accept(request, returned.id, answer, actor, now)


def _take_back(
    order: OrderFacts, pieces: Mapping[int, int], reason: str, actor: Actor, now: datetime
) -> returns.RecordedReturn:
    if order.door is Door.TILL:
        raise Conflict(
            "sold_at_till", "This was sold at a till: it is taken back and paid back there."
        )
    payment = payments.lock_captured(order.id)
    returned = returns.record_return(order, pieces, reason, actor, now)
    if payment is not None and returned.amount:
        refunds.owe(
            payment,
            returned.amount,
            RefundReason.RETURN,
            cause=f"return:{returned.id}",
            return_id=returned.id,
            now=now,
        )
    tally = Tally()
    reverse(order, returned, now, tally)
    tally.write()
    return returned


def reverse(
    order: OrderFacts, returned: returns.RecordedReturn, now: datetime, tally: Tally
) -> None:
    """Reverse the commission on what came back, and put the return into the tally."""
    taken_back = [
        commissions.Returned(line.order_line_id, line.returned_in_all, line.line_quantity)
        for line in returned.lines
    ]
    undone = commissions.reverse(taken_back, f"return:{returned.id}", order.currency, now)
    undone += service_bonus.take_back(order, now)
    day = local_day(now, settings().chain_time_zone)
    tally.add(day, counting.of_return(returned.lines))
    tally.add(day, counting.of_commission("reversed", undone))


def cancel(order_id: str, reason: CancelReason, actor: Actor, now: datetime) -> OrderFacts:
    """Nothing comes of an order that was not handed over: free the goods, send the money back.

    Raises Conflict `order_not_cancellable`.
    """
    with transaction():
        return _cancel(handling.lock(order_id), reason, actor, now)


def cancel_by_secret(secret: str, now: datetime) -> OrderFacts:
    """The customer changed their mind, on the order's own page."""
    with transaction():
        return _cancel(handling.lock_by_secret(secret), CancelReason.BY_CUSTOMER, CUSTOMER, now)


def _cancel(order: OrderFacts, reason: CancelReason, actor: Actor, now: datetime) -> OrderFacts:
    handling.mark_cancelled(order, reason, actor, now)
    payments.close_attempts(order.id)
    payment = payments.lock_captured(order.id)
    if payment is not None:
        refunds.owe(
            payment,
            payment.amount,
            RefundReason.CANCELLED,
            cause=f"cancel:{order.id}",
            return_id=None,
            now=now,
        )
        _uncredit(order, now)
    return handling.lock_by_id(order.id)


def _uncredit(order: OrderFacts, now: datetime) -> None:
    """All of a paid order is undone before it was handed over."""
    lines = handling.lines_of(order.id)
    whole = [commissions.Returned(line.id, line.quantity, line.quantity) for line in lines]
    undone = commissions.reverse(whole, f"cancel:{order.id}", order.currency, now)
    back = [
        returns.ReturnedLine(line.id, line.quantity, line.net, line.quantity, line.quantity)
        for line in lines
    ]
    _count(now, counting.of_return(back), counting.of_commission("reversed", undone))


# --- what comes round by itself ---------------------------------------------------------------


def expire_holds(now: datetime) -> int:
    """Cancel orders that were not paid in time, each in its own transaction; return how many."""
    count = 0
    for order_id in handling.expired(now, limit=200):
        with transaction():
            order = handling.lock_by_id(order_id)
            if order.state is OrderState.AWAITING_PAYMENT:
                _cancel(order, CancelReason.NOT_PAID_IN_TIME, SYSTEM, now)
                count += 1
    return count


def release(now: datetime) -> int:
    """Let all commission that is due by `now` become payable; return how many pieces of it."""
    return sum(_release_all(each, now) for each in (commissions.release, service_bonus.release))


def _release_all(release_some: Callable[[datetime, str], list[Moved]], now: datetime) -> int:
    count = 0
    while True:
        with transaction():
            moved = release_some(now, settings().chain_currency)
            _count(now, counting.of_commission("released", moved))
        if not moved:
            return count
        count += len(moved)


def settle_lost_notices(gateway: Gateway, now: datetime) -> int:
    """Ask the gateway about attempts it has not told us of; return how many were paid."""
    count = 0
    for payment in payments.unsettled(now - timedelta(minutes=2), limit=100):
        notice = gateway.find_capture(payment.reference)
        if notice is not None:
            complete(notice, b"", gateway, now)
            count += 1
    return count


# --- payday -----------------------------------------------------------------------------------


def draft_payout(cutoff_at: datetime, actor: Actor, now: datetime) -> PayoutBatch:
    """Release what is due by the cutoff, then claim everything payable into a draft batch."""
    release(min(cutoff_at, now))
    return payouts.draft(cutoff_at, settings().chain_currency, actor, now)


def pay_out(batch_id: str, now: datetime) -> PayoutBatch:
    """Payroll has paid an approved batch: book it and count it."""
    with transaction():
        batch, moved = payouts.mark_paid(batch_id, now)
        _count(now, counting.of_commission("paid", moved))
        return batch


# --- the month ends ---------------------------------------------------------------------------


def begin_close(name: str, actor: Actor, now: datetime) -> Period:
    """Begin to close a period, and leave it to the workers, a step at a time.

    Whoever takes the steps themselves, as `close_period` does, shares the work with them. Raises
    what `closing.begin` raises.
    """
    with transaction():
        period = closing.begin(name, actor, now)
        payload = {"period": name, "by": actor.employee_id}
        jobs.leave(CLOSE_PERIOD, f"close:{name}", payload, now)
        return period


def close_period(
    name: str, actor: Actor, now: datetime, told: Callable[[int], object] = lambda _: None
) -> Period:
    """Close a period, or finish a close that stopped halfway; `told` hears of employees done.

    What fell due before its end is released first, so that it is stated as payable. Raises what
    `closing.begin` raises.
    """
    closing.begin(name, actor, now)
    release(min(periods.find(name).ends_at, now))
    while done := closing.take_a_step(name, actor, now):
        told(done)
    return periods.find(name)


def _count(now: datetime, *changes: Sequence[Change]) -> None:
    """Keep the day's roll-up in step, last of all: its rows are shared with other sales."""
    rollups.bump(local_day(now, settings().chain_time_zone), chain.from_iterable(changes))
