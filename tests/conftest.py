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
from typing import Any, Protocol, runtime_checkable
from unittest.mock import patch

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings

from config.settings import Settings
from storefront import create_app
from storefront.core import hot
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.staff import passwords
from tests.support import chromium
from tests.support.client import SeparateClient
from tests.support.databases import (
    Databases,
    Kind,
    PostgresqlDatabases,
    PostgresqlServer,
    SqliteDatabases,
)

# A busy machine is no reason to fail.
hypothesis_settings.register_profile("storefront", deadline=None)
hypothesis_settings.load_profile("storefront")

KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
MARKERS = {
    "sqlite_only": "runs on SQLite alone, because it is about something only SQLite does",
    "postgresql_only": "runs on PostgreSQL alone, because it is about something only it does",
    "own_app(**fields)": "an application of its own, with these fields of config.settings.Settings",
}


@runtime_checkable
class Forgetful(Protocol):
    """Something among an application's extensions that remembers what it has read."""

    def forget(self) -> object: ...


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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out for want of a browser."""
    if chromium.is_left_out():
        terminalreporter.write_line(
            f"tests/browser was left out: there is no Chromium here. {chromium.HOW_TO_GET_IT}"
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" not in metafunc.fixturenames:
        return
    chosen = str(metafunc.config.getoption("database"))
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


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hash passwords in no time: what a hash costs is no test's subject, and 40 ms add up."""
    with patch.object(passwords, "_hasher", PasswordHasher(1, 8, 1)):
        yield


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


class SharedApps:
    """One application per database for all tests of a process: building one takes longer than most
    tests, chiefly because the API's description is put together from every route.
    """

    def __init__(self, instance_folder: Path) -> None:
        self._instance_folder = instance_folder
        self._apps: dict[str, Flask] = {}

    def over(self, url: str) -> Flask:
        if url not in self._apps:
            self._apps[url] = create_app(
                Settings.for_tests(database_url=url, instance_folder=self._instance_folder)
            )
        return self._apps[url]

    def close(self) -> None:
        for app in self._apps.values():
            with app.app_context():
                hang_up()


def hang_up() -> None:
    hot.close_connections()
    db.engine.dispose()


@pytest.fixture(scope="session")
def shared_apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedApps]:
    apps = SharedApps(tmp_path_factory.mktemp("instance"))
    yield apps
    apps.close()


@pytest.fixture
def database_url(database_kind: Kind, request: pytest.FixtureRequest) -> str:
    """The address of a database with every table and no rows, nobody else's until the test ends."""
    databases: Databases = request.getfixturevalue(f"{database_kind}_databases")
    return databases.empty()


@pytest.fixture
def clock() -> SettableClock:
    """The application's clock: a Monday morning in the shop, until the test advances it."""
    return SettableClock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))


@pytest.fixture
def app(
    database_url: str,
    clock: SettableClock,
    tmp_path: Path,
    shared_apps: SharedApps,
    request: pytest.FixtureRequest,
) -> Iterator[Flask]:
    """The application over an empty database, with its context pushed.

    What a test puts into `app.config` and `app.extensions` is gone afterwards. A test that does
    more to it, or wants other settings, says `@pytest.mark.own_app` or
    `@pytest.mark.own_app(hold_minutes=1)`.
    """
    own = request.node.get_closest_marker("own_app")
    if own:
        fields: dict[str, Any] = {"instance_folder": tmp_path, **own.kwargs}
        app = create_app(Settings.for_tests(database_url=database_url, **fields))
    else:
        app = shared_apps.over(database_url)
    app.testing = True
    app.test_client_class = SeparateClient
    config, extensions = dict(app.config), dict(app.extensions)
    app.extensions["clock"] = clock
    with app.app_context():
        yield app
        db.session.remove()
        if own or db.engine.dialect.name == "sqlite":
            hang_up()
    app.config.clear()
    app.config.update(config)
    app.extensions.clear()
    app.extensions.update(extensions)
    for extension in extensions.values():
        # What is remembered from one database means nothing in the next one.
        if isinstance(extension, Forgetful):
            extension.forget()


@pytest.fixture
def settings(app: Flask) -> Settings:
    """The settings that the test's application was given."""
    return app.extensions["settings"]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies; `app.test_client()` gives more of them."""
    return app.test_client()
