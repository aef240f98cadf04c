"""Campaigns that I may share."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from storefront.api.schemas import Schema, Time, list_of
from storefront.api.seller import guard
from storefront.core import clock
from storefront.sharing import campaigns

blueprint = guard.blueprint("seller_campaigns", "campaigns", "What headquarters has us share")


class OpenCampaignSchema(Schema):
    """A campaign that links may be made for; it lasts until just before its end."""

    id = fields.String(metadata={"example": "cmp_7kq3mnpqrstvwxyz"})
    name = fields.Dict(metadata={"example": {"zh": "中秋好礼", "en": "Moon festival"}})
    starts_at = Time()
    ends_at = Time()


class OpenCampaignList(Schema):
    """Campaigns that are not over, the one that ends first first."""

    items = list_of(OpenCampaignSchema)


@blueprint.route("")
@blueprint.response(200, OpenCampaignList)
def read_campaigns() -> dict[str, Any]:
    """List the campaigns that I may make links for."""
    return {
        "items": [
            {
                "id": each.public_id,
                "name": {"zh": each.name_zh, "en": each.name_en},
                "starts_at": each.starts_at,
                "ends_at": each.ends_at,
            }
            for each in campaigns.to_share(clock.now())
        ]
    }
