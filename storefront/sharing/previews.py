"""What a share link shows before anybody follows it, for the chat or network it is posted in."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from storefront.catalog.models import Product, ProductState, Variant
from storefront.core.database import db
from storefront.core.pictures import Picture
from storefront.sharing.models import ShareLink
from storefront.shops.models import Listing, Post, PostProduct, PostState, Shop
from storefront.staff.models import Employee


@dataclass(frozen=True, slots=True)
class ProductPreview:
    """The product a link leads to, in both languages."""

    public_id: str
    name_zh: str
    name_en: str
    words_zh: str
    words_en: str
    caption: str
    """The employee's own words about it; empty if there are none."""
    lowest_price: int | None
    highest_price: int | None
    """Minor units, over the variants on sale; None if there is none."""


@dataclass(frozen=True, slots=True)
class PostPreview:
    """The post a link leads to."""

    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A shop, and the product or post in it if the link leads to one."""

    handle: str
    keeper: str
    """The employee's name."""
    shop_title: str
    shop_words: str
    product: ProductPreview | None
    post: PostPreview | None
    picture: Picture | None


def preview_of(code: str) -> Preview | None:
    """What the link with this code shows; None if there is no such link.

    Whether it may be followed is `touches.keep`'s business.
    """
    found = db.session.execute(
        sa.select(Shop, Employee.name, Product, Listing.caption, Post)
        .select_from(ShareLink)
        .join(Shop, Shop.id == ShareLink.shop_id)
        .join(Employee, Employee.id == Shop.employee_id)
        .outerjoin(
            Listing, (Listing.shop_id == Shop.id) & (Listing.product_id == ShareLink.product_id)
        )
        .outerjoin(
            Product, (Product.id == Listing.product_id) & (Product.state == ProductState.ACTIVE)
        )
        .outerjoin(Post, (Post.id == ShareLink.post_id) & (Post.state == PostState.PUBLISHED))
        .where(ShareLink.code == code)
    ).one_or_none()
    if found is None:
        return None
    shop, keeper, product, caption, post = found
    return Preview(
        handle=shop.handle,
        keeper=keeper,
        shop_title=shop.title,
        shop_words=shop.words,
        product=_product_preview(product, caption) if product else None,
        post=PostPreview(post.title, post.words) if post else None,
        picture=_picture(shop, product, post),
    )


def _picture(shop: Shop, product: Product | None, post: Post | None) -> Picture | None:
    if product:
        return product.picture
    own = post and (post.picture or _first_picture_in(post))
    return own or shop.picture or _first_picture(shop)


def _product_preview(product: Product, caption: str) -> ProductPreview:
    lowest, highest = db.session.execute(
        sa.select(sa.func.min(Variant.price), sa.func.max(Variant.price)).where(
            Variant.product_id == product.id, Variant.state == ProductState.ACTIVE
        )
    ).one()
    return ProductPreview(
        public_id=product.public_id,
        name_zh=product.name_zh,
        name_en=product.name_en,
        words_zh=product.words_zh,
        words_en=product.words_en,
        caption=caption,
        lowest_price=lowest,
        highest_price=highest,
    )


def _first_picture(shop: Shop) -> Picture | None:
    return db.session.scalars(
        sa.select(Picture)
        .join(Product, Product.picture_id == Picture.id)
        .join(Listing, Listing.product_id == Product.id)
        .where(Listing.shop_id == shop.id, Product.state == ProductState.ACTIVE)
        .order_by(Listing.pinned.desc(), Listing.position, Listing.id)
        .limit(1)
    ).one_or_none()


def _first_picture_in(post: Post) -> Picture | None:
    """Of the goods that the post shows."""
    return db.session.scalars(
        sa.select(Picture)
        .join(Product, Product.picture_id == Picture.id)
        .join(PostProduct, PostProduct.product_id == Product.id)
        .join(
            Listing,
            (Listing.product_id == Product.id) & (Listing.shop_id == post.shop_id),
        )
        .where(PostProduct.post_id == post.id, Product.state == ProductState.ACTIVE)
        .order_by(PostProduct.position)
        .limit(1)
    ).one_or_none()
