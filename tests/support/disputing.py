"""Disputes as tests need them: opened by a seller, decided by somebody who has no part in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storefront import disputing
from storefront.attribution.disputes.deciding import Decision, Share
from storefront.attribution.disputes.models import Dispute, DisputeReason, Outcome
from storefront.attribution.disputes.opening import Objection
from storefront.core import clock
from storefront.core.actor import Actor
from storefront.core.database import db
from storefront.orders.placing import PlacedOrder
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee, Role
from tests.support import cast


def owner(link: ShareLink) -> Employee:
    """Whose link it is."""
    return db.session.get_one(Employee, link.employee_id)


def a_dispute(
    opener: Employee,
    order: PlacedOrder,
    *lines: int,
    reason: DisputeReason = DisputeReason.MY_CUSTOMER,
    words: str = "她先来找我的。",
) -> Dispute:
    """The employee disputes an order by its number: these lines, or all of it."""
    objection = Objection(reason, words, lines)
    actor = cast.actor_of(opener)
    return disputing.open_dispute(None, order.number, objection, actor, clock.now())


def the_judge() -> Actor:
    """Somebody at headquarters who has no part in any sale."""
    return Actor(role=Role.HQ_FINANCE)


def decided(
    dispute: Dispute,
    outcome: Outcome = Outcome.UPHELD,
    lines: Mapping[int, Mapping[Any, int]] | None = None,
    *,
    by: Actor | None = None,
) -> Dispute:
    """Headquarters decides; `lines` gives basis points by employee, or by a store's code."""
    shares = {
        position: [
            Share(points, store=who) if isinstance(who, str) else Share(points, employee=who.number)
            for who, points in given.items()
        ]
        for position, given in (lines or {}).items()
    }
    decision = Decision(outcome, "The messages show it.", shares)
    return disputing.decide(dispute.public_id, decision, by or the_judge(), clock.now())
