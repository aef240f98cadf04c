"""How often anybody may fail to prove who they are.

Budgets are rows, so they hold across workers and restarts. An attempt is charged before the
password is looked at, so guesses sent side by side cannot overrun a budget, and given back if it
was right: only failures cost. A device in which the owner has signed in before has a budget of its
own and needs no other, so a stranger who hammers an account never locks its owner out (OWASP, "Slow
Down Online Guessing Attacks with Device Cookies").
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa

from storefront.core.database import db, insert_for, transaction
from storefront.core.errors import TooMany
from storefront.staff.models import AttemptBudget

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 50
PER_DEVICE = 10

_budgets = cast(sa.Table, AttemptBudget.__table__)


@dataclass(frozen=True, slots=True)
class Budget:
    """Failures allowed within a window, and whose they are."""

    key: str
    limit: int


def strangers_budgets(account: str, address: str) -> list[Budget]:
    """What an unknown device may use up: the address's budget and the account's."""
    return [address_budget(address), Budget(_key("account", account), PER_ACCOUNT)]


def device_budgets(account: str, device: str) -> list[Budget]:
    """What a device may use up in which the account's owner has signed in."""
    return [Budget(_key("device", device, account), PER_DEVICE)]


def address_budget(address: str) -> Budget:
    """One caller's budget. An IPv6 caller commands a whole /64, so that counts as one."""
    return Budget(_key("address", _network(address)), PER_ADDRESS)


def door_budget(door: str, address: str, limit: int) -> Budget:
    """What a caller may use up at one door that is open to everybody, and at no other."""
    return Budget(_key("door", door, _network(address)), limit)


def charge(budgets: Sequence[Budget], now: datetime) -> None:
    """Count a failure on every budget, before it is known whether it is one.

    Raises TooMany `too_many_attempts` with `retry_after` in seconds, and counts nothing, if one
    of them is used up.
    """
    with transaction():
        for budget in budgets:
            _charge(budget, now)


def give_back(budgets: Sequence[Budget]) -> None:
    """It was no failure after all."""
    with transaction() as session:
        for budget in budgets:
            session.execute(
                sa.update(_budgets)
                .where(_budgets.c.key == budget.key, _budgets.c.failures > 0)
                .values(failures=_budgets.c.failures - 1)
            )


def forget_old(now: datetime) -> None:
    """Delete budgets whose window is long over."""
    with transaction() as session:
        session.execute(sa.delete(_budgets).where(_budgets.c.since < now - 2 * WINDOW))


def _charge(budget: Budget, now: datetime) -> None:
    window_is_over = _budgets.c.since <= now - WINDOW
    failures, since = db.session.execute(
        insert_for(_budgets)
        .values(key=budget.key, failures=1, since=now)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "failures": sa.case((window_is_over, 1), else_=_budgets.c.failures + 1),
                "since": sa.case((window_is_over, now), else_=_budgets.c.since),
            },
        )
        .returning(_budgets.c.failures, _budgets.c.since)
    ).one()
    if failures > budget.limit:
        wait = max(1, math.ceil((since + WINDOW - now).total_seconds()))
        raise TooMany(
            "too_many_attempts", "Too many failed attempts. Try again later.", retry_after=wait
        )


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
