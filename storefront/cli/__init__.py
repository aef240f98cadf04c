"""Flask commands, imported when somebody gives one."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup


class CommandsOnDemand(AppGroup):
    """What `flask` can do with the shop.

    A process that serves never asks. Commands, the libraries that only they need and the one that
    migrates tables would take 25 MB of each.
    """

    def __init__(self, app: Flask) -> None:
        super().__init__(name=app.name)
        self._app = app
        self._loaded = False

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all of them."""
        self._load()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find one."""
        self._load()
        return super().get_command(ctx, cmd_name)

    def _load(self) -> None:
        if not self._loaded:
            from storefront.cli import commands

            self._loaded = True
            commands.register(self._app)


def register(app: Flask) -> None:
    """Let `flask` find the commands."""
    app.cli = CommandsOnDemand(app)
