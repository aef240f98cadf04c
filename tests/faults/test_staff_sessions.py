"""Sessions under stress: two refreshes at once, late replays, restarts, races with their end."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config.settings import Settings
from storefront import create_app
from storefront.api.tokens import Tokens, tokens_for
from storefront.core import clock as now_of
from storefront.core import hot
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.core.errors import Forbidden
from storefront.staff import employment, sessions
from storefront.staff.models import Employee, StaffSession
from tests.support import cast
from tests.support.threads import all_at_once

ME = "/api/v1/seller/me"
SESSION = "/api/v1/seller/session"
REFRESH = "/api/v1/seller/session/refresh"
CROWD = 8


def signed_in(employee: Employee) -> Tokens:
    with transaction():
        return tokens_for(sessions.open_session(employee.id, now_of.now()))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def refresh(app: Flask, token: str) -> TestResponse:
    return app.test_client().post(REFRESH, headers=bearer(token))


def status_of_me(client: FlaskClient, token: str) -> int:
    return client.get(ME, headers=bearer(token)).status_code


def refreshed_at_once(app: Flask, token: str, times: int) -> list[TestResponse]:
    answers: list[Any] = all_at_once(app, [lambda: refresh(app, token)] * times)
    return answers


@pytest.mark.parametrize("times", [2, CROWD])
@pytest.mark.own_app(database_pool_size=CROWD + 2)
def test_refreshes_at_once_all_come_through_and_the_session_lives_on(
    app: Flask, client: FlaskClient, clock: SettableClock, times: int
) -> None:
    token = signed_in(cast.an_employee()).refresh
    answers = refreshed_at_once(app, token, times)
    assert [answer.status_code for answer in answers] == [200] * times
    pairs = [answer.get_json() for answer in answers]
    assert len({pair["refresh_token"] for pair in pairs}) == times
    clock.advance(timedelta(minutes=20))
    for pair in pairs:
        assert status_of_me(client, pair["access_token"]) == 200
        assert refresh(app, pair["refresh_token"]).status_code == 200


@pytest.mark.own_app(database_pool_size=CROWD + 2)
def test_without_the_grace_one_of_two_refreshes_would_end_the_session(app: Flask) -> None:
    token = signed_in(cast.an_employee()).refresh
    with patch.object(sessions, "GRACE", timedelta(seconds=-1)):
        answers = refreshed_at_once(app, token, 2)
    assert sorted(answer.status_code for answer in answers) == [200, 401]
    assert db.session.scalars(sa.select(StaffSession.end_reason)).all() == ["replayed"]


def test_a_late_replay_ends_the_family_and_no_other_session(
    app: Flask, client: FlaskClient, clock: SettableClock
) -> None:
    employee = cast.an_employee()
    stolen, other = signed_in(employee), signed_in(employee)
    heir = refresh(app, stolen.refresh).get_json()
    clock.advance(timedelta(seconds=61))
    assert refresh(app, stolen.refresh).get_json()["code"] == "session_ended"
    assert refresh(app, heir["refresh_token"]).get_json()["code"] == "session_ended"
    assert status_of_me(client, heir["access_token"]) == 401
    assert status_of_me(client, other.access) == 200


@contextmanager
def restarted(database_url: str, clock: SettableClock, folder: Path) -> Generator[Flask]:
    """Another process on the same database: nothing that the first one remembers is there."""
    settings = Settings.for_tests(database_url=database_url, instance_folder=folder)
    app = create_app(settings, clock=clock)
    with app.app_context():
        yield app
        db.session.remove()
        hot.close_connections()
        db.engine.dispose()


def sign_out(app: Flask, employee: Employee, token: str) -> None:
    assert app.test_client().delete(SESSION, headers=bearer(token)).status_code == 204


def suspend(app: Flask, employee: Employee, token: str) -> None:
    employment.suspend(employee.id, "", SYSTEM, now_of.now())


def let_leave(app: Flask, employee: Employee, token: str) -> None:
    employment.leave(employee.id, "", SYSTEM, now_of.now())


@pytest.mark.parametrize("end", [sign_out, suspend, let_leave])
def test_what_has_ended_stays_ended_across_a_restart(
    app: Flask,
    clock: SettableClock,
    database_url: str,
    tmp_path: Path,
    end: Callable[[Flask, Employee, str], None],
) -> None:
    employee, colleague = cast.an_employee(), cast.an_employee()
    ended, kept = signed_in(employee), signed_in(colleague)
    end(app, employee, ended.access)
    with restarted(database_url, clock, tmp_path) as again:
        client = again.test_client()
        assert client.get(ME, headers=bearer(ended.access)).status_code == 401
        assert client.post(REFRESH, headers=bearer(ended.refresh)).status_code == 401
        assert client.get(ME, headers=bearer(kept.access)).status_code == 200
        assert client.post(REFRESH, headers=bearer(kept.refresh)).status_code == 200


@pytest.mark.own_app(database_pool_size=2 * CROWD + 2)
def test_a_suspension_amid_sign_ins_and_refreshes_leaves_nobody_in(
    app: Flask, clock: SettableClock
) -> None:
    employee = cast.an_employee("E1", password=cast.PASSWORD)
    tokens = [signed_in(employee).refresh for _ in range(CROWD // 2)]

    def come_in() -> object:
        caller = sessions.Caller("192.0.2.1", "v")
        return sessions.sign_in("E1", cast.PASSWORD, caller, clock.now())

    deeds: list[Callable[[], object]] = [
        *[come_in] * (CROWD // 2),
        *[lambda token=token: refresh(app, token).status_code for token in tokens],
        lambda: employment.suspend(employee.id, "", SYSTEM, clock.now()),
    ]
    answers = all_at_once(app, deeds)
    assert all(
        not isinstance(answer, Exception) or isinstance(answer, Forbidden) for answer in answers
    )
    assert answers[-1] is None
    alive = sa.select(sa.func.count(StaffSession.id)).where(StaffSession.ended_at.is_(None))
    assert db.session.scalar(alive) == 0
