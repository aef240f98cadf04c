"""Parts of an address."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import Map, UnicodeConverter


class Part(UnicodeConverter):
    """What a route's `<name>` takes: characters that can be shown.

    Nothing of ours is called by a control character, and PostgreSQL refuses a NUL byte: such an
    address leads nowhere before anybody looks it up.
    """

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, **options)
        self.regex = self.regex.replace("[^/]", r"[^/\x00-\x1f\x7f]")


def register(app: Flask) -> None:
    """Make every route's text parts such parts; to be called before any route is added."""
    app.url_map.converters.update(default=Part, string=Part)
