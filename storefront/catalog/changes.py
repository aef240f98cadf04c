"""What every edit of the catalogue has in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from storefront.catalog.models import Brand, Category, Product
from storefront.core.database import db
from storefront.core.errors import Conflict, Invalid, NotFound, Stale

Noun = TypeVar("Noun", Brand, Category, Product)


def locked(kind: type[Noun], public_id: str) -> Noun:
    """The row as it is now, kept from changing until the transaction ends. Raises NotFound."""
    row = db.session.scalars(
        sa.select(kind)
        .where(kind.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise not_found(kind.__name__.lower())
    return row


def locked_version(kind: type[Noun], public_id: str, version: int) -> Noun:
    """`locked`, if it is still the version that the editor saw. Raises NotFound, Stale."""
    row = locked(kind, public_id)
    if row.version != version:
        raise Stale
    return row


def not_found(noun: str) -> NotFound:
    """What to raise for a brand, category, product or variant that is not there."""
    return NotFound(f"{noun}_not_found", f"There is no such {noun}.")


def unknown(noun: str) -> Invalid:
    """What to raise when something that is not there is referred to."""
    return Invalid(f"unknown_{noun}", f"There is no such {noun}.")


def checked(field: str, rule: Callable[[str], str], text: str) -> str:
    """`text` as the rule wants it. Raises Invalid `wrong_<field>`."""
    try:
        return rule(text)
    except ValueError as error:
        raise Invalid(f"wrong_{field}", f"{field}: {error}") from error


def flush_new() -> None:
    """Write new rows. Raises Conflict `code_taken` if another has one of their codes."""
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("code_taken", "This code is taken already.") from error
