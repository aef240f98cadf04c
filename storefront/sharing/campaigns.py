"""Campaigns: headquarters names something to share for a while, and sellers make links for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from storefront.catalog import rules
from storefront.catalog.changes import checked, flush_new
from storefront.core.actor import Actor
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, Invalid, NotFound
from storefront.core.ids import public_id
from storefront.sharing.models import Campaign


def create(
    code: str,
    names: tuple[str, str],
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
    now: datetime,
) -> Campaign:
    """Announce a campaign that lasts from `starts_at` until just before `ends_at`.

    `names` are the Chinese and the English one. Raises Invalid `wrong_code`, `wrong_name_zh`,
    `wrong_name_en`, `wrong_dates`; Conflict `code_taken`.
    """
    if ends_at <= starts_at:
        message = "A campaign ends after it has started."
        raise Invalid("wrong_dates", message, errors={"json": {"ends_at": [message]}})
    with transaction() as session:
        campaign = Campaign(
            public_id=public_id("cmp"),
            code=checked("code", rules.code, code),
            name_zh=checked("name_zh", rules.name, names[0]),
            name_en=checked("name_en", rules.name, names[1]),
            starts_at=starts_at,
            ends_at=ends_at,
            created_at=now,
            created_by_id=actor.employee_id,
        )
        session.add(campaign)
        flush_new()
        return campaign


def listed() -> Sequence[Campaign]:
    """Every campaign, the one that starts last first."""
    return db.session.scalars(
        sa.select(Campaign).order_by(Campaign.starts_at.desc(), Campaign.id.desc())
    ).all()


def to_share(at: datetime) -> Sequence[Campaign]:
    """Those that links may be made for: not over at `at`. The one that ends first comes first."""
    return db.session.scalars(
        sa.select(Campaign).where(Campaign.ends_at > at).order_by(Campaign.ends_at, Campaign.id)
    ).all()


def find_to_share(campaign_id: str, at: datetime) -> Campaign:
    """One of them, by its public id. Raises NotFound `no_campaign`, Conflict `campaign_over`."""
    campaign = db.session.scalars(
        sa.select(Campaign).where(Campaign.public_id == campaign_id)
    ).one_or_none()
    if campaign is None:
        raise NotFound("no_campaign", "There is no such campaign.")
    if campaign.ends_at <= at:
        raise Conflict("campaign_over", "This campaign is over: make a link without it.")
    return campaign
