"""All commands, in one table."""

from __future__ import annotations

from flask import Flask
from flask_migrate import Migrate

from config.settings import PROJECT_FOLDER
from storefront.cli import catalog, history, staff
from storefront.cli.audit import audit
from storefront.cli.demo.command import demo
from storefront.cli.demo.welcome import welcome
from storefront.cli.fraud import fraud
from storefront.cli.payouts import payouts
from storefront.cli.periods import periods
from storefront.cli.replay import replay
from storefront.cli.simulate import simulate
from storefront.cli.statements import statements
from storefront.cli.work import work
from storefront.core.database import db


def register(app: Flask) -> None:
    """Add the commands to `flask`, and those that migrate the tables."""
    Migrate(app, db, directory=str(PROJECT_FOLDER / "migrations"))
    app.cli.add_command(audit)
    app.cli.add_command(history.imports)
    app.cli.add_command(catalog.exports)
    app.cli.add_command(staff.create_admin)
    app.cli.add_command(demo)
    app.cli.add_command(welcome)
    app.cli.add_command(fraud)
    app.cli.add_command(payouts)
    app.cli.add_command(periods)
    app.cli.add_command(replay)
    app.cli.add_command(simulate)
    app.cli.add_command(statements)
    app.cli.add_command(work)
