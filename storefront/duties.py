"""What is done after a commit, and what comes round by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from storefront import disputing, payday, sales
from storefront.attribution import transfers
from storefront.attribution.disputes import words as dispute_words
from storefront.attribution.tie_words import say_transfer
from storefront.commissions import periods, transferring
from storefront.commissions.period_models import PeriodState
from storefront.core import jobs, preview_pictures
from storefront.core.actor import Actor
from storefront.core.database import db
from storefront.core.languages import LANGUAGES
from storefront.core.settings import settings
from storefront.customers import sign_in
from storefront.fraud import scan
from storefront.insights import visits
from storefront.insights.disputes import own
from storefront.insights.simulations import service as simulations
from storefront.integrations.payments.base import NoticeRefused
from storefront.integrations.running import gateway, gateway_named, messenger
from storefront.integrations.running import transfers as transfer_provider
from storefront.orders import coupon_guesses, pick_ups
from storefront.orders.models import Dispatch, DispatchKind, Fulfilment, Order, OrderState
from storefront.payments import inbox, refunds
from storefront.staff import attempts, sessions
from storefront.staff.models import Employee

RECEIPTS = {
    "zh": "{chain}：订单 {number} 已付款，我们正在备货。查看订单：{address}",
    "en": "{chain}: order {number} is paid and being prepared. Your order: {address}",
}

SIGN_IN_CODES = {
    "zh": "{chain}验证码：{code}，用来查看您的订单。十分钟内有效，别告诉任何人。",
    "en": "{chain}: {code} is your code to see your orders. It works for ten minutes. Tell it to"
    " nobody.",
}

RECEIPTS_TO_COLLECT = {
    "zh": "{chain}：订单 {number} 已付款，备好后会再发短信，请到{store}自提。查看订单：{address}",
    "en": "{chain}: order {number} is paid. We send another message as soon as it is ready at"
    " {store}. Your order: {address}",
}

SENT_BY_CARRIER = {
    "zh": "{chain}：订单 {number} 已发货，{carrier} {tracking_number}。查看订单：{address}",
    "en": "{chain}: order {number} is on its way, {carrier} {tracking_number}. Your order:"
    " {address}",
}

SENT_BY_US = {
    "zh": "{chain}：订单 {number} 已出发，由我们的人送到。查看订单：{address}",
    "en": "{chain}: order {number} is on its way; our own people bring it. Your order: {address}",
}

READY_TO_COLLECT = {
    "zh": "{chain}：订单 {number} 已备好，请到{store}出示取货码 {code}。查看订单：{address}",
    "en": "{chain}: order {number} is ready at {store}. Show the code {code} there. Your order:"
    " {address}",
}

_ORDER_FOR = sa.select(Order).where(Order.public_id == sa.bindparam("order"))
_ORDER_OF_DISPATCH = (
    sa.select(Order, Dispatch)
    .join(Dispatch, Dispatch.order_id == Order.id)
    .where(Dispatch.public_id == sa.bindparam("dispatch"))
)


def send_refund(payload: dict[str, Any], now: datetime) -> None:
    """Send a refund to its gateway."""
    refunds.send(payload["refund"], gateway(), now)


def send_receipt(payload: dict[str, Any], _now: datetime) -> None:
    """Tell the customer that the order is paid, with the way back to its page."""
    order = db.session.scalars(_ORDER_FOR, {"order": payload["order"]}).one()
    collected = order.fulfilment is Fulfilment.PICK_UP
    phone, text = _message(order, RECEIPTS_TO_COLLECT if collected else RECEIPTS)
    db.session.rollback()  # the message service may take its time: keep no connection meanwhile
    messenger().send(phone, text, key=f"receipt:{payload['order']}")


def tell_of_dispatch(payload: dict[str, Any], _now: datetime) -> None:
    """Tell the customer that something is on its way, or ready; not of an order that is over."""
    order, dispatch = db.session.execute(_ORDER_OF_DISPATCH, payload).one()
    texts = SENT_BY_CARRIER if dispatch.number else SENT_BY_US
    if dispatch.kind is DispatchKind.READY_FOR_PICK_UP:
        texts = READY_TO_COLLECT
    phone, text = _message(order, texts, carrier=dispatch.carrier, tracking_number=dispatch.number)
    is_open = order.state is OrderState.PAID
    db.session.rollback()
    if is_open:
        messenger().send(phone, text, key=f"dispatch:{payload['dispatch']}")


def _message(order: Order, texts: Mapping[str, str], **values: str) -> tuple[str, str]:
    """The customer's number, and the text in their language with what it names filled in."""
    chosen = settings()
    language = order.language if order.language in texts else "zh"
    in_chinese = language == "zh"
    return order.contact_phone, texts[language].format(
        chain=chosen.chain_name_zh if in_chinese else chosen.chain_name_en,
        number=order.number,
        address=f"{chosen.public_base_url}/o/{order.secret}",
        store=order.pick_up_name_zh if in_chinese else order.pick_up_name_en,
        code=order.pick_up_code,
        **values,
    )


