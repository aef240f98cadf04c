"""What headquarters sees of orders, and what it may send."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from storefront.api.fulfilment_schemas import (
    DispatchSchema,
    PickUpSchema,
    show_dispatches,
    show_pick_up,
)
from storefront.api.hq.verdict_schemas import VerdictSchema, show_verdict
from storefront.api.languages import language_field
from storefront.api.schemas import (
    MoneySchema,
    PageQuery,
    Schema,
    Time,
    list_of,
    money,
    quantity,
    text,
)
from storefront.commissions.models import HoldKind
from storefront.commissions.rule_words import say_made
from storefront.core.languages import Language
from storefront.core.phones import masked
from storefront.insights.cases import FoundOrder, OrderCase
from storefront.orders import dispatches
from storefront.orders.coupon_models import Coupon
from storefront.orders.handling import OrderFacts
from storefront.orders.models import (
    CancelReason,
    DispatchKind,
    Door,
    Fulfilment,
    Order,
    OrderState,
)
from storefront.orders.returns import RecordedReturn
from storefront.payments.models import PaymentState, RefundReason, RefundState

ORDER_ID = {"example": "ord_7kq3mnpqrstvwxyz"}


class OrdersQuery(PageQuery):
    """Which orders to look for."""

    number = text(40, metadata={"example": "260305-12345-67890"})
    state = fields.Enum(OrderState, by_value=True)
    phone = text(40, metadata={"example": "138 0013 8000"})


class FoundOrderSchema(Schema):
    """An order in a list."""

    id = fields.String(metadata=ORDER_ID)
    number = fields.String()
    state = fields.Enum(OrderState, by_value=True)
    total = fields.Nested(MoneySchema)
    customer_phone = fields.String(metadata={"example": "138****8000"})
    placed_at = Time()
    paid_at = Time(allow_none=True)
    credited_to = list_of(fields.String(metadata={"example": "E0001"}))


class FoundOrderPage(Schema):
    """Some orders, the latest first."""

    items = list_of(FoundOrderSchema)
    next = fields.String(allow_none=True)


class ContactSchema(Schema):
    """Who gets the goods. Headquarters' operations see all of it while there is something to do."""

    phone = fields.String(metadata={"example": "138****8000"})
    name = fields.String(allow_none=True)
    address = fields.String(allow_none=True)
    note = fields.String(allow_none=True)


class CaseLineSchema(Schema):
    """A line at the price it was bought for."""

    line = fields.Integer(metadata={"description": "Its number within the order"})
    code = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    unit_price = fields.Nested(MoneySchema)
    quantity = fields.Integer()
    discount = fields.Nested(MoneySchema)
    net = fields.Nested(MoneySchema)
    returned_quantity = fields.Integer()


class CaseCouponSchema(Schema):
    """The coupon that an order holds."""

    id = fields.String(metadata={"example": "cpn_7kqdx2fm9rtv4hjp"})
    code = fields.String(metadata={"example": "WELCOME10"})
    name_zh = fields.String()
    name_en = fields.String()


class CasePaymentSchema(Schema):
    """An attempt to pay."""

    id = fields.String(metadata={"example": "pay_7kq3mnpqrstvwxyz"})
    gateway = fields.String()
    state = fields.Enum(PaymentState, by_value=True)
    amount = fields.Nested(MoneySchema)
    captured = fields.Nested(MoneySchema)
    opened_at = Time()
    captured_at = Time(allow_none=True)


class RefundSchema(Schema):
    """Money that goes back."""

    id = fields.String(metadata={"example": "rfd_7kq3mnpqrstvwxyz"})
    reason = fields.Enum(RefundReason, by_value=True)
    state = fields.Enum(RefundState, by_value=True)
    amount = fields.Nested(MoneySchema)
    created_at = Time()
    paid_back_at = Time(allow_none=True)


class ReturnedLineSchema(Schema):
    """How many pieces of a line came back on one occasion."""

    line = fields.Integer()
    quantity = fields.Integer()
    amount = fields.Nested(MoneySchema)


class ReturnSchema(Schema):
    """Goods that came back."""

    id = fields.String(metadata={"example": "ret_7kq3mnpqrstvwxyz"})
    reason = fields.String()
    refund = fields.Nested(MoneySchema)
    at = Time()
    lines = list_of(ReturnedLineSchema)


