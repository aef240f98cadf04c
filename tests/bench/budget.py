"""What a page costs a cheap phone on a poor line: bytes, requests, layout shift, largest paint.

Bytes and requests are counted as they come over the wire, by the DevTools protocol, with nothing
kept from before. Times are what a telephone some four times slower than this machine would see at
1.6 Mbit/s and 150 ms, which is what Lighthouse calls slow 4G.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page
from rich.table import Table

from storefront.core import clock
from storefront.customers.visitors import COOKIE_NAME, cookie_value, new_visitor_id
from storefront.orders import carts
from tests.bench.chain import a_place, inside
from tests.bench.server import Server
from tests.support.chromium import CHROME, a_chromium, a_context
from tests.support.showcase import TEAPOT, Showcase, furnish

PAGES = ("product", "product-by-link", "shop", "cart", "checkout")

LIMITS = {
    "html": 30_000,
    "css": 20_000,
    "js": 30_000,
    "first_picture": 100_000,
    "first_view": 60_000,
    "layout_shift": 0.1,
    "largest_paint_ms": 2_500.0,
}
"""The most of each: bytes as they come over the wire, headers included."""
NO_CLOCKS = ("html", "css", "js", "first_picture", "first_view", "layout_shift")
"""What is the same on every machine, so that a test may hold it."""

ROUNDS = 3
KINDS = {"Document": "html", "Stylesheet": "css", "Script": "js", "Image": "pictures"}

# Buffered, so that nothing is missed that came before the observer. A layout shift counts within
# its session: shifts less than a second apart, over five seconds at most; the largest one is told.
OBSERVE = """
window.seen = { paint: 0, shifts: [] };
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) seen.paint = entry.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver(list => {
  for (const entry of list.getEntries())
    if (!entry.hadRecentInput) seen.shifts.push([entry.startTime, entry.value]);
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class Weighed:
    """One look at a page."""

    requests: int = 0
    html: int = 0
    css: int = 0
    js: int = 0
    pictures: int = 0
    """Of goods, faces and the like: what the shop keeps in widths."""
    first_picture: int = 0
    """The largest of them: on a product's page, the product's first."""
    other: int = 0
    layout_shift: float = 0.0
    largest_paint_ms: float = 0.0

    @property
    def first_view(self) -> int:
        """Bytes of everything but the pictures of goods."""
        return self.html + self.css + self.js + self.other

    def figures(self) -> dict[str, Any]:
        """By name, as the report tells them."""
        return {
            **asdict(self),
            "first_view": self.first_view,
            "layout_shift": round(self.layout_shift, 4),
            "largest_paint_ms": round(self.largest_paint_ms),
        }


@dataclass
class _Wire:
    """What came over it: the kind and address of each request, and its bytes once it is done."""

    asked: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    bytes: dict[str, int] = field(default_factory=dict[str, int])

    def listen(self, devtools: CDPSession) -> None:
        devtools.on("Network.requestWillBeSent", self._sent)
        devtools.on("Network.loadingFinished", self._finished)
        devtools.send("Network.enable")
        devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def _sent(self, event: Mapping[str, Any]) -> None:
        if not event["request"]["url"].startswith("data:"):
            self.asked[event["requestId"]] = (event["type"], event["request"]["url"])

    def _finished(self, event: Mapping[str, Any]) -> None:
        self.bytes[event["requestId"]] = int(event["encodedDataLength"])

    def weighed(self) -> Weighed:
        weighed = Weighed(requests=len(self.asked))
        for request, size in self.bytes.items():
            kind, url = self.asked.get(request, ("", ""))
            name = KINDS.get(kind, "other")
            if name == "pictures" and "/pictures/" in url:
                weighed.first_picture = max(weighed.first_picture, size)
            elif name == "pictures":
                name = "other"
            setattr(weighed, name, getattr(weighed, name) + size)
        return weighed


def weigh(
    browser: Browser, base: str, path: str, cookie: str | None, *, throttled: bool
) -> Weighed:
    """Open a page of the shop at `base` in a browser that has never been there.

    `cookie` is the visitor's, if the page wants one.
    """
    context = a_context(browser, CHROME)
    try:
        if cookie:
            context.add_cookies([{"name": COOKIE_NAME, "value": cookie, "url": base}])
        page = context.new_page()
        page.add_init_script(OBSERVE)
        devtools = context.new_cdp_session(page)
        wire = _Wire()
        wire.listen(devtools)
        if throttled:
            _slow_down(devtools)
        answer = page.goto(base + path, timeout=60_000)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        page.wait_for_load_state("networkidle")
        weighed = wire.weighed()
        weighed.largest_paint_ms = page.evaluate("seen.paint")
        weighed.layout_shift = _shift_to_the_end(page)
        return weighed
    finally:
        context.close()


def _slow_down(devtools: CDPSession) -> None:
    conditions = {
        "offline": False,
        "latency": 150,
        "downloadThroughput": 1_600_000 / 8,
        "uploadThroughput": 750_000 / 8,
    }
    devtools.send("Network.emulateNetworkConditions", conditions)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})