def send_sign_in_code(payload: dict[str, Any], now: datetime) -> None:
    """Send a customer the code they asked for, unless it would come too late."""
    found = sign_in.code_to_send(payload["salt"], now)
    db.session.rollback()
    if found is None:
        return
    phone, code = found
    chosen, language = settings(), payload["language"]
    chain = chosen.chain_name_zh if language == "zh" else chosen.chain_name_en
    # The last line lets phones fill the code in by themselves, on this host alone.
    host = urlsplit(chosen.public_base_url).hostname
    text = f"{SIGN_IN_CODES[language].format(chain=chain, code=code)}\n@{host} #{code}"
    messenger().send(phone, text, key=f"sign-in:{payload['salt']}")


def tell_of_customers(payload: dict[str, Any], _now: datetime) -> None:
    """Tell an employee how many customers came to them or went, in both languages.

    Somebody without a phone number finds it in their list of customers.
    """
    employee_id, count, reason = payload["employee"], payload["count"], payload["reason"]
    phone = db.session.scalar(sa.select(Employee.phone).where(Employee.id == employee_id))
    key = f"customers:{payload['deed']}:{employee_id}"
    db.session.rollback()
    if phone:
        text = "\n".join(say_transfer(count, reason, language) for language in LANGUAGES)
        messenger().send(phone, text, key=key)


def tell_of_dispute(payload: dict[str, Any], now: datetime) -> None:
    """Tell somebody concerned where a dispute stands, in both languages.

    Somebody without a phone number finds it in their list of disputes.
    """
    employee_id, news = payload["employee"], payload["news"]
    phone = db.session.scalar(sa.select(Employee.phone).where(Employee.id == employee_id))
    standing = own.find(employee_id, payload["dispute"]).standing
    key = f"dispute:{payload['dispute']}:{news}:{employee_id}"
    db.session.rollback()
    if phone:
        zone = settings().chain_time_zone
        text = "\n".join(
            " ".join(dispute_words.of_case(standing, now, language, zone)) for language in LANGUAGES
        )
        messenger().send(phone, text, key=key)


def apply_waiting_events(now: datetime) -> None:
    """Look again at gateway messages that came before what they are about."""
    for name, event_id, body in inbox.waiting(now - timedelta(seconds=5), limit=100):
        source = gateway_named(name)
        try:
            notice = source.reread_notice(body)
        except NoticeRefused:
            continue
        assert notice.event_id == event_id
        sales.apply_waiting(notice, source, now)


def ask_for_lost_notices(now: datetime) -> None:
    """Ask the gateway about payments it has not told us of."""
    sales.settle_lost_notices(gateway(), now)


def close_period(payload: dict[str, Any], now: datetime) -> None:
    """Go on with the close of a period until it is closed; a job that dies is taken up again."""
    if periods.find(payload["period"]).state is not PeriodState.CLOSED:
        sales.close_period(payload["period"], Actor("system", payload["by"]), now)


def send_payouts(payload: dict[str, Any], now: datetime) -> None:
    """Send the payouts of a batch that was submitted."""
    payday.send(payload["batch"], transfer_provider(), now)


def ask_about_batch(payload: dict[str, Any], now: datetime) -> None:
    """Ask what became of the payouts of one batch."""
    payday.ask(payload["batch"], transfer_provider(), now)


def ask_about_payouts(now: datetime) -> None:
    """Ask what became of payouts that were sent and not answered, a few minutes later."""
    for batch in transferring.unanswered(now - timedelta(minutes=5)):
        payday.ask(batch, transfer_provider(), now)


JOB_HANDLERS: dict[str, jobs.Handler] = {
    refunds.SEND_REFUND: send_refund,
    sales.SEND_RECEIPT: send_receipt,
    sales.TELL_OF_DISPATCH: tell_of_dispatch,
    sign_in.SEND_CODE: send_sign_in_code,
    sales.CLOSE_PERIOD: close_period,
    payday.SEND_PAYOUTS: send_payouts,
    payday.ASK_ABOUT_PAYOUTS: ask_about_batch,
    transfers.TELL_OF_CUSTOMERS: tell_of_customers,
    disputing.TELL: tell_of_dispute,
    simulations.TAKE_A_STEP: simulations.take_a_step,
}

PERIODIC_DUTIES: dict[str, tuple[timedelta, jobs.Periodic]] = {
    "expire holds": (timedelta(seconds=20), sales.expire_holds),
    "apply waiting gateway events": (timedelta(seconds=10), apply_waiting_events),
    "ask for lost notices": (timedelta(minutes=1), ask_for_lost_notices),
    "release commission": (timedelta(minutes=10), sales.release),
    "ask about payouts": (timedelta(minutes=10), ask_about_payouts),
    "open periods": (timedelta(hours=1), periods.open_due),
    "look for fraud": (timedelta(minutes=10), scan.scan_in_turn),
    "fold visits": (timedelta(minutes=1), visits.fold),
    "forget failed sign-ins": (timedelta(hours=1), attempts.forget_old),
    "forget tries of pick-up codes": (timedelta(hours=1), pick_ups.forget_old),
    "forget wrong coupons": (timedelta(hours=1), coupon_guesses.forget_old),
    "forget customers' codes": (timedelta(hours=1), sign_in.forget_old),
    "forget old preview pictures": (timedelta(days=1), preview_pictures.forget_old),
    "forget ended sessions": (timedelta(hours=6), sessions.forget_old),
}
