"""Somebody with a phone, and everything that their browser complains of."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response

from storefront.customers.visitors import COOKIE_NAME, cookie_value, visitor_of
from tests.browser.serving import LiveShop
from tests.support.chromium import Phone, a_context

ANSWERS_OF_PAGES = {"document", "fetch", "xhr"}
"""What may be refused by the shop with a reason; a picture, style or script may not."""

IS_QUIET = (
    "one => Boolean(one.form && one.form.matches('[data-quiet]')) && one.dataset.loud === undefined"
)
"""Whether a script sends the form that a field or button belongs to."""


@dataclass
class Visitor:
    """One browser with its cookies, and one page in it."""

    shop: LiveShop
    page: Page
    scripts: bool = True
    """Whether this browser carries them out."""
    complaints: list[str] = field(default_factory=list[str])
    status: int = 0
    """Of the last document that was loaded, or form that a script has sent."""

    def go(self, path: str, status: int = 200) -> None:
        """Open a path of the shop, and follow where it leads."""
        answer = self.page.goto(self.shop.base + path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"

    @property
    def path(self) -> str:
        """What the bar shows, from the first slash on."""
        parts = urlsplit(self.page.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    @property
    def text(self) -> str:
        """What can be read in the page's middle, with single spaces."""
        return " ".join(self.page.locator("main").inner_text().split())

    def press(self, button: str) -> None:
        """Press what this selector finds, and wait for the page that comes of it."""
        found = self.page.locator(button).first
        with self._a_page_after(found):
            found.click()

    def enter(self, field: str) -> None:
        """Press the Enter key in a field, by its name, and wait for the page that comes of it."""
        found = self.page.locator(f"[name='{field}']:visible").first
        with self._a_page_after(found):
            found.press("Enter")

    @contextmanager
    def _a_page_after(self, pressed: Locator) -> Generator[None]:
        """Wait for the next page, or for what a script sends without leaving this one."""
        if self.scripts and pressed.evaluate(IS_QUIET):
            yield
            self.page.locator("form[aria-busy='true']").wait_for(state="detached")
        else:
            with self.page.expect_event("load"):
                yield
        self.page.wait_for_load_state("networkidle")

    def fill(self, **fields: str) -> None:
        """Fill in fields by their names."""
        for name, text in fields.items():
            self.page.locator(f"[name='{name}']:visible").first.fill(text)

    def value_of(self, name: str) -> str:
        """What stands in a field."""
        return self.page.locator(f"[name='{name}']:visible").first.input_value()

    def known_as(self) -> str:
        """The visitor id in this browser's cookie."""
        cookies = {each["name"]: each["value"] for each in self.page.context.cookies()}  # pyright: ignore
        found = visitor_of(cookies.get(COOKIE_NAME), self._secret)
        assert found is not None, "this browser has no cookie of ours"
        return found

    def remember(self, visitor_id: str) -> None:
        """Give the browser the cookie of a visitor."""
        self.page.context.add_cookies(
            [
                {
                    "name": COOKIE_NAME,
                    "value": cookie_value(visitor_id, self._secret),
                    "url": self.shop.base,
                }
            ]
        )

    @property
    def _secret(self) -> str:
        return self.shop.app.extensions["settings"].visitor_secret

    def listen(self) -> None:
        """Note what goes wrong from now on."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        # A status is looked at where the answer comes in, see below.
        is_status = message.text.startswith("Failed to load resource: the server responded")
        if message.type in {"error", "warning"} and not is_status:
            self.complaints.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        # Who goes on to the next page gives up what the last one was still loading.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"request: {request.url} {request.failure}")

    def _answered(self, answer: Response) -> None:
        kind = answer.request.resource_type
        if answer.status >= 400 and kind not in ANSWERS_OF_PAGES:
            self.complaints.append(f"{kind}: {answer.url} {answer.status}")
        if urlsplit(answer.url).netloc != urlsplit(self.shop.base).netloc:
            self.complaints.append(f"elsewhere: {answer.url}")
        if kind == "document" or answer.request.method == "POST":
            self.status = answer.status


NewVisitor = Callable[..., Visitor]
"""Called with a phone and what `a_context` takes; their browsers are closed after the test."""


def visitors(shop: LiveShop, browser: Browser) -> Iterator[NewVisitor]:
    """Let people come; at the end nobody's browser may have complained of anything."""
    everybody: list[Visitor] = []

    def come(phone: Phone, size: tuple[int, int] = (390, 844), **how: bool) -> Visitor:
        context = a_context(browser, phone, size, **how)
        context.set_default_timeout(20_000)
        visitor = Visitor(shop, context.new_page(), how.get("scripts", True))
        visitor.listen()
        everybody.append(visitor)
        return visitor

    yield come
    complaints = [said for visitor in everybody for said in visitor.complaints]
    for visitor in everybody:
        visitor.page.context.close()
    assert complaints == [], "\n".join(complaints)
