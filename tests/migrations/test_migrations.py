"""Migrations lead to exactly the tables that the program describes, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade

from storefront.cli import commands
from storefront.core.database import db
from storefront.tables import every_table

pytestmark = pytest.mark.own_app


@pytest.fixture
def bare(app: Flask) -> Iterator[Flask]:
    """A database in which nothing stands; other tests find their tables again afterwards."""
    remove_everything()
    commands.register(app)
    yield app
    remove_everything()
    every_table().create_all(db.engine)


def remove_everything() -> None:
    db.session.remove()
    every_table().drop_all(db.engine)
    with db.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_all_steps_up_lead_to_the_tables_that_the_program_describes(bare: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences: list[Any] = compare_metadata(context, every_table())
    assert differences == []
    assert tables() == set(every_table().tables)


def test_all_steps_back_leave_nothing(bare: Flask) -> None:
    upgrade()
    downgrade(revision="base")
    assert tables() == set()
