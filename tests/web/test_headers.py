"""What every answer tells the browser to refuse."""

import re
from collections.abc import Mapping

import pytest
from flask.testing import FlaskClient

from storefront.web.headers import POLICY
from tests.support import cast
from tests.support.browser import Page


@pytest.fixture
def pages() -> list[str]:
    shop = cast.a_shop(handle="fang")
    listing = cast.a_listing(shop, caption="好")
    product = listing.product.public_id
    return ["/", "/s/fang", f"/s/fang/p/{product}", f"/p/{product}", "/cart", "/nowhere"]


def test_every_page_refuses_frames_foreign_files_and_inline_scripts(
    client: FlaskClient, pages: list[str]
) -> None:
    for path in pages:
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"] == POLICY, path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin", path


def is_harmless(script: Mapping[str, str | None]) -> bool:
    """Whether it is no script at all, or a module of ours that stands in a file of its own."""
    if script == {"type": "application/ld+json"}:
        return True
    file = script.get("src") or ""
    return script == {"type": "module", "src": file} and file.startswith("/static/")


def test_no_page_has_what_the_policy_would_refuse(client: FlaskClient, pages: list[str]) -> None:
    for path in pages:
        page = Page(client.get(path).text)
        for tag, attributes in page.elements:
            assert "style" not in attributes, (path, tag)
            assert not any(name.startswith("on") for name in attributes), (path, tag)
            assert tag not in {"style", "iframe", "object", "embed", "base"}, path
            if tag == "script":
                assert is_harmless(attributes), path
            source = attributes.get("src")
            assert source is None or re.match(r"/[^/]", source), (path, source)


def test_answers_of_the_api_are_not_sniffed_either(client: FlaskClient) -> None:
    answer = client.get("/api/v1/shopper/carts/crt_nothing")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" not in answer.headers
