"""The shop's doors, as everybody uses them: HTTP, served in this process, each request counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

BROWSER = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)


class Refused(Exception):
    """The shop did not answer as it should have."""

    def __init__(self, method: str, path: str, answer: TestResponse) -> None:
        self.status = answer.status_code
        problem: dict[str, str] | None = answer.get_json(silent=True)
        self.code = (problem or {}).get("code", "")
        """The problem document's code; empty if there is none."""
        super().__init__(f"{method} {path}: {answer.status} {answer.get_data(as_text=True)[:2000]}")


class Doors:
    """The running shop, seen from outside."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.requests = 0

    def browser(self) -> FlaskClient:
        """A browser without cookies."""
        return self._app.test_client()

    def get(self, browser: FlaskClient, path: str, *, expect: int = 200) -> TestResponse:
        """Open a page. Raises Refused if the answer's status is not the expected one."""
        return self._ask(browser, "GET", path, expect, {})

    def post(
        self,
        browser: FlaskClient,
        path: str,
        document: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        expect: int = 200,
    ) -> Any:
        """Send a document and read the answer's. Raises Refused as `get` does."""
        sent = orjson.dumps(document) if document is not None else b""
        kind = {"Content-Type": "application/json"} if document is not None else {}
        return self.post_bytes(
            browser, path, sent, headers={**kind, **(headers or {})}, expect=expect
        )

    def post_bytes(
        self,
        browser: FlaskClient,
        path: str,
        body: bytes,
        *,
        headers: Mapping[str, str],
        expect: int = 200,
    ) -> Any:
        """Send these very bytes, as whoever signed them does; read the answer's document."""
        answer = self._ask(browser, "POST", path, expect, headers, body)
        return orjson.loads(answer.data) if answer.data else None

    def _ask(
        self,
        browser: FlaskClient,
        method: str,
        path: str,
        expect: int,
        headers: Mapping[str, str],
        body: bytes = b"",
    ) -> TestResponse:
        self.requests += 1
        answer = browser.open(
            path, method=method, data=body, headers={"User-Agent": BROWSER, **headers}
        )
        if answer.status_code != expect:
            raise Refused(method, path, answer)
        return answer
