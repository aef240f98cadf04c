"""The pages' own files. An address carries a hash of the content, so it may be kept for ever."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

from flask import Blueprint, Response

from storefront.core.errors import NotFound

FOLDER = Path(__file__).with_name("static")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_IMPORT = re.compile(r'(?<=from ")\./([a-z]+\.js)(?=")')
"""What a module names another module by."""

# Brings the templates of all pages with it.
blueprint = Blueprint("assets", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it was when the process started."""

    path: str
    content: bytes
    content_type: str


@cache
def assets() -> dict[str, Asset]:
    """Every file by its plain name."""
    return {file.name: _read(file.name) for file in FOLDER.iterdir() if file.suffix in TYPES}


def asset(name: str) -> str:
    """The address of the file with this plain name. KeyError if there is none."""
    return assets()[name].path


@blueprint.get("/static/<name>")
def show(name: str) -> Response:
    """One file. Under another version's address comes this one's, to be asked about each time.

    While a new version is rolled out, a page made by one process is often dressed by another.
    """
    stem, _, suffix = name.rpartition(".")
    found = assets().get(f"{stem.rpartition('-')[0]}.{suffix}")
    if found is None:
        raise NotFound("file_not_found", "There is no such file.")
    response = Response(found.content, content_type=found.content_type)
    is_current = found.path == f"/static/{name}"
    lasting = "public, max-age=31536000, immutable"
    response.headers["Cache-Control"] = lasting if is_current else "no-cache"
    return response


@cache
def _read(name: str) -> Asset:
    file = FOLDER / name
    content = file.read_bytes()
    if file.suffix == ".js":
        content = _with_addresses(content.decode()).encode()
    digest = blake2b(content, digest_size=6).hexdigest()
    return Asset(f"/static/{file.stem}-{digest}{file.suffix}", content, TYPES[file.suffix])


def _with_addresses(module: str) -> str:
    """A module that imports others by their addresses: when one changes, so does its own.

    Modules that import each other in a circle are a RecursionError.
    """
    return _IMPORT.sub(lambda found: _read(found[1]).path, module)
