"""A Chromium to look at pages with: where it is, how it is started, who sits in front of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
HOW_TO_GET_IT = (
    "On Debian: apt-get install chromium fonts-noto-cjk; elsewhere: playwright install chromium; "
    "or name one in CHROMIUM=…"
)


@dataclass(frozen=True)
class Phone:
    """Somebody's browser: what it calls itself, and the language its owner reads."""

    user_agent: str
    locale: str


# Real ones of these browsers. Chromium's own name here, HeadlessChrome, is a crawler's.
WECHAT = Phone(
    "Mozilla/5.0 (Linux; Android 13; V2217A Build/TP1A.220624.014; wv) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160065 "
    "MMWEBSDK/20231202 MicroMessenger/8.0.47.2560(0x28002F50) WeChat/arm64 Weixin NetType/4G "
    "Language/zh_CN ABI/arm64",
    "zh-CN",
)
CHROME = Phone(
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Mobile Safari/537.36",
    "en-GB",
)


@cache
def find() -> str | None:
    """The path of a Chromium: CHROMIUM's, one on the PATH, or Playwright's own; None if none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next(filter(None, map(shutil.which, NAMES)), None) or playwrights_own()


def is_left_out() -> bool:
    """Whether tests with a browser are left out for want of one, which CI does not allow."""
    return find() is None and os.environ.get("BROWSER_REQUIRED") != "1"


def playwrights_own() -> str | None:
    """The one that `playwright install chromium` has put on this machine, if it did."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@contextmanager
def a_chromium() -> Generator[Browser]:
    """A headless browser, for the length of a `with`.

    Raises RuntimeError if there is none on this machine.
    """
    path = find()
    if path is None:
        raise RuntimeError(f"There is no Chromium here. {HOW_TO_GET_IT}")
    # Its sandbox does not work for root, which is who runs in a container.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def a_context(
    browser: Browser,
    phone: Phone,
    size: tuple[int, int] = (390, 844),
    *,
    scripts: bool = True,
    dark: bool = False,
) -> BrowserContext:
    """A browser without cookies, as a phone (or, when wider, as a desk) has it."""
    width, height = size
    return browser.new_context(
        user_agent=phone.user_agent,
        locale=phone.locale,
        timezone_id="Asia/Shanghai",
        viewport={"width": width, "height": height},
        java_script_enabled=scripts,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        has_touch=width < 1000,
    )
