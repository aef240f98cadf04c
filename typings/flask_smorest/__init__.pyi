"""The part of flask-smorest that the program uses; the package itself carries no types."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from flask import Blueprint as FlaskBlueprint
from flask import Flask
from marshmallow import Schema
from werkzeug.exceptions import HTTPException

View = TypeVar("View", bound=Callable[..., Any])

class Api:
    ERROR_SCHEMA: type[Schema]
    spec: Any
    def __init__(
        self,
        app: Flask | None = None,
        *,
        spec_kwargs: Mapping[str, Any] | None = None,
        config_prefix: str = "",
    ) -> None: ...
    def init_app(self, app: Flask, *, spec_kwargs: Mapping[str, Any] | None = None) -> None: ...
    def register_blueprint(
        self, blp: Blueprint, *, parameters: Sequence[Any] | None = None, **options: Any
    ) -> None: ...
    def handle_http_exception(self, error: HTTPException) -> Any: ...

class Blueprint(FlaskBlueprint):
    description: str
    def __init__(
        self, name: str, import_name: str, *, description: str = "", **kwargs: Any
    ) -> None: ...
    def route(
        self,
        rule: str,
        *,
        parameters: Sequence[Any] | None = None,
        tags: Sequence[str] | None = None,
        **options: Any,
    ) -> Callable[[View], View]: ...
    def doc(self, **kwargs: Any) -> Callable[[View], View]: ...
    def arguments(
        self,
        schema: type[Schema] | Schema,
        *,
        location: str = "json",
        content_type: str | None = None,
        required: bool = True,
        description: str | None = None,
        example: Any = None,
        examples: Any = None,
        **kwargs: Any,
    ) -> Callable[[View], View]: ...
    def response(
        self,
        status_code: int,
        schema: type[Schema] | Schema | Mapping[str, Any] | None = None,
        *,
        content_type: str | None = None,
        description: str | None = None,
        example: Any = None,
        examples: Any = None,
        headers: Mapping[str, Any] | None = None,
    ) -> Callable[[View], View]: ...
    def alt_response(
        self,
        status_code: int,
        response: str | None = None,
        *,
        schema: type[Schema] | Schema | Mapping[str, Any] | None = None,
        content_type: str | None = None,
        description: str | None = None,
        example: Any = None,
        examples: Any = None,
        headers: Mapping[str, Any] | None = None,
        success: bool = False,
    ) -> Callable[[View], View]: ...