class CommissionLineSchema(Schema):
    """The commission on one line for one employee."""

    line = fields.Integer()
    employee = fields.String(metadata={"example": "E0001"})
    base = fields.Nested(MoneySchema)
    rate = fields.Integer(metadata={"example": 500, "description": "In basis points"})
    amount = fields.Nested(MoneySchema)
    reversed = fields.Nested(MoneySchema)
    due_at = Time(allow_none=True)
    released_at = Time(allow_none=True)
    superseded_at = Time(
        allow_none=True, metadata={"description": "When others were credited instead"}
    )
    campaign = fields.String(
        allow_none=True,
        metadata={
            "example": "cmp_7kqdx2fm9rtv4hjp",
            "description": "The one through which the touch came that won",
        },
    )
    words = fields.String(
        metadata={"description": "Which rule won and why, and what else made up the amount"}
    )
    holds = list_of(
        fields.Enum(HoldKind, by_value=True),
        metadata={"description": "Why it is neither released nor paid out, if it is not"},
    )


class ReceiptSchema(Schema):
    """Where a till told of it, and by which number."""

    store = fields.String(metadata={"example": "S1"})
    number = fields.String(metadata={"example": "T2-004711"})


class OrderCaseSchema(Schema):
    """An order with all that belongs to it."""

    id = fields.String(metadata=ORDER_ID)
    number = fields.String()
    door = fields.Enum(Door, by_value=True)
    receipt = fields.Nested(
        ReceiptSchema, allow_none=True, metadata={"description": "Of a sale at a till; else null"}
    )
    state = fields.Enum(OrderState, by_value=True)
    cancel_reason = fields.Enum(CancelReason, by_value=True)
    contact = fields.Nested(ContactSchema)
    fulfilment = fields.Enum(Fulfilment, by_value=True)
    pick_up = fields.Nested(
        PickUpSchema,
        allow_none=True,
        metadata={"description": "Of an order that is collected; else null"},
    )
    dispatches = list_of(DispatchSchema)
    coupon = fields.Nested(CaseCouponSchema, allow_none=True)
    discount = fields.Nested(MoneySchema, metadata={"description": "What the coupon took off"})
    lines_total = fields.Nested(MoneySchema, metadata={"description": "After the discount"})
    shipping_total = fields.Nested(MoneySchema)
    total = fields.Nested(MoneySchema)
    placed_at = Time()
    hold_expires_at = Time()
    paid_at = Time(allow_none=True)
    handed_over_at = Time(allow_none=True)
    cancelled_at = Time(allow_none=True)
    lines = list_of(CaseLineSchema)
    payments = list_of(CasePaymentSchema)
    refunds = list_of(RefundSchema)
    returns = list_of(ReturnSchema)
    verdict = fields.Nested(VerdictSchema, allow_none=True)
    commission = list_of(CommissionLineSchema)


class OrderStandingSchema(Schema):
    """What a deed made of an order. All that belongs to it is a request of its own."""

    id = fields.String(metadata=ORDER_ID)
    number = fields.String()
    state = fields.Enum(OrderState, by_value=True)
    total = fields.Nested(MoneySchema)
    placed_at = Time()
    handed_over_at = Time(allow_none=True)


class CaseQuery(Schema):
    """In which language to explain the verdict."""

    language = language_field()


class NewDispatch(Schema):
    """What is on its way, or ready. What the chain brings itself has no carrier and no number."""

    kind = fields.Enum(DispatchKind, by_value=True, required=True, metadata={"example": "sent"})
    carrier = text(
        dispatches.LONGEST_CARRIER, 0, load_default="", metadata={"example": "SF Express"}
    )
    number = text(
        dispatches.LONGEST_NUMBER, 0, load_default="", metadata={"example": "SF1042583120971"}
    )
    tracking_url = text(
        dispatches.LONGEST_URL,
        0,
        load_default="",
        metadata={
            "example": "https://carrier.example/SF1042583120971",
            "description": "The carrier's page about the parcel, with https://",
        },
    )


class LineToTakeBack(Schema):
    """So many pieces of a line come back."""

    line = fields.Integer(required=True, strict=True, validate=validate.Range(1, 100_000))
    quantity = quantity(required=True, metadata={"example": 1})


class NewReturn(Schema):
    """What comes back, and why."""

    lines = list_of(LineToTakeBack, required=True, validate=validate.Length(1, 2_000))
    reason = text(200, 0, load_default="", metadata={"example": "Chipped"})


def show_found(order: FoundOrder) -> dict[str, Any]:
    """An order in a list as its schema's document."""
    return {
        "id": order.public_id,
        "number": order.number,
        "state": order.state,
        "total": money(order.total, order.currency),
        "customer_phone": masked(order.contact_phone),
        "placed_at": order.placed_at,
        "paid_at": order.paid_at,
        "credited_to": order.credited_to,
    }


