"""Counting what a request asks of the database."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from storefront.core import hot
from storefront.core.database import db


@contextmanager
def recorded_queries() -> Generator[list[str]]:
    """Collect the text of every statement sent in the `with`, be it SQLAlchemy's or a hot one.

    BEGIN and COMMIT do not count.
    """
    statements: list[str] = []

    def of_sqlalchemy(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    def of_hot(connection: Any, compiled: Any, *args: Any, **kwargs: Any) -> Any:
        statements.append(compiled.text)
        return execute(connection, compiled, *args, **kwargs)

    execute = hot._execute
    event.listen(db.engine, "before_cursor_execute", of_sqlalchemy)
    try:
        with patch.object(hot, "_execute", of_hot):
            yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", of_sqlalchemy)
