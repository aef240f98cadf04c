"""What is asked for: the requests of each scenario, as bytes, and what must come back."""

from __future__ import annotations

import json
import random
from base64 import urlsafe_b64decode
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from storefront.integrations.payments.sandbox import SandboxGateway
from tests.bench.chain import Chain
from tests.bench.load import Answer
from tests.support.shopping import NOTICES, PHONE_BROWSER

PHONES = [
    PHONE_BROWSER.replace("8.0.50", f"8.0.{version}").replace("18_0", f"{ios}_{version % 7}")
    for ios in (16, 17, 18)
    for version in range(40, 56)
]
"""Some of the browsers that come out of a group chat."""

STEPS = ("cart", "checkout", "payment", "webhook")
"""The requests of a purchase, in their order."""


def a_request(
    method: str, path: str, headers: Sequence[tuple[str, str]] = (), body: bytes | None = None
) -> bytes:
    """The bytes of a request on a connection that stays open."""
    lines = [f"{method} {path} HTTP/1.1", "Host: shop.example"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


@dataclass
class Repeated:
    """The same few requests again and again."""

    kind: str
    requests: Sequence[bytes]
    at: int = 0

    def next(self, _lane: int) -> tuple[str, bytes]:
        """Go round."""
        self.at += 1
        return self.kind, self.requests[self.at % len(self.requests)]

    def finish(self, _lane: int) -> None:
        """Each request stands by itself."""

    def heard(self, _lane: int, _answer: Answer) -> None:
        """Its status is counted; there is nothing else in it to go by."""


def bare() -> Repeated:
    """Ask the bare view."""
    return Repeated("bare", [a_request("GET", "/")])


def link_hits(chain: Chain) -> Repeated:
    """People from a chat: two in three come for the first time, the third has our cookie."""
    chance = random.Random(11)
    requests: list[bytes] = []
    for number in range(3_000):
        headers = [("User-Agent", chance.choice(PHONES)), ("Accept-Language", "zh-CN,zh;q=0.9")]
        if number % 3 == 0:
            headers.append(("Cookie", chance.choice(chain.cookies)))
        requests.append(a_request("GET", f"/l/{chance.choice(chain.codes)}", headers))
    return Repeated("link-hit", requests)


def product_pages(chain: Chain) -> Repeated:
    """The page of a product in a shop, as a phone asks for it after following a link."""
    chance = random.Random(12)
    requests = [
        a_request(
            "GET",
            path,
            [
                ("User-Agent", chance.choice(PHONES)),
                ("Accept", "text/html,application/xhtml+xml"),
                ("Accept-Language", chance.choice(["zh-CN,zh;q=0.9", "en-GB,en;q=0.8"])),
                ("Cookie", chance.choice(chain.cookies)),
            ],
        )
        for path in chain.pages
    ]
    return Repeated("product-page", requests)


def product_documents(chain: Chain) -> Repeated:
    """A product from the shopper's API, in either language."""
    requests = [
        a_request("GET", f"/api/v1/shopper/products/{product}{query}", [("User-Agent", "app/1")])
        for product in chain.products
        for query in ("", "?language=en")
    ]
    return Repeated("product-json", requests)


@dataclass
class Purchase:
    """One customer on the way to a paid order."""

    number: int
    cookie: str
    step: int = 0
    cart: str = ""
    key: str = ""
    notice: bytes = b""


@dataclass
class Purchases:
    """Customers, each going through the four steps on one connection."""

    chain: Chain
    number: int = 0
    """How many have begun: no two have the same."""
    paid: int = 0
    unexpected: list[str] = field(default_factory=list[str])
    under_way: dict[int, Purchase] = field(default_factory=dict[int, Purchase])

    def next(self, lane: int) -> tuple[str, bytes]:
        """Take the customer's next step, or let in a new one."""
        purchase = self.under_way.get(lane)
        if purchase is None:
            purchase = self.under_way[lane] = self.begin()
        return STEPS[purchase.step], self.ask(purchase)

    def finish(self, lane: int) -> tuple[str, bytes] | None:
        """Let those who have begun come to their end: half a purchase would be work for nothing."""
        return self.next(lane) if lane in self.under_way else None

    def heard(self, lane: int, answer: Answer) -> None:
        """Remember what the next step needs; a customer who was refused gives up."""
        purchase = self.under_way[lane]
        if not self.take(purchase, answer) or purchase.step == len(STEPS):
            del self.under_way[lane]

    def begin(self) -> Purchase:
        """A customer who followed a link some time ago."""
        self.number += 1
        return Purchase(self.number, self.chain.cookies[self.number % len(self.chain.cookies)])

    def ask(self, purchase: Purchase) -> bytes:
        """The request of the customer's present step."""
        browser = [("User-Agent", PHONE_BROWSER), ("Cookie", purchase.cookie)]
        if purchase.step == 0:
            return a_request("POST", "/api/v1/shopper/carts", browser, self._cart(purchase))
        if purchase.step == 1:
            return a_request("POST", "/api/v1/shopper/orders", browser, _checkout(purchase))
        if purchase.step == 2:
            return a_request("POST", f"/api/v1/shopper/orders/{purchase.key}/payment", browser, b"")
        return purchase.notice

    def take(self, purchase: Purchase, answer: Answer) -> bool:
        """Go on to the next step if this one went well."""
        if answer.status not in (200, 201):
            if len(self.unexpected) < 5:
                self.unexpected.append(f"{STEPS[purchase.step]}: {answer.body[:300]!r}")
            return False
        said = json.loads(answer.body)
        if purchase.step == 0:
            purchase.cart = said["id"]
        elif purchase.step == 1:
            purchase.key = said["key"]
        elif purchase.step == 2:
            purchase.notice = self._paid(said["pay_url"])
        else:
            self.paid += said["outcome"] == "applied"
        purchase.step += 1
        return True

    def _cart(self, purchase: Purchase) -> bytes:
        variants = self.chain.variants
        first = purchase.number * 7 % len(variants)
        lines = [
            {"variant": variants[first], "quantity": 1},
            {"variant": variants[first - 5], "quantity": 2},
        ]
        return json.dumps({"lines": lines}).encode()

    def _paid(self, pay_url: str) -> bytes:
        """The notice that the sandbox sends when the customer pays at this address."""
        token = pay_url.rpartition("/")[2]
        charge = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4))[32:])
        signed = SandboxGateway(self.chain.sandbox_secret, "").signed(
            {
                "kind": "captured",
                "reference": charge["reference"],
                "refund_reference": "",
                "amount": charge["amount"],
                "currency": charge["currency"],
                "merchant": SandboxGateway.merchant,
                "app": SandboxGateway.app,
                "gateway_reference": f"sbx_{charge['reference']}",
                "event_id": f"evt_{charge['reference']}",
            },
            datetime.now(UTC),
        )
        headers = [(name, value) for name, value in signed.headers.items() if name[0] != "C"]
        return a_request("POST", NOTICES, headers, signed.body)


