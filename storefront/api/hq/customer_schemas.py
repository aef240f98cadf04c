"""What headquarters sees of customers and whose they are, and what it may do about it."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from storefront.api.schemas import PageQuery, Schema, Time, list_of, text
from storefront.attribution.clientele import FoundCustomer, PastClaim, PastTie
from storefront.attribution.models import TieHow
from storefront.attribution.relations import ClaimOutcome
from storefront.core.phones import masked

EMPLOYEE = {"example": "emp_7kqdx2fm9rtv4hjp"}
CUSTOMER = {"example": "cus_7kqdx2fm9rtv4hjp"}
NUMBER = {"example": "E0001"}
REASON = {"example": "Anna moves to another city"}
MOST_AT_ONCE = 500


class CustomerQuery(PageQuery):
    """Which customers to list."""

    q = text(
        80,
        metadata={
            "description": "A whole phone number or member code, or a part of a name",
            "example": "138 0013 8000",
        },
    )
    employee = text(40, metadata={**EMPLOYEE, "description": "Whose they are"})
    nobodys = fields.Boolean(
        load_default=False, metadata={"description": "Only those who are nobody's"}
    )


class CustomersEmployeeSchema(Schema):
    """Whose a customer is."""

    id = fields.String(metadata=EMPLOYEE)
    number = fields.String(metadata=NUMBER)
    name = fields.String(metadata={"example": "林小雨"})


class CustomerSchema(Schema):
    """A customer, and whose they are."""

    id = fields.String(metadata=CUSTOMER)
    name = fields.String(metadata={"example": "王芳"})
    phone = fields.String(allow_none=True, metadata={"example": "138****8000"})
    member_code = fields.String(allow_none=True, metadata={"example": "M100200"})
    created_at = Time()
    employee = fields.Nested(CustomersEmployeeSchema, allow_none=True)
    since = Time(allow_none=True)
    how = fields.Enum(TieHow, by_value=True, allow_none=True)
    protected_until = Time(allow_none=True, metadata={"description": "Null: for good, or nobody's"})


class CustomerPage(Schema):
    """Some customers, and where to go on."""

    items = list_of(CustomerSchema)
    next = fields.String(allow_none=True)


class PastTieSchema(Schema):
    """Whose the customer was for a time."""

    employee_number = fields.String(metadata=NUMBER)
    employee_name = fields.String(metadata={"example": "林小雨"})
    since = Time()
    how = fields.Enum(TieHow, by_value=True)
    protected_until = Time(allow_none=True)
    reason = fields.String(metadata=REASON)
    by_number = fields.String(allow_none=True, metadata={"description": "Null: the rules"})
    ended_at = Time(allow_none=True, metadata={"description": "Null: it lasts"})
    ended_by_number = fields.String(allow_none=True)


class PastClaimSchema(Schema):
    """What an employee stated about the customer."""

    employee_number = fields.String(metadata=NUMBER)
    words = fields.String(metadata={"example": "I have served her since 2024."})
    at = Time()
    outcome = fields.Enum(ClaimOutcome, by_value=True)
    until = Time(allow_none=True)


class OneCustomerSchema(CustomerSchema):
    """A customer with the history of whose they were."""

    history = list_of(PastTieSchema)
    claims = list_of(PastClaimSchema)


class Transfer(Schema):
    """To whom, and why."""

    employee = text(40, required=True, metadata=EMPLOYEE)
    reason = text(200, required=True, metadata=REASON)


class Transfers(Transfer):
    """All customers of one employee, or those of a list."""

    from_employee = text(40, metadata=EMPLOYEE)
    customers = list_of(text(40, metadata=CUSTOMER), validate=validate.Length(1, MOST_AT_ONCE))

    @ma.validates_schema
    def _one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if ("from_employee" in data) == ("customers" in data):
            raise ma.ValidationError("Name an employee or list customers.", "customers")


class TransferredSchema(Schema):
    """What a transfer came to."""

    moved = fields.Integer(metadata={"example": 12})
    already_theirs = fields.Integer(metadata={"example": 0})


def show_customer(customer: FoundCustomer) -> dict[str, Any]:
    """A customer, their phone number hidden but for its ends."""
    return {
        "id": customer.public_id,
        "name": customer.name,
        "phone": masked(customer.phone) if customer.phone else None,
        "member_code": customer.member_code,
        "created_at": customer.created_at,
        "employee": {
            "id": customer.employee_id,
            "number": customer.employee_number,
            "name": customer.employee_name,
        }
        if customer.employee_id
        else None,
        "since": customer.since,
        "how": customer.how,
        "protected_until": customer.protected_until,
    }


def show_one_customer(
    customer: FoundCustomer, history: list[PastTie], claims: list[PastClaim]
) -> dict[str, Any]:
    """A customer with their history."""
    return {**show_customer(customer), "history": history, "claims": claims}
