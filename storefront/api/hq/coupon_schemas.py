"""What headquarters sees of coupons, and what it may send."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from storefront.api.hq.catalog_schemas import BRAND, CATEGORY
from storefront.api.schemas import MoneySchema, Schema, Time, list_of, money, text
from storefront.catalog.rules import LARGEST_PRICE, LONGEST_NAME
from storefront.orders.coupon_models import CouponState
from storefront.orders.coupon_rules import CouponKind
from storefront.orders.coupons import Standing

MOST_NAMED = 200
"""Categories or brands that a coupon may be for."""
MOST_USES = 10**9


def _amount(least: int, **kwargs: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, LARGEST_PRICE), **kwargs)


def _uses(**kwargs: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(1, MOST_USES), **kwargs)


def _public_ids(about: dict[str, str], words: str) -> Any:
    return list_of(
        fields.String(validate=validate.Length(1, 40), metadata=about),
        load_default=list,
        validate=validate.Length(0, MOST_NAMED),
        metadata={"description": words},
    )


class NewCouponSchema(Schema):
    """A coupon to be made. Amounts in minor units of the chain's currency."""

    code = text(
        24,
        4,
        required=True,
        metadata={
            "example": "WELCOME10",
            "description": "Letters, digits and dashes; capitals or not is the same",
        },
    )
    name_zh = text(LONGEST_NAME, required=True, metadata={"example": "新朋友九折"})
    name_en = text(LONGEST_NAME, required=True, metadata={"example": "Welcome: 10 % off"})
    kind = fields.Enum(CouponKind, by_value=True, required=True, metadata={"example": "percent"})
    amount_off = _amount(
        0, load_default=0, metadata={"example": 0, "description": "Of the kind `amount`"}
    )
    basis_points = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(0, 10_000),
        metadata={"example": 1_000, "description": "Of the kind `percent`: 1000 is 10 %"},
    )
    most_off = _amount(
        1,
        load_default=None,
        allow_none=True,
        metadata={"example": 5_000, "description": "The most that a `percent` takes off"},
    )
    least_spend = _amount(
        0,
        load_default=0,
        metadata={
            "example": 10_000,
            "description": "What the goods that it is for must come to",
        },
    )
    categories = _public_ids(CATEGORY, "With everything below them; none for all")
    brands = _public_ids(BRAND, "None for all")
    starts_at = Time(required=True)
    ends_at = Time(required=True)
    most_uses = _uses(
        load_default=None,
        allow_none=True,
        metadata={"example": 500, "description": "By all customers together"},
    )
    most_uses_each = _uses(
        load_default=1, metadata={"example": 1, "description": "By one customer"}
    )


class CouponSchema(NewCouponSchema):
    """A coupon, and what it has given."""

    id = fields.String(metadata={"example": "cpn_7kqdx2fm9rtv4hjp"})
    state = fields.Enum(CouponState, by_value=True)
    uses = fields.Integer(metadata={"description": "Orders that hold one, cancelled ones apart"})
    given = fields.Nested(MoneySchema, metadata={"description": "What it took off those orders"})
    created_at = Time()
    withdrawn_at = Time(allow_none=True)


class CouponPage(Schema):
    """Some coupons, the newest first."""

    items = list_of(CouponSchema)
    next = fields.String(allow_none=True)


def show_coupon(standing: Standing, currency: str) -> dict[str, Any]:
    """A coupon as its schema's document."""
    coupon = standing.coupon
    return {
        "id": coupon.public_id,
        "code": coupon.code,
        "name_zh": coupon.name_zh,
        "name_en": coupon.name_en,
        "kind": coupon.kind,
        "amount_off": coupon.amount_off,
        "basis_points": coupon.basis_points,
        "most_off": coupon.most_off,
        "least_spend": coupon.least_spend,
        "categories": coupon.categories,
        "brands": coupon.brands,
        "starts_at": coupon.starts_at,
        "ends_at": coupon.ends_at,
        "most_uses": coupon.most_uses,
        "most_uses_each": coupon.most_uses_each,
        "state": coupon.state,
        "uses": coupon.uses,
        "given": money(standing.given, currency),
        "created_at": coupon.created_at,
        "withdrawn_at": coupon.withdrawn_at,
    }
