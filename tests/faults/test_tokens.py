"""Tokens that are not ours, or not for this."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token, create_refresh_token

from storefront.api.tokens import tokens_for
from storefront.core import clock as now_of
from storefront.core.database import transaction
from storefront.staff import sessions
from tests.support import cast

ME = "/api/v1/seller/me"
REFRESH = "/api/v1/seller/session/refresh"

Claims = dict[str, Any]


@pytest.fixture
def signed_in(app: Flask) -> sessions.SignedIn:
    employee = cast.an_employee()
    with transaction():
        return sessions.open_session(employee.id, now_of.now())


@pytest.fixture
def secret(app: Flask) -> str:
    return app.extensions["settings"].jwt_secret_key


@pytest.fixture
def claims(signed_in: sessions.SignedIn, secret: str) -> Claims:
    """What a good access token says; nothing but its signature keeps anybody from saying it."""
    good = tokens_for(signed_in).access
    return jwt.decode(good, secret, algorithms=["HS256"], audience="storefront-staff")


def refused(client: FlaskClient, token: str, path: str = ME) -> str:
    method = "POST" if path == REFRESH else "GET"
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.open(path, method=method, headers=headers)
    assert answer.status_code == 401, answer.data
    assert answer.content_type == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    return answer.get_json()["code"]


def encoded(document: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def by_hand(header: Any, claims: Any, key: str) -> str:
    """A token of any header, signed with HMAC-SHA256 whatever the header says."""
    signed = f"{encoded(header)}.{encoded(claims)}"
    signature = hmac.digest(key.encode(), signed.encode(), hashlib.sha256)
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def test_a_good_token_is_good(client: FlaskClient, claims: Claims, secret: str) -> None:
    for token in (
        jwt.encode(claims, secret, algorithm="HS256"),
        by_hand({"alg": "HS256", "typ": "JWT"}, claims, secret),
    ):
        answer = client.get(ME, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200


@pytest.mark.parametrize("algorithm", ["none", "None", "HS384", "RS256", "ES256", "", None, 7])
def test_no_other_algorithm_is_believed(
    client: FlaskClient, claims: Claims, secret: str, algorithm: Any
) -> None:
    signed = by_hand({"alg": algorithm, "typ": "JWT"}, claims, secret)
    assert refused(client, signed) == "token_invalid"
    unsigned = signed.rpartition(".")[0] + "."
    assert refused(client, unsigned) == "token_invalid"


def test_a_stronger_algorithm_with_the_right_key_is_not_believed_either(
    client: FlaskClient, claims: Claims, secret: str
) -> None:
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        token = jwt.encode(claims, secret, algorithm="HS512")
    assert refused(client, token) == "token_invalid"


@pytest.mark.parametrize(
    "header",
    [
        {"jku": "https://attacker.example/keys"},
        {"x5u": "https://attacker.example/certificate"},
        {"kid": "../../../../dev/null"},
        {"jwk": {"kty": "oct", "k": encoded("the attacker's own key, 32 bytes long")}},
    ],
)
def test_a_token_cannot_bring_its_own_key(
    client: FlaskClient, claims: Claims, header: dict[str, Any]
) -> None:
    full = {"alg": "HS256", "typ": "JWT", **header}
    for key in ("the attacker's own key, 32 bytes long", "", "\0" * 32):
        assert refused(client, by_hand(full, claims, key)) == "token_invalid"


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "storefront-shoppers"},
        {"aud": ["somebody", "else"]},
        {"aud": None},
        {"iss": "somebody else"},
        {"iss": None},
        {"sub": None},
        {"sub": 7},
        {"sid": None},
        {"sid": 7},
        {"jti": None},
        {"type": "refresh"},
        {"nbf": int(time.time()) + 3600},
    ],
)
def test_a_token_for_something_else_is_refused(
    client: FlaskClient, claims: Claims, secret: str, change: Claims
) -> None:
    changed = {name: value for name, value in (claims | change).items() if value is not None}
    token = by_hand({"alg": "HS256", "typ": "JWT"}, changed, secret)
    assert refused(client, token) == "token_invalid"


def test_a_refresh_token_opens_nothing_and_an_access_token_refreshes_nothing(
    client: FlaskClient, signed_in: sessions.SignedIn
) -> None:
    tokens = tokens_for(signed_in)
    assert refused(client, tokens.refresh) == "token_invalid"
    assert refused(client, tokens.access, REFRESH) == "token_invalid"


def test_an_expired_token_says_so(client: FlaskClient, signed_in: sessions.SignedIn) -> None:
    claims = {"sid": signed_in.session_public_id, "jti": signed_in.token_id}
    ago = timedelta(minutes=-1)
    access = create_access_token(
        signed_in.employee_public_id, expires_delta=ago, additional_claims=claims
    )
    refresh = create_refresh_token(
        signed_in.employee_public_id, expires_delta=ago, additional_claims=claims
    )
    assert refused(client, access) == "token_expired"
    assert refused(client, refresh, REFRESH) == "token_expired"


def test_a_token_lives_for_fifteen_minutes_and_a_refresh_token_for_thirty_days(
    signed_in: sessions.SignedIn, secret: str
) -> None:
    tokens = tokens_for(signed_in)
    for token, seconds in ((tokens.access, 15 * 60), (tokens.refresh, 30 * 24 * 60 * 60)):
        said = jwt.decode(token, secret, algorithms=["HS256"], audience="storefront-staff")
        assert said["exp"] - said["iat"] == seconds


def test_a_good_token_for_nobodys_session_is_refused(
    client: FlaskClient, claims: Claims, secret: str
) -> None:
    colleague = cast.an_employee().public_id
    for change in ({"sid": "ses_nothing"}, {"sub": "emp_nobody"}, {"sub": colleague}):
        token = jwt.encode(claims | change, secret, algorithm="HS256")
        assert refused(client, token) == "session_ended"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "token_missing"),
        ("", "token_missing"),
        ("Basic dXNlcjpwYXNz", "token_missing"),
        ("Bearer", "token_invalid"),
        ("Bearer a b", "token_invalid"),
        ("Bearer x", "token_invalid"),
        ("Bearer ..", "token_invalid"),
        ("Bearer \u00e9\u00e9.\u00ff.", "token_invalid"),
        ("Bearer " + "." * 5000, "token_invalid"),
    ],
)
def test_what_is_no_token_is_refused(
    client: FlaskClient, app: Flask, header: str | None, code: str
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = client.get(ME, headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (401, code)


@pytest.mark.parametrize("place", ["header", "claims"])
def test_nested_brackets_without_end_are_just_no_token(
    client: FlaskClient, claims: Claims, place: str
) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("=")
    good = encoded({"alg": "HS256", "typ": "JWT"})
    token = f"{deep}.{encoded(claims)}.x" if place == "header" else f"{good}.{deep}.x"
    assert refused(client, token) == "token_invalid"
