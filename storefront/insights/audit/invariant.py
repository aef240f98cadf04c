"""What an invariant is, and how it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from storefront.core.database import db

Row = Mapping[str, Any]

SHOWN = 5
"""Violations that an answer carries; the others are counted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """When the question is asked, and in which zone the chain's days begin."""

    now: datetime
    time_zone: str


@dataclass(frozen=True, slots=True)
class Invariant:
    """Something that must always be so, and how to find what breaks it."""

    number: int
    """The kind; several questions may belong to one."""
    name: str
    sentence: str
    find: Callable[[Asked], Iterable[Row]]
    """The violations: with enough of each to find it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How often an invariant is broken, and the first few cases."""

    invariant: Invariant
    count: int
    examples: tuple[Row, ...]


def query(
    number: int, name: str, build: Callable[[Asked], sa.Select[*tuple[Any, ...]]]
) -> Invariant:
    """An invariant whose violations are the rows of one query; `build`'s docstring says it."""

    def find(asked: Asked) -> Iterable[Row]:
        statement = _as_stored(build(asked)).execution_options(yield_per=1_000)
        return (dict(row) for row in db.session.execute(statement).mappings())

    return Invariant(number, name, sentence_of(build), find)


def _as_stored(statement: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    """The statement with states as plain texts: a state that we do not know is a finding too."""
    found = statement.subquery()
    return sa.select(
        *(
            sa.type_coerce(column, sa.String()).label(column.key)
            if isinstance(column.type, sa.Enum)
            else column
            for column in found.columns
        )
    )


def sentence_of(build: Callable[..., object]) -> str:
    """The docstring of what finds the violations: it says what must hold."""
    return " ".join((build.__doc__ or "").split())


def ask(invariant: Invariant, asked: Asked) -> Answer:
    """Look for violations of one invariant."""
    found = iter(invariant.find(asked))
    examples = tuple(islice(found, SHOWN))
    return Answer(invariant, len(examples) + sum(1 for _ in found), examples)


def unless(holds: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether something does not hold, or cannot be told because of a NULL."""
    return ~sa.func.coalesce(holds, sa.false())


def differs(one: sa.ColumnElement[Any], other: Any) -> sa.ColumnElement[bool]:
    """Whether two values differ, where NULL differs from everything but NULL."""
    return one.is_distinct_from(other)


def total(amount: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A sum that is 0 over no rows."""
    return sa.func.coalesce(sa.func.sum(amount), 0)


def or_nothing(amount: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A value of an outer join, 0 where there is no row."""
    return sa.func.coalesce(amount, 0)


def seconds_between(
    earlier: sa.ColumnElement[Any], later: sa.ColumnElement[Any]
) -> sa.ColumnElement[Any]:
    """From one instant to another, to some milliseconds."""
    if db.engine.dialect.name == "postgresql":
        return sa.extract("epoch", later - earlier)
    return (sa.func.julianday(later) - sa.func.julianday(earlier)) * 86_400.0
