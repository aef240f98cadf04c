"""CSV files as request bodies and as answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import fields
from werkzeug.exceptions import UnsupportedMediaType

from storefront.api.problems import CONTENT_TYPE, ProblemSchema
from storefront.api.schemas import Schema, list_of

CSV = "text/csv"
View = TypeVar("View", bound=Callable[..., object])


class ImportedSchema(Schema):
    """How many lines brought something new, changed something, or neither."""

    new = fields.Integer(metadata={"example": 3})
    changed = fields.Integer(metadata={"example": 1})
    same = fields.Integer(metadata={"example": 146})


class WrongLineSchema(Schema):
    """One thing that is wrong with a file."""

    line = fields.Integer(metadata={"example": 17, "description": "From 1; the header is 1"})
    column = fields.String(metadata={"example": "phone", "description": "Empty: the whole line"})
    code = fields.String(metadata={"example": "wrong_phone"})
    message = fields.String(metadata={"example": "This is no phone number."})


class WrongFileSchema(ProblemSchema):
    """Why nothing of a file was taken in."""

    count = fields.Integer(metadata={"description": "How many things are wrong"})
    lines = list_of(WrongLineSchema, metadata={"description": "The first hundred of them"})


def csv_body() -> bytes:
    """The request's body, if it says that it is CSV. Raises UnsupportedMediaType (415)."""
    if request.mimetype != CSV:
        raise UnsupportedMediaType(f"Send the file itself, as Content-Type: {CSV}.")
    return request.get_data()


def csv_answer(pieces: Iterable[bytes], name: str) -> Response:
    """An answer that a browser saves as a file of this name."""
    response = Response(b"".join(pieces), content_type=f"{CSV}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def takes_csv(blueprint: Blueprint, example: str) -> Callable[[View], View]:
    """Describe a route whose body is a CSV file, and how it answers a wrong one."""
    body: dict[str, Any] = {
        "required": True,
        "content": {CSV: {"schema": {"type": "string"}, "example": example}},
    }

    def describe(view: View) -> View:
        refused = blueprint.alt_response(
            422, schema=WrongFileSchema, content_type=CONTENT_TYPE, description="wrong_file"
        )
        return blueprint.doc(requestBody=body)(refused(view))

    return describe
