"""One database session, one way to commit.

Only `transaction()` commits; services flush. On SQLite a writing transaction begins with
`BEGIN IMMEDIATE` behind a file lock, because a read that turns into a write, and SQLite's own busy
wait between processes, both end in "database is locked" or in long tails.
"""

from __future__ import annotations

import enum
import fcntl
import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, registry

WRITES = "storefront_writes"
"""Execution option of a connection whose transaction is going to write."""

_OPEN = "storefront_transaction_open"
_LOCK = "storefront_writer_lock"

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""64 bits on both; SQLite numbers rows by itself only under the plain name."""

Id = Annotated[int, mapped_column(BigInt, primary_key=True)]
Amount = Annotated[int, mapped_column(sa.BigInteger())]
"""Minor units of the chain's currency."""


class UTCDateTime(sa.TypeDecorator[datetime]):
    """A time with a zone going in, the same instant in UTC coming out, on every database."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _stored_values(kind: type[enum.StrEnum]) -> list[str]:
    return [member.value for member in kind]


class Base(DeclarativeBase):
    """The parent of every table. Constraints get names, so that migrations can speak of them."""

    registry = registry(
        metadata=sa.MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: UTCDateTime(),
            date: sa.Date(),
            dict[str, Any]: sa.JSON(),
            list[Any]: sa.JSON(),
            enum.StrEnum: sa.Enum(
                enum.StrEnum,
                native_enum=False,
                create_constraint=False,
                length=32,
                values_callable=_stored_values,
            ),
        },
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


@contextmanager
def transaction() -> Generator[Session]:
    """All of it or nothing. Inside another `transaction()` it joins that one.

    What was read before is forgotten first: a decision that is written must rest on what the
    database says now.
    """
    session = db.session()
    if session.info.get(_OPEN):
        yield session
        return
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes were made outside of a transaction()")
    session.rollback()
    session.expire_all()
    session.info[_OPEN] = True
    try:
        session.connection(execution_options={WRITES: True})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_OPEN, None)


def in_transaction() -> bool:
    """Whether the caller stands inside a `transaction()`."""
    return bool(db.session().info.get(_OPEN))


def changed_rows(result: sa.Result[Any]) -> int:
    """How many rows an UPDATE or DELETE met: the answer to "did I win?" of a guarded update."""
    return result.rowcount  # pyright: ignore


_Table = sa.Table | sa.FromClause
_INSERTS: Mapping[str, Callable[[Any], postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


def dialect() -> str:
    """The running database's kind: `postgresql` or `sqlite`."""
    return db.engine.dialect.name


def insert_for(table: _Table, dialect_name: str | None = None) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say `on_conflict_do_…`, for the running database unless one is named.

    Where crowds pass, make the whole statement once per dialect: putting one together costs three
    times as much as carrying it out.
    """
    return _INSERTS[dialect_name or dialect()](table)


def insert_if_absent(table: _Table, unique: Sequence[str], values: Mapping[str, Any]) -> bool:
    """Insert one row within the caller's transaction, unless a row has its `unique` columns.

    True if it was inserted. While another transaction holds such a row uncommitted, this waits.
    """
    statement = _insert_if_absent(table, tuple(unique), dialect())
    return changed_rows(db.session.execute(statement, dict(values))) == 1


@cache
def _insert_if_absent(table: _Table, unique: tuple[str, ...], dialect_name: str) -> sa.Insert:
    statement = insert_for(table, dialect_name).on_conflict_do_nothing(index_elements=unique)
    # SQLAlchemy keeps the row count of an INSERT only when asked to.
    return statement.execution_options(preserve_rowcount=True)


class WriterLock:
    """The queue in front of a SQLite file's only writer, shared by threads and processes."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def acquire(self) -> None:
        """Wait in the kernel's queue until nobody else writes."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def release(self) -> None:
        """Let the next writer in. Also happens by itself when the process dies."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)


def prepare_engine(engine: Engine) -> None:
    """Teach a SQLite engine how to begin, and to wait its turn; other databases need nothing."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "close", _on_sqlite_close)
    event.listen(engine, "begin", _on_sqlite_begin)
    event.listen(engine, "checkin", _leave_queue)


def configure_sqlite(connection: Any, *, synchronous: str) -> None:
    """The pragmas that every SQLite connection of the program runs under."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def sqlite_lock_path(connection: Any) -> str | None:
    """Where the writers' queue of this connection's file stands; None for a database in memory."""
    row: tuple[int, str, str] = connection.execute("PRAGMA database_list").fetchone()
    return f"{row[2]}-writers" if row[2] else None


def _on_sqlite_connect(connection: Any, record: Any) -> None:
    configure_sqlite(connection, synchronous="FULL")
    path = sqlite_lock_path(connection)
    if path:
        record.info[_LOCK] = WriterLock(path)


def _on_sqlite_close(_connection: Any, record: Any) -> None:
    lock: WriterLock | None = record.info.pop(_LOCK, None)
    if lock:
        lock.close()


def _on_sqlite_begin(connection: Connection) -> None:
    if not connection.get_execution_options().get(WRITES):
        connection.exec_driver_sql("BEGIN")
        return
    lock: WriterLock | None = connection.info.get(_LOCK)
    if lock:
        lock.acquire()
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _leave_queue(_connection: Any, record: Any) -> None:
    # At the return to the pool, not at the commit event: that one comes before the COMMIT itself,
    # and the next writer would fall into SQLite's busy wait while the disk is still syncing.
    lock: WriterLock | None = record.info.get(_LOCK)
    if lock:
        lock.release()
