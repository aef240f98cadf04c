"""Customers: whose they are, whose they were, and giving them to somebody else."""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.customer_schemas import (
    CustomerPage,
    CustomerQuery,
    OneCustomerSchema,
    Transfer,
    TransferredSchema,
    Transfers,
    show_customer,
    show_one_customer,
)
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.attribution import clientele, transfers
from storefront.core import clock
from storefront.staff import service as staff
from storefront.staff.models import Role

blueprint = guard.blueprint("hq_customers", "customers", "Customers, and whose they are")

MOVERS = (Role.HQ_OPERATIONS, Role.HQ_ADMIN)


@blueprint.route("")
@described.errors(blueprint, {404: "employee_not_found", 422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(CustomerQuery, location="query")
@blueprint.response(200, CustomerPage)
def list_customers(query: dict[str, Any]) -> dict[str, Any]:
    """List customers with whose they are, in the order they came; or find some."""
    employee = query.get("employee")
    wanted = clientele.Wanted(
        text=query.get("q"),
        employee_id=staff.find(employee).id if employee else None,
        nobodys=query["nobodys"],
    )
    limit = query["limit"]
    found = clientele.find_customers(wanted, key_of(query.get("after")) or 0, limit + 1)
    return page(found, limit, lambda customer: customer.id, show_customer)


@blueprint.route("/<customer_id>")
@described.errors(blueprint, {404: "customer_not_found"})
@blueprint.response(200, OneCustomerSchema)
def read_customer(customer_id: str) -> dict[str, Any]:
    """Look at one customer: whose they are and were, and what employees stated about them."""
    return _show(customer_id)


@blueprint.route("/<customer_id>/transfer", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "customer_not_found, employee_not_found",
        409: "employee_left, no_ties, no_policy",
        422: "invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(Transfer)
@blueprint.response(200, OneCustomerSchema)
def transfer_customer(given: dict[str, Any], customer_id: str) -> dict[str, Any]:
    """Give a customer to an employee. Whoever had them and whoever gets them are told."""
    guard.require_role(*MOVERS)
    customer = clientele.find_customer(customer_id)
    to = staff.find(given["employee"])
    transfers.transfer([customer.public_id], to, given["reason"], guard.actor(), clock.now())
    return _show(customer_id)


@blueprint.route("/transfers", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "employee_not_found",
        409: "employee_left, same_employee, no_ties, no_policy",
        422: "customers_unknown, invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(Transfers)
@blueprint.response(200, TransferredSchema)
def transfer_customers(given: dict[str, Any]) -> transfers.Transferred:
    """Give all customers of an employee, or those of a list, to another one."""
    guard.require_role(*MOVERS)
    to, reason = staff.find(given["employee"]), given["reason"]
    if "customers" in given:
        return transfers.transfer(given["customers"], to, reason, guard.actor(), clock.now())
    giver = staff.find(given["from_employee"])
    return transfers.transfer_all(giver, to, reason, guard.actor(), clock.now())


def _show(customer_id: str) -> dict[str, Any]:
    customer = clientele.find_customer(customer_id)
    return show_one_customer(
        customer, clientele.history_of(customer.id), clientele.claims_on(customer.id)
    )
