"""What stands on every page, whatever it shows."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.browser import Browser


@pytest.mark.own_app(chain_contact="+86 21 5555 0100", chain_legal_name="Reedbank Stores Ltd")
def test_who_sells_and_how_to_reach_them_stands_at_the_foot(app: Flask) -> None:
    page = Browser(app.test_client()).get("/")
    assert "Reedbank Stores Ltd" in page.text
    assert "tel:+862155550100" in page.links


@pytest.mark.own_app(chain_contact="service@shop.example")
def test_a_mail_address_is_written_to(app: Flask) -> None:
    assert "mailto:service@shop.example" in Browser(app.test_client()).get("/cart").links


def test_without_a_way_to_be_reached_none_is_promised(app: Flask) -> None:
    page = Browser(app.test_client()).get("/")
    assert "Questions?" not in page.text
    assert not [link for link in page.links if link.startswith(("tel:", "mailto:"))]
