"""Those who buy: each customer with a browser of their own, and the sandbox where they pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from flask import Flask
from flask.testing import FlaskClient

from storefront.cli.replay.doors import Doors
from storefront.core import clock
from storefront.integrations.running import sandbox

SHOPPER = "/api/v1/shopper"


@dataclass(frozen=True, slots=True)
class Placed:
    """An order, as whoever placed it knows it."""

    id: str
    key: str


@dataclass(frozen=True, slots=True)
class Shopper:
    """Somebody with a telephone number and a browser."""

    name: str
    phone: str
    browser: FlaskClient
    doors: Doors

    def follow(self, link_code: str) -> None:
        """Open an employee's share link."""
        self.doors.get(self.browser, f"/l/{link_code}", expect=303)

    def order(self, wanted: Mapping[str, int], total: int, key: str) -> Placed:
        """Put pieces of variants (public ids) into a cart and order them for `total`, no other.

        The order's lines come in the order of `wanted`. `key` is the Idempotency-Key.
        """
        lines = [{"variant": variant, "quantity": pieces} for variant, pieces in wanted.items()]
        cart = self.doors.post(self.browser, f"{SHOPPER}/carts", {"lines": lines}, expect=201)
        contact = {"name": self.name, "phone": self.phone, "address": "By post", "language": "en"}
        placed = self.doors.post(
            self.browser,
            f"{SHOPPER}/orders",
            {"cart": cart["id"], "expected_total": total, **contact},
            headers={"Idempotency-Key": key},
            expect=201,
        )
        return Placed(placed["id"], placed["key"])

    def pay_address(self, order: Placed) -> str:
        """Ask where to pay."""
        path = f"{SHOPPER}/orders/{order.key}/payment"
        return self.doors.post(self.browser, path)["pay_url"]


class Shoppers:
    """Everybody who buys. Who has a number comes again; the others are new every time."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._known: dict[int, Shopper] = {}
        self._strangers = count(1)

    def customer(self, number: int) -> Shopper:
        """The customer with this number."""
        if number not in self._known:
            self._known[number] = self._new(f"Customer {number}", f"+447{number:09}")
        return self._known[number]

    def stranger(self) -> Shopper:
        """Somebody who was never seen before."""
        number = next(self._strangers)
        return self._new(f"Stranger {number}", f"+448{number:09}")

    def _new(self, name: str, phone: str) -> Shopper:
        return Shopper(name, phone, self._doors.browser(), self._doors)


class PayPage:
    """The sandbox gateway: it takes the money and sends the shop its signed notice."""

    def __init__(self, app: Flask, doors: Doors) -> None:
        self._app = app
        self._doors = doors
        self._machine = doors.browser()

    def pay(self, address: str) -> None:
        """Pay the charge behind a pay page's address, and tell the shop."""
        with self._app.app_context():
            gateway = sandbox()
            charge = gateway.read_charge(address.rpartition("/")[2])
            assert charge is not None
            notice = gateway.pay(charge, clock.now())
        self._doors.post_bytes(
            self._machine,
            "/api/v1/partner/gateways/sandbox/notices",
            notice.body,
            headers=notice.headers,
        )
