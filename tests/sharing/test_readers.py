"""Which requests for a share link are visits."""

import pytest
from werkzeug.datastructures import Headers

from storefront.sharing.models import Uncounted
from storefront.sharing.readers import classify

WECHAT = "Mozilla/5.0 (Linux; Android 13; wv) AppleWebKit/537.36 MicroMessenger/8.0.47.2560"
FETCHER = "facebookexternalhit/1.1"


def reading(method: str = "GET", user_agent: str = WECHAT, **headers: str) -> Uncounted:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return classify(method, Headers({"User-Agent": user_agent, **named}))


def test_a_person_counts() -> None:
    assert reading() is Uncounted.NO


def test_a_request_without_any_header_counts() -> None:
    assert classify("GET", Headers()) is Uncounted.NO


def test_a_crawler_does_not_count() -> None:
    assert reading(user_agent=FETCHER) is Uncounted.CRAWLER


@pytest.mark.parametrize("user_agent", [WECHAT, FETCHER])
def test_a_head_request_does_not_count_whoever_sends_it(user_agent: str) -> None:
    assert reading("HEAD", user_agent) is Uncounted.HEAD


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Sec_Purpose", "prefetch"),
        ("Sec_Purpose", "prefetch;prerender"),
        ("Sec_Purpose", "prefetch;anonymous-client-ip"),
        ("Purpose", "prefetch"),
        ("Purpose", "Prefetch"),
        ("X_Purpose", "preview"),
        ("X_Moz", "prefetch"),
    ],
)
def test_what_a_browser_fetches_ahead_of_time_does_not_count(header: str, value: str) -> None:
    assert reading(**{header: value}) is Uncounted.PREFETCH


@pytest.mark.parametrize(
    ("header", "value"), [("Sec_Purpose", ""), ("Purpose", "buying"), ("X_Moz", "no prefetch")]
)
def test_other_purposes_count(header: str, value: str) -> None:
    assert reading(**{header: value}) is Uncounted.NO


def test_of_an_endless_user_agent_the_beginning_is_read() -> None:
    assert reading(user_agent=FETCHER + "x" * 100_000) is Uncounted.CRAWLER
    assert reading(user_agent="x" * 100_000 + FETCHER) is Uncounted.NO
