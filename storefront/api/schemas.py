"""Schemas that several audiences share. Unknown fields are refused everywhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from storefront.core.times import as_rfc3339

LARGEST_INTEGER = 2**53 - 1
"""The largest that every JSON reader keeps exact; also far inside what databases hold."""


class Schema(ma.Schema):
    """The parent of every schema: fields in the order written, unknown ones refused."""

    class Meta:
        """marshmallow's own options."""

        unknown = ma.RAISE


class MoneySchema(Schema):
    """An amount in minor units (fen, pence) and its currency."""

    amount = fields.Integer(required=True, metadata={"example": 1999})
    currency = fields.String(required=True, metadata={"example": "CNY"})


TIME_METADATA = {"type": "string", "format": "date-time", "example": "2026-03-05T08:30:00Z"}


class Time(fields.Field[datetime]):
    """An RFC 3339 time in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # pyright: ignore[reportUnknownMemberType]
        self.metadata = {**TIME_METADATA, **self.metadata}

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else as_rfc3339(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise ma.ValidationError("Not an RFC 3339 time.") from error
        if moment.tzinfo is None:
            raise ma.ValidationError("A time needs its offset, like 2026-03-05T08:30:00Z.")
        return moment


def list_of(schema: type[ma.Schema] | fields.Field[Any], **kwargs: Any) -> fields.Field[list[Any]]:
    """A list of documents of one schema, or of one kind of value."""
    inner = schema if isinstance(schema, fields.Field) else fields.Nested(schema)
    listed: Any = fields.List(inner, **kwargs)
    return listed


def money(amount: int, currency: str) -> dict[str, Any]:
    """An amount as every answer shows it."""
    return {"amount": amount, "currency": currency}


def quantity(**kwargs: Any) -> fields.Integer:
    """A number of pieces, 1 to a million: wholesale buyers use the same door."""
    return fields.Integer(strict=True, validate=validate.Range(1, 1_000_000), **kwargs)


def text(longest: int, shortest: int = 1, **kwargs: Any) -> fields.String:
    """A text of bounded length without control characters."""
    return fields.String(
        validate=[validate.Length(shortest, longest), _without_control_characters], **kwargs
    )


def _without_control_characters(value: str) -> None:
    if any(not character.isprintable() and character not in "\n\t" for character in value):
        raise ma.ValidationError("Has characters that cannot be shown.")


class PageQuery(Schema):
    """Keyset pagination: hand `next` of the last answer back as `after`."""

    after = fields.String(validate=validate.Length(1, 200), metadata={"example": "MTIz"})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
