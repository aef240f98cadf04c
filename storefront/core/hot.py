"""Statements where crowds pass: written in SQLAlchemy Core, compiled once, run on a connection that
this thread keeps, each in a transaction of its own.

SQLAlchemy's session, its BEGIN and ROLLBACK around a read and its per-call work cost more than the
read itself. A `HotStatement` keeps the readable statement and drops the rest. Never use one inside
`transaction()`: it would not see that transaction's rows and, writing, would wait for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.sql.compiler import SQLCompiler

from storefront.core.database import WriterLock, configure_sqlite, db, sqlite_lock_path

Row = tuple[Any, ...]
Answer = TypeVar("Answer")
Convert = Callable[[Any], Any] | None

_local = threading.local()


class _Connection:
    """One thread's own connection to one engine's database, in autocommit."""

    def __init__(self, engine: Engine) -> None:
        # Taken out of the pool for good: it is this thread's as long as the thread lives.
        self.fairy = engine.raw_connection()
        self.driver: Any = self.fairy.driver_connection
        self.fairy.detach()
        self.lock: WriterLock | None = None
        if engine.dialect.name == "sqlite":
            # NORMAL: a touch survives the death of any process at once, and loss of power as soon
            # as the next sale (which syncs the same log) or checkpoint is through.
            configure_sqlite(self.driver, synchronous="NORMAL")
            path = sqlite_lock_path(self.driver)
            self.lock = WriterLock(path) if path else None
        else:
            self.driver.autocommit = True

    def close(self) -> None:
        """Hand everything back."""
        self.driver.close()
        if self.lock:
            self.lock.close()


class HotStatement:
    """A Core statement, its values given by name at each call."""

    def __init__(self, statement: sa.Select[*tuple[Any, ...]] | sa.Insert | sa.Update) -> None:
        self.statement = statement
        self._compiled: WeakKeyDictionary[Engine, _Compiled] = WeakKeyDictionary()

    def first(self, **values: Any) -> Row | None:
        """The first row, or None."""
        return self._run(values, lambda cursor: cursor.fetchone(), writes=False)

    def all(self, **values: Any) -> list[Row]:
        """Every row."""
        return self._run(values, lambda cursor: cursor.fetchall(), writes=False)

    def write(self, **values: Any) -> Row | None:
        """Carry out an INSERT or UPDATE … RETURNING and commit it; the returned row, or None."""
        return self._run(values, lambda cursor: cursor.fetchone(), writes=True)

    def _run(self, values: dict[str, Any], fetch: Callable[[Any], Any], *, writes: bool) -> Any:
        engine = db.engine
        compiled = self._compiled.get(engine)
        if compiled is None:
            compiled = self._compiled[engine] = _Compiled(self.statement, engine)
        try:
            rows = _execute(_connection(engine), compiled, values, fetch, writes=writes)
        except engine.dialect.loaded_dbapi.OperationalError:
            # The database was restarted, or a proxy hung up: a statement alone in its
            # transaction may be tried once more on a fresh connection, unless it may have been
            # carried out already.
            _forget(engine)
            if writes:
                raise
            rows = _execute(_connection(engine), compiled, values, fetch, writes=writes)
        return compiled.convert(rows)


class _Compiled:
    """The statement's text for one database, with the conversions its types ask for."""

    def __init__(self, statement: Any, engine: Engine) -> None:
        dialect = engine.dialect
        compiled: SQLCompiler = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self.order: Sequence[str] | None = compiled.positiontup if compiled.positional else None
        self.constants: dict[str, Any] = {}
        self.bind: dict[str, Convert] = {}
        for name, bind in compiled.binds.items():
            process: Convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if bind.required:
                self.bind[name] = process
            else:
                value = bind.effective_value
                self.constants[name] = process(value) if process else value
        self.result: list[Convert] = [
            column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in statement.exported_columns
        ]

    def parameters(self, values: dict[str, Any]) -> Any:
        """The driver's parameters: in order for SQLite, by name for psycopg."""
        ready = dict(self.constants)
        for name, process in self.bind.items():
            ready[name] = process(values[name]) if process else values[name]
        return ready if self.order is None else [ready[name] for name in self.order]

    def convert(self, rows: Any) -> Any:
        """Rows as Python values of the columns' types."""
        if rows is None:
            return None
        if isinstance(rows, list):
            return [self._convert_row(row) for row in rows]  # pyright: ignore
        return self._convert_row(rows)

    def _convert_row(self, row: Row) -> Row:
        return tuple(
            process(value) if process else value
            for process, value in zip(self.result, row, strict=True)
        )


def close_connections() -> None:
    """Close this thread's own connections (a test's end, a worker's end)."""
    for engine in list(_connections()):
        _forget(engine)


def _connections() -> WeakKeyDictionary[Engine, _Connection]:
    found: WeakKeyDictionary[Engine, _Connection] | None = getattr(_local, "connections", None)
    if found is None:
        found = WeakKeyDictionary[Engine, _Connection]()
        _local.connections = found
    return found


def _connection(engine: Engine) -> _Connection:
    connections = _connections()
    found = connections.get(engine)
    if found is None:
        found = connections[engine] = _Connection(engine)
    return found


def _forget(engine: Engine) -> None:
    connection = _connections().pop(engine, None)
    if connection:
        connection.close()


def _execute(
    connection: _Connection,
    compiled: _Compiled,
    values: dict[str, Any],
    fetch: Callable[[Any], Answer],
    *,
    writes: bool,
) -> Answer:
    # Made before the queue: whoever holds the lock keeps every other writer waiting.
    parameters = compiled.parameters(values)
    lock = connection.lock if writes else None
    if lock:
        lock.acquire()
    try:
        cursor = connection.driver.execute(compiled.text, parameters)
        rows = fetch(cursor)
        cursor.close()
        return rows
    finally:
        if lock:
            lock.release()
