"""Steps of an employee's working life, as headquarters sees and takes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import fields

from storefront.api.hq.staff_schemas import NAME, NUMBER, STORE
from storefront.api.languages import language_field
from storefront.api.schemas import MoneySchema, Schema, Time, list_of, money, text
from storefront.attribution.rules import Treatment
from storefront.careers.models import CareerEvent, Step
from storefront.careers.preview import CustomersFate, Preview, ShopFate, SignInFate
from storefront.careers.service import UNDOABLE
from storefront.careers.words import say_preview
from storefront.core.languages import Language
from storefront.staff.models import Employee, EmploymentState, Store

EMPLOYEE = {"example": "emp_7kqdx2fm9rtv4hjp"}
REASON = {"example": "Gave notice for the end of March"}


class PlannedStep(Schema):
    """What shall happen to an employee."""

    step = fields.Enum(Step, by_value=True, required=True, metadata={"example": "left"})
    reason = text(200, load_default="", shortest=0, metadata=REASON)
    store = text(40, metadata={**STORE, "description": "Where somebody moves to"})
    successor = text(
        40, metadata={**EMPLOYEE, "description": "Who looks after the customers from then on"}
    )
    hand_over_customers = fields.Boolean(
        load_default=False,
        metadata={"description": "On a move or a leave: customers go to the successor"},
    )
    forward_shop = fields.Boolean(
        load_default=False,
        metadata={"description": "On a leave: the shop leads to the successor's"},
    )


class PreviewQuery(Schema):
    """In which language the sentences are."""

    language = language_field()


class UndoReason(Schema):
    """Why, for the history."""

    reason = text(200, load_default="", shortest=0, metadata={"example": "It was somebody else"})


class CareerPolicySchema(Schema):
    """What the policy in force says of those who left."""

    version = fields.Integer(metadata={"example": 3})
    leavers = fields.Enum(Treatment, by_value=True)
    grace_days = fields.Integer(metadata={"example": 14})


class CareerPreviewSchema(Schema):
    """What would become of everything. Nothing has been done."""

    step = fields.Enum(Step, by_value=True)
    sign_in = fields.Enum(SignInFate, by_value=True)
    shop = fields.Enum(ShopFate, by_value=True)
    shop_handle = fields.String(allow_none=True, metadata={"example": "xiaoyu"})
    links = fields.Integer(metadata={"example": 12})
    customers = fields.Enum(CustomersFate, by_value=True)
    customer_count = fields.Integer(metadata={"example": 48})
    orders_awaiting_payment = fields.Integer(metadata={"example": 1})
    orders_not_handed_over = fields.Integer(metadata={"example": 3})
    held = fields.Nested(MoneySchema)
    payable = fields.Nested(MoneySchema)
    policy = fields.Nested(CareerPolicySchema)
    words = list_of(fields.String(metadata={"example": "They have no shop."}))


class CareerPersonSchema(Schema):
    """An employee whom a step speaks of."""

    id = fields.String(attribute="public_id", metadata=EMPLOYEE)
    number = fields.String(metadata=NUMBER)
    name = fields.String(metadata=NAME)


class CareerEventSchema(Schema):
    """A step that was taken."""

    id = fields.String(metadata={"example": "car_7kqdx2fm9rtv4hjp"})
    step = fields.Enum(Step, by_value=True)
    at = Time()
    by_number = fields.String(allow_none=True, metadata={**NUMBER, "description": "Who did it"})
    reason = fields.String(metadata=REASON)
    state_before = fields.Enum(EmploymentState, by_value=True)
    state_after = fields.Enum(EmploymentState, by_value=True)
    store_before = fields.String(metadata={"example": "S01"})
    store_after = fields.String(metadata={"example": "S02"})
    successor = fields.Nested(CareerPersonSchema, allow_none=True)
    customers_handed_over = fields.Integer(metadata={"example": 48})
    undoable_until = Time()
    undone_at = Time(allow_none=True)
    undone_by_number = fields.String(allow_none=True)


class CareerPage(Schema):
    """Some steps, and where to go on."""

    items = list_of(CareerEventSchema)
    next = fields.String(allow_none=True)


def show_preview(preview: Preview, currency: str, language: Language) -> dict[str, Any]:
    """A preview, in figures and in words."""
    return {
        "step": preview.planned.step,
        "sign_in": preview.sign_in,
        "shop": preview.shop,
        "shop_handle": preview.handle,
        "links": preview.links,
        "customers": preview.customers,
        "customer_count": preview.customer_count,
        "orders_awaiting_payment": preview.awaiting_payment,
        "orders_not_handed_over": preview.not_handed_over,
        "held": money(preview.balance.held, currency),
        "payable": money(preview.balance.payable, currency),
        "policy": {
            "version": preview.policy_version,
            "leavers": preview.policy.leavers,
            "grace_days": preview.policy.grace_days,
        },
        "words": say_preview(preview, currency, language),
    }


def show_event(
    event: CareerEvent,
    people: Mapping[int, Employee],
    stores: Mapping[int, Store],
    customers: int,
) -> dict[str, Any]:
    """A step, with the people and stores it speaks of by their rows."""
    return {
        "id": event.public_id,
        "step": event.step,
        "at": event.at,
        "by_number": _number(event.by_employee_id, people),
        "reason": event.reason,
        "state_before": event.state_before,
        "state_after": event.state_after,
        "store_before": stores[event.store_before_id].code,
        "store_after": stores[event.store_after_id].code,
        "successor": people[event.successor_id] if event.successor_id else None,
        "customers_handed_over": customers,
        "undoable_until": _undoable_until(event),
        "undone_at": event.undone_at,
        "undone_by_number": _number(event.undone_by_id, people),
    }


def _number(employee_id: int | None, people: Mapping[int, Employee]) -> str | None:
    return people[employee_id].number if employee_id else None


def _undoable_until(event: CareerEvent) -> datetime:
    return event.at + UNDOABLE
