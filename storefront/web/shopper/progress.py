"""How far an order has come, as its page and the list of orders tell it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import segno

from storefront.catalog import locations
from storefront.core.phones import readable
from storefront.core.settings import settings
from storefront.orders import pick_ups
from storefront.orders.dispatches import KIND_OF
from storefront.orders.models import Dispatch, Fulfilment, Order, OrderState
from storefront.web import formats
from storefront.web.language import Language
from storefront.web.phrases import Speaker


class Step(NamedTuple):
    """Something that happens to every order; `at` is None until it has."""

    name: str
    at: datetime | None


def steps_of(order: Order, dispatches: Sequence[Dispatch]) -> list[Step]:
    """From placed to handed over. That something is on its way is left out if nobody said so."""
    steps = [Step("placed", order.placed_at), Step("paid", order.paid_at)]
    if dispatches or order.handed_over_at is None:
        first = dispatches[0].at if dispatches else None
        steps.append(Step(KIND_OF[order.fulfilment].value, first))
    return [*steps, Step("handed_over", order.handed_over_at)]


def paid_in_words(
    order: Order, dispatches: Sequence[Dispatch], say: Speaker, now: datetime
) -> tuple[str, str]:
    """What it is called that an order is paid, on its way or ready, and what happens next."""
    collected = order.fulfilment is Fulfilment.PICK_UP
    if dispatches:
        at = formats.moment(dispatches[-1].at, say.language)
        if collected:
            return say("order.ready", store=store_of(order, say.language)), say(
                "order.ready_words", time=at
            )
        parts = len(dispatches)
        key = "order.sent_words" if parts == 1 else "order.sent_parts_words"
        return say("order.sent"), say(key, time=at, count=parts)
    at = formats.moment(order.paid_at or now, say.language)
    phone = readable(order.contact_phone)
    if not collected:
        return say("order.paid"), say("order.paid_words", time=at, phone=phone)
    words = [say("order.paid_pick_up_words", time=at, phone=phone)]
    if not pick_ups.is_all_there(order.id):
        words.append(say("order.not_all_there"))
    heading = say("order.paid_pick_up", store=store_of(order, say.language))
    return heading, ("" if say.language == "zh" else " ").join(words)


def handed_over_in_words(order: Order, say: Speaker, now: datetime) -> tuple[str, str]:
    """That the customer has it, and until when it may come back."""
    collected = order.fulfilment is Fulfilment.PICK_UP
    return say("order.handed_over"), say(
        "order.collected_words" if collected else "order.handed_over_words",
        day=formats.day(order.handed_over_at or now, say.language),
        count=settings().return_days,
        store=store_of(order, say.language),
    )


def store_of(order: Order, language: Language) -> str:
    """What the place is called where it is collected; "" for one that is sent."""
    return order.pick_up_name_zh if language == "zh" else order.pick_up_name_en


class ToCollect(NamedTuple):
    """Where an order is collected, in one language."""

    store: str
    address: str
    opening: str
    code: str
    """Empty while there is nothing to collect."""


def to_collect(order: Order, language: Language) -> ToCollect | None:
    """Where an order is collected, open as it is today; None for one that is sent."""
    if order.pick_up_location_id is None:
        return None
    in_chinese = language == "zh"
    zh, en = locations.opening_of(order.pick_up_location_id)
    return ToCollect(
        store_of(order, language),
        order.pick_up_address_zh if in_chinese else order.pick_up_address_en,
        zh if in_chinese else en,
        order.pick_up_code if order.state is OrderState.PAID else "",
    )


def code_picture(order: Order) -> bytes:
    """The number and the pick-up code of an order as a QR code in SVG, with its quiet zone."""
    drawn = io.BytesIO()
    code = segno.make(f"{order.number} {order.pick_up_code}", error="m", micro=False)
    code.save(drawn, kind="svg", border=4, scale=8, dark="#000", light="#fff", nl=False)
    return drawn.getvalue()
