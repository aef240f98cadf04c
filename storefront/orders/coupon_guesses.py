"""How often anybody may type a coupon's code that there is not: trying must find none.

Counted per visitor, and per network address too, since a visitor is forgotten with a cookie. A try
is charged before the code is looked at, so tries side by side cannot overrun a budget, and given
back if the code was right.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa

from storefront.core.database import db, insert_for, transaction
from storefront.core.errors import TooMany
from storefront.core.settings import settings
from storefront.orders.coupon_models import CouponGuesses

WINDOW = timedelta(hours=1)
PER_VISITOR = 20
PER_CALLER = 200
"""From one network address: an office, a carrier's gateway."""

_guesses = cast(sa.Table, CouponGuesses.__table__)


def charge(visitor_id: str, caller: str, now: datetime) -> None:
    """Count a wrong code, before it is known whether it is one.

    Raises TooMany `too_many_coupons` with `retry_after` in seconds.
    """
    with transaction():
        waits = [_count(key, most, now) for key, most in _budgets(visitor_id, caller)]
    # Outside, so that what was tried stays counted.
    if any(waits):
        raise TooMany(
            "too_many_coupons",
            "Too many codes that we do not know. Try again later.",
            retry_after=max(waits),
        )


def give_back(visitor_id: str, caller: str) -> None:
    """The code was right after all."""
    with transaction() as session:
        for key, _ in _budgets(visitor_id, caller):
            session.execute(
                sa.update(_guesses)
                .where(_guesses.c.key == key, _guesses.c.count > 0)
                .values(count=_guesses.c.count - 1)
            )


def forget_old(now: datetime) -> None:
    """Delete what was counted in windows that are over."""
    with transaction() as session:
        session.execute(sa.delete(_guesses).where(_guesses.c.since <= now - WINDOW))


def _budgets(visitor_id: str, caller: str) -> list[tuple[str, int]]:
    # Always in this order, so that two tries never wait for each other.
    return [(_key("caller", caller), PER_CALLER), (_key("visitor", visitor_id), PER_VISITOR)]


def _count(key: str, most: int, now: datetime) -> int:
    """Seconds to wait; 0 within the budget."""
    is_over = _guesses.c.since <= now - WINDOW
    count, since = db.session.execute(
        insert_for(_guesses)
        .values(key=key, count=1, since=now)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": sa.case((is_over, 1), else_=_guesses.c.count + 1),
                "since": sa.case((is_over, now), else_=_guesses.c.since),
            },
        )
        .returning(_guesses.c.count, _guesses.c.since)
    ).one()
    if count <= most:
        return 0
    return max(1, math.ceil((since + WINDOW - now).total_seconds()))


def _key(*parts: str) -> str:
    # With a secret: there are few enough network addresses to try them all.
    secret = settings().visitor_secret.encode()
    return hmac.new(secret, "\0".join(parts).encode(), hashlib.sha256).hexdigest()
