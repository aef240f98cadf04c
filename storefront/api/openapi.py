"""The OpenAPI document: what the routes say of themselves, and what holds for all of them."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from storefront.api.problems import CONTENT_TYPE


class Principle(NamedTuple):
    """Something that holds for every route."""

    title: str
    words: str


PRINCIPLES = (
    Principle(
        "Audiences",
        "Routes stand under /api/v1/shopper (anybody; the browser is known by its signed visitor "
        "cookie), /api/v1/seller (employees), /api/v1/hq (headquarters, by role) and "
        "/api/v1/partner (machines of other houses: payment gateways by signature, tills and "
        "others by a key that headquarters gives out).",
    ),
    Principle(
        "Signing in",
        "POST /api/v1/seller/session gives an access token for 15 minutes and a refresh token. "
        "Send the access token as `Authorization: Bearer …`. Suspension, leaving and signing out "
        "end it at once.",
    ),
    Principle(
        "Errors",
        "Every error is `application/problem+json` (RFC 9457). Its `code` is stable and listed "
        "with each route; `detail` is a sentence for a person and may change. Wrong fields come as "
        "422 with `errors` by place and field; unknown fields are wrong fields. 429 and 503 carry "
        "`Retry-After`.",
    ),
    Principle(
        "Sending again",
        "POSTs that create or pay take `Idempotency-Key`. The same key and body get the same "
        "answer, with `Idempotency-Replayed: true`, however much later; the same key with another "
        "body is 422 `idempotency_key_reused`. An error is not kept: the same key may try again. "
        "What a till tells bears the till's own number, which does the same.",
    ),
    Principle(
        "Editing",
        "What can be edited comes with an `ETag`. Send it back as `If-Match`: 412 "
        "`version_changed` means that somebody was faster, 428 `if_match_missing` that it was not "
        "sent.",
    ),
    Principle(
        "Money",
        'Amounts are whole numbers of the currency\'s minor unit: `{"amount": 1999, "currency": '
        '"CNY"}` is 19.99 yuan. Prices and totals are the server\'s; nobody sends any '
        "but a till, which has charged them.",
    ),
    Principle(
        "Times",
        "RFC 3339 in UTC, like `2026-03-05T08:30:00Z`. Days and months are the chain's own and "
        "begin at midnight in its time zone.",
    ),
    Principle(
        "Lists",
        "Long lists come in pages of `items` and `next`. Send `next` back as `after` until it is "
        "null: nothing is left out or shown twice when rows are added meanwhile.",
    ),
    Principle(
        "Names of things",
        "Ids are opaque texts such as `ord_7kq3mnpqrstvwxyz`. Compare them whole and read nothing "
        "out of them.",
    ),
)


class Described(NamedTuple):
    """The document, and the bytes that are sent."""

    document: dict[str, Any]
    body: bytes
    etag: str


def in_markdown() -> str:
    """The principles, as the document's description has them."""
    return "\n\n".join(f"## {title}\n\n{words}" for title, words in PRINCIPLES)


def finished(document: dict[str, Any]) -> Described:
    """Say that errors are problem documents where the framework says JSON, and make the bytes."""
    for answer in document["components"]["responses"].values():
        content = answer.get("content", {})
        if "application/json" in content:
            content[CONTENT_TYPE] = content.pop("application/json")
    body = orjson.dumps(document)
    return Described(document, body, f'"{blake2b(body, digest_size=12).hexdigest()}"')
