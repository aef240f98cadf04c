"""`flask work`: do what is to be done after a commit, in a process of its own."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any, cast

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from storefront.core import jobs

log = logging.getLogger(__name__)


@click.command("work")
@with_appcontext
def work() -> None:
    """Work off jobs and periodic duties until asked to end (Ctrl-C, SIGTERM).

    Run it beside gunicorn with JOBS=off; several of them share the work.
    """
    app = cast(Flask, current_app._get_current_object())  # pyright: ignore  # noqa: SLF001
    stop = threading.Event()

    def finish(*_: Any) -> None:
        click.echo("Finishing what is under way …")
        stop.set()

    signal.signal(signal.SIGTERM, finish)
    signal.signal(signal.SIGINT, finish)
    click.echo("Working. Ctrl-C ends it.")
    jobs.work(app, stop)
