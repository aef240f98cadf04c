"""Brands, the category tree, products and variants, prices and stock."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.core.database import Amount, Base, Id
from storefront.core.pictures import Picture


class Brand(Base):
    """Whose name is on the goods."""

    __tablename__ = "brands"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)


class Category(Base):
    """A node of the tree in which goods are found."""

    __tablename__ = "categories"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("categories.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)


class ProductState(StrEnum):
    """Whether the chain sells it at the moment."""

    ACTIVE = "active"
    HIDDEN = "hidden"


class Product(Base):
    """Something the chain sells, in one or more variants."""

    __tablename__ = "products"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    brand_id: Mapped[int] = mapped_column(sa.ForeignKey(Brand.id), index=True)
    category_id: Mapped[int] = mapped_column(sa.ForeignKey(Category.id), index=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    words_zh: Mapped[str] = mapped_column(sa.Text(), default="")
    words_en: Mapped[str] = mapped_column(sa.Text(), default="")
    picture_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Picture.id))
    state: Mapped[ProductState] = mapped_column(default=ProductState.ACTIVE)
    version: Mapped[int] = mapped_column(default=1)
    """Goes up with every change that a page shows: words, prices, variants, stock or none."""
    created_at: Mapped[datetime]

    brand: Mapped[Brand] = relationship()
    category: Mapped[Category] = relationship()
    picture: Mapped[Picture | None] = relationship()
    variants: Mapped[list[Variant]] = relationship(
        back_populates="product", order_by="Variant.position, Variant.id"
    )


class Variant(Base):
    """One size, colour or filling of a product: what is priced, stocked and bought."""

    __tablename__ = "variants"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey(Product.id), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    option_zh: Mapped[str] = mapped_column(default="")
    option_en: Mapped[str] = mapped_column(default="")
    price: Mapped[Amount]
    picture_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Picture.id))
    state: Mapped[ProductState] = mapped_column(default=ProductState.ACTIVE)
    stock_tracked: Mapped[bool] = mapped_column(default=True)
    """False: there is always enough of it (made to order, a voucher, a warehouse we cannot see)."""
    position: Mapped[int] = mapped_column(default=0)
    __table_args__ = (sa.CheckConstraint("price > 0", name="price_positive"),)

    product: Mapped[Product] = relationship(back_populates="variants")
    picture: Mapped[Picture | None] = relationship()


class PriceChange(Base):
    """What a variant cost from when on; the first row is its first price."""

    __tablename__ = "price_changes"
    id: Mapped[Id]
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey(Variant.id), index=True)
    old_price: Mapped[int | None] = mapped_column(sa.BigInteger())
    new_price: Mapped[Amount]
    at: Mapped[datetime]
    by_employee_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    reason: Mapped[str]


class Location(Base):
    """Where stock lies: a warehouse, a store's shelf. Goods go out in the order of `priority`."""

    __tablename__ = "locations"
    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    priority: Mapped[int] = mapped_column(default=0)
    is_pick_up: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whether customers may collect their orders here; then it has an address."""
    address_zh: Mapped[str] = mapped_column(default="", server_default="")
    address_en: Mapped[str] = mapped_column(default="", server_default="")
    opening_zh: Mapped[str] = mapped_column(default="", server_default="")
    """When customers find somebody there, in words."""
    opening_en: Mapped[str] = mapped_column(default="", server_default="")


class StockLevel(Base):
    """How many of a variant lie at a location, and how many of these are promised to an order."""

    __tablename__ = "stock_levels"
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey(Variant.id), primary_key=True)
    location_id: Mapped[int] = mapped_column(sa.ForeignKey(Location.id), primary_key=True)
    on_hand: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    __table_args__ = (
        sa.CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="reserved_within_on_hand"),
    )


class MovementKind(StrEnum):
    """Why stock changed."""

    COUNTED = "counted"
    DELIVERED = "delivered"
    SOLD = "sold"
    RETURNED = "returned"


class StockMovement(Base):
    """A change of `on_hand`, append-only; the sum of all is what is there."""

    __tablename__ = "stock_movements"
    id: Mapped[Id]
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey(Variant.id))
    location_id: Mapped[int] = mapped_column(sa.ForeignKey(Location.id))
    quantity: Mapped[int]
    kind: Mapped[MovementKind]
    cause: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
    by_employee_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    __table_args__ = (sa.Index("ix_stock_movements_variant_location", "variant_id", "location_id"),)
