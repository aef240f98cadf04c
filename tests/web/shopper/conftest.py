"""A chain that sells, a shop with goods, and somebody with a phone."""

from __future__ import annotations

import pytest
from flask import Flask

from storefront.shops.models import Shop
from tests.support import cast, trade
from tests.support.browser import Browser


@pytest.fixture
def shop(app: Flask) -> Shop:
    """An open shop, in a chain with a policy and a plan."""
    trade.open_for_trade()
    return cast.a_shop(handle="fang", title="芳的店", words="都是我自己用过的。")


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Somebody who reads English."""
    return Browser(app.test_client())
