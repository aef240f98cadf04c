"""What sellers send and see of their shop and its links."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from storefront.api.pictures import PictureSchema, show_stored
from storefront.api.schemas import MoneySchema, Schema, Time, list_of, money, text
from storefront.catalog.models import Product, ProductState
from storefront.core.settings import settings
from storefront.insights.visits import Visits
from storefront.sharing.models import Channel, ShareLink, Uncounted
from storefront.shops.listings import MOST_LISTINGS
from storefront.shops.models import Listing, Section, Shop, ShopState
from storefront.shops.rules import LONGEST_HANDLE, SHORTEST_HANDLE

CAMPAIGN_ID = {"example": "cmp_7kq3mnpqrstvwxyz"}
POST_ID = {"example": "pst_7kq3mnpqrstvwxyz"}
PRODUCT_ID = {"example": "prd_7kq3mnpqrstvwxyz"}
SECTION_ID = {"example": "sec_7kq3mnpqrstvwxyz"}


def says_something(value: str) -> None:
    """Refuse a text of nothing but spaces."""
    if not value.strip():
        raise ValidationError("Must say something.")


def _title(**kwargs: Any) -> fields.String:
    field = text(60, metadata={"example": "芳的小店"}, **kwargs)
    field.validators.append(says_something)
    return field


def _words(**kwargs: Any) -> fields.String:
    return text(1_000, 0, metadata={"example": "我只推荐自己用过的。"}, **kwargs)


def _caption(**kwargs: Any) -> fields.String:
    return text(200, 0, metadata={"example": "我家用了三年，还像新的。"}, **kwargs)


class NewShop(Schema):
    """A shop to open. Its handle is in its address and stays."""

    handle = fields.String(
        required=True,
        validate=validate.Length(SHORTEST_HANDLE, LONGEST_HANDLE),
        metadata={"example": "fang", "description": "a-z, 0-9 and single hyphens between them"},
    )
    title = _title(required=True)
    words = _words(load_default="")


class ShopChange(Schema):
    """What to change of what a shop says; what is not named stays."""

    title = _title()
    words = _words()
    colour = fields.String(
        validate=validate.Length(max=7),
        metadata={"example": "#2c6249", "description": "Readable on the page; empty: the chain's"},
    )


class ShopSchema(Schema):
    """A shop, as its keeper sees it."""

    id = fields.String(metadata={"example": "shp_7kq3mnpqrstvwxyz"})
    handle = fields.String(metadata={"example": "fang"})
    url = fields.String(metadata={"example": "https://shop.example/s/fang"})
    title = fields.String()
    words = fields.String()
    picture = fields.Nested(PictureSchema, allow_none=True)
    colour = fields.String(metadata={"example": "#2c6249"})
    state = fields.Enum(ShopState, by_value=True)
    version = fields.Integer(metadata={"description": "Also the ETag; listings raise it too"})
    opened_at = Time()
    closed_at = Time(allow_none=True)


class ListedProductSchema(Schema):
    """A product, as the list of a shop's goods shows it."""

    id = fields.String(metadata=PRODUCT_ID)
    name = fields.Dict(metadata={"example": {"zh": "茶壶", "en": "Teapot"}})
    price_from = fields.Nested(
        MoneySchema, allow_none=True, metadata={"description": "Of the cheapest variant on sale"}
    )
    picture = fields.Nested(PictureSchema, allow_none=True)
    on_sale = fields.Boolean(metadata={"description": "If not, customers do not see it"})


class SectionSchema(Schema):
    """A heading in the shop."""

    id = fields.String(metadata=SECTION_ID)
    title = fields.String(metadata={"example": "出门这一身"})


class ListingSchema(Schema):
    """A product picked for the shop."""

    id = fields.String(metadata={"example": "lst_7kq3mnpqrstvwxyz"})
    product = fields.Nested(ListedProductSchema)
    section = fields.Nested(
        SectionSchema, allow_none=True, metadata={"description": "The heading it stands under"}
    )
    caption = fields.String()
    pinned = fields.Boolean()
    created_at = Time()


class ListingsSchema(Schema):
    """All of a shop's listings, in the order customers see them: pinned ones first."""

    items = list_of(ListingSchema)


class NewListing(Schema):
    """A product to put into the shop."""

    product = fields.String(required=True, metadata=PRODUCT_ID)
    caption = _caption(load_default="")


class ListingChange(Schema):
    """What to change of a product in the shop; what is not named stays."""

    caption = _caption()
    section = fields.String(
        allow_none=True,
        validate=validate.Length(1, 40),
        metadata={**SECTION_ID, "description": "The heading to put it under; null for none"},
    )


class WholeOrder(Schema):
    """Every listing of the shop, exactly once, in the order wanted."""

    listings = list_of(
        fields.String(metadata={"example": "lst_7kq3mnpqrstvwxyz"}),
        required=True,
        validate=validate.Length(0, MOST_LISTINGS),
    )


