"""Small decorators that describe a route in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from flask_smorest import Blueprint

from storefront.api.problems import CONTENT_TYPE, ProblemSchema

View = TypeVar("View", bound=Callable[..., object])


def errors(blueprint: Blueprint, codes: Mapping[int, str]) -> Callable[[View], View]:
    """Describe a route's errors: HTTP status to the stable codes that it may carry."""

    def describe(view: View) -> View:
        for status, names in codes.items():
            answer = blueprint.alt_response(
                status, schema=ProblemSchema, content_type=CONTENT_TYPE, description=names
            )
            view = on_paper(answer)(view)
        return view

    return describe


def on_paper(decorator: Callable[[View], View]) -> Callable[[View], View]:
    """Let a decorator of flask-smorest describe a view without wrapping it.

    `alt_response` wraps only to hang a description on the wrapper, and each wrapper is paid for in
    every request: a route with four kinds of errors would lose a tenth of its speed.
    """

    def describe(view: View) -> View:
        setattr(view, "_apidoc", getattr(decorator(view), "_apidoc"))  # noqa: B009, B010
        return view

    return describe


def takes_idempotency_key(blueprint: Blueprint) -> Callable[[View], View]:
    """Describe the header with which a POST may be sent again without being done again."""
    return blueprint.doc(
        parameters=[
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": False,
                "schema": {"type": "string", "maxLength": 200},
                "description": "Choose one per deed; the same key and body get the same answer",
            }
        ]
    )
