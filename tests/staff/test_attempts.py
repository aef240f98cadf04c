"""How often anybody may fail."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import TooMany
from storefront.staff import attempts
from storefront.staff.models import AttemptBudget


def fail(account: str, address: str, clock: SettableClock, times: int = 1) -> None:
    for _ in range(times):
        attempts.charge(attempts.strangers_budgets(account, address), clock.now())


def test_an_account_takes_so_many_failures_wherever_they_come_from(
    app: Flask, clock: SettableClock
) -> None:
    for number in range(attempts.PER_ACCOUNT):
        fail("E1", f"192.0.2.{number}", clock)
    with pytest.raises(TooMany, match="too_many_attempts"):
        fail("E1", "192.0.2.200", clock)
    fail("E2", "192.0.2.200", clock)


def test_an_address_takes_so_many_failures_whichever_the_account(
    app: Flask, clock: SettableClock
) -> None:
    for number in range(attempts.PER_ADDRESS):
        fail(f"E{number}", "192.0.2.1", clock)
    with pytest.raises(TooMany):
        fail("another", "192.0.2.1", clock)
    fail("another", "192.0.2.2", clock)


def test_a_whole_ipv6_network_counts_as_one_address(app: Flask, clock: SettableClock) -> None:
    for number in range(attempts.PER_ADDRESS):
        fail(f"E{number}", f"2001:db8:0:1::{number:x}", clock)
    with pytest.raises(TooMany):
        fail("another", "2001:db8:0:1:ffff::1", clock)
    fail("another", "2001:db8:0:2::1", clock)


def test_an_ipv4_address_is_the_same_written_as_ipv6(app: Flask) -> None:
    assert attempts.address_budget("::ffff:192.0.2.1") == attempts.address_budget("192.0.2.1")
    assert attempts.address_budget("unknown") != attempts.address_budget("192.0.2.1")


def test_a_window_later_everything_is_forgotten(app: Flask, clock: SettableClock) -> None:
    fail("E1", "192.0.2.1", clock, attempts.PER_ACCOUNT)
    clock.advance(timedelta(minutes=5))
    with pytest.raises(TooMany) as refused:
        fail("E1", "192.0.2.1", clock)
    assert refused.value.extra["retry_after"] == 10 * 60
    clock.advance(timedelta(minutes=10))
    fail("E1", "192.0.2.1", clock, attempts.PER_ACCOUNT)


def test_what_is_given_back_was_no_failure(app: Flask, clock: SettableClock) -> None:
    budgets = attempts.strangers_budgets("E1", "192.0.2.1")
    for _ in range(3 * attempts.PER_ADDRESS):
        attempts.charge(budgets, clock.now())
        attempts.give_back(budgets)


def test_who_is_refused_uses_nothing_up(app: Flask, clock: SettableClock) -> None:
    fail("E1", "192.0.2.1", clock, attempts.PER_ACCOUNT)
    for _ in range(attempts.PER_ADDRESS):
        with pytest.raises(TooMany):
            fail("E1", "192.0.2.2", clock)
    fail("E2", "192.0.2.2", clock)


def test_what_was_typed_is_not_kept(app: Flask, clock: SettableClock) -> None:
    fail("my password, typed into the wrong field", "192.0.2.1", clock)
    keys = db.session.scalars(sa.select(AttemptBudget.key)).all()
    assert len(keys) == 2
    assert all(len(key) == 64 and "password" not in key for key in keys)


def test_old_budgets_are_forgotten_and_running_ones_kept(app: Flask, clock: SettableClock) -> None:
    fail("E1", "192.0.2.1", clock)
    clock.advance(timedelta(hours=1))
    fail("E2", "192.0.2.2", clock)
    attempts.forget_old(clock.now())
    assert db.session.scalar(sa.select(sa.func.count(AttemptBudget.key))) == 2
