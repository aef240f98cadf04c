"""What headquarters sees of the catalogue, and what it may send."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from storefront.api.pictures import PictureSchema, show_stored
from storefront.api.schemas import (
    MoneySchema,
    PageQuery,
    Schema,
    Time,
    list_of,
    money,
    text,
)
from storefront.catalog import rules
from storefront.catalog.models import Product, ProductState, Variant

BRAND = {"example": "brd_7kqdx2fm9rtv4hjp"}
CATEGORY = {"example": "cat_7kqdx2fm9rtv4hjp"}
PRODUCT = {"example": "prd_7kqdx2fm9rtv4hjp"}
VARIANT = {"example": "var_7kqdx2fm9rtv4hjp"}
MOST_VARIANTS = 200


def code(**kwargs: Any) -> fields.String:
    """A code of the chain's own."""
    rule = validate.Regexp(rf"{rules.CODE_PATTERN}\Z", error="Not a code.")
    return fields.String(validate=rule, **kwargs)


def _name(example: str, **kwargs: Any) -> fields.String:
    return text(rules.LONGEST_NAME, metadata={"example": example}, **kwargs)


def _words(example: str, **kwargs: Any) -> fields.String:
    return text(rules.LONGEST_WORDS, 0, metadata={"example": example}, **kwargs)


def _option(example: str, **kwargs: Any) -> fields.String:
    return text(rules.LONGEST_OPTION, 0, metadata={"example": example}, **kwargs)


def _position(**kwargs: Any) -> fields.Integer:
    return fields.Integer(
        strict=True, validate=validate.Range(0, 999_999), metadata={"example": 1}, **kwargs
    )


class GivenPrice(Schema):
    """A price for one piece, in the chain's currency."""

    amount = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, rules.LARGEST_PRICE),
        metadata={"example": 1999},
    )
    currency = text(3, 3, required=True, metadata={"example": "CNY"})


# --- brands, categories, locations ---------------------------------------------------------------


class NewBrand(Schema):
    """A brand to be entered."""

    code = code(required=True, metadata={"example": "LOOM"})
    name_zh = _name("织机", required=True)
    name_en = _name("Loom", required=True)


class BrandChange(Schema):
    """What shall be different; what is absent stays."""

    name_zh = _name("织机")
    name_en = _name("Loom")


class BrandSchema(Schema):
    """A brand."""

    id = fields.String(attribute="public_id", metadata=BRAND)
    code = fields.String(metadata={"example": "LOOM"})
    name_zh = fields.String(metadata={"example": "织机"})
    name_en = fields.String(metadata={"example": "Loom"})


class BrandList(Schema):
    """Every brand."""

    items = list_of(BrandSchema)


class NewCategory(Schema):
    """A category to be entered."""

    code = code(required=True, metadata={"example": "LAMPS"})
    name_zh = _name("灯具", required=True)
    name_en = _name("Lamps", required=True)
    parent = text(40, 0, load_default="", metadata={"description": "Absent or empty: at the top"})
    position = _position(load_default=0)


class CategoryChange(Schema):
    """What shall be different; what is absent stays, an empty parent puts it at the top."""

    name_zh = _name("灯具")
    name_en = _name("Lamps")
    parent = text(40, 0, metadata=CATEGORY)
    position = _position()


class CategorySchema(Schema):
    """A node of the tree."""

    id = fields.String(metadata=CATEGORY)
    code = fields.String(metadata={"example": "LAMPS"})
    name_zh = fields.String(metadata={"example": "灯具"})
    name_en = fields.String(metadata={"example": "Lamps"})
    parent = fields.String(allow_none=True, metadata=CATEGORY)
    position = fields.Integer(metadata={"example": 1})
    version = fields.Integer(metadata={"example": 1, "description": "For If-Match"})


class CategoryList(Schema):
    """The whole tree, sisters in their order."""

    items = list_of(CategorySchema)


class _AboutPickUp(Schema):
    is_pick_up = fields.Boolean(
        metadata={
            "example": True,
            "description": "Customers may collect their orders here: it needs both addresses",
        }
    )
    address_zh = text(rules.LONGEST_ADDRESS, 0, metadata={"example": "上海市衡山路 1 号"})
    address_en = text(rules.LONGEST_ADDRESS, 0, metadata={"example": "1 Hengshan Road, Shanghai"})
    opening_zh = text(rules.LONGEST_OPENING, 0, metadata={"example": "每天 10:00–21:00"})
    opening_en = text(rules.LONGEST_OPENING, 0, metadata={"example": "Daily 10:00–21:00"})


class NewLocation(_AboutPickUp):
    """A place for stock."""

    code = code(required=True, metadata={"example": "S1"})
    name_zh = _name("衡山路店", required=True)
    name_en = _name("Hengshan Road", required=True)
    priority = _position(load_default=0)


class LocationChange(_AboutPickUp):
    """What shall be different; what is absent stays."""

    name_zh = _name("衡山路店")
    name_en = _name("Hengshan Road")
    priority = _position()


