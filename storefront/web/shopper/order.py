"""An order's page, behind its secret address: where it stands, and what happens next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response

from storefront import sales, visiting
from storefront.catalog import shelf
from storefront.core import clock
from storefront.core.errors import Conflict, NotFound
from storefront.core.phones import readable
from storefront.core.settings import settings
from storefront.integrations.payments.base import GatewayDown
from storefront.integrations.running import gateway
from storefront.orders import dispatches, handling, return_requests
from storefront.orders.models import (
    ORDER_TRANSITIONS,
    Dispatch,
    DispatchKind,
    Order,
    OrderState,
    RequestState,
    ReturnReason,
    ReturnRequest,
)
from storefront.payments import refunds
from storefront.payments import service as payments
from storefront.payments.models import PaymentState, Refund, RefundState
from storefront.web import formats, headers, pages
from storefront.web.language import chosen_language
from storefront.web.phrases import Speaker
from storefront.web.shopper import progress

blueprint = Blueprint("order", __name__)
blueprint.before_request(visiting.refuse_foreign_pages)

NOTHING_TYPED: Mapping[str, str] = MappingProxyType({})


@blueprint.get("/o/<secret>")
def show(secret: str) -> Response:
    """The order as it stands."""
    return _shown(secret)


@blueprint.post("/o/<secret>/pay")
def pay(secret: str) -> Response:
    """Go to the gateway's pay page."""
    return_url = f"{settings().public_base_url}/o/{secret}"
    try:
        return pages.see_other(sales.pay_address(secret, return_url, gateway(), clock.now()))
    except Conflict:
        # Paid, cancelled or too late meanwhile: the order's page says which.
        return pages.see_other(f"/o/{secret}")
    except GatewayDown:
        return _shown(secret, "order.gateway_down", 503)


@blueprint.post("/o/<secret>/cancel")
def cancel(secret: str) -> Response:
    """Cancel the order; what was paid goes back."""
    try:
        sales.cancel_by_secret(secret, clock.now())
    except Conflict:
        return _shown(secret, "order.cancel_late", 409)
    return pages.see_other(f"/o/{secret}")


@blueprint.get("/o/<secret>/pick-up.svg")
def pick_up_code(secret: str) -> Response:
    """The code with which an order is collected, to be scanned, while there is something to."""
    order = handling.find_by_secret(secret)
    if order.state is not OrderState.PAID or not order.pick_up_code:
        raise NotFound("picture_not_found", "There is nothing to collect.")
    response = pages.answer_secretly("")
    response.set_data(progress.code_picture(order))
    response.content_type = "image/svg+xml"
    return response


def _shown(secret: str, problem: str = "", status: int = 200) -> Response:
    return shown(secret, [("", Speaker(chosen_language())(problem))] if problem else [], status)


def shown(
    secret: str,
    problems: list[tuple[str, str]],
    status: int = 200,
    typed: Mapping[str, str] = NOTHING_TYPED,
) -> Response:
    """The order's page, with what is wrong (anchor and words) and what was typed in its form."""
    order = handling.find_by_secret(secret)
    say, now = Speaker(chosen_language()), clock.now()
    is_awaiting = order.state is OrderState.AWAITING_PAYMENT
    may_pay = is_awaiting and order.hold_expires_at > now
    dispatched = dispatches.of_order(order.id) if order.paid_at else ()
    heading, words = _state_in_words(order, dispatched, say, now)
    looks = shelf.looks(line.variant_id for line in order.lines)
    html = pages.render(
        "shopper/order.html",
        say.language,
        path=f"/o/{secret}",
        order=order,
        heading=heading,
        words=words,
        problems=problems,
        typed=typed,
        giving_back=_giving_back(order, say),
        steps=progress.steps_of(order, dispatched),
        parcels=[each for each in dispatched if each.kind is DispatchKind.SENT],
        to_collect=progress.to_collect(order, say.language),
        moment=lambda when: formats.moment(when, say.language),  # pyright: ignore
        short_moment=lambda when: formats.short_moment(when, say.language),  # pyright: ignore
        lines=[(line, looks.get(line.variant_id)) for line in order.lines],
        refunds=[_refund_in_words(refund, say) for refund in refunds.refunds_of(order.id)],
        phone=readable(order.contact_phone),
        placed_at=formats.moment(order.placed_at, say.language),
        was_declined=may_pay and _was_declined(order),
        may_pay=may_pay,
        may_cancel=OrderState.CANCELLED in ORDER_TRANSITIONS[order.state],
        is_paid=not is_awaiting,
        is_over=order.state is OrderState.CANCELLED or (is_awaiting and not may_pay),
    )
    response = pages.answer_secretly(html, status)
    # The pay button's form is sent on to the gateway, wherever that is.
    response.headers["Content-Security-Policy"] = headers.policy_with_forms_to(
        settings().public_base_url, "https:"
    )
    return response


def _giving_back(order: Order, say: Speaker) -> dict[str, Any]:
    """What the customer has asked to give back, and whether they may ask for more."""
    asked: Sequence[ReturnRequest] = ()
    if order.handed_over_at is not None:
        asked = return_requests.of_order(order.id)
    until = return_requests.may_ask_until(order)
    is_open = any(request.state is RequestState.ASKED for request in asked)
    left = any(line.returned_quantity < line.quantity for line in order.lines)
    return {
        "asked": [(request, _request_in_words(request, say)) for request in asked],
        "may_ask": until is not None and clock.now() < until and not is_open and left,
        "until": formats.day(until, say.language) if until else "",
        "reasons": list(ReturnReason),
    }


def _request_in_words(request: ReturnRequest, say: Speaker) -> str:
    when = request.answered_at or request.asked_at
    return say(f"giving_back.{request.state.value}", day=formats.day(when, say.language))


def _state_in_words(
    order: Order, dispatched: Sequence[Dispatch], say: Speaker, now: datetime
) -> tuple[str, str]:
    """What the state is called, and what happens next."""
    language = say.language
    if order.state is OrderState.AWAITING_PAYMENT and order.hold_expires_at <= now:
        return say("order.expired"), say("order.expired_words")
    if order.state is OrderState.AWAITING_PAYMENT:
        until = formats.time_of_day(order.hold_expires_at, language)
        return say("order.awaiting"), say("order.awaiting_words", time=until)
    if order.state is OrderState.PAID:
        return progress.paid_in_words(order, dispatched, say, now)
    if order.state is OrderState.HANDED_OVER:
        return progress.handed_over_in_words(order, say, now)
    at = formats.moment(order.cancelled_at or now, language)
    words = [say(f"order.cancelled_{order.cancel_reason.value}", time=at)]
    if order.paid_at is None:
        words.append(say("order.nothing_taken"))
    return say("order.cancelled"), " ".join(words)


def _refund_in_words(refund: Refund, say: Speaker) -> str:
    amount = formats.money(refund.amount, refund.currency, say.language)
    if refund.state is RefundState.PAID_BACK and refund.paid_back_at:
        day = formats.day(refund.paid_back_at, say.language)
        return say("order.refund_paid_back", amount=amount, day=day)
    failed = refund.state is RefundState.FAILED
    return say("order.refund_failed" if failed else "order.refund_on_its_way", amount=amount)


def _was_declined(order: Order) -> bool:
    payment = payments.latest_of(order.id)
    return payment is not None and payment.state is PaymentState.FAILED
