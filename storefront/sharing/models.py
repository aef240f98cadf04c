"""Share links and touches."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.catalog.models import Product
from storefront.core.database import Base, Id
from storefront.shops.models import Post, Shop
from storefront.staff.models import Employee


class Channel(StrEnum):
    """Where a link is meant to be shared."""

    WECHAT = "wechat"
    MOMENTS = "moments"
    WECOM = "wecom"
    WEIBO = "weibo"
    QQ = "qq"
    WHATSAPP = "whatsapp"
    POSTER = "poster"
    OTHER = "other"


class Campaign(Base):
    """Something that headquarters has shared for a while. A link may be made for it: then whoever
    follows it while the campaign lasts has come through it.
    """

    __tablename__ = "campaigns"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    """What files call it."""
    name_zh: Mapped[str]
    name_en: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """It lasts until just before here."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    __table_args__ = (sa.CheckConstraint("starts_at < ends_at", name="ends_after_start"),)


class ShareLink(Base):
    """An address with an unguessable code that leads to a shop, or to a product or post in it."""

    __tablename__ = "share_links"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), index=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey(Shop.id))
    product_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Product.id))
    post_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Post.id))
    """Set for no link that has a product."""
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Campaign.id))
    """Set once, when the link is made."""
    channel: Mapped[Channel]
    label: Mapped[str] = mapped_column(default="")
    """The employee's own note of what this link is for."""
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    shop: Mapped[Shop] = relationship()
    product: Mapped[Product | None] = relationship()
    post: Mapped[Post | None] = relationship()
    campaign: Mapped[Campaign | None] = relationship()


class TouchKind(StrEnum):
    """How a visitor met an employee."""

    LINK = "link"
    QR = "qr"
    """The link's code read off a poster or a screen."""
    SHOP_VISIT = "shop_visit"
    """They put goods into the cart in the employee's shop, by whatever way they came there."""
    RESHARE = "reshare"
    """They came by the address of a page that another visitor passed on."""
    COUPON = "coupon"
    """They gave the employee's code while ordering."""
    TILL_SCAN = "till_scan"
    """The employee's code was read at a till."""


class Uncounted(StrEnum):
    """Why a touch is kept but does not count; `no` means that it counts."""

    NO = "no"
    HEAD = "head"
    CRAWLER = "crawler"
    PREFETCH = "prefetch"
    OWN_VISIT = "own_visit"
    DUPLICATE = "duplicate"
    """The visitor's touch just before was the same one, a short while ago."""


class Touch(Base):
    """One meeting of a visitor with an employee. Append-only, raw."""

    __tablename__ = "touches"
    id: Mapped[Id]
    kind: Mapped[TouchKind]
    link_id: Mapped[int | None] = mapped_column(sa.ForeignKey(ShareLink.id))
    """None where there was no link: a visit to the shop, or a touch told by a file."""
    channel: Mapped[Channel]
    """The link's; kept here too, as not every touch has one."""
    product_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Product.id))
    """The product that it was about; None for a whole shop."""
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id))
    visitor_id: Mapped[str]
    """Empty for a crawler, which keeps no cookie."""
    at: Mapped[datetime]
    uncounted: Mapped[Uncounted]
    landing: Mapped[str]
    """The path that the visitor was sent to."""
    user_agent: Mapped[str]
    referrer: Mapped[str]
    __table_args__ = (
        sa.Index("ix_touches_visitor_id_at", "visitor_id", "at"),
        sa.Index("ix_touches_link_id_at", "link_id", "at"),
    )


class ToldTouch(Base):
    """A touch that a file told of, so that telling it again changes nothing.

    Beside the touches and not on them: a link hit must not pay for it.
    """

    __tablename__ = "told_touches"
    key: Mapped[str] = mapped_column(primary_key=True)
    """The other system's id, or what the row said and how many rows before said the same."""
    digest: Mapped[str]
    """Of what was said."""
