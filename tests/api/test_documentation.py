"""The OpenAPI document, and the page that shows it to people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from storefront.api import examples, openapi, reference
from storefront.api.documentation import described_api
from storefront.api.problems import CONTENT_TYPE
from storefront.web.headers import POLICY
from tests.support.browser import Page

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
WITHOUT_DESCRIPTION = {"/api/v1/openapi.json"}


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    """What the application says of its API."""
    return described_api().document


def rules(app: Flask) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/") and rule.rule not in WITHOUT_DESCRIPTION:
            yield rule


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method.upper() in METHODS:
                yield f"{method.upper()} {path}", operation


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for each in node.values():
            yield from references(each)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


def test_every_route_is_described(app: Flask, document: dict[str, Any]) -> None:
    for rule in rules(app):
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        described = {method.upper() for method in document["paths"][path]}
        assert (rule.methods or set()) & METHODS <= described, path


def test_every_route_has_a_summary_an_answer_and_its_errors(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert len(operation.get("summary", "")) > 3, name
        answers = {
            status: given
            for status, given in operation["responses"].items()
            if status.startswith("2")
        }
        assert answers, name
        for status, answer in answers.items():
            assert status == "204" or any(
                each.get("schema") for each in answer["content"].values()
            ), name
        with_input = operation.get("requestBody") or "{" in name or operation.get("security")
        errors = [status for status in operation["responses"] if status.startswith(("4", "5"))]
        assert errors or not with_input, name


def test_every_error_is_a_problem_document_with_its_codes(document: dict[str, Any]) -> None:
    everywhere = document["components"]["responses"]
    for name, operation in operations(document):
        for status, given in operation["responses"].items():
            if status.startswith(("4", "5")) or status == "default":
                answer = everywhere[examples.name_of(given)] if "$ref" in given else given
                assert list(answer["content"]) == [CONTENT_TYPE], (name, status)
                assert answer["description"], (name, status)


def test_staff_routes_ask_for_a_token_partners_for_a_key_and_no_others_do(
    document: dict[str, Any],
) -> None:
    open_to_all = {
        "POST /api/v1/seller/session",
        "POST /api/v1/seller/password",
        # A gateway's notice is believed for its signature.
        "POST /api/v1/partner/gateways/{name}/notices",
    }
    known = document["components"]["securitySchemes"]
    assert all(
        (scheme["type"], scheme["scheme"]) == ("http", "bearer") for scheme in known.values()
    )
    for name, operation in operations(document):
        is_guarded = any(part in name for part in ("/seller/", "/hq/", "/partner/"))
        asked = [scheme for each in operation.get("security", []) for scheme in each]
        assert bool(asked) == (is_guarded and name not in open_to_all), name
        assert set(asked) <= known.keys(), name
        assert ("partner" in asked) == ("/partner/" in name and bool(asked)), name


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for found in references(document):
        node: Any = document
        for part in found.removeprefix("#/").split("/"):
            node = node[part]
        assert node


def test_every_path_parameter_is_described_and_every_name_is_its_own(
    document: dict[str, Any],
) -> None:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method.upper() not in METHODS:
                continue
            parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
            named = [(each["in"], each["name"]) for each in parameters]
            assert len(named) == len(set(named)), path
            in_path = {name for place, name in named if place == "path"}
            assert in_path == set(re.findall(r"{(\w+)}", path)), path


def test_the_document_says_what_holds_for_all_routes(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "http://shop.test"}]
    for title, _ in openapi.PRINCIPLES:
        assert f"## {title}" in document["info"]["description"]


def test_the_document_is_put_together_once_and_not_sent_twice(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.content_type == "application/json"
    assert answer.json["openapi"] == "3.1.0"  # pyright: ignore
    etag = answer.headers["ETag"]
    again = client.get("/api/v1/openapi.json", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_the_page_shows_every_route_and_needs_no_script(
    client: FlaskClient, document: dict[str, Any]
) -> None:
    answer = client.get("/api/docs")
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == POLICY
    page = Page(answer.text)
    for name, operation in operations(document):
        method, path = name.split()
        assert f"{method} {path}" in page.text, name
        assert "`" in operation["summary"] or operation["summary"] in page.text, name
    assert page.all("script") == []
    assert not any("style" in attributes for _, attributes in page.elements)
    again = client.get("/api/docs", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_every_link_on_the_page_leads_somewhere(client: FlaskClient) -> None:
    page = Page(client.get("/api/docs").text)
    anchors = [each["id"] for _, each in page.elements if each.get("id")]
    assert len(anchors) == len(set(anchors))
    for link in page.links:
        assert not link.startswith("#") or link[1:] in anchors, link


def test_examples_fill_a_command_line_in(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        f"{route.method} {route.path}": route
        for audience in reference.audiences(document)
        for group in audience.groups
        for route in group.routes
    }
    order = routes["POST /api/v1/shopper/orders"]
    assert '-H "Idempotency-Key: $IDEMPOTENCY_KEY"' in order.call
    assert '"phone": "138 0013 8000"' in order.call
    edit = routes["PATCH /api/v1/seller/shop"]
    assert '-H "Authorization: Bearer $TOKEN"' in edit.call
    assert "-H 'If-Match: \"7\"'" in edit.call
    read = routes["GET /api/v1/shopper/carts/{cart_id}"]
    assert read.call == 'curl "$SHOP/api/v1/shopper/carts/$CART_ID"'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a `code` here", "a <code>code</code> here"),
        ("<b> & `<i>`", "&lt;b&gt; &amp; <code>&lt;i&gt;</code>"),
        ("one ` alone", "one ` alone"),
        ("`a` and `b", "<code>a</code> and `b"),
        ("two\n  lines", "two lines"),
        ("", ""),
    ],
)
def test_prose_sets_names_apart_and_nothing_else(text: str, shown: str) -> None:
    assert reference.in_words(text) == shown


def test_a_shape_that_holds_itself_has_an_end() -> None:
    tree = {"type": "object", "properties": {"below": {"$ref": "#/components/schemas/Tree"}}}
    document = {"components": {"schemas": {"Tree": tree}}}
    assert examples.as_json(document, tree).count("below") < 20
