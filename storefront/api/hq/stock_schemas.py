"""What headquarters sees of prices and stock, and what it may send."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from storefront.api.hq.catalog_schemas import GivenPrice, LocationSchema, code
from storefront.api.schemas import MoneySchema, Schema, Time, list_of, money, text
from storefront.catalog import rules
from storefront.catalog.models import MovementKind, PriceChange, StockMovement
from storefront.catalog.stocktaking import Shelf


class NewPrice(Schema):
    """A variant's price from now on, and why."""

    price = fields.Nested(GivenPrice, required=True)
    reason = text(rules.LONGEST_REASON, required=True, metadata={"example": "Autumn prices"})


class PriceChangeSchema(Schema):
    """One change of a price; the first has no price before it."""

    old = fields.Nested(MoneySchema, allow_none=True)
    new = fields.Nested(MoneySchema)
    at = Time()
    reason = fields.String(metadata={"example": "Autumn prices"})


class PriceHistory(Schema):
    """Some price changes, newest first, and where to go on."""

    items = list_of(PriceChangeSchema)
    next = fields.String(allow_none=True)


class ShelfCount(Schema):
    """How many pieces lie at a place, the promised ones included."""

    location = code(required=True, metadata={"example": "HOUSE"})
    on_hand = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, rules.LARGEST_STOCK),
        metadata={"example": 12},
    )


class Delivery(Schema):
    """How many pieces came to a place."""

    location = code(required=True, metadata={"example": "HOUSE"})
    quantity = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, rules.LARGEST_STOCK),
        metadata={"example": 40},
    )


class ShelfSchema(Schema):
    """What lies at a place: on hand, of these promised to orders, and free."""

    location = fields.Nested(LocationSchema)
    on_hand = fields.Integer(metadata={"example": 12})
    reserved = fields.Integer(metadata={"example": 2})
    available = fields.Integer(metadata={"example": 10})


class StockSchema(Schema):
    """A variant's stock, place by place in the order in which goods leave."""

    stock_tracked = fields.Boolean()
    shelves = list_of(ShelfSchema)


class MovementSchema(Schema):
    """Why stock changed; negative for what left."""

    location = fields.String(metadata={"example": "HOUSE"})
    quantity = fields.Integer(metadata={"example": -1})
    kind = fields.Enum(MovementKind, by_value=True)
    at = Time()


class MovementPage(Schema):
    """Some movements, newest first, and where to go on."""

    items = list_of(MovementSchema)
    next = fields.String(allow_none=True)


def show_price_change(change: PriceChange, currency: str) -> dict[str, Any]:
    """One line of a price history."""
    old = change.old_price
    return {
        "old": None if old is None else money(old, currency),
        "new": money(change.new_price, currency),
        "at": change.at,
        "reason": change.reason,
    }


def show_shelf(shelf: Shelf) -> dict[str, Any]:
    """One place's stock."""
    return {
        "location": shelf.location,
        "on_hand": shelf.on_hand,
        "reserved": shelf.reserved,
        "available": shelf.on_hand - shelf.reserved,
    }


def show_movement(moved: tuple[StockMovement, str]) -> dict[str, Any]:
    """One movement."""
    movement, location = moved
    return {
        "location": location,
        "quantity": movement.quantity,
        "kind": movement.kind,
        "at": movement.at,
    }
