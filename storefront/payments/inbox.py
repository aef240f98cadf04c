"""The inbox: every verified message of a gateway, kept once, in whatever order they come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.core.database import db, insert_if_absent
from storefront.payments.models import EventState, GatewayEvent

_events = cast(sa.Table, GatewayEvent.__table__)

_SETTLE = sa.update(_events).where(
    _events.c.gateway == sa.bindparam("of_gateway"),
    _events.c.event_id == sa.bindparam("of_event"),
)


def keep(gateway: str, event_id: str, kind: str, body: bytes, now: datetime) -> bool:
    """Keep a message within the caller's transaction; False if it is there already."""
    return insert_if_absent(
        _events,
        ["gateway", "event_id"],
        {
            "gateway": gateway,
            "event_id": event_id,
            "kind": kind,
            "body": body,
            "received_at": now,
            "state": EventState.WAITING,
            "problem": "",
        },
    )


def take_waiting(gateway: str, event_id: str) -> bool:
    """Lock a message that still waits to be applied; False if it is settled or being settled."""
    found = db.session.scalar(
        sa.select(_events.c.id)
        .where(
            _events.c.gateway == gateway,
            _events.c.event_id == event_id,
            _events.c.state == EventState.WAITING,
        )
        .with_for_update()
    )
    return found is not None


def settle(
    gateway: str, event_id: str, state: EventState, now: datetime, problem: str = ""
) -> None:
    """Say what became of a message."""
    db.session.execute(
        _SETTLE,
        {
            "of_gateway": gateway,
            "of_event": event_id,
            "state": state,
            "problem": problem[:500],
            "applied_at": now,
        },
    )


def waiting(received_before: datetime, limit: int) -> Sequence[sa.Row[str, str, bytes]]:
    """Messages nobody could make sense of yet: gateway, event id and body, oldest first."""
    return db.session.execute(
        sa.select(_events.c.gateway, _events.c.event_id, _events.c.body)
        .where(_events.c.state == EventState.WAITING, _events.c.received_at < received_before)
        .order_by(_events.c.id)
        .limit(limit)
    ).all()
