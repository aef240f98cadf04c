"""Every page of the list: it can be read, pressed and seen by everybody, and is quiet about it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.places import PLACES, Place, visit
from tests.browser.serving import LiveShop
from tests.browser.visitor import NewVisitor, visitors
from tests.support.chromium import CHROME, WECHAT, a_context

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("SCREENSHOTS") or PROJECT / "screenshots")
EVERY_PICTURE = os.environ.get("EVERY_SCREENSHOT") == "1"

NARROWEST = (360, 800)
USUAL = (390, 844)
DESK = (1280, 800)
SIZES = (NARROWEST, USUAL, DESK) if EVERY_PICTURE else (USUAL,)
IN_THE_DARK = {"front", "shop", "product", "cart", "checkout-error", "order-paid", "broken"}

AXE = Axe()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
GRAVE = {"serious", "critical"}

# 44 px each way, but for links within a sentence, which WCAG 2.5.8 excepts as well. An unseen box
# that a label draws anew is as large as its label.
SMALL_TARGETS = """() => {
  const small = [];
  const targets = "a[href], button, input, select, textarea, summary";
  for (const each of document.querySelectorAll(targets)) {
    const inSentence = each.tagName === "A" && getComputedStyle(each).display === "inline";
    if (inSentence || each.matches(".unseen, .skip, [type=hidden]") || !each.checkVisibility()) {
      continue;
    }
    const label = each.matches("[type=radio], [type=checkbox]") && each.closest("label");
    const box = (label || each).getBoundingClientRect();
    if (box.width < 43.9 || box.height < 43.9) {
      small.push(`${each.outerHTML.slice(0, 120)} ${box.width} × ${box.height}`);
    }
  }
  return small;
}"""


def graves(page: Page, **options: Any) -> list[str]:
    """What axe finds to be serious or critical: the rule, the element, what to do."""
    found = AXE.run(page, options=options).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_page_can_be_used_by_everybody(place: Place, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(CHROME, NARROWEST)
    visit(visitor, place)
    page = visitor.page
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST[0], "scrolls sideways"
    assert page.evaluate(SMALL_TARGETS) == []
    assert graves(page, runOnly={"type": "tag", "values": TAGS}) == []
    page.emulate_media(color_scheme="dark")
    # By night, it is only the colours that are others.
    assert graves(page, runOnly={"type": "rule", "values": ["color-contrast"]}) == []
    take_pictures(page, place.name, "en")


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_page_speaks_chinese_in_wechat(place: Place, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(WECHAT, USUAL)
    visit(visitor, place)
    assert visitor.page.locator("html").get_attribute("lang") == "zh-Hans"
    take_pictures(visitor.page, place.name, "zh")


def test_what_is_wrong_with_a_page_is_noticed(chromium: Browser) -> None:
    context = a_context(chromium, CHROME, NARROWEST)
    page = context.new_page()
    page.set_content(
        "<html lang='en'><title>Wrong</title><main><h1>Wrong</h1>"
        "<p style='color: #ccc; background: #fff'>pale</p><input name='unsaid'>"
        "<button style='min-height: 20px'>small</button><div style='width: 500px'>wide</div>"
    )
    assert page.evaluate("document.documentElement.scrollWidth") > NARROWEST[0]
    assert [line.partition(" ")[0] for line in page.evaluate(SMALL_TARGETS)] == [
        "<input",
        "<button",
    ]
    found = {
        line.partition(" ")[0] for line in graves(page, runOnly={"type": "tag", "values": TAGS})
    }
    context.close()
    assert found == {"color-contrast", "label"}


def test_what_a_browser_complains_of_is_noticed(live_shop: LiveShop, chromium: Browser) -> None:
    everybody = visitors(live_shop, chromium)
    visitor = next(everybody)(CHROME)
    visitor.go("/cart")
    visitor.page.evaluate("document.body.setAttribute('onclick', 'nothing()')")
    visitor.page.evaluate("fetch('http://localhost:1/elsewhere').catch(() => 0)")
    visitor.page.evaluate(
        "new Promise(done => { const i = new Image(); i.onerror = done; "
        "i.src = '/pictures/none-320.jpg'; })"
    )
    visitor.page.evaluate("setTimeout(() => { throw new Error('broken') })")
    visitor.page.wait_for_timeout(100)
    with pytest.raises(AssertionError):
        next(everybody)
    said = " ".join(visitor.complaints)
    for word in ("Content Security Policy", "image: ", "none-320.jpg 404", "script: broken"):
        assert word in said


def take_pictures(page: Page, name: str, language: str) -> None:
    """Of the whole page, in each size, by day; of some pages by night as well."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    schemes = ("light", "dark") if EVERY_PICTURE and name in IN_THE_DARK else ("light",)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("document.querySelectorAll('img').forEach(each => each.loading = 'eager')")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "scrolls sideways"
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            path = FOLDER / f"{name}-{width}x{height}-{language}-{scheme}.png"
            page.screenshot(path=path, full_page=True)
