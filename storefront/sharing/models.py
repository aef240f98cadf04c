"""Share links and touches."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.catalog.models import Product
from storefront.core.database import Base, Id
from storefront.shops.models import Shop
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


class ShareLink(Base):
    """An address with an unguessable code that leads to a shop, or to a product in it."""

    __tablename__ = "share_links"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), index=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey(Shop.id))
    product_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Product.id))
    channel: Mapped[Channel]
    label: Mapped[str] = mapped_column(default="")
    """The employee's own note of what this link is for."""
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    shop: Mapped[Shop] = relationship()
    product: Mapped[Product | None] = relationship()


class TouchKind(StrEnum):
    """How a visitor met an employee."""

    LINK = "link"


class Uncounted(StrEnum):
    """Why a touch is kept but does not count; `no` means that it counts."""

    NO = "no"
    HEAD = "head"
    CRAWLER = "crawler"
    PREFETCH = "prefetch"
    OWN_VISIT = "own_visit"


class Touch(Base):
    """One meeting of a visitor with an employee. Append-only, raw."""

    __tablename__ = "touches"
    id: Mapped[Id]
    kind: Mapped[TouchKind]
    link_id: Mapped[int] = mapped_column(sa.ForeignKey(ShareLink.id))
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
