"""The fixtures that every test may ask for.

A test that asks for `app`, `client` or `database_url` runs twice, once on each database; one that
asks for none of them needs no database and runs once.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config.settings import Settings
from storefront import create_app
from storefront.core import hot
from storefront.core.clock import SettableClock
from storefront.core.database import db
from tests.support.client import SeparateClient
from tests.support.databases import (
    Databases,
    Kind,
    PostgresqlDatabases,
    PostgresqlServer,
    SqliteDatabases,
)

KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
MARKERS = {
    "sqlite_only": "runs on SQLite alone, because it is about something only SQLite does",
    "postgresql_only": "runs on PostgreSQL alone, because it is about something only it does",
    "settings(**fields)": "fields of config.settings.Settings that differ for this test",
}
FOLDER = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=[*KINDS, "both"],
        default="both",
        help="which database the tests run on (default: both, one after the other)",
    )


def pytest_configure(config: pytest.Config) -> None:
    for marker, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{marker}: {meaning}")
    given: dict[str, Any] | None = getattr(config, "workerinput", None)
    config.stash[FOLDER] = Path(given["folder"] if given else tempfile.mkdtemp(prefix="shop-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a parallel process where the run's one PostgreSQL lives."""
    node.workerinput["folder"] = str(node.config.stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """End PostgreSQL with the run: the process that was started first does it, after all others."""
    if not hasattr(config, "workerinput"):
        PostgresqlServer(config.stash[FOLDER]).stop()
        shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" not in metafunc.fixturenames:
        return
    chosen: str = metafunc.config.getoption("--database")
    kinds = [
        kind
        for kind in KINDS
        if chosen in (kind, "both")
        and not any(
            other != kind and metafunc.definition.get_closest_marker(f"{other}_only")
            for other in KINDS
        )
    ]
    metafunc.parametrize("database_kind", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> Kind:
    """Which database the test runs on: "sqlite" or "postgresql"."""
    return request.param


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[Databases]:
    databases = SqliteDatabases()
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def postgresql_server(pytestconfig: pytest.Config) -> PostgresqlServer:
    """The run's own server, for tests that want a database besides the usual one."""
    server = PostgresqlServer(pytestconfig.stash[FOLDER])
    server.start()
    return server


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: PostgresqlServer) -> Iterator[Databases]:
    process = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    databases = PostgresqlDatabases(postgresql_server, f"tests_{process}")
    yield databases
    databases.close()


@pytest.fixture
def database_url(database_kind: Kind, request: pytest.FixtureRequest) -> str:
    """The address of a database with every table and no rows, nobody else's until the test ends."""
    databases: Databases = request.getfixturevalue(f"{database_kind}_databases")
    return databases.empty()


@pytest.fixture
def settings(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """The application's settings; `@pytest.mark.settings(hold_minutes=1)` changes some."""
    fields: dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers("settings"))):
        fields |= mark.kwargs
    return Settings.for_tests(database_url=database_url, instance_folder=tmp_path, **fields)


@pytest.fixture
def clock() -> SettableClock:
    """The application's clock: a Monday morning in the shop, until the test advances it."""
    return SettableClock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))


@pytest.fixture
def app(settings: Settings, clock: SettableClock) -> Iterator[Flask]:
    """An application of the test's own over an empty database, with its context pushed."""
    app = create_app(settings, clock=clock)
    app.testing = True
    app.test_client_class = SeparateClient
    with app.app_context():
        yield app
        hot.close_connections()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies; `app.test_client()` gives more of them."""
    return app.test_client()
