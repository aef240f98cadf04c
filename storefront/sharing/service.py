"""Share links: an employee makes them for a channel, and takes them back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from storefront.catalog.models import Product, ProductState
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, Invalid, NotFound
from storefront.core.ids import public_id, random_text
from storefront.sharing.campaigns import find_to_share
from storefront.sharing.models import Channel, ShareLink
from storefront.shops.models import Listing, Post, PostState, Shop
from storefront.shops.service import is_open, own_shop

CODE_LENGTH = 12
"""Characters of some 4.8 bits: nobody finds a link by trying."""

_AIMS = tuple(joinedload(aim) for aim in (ShareLink.product, ShareLink.post, ShareLink.campaign))


def create_link(
    employee_id: int,
    *,
    product_id: str | None,
    post_id: str | None = None,
    channel: Channel,
    label: str = "",
    campaign_id: str | None = None,
    now: datetime,
) -> ShareLink:
    """Make a link to the employee's shop, or to a product or post in it by its public id.

    For a campaign, if one is named by its public id. Raises NotFound `no_shop`, `no_campaign`;
    Conflict `shop_closed`, `product_not_listed`, `post_not_published`, `campaign_over`; Invalid
    `two_aims` for both a product and a post.
    """
    if product_id is not None and post_id is not None:
        raise Invalid("two_aims", "A link leads to a product or to a post, not to both.")
    with transaction() as session:
        shop = own_shop(employee_id)
        if not is_open(shop):
            raise Conflict("shop_closed", "Open your shop again before you share it.")
        link = ShareLink(
            public_id=public_id("lnk"),
            code=random_text(CODE_LENGTH),
            employee_id=employee_id,
            shop=shop,
            product=_listed_product(shop, product_id) if product_id is not None else None,
            post=_published_post(shop, post_id) if post_id is not None else None,
            campaign=find_to_share(campaign_id, now) if campaign_id is not None else None,
            channel=channel,
            label=label,
            created_at=now,
        )
        session.add(link)
        session.flush()
        return link


def _listed_product(shop: Shop, product_id: str) -> Product:
    product = db.session.scalars(
        sa.select(Product)
        .join(Listing, Listing.product_id == Product.id)
        .where(
            Listing.shop_id == shop.id,
            Product.public_id == product_id,
            Product.state == ProductState.ACTIVE,
        )
    ).one_or_none()
    if product is None:
        raise Conflict("product_not_listed", "Put this product into your shop first.")
    return product


def _published_post(shop: Shop, post_id: str) -> Post:
    post = db.session.scalars(
        sa.select(Post).where(
            Post.shop_id == shop.id,
            Post.public_id == post_id,
            Post.state == PostState.PUBLISHED,
        )
    ).one_or_none()
    if post is None:
        raise Conflict("post_not_published", "Your shop has no such post to share.")
    return post


def own_link(employee_id: int, link_id: str) -> ShareLink:
    """The employee's link with this public id. Raises NotFound `no_link`."""
    link = db.session.scalars(
        sa.select(ShareLink)
        .where(ShareLink.public_id == link_id, ShareLink.employee_id == employee_id)
        .options(*_AIMS)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if link is None:
        raise NotFound("no_link", "You have no such link.")
    return link


def links_of(employee_id: int, before: int | None, limit: int) -> list[ShareLink]:
    """The employee's links, the latest first, of those whose row number is below `before`."""
    later = ShareLink.id < before if before is not None else sa.true()
    return list(
        db.session.scalars(
            sa.select(ShareLink)
            .where(ShareLink.employee_id == employee_id, later)
            .options(*_AIMS)
            .order_by(ShareLink.id.desc())
            .limit(limit)
        )
    )


def revoke_link(employee_id: int, link_id: str, now: datetime) -> ShareLink:
    """Take a link back for good: from now on it leads nowhere. Its touches stay.

    Revoking a revoked link changes nothing. Raises NotFound `no_link`.
    """
    with transaction() as session:
        session.execute(
            sa.update(ShareLink)
            .where(
                ShareLink.public_id == link_id,
                ShareLink.employee_id == employee_id,
                ShareLink.revoked_at.is_(None),
            )
            .values(revoked_at=now)
            .execution_options(synchronize_session=False)
        )
        return own_link(employee_id, link_id)
