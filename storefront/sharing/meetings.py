"""Touches other than by an address that was followed: in a shop, by a code that is told.

None of this is where crowds pass.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.catalog.models import Product
from storefront.core.database import db, transaction
from storefront.sharing.models import Channel, ShareLink, Touch, TouchKind, Uncounted
from storefront.sharing.touches import SAME_VISIT, why_nowhere
from storefront.shops.forwarding import is_open
from storefront.shops.models import Shop
from storefront.staff.models import Employee, OwnVisitor

_touches = cast(sa.Table, Touch.__table__)


def chose_in_shop(handle: str, product_id: str, visitor_id: str, at: datetime) -> None:
    """Somebody put a product (public id) into the cart in an open shop: evidence for its keeper.

    Whoever met the keeper just before is still on the same visit: kept, and not counted again.
    Nothing happens for a shop that is not open.
    """
    with transaction() as session:
        keeper = session.scalar(
            sa.select(Shop.employee_id)
            .join(Employee, Employee.id == Shop.employee_id)
            .where(Shop.handle == handle, is_open(Shop, Employee))
        )
        if keeper is None:
            return
        product = session.scalar(sa.select(Product.id).where(Product.public_id == product_id))
        session.execute(
            sa.insert(_touches),
            {
                "kind": TouchKind.SHOP_VISIT,
                "link_id": None,
                "channel": Channel.OTHER,
                "product_id": product,
                "employee_id": keeper,
                "visitor_id": visitor_id,
                "at": at,
                "uncounted": _why_not(keeper, visitor_id, at),
                "landing": f"/s/{handle}/p/{product_id}",
                "user_agent": "",
                "referrer": "",
            },
        )


def told_code(code: str, kind: TouchKind, visitor_id: str, at: datetime) -> str:
    """An employee's code was given by a customer, or read at a till; the shop's title.

    Told again for the same moment it is kept once. Raises NotFound `link_unknown`; Gone
    `link_revoked`, `shop_closed`.
    """
    with transaction() as session:
        link = session.execute(
            sa.select(
                ShareLink.id,
                ShareLink.channel,
                ShareLink.product_id,
                ShareLink.employee_id,
                Shop.title,
                Shop.handle,
            )
            .join(Shop, Shop.id == ShareLink.shop_id)
            .join(Employee, Employee.id == ShareLink.employee_id)
            .where(ShareLink.code == code, ShareLink.revoked_at.is_(None), is_open(Shop, Employee))
        ).one_or_none()
        if link is None:
            raise why_nowhere(code)
        if _is_told(link.id, kind, visitor_id, at):
            return link.title
        own = _is_own(link.employee_id, visitor_id)
        session.execute(
            sa.insert(_touches),
            {
                "kind": kind,
                "link_id": link.id,
                "channel": link.channel,
                "product_id": link.product_id,
                "employee_id": link.employee_id,
                "visitor_id": visitor_id,
                "at": at,
                "uncounted": Uncounted.OWN_VISIT if own else Uncounted.NO,
                "landing": f"/s/{link.handle}",
                "user_agent": "",
                "referrer": "",
            },
        )
        return link.title


def _is_told(link_id: int, kind: TouchKind, visitor_id: str, at: datetime) -> bool:
    told = sa.select(_touches.c.id).where(
        _touches.c.visitor_id == visitor_id,
        _touches.c.at == at,
        _touches.c.link_id == link_id,
        _touches.c.kind == kind,
    )
    return db.session.execute(told.limit(1)).one_or_none() is not None


def _why_not(employee_id: int, visitor_id: str, at: datetime) -> Uncounted:
    if _is_own(employee_id, visitor_id):
        return Uncounted.OWN_VISIT
    latest = db.session.execute(
        sa.select(_touches.c.employee_id)
        .where(
            _touches.c.visitor_id == visitor_id,
            _touches.c.at > at - SAME_VISIT,
            _touches.c.at <= at,
            _touches.c.uncounted.in_((Uncounted.NO, Uncounted.DUPLICATE)),
        )
        .order_by(_touches.c.at.desc(), _touches.c.id.desc())
        .limit(1)
    ).one_or_none()
    same = latest is not None and latest.employee_id == employee_id
    return Uncounted.DUPLICATE if same else Uncounted.NO


def _is_own(employee_id: int, visitor_id: str) -> bool:
    own = sa.select(OwnVisitor.visitor_id).where(
        OwnVisitor.visitor_id == visitor_id, OwnVisitor.employee_id == employee_id
    )
    return db.session.execute(own).one_or_none() is not None
