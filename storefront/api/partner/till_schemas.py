"""Sales and returns as tills tell of them, and what they are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from storefront.api.schemas import MoneySchema, Schema, Time, list_of, money, quantity, text
from storefront.core.errors import Invalid
from storefront.core.money import LARGEST_AMOUNT, WHOLE_BASIS_POINTS
from storefront.customers.service import phone_number
from storefront.insights.days import FIRST_YEAR
from storefront.till.service import TakenReturn, TakenSale
from storefront.till.told import BroughtBack, Return, Sale, Seller, SoldLine

MOST_LINES = 2_000
MOST_SELLERS = 20
LONGEST_NUMBER = 64
LATEST_YEAR = 2999


class TillTime(Time):
    """An RFC 3339 time of the till's clock."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        moment = super()._deserialize(value, attr, data, **kwargs)
        if not FIRST_YEAR <= moment.year <= LATEST_YEAR:
            raise ma.ValidationError("No till has this in its calendar.")
        return moment


class ChargedSchema(MoneySchema):
    """An amount as it was charged or paid back, in minor units, and its currency: the chain's."""

    amount = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, LARGEST_AMOUNT),
        metadata={"example": 19900},
    )


class LineSellerSchema(Schema):
    """Who sold a line."""

    employee = text(32, required=True, metadata={"example": "E0007", "description": "Staff number"})
    share = fields.Integer(
        strict=True,
        validate=validate.Range(1, WHOLE_BASIS_POINTS),
        metadata={
            "example": 10_000,
            "description": "In basis points; a line's sum to 10,000. One seller needs none",
        },
    )


class TillSaleLineSchema(Schema):
    """Some pieces of one variant, as they were charged."""

    code = text(64, required=True, metadata={"example": "P0001-1", "description": "The variant's"})
    quantity = quantity(required=True, metadata={"example": 1})
    net = fields.Nested(
        ChargedSchema,
        required=True,
        metadata={"description": "What the customer paid for the line, discounts taken off"},
    )
    sellers = list_of(
        LineSellerSchema, load_default=list, validate=validate.Length(0, MOST_SELLERS)
    )


class TillSaleSchema(Schema):
    """A receipt."""

    store = text(32, required=True, metadata={"example": "S1", "description": "The store's code"})
    number = text(
        LONGEST_NUMBER,
        required=True,
        metadata={"example": "T2-004711", "description": "The till's own; told twice it is one"},
    )
    at = TillTime(required=True)
    lines = list_of(TillSaleLineSchema, required=True, validate=validate.Length(1, MOST_LINES))
    member_code = text(64, load_default=None, allow_none=True, metadata={"example": "M-31337"})
    phone = text(40, load_default=None, allow_none=True, metadata={"example": "138 0013 8000"})


class TillScanSchema(Schema):
    """An employee's code, read beside a customer's card or number."""

    store = text(32, required=True, metadata={"example": "S1", "description": "The store's code"})
    at = TillTime(required=True)
    code = text(40, required=True, metadata={"example": "7kq3mnpqrstv"})
    member_code = text(64, load_default=None, allow_none=True, metadata={"example": "M-31337"})
    phone = text(40, load_default=None, allow_none=True, metadata={"example": "138 0013 8000"})


class TakenScanSchema(Schema):
    """Whose code it was."""

    shop = fields.String(metadata={"example": "小雨的店"})


class TillReturnLineSchema(Schema):
    """Some pieces of a variant that came back."""

    code = text(64, required=True, metadata={"example": "P0001-1"})
    quantity = quantity(required=True, metadata={"example": 1})
    line = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 100_000),
        metadata={
            "example": 1,
            "description": "Which line of the sale, from 1; left out: the first that has the code",
        },
    )
    amount = fields.Nested(
        ChargedSchema,
        load_default=None,
        allow_none=True,
        metadata={"description": "What was paid back; left out: the pieces' part of the net"},
    )


