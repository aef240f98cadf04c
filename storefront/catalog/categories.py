"""The tree in which goods are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from storefront.catalog import rules
from storefront.catalog.changes import checked, flush_new, locked_version, unknown
from storefront.catalog.models import Category, Product
from storefront.catalog.stock import show_anew
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict
from storefront.core.ids import public_id

TOP = ""
"""Said as a parent: none, it stands at the top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChanges:
    """What is to be different; None leaves it alone."""

    name_zh: str | None = None
    name_en: str | None = None
    position: int | None = None
    """Among its sisters, smallest first."""
    parent: str | None = None
    """The new parent's public id, or `TOP`."""


def create(
    code: str, name_zh: str, name_en: str, *, parent: str = TOP, position: int = 0
) -> Category:
    """Enter a category under `parent` (public id). Raises Conflict, Invalid."""
    with transaction() as session:
        category = Category(
            public_id=public_id("cat"),
            code=checked("code", rules.code, code),
            name_zh=checked("name_zh", rules.name, name_zh),
            name_en=checked("name_en", rules.name, name_en),
            parent_id=_id_of(parent),
            position=position,
        )
        session.add(category)
        flush_new()
        _refuse_circles()
        return category


def edit(category_id: str, version: int, changes: CategoryChanges) -> Category:
    """Rename or move a category. Raises Stale, Conflict `wrong_parent`."""
    with transaction() as session:
        _lock_tree()
        category = locked_version(Category, category_id, version)
        if changes.name_zh is not None:
            category.name_zh = checked("name_zh", rules.name, changes.name_zh)
        if changes.name_en is not None:
            category.name_en = checked("name_en", rules.name, changes.name_en)
        if changes.position is not None:
            category.position = changes.position
        if changes.parent is not None:
            category.parent_id = _id_of(changes.parent)
        category.version += 1
        session.flush()
        _refuse_circles()
        mine = sa.select(Product.id).where(Product.category_id == category.id)
        show_anew(session.scalars(mine))
        return category


def listed() -> Sequence[Category]:
    """Every category, sisters in their order. Parents are not always before their children."""
    return db.session.scalars(sa.select(Category).order_by(Category.position, Category.id)).all()


def _refuse_circles() -> None:
    parents = _lock_tree()
    try:
        for category_id in parents:
            rules.depth(category_id, parents)
    except ValueError as error:
        raise Conflict("wrong_parent", str(error)) from error


def _lock_tree() -> dict[int, int | None]:
    """Parent by category. Two moves at once could make a circle that neither sees: so one waits."""
    rows = db.session.execute(
        sa.select(Category.id, Category.parent_id).order_by(Category.id).with_for_update()
    )
    return {row.id: row.parent_id for row in rows}


def _id_of(parent: str) -> int | None:
    if parent == TOP:
        return None
    found = db.session.scalar(sa.select(Category.id).where(Category.public_id == parent))
    if found is None:
        raise unknown("category")
    return found
