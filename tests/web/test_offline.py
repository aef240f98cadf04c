"""The page for when there is no line, and the worker that shows it."""

import re

from flask.testing import FlaskClient

from storefront.web.assets import asset


def kept_by(worker: str) -> list[str]:
    return re.findall(r'^  "(.+)",$', worker, re.MULTILINE)


def test_the_page_speaks_both_languages_and_asks_nothing_of_anybody_else(
    client: FlaskClient,
) -> None:
    answer = client.get("/offline")
    assert "没有网络" in answer.text
    assert "There is no connection" in answer.text
    assert "stale-while-revalidate" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    # Everything it is made of is kept with it: nothing else can be fetched by then.
    asked_for = re.findall(r'(?:src|<link[^>]+href)="([^"]+)"', answer.text)
    assert set(asked_for) <= set(kept_by(client.get("/worker.js").text))


def test_the_worker_is_asked_for_anew_and_keeps_nothing_personal(client: FlaskClient) -> None:
    answer = client.get("/worker.js")
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert kept_by(answer.text) == ["/offline", asset("shop.css"), asset("icon.svg")]
    for path in kept_by(answer.text):
        assert client.get(path).status_code == 200
