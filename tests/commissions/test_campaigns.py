"""Campaigns: a link for one, the evidence on the order, and what plans pay for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from storefront.attribution.rules import Model, Policy
from storefront.commissions.terms import NewRule
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict, Invalid, NotFound
from storefront.orders.models import Order
from storefront.orders.placing import PlacedOrder
from storefront.sharing import campaigns, service
from storefront.sharing.models import Channel, ShareLink
from storefront.staff.models import Role
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.disputing import owner
from tests.support.planning import a_booster, a_campaign, a_link_for, accruals_of, in_force


@pytest.fixture
def seller(app: Flask) -> ShareLink:
    trade.the_policy()
    return trade.a_seller()


def campaigns_on(order: PlacedOrder) -> list[int | None]:
    evidence = db.session.scalar(sa.select(Order.evidence).where(Order.id == order.id))
    assert evidence is not None
    return [touch.get("campaign_id") for touch in evidence["touches"]]


def test_a_rule_for_a_campaign_pays_what_came_through_its_links_and_nothing_else(
    seller: ShareLink, clock: SettableClock
) -> None:
    spring, autumn = a_campaign("SPRING"), a_campaign("AUTUMN")
    in_force(
        NewRule(1_000),
        NewRule(2_000, campaign_id=spring.id),
        boosters=(a_booster(per_unit=9, campaign_id=autumn.id, budget=90),),
    )
    goods = cast.a_product(price=10_000)
    through = [seller, a_link_for(spring, seller), a_link_for(autumn, seller)]
    orders = [trade.sell(goods, through=link) for link in through]
    assert [campaigns_on(order) for order in orders] == [[None], [spring.id], [autumn.id]]
    found = [accruals_of(order)[0] for order in orders]
    assert [each.amount for each in found] == [1_000, 2_000, 1_009]
    assert [each.campaign_id for each in found] == [None, spring.id, autumn.id]
    assert broken() == set()


def test_a_touch_belongs_to_the_campaign_only_while_that_lasts(
    seller: ShareLink, clock: SettableClock
) -> None:
    campaign = a_campaign(days=1)
    in_force(NewRule(1_000), NewRule(2_000, campaign_id=campaign.id))
    goods, link = cast.a_product(price=10_000), a_link_for(campaign, seller)
    in_time = trade.a_visit(link)
    clock.advance(timedelta(days=1))
    late = trade.a_visit(link)
    orders = [trade.an_order(goods, visitor=visitor) for visitor in (in_time, late)]
    for order in orders:
        trade.pay(order)
    assert [accruals_of(order)[0].amount for order in orders] == [2_000, 1_000]
    assert broken() == set()


def test_it_is_the_touch_that_won_which_says_the_campaign(app: Flask, clock: SettableClock) -> None:
    trade.the_policy(Policy(model=Model.LINEAR, window_days=30))
    anna, bo = trade.a_seller("E1"), trade.a_seller("E2")
    campaign = a_campaign()
    in_force(NewRule(1_000), NewRule(2_000, campaign_id=campaign.id))
    visitor = trade.a_visit(a_link_for(campaign, anna))
    clock.advance(timedelta(minutes=1))
    trade.a_visit(bo, visitor)
    order = trade.an_order(cast.a_product(price=10_000), visitor=visitor)
    trade.pay(order)
    found = {each.employee_id: each.amount for each in accruals_of(order)}
    assert found == {anna.employee_id: 1_000, bo.employee_id: 500}
    assert broken() == set()


def test_a_campaign_that_is_over_or_unknown_gets_no_links(
    seller: ShareLink, clock: SettableClock
) -> None:
    campaign = a_campaign(days=1)
    assert [each.code for each in campaigns.to_share(clock.now())] == ["SPRING"]
    clock.advance(timedelta(days=1))
    assert campaigns.to_share(clock.now()) == []
    with pytest.raises(Conflict, match="over"):
        a_link_for(campaign, seller)
    with pytest.raises(NotFound, match="no such campaign"):
        service.create_link(
            seller.employee_id,
            product_id=None,
            channel=Channel.QQ,
            campaign_id="cmp_no",
            now=clock.now(),
        )
    with pytest.raises(Conflict, match="taken"):
        a_campaign("SPRING")
    with pytest.raises(Invalid, match="ends after"):
        a_campaign("SUMMER", days=0)


def test_sellers_make_links_for_campaigns_that_headquarters_announced(
    app: Flask, client: FlaskClient, seller: ShareLink
) -> None:
    desk = cast.headers_of(cast.an_employee("H1", role=Role.HQ_OPERATIONS, store="HQ"))
    headers = cast.headers_of(owner(seller))
    given = {
        "code": "MOON",
        "name_zh": "中秋",
        "name_en": "Moon",
        "starts_at": "2026-03-01T00:00:00Z",
        "ends_at": "2026-04-01T00:00:00Z",
    }
    for wrong, code in (
        ({"ends_at": "2026-02-01T00:00:00Z"}, "wrong_dates"),
        ({"code": "=1"}, "invalid_fields"),
    ):
        refused = client.post("/api/v1/hq/campaigns", json=given | wrong, headers=desk)
        assert (refused.status_code, refused.get_json()["code"]) == (422, code)
    assert client.post("/api/v1/hq/campaigns", json=given, headers=headers).status_code == 403
    made = client.post("/api/v1/hq/campaigns", json=given, headers=desk).get_json()
    (seen,) = client.get("/api/v1/seller/campaigns", headers=headers).get_json()["items"]
    assert (seen["id"], seen["name"]) == (made["id"], {"zh": "中秋", "en": "Moon"})
    link = client.post(
        "/api/v1/seller/links",
        json={"channel": "wechat", "campaign": made["id"]},
        headers=headers,
    ).get_json()
    assert link["campaign"] == {"id": made["id"], "name": seen["name"]}
    listed = client.get("/api/v1/seller/links", headers=headers).get_json()["items"]
    assert [each["campaign"] and each["campaign"]["id"] for each in listed] == [made["id"], None]


def test_headquarters_sees_the_campaign_and_the_rule_on_the_order(
    app: Flask, client: FlaskClient, seller: ShareLink, clock: SettableClock
) -> None:
    campaign = a_campaign()
    in_force(NewRule(1_000), NewRule(2_000, campaign_id=campaign.id))
    order = trade.sell(cast.a_product(price=10_000), through=a_link_for(campaign, seller))
    desk = cast.headers_of(cast.an_employee("H1", role=Role.HQ_OPERATIONS, store="HQ"))
    for language, words in (("en", "(campaign Spring): 20%"), ("zh", "（活动「春天」）：20%")):
        path = f"/api/v1/hq/orders/{order.public_id}?language={language}"
        (line,) = client.get(path, headers=desk).get_json()["commission"]
        assert line["campaign"] == campaign.public_id
        assert words in line["words"]
