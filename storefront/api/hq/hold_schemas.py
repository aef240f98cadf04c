"""What headquarters sees of holds on commission, and what it says to place or lift one."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from storefront.api.schemas import MoneySchema, PageQuery, Schema, Time, list_of, money, text
from storefront.commissions.models import HoldKind
from storefront.fraud.holding import LIFTERS
from storefront.insights.held import Hold
from storefront.staff.models import Role

HOLD_ID = {"example": "hld_7kq3mnpqrstvwxyz"}
STAFF_NUMBER = {"example": "E0001"}
ORDER_ID = {"example": "ord_7kq3mnpqrstvwxyz"}
BY_HAND = {"enum": [kind.value for kind in LIFTERS]}


class HoldsQuery(PageQuery):
    """Which holds to list."""

    live = fields.Boolean(
        load_default=True, metadata={"description": "Those that hold now, or those that are lifted"}
    )
    kind = fields.Enum(HoldKind, by_value=True)
    employee = text(40, metadata=STAFF_NUMBER)
    order = text(40, metadata=ORDER_ID)


class HoldSchema(Schema):
    """What keeps commission from being paid out."""

    id = fields.String(metadata=HOLD_ID)
    kind = fields.Enum(HoldKind, by_value=True)
    reason = fields.String()
    employee = fields.String(metadata=STAFF_NUMBER)
    order = fields.String(
        allow_none=True, metadata={**ORDER_ID, "description": "None: all that the employee has"}
    )
    order_number = fields.String(allow_none=True)
    line = fields.Integer(allow_none=True)
    amount = fields.Nested(MoneySchema, metadata={"description": "What it keeps back now"})
    placed_at = Time()
    placed_by = fields.String(
        allow_none=True, metadata={"example": "F0001", "description": "None: a rule"}
    )
    may_lift = list_of(
        fields.Enum(Role, by_value=True),
        metadata={"description": "By hand; none: it ends with its case or its dispute"},
    )
    note = fields.String(allow_none=True)
    lift_asked_by = fields.String(allow_none=True, metadata={"example": "F0001"})
    lift_asked_at = Time(allow_none=True)
    lifted_at = Time(allow_none=True)
    lifted_by = fields.String(allow_none=True, metadata={"example": "F0002"})


class HoldPage(Schema):
    """Some holds, the latest first."""

    items = list_of(HoldSchema)
    next = fields.String(allow_none=True)


class NewHold(Schema):
    """What is to be held, and why."""

    kind = fields.Enum(HoldKind, by_value=True, required=True, metadata=BY_HAND)
    reason = text(2_000, required=True, metadata={"example": "收款账户资料不全"})
    employee = text(40, metadata=STAFF_NUMBER)
    order = text(40, metadata=ORDER_ID)
    lines = list_of(
        fields.Integer(strict=True, validate=validate.Range(1, 100_000)),
        load_default=list,
        validate=validate.Length(0, 2_000),
        metadata={"description": "Of the order; none: all of them"},
    )


class PlacedHolds(Schema):
    """The holds that are new."""

    items = list_of(HoldSchema)


class LiftNote(Schema):
    """Why it is lifted."""

    note = text(2_000, required=True, metadata={"example": "资料已补齐"})


def show_hold(hold: Hold, currency: str) -> dict[str, Any]:
    """A hold as its schema's document."""
    return {
        "id": hold.public_id,
        "kind": hold.kind,
        "reason": hold.reason,
        "employee": hold.employee,
        "order": hold.order,
        "order_number": hold.order_number,
        "line": hold.line,
        "amount": money(hold.amount, currency),
        "placed_at": hold.placed_at,
        "placed_by": hold.placed_by,
        "may_lift": list(LIFTERS.get(hold.kind, ())),
        "note": hold.note or None,
        "lift_asked_by": hold.lift_asked_by,
        "lift_asked_at": hold.lift_asked_at,
        "lifted_at": hold.lifted_at,
        "lifted_by": hold.lifted_by,
    }
