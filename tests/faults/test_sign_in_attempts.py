"""Guessing passwords: from one address, from many, side by side, behind forged headers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import TooMany, Unauthenticated
from storefront.staff import attempts, sessions
from storefront.staff.models import AttemptBudget
from tests.support import cast
from tests.support.threads import all_at_once

SESSION = "/api/v1/seller/session"
CROWD = 24


def try_password(
    client: FlaskClient,
    password: str,
    *,
    number: str = "E1",
    address: str = "192.0.2.1",
    forwarded: str | None = None,
) -> int:
    answer = client.post(
        SESSION,
        json={"number": number, "password": password},
        headers={"X-Forwarded-For": forwarded} if forwarded else {},
        environ_base={"REMOTE_ADDR": address},
    )
    if answer.status_code == 429:
        assert answer.get_json()["code"] == "too_many_attempts"
        assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    return answer.status_code


def test_twenty_addresses_hammer_one_account_and_its_owner_still_gets_in(app: Flask) -> None:
    cast.an_employee("E1", password=cast.PASSWORD)
    owner = app.test_client()
    assert try_password(owner, cast.PASSWORD) == 201
    answers: Counter[int] = Counter()
    for turn in range(5):
        for number in range(20):
            stranger = app.test_client()
            address = f"198.51.100.{number}"
            answers[try_password(stranger, f"guess {turn}", address=address)] += 1
    assert answers == {401: attempts.PER_ACCOUNT, 429: 100 - attempts.PER_ACCOUNT}
    # The right password, guessed in time by a stranger, is not answered for either.
    assert try_password(app.test_client(), cast.PASSWORD, address="198.51.100.9") == 429
    assert try_password(owner, cast.PASSWORD) == 201
    assert try_password(owner, cast.PASSWORD, address="203.0.113.7") == 201


def test_a_forged_cookie_makes_no_device_known(app: Flask) -> None:
    employee = cast.an_employee("E1", password=cast.PASSWORD)
    owner = app.test_client()
    assert try_password(owner, cast.PASSWORD) == 201
    for _ in range(attempts.PER_ACCOUNT):
        try_password(app.test_client(), "guess")
    cookie = owner.get_cookie("visitor")
    assert cookie is not None
    visitor_id = cookie.value.rpartition(".")[0]
    thief = app.test_client()
    thief.set_cookie("visitor", f"{visitor_id}.{'A' * 22}")
    assert try_password(thief, cast.PASSWORD) == 429
    assert employee.number == "E1"


def test_a_changing_x_forwarded_for_changes_nothing(app: Flask, client: FlaskClient) -> None:
    answers = [
        try_password(client, "guess", number=f"E{number}", forwarded=f"198.51.100.{number}")
        for number in range(attempts.PER_ADDRESS + 5)
    ]
    assert answers == [401] * attempts.PER_ADDRESS + [429] * 5


@pytest.mark.own_app(trusted_proxies=1)
def test_behind_a_proxy_its_word_counts_and_nobody_elses(app: Flask, client: FlaskClient) -> None:
    def at_the_proxy(number: int, real: str) -> int:
        # The proxy adds the address it sees to whatever the client claims.
        forwarded = f"10.0.0.{number}, {real}"
        return try_password(client, "guess", number=f"E{number}", forwarded=forwarded)

    answers = [at_the_proxy(number, "198.51.100.1") for number in range(attempts.PER_ADDRESS + 5)]
    assert answers == [401] * attempts.PER_ADDRESS + [429] * 5
    assert at_the_proxy(200, "198.51.100.2") == 401


def guesses_at_once(app: Flask, clock: SettableClock) -> Counter[str]:
    """Wrong passwords for one account, side by side; how each was refused."""

    def guess(number: int) -> Callable[[], object]:
        caller = sessions.Caller(f"198.51.100.{number}", f"stranger {number}")
        return lambda: sessions.sign_in("E1", "guess", caller, clock.now())

    refusals: Counter[str] = Counter()
    for refusal in all_at_once(app, [guess(number) for number in range(CROWD)]):
        assert isinstance(refusal, Unauthenticated | TooMany), refusal
        refusals[refusal.code] += 1
    return refusals


@pytest.mark.own_app(database_pool_size=CROWD + 2)
def test_guesses_side_by_side_do_not_overrun_the_budget(app: Flask, clock: SettableClock) -> None:
    cast.an_employee("E1", password=cast.PASSWORD)
    assert guesses_at_once(app, clock) == {
        "wrong_credentials": attempts.PER_ACCOUNT,
        "too_many_attempts": CROWD - attempts.PER_ACCOUNT,
    }


@pytest.mark.own_app(database_pool_size=CROWD + 2)
def test_counting_after_the_fact_would_let_them_overrun_it(
    app: Flask, clock: SettableClock
) -> None:
    cast.an_employee("E1", password=cast.PASSWORD)

    def look_only(budgets: Any, now: Any) -> None:
        keys = [budget.key for budget in budgets]
        query = sa.select(AttemptBudget).where(AttemptBudget.key.in_(keys))
        used = {budget.key: budget.failures for budget in db.session.scalars(query)}
        if any(used.get(budget.key, 0) >= budget.limit for budget in budgets):
            raise TooMany("too_many_attempts", "", retry_after=1)

    with patch.object(attempts, "charge", look_only):
        overrun = guesses_at_once(app, clock)
    assert overrun["wrong_credentials"] > attempts.PER_ACCOUNT
