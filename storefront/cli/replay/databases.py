"""A database of the replay's own, so that no shop's figures are ever mixed with it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError

from config.settings import DRIVERS
from storefront.core.ids import random_text

LONGEST_NAME = 63
"""PostgreSQL cuts names off behind so many bytes."""


@contextmanager
def own_database(beside: str | None, *, keep: bool) -> Generator[str]:
    """Give the address of a new, empty database; afterwards it is gone, unless it is kept.

    It is made beside the one that `beside` names: on the same server, or in the same folder. None
    stands for the folder for temporary files. Nobody would miss it after a crash, so it does not
    wait for the disk; on SQLite `do_not_sync` has to say so to the engine.
    """
    url = _read(beside) if beside else sa.make_url("sqlite://")
    if url.drivername.startswith("postgresql"):
        with _on_server(url, keep=keep) as own:
            yield own
        return
    with _in_folder(Path(url.database).parent if url.database else None, keep=keep) as own:
        yield own


def do_not_sync(engine: Engine) -> None:
    """Let a SQLite engine that has not connected yet commit without waiting for the disk."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _stop_syncing)


def _stop_syncing(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF").close()


def _read(text: str) -> sa.URL:
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in DRIVERS:
        raise click.BadParameter("A database's address begins with sqlite:// or postgresql://.")
    try:
        return sa.make_url(f"{DRIVERS[scheme]}://{rest}")
    except ArgumentError as error:
        raise click.BadParameter("This is no address of a database.") from error


@contextmanager
def _in_folder(parent: Path | None, *, keep: bool) -> Generator[str]:
    folder = Path(tempfile.mkdtemp(prefix="storefront-replay-", dir=parent))
    try:
        yield f"sqlite:///{folder / 'replay.sqlite'}"
    finally:
        if not keep:
            shutil.rmtree(folder)


@contextmanager
def _on_server(url: sa.URL, *, keep: bool) -> Generator[str]:
    suffix = f"_replay_{random_text(8)}"
    name = (url.database or "storefront")[: LONGEST_NAME - len(suffix)] + suffix
    _tell_server(url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        if not keep:
            _tell_server(url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _tell_server(url: sa.URL, command: sql.Composed) -> None:
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(command)
    except psycopg.Error as error:
        raise click.ClickException(f"PostgreSQL: {error}".strip()) from error