@dataclass
class OneStep:
    """The same step of many purchases at a time, so that it can be measured by itself."""

    purchases: Purchases
    waiting: deque[Purchase] = field(default_factory=deque[Purchase])
    """Those that have come as far as this step; for the first one, everybody who likes."""
    step: int = 0
    done: deque[Purchase] = field(default_factory=deque[Purchase])
    under_way: dict[int, Purchase] = field(default_factory=dict[int, Purchase])

    def next(self, lane: int) -> tuple[str, bytes] | None:
        """Take the next purchase that waits."""
        if self.step == 0:
            purchase = self.purchases.begin()
        elif self.waiting:
            purchase = self.waiting.popleft()
        else:
            return None
        self.under_way[lane] = purchase
        return STEPS[self.step], self.purchases.ask(purchase)

    def finish(self, _lane: int) -> None:
        """The step is over; what waits may wait for the next one."""

    def heard(self, lane: int, answer: Answer) -> None:
        """Put it where the next step finds it."""
        purchase = self.under_way.pop(lane)
        if self.purchases.take(purchase, answer):
            self.done.append(purchase)

    def following(self) -> OneStep:
        """The next step, of those that have done this one."""
        return OneStep(self.purchases, self.done, self.step + 1)


def _checkout(purchase: Purchase) -> bytes:
    return json.dumps(
        {
            "cart": purchase.cart,
            "name": "王芳",
            "phone": f"138{purchase.number % 100_000_000:08}",
            "address": "上海市徐汇区衡山路 1 号 302",
        }
    ).encode()
