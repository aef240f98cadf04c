"""Regions and stores."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, NotFound
from storefront.core.ids import public_id
from storefront.staff.models import Region, Store


def open_region(code: str, name_zh: str, name_en: str) -> Region:
    """Add a region. Raises Conflict `code_taken`."""
    with transaction() as session:
        if session.scalar(sa.select(Region.id).where(Region.code == code)):
            raise Conflict("code_taken", "Another region has this code.")
        region = Region(code=code, name_zh=name_zh, name_en=name_en)
        session.add(region)
        session.flush()
        return region


def open_store(code: str, name_zh: str, name_en: str, region_id: int) -> Store:
    """Add a store to a region. Raises Conflict `code_taken`."""
    with transaction() as session:
        if session.scalar(sa.select(Store.id).where(Store.code == code)):
            raise Conflict("code_taken", "Another store has this code.")
        store = Store(
            public_id=public_id("sto"),
            code=code,
            name_zh=name_zh,
            name_en=name_en,
            region_id=region_id,
        )
        session.add(store)
        session.flush()
        return store


def regions() -> Sequence[Region]:
    """Every region, by its code."""
    return db.session.scalars(sa.select(Region).order_by(Region.code)).all()


def find_region(code: str) -> Region:
    """The region with this code. Raises NotFound `region_not_found`."""
    region = db.session.scalar(sa.select(Region).where(Region.code == code))
    if region is None:
        raise NotFound("region_not_found", "There is no such region.")
    return region


def stores(after_id: int, limit: int) -> Sequence[Store]:
    """Up to `limit` stores behind `after_id`, in the order they were added, with their regions."""
    return db.session.scalars(
        sa.select(Store)
        .options(joinedload(Store.region))
        .where(Store.id > after_id)
        .order_by(Store.id)
        .limit(limit)
    ).all()


def find_store(public_id: str) -> Store:
    """One store, by its public id. Raises NotFound `store_not_found`."""
    store = db.session.scalar(sa.select(Store).where(Store.public_id == public_id))
    if store is None:
        raise NotFound("store_not_found", "There is no such store.")
    return store


def find_store_by_code(code: str) -> Store:
    """One store, by the code that the chain knows it by. Raises NotFound `store_not_found`."""
    store = db.session.scalar(sa.select(Store).where(Store.code == code))
    if store is None:
        raise NotFound("store_not_found", "There is no such store.")
    return store
