"""HQ's guard: an active employee of headquarters. One query per request.

A blueprint behind it says `blueprint.before_request(guard.admit)`; a view that is not for every HQ
role begins with `guard.require_role(…)`.
"""

from __future__ import annotations

from storefront.api.seller import guard as seller_guard
from storefront.api.seller.guard import SECURITY, actor, employee_id
from storefront.core.errors import Forbidden
from storefront.staff.models import HQ_ROLES, Role

__all__ = ["SECURITY", "actor", "admit", "employee_id", "require_role"]


def admit() -> None:
    """Let the request in if it comes from headquarters.

    Raises what the seller's guard raises, and Forbidden `hq_only`.
    """
    seller_guard.admit()
    if actor().role not in HQ_ROLES:
        raise Forbidden("hq_only", "This is for headquarters.")


def require_role(*roles: Role) -> None:
    """Go on only for one of these roles. Raises Forbidden `role_not_allowed`."""
    if actor().role not in roles:
        raise Forbidden("role_not_allowed", "Your role does not allow this.")