class LocationSchema(_AboutPickUp):
    """A place for stock; goods leave from the smallest priority first."""

    code = fields.String(metadata={"example": "S1"})
    name_zh = fields.String(metadata={"example": "衡山路店"})
    name_en = fields.String(metadata={"example": "Hengshan Road"})
    priority = fields.Integer(metadata={"example": 1})


class LocationList(Schema):
    """Every place, in the order in which goods leave."""

    items = list_of(LocationSchema)


# --- products and variants -----------------------------------------------------------------------


class NewVariant(Schema):
    """A variant to be entered."""

    code = code(required=True, metadata={"example": "LAMP-RED"})
    option_zh = _option("红色", load_default="")
    option_en = _option("Red", load_default="")
    price = fields.Nested(GivenPrice, required=True)
    stock_tracked = fields.Boolean(
        load_default=True, metadata={"description": "False: there is always enough of it"}
    )


class NewProduct(Schema):
    """A product to be entered, with its variants."""

    code = code(required=True, metadata={"example": "LAMP"})
    brand = text(40, required=True, metadata=BRAND)
    category = text(40, required=True, metadata=CATEGORY)
    name_zh = _name("台灯", required=True)
    name_en = _name("Desk lamp", required=True)
    words_zh = _words("温暖的光", load_default="")
    words_en = _words("A warm light", load_default="")
    variants = list_of(NewVariant, required=True, validate=validate.Length(1, MOST_VARIANTS))


class ProductChange(Schema):
    """What shall be different; what is absent stays."""

    brand = text(40, metadata=BRAND)
    category = text(40, metadata=CATEGORY)
    name_zh = _name("台灯")
    name_en = _name("Desk lamp")
    words_zh = _words("温暖的光")
    words_en = _words("A warm light")


class VariantChange(Schema):
    """What shall be different; what is absent stays. The price has a route of its own."""

    option_zh = _option("红色")
    option_en = _option("Red")
    stock_tracked = fields.Boolean()
    position = _position()


class ProductQuery(PageQuery):
    """Which products to list."""

    q = text(60, metadata={"description": "Part of a name or a code", "example": "lamp"})
    brand = text(40, metadata=BRAND)
    category = text(40, metadata=CATEGORY)
    state = fields.Enum(ProductState, by_value=True)


class VariantSchema(Schema):
    """What is priced, stocked and bought."""

    id = fields.String(metadata=VARIANT)
    code = fields.String(metadata={"example": "LAMP-RED"})
    option_zh = fields.String(metadata={"example": "红色"})
    option_en = fields.String(metadata={"example": "Red"})
    price = fields.Nested(MoneySchema)
    state = fields.Enum(ProductState, by_value=True)
    stock_tracked = fields.Boolean()
    position = fields.Integer(metadata={"example": 0})
    picture = fields.Nested(PictureSchema, allow_none=True)


class CategoryInShortSchema(Schema):
    """A category, by its names."""

    id = fields.String(attribute="public_id", metadata=CATEGORY)
    code = fields.String(metadata={"example": "LAMPS"})
    name_zh = fields.String(metadata={"example": "灯具"})
    name_en = fields.String(metadata={"example": "Lamps"})


class ProductSchema(Schema):
    """A product with all its variants."""

    id = fields.String(metadata=PRODUCT)
    code = fields.String(metadata={"example": "LAMP"})
    brand = fields.Nested(BrandSchema)
    category = fields.Nested(CategoryInShortSchema)
    name_zh = fields.String(metadata={"example": "台灯"})
    name_en = fields.String(metadata={"example": "Desk lamp"})
    words_zh = fields.String(metadata={"example": "温暖的光"})
    words_en = fields.String(metadata={"example": "A warm light"})
    picture = fields.Nested(PictureSchema, allow_none=True)
    state = fields.Enum(ProductState, by_value=True)
    created_at = Time()
    variants = list_of(VariantSchema)


class ProductPage(Schema):
    """Some products, and where to go on."""

    items = list_of(ProductSchema)
    next = fields.String(allow_none=True)


def show_variant(variant: Variant, currency: str) -> dict[str, Any]:
    """A variant as headquarters sees it."""
    return {
        "id": variant.public_id,
        "code": variant.code,
        "option_zh": variant.option_zh,
        "option_en": variant.option_en,
        "price": money(variant.price, currency),
        "state": variant.state,
        "stock_tracked": variant.stock_tracked,
        "position": variant.position,
        "picture": show_stored(variant.picture),
    }


def show_product(product: Product, currency: str) -> dict[str, Any]:
    """A product as headquarters sees it."""
    return {
        "id": product.public_id,
        "code": product.code,
        "brand": product.brand,
        "category": product.category,
        "name_zh": product.name_zh,
        "name_en": product.name_en,
        "words_zh": product.words_zh,
        "words_en": product.words_en,
        "picture": show_stored(product.picture),
        "state": product.state,
        "created_at": product.created_at,
        "variants": [show_variant(variant, currency) for variant in product.variants],
    }
