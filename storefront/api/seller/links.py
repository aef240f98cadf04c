"""My share links, and how often they were followed."""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.api.schemas import PageQuery
from storefront.api.seller import guard
from storefront.api.seller.shop_schemas import LinkPage, LinkSchema, NewLink, show_link
from storefront.core import clock
from storefront.insights.visits import Visits, visits_of
from storefront.sharing import service
from storefront.sharing.models import ShareLink

blueprint = guard.blueprint("seller_links", "links", "My share links")


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, LinkPage)
def read_links(query: dict[str, Any]) -> Any:
    """List my links, the latest first, with their visits."""
    limit = query["limit"]
    links = service.links_of(guard.employee_id(), key_of(query.get("after")), limit + 1)
    visits = visits_of(link.id for link in links[:limit])
    return page(links, limit, lambda link: link.id, lambda link: show_link(link, visits[link.id]))


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "no_shop, no_campaign",
        409: "shop_closed, product_not_listed, post_not_published, campaign_over",
        422: "two_aims, invalid_fields",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewLink)
@blueprint.response(201, LinkSchema)
def create_link(given: dict[str, Any]) -> Any:
    """Make a link to my shop, or to a product or a post in it, for one channel.

    For a campaign, if I like.
    """
    link = service.create_link(
        guard.employee_id(),
        product_id=given["product"],
        post_id=given["post"],
        channel=given["channel"],
        label=given["label"],
        campaign_id=given["campaign"],
        now=clock.now(),
    )
    return show_link(link, Visits())


@blueprint.route("/<link_id>")
@described.errors(blueprint, {404: "no_link"})
@blueprint.response(200, LinkSchema)
def read_link(link_id: str) -> Any:
    """Look at one of my links."""
    return _with_visits(service.own_link(guard.employee_id(), link_id))


@blueprint.route("/<link_id>/revoke", methods=["POST"])
@described.errors(blueprint, {404: "no_link"})
@blueprint.response(200, LinkSchema)
def revoke_link(link_id: str) -> Any:
    """Take a link back for good: it leads nowhere any more. Its visits stay."""
    return _with_visits(service.revoke_link(guard.employee_id(), link_id, clock.now()))


def _with_visits(link: ShareLink) -> dict[str, Any]:
    return show_link(link, visits_of([link.id])[link.id])
