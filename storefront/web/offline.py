"""What a browser keeps for when there is no line: one page that says so, and nothing personal.

A worker of the browser's shows it in place of a page that could not be fetched. Where browsers have
no such worker (inside iOS apps), their own words appear, and everything else works as ever.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

from flask import Blueprint, Response

from storefront.web import pages
from storefront.web.assets import asset
from storefront.web.headers import OF_ANYTHING
from storefront.web.phrases import Speaker

blueprint = Blueprint("offline", __name__)

PATH = "/offline"
WORKER = Path(__file__).with_name("worker.js")


@blueprint.get(PATH)
def show() -> Response:
    """The page, in both languages: the one who reads it later may have chosen another by then."""
    response = Response(_page(), content_type=pages.CONTENT_TYPE)
    # Nothing in it changes but with the program: it may be old for a day while it is asked anew.
    response.headers["Cache-Control"] = "max-age=3600, stale-while-revalidate=86400"
    return response


@blueprint.get("/worker.js")
def worker() -> Response:
    """The worker. Its name stays, so that browsers find out when it has changed."""
    kept = [PATH, asset("shop.css"), asset("icon.svg")]
    version = blake2b(_page().encode(), digest_size=6).hexdigest()
    names = "\n".join(f'  "{path}",' for path in kept)
    script = f'const VERSION = "{version}";\nconst KEPT = [\n{names}\n];\n\n{_source()}'
    response = Response(script, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.headers.set(*OF_ANYTHING)
    return response


def _page() -> str:
    return pages.render("errors/offline.html", "zh", path="/", zh=Speaker("zh"), en=Speaker("en"))


@cache
def _source() -> str:
    return WORKER.read_text(encoding="utf-8")
