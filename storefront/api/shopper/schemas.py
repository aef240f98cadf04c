"""What shoppers send and see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from storefront.api.fulfilment_schemas import (
    EN_NAME,
    ZH_NAME,
    DispatchSchema,
    PickUpSchema,
    show_dispatches,
    show_pick_up,
)
from storefront.api.schemas import (
    LARGEST_INTEGER,
    MoneySchema,
    Schema,
    Time,
    list_of,
    money,
    quantity,
    text,
)
from storefront.catalog.locations import PickUpPoint
from storefront.orders.carts import MOST_LINES, CartView
from storefront.orders.coupon_models import Coupon
from storefront.orders.coupon_quotes import Quote
from storefront.orders.coupon_rules import Why
from storefront.orders.models import CancelReason, Dispatch, Fulfilment, Order, OrderState
from storefront.payments.models import PaymentState

NUMBER, KEY = "260305-48213-90577", "7kq3mnpqrstvwxyz2b4c6d8f9g"
"""An order's, for the examples."""


class WantedLine(Schema):
    """So many pieces of a variant."""

    variant = fields.String(required=True, metadata={"example": "var_7kq3mnpqrstvwxyz"})
    quantity = quantity(required=True, metadata={"example": 2})


class NewCart(Schema):
    """What to put into a new cart. Prices are the shop's business and cannot be sent."""

    lines = list_of(WantedLine, load_default=list, validate=validate.Length(0, MOST_LINES))


class ChangedLine(Schema):
    """The new number of pieces of a variant; 0 takes it out."""

    variant = fields.String(required=True)
    quantity = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, 1_000_000), metadata={"example": 0}
    )


class CartChange(Schema):
    """New quantities; lines that are not named stay."""

    lines = list_of(ChangedLine, required=True, validate=validate.Length(1, MOST_LINES))


class ToldCode(Schema):
    """An employee's code, as the customer was told it."""

    code = text(40, required=True, metadata={"example": "7kq3mnpqrstv"})


class CodeTaken(Schema):
    """Whose code it was."""

    shop = fields.String(metadata={"example": "小雨的店"})


class TypedCoupon(Schema):
    """A coupon's code, as the customer typed it."""

    code = text(40, required=True, metadata={"example": "welcome10"})


class OrderCouponSchema(Schema):
    """A coupon."""

    code = fields.String(metadata={"example": "WELCOME10"})
    name = fields.Dict(metadata={"example": {"zh": "新朋友九折", "en": "Welcome: 10 % off"}})


class CartCouponSchema(OrderCouponSchema):
    """The coupon in a cart."""

    refused = fields.Enum(
        Why,
        by_value=True,
        allow_none=True,
        metadata={"description": "Why it takes nothing off now; take it out to order"},
    )


class CartLineSchema(Schema):
    """One line of a cart at today's price."""

    variant = fields.String(metadata={"example": "var_7kq3mnpqrstvwxyz"})
    product = fields.String(metadata={"example": "prd_7kq3mnpqrstvwxyz"})
    code = fields.String(metadata={"example": "TEAPOT-WHITE"})
    name = fields.Dict(metadata={"example": {"zh": "茶壶", "en": "Teapot"}})
    option = fields.Dict(metadata={"example": {"zh": "白", "en": "White"}})
    unit_price = fields.Nested(MoneySchema)
    quantity = fields.Integer(metadata={"example": 1})
    net = fields.Nested(MoneySchema)
    on_sale = fields.Boolean()


class CartSchema(Schema):
    """A cart."""

    id = fields.String(metadata={"example": "crt_7kq3mnpqrstvwxyz"})
    lines = list_of(CartLineSchema)
    coupon = fields.Nested(CartCouponSchema, allow_none=True)
    discount = fields.Nested(MoneySchema, metadata={"description": "What the coupon takes off"})
    total = fields.Nested(MoneySchema, metadata={"description": "What is to be paid"})


class NewOrder(Schema):
    """A guest's checkout: who gets the goods, and where: at an address, or at a pick-up point."""

    cart = fields.String(required=True, metadata={"example": "crt_7kq3mnpqrstvwxyz"})
    name = text(80, required=True, metadata={"example": "王芳"})
    phone = text(32, required=True, metadata={"example": "138 0013 8000"})
    address = text(400, metadata={"example": "上海市徐汇区衡山路 1 号 302"})
    pick_up = text(
        64,
        metadata={
            "example": "S1",
            "description": "Code of the pick-up point where it is collected: then no address",
        },
    )
    note = text(400, 0, load_default="")
    language = fields.String(load_default="zh", validate=validate.OneOf(["zh", "en"]))
    expected_total = fields.Integer(
        strict=True,
        validate=validate.Range(0, LARGEST_INTEGER),
        metadata={"description": "What the customer saw, in minor units: 409 if it changed"},
    )

    @validates_schema
    def _one_place(self, given: dict[str, Any], **_: Any) -> None:
        if "address" not in given and "pick_up" not in given:
            raise ValidationError("Missing data for required field.", "address")
        if "address" in given and "pick_up" in given:
            raise ValidationError("It is sent or collected, not both.", "pick_up")


class PickUpPointSchema(Schema):
    """A store where orders can be collected."""

    code = fields.String(metadata={"example": "S1"})
    name = fields.Dict(metadata={"example": {"zh": ZH_NAME, "en": EN_NAME}})
    address = fields.Dict(
        metadata={"example": {"zh": "上海市衡山路 1 号", "en": "1 Hengshan Road, Shanghai"}}
    )
    opening = fields.Dict(
        metadata={"example": {"zh": "每天 10:00–21:00", "en": "Daily 10:00–21:00"}}
    )


