"""Flask commands."""

from __future__ import annotations

from flask import Flask

from storefront.cli import catalog, staff
from storefront.cli.imports import imports


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(imports)
    app.cli.add_command(catalog.exports)
    app.cli.add_command(staff.create_admin)
