"""Brands: whose name is on the goods."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from storefront.catalog import rules
from storefront.catalog.changes import checked, flush_new, locked_version, not_found
from storefront.catalog.models import Brand, Product
from storefront.catalog.stock import show_anew
from storefront.core.database import db, transaction
from storefront.core.ids import public_id


def create(code: str, name_zh: str, name_en: str) -> Brand:
    """Enter a brand. Raises Conflict `code_taken`, Invalid `wrong_…`."""
    with transaction() as session:
        brand = Brand(
            public_id=public_id("brd"),
            code=checked("code", rules.code, code),
            name_zh=checked("name_zh", rules.name, name_zh),
            name_en=checked("name_en", rules.name, name_en),
        )
        session.add(brand)
        flush_new()
        return brand


def rename(
    brand_id: str, version: int, *, name_zh: str | None = None, name_en: str | None = None
) -> Brand:
    """Change names (None: as it was); `brand_id` is public. Raises Stale, NotFound."""
    with transaction() as session:
        brand = locked_version(Brand, brand_id, version)
        if name_zh is not None:
            brand.name_zh = checked("name_zh", rules.name, name_zh)
        if name_en is not None:
            brand.name_en = checked("name_en", rules.name, name_en)
        brand.version += 1
        session.flush()
        show_anew(session.scalars(sa.select(Product.id).where(Product.brand_id == brand.id)))
        return brand


def find(brand_id: str) -> Brand:
    """The brand with this public id. Raises NotFound `brand_not_found`."""
    brand = db.session.scalars(sa.select(Brand).where(Brand.public_id == brand_id)).one_or_none()
    if brand is None:
        raise not_found("brand")
    return brand


def listed() -> Sequence[Brand]:
    """Every brand by its English name."""
    return db.session.scalars(sa.select(Brand).order_by(Brand.name_en, Brand.id)).all()
