"""`ETag` and `If-Match` on things that are edited: a tag is the thing's version number."""

from __future__ import annotations

from typing import Any

from flask import request

from storefront.core.errors import Stale, VersionMissing

IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag that came with the version to be changed",
    "schema": {"type": "string", "example": '"7"'},
}
"""For `blueprint.doc(parameters=[IF_MATCH])`."""


def etag(version: int) -> dict[str, str]:
    """The response header that names this version."""
    return {"ETag": f'"{version}"'}


def expected_version() -> int:
    """The version that the request means to change, from `If-Match`.

    Raises VersionMissing `if_match_missing`, or Stale `version_changed` for a tag of another make.
    """
    tag = request.headers.get("If-Match")
    if tag is None:
        raise VersionMissing(
            "if_match_missing", "Say in If-Match which version you mean to change: its ETag."
        )
    number = tag.strip().removeprefix("W/").strip('"')
    if not number.isdecimal() or not number.isascii() or len(number) > 15:
        raise Stale
    return int(number)
