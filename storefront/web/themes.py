"""A shop's own colour, as a stylesheet of a few lines: what is in an address stays what it is."""

from __future__ import annotations

from flask import Blueprint, Response

from storefront.core.colours import HEX, mixed, readable_on
from storefront.core.errors import NotFound

blueprint = Blueprint("themes", __name__)

PAPER, DARK_PAPER = "#faf6f0", "#1b1613"
"""What most of a page is, by day and by night, in `shop.css`."""
SAND, DARK_SAND = "#f2e8dc", "#2d2520"
"""Of its grounds, those on which a colour is hardest to read: by day the darkest one."""
PALE, INK = "#fffaf4", "#2a100a"
"""What is written on the colour."""


@blueprint.get("/theme/<digits>.css")
def show(digits: str) -> Response:
    """The colour `#digits` for everything that can be pressed, readable in light and in dark."""
    colour = f"#{digits}"
    if not HEX.fullmatch(colour):
        raise NotFound("file_not_found", "There is no such file.")
    by_day, by_night = readable_on(SAND, colour), readable_on(DARK_SAND, colour)
    css = (
        f":root{{{_said(by_day, '#000000')}}}\n"
        f"@media (prefers-color-scheme: dark){{:root{{{_said(by_night, '#ffffff')}}}}}\n"
    )
    response = Response(css, content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _said(accent: str, towards: str) -> str:
    on_accent = readable_on(accent, PALE if towards == "#000000" else INK)
    deep = mixed(accent, towards, 0.2)
    return f"--accent:{accent};--accent-deep:{deep};--on-accent:{on_accent}"
