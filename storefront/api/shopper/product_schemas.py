"""What shoppers see of the catalogue: whether there are pieces left, but not how many."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from storefront.api.pictures import PictureSchema, show_picture
from storefront.api.schemas import MoneySchema, PageQuery, Schema, list_of, money, text
from storefront.catalog.shelf import LANGUAGES, Card, Language, ShownPicture, ShownProduct

AVAILABILITY = ("in_stock", "sold_out")


def _language() -> fields.String:
    return fields.String(
        load_default="zh", validate=validate.OneOf(LANGUAGES), metadata={"example": "en"}
    )


def _availability() -> fields.String:
    return fields.String(
        validate=validate.OneOf(AVAILABILITY), metadata={"example": AVAILABILITY[0]}
    )


class LanguageQuery(Schema):
    """In which language names and words are wanted."""

    language = _language()


class GoodsQuery(PageQuery):
    """Which products to list."""

    language = _language()
    category = text(
        40,
        metadata={
            "example": "cat_7kqdx2fm9rtv4hjp",
            "description": "In this category or one below it",
        },
    )
    brand = text(40, metadata={"example": "brd_7kqdx2fm9rtv4hjp"})


class NamedSchema(Schema):
    """Something by its name, in the wanted language."""

    id = fields.String(metadata={"example": "cat_7kqdx2fm9rtv4hjp"})
    name = fields.String(metadata={"example": "Lamps"})


class AisleSchema(NamedSchema):
    """A category; those on one level come in their order."""

    parent = fields.String(allow_none=True, metadata={"example": "cat_7kqdx2fm9rtv4hjp"})


class AisleList(Schema):
    """The whole tree."""

    items = list_of(AisleSchema)


class ShownVariantSchema(Schema):
    """What can be put into a cart."""

    id = fields.String(metadata={"example": "var_7kqdx2fm9rtv4hjp"})
    option = fields.String(metadata={"example": "Red"})
    price = fields.Nested(MoneySchema)
    availability = _availability()
    picture = fields.Nested(PictureSchema, allow_none=True)


class ShownProductSchema(Schema):
    """A product on sale."""

    id = fields.String(metadata={"example": "prd_7kqdx2fm9rtv4hjp"})
    name = fields.String(metadata={"example": "Desk lamp"})
    words = fields.String(metadata={"example": "A warm light"})
    brand = fields.Nested(NamedSchema)
    category = fields.Nested(NamedSchema)
    picture = fields.Nested(PictureSchema, allow_none=True)
    availability = _availability()
    variants = list_of(ShownVariantSchema)


class CardSchema(Schema):
    """A product in a list, with its cheapest and its dearest price."""

    id = fields.String(metadata={"example": "prd_7kqdx2fm9rtv4hjp"})
    name = fields.String(metadata={"example": "Desk lamp"})
    brand = fields.String(metadata={"example": "Loom"})
    picture = fields.Nested(PictureSchema, allow_none=True)
    price_from = fields.Nested(MoneySchema)
    price_to = fields.Nested(MoneySchema)
    availability = _availability()


class CardPage(Schema):
    """Some products, newest first, and where to go on."""

    items = list_of(CardSchema)
    next = fields.String(allow_none=True)


def show_product(product: ShownProduct, language: Language, currency: str) -> dict[str, Any]:
    """A product as shoppers see it: what ShownProductSchema describes."""
    return {
        "id": product.public_id,
        "name": product.name.say(language),
        "words": product.words.say(language),
        "brand": {"id": product.brand_id, "name": product.brand.say(language)},
        "category": {"id": product.category_id, "name": product.category.say(language)},
        "picture": _picture(product.picture),
        "availability": _word(any(variant.in_stock for variant in product.variants)),
        "variants": [
            {
                "id": variant.public_id,
                "option": variant.option.say(language),
                "price": money(variant.price, currency),
                "availability": _word(variant.in_stock),
                "picture": _picture(variant.picture),
            }
            for variant in product.variants
        ],
    }


def show_card(card: Card, language: Language, currency: str) -> dict[str, Any]:
    """A product in a list."""
    return {
        "id": card.public_id,
        "name": card.name.say(language),
        "brand": card.brand.say(language),
        "picture": _picture(card.picture),
        "price_from": money(card.price_from, currency),
        "price_to": money(card.price_to, currency),
        "availability": _word(card.in_stock),
    }


def _word(in_stock: bool) -> str:
    return AVAILABILITY[0] if in_stock else AVAILABILITY[1]


def _picture(picture: ShownPicture | None) -> dict[str, Any] | None:
    return picture and show_picture(*picture)