def show_standing(order: OrderFacts) -> dict[str, Any]:
    """Where an order stands as its schema's document."""
    return {
        "id": order.public_id,
        "number": order.number,
        "state": order.state,
        "total": money(order.total, order.currency),
        "placed_at": order.placed_at,
        "handed_over_at": order.handed_over_at,
    }


def show_return(
    returned: RecordedReturn, lines: Iterable[int], reason: str, currency: str, at: datetime
) -> dict[str, Any]:
    """A return of these lines (by position) as its schema's document."""
    return {
        "id": returned.public_id,
        "reason": reason,
        "refund": money(returned.amount, currency),
        "at": at,
        "lines": [
            {
                "line": position,
                "quantity": line.quantity,
                "amount": money(line.amount, currency),
            }
            for position, line in zip(lines, returned.lines, strict=True)
        ],
    }


def show_case(
    case: OrderCase, language: Language, time_zone: str, *, contact_in_full: bool
) -> dict[str, Any]:
    """An order with all that belongs to it as its schema's document."""
    order = case.order
    positions = {line.id: line.position for line in order.lines}
    return {
        **_head(order),
        "receipt": case.receipt,
        "dispatches": show_dispatches(case.dispatches),
        "contact": _contact(order) if contact_in_full else {"phone": masked(order.contact_phone)},
        "lines": [
            {
                "line": line.position,
                "code": line.code,
                "name_zh": line.name_zh,
                "name_en": line.name_en,
                "unit_price": money(line.unit_price, order.currency),
                "quantity": line.quantity,
                "discount": money(line.discount, order.currency),
                "net": money(line.net, order.currency),
                "returned_quantity": line.returned_quantity,
            }
            for line in order.lines
        ],
        "returns": [
            {
                "id": each.public_id,
                "reason": each.reason,
                "refund": money(each.refund_amount, order.currency),
                "at": each.at,
                "lines": [
                    {
                        "line": positions[line.order_line_id],
                        "quantity": line.quantity,
                        "amount": money(line.amount, order.currency),
                    }
                    for line in each.lines
                ],
            }
            for each in order.returns
        ],
        **_money_of(case, language),
        "verdict": show_verdict(case.judged, case.judged_at, language, time_zone),
    }


def _head(order: Order) -> dict[str, Any]:
    return {
        "id": order.public_id,
        "number": order.number,
        "door": order.door,
        "state": order.state,
        "cancel_reason": order.cancel_reason,
        "coupon": _coupon(order.coupon),
        "discount": money(order.discount_total, order.currency),
        "lines_total": money(order.lines_total, order.currency),
        "shipping_total": money(order.shipping_total, order.currency),
        "total": money(order.total, order.currency),
        "placed_at": order.placed_at,
        "hold_expires_at": order.hold_expires_at,
        "paid_at": order.paid_at,
        "handed_over_at": order.handed_over_at,
        "cancelled_at": order.cancelled_at,
        "fulfilment": order.fulfilment,
        "pick_up": show_pick_up(order),
    }


def _coupon(coupon: Coupon | None) -> dict[str, Any] | None:
    if coupon is None:
        return None
    return {
        "id": coupon.public_id,
        "code": coupon.code,
        "name_zh": coupon.name_zh,
        "name_en": coupon.name_en,
    }


def _contact(order: Order) -> dict[str, Any]:
    return {
        "phone": order.contact_phone,
        "name": order.contact_name,
        "address": order.address,
        "note": order.note,
    }


def _money_of(case: OrderCase, language: Language) -> dict[str, Any]:
    currency = case.order.currency
    return {
        "payments": [
            {
                "id": payment.public_id,
                "gateway": payment.gateway,
                "state": payment.state,
                "amount": money(payment.amount, payment.currency),
                "captured": money(payment.captured_amount, payment.currency),
                "opened_at": payment.opened_at,
                "captured_at": payment.captured_at,
            }
            for payment in case.payments
        ],
        "refunds": [
            {
                "id": refund.public_id,
                "reason": refund.reason,
                "state": refund.state,
                "amount": money(refund.amount, refund.currency),
                "created_at": refund.created_at,
                "paid_back_at": refund.paid_back_at,
            }
            for refund in case.refunds
        ],
        "commission": [
            {
                "line": each.line,
                "employee": each.employee,
                "base": money(each.base, currency),
                "rate": each.rate,
                "amount": money(each.amount, currency),
                "reversed": money(each.reversed, currency),
                "due_at": each.due_at,
                "released_at": each.released_at,
                "superseded_at": each.superseded_at,
                "holds": each.holds,
                "campaign": each.campaign,
                "words": say_made(each.made, currency, language),
            }
            for each in case.commission
        ],
    }
