"""Flask commands."""

from __future__ import annotations

from flask import Flask

from storefront.cli import catalog, staff
from storefront.cli.audit import audit
from storefront.cli.imports import imports
from storefront.cli.replay import replay
from storefront.cli.work import work


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(audit)
    app.cli.add_command(imports)
    app.cli.add_command(catalog.exports)
    app.cli.add_command(staff.create_admin)
    app.cli.add_command(replay)
    app.cli.add_command(work)
