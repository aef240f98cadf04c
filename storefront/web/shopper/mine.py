"""A customer's own orders, for whoever proves with a code that the phone number is theirs."""

from __future__ import annotations

from flask import Blueprint, Response, request

from storefront import visiting
from storefront.catalog import shelf
from storefront.core import clock
from storefront.core.cursors import cursor_of, key_of
from storefront.core.errors import Invalid, TooMany
from storefront.customers import sign_in
from storefront.customers.service import phone_number
from storefront.orders import history
from storefront.orders.history import OwnOrder
from storefront.orders.models import Fulfilment, OrderState
from storefront.web import formats, pages
from storefront.web.forms import sent
from storefront.web.language import Language, chosen_language
from storefront.web.phrases import Speaker

blueprint = Blueprint("mine", __name__)
blueprint.before_request(visiting.refuse_foreign_pages)
blueprint.after_request(visiting.set_cookie)

_PAID = {
    (Fulfilment.DELIVERY, False): "order.paid",
    (Fulfilment.DELIVERY, True): "order.sent",
    (Fulfilment.PICK_UP, False): "order.paid_pick_up",
    (Fulfilment.PICK_UP, True): "order.ready",
}

LONGEST_PHONE = 32
LONGEST_CODE = 20


@blueprint.get("/orders")
def show() -> Response:
    """The orders, or the way in."""
    visitor, now = visiting.known_visitor(), clock.now()
    customer_id = sign_in.signed_in(visitor, now) if visitor else None
    if customer_id is None:
        return _ask()
    before = key_of(request.args.get("after"))
    found = history.orders_of(customer_id, before, history.PAGE + 1)
    orders = found[: history.PAGE]
    language = chosen_language()
    looks = shelf.looks(order.first_variant_id for order in orders)
    html = pages.render(
        "shopper/orders.html",
        language,
        orders=[
            (order, looks.get(order.first_variant_id), _state(order, language)) for order in orders
        ],
        day=lambda when: formats.day(when, language),  # pyright: ignore
        next=cursor_of(orders[-1].id) if len(found) > history.PAGE else None,
    )
    return pages.answer_secretly(html)


@blueprint.post("/orders/code")
def send_code() -> Response:
    """Send a code to the number, if a customer has it; the answer is the same if nobody does."""
    typed = sent("phone", LONGEST_PHONE)
    say = Speaker(chosen_language())
    try:
        phone = phone_number(typed)
    except Invalid:
        return _ask(typed, ("phone", say("checkout.phone_wrong")), 422)
    try:
        sign_in.ask(phone, request.remote_addr or "", say.language, clock.now())
    except TooMany as refusal:
        minutes = -(-refusal.extra["retry_after"] // 60)
        answer = _ask_for_code(typed, ("code", say("mine.too_many", count=minutes)), 429)
        answer.headers["Retry-After"] = str(refusal.extra["retry_after"])
        return answer
    return _ask_for_code(typed)


@blueprint.post("/orders/in")
def enter() -> Response:
    """Prove it with the code."""
    typed, code = sent("phone", LONGEST_PHONE), sent("code", LONGEST_CODE)
    say = Speaker(chosen_language())
    try:
        sign_in.prove(phone_number(typed), code, visiting.visitor(), clock.now())
    except Invalid as problem:
        if problem.code != "wrong_code":
            return _ask(typed, ("phone", say("checkout.phone_wrong")), 422)
        return _ask_for_code(typed, ("code", say("mine.wrong_code")), 422)
    return pages.see_other("/orders")


@blueprint.post("/orders/out")
def leave() -> Response:
    """Forget who is in front of this browser."""
    visitor = visiting.known_visitor()
    if visitor:
        sign_in.sign_out(visitor)
    return pages.see_other("/orders")


def _ask(typed: str = "", problem: tuple[str, str] | None = None, status: int = 200) -> Response:
    html = pages.render(
        "shopper/sign_in.html", path="/orders", step="phone", typed=typed, problem=problem
    )
    return pages.answer_secretly(html, status)


def _ask_for_code(
    typed: str, problem: tuple[str, str] | None = None, status: int = 200
) -> Response:
    minutes = int(sign_in.GOOD_FOR.total_seconds() // 60)
    html = pages.render(
        "shopper/sign_in.html",
        path="/orders",
        step="code",
        typed=typed,
        problem=problem,
        minutes=minutes,
    )
    return pages.answer_secretly(html, status)


def _state(order: OwnOrder, language: Language) -> str:
    say = Speaker(language)
    if order.state is OrderState.AWAITING_PAYMENT and order.hold_expires_at <= clock.now():
        return say("order.expired")
    if order.state is OrderState.PAID:
        store = order.pick_up_name_zh if language == "zh" else order.pick_up_name_en
        return say(_PAID[order.fulfilment, order.is_dispatched], store=store)
    keys = {
        OrderState.AWAITING_PAYMENT: "order.awaiting",
        OrderState.HANDED_OVER: "order.handed_over",
        OrderState.CANCELLED: "order.cancelled",
    }
    return say(keys[order.state])
