"""Keys for tills and partners' systems: made by HQ admins, shown once, taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Forbidden, Unauthenticated
from storefront.staff import api_keys
from storefront.staff.api_keys import ApiKey, Scope
from storefront.staff.models import Role
from tests.support import cast
from tests.support.queries import recorded_queries

KEYS = "/api/v1/hq/api-keys"
Headers = dict[str, str]


@pytest.fixture
def admin(app: Flask) -> Headers:
    return cast.headers_of(cast.an_employee("H1", role=Role.HQ_ADMIN, store="HQ"))


def made(client: FlaskClient, admin: Headers, **given: Any) -> dict[str, Any]:
    asked = {"name": "Till 2", "scopes": ["till:sales"], **given}
    answer = client.post(KEYS, json=asked, headers=admin)
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def test_a_key_is_shown_once_and_kept_as_a_hash(client: FlaskClient, admin: Headers) -> None:
    cast.a_store("S1")
    key = made(client, admin, store="S1")
    assert key["secret"].startswith("sfk_")
    assert (key["scopes"], key["store"], key["last_used_at"]) == (["till:sales"], "S1", None)
    assert key["secret"] not in str(db.session.execute(sa.select(ApiKey.__table__)).all())
    (listed,) = client.get(KEYS, headers=admin).get_json()["items"]
    assert listed == {name: value for name, value in key.items() if name != "secret"}


def test_a_key_opens_what_its_scopes_say_until_it_is_revoked(
    client: FlaskClient, admin: Headers, clock: SettableClock
) -> None:
    key = made(client, admin, scopes=["touches", "till:sales"])
    holder = api_keys.authenticate(key["secret"], clock.now())
    assert (holder.scopes, holder.store_code) == ({"till:sales", "touches"}, None)
    for _ in range(2):
        answer = client.post(f"{KEYS}/{key['id']}/revoke", headers=admin)
        assert answer.get_json()["revoked_at"] == "2026-03-02T02:00:00Z"
        clock.advance(timedelta(minutes=1))
    with pytest.raises(Unauthenticated, match="key_revoked"):
        api_keys.authenticate(key["secret"], clock.now())
    with pytest.raises(Unauthenticated, match="key_unknown"):
        api_keys.authenticate(key["secret"] + "x", clock.now())


def test_its_use_is_noted_once_an_hour_and_costs_one_query_otherwise(
    client: FlaskClient, admin: Headers, clock: SettableClock
) -> None:
    key = made(client, admin)
    first = clock.now()
    api_keys.authenticate(key["secret"], first)
    with recorded_queries() as queries:
        api_keys.authenticate(key["secret"], clock.advance(timedelta(minutes=59)))
    assert len(queries) == 1
    (listed,) = client.get(KEYS, headers=admin).get_json()["items"]
    assert listed["last_used_at"] == "2026-03-02T02:00:00Z"
    api_keys.authenticate(key["secret"], clock.advance(timedelta(minutes=1)))
    (listed,) = client.get(KEYS, headers=admin).get_json()["items"]
    assert listed["last_used_at"] == "2026-03-02T03:00:00Z"


@pytest.mark.parametrize("role", [Role.HQ_OPERATIONS, Role.HQ_FINANCE])
def test_keys_are_for_admins_alone(client: FlaskClient, role: Role, clock: SettableClock) -> None:
    other = cast.an_employee("H2", role=role, store="HQ")
    headers = cast.headers_of(other)
    asked = {"name": "Till", "scopes": ["touches"]}
    for answer in (
        client.get(KEYS, headers=headers),
        client.post(KEYS, json=asked, headers=headers),
        client.post(f"{KEYS}/key_nobody/revoke", headers=headers),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (403, "role_not_allowed")
    with pytest.raises(Forbidden, match="needs_admin"):
        api_keys.make_key("Till", [Scope.TILL], None, cast.actor_of(other), clock.now())


def test_a_key_for_nothing_or_for_no_store_is_refused(client: FlaskClient, admin: Headers) -> None:
    asked = {"name": "Till", "scopes": [], "store": "S1"}
    assert client.post(KEYS, json=asked, headers=admin).status_code == 422
    asked["scopes"] = ["everything"]
    assert client.post(KEYS, json=asked, headers=admin).status_code == 422
    asked["scopes"] = ["till:sales"]
    answer = client.post(KEYS, json=asked, headers=admin)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "store_not_found")
    assert client.post(f"{KEYS}/key_nobody/revoke", headers=admin).status_code == 404
