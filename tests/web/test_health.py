"""Is the process up, may it be sent visitors?"""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from storefront.core.database import db, transaction
from storefront.web import health


def stamp(*heads: str) -> None:
    with transaction() as session:
        session.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        for head in heads:
            session.execute(
                sa.text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": head}
            )


@pytest.fixture
def without_stamp(app: Flask):
    yield
    with transaction() as session:
        session.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))


def test_a_process_that_answers_is_up(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["Cache-Control"] == "no-store"


def test_with_the_newest_tables_it_may_be_sent_visitors(
    client: FlaskClient, without_stamp: None
) -> None:
    stamp(*health.newest_migrations())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\n")


@pytest.mark.parametrize("heads", [(), ("some_other",)])
def test_with_other_tables_it_may_not(
    client: FlaskClient, without_stamp: None, heads: tuple[str, ...]
) -> None:
    stamp(*heads)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "make migrate" in answer.text


@pytest.mark.own_app
@pytest.mark.sqlite_only
def test_without_a_database_it_may_not(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(db.engine, "connect", refuse)
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
