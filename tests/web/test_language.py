"""Which language a page speaks."""

import pytest
from flask.testing import FlaskClient

from tests.support.browser import Browser


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("en-GB,en;q=0.9,zh;q=0.5", "en"),
        ("en-US", "en"),
        ("zh-TW", "zh-Hans"),
        ("fr,en;q=0.4", "en"),
        ("fr", "zh-Hans"),
        ("", "zh-Hans"),
        ("*", "zh-Hans"),
        (";;;q=", "zh-Hans"),
        ("en;q=0.1," * 500, "en"),
    ],
)
def test_a_page_speaks_what_the_browser_asks_for(
    client: FlaskClient, header: str, tag: str
) -> None:
    answer = client.get("/cart", headers={"Accept-Language": header})
    assert f'<html lang="{tag}">' in answer.text
    assert "Accept-Language" in answer.headers["Vary"]
    assert "Cookie" in answer.headers["Vary"]


def test_a_reader_may_choose_and_comes_back_to_where_they_were(client: FlaskClient) -> None:
    browser = Browser(client, "en")
    browser.get("/cart")
    page = browser.press("/language", "language=zh")
    assert browser.address == "/cart"
    assert page.all("html")[0]["lang"] == "zh-Hans"
    browser.press("/language", "language=en")
    assert browser.page.all("html")[0]["lang"] == "en"


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/a\\b",
        "javascript:alert(1)",
        "/x\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_the_way_back_stays_on_this_host(client: FlaskClient, back: str) -> None:
    answer = client.post("/language", data={"language": "en", "back": back})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


def test_the_choice_is_kept_from_scripts_and_from_other_sites(client: FlaskClient) -> None:
    cookie = client.post("/language", data={"language": "en", "back": "/"}).headers["Set-Cookie"]
    assert cookie.startswith("language=en;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("language", ["fr", "", "zh-Hans", "<script>"])
def test_other_languages_are_refused(client: FlaskClient, language: str) -> None:
    answer = client.post("/language", data={"language": language})
    assert answer.status_code == 422
    assert "<script>" not in answer.text


def test_another_site_does_not_choose_for_the_reader(client: FlaskClient) -> None:
    answer = client.post(
        "/language", data={"language": "en"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_a_strange_language_cookie_is_passed_over(client: FlaskClient) -> None:
    client.set_cookie("language", "xx")
    answer = client.get("/cart", headers={"Accept-Language": "en"})
    assert '<html lang="en">' in answer.text
