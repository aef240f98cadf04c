"""How Alembic reaches the program's tables: over the running application's own engine."""

import logging

from alembic import context
from flask import current_app

from storefront.core.database import WRITES, UTCDateTime, db
from storefront.tables import every_table

config = context.config
logging.getLogger("alembic").setLevel(logging.INFO)

# A migration that cannot get its lock gives up and is tried again; it must not make sales wait.
LOCK_TIMEOUT = "SET lock_timeout = '1s'"


def render_item(kind, item, _autogen_context):
    """Write our time type as the database's own: a migration must outlive the program's classes."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run_offline() -> None:
    """Write the SQL instead of running it: `flask db upgrade --sql`."""
    context.configure(
        url=current_app.config["SQLALCHEMY_DATABASE_URI"],
        target_metadata=every_table(),
        literal_binds=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run the migrations, each in a transaction of its own."""
    with db.engine.connect().execution_options(**{WRITES: True}) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(LOCK_TIMEOUT)
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=every_table(),
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            render_item=render_item,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
