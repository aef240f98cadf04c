"""What sellers send and see of their posts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from marshmallow import fields, validate

from storefront.api.pictures import PictureSchema, show_stored
from storefront.api.schemas import Schema, Time, list_of, text
from storefront.api.seller.shop_schemas import POST_ID, PRODUCT_ID, says_something
from storefront.core.settings import settings
from storefront.shops.models import Post, PostProduct, PostState
from storefront.shops.posts import MOST_PRODUCTS


def _title(**kwargs: Any) -> fields.String:
    field = text(60, metadata={"example": "换季三件，够穿一个月"}, **kwargs)
    field.validators.append(says_something)
    return field


def _words(**kwargs: Any) -> fields.String:
    about = {"example": "早上十二度，中午二十四度。", "description": "Plain text with line breaks"}
    field = text(4_000, metadata=about, **kwargs)
    field.validators.append(says_something)
    return field


def _products(**kwargs: Any) -> fields.Field[list[Any]]:
    return list_of(
        fields.String(metadata=PRODUCT_ID),
        validate=validate.Length(0, MOST_PRODUCTS),
        metadata={"description": "Products of my shop, in this order, each of them once"},
        **kwargs,
    )


class NewPost(Schema):
    """A post to put into my shop."""

    title = _title(required=True)
    words = _words(required=True)
    products = _products(load_default=list)


class PostChange(Schema):
    """What to change of a post; what is not named stays."""

    title = _title()
    words = _words()
    products = _products()


class NamedProductSchema(Schema):
    """A product that a post names."""

    id = fields.String(metadata=PRODUCT_ID)
    name = fields.Dict(metadata={"example": {"zh": "茶壶", "en": "Teapot"}})
    picture = fields.Nested(PictureSchema, allow_none=True)
    shown = fields.Boolean(
        metadata={"description": "Whether customers see it: my shop lists it, and it is on sale"}
    )


class PostSchema(Schema):
    """A post, as its writer sees it."""

    id = fields.String(metadata=POST_ID)
    url = fields.String(metadata={"example": "https://shop.example/s/fang/t/pst_7kq3mnpqrstvwxyz"})
    title = fields.String(metadata={"example": "换季三件，够穿一个月"})
    words = fields.String(metadata={"example": "早上十二度，中午二十四度。"})
    picture = fields.Nested(PictureSchema, allow_none=True)
    products = list_of(NamedProductSchema)
    state = fields.Enum(PostState, by_value=True)
    version = fields.Integer(metadata={"description": "Also the ETag"})
    created_at = Time()


class PostPage(Schema):
    """Some of the posts, the latest first."""

    items = list_of(PostSchema)
    next = fields.String(allow_none=True)


def show_post(post: Post, on_show: Collection[int]) -> dict[str, Any]:
    """A post for `PostSchema`; `on_show` are the row numbers of what the shop shows."""
    return {
        "id": post.public_id,
        "url": f"{settings().public_base_url}/s/{post.shop.handle}/t/{post.public_id}",
        "title": post.title,
        "words": post.words,
        "picture": show_stored(post.picture),
        "products": [_show_product(named, on_show) for named in post.named],
        "state": post.state,
        "version": post.version,
        "created_at": post.created_at,
    }


def _show_product(named: PostProduct, on_show: Collection[int]) -> dict[str, Any]:
    product = named.product
    return {
        "id": product.public_id,
        "name": {"zh": product.name_zh, "en": product.name_en},
        "picture": show_stored(product.picture),
        "shown": named.product_id in on_show,
    }
