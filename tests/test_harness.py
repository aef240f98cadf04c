"""The ground that the other tests stand on."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask, g
from sqlalchemy.exc import IntegrityError

from storefront.core import jobs
from storefront.core.clock import SettableClock, now
from storefront.core.database import db, transaction
from tests.support import chromium
from tests.support.queries import recorded_queries
from tests.support.threads import all_at_once


def leave_a_job(key: str) -> None:
    with transaction() as session:
        session.add(jobs.Job(kind="say", key=key, payload={}, due_at=now()))


@pytest.mark.parametrize("turn", range(3))
def test_every_test_begins_with_an_empty_database(app: Flask, turn: int) -> None:
    assert db.session.scalar(sa.select(sa.func.count(jobs.Job.id))) == 0
    leave_a_job("hello")
    assert db.session.scalar(sa.select(sa.func.count(jobs.Job.id))) == 1


def test_the_clock_stands_until_it_is_moved(app: Flask, clock: SettableClock) -> None:
    before = now()
    clock.advance(timedelta(hours=1))
    assert now() - before == timedelta(hours=1)


@pytest.mark.own_app(hold_minutes=3)
def test_a_test_can_have_settings_of_its_own(app: Flask) -> None:
    assert app.extensions["settings"].hold_minutes == 3


@pytest.mark.sqlite_only
def test_a_test_can_be_about_sqlite_alone(database_kind: str) -> None:
    assert database_kind == "sqlite"


@pytest.mark.postgresql_only
def test_a_test_can_be_about_postgresql_alone(database_kind: str) -> None:
    assert database_kind == "postgresql"


@pytest.mark.own_app
def test_a_request_shares_neither_session_nor_g_with_the_test(app: Flask) -> None:
    seen: list[object] = []

    @app.get("/whoami")
    def whoami() -> str:
        seen.extend([db.session(), g.get("who")])
        db.session.add(jobs.Job(kind="say", key="never committed", payload={}, due_at=now()))
        db.session.flush()
        return ""

    g.who = "the test"
    app.test_client().get("/whoami")
    assert seen[0] is not db.session()
    assert seen[1] is None
    assert db.session.scalar(sa.select(sa.func.count(jobs.Job.id))) == 0


@pytest.mark.own_app
def test_a_test_sees_what_a_request_has_changed(app: Flask) -> None:
    @app.post("/rename")
    def rename() -> str:
        with transaction() as session:
            session.execute(sa.update(jobs.Job).values(kind="shout"))
        return ""

    leave_a_job("hello")
    job = db.session.scalars(sa.select(jobs.Job)).one()
    app.test_client().post("/rename")
    assert job.kind == "shout"


def test_a_request_inside_a_transaction_is_refused_and_does_not_hang(app: Flask) -> None:
    with transaction(), pytest.raises(AssertionError, match="would wait"):
        app.test_client().get("/")


def test_queries_are_recorded(app: Flask) -> None:
    with recorded_queries() as queries:
        db.session.scalar(sa.select(sa.func.count(jobs.Job.id)))
    assert len(queries) == 1
    assert "count(jobs.id)" in queries[0]


def test_the_world_outside_is_out_of_reach() -> None:
    with pytest.warns(UserWarning, match="192.0.2.1"), pytest.raises(RuntimeError, match="socket"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


@pytest.mark.own_app(database_pool_size=20)
def test_people_act_at_once_and_each_gets_an_answer(app: Flask) -> None:
    def leave() -> str:
        leave_a_job("only once")
        return "done"

    answers = all_at_once(app, [leave] * 8)
    assert answers.count("done") == 1
    assert sum(isinstance(answer, IntegrityError) for answer in answers) == 7
    assert db.session.scalar(sa.select(sa.func.count(jobs.Job.id))) == 1


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_hangs_on_the_application_is_gone(app: Flask, turn: str) -> None:
    assert "sign" not in app.extensions
    assert "HAT" not in app.config
    app.extensions["sign"] = "closed"
    app.config["HAT"] = "red"


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine without a Chromium."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "playwrights_own", lambda: None)
    chromium.find.cache_clear()
    yield
    chromium.find.cache_clear()


def test_a_browser_is_found_where_the_environment_says_or_on_the_path(
    no_browser: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert chromium.find() is None
    for name in ("google-chrome", "my-own"):
        (tmp_path / name).touch(mode=0o755)
    chromium.find.cache_clear()
    assert chromium.find() == str(tmp_path / "google-chrome")
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "my-own"))
    chromium.find.cache_clear()
    assert chromium.find() == str(tmp_path / "my-own")


def test_without_a_browser_its_tests_fail_saying_how_to_get_one(no_browser: None) -> None:
    with pytest.raises(RuntimeError, match="apt-get install chromium"), chromium.a_chromium():
        pass
