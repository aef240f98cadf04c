"""Errors as pages."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from storefront.core.errors import DomainError, TooMany
from storefront.web import errors, shared_links
from tests.support.browser import Browser, Page


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nothing/here", "There is no such page"),
        ("/s/nobody", "There is no such shop"),
        ("/p/prd_nothing", "There is no such product"),
        ("/c/cat_nothing", "There is no such department"),
        ("/o/nothing", "There is no such order"),
        ("/l/nothing", "There is no such link"),
        ("/pictures/pic_nothing-300.webp", "There is no such picture"),
    ],
)
def test_whoever_is_lost_reads_why_and_finds_the_front(
    client: FlaskClient, path: str, words: str
) -> None:
    browser = Browser(client)
    page = browser.get(path, 404)
    assert words in page.text
    assert "/" in page.links
    assert page.all("link")[0]["rel"] == "stylesheet"
    assert browser.answer.headers["Cache-Control"] == "no-store"
    assert {"name": "robots", "content": "noindex"} in page.all("meta")


def test_it_is_said_in_chinese_too(client: FlaskClient) -> None:
    assert "没有这一页" in Browser(client, "zh").get("/nothing", 404).text


def test_a_page_that_is_not_opened_like_that_names_how(client: FlaskClient) -> None:
    answer = client.delete("/cart", headers={"Accept-Language": "en"})
    assert answer.status_code == 405
    assert "This page cannot be opened like that" in answer.text
    assert "GET" in answer.headers["Allow"]


def test_a_fault_of_ours_is_a_page_that_tells_nothing_of_it(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_code: str) -> DomainError:
        raise ZeroDivisionError("the secret of the house")

    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(shared_links.touches, "why_nowhere", broken)
    answer = client.get("/l/unknown", headers={"Accept-Language": "en"})
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "secret" not in answer.text


def test_the_api_keeps_to_problem_documents(client: FlaskClient) -> None:
    for method, path, status in [
        ("GET", "/api/v1/nothing", 404),
        ("DELETE", "/api/v1/shopper/carts", 405),
    ]:
        answer = client.open(path, method=method)
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"


def test_every_kind_of_error_has_a_page(app: Flask) -> None:
    for status in (400, 401, 403, 404, 409, 410, 412, 413, 415, 422, 428, 429, 500, 502, 503):
        error = DomainError("something_unheard_of", "Words for programs.")
        error.status = status
        with app.test_request_context(headers={"Accept-Language": "en"}):
            answer = errors.of_domain_error(error)
        assert answer.status_code == status
        assert Page(answer.get_data(as_text=True)).all("h1")
        assert "Words for programs" not in answer.get_data(as_text=True)


def test_who_came_too_often_learns_when_to_come_back(app: Flask) -> None:
    with app.test_request_context():
        answer = errors.of_domain_error(TooMany("slow_down", "Too often.", retry_after=30))
    assert answer.headers["Retry-After"] == "30"
