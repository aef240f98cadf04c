"""Errors as pages."""

from __future__ import annotations

from flask import Response
from werkzeug.exceptions import HTTPException

from storefront.core.errors import DomainError


def of_domain_error(error: DomainError) -> Response:
    """The page for what domain code raised."""
    return Response(error.detail, error.status, content_type="text/plain; charset=utf-8")


def of_http_exception(error: HTTPException) -> Response:
    """The page for what Flask raised."""
    return Response(error.description or "", error.code or 500, content_type="text/plain")
