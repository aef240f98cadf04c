"""An employee's shop, what it lists under which headings, and what its keeper writes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.catalog.models import Product
from storefront.core.database import Base, Id
from storefront.core.pictures import Picture
from storefront.staff.models import Employee


class ShopState(StrEnum):
    """Whether customers may come in."""

    OPEN = "open"
    CLOSED = "closed"


class Shop(Base):
    """An employee's micro-shop."""

    __tablename__ = "shops"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), unique=True)
    handle: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    words: Mapped[str] = mapped_column(sa.Text(), default="")
    picture_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Picture.id))
    colour: Mapped[str] = mapped_column(default="")
    """The keeper's own, like `#2c6249`; empty for the chain's."""
    state: Mapped[ShopState] = mapped_column(default=ShopState.OPEN)
    forward_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    """Who looks after its customers while its keeper is away, or for good: it leads to theirs."""
    version: Mapped[int] = mapped_column(default=1)
    """Goes up with every change that its pages show, listings included."""
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    employee: Mapped[Employee] = relationship(foreign_keys=employee_id)
    picture: Mapped[Picture | None] = relationship()
    listings: Mapped[list[Listing]] = relationship(
        back_populates="shop", order_by="Listing.pinned.desc(), Listing.position, Listing.id"
    )


class Section(Base):
    """A heading in a shop, with the listings that its keeper puts under it."""

    __tablename__ = "sections"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey(Shop.id))
    title: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    __table_args__ = (sa.UniqueConstraint("shop_id", "title"),)


class Listing(Base):
    """A product picked for a shop, with the employee's own caption."""

    __tablename__ = "listings"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey(Shop.id))
    product_id: Mapped[int] = mapped_column(sa.ForeignKey(Product.id), index=True)
    section_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Section.id), index=True)
    """The heading that it stands under; None for the rest."""
    caption: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    pinned: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    __table_args__ = (sa.UniqueConstraint("shop_id", "product_id"),)

    shop: Mapped[Shop] = relationship(back_populates="listings")
    product: Mapped[Product] = relationship()
    section: Mapped[Section | None] = relationship()


class PostState(StrEnum):
    """Whether customers may read it."""

    PUBLISHED = "published"
    TAKEN_DOWN = "taken_down"


class Post(Base):
    """A piece that the keeper wrote, with products of the shop."""

    __tablename__ = "posts"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey(Shop.id))
    title: Mapped[str]
    words: Mapped[str] = mapped_column(sa.Text())
    """Plain text with line breaks."""
    picture_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Picture.id))
    state: Mapped[PostState] = mapped_column(default=PostState.PUBLISHED)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    __table_args__ = (sa.Index("ix_posts_shop_id_id", "shop_id", "id"),)

    shop: Mapped[Shop] = relationship()
    picture: Mapped[Picture | None] = relationship()
    named: Mapped[list[PostProduct]] = relationship(order_by="PostProduct.position", viewonly=True)


class PostProduct(Base):
    """A product that a post names. It is shown as long as the shop lists it and it is on sale."""

    __tablename__ = "post_products"
    post_id: Mapped[int] = mapped_column(sa.ForeignKey(Post.id), primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey(Product.id), primary_key=True)
    position: Mapped[int]

    product: Mapped[Product] = relationship()
