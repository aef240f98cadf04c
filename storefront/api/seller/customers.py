"""My customers: who they are, claiming one, and saying that I write to one."""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.idempotency import idempotent
from storefront.api.languages import LanguageQuery, spoken
from storefront.api.pagination import key_of, page
from storefront.api.schemas import PageQuery
from storefront.api.seller import guard
from storefront.api.seller.customer_schemas import (
    CustomerClaimSchema,
    CustomerContactSchema,
    NewClaim,
    NewContact,
    OwnCustomerPage,
    show_claim,
    show_contact,
    show_own_customer,
)
from storefront.attribution import claims, clientele, contacts
from storefront.core import clock
from storefront.core.settings import settings

blueprint = guard.blueprint("seller_customers", "customers", "My customers")


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, OwnCustomerPage)
def read_customers(query: dict[str, Any]) -> dict[str, Any]:
    """List the customers that are mine, the latest first."""
    limit = query["limit"]
    mine = clientele.customers_of(guard.employee_id(), key_of(query.get("after")), limit + 1)
    return page(mine, limit, lambda customer: customer.tie_id, show_own_customer)


@blueprint.route("/claims", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: "not_at_work",
        404: "customer_not_found",
        409: "no_policy",
        422: "wrong_phone, invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(LanguageQuery, location="query")
@blueprint.arguments(NewClaim)
@blueprint.response(201, CustomerClaimSchema)
def state_claim(query: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """State that a customer is mine. The rules settle it at once, and both are written down.

    It is accepted if the customer is nobody's, or if a colleague's protection has run out; a
    refused claim says until when the customer is protected, not whose they are.
    """
    claim = claims.state_claim(
        guard.employee_id(),
        phone=given.get("phone"),
        member_code=given.get("member_code"),
        words=given["words"],
        now=clock.now(),
    )
    return show_claim(claim, spoken(query), settings().chain_time_zone)


@blueprint.route("/<customer_id>/contacts", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: "not_at_work",
        404: "customer_not_found",
        409: "contact_blackout, no_policy",
        422: "invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewContact)
@blueprint.response(201, CustomerContactSchema)
def note_contact(given: dict[str, Any], customer_id: str) -> dict[str, Any]:
    """Say that I am about to write to a customer; refused while a colleague has just written.

    `contact_blackout` says `until` when. I may write again myself as often as I like.
    """
    contact = contacts.note_contact(guard.employee_id(), customer_id, given["channel"], clock.now())
    return show_contact(customer_id, contact)
