"""My posts: what I write in my shop."""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.api.pictures import kept_picture, takes_picture
from storefront.api.schemas import PageQuery
from storefront.api.seller import guard
from storefront.api.seller.post_schemas import NewPost, PostChange, PostPage, PostSchema, show_post
from storefront.api.versions import IF_MATCH, etag, expected_version
from storefront.core import clock
from storefront.shops import posts
from storefront.shops.models import Post

blueprint = guard.blueprint("seller_posts", "posts", "What I write in my shop")

NOT_ACTIVE = "employee_not_active"
NO_POST = {403: NOT_ACTIVE, 404: "no_shop, no_post"}
TAKEN_DOWN = "post_taken_down"


@blueprint.route("")
@described.errors(blueprint, {404: "no_shop", 422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, PostPage)
def read_posts(query: dict[str, Any]) -> Any:
    """List my posts, the latest first; those I took down are among them."""
    me, limit = guard.employee_id(), query["limit"]
    found = posts.posts_of(me, key_of(query.get("after")), limit + 1)
    on_show = posts.on_show(me)
    return page(found, limit, lambda post: post.id, lambda post: show_post(post, on_show))


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: NOT_ACTIVE,
        404: "no_shop",
        409: "too_many_posts, too_many_posts_today, product_not_listed",
        422: "wrong_products, invalid_fields",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewPost)
@blueprint.response(201, PostSchema)
def publish_post(given: dict[str, Any]) -> Any:
    """Put a post into my shop, with products of my shop. Customers see it at once."""
    return _shown(posts.publish(guard.employee_id(), now=clock.now(), **given))


@blueprint.route("/<post_id>")
@described.errors(blueprint, {404: "no_shop, no_post"})
@blueprint.response(200, PostSchema)
def read_post(post_id: str) -> Any:
    """Look at one of my posts."""
    return _shown(posts.own_post(guard.employee_id(), post_id))


@blueprint.route("/<post_id>", methods=["PATCH"])
@described.errors(
    blueprint,
    {
        **NO_POST,
        409: f"{TAKEN_DOWN}, product_not_listed",
        412: "version_changed",
        422: "wrong_products, invalid_fields",
        428: "if_match_missing",
    },
)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(PostChange)
@blueprint.response(200, PostSchema)
def edit_post(given: dict[str, Any], post_id: str) -> Any:
    """Change a post of mine. What it names already it may go on naming."""
    return _shown(posts.edit(guard.employee_id(), post_id, expected_version(), **given))


@blueprint.route("/<post_id>/picture", methods=["PUT"])
@described.errors(blueprint, {**NO_POST, 409: TAKEN_DOWN})
@takes_picture(blueprint)
@blueprint.response(200, PostSchema)
def hang_picture(post_id: str) -> Any:
    """Show this picture above a post of mine: a JPEG, PNG or WebP as the request's body."""
    me = guard.employee_id()
    posts.own_post(me, post_id)  # Who has no such post need not have a picture decoded.
    return _shown(posts.hang_picture(me, post_id, kept_picture()))


@blueprint.route("/<post_id>/picture", methods=["DELETE"])
@described.errors(blueprint, {**NO_POST, 409: TAKEN_DOWN})
@blueprint.response(200, PostSchema)
def take_picture_down(post_id: str) -> Any:
    """Show no picture above a post of mine."""
    return _shown(posts.hang_picture(guard.employee_id(), post_id, None))


@blueprint.route("/<post_id>/take-down", methods=["POST"])
@described.errors(blueprint, NO_POST)
@blueprint.response(200, PostSchema)
def take_down(post_id: str) -> Any:
    """Show a post to nobody any more, for good; links to it then lead to my shop."""
    return _shown(posts.take_down(guard.employee_id(), post_id))


def _shown(post: Post) -> tuple[dict[str, Any], dict[str, str]]:
    return show_post(post, posts.on_show(guard.employee_id())), etag(post.version)
