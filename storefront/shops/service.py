"""An employee opens a shop, says what it is, closes it and opens it again.

Every shop is found by its owner: nobody can name another's. Whatever its pages show changes its
version, in the same transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.core.database import changed_rows, db, insert_for, transaction
from storefront.core.errors import Conflict, DomainError, Forbidden, NotFound, Stale
from storefront.core.ids import public_id
from storefront.core.pictures import Picture
from storefront.shops.models import Shop, ShopState
from storefront.shops.rules import check_colour, check_handle
from storefront.staff.models import Employee, EmploymentState

_shops = cast(sa.Table, Shop.__table__)


def own_shop(employee_id: int) -> Shop:
    """The employee's shop. Raises NotFound `no_shop`."""
    shop = db.session.scalars(
        sa.select(Shop)
        .where(Shop.employee_id == employee_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if shop is None:
        raise NotFound("no_shop", "You have not opened a shop yet.")
    return shop


def is_open(shop: Shop) -> bool:
    """Whether the owner may send customers in: the shop is open, and they are at work."""
    return shop.state == ShopState.OPEN and shop.employee.state == EmploymentState.ACTIVE


def open_shop(
    employee_id: int,
    *,
    handle: str,
    title: str,
    words: str = "",
    picture: Picture | None = None,
    now: datetime,
) -> Shop:
    """Open an employee's one shop under a handle that stays.

    Raises Forbidden `employee_not_active`; Invalid `wrong_handle`, `reserved_handle`; Conflict
    `shop_exists`, `handle_taken`.
    """
    check_handle(handle)
    with transaction() as session:
        _require_active(employee_id)
        opened = session.execute(
            insert_for(_shops).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
            {
                "public_id": public_id("shp"),
                "employee_id": employee_id,
                "handle": handle,
                "title": title,
                "words": words,
                "picture_id": picture.id if picture else None,
                "colour": "",
                "state": ShopState.OPEN,
                "version": 1,
                "opened_at": now,
            },
        )
        if not changed_rows(opened):
            raise _why_not_opened(employee_id)
        return own_shop(employee_id)


def edit(
    employee_id: int,
    version: int,
    *,
    title: str | None = None,
    words: str | None = None,
    colour: str | None = None,
) -> Shop:
    """Change what the shop says of itself, if `version` is still its version; None leaves as is.

    Raises NotFound `no_shop`, Forbidden `employee_not_active`, Stale; Invalid `wrong_colour`,
    `colour_too_pale`.
    """
    check_colour(colour or "")
    said = {"title": title, "words": words, "colour": colour}
    with transaction():
        return change(
            employee_id,
            version=version,
            **{field: value for field, value in said.items() if value is not None},
        )


def hang_picture(employee_id: int, picture: Picture | None) -> Shop:
    """Show this picture on the shop, or none."""
    with transaction():
        return change(employee_id, picture_id=picture.id if picture else None)


def close(employee_id: int, now: datetime) -> Shop:
    """Let no more customers in. Closing a closed shop changes nothing."""
    with transaction():
        shop = own_shop(employee_id)
        if shop.state == ShopState.CLOSED:
            return shop
        return change(employee_id, state=ShopState.CLOSED, closed_at=now)


def reopen(employee_id: int) -> Shop:
    """Let customers in again. Reopening an open shop changes nothing."""
    with transaction():
        shop = own_shop(employee_id)
        if shop.state == ShopState.OPEN:
            return shop
        return change(employee_id, state=ShopState.OPEN, closed_at=None)


def forward(employee_id: int, to_employee_id: int | None, was: int | None) -> bool:
    """Lead the shop's customers to somebody else while its keeper is away; None: to nobody.

    Joins the caller's transaction. False if there is no shop, or it leads elsewhere than to `was`.
    """
    led = db.session.execute(
        sa.update(_shops)
        .where(
            _shops.c.employee_id == employee_id,
            _shops.c.forward_to_id.is_not_distinct_from(was),
        )
        .values(forward_to_id=to_employee_id, version=_shops.c.version + 1)
    )
    return changed_rows(led) == 1


def change(employee_id: int, *, version: int | None = None, **values: Any) -> Shop:
    """Set columns of the shop and raise its version; until the commit nobody else changes it.

    Raises NotFound `no_shop`, Forbidden `employee_not_active`, and Stale if `version` is given and
    no longer the shop's.
    """
    asked = Shop.version == version if version is not None else sa.true()
    shop = db.session.scalars(
        sa.update(Shop)
        .where(Shop.employee_id == employee_id, asked, _is_active(employee_id))
        .values(version=Shop.version + 1, **values)
        .returning(Shop)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).one_or_none()
    if shop is None:
        _require_active(employee_id)
        own_shop(employee_id)
        raise Stale
    return shop


def _is_active(employee_id: int) -> sa.ColumnElement[bool]:
    return sa.exists().where(Employee.id == employee_id, Employee.state == EmploymentState.ACTIVE)


def _require_active(employee_id: int) -> None:
    if not db.session.scalar(sa.select(_is_active(employee_id))):
        raise Forbidden("employee_not_active", "Only those who work for the chain have a shop.")


def _why_not_opened(employee_id: int) -> DomainError:
    mine = sa.select(Shop.id).where(Shop.employee_id == employee_id)
    if db.session.scalar(mine) is not None:
        return Conflict("shop_exists", "You have a shop already.")
    return Conflict("handle_taken", "Somebody else's shop has this handle.")
