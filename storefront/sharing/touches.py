"""Touches: stored as they happen, read back as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, aliased

from storefront.catalog.models import Product, ProductState
from storefront.core.database import db
from storefront.core.errors import Gone, NotFound
from storefront.core.hot import HotStatement
from storefront.sharing.models import Campaign, Channel, ShareLink, Touch, TouchKind, Uncounted
from storefront.shops.forwarding import is_forwarding, is_open
from storefront.shops.models import Listing, Post, PostState, Shop
from storefront.staff.models import Employee, OwnVisitor

LONGEST_CODE = 40
LONGEST_USER_AGENT = 300
LONGEST_REFERRER = 200


def _given(column: InstrumentedAttribute[Any]) -> sa.BindParameter[Any]:
    return sa.bindparam(column.key, type_=column.type)


_own_visit = sa.exists().where(
    OwnVisitor.visitor_id == _given(Touch.visitor_id),
    OwnVisitor.employee_id == ShareLink.employee_id,
)

SAME_VISIT = timedelta(minutes=30)
"""Who follows the link they came by within so long, and met nobody else, came once."""

_before = aliased(Touch)
_visitors_last_link = (
    sa.select(sa.case((_before.kind == _given(Touch.kind), _before.link_id)))
    .where(
        _before.visitor_id == _given(Touch.visitor_id),
        _before.at > sa.bindparam("same_visit_since", type_=Touch.at.type),
        (_before.uncounted == Uncounted.NO) | (_before.uncounted == Uncounted.DUPLICATE),
    )
    .order_by(_before.at.desc(), _before.id.desc())
    .limit(1)
    .scalar_subquery()
)

_heir, _heirs_shop = aliased(Employee), aliased(Shop)
_heirs_listing, _heirs_product = aliased(Listing), aliased(Product)
# Asked of the database for a link of somebody who is away, and for no other.
_at_the_heirs = (
    sa.select("/s/" + _heirs_shop.handle + sa.func.coalesce("/p/" + _heirs_product.public_id, ""))
    .join(_heir, _heir.id == _heirs_shop.employee_id)
    .outerjoin(
        _heirs_listing,
        (_heirs_listing.shop_id == _heirs_shop.id)
        & (_heirs_listing.product_id == ShareLink.product_id),
    )
    .outerjoin(
        _heirs_product,
        (_heirs_product.id == _heirs_listing.product_id)
        & (_heirs_product.state == ProductState.ACTIVE),
    )
    .where(_heirs_shop.employee_id == Shop.forward_to_id, is_open(_heirs_shop, _heir))
    .correlate(Shop, ShareLink)
    .scalar_subquery()
)
_own_address = "/s/" + Shop.handle
# Looked up for a link that leads to no product, and found at once where it names no post.
_to_post = (
    sa.select("/t/" + Post.public_id)
    .where(Post.id == ShareLink.post_id, Post.state == PostState.PUBLISHED)
    .correlate(ShareLink)
    .scalar_subquery()
)

_insert = sa.insert(Touch).from_select(
    [
        Touch.kind,
        Touch.link_id,
        Touch.channel,
        Touch.product_id,
        Touch.employee_id,
        Touch.visitor_id,
        Touch.at,
        Touch.uncounted,
        Touch.landing,
        Touch.user_agent,
        Touch.referrer,
    ],
    sa.select(
        # Said outright, as PostgreSQL cannot tell from an outgoing value what it is.
        sa.cast(_given(Touch.kind), Touch.kind.type),
        ShareLink.id,
        ShareLink.channel,
        ShareLink.product_id,
        ShareLink.employee_id,
        _given(Touch.visitor_id),
        _given(Touch.at),
        sa.case(
            (
                (_given(Touch.uncounted) == Uncounted.NO) & _own_visit,
                sa.literal(Uncounted.OWN_VISIT, Touch.uncounted.type),
            ),
            (
                (_given(Touch.uncounted) == Uncounted.NO) & (_visitors_last_link == ShareLink.id),
                sa.literal(Uncounted.DUPLICATE, Touch.uncounted.type),
            ),
            else_=_given(Touch.uncounted),
        ),
        # Who looks after the shop gets its visitors; without a shop of theirs, its page says who.
        # A product that is no longer in the shop, or a post that was taken down, leads to the shop
        # itself.
        sa.case(
            (is_forwarding(Shop, Employee), sa.func.coalesce(_at_the_heirs, _own_address)),
            else_=_own_address + sa.func.coalesce("/p/" + Product.public_id, _to_post, ""),
        ),
        _given(Touch.user_agent),
        _given(Touch.referrer),
    )
    .join(Shop, Shop.id == ShareLink.shop_id)
    .join(Employee, Employee.id == ShareLink.employee_id)
    .outerjoin(Listing, (Listing.shop_id == Shop.id) & (Listing.product_id == ShareLink.product_id))
    .outerjoin(Product, (Product.id == Listing.product_id) & (Product.state == ProductState.ACTIVE))
    .where(
        ShareLink.code == sa.bindparam("code"),
        ShareLink.revoked_at.is_(None),
        is_open(Shop, Employee) | is_forwarding(Shop, Employee),
    ),
)
_keep = HotStatement(_insert.returning(Touch.landing))


def keep(
    code: str,
    *,
    visitor_id: str,
    at: datetime,
    uncounted: Uncounted,
    user_agent: str,
    referrer: str,
    kind: TouchKind = TouchKind.LINK,
) -> str | None:
    """Store a link visit; return the path to send the visitor to, None if the code leads nowhere.

    One statement, committed at once: never call it inside `transaction()`. An employee's visit to
    their own link is found out here and kept as not counting. No address of the visitor is kept,
    and of the page they come from only where it is, not what was asked there.
    """
    if not _may_be_a_code(code):
        return None
    page, _, _ = referrer.partition("?")
    row = _keep.write(
        code=code,
        kind=kind,
        visitor_id=visitor_id,
        at=at,
        same_visit_since=at - SAME_VISIT,
        uncounted=uncounted,
        user_agent=_without_nul(user_agent[:LONGEST_USER_AGENT]),
        referrer=_without_nul(page.partition("#")[0][:LONGEST_REFERRER]),
    )
    return row[0] if row else None


_HAS_COME_BY = HotStatement(
    sa.select(Touch.id)
    .join(ShareLink, ShareLink.id == Touch.link_id)
    .where(Touch.visitor_id == _given(Touch.visitor_id), ShareLink.code == sa.bindparam("code"))
    .limit(1)
)


def has_come_by(code: str, visitor_id: str) -> bool:
    """Whether this visitor was ever met through the link with this code. One query."""
    return _HAS_COME_BY.first(visitor_id=visitor_id, code=code) is not None


@dataclass(frozen=True, slots=True)
class Hit:
    """Somebody followed a link: what `keep` is told, with nothing too long or odd in it."""

    code: str
    visitor_id: str
    at: datetime
    uncounted: Uncounted
    user_agent: str
    referrer: str = ""
    kind: TouchKind = TouchKind.LINK


def keep_together(hits: Sequence[Hit]) -> None:
    """Store link visits by the same statement, in this order, within the caller's transaction.

    For visits of the past that are told all at once. Codes that lead nowhere are passed over.
    """
    if hits:
        db.session.connection().execute(
            _insert, [asdict(hit) | {"same_visit_since": hit.at - SAME_VISIT} for hit in hits]
        )


def _may_be_a_code(code: str) -> bool:
    return code.isascii() and code.isalnum() and len(code) <= LONGEST_CODE


def _without_nul(header: str) -> str:
    # PostgreSQL takes none in a text.
    return header.replace("\0", "")


def why_nowhere(code: str) -> NotFound | Gone:
    """What to tell whoever came with a code for which `keep` has no path."""
    row = None
    if _may_be_a_code(code):
        row = db.session.execute(
            sa.select(ShareLink.revoked_at).where(ShareLink.code == code)
        ).one_or_none()
    if row is None:
        return NotFound("link_unknown", "There is no such link.")
    if row.revoked_at is not None:
        return Gone("link_revoked", "This link was taken back.")
    return Gone("shop_closed", "This shop is closed.")


@dataclass(frozen=True, slots=True)
class TouchFact:
    """A touch as it was stored."""

    touch_id: int
    employee_id: int
    at: datetime
    kind: TouchKind
    channel: Channel
    product_id: int | None
    uncounted: Uncounted
    """Why it does not count; `Uncounted.NO` if it does."""
    campaign_id: int | None = None
    """The campaign of its link, if that was on at the time."""


_TOUCHES_OF = (
    sa.select(
        Touch.id,
        Touch.employee_id,
        Touch.at,
        Touch.kind,
        Touch.channel,
        Touch.product_id,
        Touch.uncounted,
        Campaign.id,
    )
    .outerjoin(ShareLink, ShareLink.id == Touch.link_id)
    .outerjoin(
        Campaign,
        (Campaign.id == ShareLink.campaign_id)
        & (Campaign.starts_at <= Touch.at)
        & (Touch.at < Campaign.ends_at),
    )
    .where(
        Touch.visitor_id.in_(sa.bindparam("visitor_ids", expanding=True)),
        Touch.at >= sa.bindparam("since"),
        Touch.at <= sa.bindparam("until"),
    )
    .order_by(Touch.at.desc(), Touch.id.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer()))
)


def touches_of(
    visitor_ids: Iterable[str], since: datetime, until: datetime, limit: int
) -> list[TouchFact]:
    """Every touch of these visitors from `since` to `until`, both included, the latest first.

    At most `limit` of them: the oldest are left out. Reads in the caller's transaction, one query.
    """
    visitors = sorted({visitor for visitor in visitor_ids if visitor})
    if not visitors:
        return []
    rows = db.session.execute(
        _TOUCHES_OF, {"visitor_ids": visitors, "since": since, "until": until, "limit": limit}
    )
    return [TouchFact(*row) for row in rows]
