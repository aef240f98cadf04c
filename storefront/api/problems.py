"""Errors as `application/problem+json` (RFC 9457), each with a stable `code`."""

from __future__ import annotations

import logging
from typing import Any, cast

import marshmallow as ma
import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from storefront.core.errors import DomainError, Invalid

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"

HTTP_CODES = {
    400: "bad_request",
    401: "unauthenticated",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_fields",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
}
"""Codes of the errors that Flask and webargs raise by themselves; all others are DomainErrors'."""


class ProblemSchema(ma.Schema):
    """What every error looks like. Some carry more, like `left` or `retry_after`."""

    class Meta:
        """marshmallow's own options."""

        unknown = ma.INCLUDE

    type = ma.fields.String(metadata={"description": "`about:blank`: the code says what it is"})
    title = ma.fields.String(metadata={"example": "Conflict"})
    status = ma.fields.Integer(metadata={"example": 409})
    code = ma.fields.String(metadata={"example": "out_of_stock"})
    detail = ma.fields.String(metadata={"example": "Only 2 pieces are left."})
    errors = ma.fields.Dict(
        metadata={"description": "For wrong fields: messages by place and field"}
    )


TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    410: "Gone",
    412: "Precondition Failed",
    413: "Content Too Large",
    422: "Unprocessable Content",
    428: "Precondition Required",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


def problem(status: int, code: str, detail: str, **extra: Any) -> Response:
    """The response for an error."""
    document = {
        "type": "about:blank",
        "title": TITLES.get(status, code),
        "status": status,
        "code": code,
        "detail": detail,
        **extra,
    }
    # Complaints about lists name the place by its number.
    body = orjson.dumps(document, default=str, option=orjson.OPT_NON_STR_KEYS)
    response = Response(body, status, content_type=CONTENT_TYPE)
    if "retry_after" in extra:
        response.headers["Retry-After"] = str(extra["retry_after"])
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers["Cache-Control"] = "no-store"
    return response


def of_domain_error(error: DomainError) -> Response:
    """The response for what domain code raised."""
    return problem(error.status, error.code, error.detail, **error.extra)


def of_http_exception(error: HTTPException) -> Response:
    """The response for what Flask or webargs raised."""
    status = error.code or 500
    data = cast(dict[str, Any], getattr(error, "data", None) or {})
    messages = data.get("errors") or data.get("messages")
    if messages:
        return problem(
            status, HTTP_CODES.get(status, "error"), "Some fields are wrong.", errors=messages
        )
    answer = problem(status, HTTP_CODES.get(status, "error"), error.description or "")
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def wants_json() -> bool:
    """Whether this request came to the API, so that its errors are documents and not pages."""
    return request.path.startswith("/api/")


def wrong_field(field: str, message: str, code: str = "invalid_fields") -> Invalid:
    """An Invalid in the shape of a schema's own complaint about a JSON field."""
    return Invalid(code, message, errors={"json": {field: [message]}})


def register(app: Flask) -> None:
    """Send DomainErrors raised under /api as problem documents; `web` shows the others as pages."""

    def answer_domain_error(error: DomainError) -> Response:
        if wants_json():
            return of_domain_error(error)
        pages = app.extensions["error_pages"]
        return pages.of_domain_error(error)

    app.register_error_handler(DomainError, answer_domain_error)
