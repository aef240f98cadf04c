"""How orders reach their customers: collected at a place, or sent."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storefront.insights.audit.invariant import Asked, differs, query, unless
from storefront.insights.audit.tables import dispatches, orders
from storefront.orders import dispatches as rules
from storefront.orders.models import DispatchKind, Fulfilment
from storefront.orders.pick_ups import DIGITS

Question = sa.Select[*tuple[Any, ...]]


def orders_collected_nowhere(_: Asked) -> Question:
    """A collected order has a place, its name and a code, and no address; a sent one has none."""
    place, code = orders.c.pick_up_location_id.is_not(None), orders.c.pick_up_code
    collected = sa.and_(
        orders.c.fulfilment == Fulfilment.PICK_UP,
        place,
        sa.func.length(code) == DIGITS,
        orders.c.pick_up_name_zh != "",
        orders.c.pick_up_name_en != "",
        orders.c.address == "",
    )
    sent = sa.and_(orders.c.fulfilment == Fulfilment.DELIVERY, ~place, code == "")
    return sa.select(
        orders.c.number, orders.c.fulfilment, orders.c.pick_up_location_id, orders.c.address
    ).where(unless(sa.or_(collected, sent)))


def dispatches_out_of_step(_: Asked) -> Question:
    """What was sent or made ready was paid before, handed over after, and fits its order."""
    times = sa.and_(
        orders.c.paid_at <= dispatches.c.at,
        sa.or_(orders.c.handed_over_at.is_(None), orders.c.handed_over_at >= dispatches.c.at),
    )
    kind = sa.case(
        (orders.c.fulfilment == Fulfilment.PICK_UP, DispatchKind.READY_FOR_PICK_UP.value),
        else_=DispatchKind.SENT.value,
    )
    return (
        sa.select(
            dispatches.c.public_id.label("dispatch"),
            orders.c.number,
            orders.c.fulfilment,
            dispatches.c.kind,
            dispatches.c.at,
            orders.c.paid_at,
            orders.c.handed_over_at,
        )
        .outerjoin(orders, orders.c.id == dispatches.c.order_id)
        .where(
            sa.or_(
                unless(times),
                differs(sa.type_coerce(dispatches.c.kind, sa.String()), kind),
            )
        )
    )


def dispatches_that_lead_astray(_: Asked) -> Question:
    """A parcel has a carrier and a number or neither, and leads to an https page or to none."""
    url = dispatches.c.tracking_url
    followed = sa.and_(dispatches.c.carrier != "", dispatches.c.number != "")
    nameless = sa.and_(dispatches.c.carrier == "", dispatches.c.number == "", url == "")
    return sa.select(
        dispatches.c.public_id.label("dispatch"), dispatches.c.carrier, dispatches.c.number, url
    ).where(
        sa.or_(
            unless(sa.or_(followed, nameless)),
            unless(sa.or_(url == "", url.startswith("https://", autoescape=True))),
        )
    )


def orders_in_too_many_parts(_: Asked) -> Question:
    """An order goes in a bounded number of parts."""
    count = sa.func.count()
    return (
        sa.select(dispatches.c.order_id, count.label("parts"))
        .group_by(dispatches.c.order_id)
        .having(count > rules.MOST)
    )


INVARIANTS = (
    query(22, "collected orders have a place", orders_collected_nowhere),
    query(22, "dispatches fit their orders", dispatches_out_of_step),
    query(22, "parcels can be followed", dispatches_that_lead_astray),
    query(22, "orders go in few parts", orders_in_too_many_parts),
)
