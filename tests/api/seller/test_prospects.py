"""What do I earn on this product, through the API."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from storefront.catalog.models import ProductState
from storefront.commissions.rules import Buyer
from storefront.commissions.terms import NewRule
from storefront.core import clock
from storefront.core.database import transaction
from storefront.shops import listings
from storefront.shops.models import Shop
from tests.support import cast, trade
from tests.support.planning import a_booster, a_campaign, in_force
from tests.support.queries import recorded_queries

PRODUCTS = "/api/v1/seller/products"


@pytest.fixture
def shop(app: Flask) -> Shop:
    return cast.a_shop(handle="fang", title="芳的店")


@pytest.fixture
def headers(shop: Shop) -> dict[str, str]:
    return cast.headers_of(shop.employee)


def test_every_variant_says_what_it_earns_by_which_rule_and_why(
    client: FlaskClient, shop: Shop, headers: dict[str, str]
) -> None:
    goods = cast.a_product(price=10_000, more_prices=[3_333])
    trade.the_plan(NewRule(500), NewRule(1_000, buyer=Buyer.NEW, cap=800))
    answer = client.get(f"{PRODUCTS}/{goods.public_id}/earnings?language=en", headers=headers)
    assert answer.status_code == 200, answer.text
    shown = answer.get_json()
    found = [
        [(each["buyer"], each["amount"]["amount"], each["rule"]) for each in variant["earnings"]]
        for variant in shown["variants"]
    ]
    assert found == [
        [("new", 800, 2), ("returning", 500, 1)],
        [("new", 333, 2), ("returning", 167, 1)],
    ]
    assert shown["variants"][0]["earnings"][0]["words"] == (
        "Rule 2 of plan version 1 applies (new customers): 10%, at most 8.00 CNY per line. It is"
        " the most specific of those that match; of equally specific ones the first in the plan"
        " counts. The cap on the line took 2.00 CNY away."
    )
    chinese = client.get(f"{PRODUCTS}/{goods.public_id}/earnings?language=zh", headers=headers)
    words = chinese.get_json()["variants"][0]["earnings"][1]["words"]
    assert words.startswith("适用方案第 1 版第 1 条规则（所有商品）：5%。")


def test_what_is_promised_is_what_a_sale_earns(
    client: FlaskClient, shop: Shop, headers: dict[str, str]
) -> None:
    trade.the_policy()
    goods = cast.a_product(price=9_999)
    trade.the_plan(NewRule(733, brand_id=goods.brand_id), NewRule(100))
    shown = client.get(f"{PRODUCTS}/{goods.public_id}/earnings", headers=headers).get_json()
    promised = shown["variants"][0]["earnings"][0]["amount"]["amount"]
    trade.sell(goods, through=cast.a_link(shop))
    balance = client.get("/api/v1/seller/earnings", headers=headers).get_json()
    assert balance["held"]["amount"] == promised == 733
    entries = client.get("/api/v1/seller/earnings/entries?language=en", headers=headers)
    (entry,) = entries.get_json()["items"]
    assert "Rule 1 of plan version 1 applies (brand LOOM): 7.33%." in entry["words"]


def test_without_a_rule_nothing_is_earned_and_it_says_so(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    goods, other = cast.a_product(), cast.a_product()
    trade.the_plan(NewRule(500, product_id=other.id))
    asked = f"{PRODUCTS}/{goods.public_id}/earnings?language=en"
    (variant,) = client.get(asked, headers=headers).get_json()["variants"]
    assert variant["earnings"][0]["rule"] is None
    words = variant["earnings"][0]["words"]
    assert words == "No rule of the plan matches, so nothing is earned by a rule."


def test_goods_that_are_not_on_sale_and_a_chain_without_a_plan(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    goods = cast.a_product()
    asked = f"{PRODUCTS}/{goods.public_id}/earnings"
    assert client.get(asked, headers=headers).get_json()["code"] == "no_plan"
    trade.the_plan()
    assert client.get(asked).status_code == 401
    assert client.get(f"{PRODUCTS}/prd_no/earnings", headers=headers).status_code == 404
    with transaction():
        goods.state = ProductState.HIDDEN
    assert client.get(asked, headers=headers).get_json()["code"] == "product_unknown"


def test_a_full_shop_asks_as_little_of_the_database_as_one_product(
    client: FlaskClient, shop: Shop, headers: dict[str, str]
) -> None:
    trade.the_plan(NewRule(500), NewRule(700, category_id=cast.a_category().id))
    asked = "/api/v1/seller/shop/earnings"
    goods = [cast.a_product() for _ in range(8)]
    assert client.get(asked, headers=headers).get_json()["variants"] == []
    listings.pick(shop.employee_id, goods[0].public_id, now=clock.now())
    with recorded_queries() as with_one:
        client.get(asked, headers=headers)
    for each in goods[1:]:
        listings.pick(shop.employee_id, each.public_id, now=clock.now())
    with recorded_queries() as with_eight:
        answer = client.get(asked, headers=headers)
    assert [each["product"] for each in answer.get_json()["variants"]] == [
        each.public_id for each in goods
    ]
    assert len(with_eight) == len(with_one) <= 6


def test_a_booster_and_a_campaign_are_in_the_promise_while_they_last(
    client: FlaskClient, shop: Shop, headers: dict[str, str]
) -> None:
    goods, campaign = cast.a_product(price=10_000), a_campaign()
    trade.the_policy()
    in_force(
        NewRule(500),
        NewRule(900, campaign_id=campaign.id),
        boosters=(a_booster(300, budget=450),),
        order_cap=1_000,
        service_bonus=20,
    )
    path = f"{PRODUCTS}/{goods.public_id}/earnings?language=en"
    shown = client.get(path, headers=headers).get_json()
    assert (shown["order_cap"]["amount"], shown["service_bonus"]["amount"]) == (1_000, 20)

    def promised(query: str = "") -> tuple[int, int, str]:
        (variant,) = client.get(path + query, headers=headers).get_json()["variants"]
        first = variant["earnings"][0]
        return first["amount"]["amount"], first["boost"]["amount"], first["words"]

    amount, boost, words = promised()
    assert (amount, boost) == (800, 300)
    assert "3.00 CNY of it comes from a booster (everything: 3%)." in words
    amount, boost, words = promised(f"&campaign={campaign.public_id}")
    assert (amount, boost) == (1_000, 100)
    assert "The cap on the order took 2.00 CNY away." in words
    assert "campaign Spring" in words
    trade.sell(goods, through=cast.a_link(shop))
    assert promised()[:2] == (650, 150)
    trade.sell(goods, through=cast.a_link(shop))
    amount, boost, words = promised()
    assert (amount, boost) == (500, 0)
    assert "The booster's budget was used up" in words
    unknown = client.get(f"{path}&campaign=cmp_no", headers=headers)
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "no_campaign")
