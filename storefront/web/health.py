"""For those who look after the processes: is it up, may it be sent visitors?"""

from __future__ import annotations

import logging
from functools import cache

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from config.settings import PROJECT_FOLDER
from storefront.core.database import db

log = logging.getLogger(__name__)

MIGRATIONS = PROJECT_FOLDER / "migrations"

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def is_up() -> Response:
    """The process answers."""
    return _said("ok")


@blueprint.get("/readyz")
def is_ready() -> Response:
    """The database answers, and its tables are those that this program was written for."""
    # What migrates tables weighs 12 MB: a process that nobody asks this does without.
    from alembic.runtime.migration import MigrationContext

    try:
        with db.engine.connect() as connection:
            present = frozenset(MigrationContext.configure(connection).get_current_heads())
    except SQLAlchemyError:
        log.exception("the database does not answer")
        return _said("the database does not answer", 503)
    if present != newest_migrations():
        return _said("the database's tables are of another version: run `make migrate`", 503)
    return _said("ready")


@cache
def newest_migrations() -> frozenset[str]:
    """What the database must be at."""
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    try:
        return frozenset(ScriptDirectory(str(MIGRATIONS)).get_heads())
    except CommandError:
        return frozenset({"no migrations"})


def _said(words: str, status: int = 200) -> Response:
    response = Response(f"{words}\n", status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response
