"""In which language an answer speaks."""

from __future__ import annotations

from typing import Any, cast

from flask import request
from marshmallow import fields, validate

from storefront.api.schemas import Schema
from storefront.core.languages import LANGUAGES, Language


def language_field() -> fields.String:
    """The query parameter that goes before `Accept-Language`."""
    return fields.String(
        validate=validate.OneOf(LANGUAGES),
        metadata={
            "description": "Before Accept-Language; Chinese if neither says",
            "example": "en",
        },
    )


class LanguageQuery(Schema):
    """Which language to speak."""

    language = language_field()


def spoken(query: dict[str, Any]) -> Language:
    """The language asked for: by `?language=`, else by Accept-Language, else Chinese."""
    chosen = query.get("language") or request.accept_languages.best_match(LANGUAGES, "zh")
    return cast(Language, chosen)
