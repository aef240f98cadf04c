"""The seller's API, under /api/v1/seller."""

from __future__ import annotations

from flask_smorest import Blueprint

from storefront.api.seller import (
    campaigns,
    customers,
    disputes,
    earnings,
    hand_overs,
    held,
    links,
    me,
    months,
    posts,
    prospects,
    sections,
    session,
    shop,
    statements,
)

BLUEPRINTS: list[Blueprint] = [
    session.blueprint,
    session.signed_in,
    me.blueprint,
    shop.blueprint,
    sections.blueprint,
    posts.blueprint,
    links.blueprint,
    campaigns.blueprint,
    customers.blueprint,
    earnings.blueprint,
    held.blueprint,
    months.blueprint,
    prospects.blueprint,
    disputes.blueprint,
    statements.blueprint,
    hand_overs.blueprint,
]