class NewLink(Schema):
    """A link to make."""

    product = fields.String(
        load_default=None,
        allow_none=True,
        metadata={**PRODUCT_ID, "description": "A product in the shop; without it, the whole shop"},
    )
    post = fields.String(
        load_default=None,
        allow_none=True,
        metadata={**POST_ID, "description": "A post in the shop, in the place of a product"},
    )
    campaign = fields.String(
        load_default=None,
        allow_none=True,
        metadata={**CAMPAIGN_ID, "description": "The campaign that it is for, if it is for one"},
    )
    channel = fields.Enum(Channel, by_value=True, required=True)
    label = text(100, 0, load_default="", metadata={"example": "三八节，老同学群"})


class UncountedSchema(Schema):
    """Requests that were kept but are no visits, by the reason."""

    head = fields.Integer()
    crawler = fields.Integer(metadata={"description": "Search engines, previews in chats"})
    prefetch = fields.Integer(metadata={"description": "Fetched before anybody asked"})
    own_visit = fields.Integer(metadata={"description": "By whoever made the link"})


class VisitsSchema(Schema):
    """How often a link was followed."""

    counted = fields.Integer(metadata={"example": 42})
    uncounted = fields.Nested(UncountedSchema)


class LinkedProductSchema(Schema):
    """The product that a link leads to."""

    id = fields.String(metadata=PRODUCT_ID)
    name = fields.Dict(metadata={"example": {"zh": "茶壶", "en": "Teapot"}})


class LinkedPostSchema(Schema):
    """The post that a link leads to."""

    id = fields.String(metadata=POST_ID)
    title = fields.String(metadata={"example": "换季三件，够穿一个月"})


class LinkedCampaignSchema(Schema):
    """The campaign that a link is for."""

    id = fields.String(metadata=CAMPAIGN_ID)
    name = fields.Dict(metadata={"example": {"zh": "中秋好礼", "en": "Moon festival"}})


class LinkSchema(Schema):
    """A share link."""

    id = fields.String(metadata={"example": "lnk_7kq3mnpqrstvwxyz"})
    url = fields.String(metadata={"example": "https://shop.example/l/7kq3mnpqrstv"})
    code = fields.String(metadata={"example": "7kq3mnpqrstv"})
    product = fields.Nested(LinkedProductSchema, allow_none=True)
    post = fields.Nested(LinkedPostSchema, allow_none=True)
    campaign = fields.Nested(LinkedCampaignSchema, allow_none=True)
    channel = fields.Enum(Channel, by_value=True)
    label = fields.String()
    created_at = Time()
    revoked_at = Time(allow_none=True)
    visits = fields.Nested(VisitsSchema)


class LinkPage(Schema):
    """Some of the links, the latest first."""

    items = list_of(LinkSchema)
    next = fields.String(allow_none=True)


def show_shop(shop: Shop) -> dict[str, Any]:
    """A shop for `ShopSchema`."""
    return {
        "id": shop.public_id,
        "handle": shop.handle,
        "url": f"{settings().public_base_url}/s/{shop.handle}",
        "title": shop.title,
        "words": shop.words,
        "colour": shop.colour,
        "picture": show_stored(shop.picture),
        "state": shop.state,
        "version": shop.version,
        "opened_at": shop.opened_at,
        "closed_at": shop.closed_at,
    }


def show_listing(listing: Listing) -> dict[str, Any]:
    """A listing for `ListingSchema`."""
    return {
        "id": listing.public_id,
        "product": _show_product(listing.product),
        "section": show_section(listing.section) if listing.section else None,
        "caption": listing.caption,
        "pinned": listing.pinned,
        "created_at": listing.created_at,
    }


def show_section(section: Section) -> dict[str, Any]:
    """A section for `SectionSchema`."""
    return {"id": section.public_id, "title": section.title}


def _show_product(product: Product) -> dict[str, Any]:
    prices = [variant.price for variant in product.variants if variant.state == ProductState.ACTIVE]
    return {
        "id": product.public_id,
        "name": {"zh": product.name_zh, "en": product.name_en},
        "price_from": money(min(prices), settings().chain_currency) if prices else None,
        "picture": show_stored(product.picture),
        "on_sale": product.state == ProductState.ACTIVE,
    }


def show_link(link: ShareLink, visits: Visits) -> dict[str, Any]:
    """A link for `LinkSchema`."""
    product, post, campaign = link.product, link.post, link.campaign
    return {
        "id": link.public_id,
        "url": f"{settings().public_base_url}/l/{link.code}",
        "code": link.code,
        "product": {
            "id": product.public_id,
            "name": {"zh": product.name_zh, "en": product.name_en},
        }
        if product
        else None,
        "post": {"id": post.public_id, "title": post.title} if post else None,
        "campaign": {
            "id": campaign.public_id,
            "name": {"zh": campaign.name_zh, "en": campaign.name_en},
        }
        if campaign
        else None,
        "channel": link.channel,
        "label": link.label,
        "created_at": link.created_at,
        "revoked_at": link.revoked_at,
        "visits": {
            "counted": visits.counted,
            "uncounted": {
                reason.value: visits.uncounted.get(reason, 0)
                for reason in Uncounted
                if reason is not Uncounted.NO
            },
        },
    }