class TillReturnSchema(Schema):
    """Goods of one receipt that came back."""

    store = text(
        32, required=True, metadata={"example": "S1", "description": "The store that took them"}
    )
    number = text(LONGEST_NUMBER, required=True, metadata={"example": "T2-004800"})
    at = TillTime(required=True)
    sale = text(
        LONGEST_NUMBER,
        required=True,
        metadata={"example": "T2-004711", "description": "The number of the sale's receipt"},
    )
    sale_store = text(
        32,
        load_default=None,
        allow_none=True,
        metadata={"example": "S1", "description": "Where it was sold; left out: at `store`"},
    )
    lines = list_of(TillReturnLineSchema, required=True, validate=validate.Length(1, MOST_LINES))
    reason = text(200, 0, load_default="", metadata={"example": "Too small"})


class TakenSaleSchema(Schema):
    """The sale as it stands with us."""

    store = fields.String(metadata={"example": "S1"})
    number = fields.String(metadata={"example": "T2-004711"})
    at = Time()
    order = fields.String(metadata={"example": "ord_7kqdx2fm9rtv4hjp"})
    order_number = fields.String(
        metadata={"example": "260302-12345-67890", "description": "Ours, for people"}
    )
    total = fields.Nested(MoneySchema)


class TakenReturnSchema(Schema):
    """The return as it stands with us."""

    store = fields.String(metadata={"example": "S1"})
    number = fields.String(metadata={"example": "T2-004800"})
    at = Time()
    id = fields.String(metadata={"example": "ret_7kqdx2fm9rtv4hjp"})
    order = fields.String(metadata={"example": "ord_7kqdx2fm9rtv4hjp"})
    paid_back = fields.Nested(MoneySchema)


def told_sale(given: dict[str, Any], currency: str) -> Sale:
    """The sale that a body tells of.

    Raises Invalid `wrong_currency`, `wrong_phone`, `shares_not_whole`.
    """
    return Sale(
        store=given["store"],
        number=given["number"],
        at=given["at"],
        lines=tuple(
            SoldLine(
                code=line["code"],
                quantity=line["quantity"],
                net=_amount(line["net"], currency, place, "net"),
                sellers=_sellers(line["sellers"], place),
            )
            for place, line in enumerate(given["lines"], start=1)
        ),
        member_code=given["member_code"],
        phone=phone_number(given["phone"]) if given["phone"] else None,
    )


def told_return(given: dict[str, Any], currency: str) -> Return:
    """The return that a body tells of. Raises Invalid `wrong_currency`."""
    return Return(
        store=given["store"],
        number=given["number"],
        at=given["at"],
        sale_store=given["sale_store"] or given["store"],
        sale=given["sale"],
        lines=tuple(
            BroughtBack(
                code=line["code"],
                quantity=line["quantity"],
                line=line["line"],
                amount=_amount(line["amount"], currency, place, "amount")
                if line["amount"]
                else None,
            )
            for place, line in enumerate(given["lines"], start=1)
        ),
        reason=given["reason"],
    )


def _amount(given: dict[str, Any], currency: str, place: int, field: str) -> int:
    if given["currency"] != currency:
        raise Invalid(
            "wrong_currency",
            f"This chain sells in {currency}, not in {given['currency']}. Send amounts in "
            f"{currency}, in its minor units.",
            line=place,
            field=field,
        )
    return given["amount"]


def _sellers(given: list[dict[str, Any]], place: int) -> tuple[Seller, ...]:
    if len(given) == 1 and "share" not in given[0]:
        return (Seller(given[0]["employee"], WHOLE_BASIS_POINTS),)
    if any("share" not in seller for seller in given):
        raise Invalid(
            "shares_not_whole",
            "Where several sold a line, each needs a `share`, together 10,000 basis points.",
            line=place,
            field="sellers",
        )
    return tuple(Seller(seller["employee"], seller["share"]) for seller in given)


def show_sale(sale: Sale, taken: TakenSale) -> dict[str, Any]:
    """A sale as its schema's document."""
    order = taken.order
    return {
        "store": sale.store,
        "number": sale.number,
        "at": sale.at,
        "order": order.public_id,
        "order_number": order.number,
        "total": money(order.total, order.currency),
    }


def show_return(told: Return, taken: TakenReturn) -> dict[str, Any]:
    """A return as its schema's document."""
    return {
        "store": told.store,
        "number": told.number,
        "at": told.at,
        "id": taken.public_id,
        "order": taken.order.public_id,
        "paid_back": money(taken.amount, taken.order.currency),
    }
