"""One transaction commits, or nothing does; and SQLite's writers wait their turn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
import sqlalchemy.exc
from flask import Flask

from storefront.core import jobs
from storefront.core.database import db, in_transaction, insert_if_absent, transaction
from storefront.core.jobs import Job
from tests.support.threads import all_at_once

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def leave(key: str) -> None:
    jobs.leave("kind", key, {}, NOON)


def keys() -> list[str]:
    return list(db.session.scalars(sa.select(Job.key).order_by(Job.key)))


def leave_and_fail() -> None:
    with transaction():
        with transaction():
            leave("inner")
        leave("outer")
        raise ConnectionError


def test_a_transaction_that_fails_leaves_nothing_not_even_what_an_inner_one_did(
    app: Flask,
) -> None:
    with pytest.raises(ConnectionError):
        leave_and_fail()
    assert keys() == []
    assert not in_transaction()


def test_an_inner_transaction_joins_the_outer_one(app: Flask) -> None:
    with transaction():
        with transaction():
            leave("inner")
        leave("outer")
    assert keys() == ["inner", "outer"]


def test_what_was_read_before_is_read_again_inside(app: Flask) -> None:
    with transaction():
        leave("a")
    stale = db.session.scalars(sa.select(Job)).one()
    with db.engine.begin() as elsewhere:
        db.session.rollback()
        elsewhere.execute(sa.update(Job).values(attempts=7))
    with transaction():
        assert stale.attempts == 7


def test_changes_outside_of_a_transaction_are_a_mistake(app: Flask) -> None:
    db.session.add(Job(kind="kind", key="stray", payload={}, due_at=NOON))
    with pytest.raises(RuntimeError, match="outside of a transaction"), transaction():
        pass
    db.session.rollback()


def test_a_row_is_inserted_once_by_its_unique_columns(app: Flask) -> None:
    row = {"kind": "kind", "key": "a", "payload": {}, "due_at": NOON, "attempts": 0}
    with transaction():
        assert insert_if_absent(Job.__table__, ["key"], {**row, "last_error": ""})
        assert not insert_if_absent(Job.__table__, ["key"], {**row, "last_error": ""})


def test_times_come_back_as_the_same_instant_in_utc(app: Flask) -> None:
    in_shanghai = datetime(2026, 3, 2, 20, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    with transaction():
        jobs.leave("kind", "a", {}, in_shanghai)
    read = db.session.scalars(sa.select(Job.due_at)).one()
    assert read == in_shanghai
    assert read.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(app: Flask) -> None:
    with pytest.raises(sqlalchemy.exc.StatementError, match="without a time zone"), transaction():
        jobs.leave("kind", "a", {}, datetime(2026, 3, 2))  # noqa: DTZ001


def increment_after_reading() -> None:
    """The pattern that plain BEGIN answers with "database is locked"."""
    for _ in range(5):
        with transaction() as session:
            job = session.scalars(sa.select(Job).with_for_update()).one()
            job.attempts += 1


@pytest.mark.own_app(database_pool_size=40)
def test_thirty_two_writers_who_read_first_lose_nothing_and_are_never_locked_out(
    app: Flask,
) -> None:
    with transaction():
        leave("a")
    outcomes = all_at_once(app, [increment_after_reading] * 32)
    assert outcomes == [None] * 32
    assert db.session.scalars(sa.select(Job.attempts)).one() == 160


@pytest.mark.sqlite_only
@pytest.mark.own_app(database_pool_size=40)
def test_without_the_transaction_helper_such_writers_are_locked_out(app: Flask) -> None:
    """The twin without the protection: it shows that the test above can fail."""

    def unprotected() -> None:
        for _ in range(5):
            with db.engine.connect() as connection, connection.begin():
                attempts = connection.scalar(sa.select(Job.attempts))
                connection.execute(sa.update(Job).values(attempts=(attempts or 0) + 1))

    with transaction():
        leave("a")
    outcomes = all_at_once(app, [unprotected] * 32)
    assert any(isinstance(outcome, sqlalchemy.exc.OperationalError) for outcome in outcomes)
