"""`flask export …`: CSV files that `flask import` finds nothing new in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import track

exports = AppGroup("export", help="Write a CSV file that `flask import` takes in again.")

NEW_FILE = click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path)
"""Where to; `-` is the standard output."""


def write(path: Path, pieces: Iterator[bytes]) -> None:
    """Write a file piece by piece, with a progress bar."""
    if path == Path("-"):
        sys.stdout.buffer.writelines(pieces)
        sys.stdout.buffer.flush()
        return
    with path.open("wb") as file:
        for piece in track(pieces, description=path.name, console=Console(stderr=True)):
            file.write(piece)
