"""What an employee sees of their customers, and what they may say of them."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from storefront.api.schemas import Schema, Time, list_of, text
from storefront.attribution.clientele import OwnCustomer
from storefront.attribution.models import TieHow
from storefront.attribution.relations import (
    ACCEPTED,
    ClaimOutcome,
    ContactChannel,
    CustomerClaim,
    CustomerContact,
)
from storefront.attribution.tie_words import say_outcome
from storefront.core.languages import Language
from storefront.core.phones import masked

PROTECTED_UNTIL = {"description": "Until then nobody else takes the customer; null: for good"}


class OwnCustomerSchema(Schema):
    """One of my customers."""

    id = fields.String(metadata={"example": "cus_7kqdx2fm9rtv4hjp"})
    name = fields.String(metadata={"example": "王芳"})
    phone = fields.String(allow_none=True, metadata={"example": "138****8000"})
    since = Time()
    how = fields.Enum(TieHow, by_value=True)
    protected_until = Time(allow_none=True, metadata=PROTECTED_UNTIL)
    last_contact_at = Time(allow_none=True, metadata={"description": "When I last wrote to them"})


class OwnCustomerPage(Schema):
    """Some of my customers, and where to go on."""

    items = list_of(OwnCustomerSchema)
    next = fields.String(allow_none=True)


class NewClaim(Schema):
    """A customer is mine: by phone number or by member code, and why."""

    phone = text(40, metadata={"example": "138 0013 8000"})
    member_code = text(40, metadata={"example": "M100200"})
    words = text(500, required=True, metadata={"example": "I have served her since 2024."})

    @ma.validates_schema
    def _one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if ("phone" in data) == ("member_code" in data):
            raise ma.ValidationError("Give a phone number or a member code.", "phone")


class CustomerClaimSchema(Schema):
    """A claim, and how it was settled."""

    id = fields.String(metadata={"example": "clm_7kqdx2fm9rtv4hjp"})
    at = Time()
    accepted = fields.Boolean(metadata={"example": False})
    outcome = fields.Enum(ClaimOutcome, by_value=True, metadata={"example": "protected"})
    until = Time(
        allow_none=True,
        metadata={
            "description": "Until when the customer is protected: for me, or for a colleague;"
            " null: for good, or not at all"
        },
    )
    words = fields.String(metadata={"example": "The customer is a colleague's until 5 Mar 2026."})


class NewContact(Schema):
    """By what I write."""

    channel = fields.Enum(
        ContactChannel, by_value=True, required=True, metadata={"example": "wechat"}
    )


class CustomerContactSchema(Schema):
    """That I wrote to a customer."""

    customer = fields.String(metadata={"example": "cus_7kqdx2fm9rtv4hjp"})
    channel = fields.Enum(ContactChannel, by_value=True, metadata={"example": "wechat"})
    at = Time()


def show_own_customer(customer: OwnCustomer) -> dict[str, Any]:
    """A customer as their employee may see them: never the whole phone number."""
    return {
        "id": customer.public_id,
        "name": customer.name,
        "phone": masked(customer.phone) if customer.phone else None,
        "since": customer.since,
        "how": customer.how,
        "protected_until": customer.protected_until,
        "last_contact_at": customer.last_contact_at,
    }


def show_claim(claim: CustomerClaim, language: Language, time_zone: str) -> dict[str, Any]:
    """A claim as the claimant reads it: until when, and never whose."""
    return {
        "id": claim.public_id,
        "at": claim.at,
        "accepted": claim.outcome in ACCEPTED,
        "outcome": claim.outcome,
        "until": claim.until,
        "words": say_outcome(claim.outcome, claim.until, language, time_zone),
    }


def show_contact(customer: str, contact: CustomerContact) -> dict[str, Any]:
    """A contact."""
    return {"customer": customer, "channel": contact.channel, "at": contact.at}
