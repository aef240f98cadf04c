"""A shopper and the payment gateway, each going through the doors that they really use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.catalog.models import Variant
from storefront.core import clock
from storefront.integrations.payments.sandbox import SandboxGateway, SignedNotice
from storefront.sharing.models import ShareLink

PHONE_BROWSER = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.50"
)
NOTICES = "/api/v1/partner/gateways/sandbox/notices"


@dataclass
class Shopper:
    """Someone with a phone in hand: one browser, one phone number."""

    client: FlaskClient
    phone: str = "139 0013 9000"
    name: str = "李雷"

    def follow(self, link: ShareLink) -> TestResponse:
        """Tap a shared link."""
        answer = self.client.get(f"/l/{link.code}", headers={"User-Agent": PHONE_BROWSER})
        assert answer.status_code == 303, answer.text
        return answer

    def fill_cart(self, wanted: dict[Variant, int]) -> str:
        """Put goods into a new cart; its id."""
        lines = [{"variant": each.public_id, "quantity": count} for each, count in wanted.items()]
        answer = self.client.post("/api/v1/shopper/carts", json={"lines": lines})
        assert answer.status_code == 201, answer.text
        return answer.json["id"]  # pyright: ignore

    def check_out(self, cart: str, *, key: str | None = None, **fields: Any) -> TestResponse:
        """Order what is in the cart."""
        body = {
            "cart": cart,
            "name": self.name,
            "phone": self.phone,
            "address": "上海市衡山路 1 号",
        }
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post("/api/v1/shopper/orders", json={**body, **fields}, headers=headers)

    def order(self, wanted: dict[Variant, int]) -> dict[str, Any]:
        """Order goods; the placed order."""
        answer = self.check_out(self.fill_cart(wanted))
        assert answer.status_code == 201, answer.text
        return answer.json  # pyright: ignore

    def pay(self, order: dict[str, Any]) -> TestResponse:
        """Pay at the sandbox, which then tells the shop."""
        return deliver(self.client, self.paid_notice(order))

    def paid_notice(self, order: dict[str, Any]) -> SignedNotice:
        """Pay at the sandbox; its notice is still on the way."""
        answer = self.client.post(f"/api/v1/shopper/orders/{order['key']}/payment")
        assert answer.status_code == 200, answer.text
        gateway = sandbox_of(self.client.application)
        charge = gateway.read_charge(answer.json["pay_url"].rpartition("/")[2])  # pyright: ignore
        assert charge is not None
        return gateway.pay(charge, clock.now())

    def buy(self, wanted: dict[Variant, int]) -> dict[str, Any]:
        """Order and pay; the order as its customer sees it then."""
        placed = self.order(wanted)
        told = self.pay(placed)
        assert told.json == {"outcome": "applied"}, told.text
        return self.look_at(placed)

    def look_at(self, order: dict[str, Any]) -> dict[str, Any]:
        """The order as its customer sees it now."""
        answer = self.client.get(f"/api/v1/shopper/orders/{order['key']}")
        assert answer.status_code == 200, answer.text
        return answer.json  # pyright: ignore


def a_shopper(app: Flask, **about: str) -> Shopper:
    """Somebody new, with a browser of their own."""
    return Shopper(app.test_client(), **about)


def deliver(client: FlaskClient, notice: SignedNotice) -> TestResponse:
    """Bring a gateway's notice to the shop."""
    return client.post(NOTICES, data=notice.body, headers=notice.headers)


def sandbox_of(app: Flask) -> SandboxGateway:
    """The sandbox that the application uses."""
    gateway = app.extensions["gateway"]
    assert isinstance(gateway, SandboxGateway)
    return gateway
