"""Touches: stored as they happen, read back as evidence."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.core.database import db, transaction
from storefront.core.errors import Gone, NotFound
from storefront.sharing import service as sharing
from storefront.sharing import touches
from storefront.sharing.models import Channel, ShareLink, Touch, TouchKind, Uncounted
from storefront.sharing.touches import TouchFact
from storefront.shops import listings
from storefront.shops import service as shops
from storefront.staff.models import Employee, EmploymentState, OwnVisitor
from tests.support import cast
from tests.support.queries import recorded_queries

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def visit(
    link: ShareLink,
    visitor_id: str = "li-lei",
    *,
    at: datetime = NOW,
    uncounted: Uncounted = Uncounted.NO,
    user_agent: str = "A browser",
    referrer: str = "",
) -> str | None:
    return touches.keep(
        link.code,
        visitor_id=visitor_id,
        at=at,
        uncounted=uncounted,
        user_agent=user_agent,
        referrer=referrer,
    )


def signs_in_at(employee: Employee, visitor_id: str) -> None:
    with transaction() as session:
        session.add(OwnVisitor(visitor_id=visitor_id, employee_id=employee.id, at=NOW))


def only_touch() -> Touch:
    db.session.rollback()  # A visit is stored on a connection of its own, which we look at anew.
    return db.session.scalars(sa.select(Touch)).one()


def count_touches() -> int:
    return db.session.scalar(sa.select(sa.func.count(Touch.id))) or 0


def facts_of(*visitors: str, since: datetime, until: datetime, limit: int) -> list[TouchFact]:
    with transaction():
        return touches.touches_of(visitors, since, until, limit)


def test_a_visit_is_stored_and_leads_to_the_shop(app: Flask) -> None:
    shop = cast.a_shop(handle="fang")
    link = cast.a_link(shop)
    with recorded_queries() as queries:
        assert visit(link) == "/s/fang"
    assert len(queries) == 1
    touch = only_touch()
    assert (touch.kind, touch.link_id, touch.employee_id) == (
        TouchKind.LINK,
        link.id,
        shop.employee_id,
    )
    assert (touch.visitor_id, touch.at, touch.uncounted) == ("li-lei", NOW, Uncounted.NO)
    assert (touch.landing, touch.user_agent, touch.referrer) == ("/s/fang", "A browser", "")


def test_a_link_to_a_product_leads_to_it_in_the_shop(app: Flask) -> None:
    shop = cast.a_shop(handle="fang")
    product = cast.a_listing(shop).product
    assert visit(cast.a_link(shop, product)) == f"/s/fang/p/{product.public_id}"


def test_a_link_to_a_product_that_was_taken_off_leads_to_the_shop(app: Flask) -> None:
    shop = cast.a_shop(handle="fang")
    listing = cast.a_listing(shop)
    link = cast.a_link(shop, listing.product)
    listings.take_off(shop.employee_id, listing.public_id)
    assert visit(link) == "/s/fang"


@pytest.mark.parametrize(
    "reason", [Uncounted.HEAD, Uncounted.CRAWLER, Uncounted.PREFETCH], ids=lambda reason: reason
)
def test_what_does_not_count_is_kept_with_its_reason(app: Flask, reason: Uncounted) -> None:
    visit(cast.a_link(cast.a_shop()), uncounted=reason)
    assert only_touch().uncounted is reason


def test_an_employees_visit_to_their_own_link_does_not_count(app: Flask) -> None:
    shop = cast.a_shop()
    signs_in_at(shop.employee, "li-lei")
    visit(cast.a_link(shop))
    assert only_touch().uncounted is Uncounted.OWN_VISIT


def test_an_own_visit_that_is_none_for_another_reason_keeps_that_reason(app: Flask) -> None:
    shop = cast.a_shop()
    signs_in_at(shop.employee, "li-lei")
    visit(cast.a_link(shop), uncounted=Uncounted.PREFETCH)
    assert only_touch().uncounted is Uncounted.PREFETCH


def test_a_colleagues_visit_counts(app: Flask) -> None:
    signs_in_at(cast.an_employee(), "li-lei")
    visit(cast.a_link(cast.a_shop()))
    assert only_touch().uncounted is Uncounted.NO


def test_long_headers_are_cut_and_a_referrers_question_is_not_kept(app: Flask) -> None:
    visit(
        cast.a_link(cast.a_shop()),
        user_agent="x" * 5_000,
        referrer="https://chat.example/room?user=lilei&token=secret#place",
    )
    assert len(only_touch().user_agent) == touches.LONGEST_USER_AGENT
    assert only_touch().referrer == "https://chat.example/room"


def test_a_header_with_a_nul_or_any_other_letter_is_kept(app: Flask) -> None:
    visit(cast.a_link(cast.a_shop()), user_agent="a\0b\xff芳", referrer="\0")
    assert (only_touch().user_agent, only_touch().referrer) == ("ab\xff芳", "")


@pytest.mark.parametrize("code", ["nothing", "", "a b", "\0", "芳", "x" * 5_000, "' OR 1=1 --"])
def test_an_unknown_code_stores_nothing(app: Flask, code: str) -> None:
    cast.a_link(cast.a_shop())
    assert visit(ShareLink(code=code)) is None
    reason = touches.why_nowhere(code)
    assert isinstance(reason, NotFound)
    assert (reason.code, count_touches()) == ("link_unknown", 0)


def test_a_revoked_link_stores_nothing(app: Flask) -> None:
    shop = cast.a_shop()
    link = cast.a_link(shop)
    sharing.revoke_link(shop.employee_id, link.public_id, NOW)
    assert visit(link) is None
    reason = touches.why_nowhere(link.code)
    assert isinstance(reason, Gone)
    assert (reason.code, count_touches()) == ("link_revoked", 0)


def test_a_closed_shop_lets_nobody_in_until_it_is_open_again(app: Flask) -> None:
    shop = cast.a_shop()
    link = cast.a_link(shop)
    shops.close(shop.employee_id, NOW)
    assert visit(link) is None
    assert touches.why_nowhere(link.code).code == "shop_closed"
    shops.reopen(shop.employee_id)
    assert visit(link) is not None


@pytest.mark.parametrize("state", [EmploymentState.SUSPENDED, EmploymentState.LEFT])
def test_the_links_of_somebody_who_went_lead_nowhere(app: Flask, state: EmploymentState) -> None:
    shop = cast.a_shop()
    link = cast.a_link(shop)
    cast.leaves(shop.employee, state)
    assert visit(link) is None
    assert touches.why_nowhere(link.code).code == "shop_closed"
    assert count_touches() == 0


def test_touches_are_read_back_as_facts_the_latest_first(app: Flask) -> None:
    shop = cast.a_shop()
    link = cast.a_link(shop, channel=Channel.WEIBO)
    other = cast.a_link(cast.a_shop())
    visit(link, at=NOW)
    visit(other, at=NOW + timedelta(hours=1), uncounted=Uncounted.PREFETCH)
    visit(link, "han-meimei", at=NOW + timedelta(hours=2))
    visit(link, "somebody-else", at=NOW + timedelta(hours=3))
    with transaction(), recorded_queries() as queries:
        facts = touches.touches_of(["li-lei", "han-meimei"], NOW, NOW + timedelta(days=1), limit=10)
    assert len(queries) == 1
    assert [fact.at - NOW for fact in facts] == [timedelta(hours=hour) for hour in (2, 1, 0)]
    assert [fact.uncounted for fact in facts] == [Uncounted.NO, Uncounted.PREFETCH, Uncounted.NO]
    latest = facts[0]
    assert (latest.employee_id, latest.kind, latest.channel, latest.product_id) == (
        shop.employee_id,
        TouchKind.LINK,
        Channel.WEIBO,
        None,
    )
    with pytest.raises(FrozenInstanceError):
        latest.employee_id = 0  # pyright: ignore


def test_a_touch_remembers_the_product_and_the_channel_of_its_link(app: Flask) -> None:
    shop = cast.a_shop()
    lamp = cast.a_listing(shop).product
    visit(cast.a_link(shop, lamp, channel=Channel.QQ))
    (fact,) = facts_of("li-lei", since=NOW, until=NOW, limit=10)
    assert (fact.product_id, fact.channel) == (lamp.id, Channel.QQ)


def test_the_same_link_again_within_half_an_hour_is_one_visit(app: Flask) -> None:
    link, other = cast.a_link(cast.a_shop()), cast.a_link(cast.a_shop())
    minutes = [0, 10, 39, 70, 75, 80]
    for minute, followed in zip(minutes, [link, link, link, link, other, link], strict=True):
        visit(followed, at=NOW + timedelta(minutes=minute))
    visit(link, "somebody-else", at=NOW + timedelta(minutes=80))
    facts = facts_of("li-lei", since=NOW, until=NOW + timedelta(days=1), limit=10)
    # Each but the fourth came half an hour at most after the one before; the last came back from
    # elsewhere, which is a visit of its own.
    assert [fact.uncounted for fact in reversed(facts)] == [
        Uncounted.NO,
        Uncounted.DUPLICATE,
        Uncounted.DUPLICATE,
        Uncounted.NO,
        Uncounted.NO,
        Uncounted.NO,
    ]
    (elses,) = facts_of("somebody-else", since=NOW, until=NOW + timedelta(days=1), limit=10)
    assert elses.uncounted is Uncounted.NO


def test_what_a_program_fetched_makes_no_visit_a_repetition(app: Flask) -> None:
    link = cast.a_link(cast.a_shop())
    visit(link, at=NOW, uncounted=Uncounted.PREFETCH)
    visit(link, at=NOW + timedelta(minutes=1))
    facts = facts_of("li-lei", since=NOW, until=NOW + timedelta(days=1), limit=10)
    assert [fact.uncounted for fact in facts] == [Uncounted.NO, Uncounted.PREFETCH]


def test_both_ends_of_the_asked_time_are_in_it(app: Flask) -> None:
    link = cast.a_link(cast.a_shop())
    for minutes in range(5):
        visit(link, at=NOW + timedelta(minutes=minutes))
    facts = facts_of(
        "li-lei", since=NOW + timedelta(minutes=1), until=NOW + timedelta(minutes=3), limit=10
    )
    assert len(facts) == 3


def test_of_too_many_touches_the_latest_are_read(app: Flask) -> None:
    link = cast.a_link(cast.a_shop())
    for minutes in range(4):
        visit(link, at=NOW + timedelta(minutes=minutes))
    facts = facts_of("li-lei", since=NOW, until=NOW + timedelta(days=1), limit=2)
    assert [fact.at for fact in facts] == [NOW + timedelta(minutes=3), NOW + timedelta(minutes=2)]


def test_nobody_is_taken_for_the_crawlers_who_all_have_no_name(app: Flask) -> None:
    visit(cast.a_link(cast.a_shop()), "", uncounted=Uncounted.CRAWLER)
    assert facts_of("", "", since=NOW, until=NOW, limit=10) == []
    assert facts_of(since=NOW, until=NOW, limit=10) == []


def test_visits_told_all_at_once_are_kept_as_each_would_be_alone(app: Flask) -> None:
    shop = cast.a_shop(handle="fang")
    link, gone = cast.a_link(shop), cast.a_link(shop)
    sharing.revoke_link(shop.employee_id, gone.public_id, NOW)
    signs_in_at(shop.employee, "fang-herself")
    told = [
        (link, "li-lei", Uncounted.NO),
        (gone, "li-lei", Uncounted.NO),
        (link, "fang-herself", Uncounted.NO),
        (link, "", Uncounted.CRAWLER),
    ]
    tomorrow = NOW + timedelta(days=1)
    for one, visitor, uncounted in told:
        visit(one, visitor, uncounted=uncounted)
    with transaction():
        touches.keep_together(
            [touches.Hit(one.code, who, tomorrow, why, "A browser") for one, who, why in told]
        )
    stored = [
        (touch.link_id, touch.visitor_id, touch.uncounted, touch.landing, touch.user_agent)
        for touch in db.session.scalars(sa.select(Touch).order_by(Touch.id))
    ]
    assert len(stored) == 6
    assert stored[:3] == stored[3:]
    assert stored[1][2] is Uncounted.OWN_VISIT