class PickUpPointList(Schema):
    """Every store where orders can be collected; empty where all are sent."""

    items = list_of(PickUpPointSchema)


class OrderLineSchema(Schema):
    """A line at the price it was bought for."""

    line = fields.Integer(metadata={"description": "Its number within the order"})
    code = fields.String(metadata={"example": "TEAPOT-WHITE"})
    name = fields.Dict(metadata={"example": {"zh": "茶壶 · 白", "en": "Teapot · White"}})
    unit_price = fields.Nested(MoneySchema)
    quantity = fields.Integer()
    discount = fields.Nested(MoneySchema)
    net = fields.Nested(MoneySchema, metadata={"description": "After the discount"})
    returned_quantity = fields.Integer()


class OwnPickUpSchema(PickUpSchema):
    """Where to collect an order, and what to show there."""

    code = fields.String(
        allow_none=True,
        metadata={"example": "482193", "description": "While there is something to collect"},
    )


class OrderSchema(Schema):
    """An order, as the customer who placed it sees it."""

    id = fields.String(metadata={"example": "ord_7kq3mnpqrstvwxyz"})
    number = fields.String(metadata={"example": NUMBER})
    key = fields.String(
        metadata={"description": "Opens the order's page at /o/<key>: keep it", "example": KEY}
    )
    state = fields.Enum(OrderState, by_value=True)
    cancel_reason = fields.Enum(CancelReason, by_value=True)
    lines = list_of(OrderLineSchema)
    coupon = fields.Nested(OrderCouponSchema, allow_none=True)
    discount = fields.Nested(MoneySchema, metadata={"description": "What the coupon took off"})
    total = fields.Nested(MoneySchema)
    refunded = fields.Nested(MoneySchema)
    placed_at = Time()
    hold_expires_at = Time()
    paid_at = Time(allow_none=True)
    handed_over_at = Time(allow_none=True)
    cancelled_at = Time(allow_none=True)
    fulfilment = fields.Enum(Fulfilment, by_value=True)
    pick_up = fields.Nested(
        OwnPickUpSchema,
        allow_none=True,
        metadata={"description": "Of an order that is collected; else null"},
    )
    dispatches = list_of(DispatchSchema)


class PlacedSchema(Schema):
    """An order just placed: pay next."""

    id = fields.String(metadata={"example": "ord_7kq3mnpqrstvwxyz"})
    number = fields.String(metadata={"example": NUMBER})
    key = fields.String(metadata={"example": KEY})
    state = fields.Enum(OrderState, by_value=True)
    total = fields.Nested(MoneySchema)
    hold_expires_at = Time()


class PaymentSchema(Schema):
    """Where to pay."""

    state = fields.Enum(PaymentState, by_value=True)
    pay_url = fields.String(metadata={"example": "https://pay.example/7kq3mnpqrstv"})


def show_cart(cart: CartView, quote: Quote, currency: str) -> dict[str, Any]:
    """A cart as its schema's document."""
    refused = quote.refused
    return {
        "id": cart.public_id,
        "lines": [
            {
                "variant": line.variant,
                "product": line.product,
                "code": line.code,
                "name": {"zh": line.name_zh, "en": line.name_en},
                "option": {"zh": line.option_zh, "en": line.option_en},
                "unit_price": money(line.unit_price, currency),
                "quantity": line.quantity,
                "net": money(line.net, currency),
                "on_sale": line.on_sale,
            }
            for line in cart.lines
        ],
        "coupon": {**_show_coupon(quote.coupon), "refused": refused and refused.why}
        if quote.coupon
        else None,
        "discount": money(quote.discount, currency),
        "total": money(quote.total, currency),
    }


def show_point(point: PickUpPoint) -> dict[str, Any]:
    """A pick-up point as its schema's document."""
    return {
        "code": point.code,
        "name": {"zh": point.name_zh, "en": point.name_en},
        "address": {"zh": point.address_zh, "en": point.address_en},
        "opening": {"zh": point.opening_zh, "en": point.opening_en},
    }


def _show_coupon(coupon: Coupon | None) -> dict[str, Any]:
    if coupon is None:
        return {}
    return {"code": coupon.code, "name": {"zh": coupon.name_zh, "en": coupon.name_en}}


def show_order(order: Order, refunded: int, dispatches: Iterable[Dispatch]) -> dict[str, Any]:
    """An order as its schema's document."""
    pick_up = show_pick_up(order)
    if pick_up:
        pick_up["code"] = order.pick_up_code if order.state is OrderState.PAID else None
    return {
        "id": order.public_id,
        "number": order.number,
        "key": order.secret,
        "state": order.state,
        "cancel_reason": order.cancel_reason,
        "lines": [
            {
                "line": line.position,
                "code": line.code,
                "name": {"zh": line.name_zh, "en": line.name_en},
                "unit_price": money(line.unit_price, order.currency),
                "quantity": line.quantity,
                "discount": money(line.discount, order.currency),
                "net": money(line.net, order.currency),
                "returned_quantity": line.returned_quantity,
            }
            for line in order.lines
        ],
        "coupon": _show_coupon(order.coupon) or None,
        "discount": money(order.discount_total, order.currency),
        "total": money(order.total, order.currency),
        "refunded": money(refunded, order.currency),
        "placed_at": order.placed_at,
        "hold_expires_at": order.hold_expires_at,
        "paid_at": order.paid_at,
        "handed_over_at": order.handed_over_at,
        "cancelled_at": order.cancelled_at,
        "fulfilment": order.fulfilment,
        "pick_up": pick_up,
        "dispatches": show_dispatches(dispatches),
    }
