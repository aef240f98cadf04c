"""Pictures in answers, and as request bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import request
from flask_smorest import Blueprint
from marshmallow import fields
from werkzeug.exceptions import UnsupportedMediaType

from storefront.api import described
from storefront.api.schemas import Schema, list_of
from storefront.core.pictures import LARGEST_UPLOAD, has_avif, path_of, widths_of
from storefront.core.pictures import Picture as StoredPicture

TYPES = ("image/jpeg", "image/png", "image/webp")

View = TypeVar("View", bound=Callable[..., object])


class PictureFileSchema(Schema):
    """One width of a picture, in each format. An address always means the same picture."""

    width = fields.Integer(metadata={"example": 600})
    avif = fields.String(
        allow_none=True,
        metadata={
            "description": "The smallest; null for pictures from before there were any",
            "example": "/pictures/pic_a7kqdx2fm9rtv4hjp2kfmxrtq-600.avif",
        },
    )
    webp = fields.String(metadata={"example": "/pictures/pic_a7kqdx2fm9rtv4hjp2kfmxrtq-600.webp"})
    jpeg = fields.String(metadata={"example": "/pictures/pic_a7kqdx2fm9rtv4hjp2kfmxrtq-600.jpg"})


class PictureSchema(Schema):
    """A picture: the size of its largest file, and all files, smallest first."""

    id = fields.String(metadata={"example": "pic_a7kqdx2fm9rtv4hjp2kfmxrtq"})
    width = fields.Integer(metadata={"example": 1200})
    height = fields.Integer(metadata={"example": 900})
    files = list_of(PictureFileSchema)


def show_picture(public_id: str, width: int, height: int) -> dict[str, Any]:
    """A picture as every answer shows it."""
    return {
        "id": public_id,
        "width": width,
        "height": height,
        "files": [
            {
                "width": each,
                "avif": path_of(public_id, each, "avif") if has_avif(public_id) else None,
                "webp": path_of(public_id, each, "webp"),
                "jpeg": path_of(public_id, each, "jpeg"),
            }
            for each in widths_of(width)
        ],
    }


def show_stored(picture: StoredPicture | None) -> dict[str, Any] | None:
    """The same of a stored picture; None if there is none."""
    return picture and show_picture(picture.public_id, picture.width, picture.height)


def kept_picture() -> StoredPicture:
    """Keep the picture that is the request's body.

    Raises UnsupportedMediaType (415), TooLarge `picture_too_large`, Invalid `wrong_picture`.
    """
    # Few ever send a picture: a process that none was sent to does without Pillow's memory.
    from storefront.core.imaging import keep_picture

    if request.mimetype not in TYPES:
        raise UnsupportedMediaType(f"Send the picture itself, as {', '.join(TYPES)}.")
    return keep_picture(request.get_data())


def takes_picture(blueprint: Blueprint) -> Callable[[View], View]:
    """Describe a route whose body is a picture."""
    binary = {"schema": {"type": "string", "format": "binary", "maxLength": LARGEST_UPLOAD}}
    body = {"required": True, "content": dict.fromkeys(TYPES, binary)}
    codes = {
        413: "picture_too_large, too_large",
        415: "unsupported_media_type",
        422: "wrong_picture",
    }

    def describe(view: View) -> View:
        return blueprint.doc(requestBody=body)(described.errors(blueprint, codes)(view))

    return describe
