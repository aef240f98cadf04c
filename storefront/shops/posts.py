"""What an employee writes: a piece with goods of the shop, published at once and edited later.

Each change raises the shop's version, as the shop's own pages show posts; whoever changes one holds
the shop until the commit, so what is counted here stays true.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from storefront.catalog.models import Product, ProductState
from storefront.core.clock import local_day, start_of_day
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, DomainError, Invalid, NotFound, Stale
from storefront.core.ids import public_id
from storefront.core.pictures import Picture
from storefront.core.settings import settings
from storefront.shops.models import Listing, Post, PostProduct, PostState, Shop
from storefront.shops.service import change, own_shop

MOST_POSTS = 200
"""In one shop, those taken down not counted."""
MOST_A_DAY = 10
"""New ones in a shop on one day of the chain's."""
MOST_PRODUCTS = 12
"""In one post."""

_named = cast(sa.Table, PostProduct.__table__)


def posts_of(employee_id: int, before: int | None, limit: int) -> list[Post]:
    """The employee's posts, the latest first, of those whose row number is below `before`.

    Those taken down are among them. Raises NotFound `no_shop`.
    """
    shop = own_shop(employee_id)
    earlier = Post.id < before if before is not None else sa.true()
    return list(
        db.session.scalars(
            _with_all()
            .where(Post.shop_id == shop.id, earlier)
            .order_by(Post.id.desc())
            .limit(limit)
        )
    )


def own_post(employee_id: int, post_id: str) -> Post:
    """The employee's post with this public id. Raises NotFound `no_shop`, `no_post`."""
    return _find(own_shop(employee_id), post_id)


def on_show(employee_id: int) -> set[int]:
    """Which products (row numbers) the employee's shop shows: a post shows no others."""
    return set(
        db.session.scalars(
            sa.select(Listing.product_id)
            .join(Product, Product.id == Listing.product_id)
            .join(Shop, Shop.id == Listing.shop_id)
            .where(Shop.employee_id == employee_id, Product.state == ProductState.ACTIVE)
        )
    )


def publish(
    employee_id: int, *, title: str, words: str, products: Sequence[str] = (), now: datetime
) -> Post:
    """Put a post into the shop, with products of the shop by their public ids, in this order.

    Raises Conflict `too_many_posts`, `too_many_posts_today`, `product_not_listed`; Invalid
    `wrong_products`; and what `service.change` raises.
    """
    with transaction() as session:
        shop = change(employee_id)
        _require_room(shop, now)
        named = _products(shop, products)
        post = Post(
            public_id=public_id("pst"),
            shop_id=shop.id,
            title=title,
            words=words,
            state=PostState.PUBLISHED,
            version=1,
            created_at=now,
        )
        session.add(post)
        session.flush()
        _name(post, named)
        return post


def edit(
    employee_id: int,
    post_id: str,
    version: int,
    *,
    title: str | None = None,
    words: str | None = None,
    products: Sequence[str] | None = None,
) -> Post:
    """Change a post if `version` is still its version; None leaves as is.

    What the post names already it may go on naming, even where the shop no longer shows it. Raises
    NotFound `no_post`; Stale; Conflict `post_taken_down`, `product_not_listed`; Invalid
    `wrong_products`.
    """
    said = {"title": title, "words": words}
    with transaction():
        shop = change(employee_id)
        written = {field: value for field, value in said.items() if value is not None}
        post = _change(shop, post_id, version=version, **written)
        if products is not None:
            _name(post, _products(shop, products, besides=post))
        return post


def hang_picture(employee_id: int, post_id: str, picture: Picture | None) -> Post:
    """Show this picture on the post, or none. Raises NotFound, Conflict `post_taken_down`."""
    with transaction():
        shop = change(employee_id)
        return _change(shop, post_id, picture_id=picture.id if picture else None)


