"""Breaking the books on purpose: changes that go past every service and every constraint."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from storefront.core.database import db, transaction

Plant = Callable[[], None]


class _Undo(Exception):
    """Ends a transaction without a trace."""


@contextmanager
def whatever_is_done_is_undone() -> Generator[None]:
    """A transaction in which no foreign key or check is in the way, taken back at its end."""
    try:
        with transaction() as session:
            if session.get_bind().dialect.name == "sqlite":
                session.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
                session.execute(sa.text("PRAGMA ignore_check_constraints = ON"))
            else:
                session.execute(sa.text("SET LOCAL session_replication_role = replica"))
            yield
            raise _Undo
    except _Undo:
        pass


def loosen(table: sa.Table) -> None:
    """Take every constraint off a table, for this transaction."""
    name = table.name
    if db.engine.dialect.name == "sqlite":
        keys = ", ".join(column.name for column in table.primary_key.columns)
        for statement in (
            f"CREATE TABLE loose AS SELECT * FROM {name}",
            f"DROP TABLE {name}",
            f"ALTER TABLE loose RENAME TO {name}",
            f"CREATE UNIQUE INDEX loose_key ON {name} ({keys})",
        ):
            db.session.execute(sa.text(statement))
        return
    drops = db.session.scalars(
        sa.text(
            "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)"
            " FROM pg_constraint WHERE conrelid = CAST(:name AS regclass) AND contype IN ('c', 'u')"
            " UNION ALL SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index"
            " WHERE indrelid = CAST(:name AS regclass) AND indisunique AND NOT indisprimary"
            " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"
            " UNION ALL SELECT format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', :name,"
            " attname) FROM pg_attribute WHERE attrelid = CAST(:name AS regclass) AND attnotnull"
            " AND attnum > 0 AND attname <> 'id' AND NOT attisdropped AND NOT EXISTS (SELECT FROM"
            " pg_index WHERE indrelid = attrelid AND indisprimary AND attnum = ANY (indkey))"
        ),
        {"name": name},
    ).all()
    for drop in drops:
        db.session.execute(sa.text(drop))


def one(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.Row[Any]:
    """The first row that meets the conditions."""
    key = next(iter(table.primary_key.columns))
    row = db.session.execute(sa.select(table).where(*conditions).order_by(key)).first()
    assert row is not None, f"no such row in {table.name}"
    return row


def _loose(table: sa.Table) -> Any:
    """The table, with columns that take any text for a state."""
    return sa.table(
        table.name,
        *(
            sa.column(column.name, sa.String() if isinstance(column.type, sa.Enum) else column.type)
            for column in table.columns
        ),
    )


def change(table: sa.Table, *conditions: sa.ColumnElement[bool], **values: Any) -> Plant:
    """Change the first such row; a value may be a function of the old one."""

    def plant() -> None:
        row = one(table, *conditions)
        new = {
            name: value(getattr(row, name)) if callable(value) else value
            for name, value in values.items()
        }
        target = _loose(table)
        keys = [
            target.c[column.name] == getattr(row, column.name)
            for column in table.primary_key.columns
        ]
        db.session.execute(sa.update(target).where(*keys).values(new))

    return plant


def delete(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> Plant:
    """Delete the first such row."""

    def plant() -> None:
        row = one(table, *conditions)
        keys = [column == getattr(row, column.name) for column in table.primary_key.columns]
        db.session.execute(sa.delete(table).where(*keys))

    return plant


def copy(table: sa.Table, *conditions: sa.ColumnElement[bool], **values: Any) -> Plant:
    """Write the first such row once more, with some values changed."""

    def plant() -> None:
        row = one(table, *conditions)
        db.session.execute(sa.insert(table).values({**row._mapping, **values}))

    return plant


def loosely(plant: Plant, table: sa.Table) -> Plant:
    """Plant what the table's own constraints would not let in."""

    def loosened() -> None:
        loosen(table)
        plant()

    return loosened
