"""What pages weigh, and whether they stand still. How fast they are, no test says: `make bench`."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.bench import budget
from tests.browser.serving import LiveShop
from tests.support.chromium import CHROME, a_context

MOST_REQUESTS = {"product": 16, "product-by-link": 16, "shop": 24, "cart": 14, "checkout": 14}
"""The page, its style and its scripts, and the pictures that are in sight or near to it."""


@pytest.mark.parametrize("page", budget.PAGES)
def test_a_page_keeps_within_its_budget(live_shop: LiveShop, chromium: Browser, page: str) -> None:
    secret = live_shop.app.extensions["settings"].visitor_secret
    with live_shop.inside():
        cookie = budget.a_cart(live_shop.goods, secret)
    path = budget.path_of(page, live_shop.goods)
    weighed = budget.weigh(chromium, live_shop.base, path, cookie, throttled=False)
    figures = weighed.figures()
    assert figures["html"] > 1_000, "the page was not weighed"
    assert figures["css"] > 1_000, "its style was not weighed"
    assert figures["first_picture"] > 1_000, "its pictures were not weighed"
    above = [name for name in budget.over(figures) if name in budget.NO_CLOCKS]
    assert above == [], figures
    assert figures["requests"] <= MOST_REQUESTS[page]


def test_what_jumps_is_noticed(chromium: Browser) -> None:
    context = a_context(chromium, CHROME)
    page = context.new_page()
    page.add_init_script(budget.OBSERVE)
    page.goto("about:blank")
    page.set_content("<p id='late'></p><p style='height: 20rem; background: teal'>text</p>")
    page.wait_for_timeout(200)
    page.evaluate("document.getElementById('late').style.height = '10rem'")
    page.wait_for_timeout(200)
    shifts = page.evaluate("seen.shifts")
    paint = page.evaluate("seen.paint")
    context.close()
    assert budget.largest_session(shifts) > 0.1
    assert paint > 0