def _shift_to_the_end(page: Page) -> float:
    """Scroll down, so that what waits below comes in too; the largest session of shifts."""
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_load_state("networkidle")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
    return largest_session(page.evaluate("seen.shifts"))


def largest_session(shifts: list[tuple[float, float]]) -> float:
    """The largest sum of shifts in a session, of pairs of milliseconds and score in their order."""
    largest = total = 0.0
    first = last = float("-inf")
    for at, score in shifts:
        if at - last >= 1_000 or at - first >= 5_000:
            first, total = at, 0.0
        total, last = total + score, at
        largest = max(largest, total)
    return largest


def path_of(page: str, goods: Showcase) -> str:
    """Where one of PAGES is."""
    teapot = f"/s/fang/p/{goods.products[TEAPOT]}"
    return {
        "product": teapot,
        "product-by-link": f"{teapot}/~{goods.teapot_link}",
        "shop": "/s/fang",
        "cart": "/cart?shop=fang",
        "checkout": "/checkout?shop=fang",
    }[page]


def a_cart(goods: Showcase, secret: str) -> str:
    """The cookie of a new visitor with a teapot in the cart."""
    visitor = new_visitor_id()
    carts.create(visitor, {goods.variants[TEAPOT][0]: 1}, clock.now())
    return cookie_value(visitor, secret)


def weigh_pages(told: Callable[[str], None]) -> list[dict[str, Any]]:
    """Every page, three times each, from gunicorn over SQLite. Raises RuntimeError: no Chromium."""
    with (
        a_chromium() as browser,
        tempfile.TemporaryDirectory(prefix="storefront-bench-") as name,
        a_place("sqlite", folder := Path(name)) as place,
    ):
        with inside(place):
            goods = furnish()
            cookie = a_cart(goods, place.environment["VISITOR_SECRET"])
        with Server("wsgi:app", place.environment, folder / "shop.log") as shop:
            base, rows = f"http://127.0.0.1:{shop.port}", list[dict[str, Any]]()
            for page in PAGES:
                path = path_of(page, goods)
                looks = [weigh(browser, base, path, cookie, throttled=True) for _ in range(ROUNDS)]
                rows.append(of_page(page, looks))
                told(f"{page}: {rows[-1]['largest_paint_ms']} ms")
            return rows


def of_page(page: str, looks: list[Weighed]) -> dict[str, Any]:
    """The middle of each figure, with its limit and whether it was kept."""
    figures = [look.figures() for look in looks]
    middle = {name: statistics.median(each[name] for each in figures) for name in figures[0]}
    return {"page": page, **middle, "limits": LIMITS, "over": over(middle)}


def over(figures: Mapping[str, float]) -> list[str]:
    """The figures that are above their limits."""
    return [name for name, limit in LIMITS.items() if figures[name] > limit]


def as_table(rows: list[dict[str, Any]]) -> Table:
    """For people. A figure above its limit is red."""
    table = Table(title="A page on a cheap phone and a poor line, nothing kept from before")
    table.add_column("page")
    shown = ("requests", "html", "css", "js", "first_picture", "first_view", "layout_shift")
    names = (*shown, "largest_paint_ms")
    for name in names:
        limit = f"\n≤ {LIMITS[name]:,g}" if name in LIMITS else ""
        table.add_column(name.replace("_", " ") + limit, justify="right")
    for row in rows:
        cells = (
            f"[red]{row[name]:,g}[/]" if name in row["over"] else f"{row[name]:,g}"
            for name in names
        )
        table.add_row(row["page"], *cells)
    return table
