"""HQ's guard: an active employee of headquarters. One query per request.

A view that is not for every HQ role begins with `guard.require_role(…)`.
"""

from __future__ import annotations

from storefront.api.guarded import GuardedBlueprint
from storefront.api.seller import guard as seller_guard
from storefront.api.seller.guard import NO_SESSION, actor, employee_id
from storefront.core.errors import Forbidden
from storefront.staff.models import HQ_ROLES, Role

__all__ = ["actor", "admit", "blueprint", "employee_id", "require_role"]

NOT_ALLOWED = {403: "hq_only, role_not_allowed"}


def blueprint(name: str, noun: str, description: str) -> GuardedBlueprint:
    """A blueprint behind this guard, under /api/v1/hq/`noun`."""
    return GuardedBlueprint(
        name,
        __name__,
        url_prefix=f"/api/v1/hq/{noun}",
        description=description,
        admit=admit,
        refusals=NO_SESSION | NOT_ALLOWED,
    )


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