def take_down(employee_id: int, post_id: str) -> Post:
    """Show a post to nobody any more, for good; links to it lead to the shop.

    Taking down twice changes nothing. Raises NotFound `no_post`.
    """
    with transaction():
        post = own_post(employee_id, post_id)
        if post.state == PostState.TAKEN_DOWN:
            return post
        return _change(change(employee_id), post_id, state=PostState.TAKEN_DOWN)


def _change(shop: Shop, post_id: str, *, version: int | None = None, **values: Any) -> Post:
    asked = Post.version == version if version is not None else sa.true()
    post = db.session.scalars(
        sa.update(Post)
        .where(
            Post.public_id == post_id,
            Post.shop_id == shop.id,
            Post.state == PostState.PUBLISHED,
            asked,
        )
        .values(version=Post.version + 1, **values)
        .returning(Post)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).one_or_none()
    if post is None:
        raise _why_not(shop, post_id)
    db.session.expire(post, ["picture"])
    return post


def _why_not(shop: Shop, post_id: str) -> DomainError:
    if _find(shop, post_id).state == PostState.TAKEN_DOWN:
        return Conflict("post_taken_down", "This post was taken down. Write a new one.")
    return Stale()


def _with_all() -> sa.Select[Post]:
    return (
        sa.select(Post)
        .options(
            joinedload(Post.picture),
            selectinload(Post.named).joinedload(PostProduct.product).joinedload(Product.picture),
        )
        .execution_options(populate_existing=True)
    )


def _find(shop: Shop, post_id: str) -> Post:
    post = db.session.scalars(
        _with_all().where(Post.public_id == post_id, Post.shop_id == shop.id)
    ).one_or_none()
    if post is None:
        raise NotFound("no_post", "There is no such post in your shop.")
    return post


def _require_room(shop: Shop, now: datetime) -> None:
    zone = settings().chain_time_zone
    today = Post.created_at >= start_of_day(local_day(now, zone), zone)
    standing, new = db.session.execute(
        sa.select(
            sa.func.count().filter(Post.state == PostState.PUBLISHED),
            sa.func.count().filter(today),
        ).where(Post.shop_id == shop.id)
    ).one()
    if standing >= MOST_POSTS:
        raise Conflict(
            "too_many_posts", f"A shop has {MOST_POSTS} posts at most. Take an old one down."
        )
    if new >= MOST_A_DAY:
        raise Conflict(
            "too_many_posts_today", f"{MOST_A_DAY} new posts a day is the most. Go on tomorrow."
        )


def _products(shop: Shop, wanted: Sequence[str], besides: Post | None = None) -> list[int]:
    """The row numbers of these products, all of which the shop shows or `besides` names."""
    if len(wanted) > MOST_PRODUCTS or len(set(wanted)) < len(wanted):
        message = f"Name up to {MOST_PRODUCTS} products, each of them once."
        raise Invalid("wrong_products", message, errors={"json": {"products": [message]}})
    shown = sa.and_(
        Product.state == ProductState.ACTIVE,
        sa.exists().where(Listing.shop_id == shop.id, Listing.product_id == Product.id),
    )
    named = sa.exists().where(
        _named.c.post_id == (besides.id if besides else None), _named.c.product_id == Product.id
    )
    found = dict(
        db.session.execute(
            sa.select(Product.public_id, Product.id).where(
                Product.public_id.in_(list(wanted)), sa.or_(shown, named)
            )
        ).all()
    )
    if len(found) < len(wanted):
        raise Conflict("product_not_listed", "Put this product into your shop first.")
    return [found[each] for each in wanted]


def _name(post: Post, product_ids: Sequence[int]) -> None:
    """Let the post name these products and no others."""
    db.session.execute(sa.delete(_named).where(_named.c.post_id == post.id))
    rows = [
        {"post_id": post.id, "product_id": each, "position": position}
        for position, each in enumerate(product_ids, 1)
    ]
    if rows:
        db.session.execute(sa.insert(_named), rows)
    db.session.expire(post, ["named"])
