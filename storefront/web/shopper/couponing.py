"""The coupon at the checkout: typed in, shown in the sums, taken off again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request

from storefront.core import clock
from storefront.core.errors import Conflict, DomainError, Gone, NotFound, TooMany
from storefront.core.settings import settings
from storefront.customers.service import phone_number
from storefront.orders import carts, coupon_guesses, coupon_quotes
from storefront.orders.carts import CartView
from storefront.orders.coupon_rules import Why
from storefront.sharing import meetings
from storefront.sharing.models import TouchKind
from storefront.web import formats
from storefront.web.forms import sent
from storefront.web.phrases import Speaker

LONGEST_CODE = 40
"""Characters; an employee's code may be typed in too."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a code that was typed in, or taken off."""

    cart: CartView
    words: str = ""
    """What is wrong with it; empty if nothing is."""
    thanks: str = ""
    """Whom an employee's code credits, in words."""
    status: int = 200


@dataclass(frozen=True, slots=True)
class CouponBox:
    """The coupon as the page shows it."""

    offered: bool
    """Whether there is a field to type a code in."""
    code: str
    """Of the coupon in the cart; empty without one."""
    name: str
    discount: int
    total: int
    """What the cart comes to."""
    words: str
    """Why the coupon in the cart takes nothing off."""
    typed: str
    thanks: str


def is_asked() -> bool:
    """Whether the form is about the coupon and orders nothing (yet).

    Whoever typed a code and pressed another button wants it to count all the same, unless the page
    has told them that it does not and what the order comes to without it.
    """
    if {"apply", "take_off"} & request.form.keys():
        return True
    return _typed() not in {"", sent("coupon_refused", LONGEST_CODE).strip()}


def ask(cart_id: str, visitor: str, phone: str, say: Speaker) -> Asked:
    """Put the code that was typed on the cart, or take the cart's coupon off.

    Raises NotFound `cart_not_found`, Conflict `cart_already_ordered`.
    """
    if "take_off" in request.form:
        return Asked(coupon_quotes.take_off(cart_id, visitor))
    code, caller, now = _typed(), request.remote_addr or "", clock.now()
    cart = carts.read(cart_id, visitor)
    if not code:
        return Asked(cart, say("coupon.missing"), status=422)
    try:
        return Asked(coupon_quotes.put_on(cart_id, visitor, code, caller, now, _e164(phone)))
    except TooMany as refusal:
        minutes = -(-refusal.extra["retry_after"] // 60)
        return Asked(cart, say("coupon.too_many", count=minutes), status=429)
    except (Conflict, NotFound) as refusal:
        if not is_refusal(refusal):
            raise
        thanks = ""
        if refusal.code == Why.UNKNOWN:
            thanks = _told(code, visitor, caller, now, say)
        words = "" if thanks else in_words(refusal.code, refusal.extra, say)
        return Asked(cart, words, thanks, 200 if thanks else 409)


def leave_out(cart_id: str, visitor: str) -> None:
    """Take the cart's coupon off, if the page that was sent has said that it does not count.

    Whoever orders then has seen the total without it. Raises NotFound `cart_not_found`, Conflict
    `cart_already_ordered`.
    """
    if "coupon_left_out" in request.form:
        coupon_quotes.take_off(cart_id, visitor)


def is_refusal(error: DomainError) -> bool:
    """Whether it says why a coupon takes nothing off."""
    return error.code in set(Why)


def in_words(why: str, extra: Mapping[str, Any], say: Speaker) -> str:
    """Why a coupon takes nothing off, and what to do about it."""
    values: dict[str, object] = {}
    if "missing" in extra:
        currency = settings().chain_currency
        values["missing"] = formats.money(extra["missing"], currency, say.language)
    if "starts_at" in extra:
        starts_at = datetime.fromisoformat(extra["starts_at"])
        values["time"] = formats.moment(starts_at, say.language)
    return say(f"coupon.{why.removeprefix('coupon_')}", **values)


def box(cart: CartView, phone: str, say: Speaker, thanks: str = "") -> CouponBox:
    """The coupon of a cart as the page shows it. One query without one."""
    now = clock.now()
    quote = coupon_quotes.quote(cart, now, _e164(phone))
    coupon, refused, words = quote.coupon, quote.refused, ""
    if coupon and refused:
        extra = {"missing": refused.missing, "starts_at": coupon.starts_at.isoformat()}
        words = in_words(refused.why, extra, say)
    return CouponBox(
        offered=coupon is None and coupon_quotes.any_in_force(now),
        code=coupon.code if coupon else "",
        name=(coupon.name_zh if say.language == "zh" else coupon.name_en) if coupon else "",
        discount=quote.discount,
        total=quote.total,
        words=words,
        # What counts already need not be typed again.
        typed="" if coupon or thanks else _typed(),
        thanks=thanks,
    )


def _typed() -> str:
    return sent("coupon", LONGEST_CODE).strip()


def _told(code: str, visitor: str, caller: str, now: datetime, say: Speaker) -> str:
    """An employee's own code may be typed in here: it takes no money off, and they are credited."""
    try:
        shop = meetings.told_code(code, TouchKind.COUPON, visitor, now)
    except (NotFound, Gone):
        return ""
    coupon_guesses.give_back(visitor, caller)
    return say("coupon.thanks", shop=shop)


def _e164(phone: str) -> str | None:
    try:
        return phone_number(phone) if phone else None
    except DomainError:
        return None
