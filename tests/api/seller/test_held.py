"""What a seller is told about what is kept back: that it is, why, and never by which rule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask

from storefront import sales
from storefront.attribution.rules import Policy
from storefront.attribution.rules.policy import Treatment
from storefront.commissions.models import HoldKind
from storefront.core.actor import Actor
from storefront.core.clock import SettableClock
from storefront.fraud import holding, scan
from storefront.fraud.holding import Target
from tests.support import cast, trade

HELD = "/api/v1/seller/earnings/held"
PHONE = "+8613900000001"


def test_each_reason_is_a_sentence_and_the_rule_stays_unsaid(
    app: Flask, client: Any, clock: SettableClock
) -> None:
    trade.the_policy(Policy(window_days=30, own_purchase=Treatment.ALLOW))
    trade.the_plan(hold_days=7)
    seller = cast.an_employee("E1", phone=PHONE)
    link, headers = cast.a_link(cast.a_shop(seller)), cast.headers_of(seller)
    trade.sell(cast.a_product(price=1_000), through=link)
    trade.sell(cast.a_product(price=2_000), through=link, handed_over=False)
    trade.sell(cast.a_product(price=5_000), through=link, phone=PHONE)
    trade.sell(cast.a_product(price=9_000), through=trade.a_seller())
    scan.scan(clock.now(), whole=True)
    own, waiting, plain = client.get(f"{HELD}?language=en", headers=headers).json["items"]
    assert (own["amount"]["amount"], waiting["amount"]["amount"]) == (500, 200)
    assert len(own["words"]) == 2
    assert "looking into" in own["words"][1]
    assert "phone" not in str(own).lower()
    assert waiting["words"] == [
        "The customer has not received the goods yet; the return window starts when they do."
    ]
    assert len(plain["words"]) == 1
    clock.advance(timedelta(days=8))
    sales.release(clock.now())
    holding.place(
        Target(employee="E1"), HoldKind.MISSING_DATA, "x", Actor(role="hq_finance"), clock.now()
    )
    first = client.get(f"{HELD}?limit=1", headers=headers).json
    assert len(first["items"][0]["words"]) == 2
    assert "资料不全" in first["items"][0]["words"][1]
    rest = client.get(f"{HELD}?after={first['next']}", headers=headers).json["items"]
    assert len(rest) == 2
