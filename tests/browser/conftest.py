"""What tests with a browser may ask for. Without one on this machine the folder is left out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.serving import LiveShop, a_live_shop
from tests.browser.visitor import NewVisitor, visitors
from tests.support.chromium import a_chromium, is_left_out

# In CI a missing browser is a failure, and the fixture below says so. Elsewhere tests/conftest.py
# says at the end of the run that this folder was left out.
collect_ignore_glob = ["test_*.py"] if is_left_out() else []


@pytest.fixture(scope="package")
def live_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """A shop that is served on this machine."""
    with a_live_shop(tmp_path_factory.mktemp("live")) as shop:
        yield shop


@pytest.fixture(scope="package")
def chromium(live_shop: LiveShop) -> Iterator[Browser]:
    """One browser for all tests of a process. It ends before the shop does."""
    with a_chromium() as browser:
        yield browser


@pytest.fixture
def new_visitor(live_shop: LiveShop, chromium: Browser) -> Iterator[NewVisitor]:
    """Somebody new with a phone: `new_visitor(WECHAT, scripts=False)`."""
    yield from visitors(live_shop, chromium)
