"""Campaigns: what sellers may share for a while, so that plans can pay for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import fields

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.catalog_schemas import code
from storefront.api.idempotency import idempotent
from storefront.api.schemas import Schema, Time, list_of, text
from storefront.catalog.rules import LONGEST_NAME
from storefront.core import clock
from storefront.sharing import campaigns
from storefront.sharing.models import Campaign
from storefront.staff.models import Role

blueprint = guard.blueprint(
    "hq_campaigns", "campaigns", "What sellers share for a while, and plans may pay for"
)

MAKERS = (Role.HQ_OPERATIONS, Role.HQ_ADMIN)


class NewCampaign(Schema):
    """A campaign to announce. It lasts until just before its end, and is never changed."""

    code = code(required=True, metadata={"example": "MOON-FESTIVAL", "description": "For files"})
    name_zh = text(LONGEST_NAME, required=True, metadata={"example": "中秋好礼"})
    name_en = text(LONGEST_NAME, required=True, metadata={"example": "Moon festival"})
    starts_at = Time(required=True)
    ends_at = Time(required=True)


class CampaignSchema(NewCampaign):
    """A campaign."""

    id = fields.String(attribute="public_id", metadata={"example": "cmp_7kqdx2fm9rtv4hjp"})
    created_at = Time()


class CampaignList(Schema):
    """All campaigns, the one that starts last first."""

    items = list_of(CampaignSchema)


@blueprint.route("")
@blueprint.response(200, CampaignList)
def list_campaigns() -> dict[str, Sequence[Campaign]]:
    """List all campaigns, the one that starts last first."""
    return {"items": campaigns.listed()}


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {409: "code_taken", 422: "wrong_dates, invalid_fields, idempotency_key_reused"},
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewCampaign)
@blueprint.response(201, CampaignSchema)
def create_campaign(given: dict[str, Any]) -> Campaign:
    """Announce a campaign: sellers make links for it, and what comes through them says so."""
    guard.require_role(*MAKERS)
    names = (given["name_zh"], given["name_en"])
    return campaigns.create(
        given["code"], names, given["starts_at"], given["ends_at"], guard.actor(), clock.now()
    )
