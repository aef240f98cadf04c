"""Pictures by content: an address never changes its meaning, so it may be kept for ever."""

from __future__ import annotations

from flask import Blueprint, Response

from storefront.core.errors import NotFound
from storefront.core.pictures import EXTENSIONS, LARGEST_WIDTH, Format, find_file

blueprint = Blueprint("pictures", __name__)

_FORMATS: dict[str, Format] = {extension: format_ for format_, extension in EXTENSIONS.items()}


@blueprint.get("/pictures/<public_id>-<int:width>.<extension>")
def show(public_id: str, width: int, extension: str) -> Response:
    """One width and format of a picture."""
    format_ = _FORMATS.get(extension)
    content = None
    if format_ and width <= LARGEST_WIDTH:
        content = find_file(public_id, width, format_)
    if not format_ or content is None:
        raise NotFound("picture_not_found", "There is no such picture.")
    response = Response(content, content_type=f"image/{format_}")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
