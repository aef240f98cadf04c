"""How an order reaches its customer, as customers and headquarters see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import fields

from storefront.api.schemas import Schema, Time
from storefront.orders.models import Dispatch, DispatchKind, Fulfilment, Order

ZH_NAME, EN_NAME = "衡山路店", "Hengshan Road"


class PickUpSchema(Schema):
    """Where an order is collected, as it was called when it was placed."""

    name = fields.Dict(metadata={"example": {"zh": ZH_NAME, "en": EN_NAME}})
    address = fields.Dict(
        metadata={"example": {"zh": "上海市衡山路 1 号", "en": "1 Hengshan Road, Shanghai"}}
    )


class DispatchSchema(Schema):
    """Something of an order is on its way, or ready to be collected."""

    id = fields.String(metadata={"example": "dsp_7kq3mnpqrstvwxyz"})
    kind = fields.Enum(DispatchKind, by_value=True)
    carrier = fields.String(
        metadata={"example": "SF Express", "description": "Empty where the chain brings it itself"}
    )
    number = fields.String(metadata={"example": "SF1042583120971"})
    tracking_url = fields.String(
        allow_none=True, metadata={"example": "https://carrier.example/SF1042583120971"}
    )
    at = Time()


def show_pick_up(order: Order) -> dict[str, Any] | None:
    """Where an order is collected as its schema's document; None for one that is sent."""
    if order.fulfilment is not Fulfilment.PICK_UP:
        return None
    return {
        "name": {"zh": order.pick_up_name_zh, "en": order.pick_up_name_en},
        "address": {"zh": order.pick_up_address_zh, "en": order.pick_up_address_en},
    }


def show_dispatch(dispatch: Dispatch) -> dict[str, Any]:
    """A dispatch as its schema's document."""
    return {
        "id": dispatch.public_id,
        "kind": dispatch.kind,
        "carrier": dispatch.carrier,
        "number": dispatch.number,
        "tracking_url": dispatch.tracking_url or None,
        "at": dispatch.at,
    }


def show_dispatches(dispatches: Iterable[Dispatch]) -> list[dict[str, Any]]:
    """Several of them."""
    return [show_dispatch(dispatch) for dispatch in dispatches]
