"""Keys for machines of other houses: made, listed, revoked. For HQ admins."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.pagination import key_of, page
from storefront.api.schemas import PageQuery, Schema, Time, list_of, text
from storefront.core import clock
from storefront.staff import api_keys
from storefront.staff.api_keys import LONGEST_NAME, ApiKey, Scope
from storefront.staff.models import Role
from storefront.staff.stores import find_store_by_code

blueprint = guard.blueprint(
    "hq_api_keys", "api-keys", "Keys with which tills and partners' systems come in"
)


class NewApiKey(Schema):
    """What a key shall open."""

    name = text(LONGEST_NAME, required=True, metadata={"example": "Till 2 in Nanjing Road"})
    scopes = list_of(
        fields.Enum(Scope, by_value=True),
        required=True,
        validate=validate.Length(1, len(Scope)),
        metadata={"example": ["till:sales"]},
    )
    store = text(
        32,
        load_default=None,
        allow_none=True,
        metadata={
            "example": "S1",
            "description": "A store's code: the key may speak for that store alone",
        },
    )


class ApiKeySchema(Schema):
    """A key. What opens is its secret, which only the answer to its making has."""

    id = fields.String(metadata={"example": "key_7kqdx2fm9rtv4hjp"})
    name = fields.String()
    scopes = list_of(fields.Enum(Scope, by_value=True))
    store = fields.String(allow_none=True)
    created_at = Time()
    last_used_at = Time(
        allow_none=True, metadata={"description": "To the hour; null if it was never used"}
    )
    revoked_at = Time(allow_none=True)


class MadeApiKey(ApiKeySchema):
    """A key just made."""

    secret = fields.String(
        metadata={
            "example": "sfk_7kqdx2fm9rtv4hjp7kqdx2fm9rtv4hjp7kqdx2fm",
            "description": "Shown this once; send it as `Authorization: Bearer …`",
        }
    )


class ApiKeyPage(Schema):
    """Some keys, the latest first."""

    items = list_of(ApiKeySchema)
    next = fields.String(allow_none=True)


def _show(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.public_id,
        "name": key.name,
        "scopes": [Scope(scope) for scope in key.scopes],
        "store": key.store.code if key.store else None,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ApiKeyPage)
def list_api_keys(query: dict[str, Any]) -> dict[str, Any]:
    """List keys, the latest first, with those that were revoked."""
    guard.require_role(Role.HQ_ADMIN)
    limit = query["limit"]
    found = api_keys.list_keys(key_of(query.get("after")), limit + 1)
    return page(found, limit, lambda key: key.id, _show)


@blueprint.route("", methods=["POST"])
@described.errors(blueprint, {404: "store_not_found", 422: "invalid_fields"})
@blueprint.arguments(NewApiKey)
@blueprint.response(201, MadeApiKey)
def make_api_key(given: dict[str, Any]) -> Any:
    """Make a key. Its secret is shown this once.

    It takes no Idempotency-Key, as the kept answer would hold the secret: if the answer is lost,
    revoke the key and make another.
    """
    guard.require_role(Role.HQ_ADMIN)
    store_id = find_store_by_code(given["store"]).id if given["store"] else None
    made = api_keys.make_key(given["name"], given["scopes"], store_id, guard.actor(), clock.now())
    return {**_show(made.key), "secret": made.secret}, {"Cache-Control": "no-store"}


@blueprint.route("/<key_id>/revoke", methods=["POST"])
@described.errors(blueprint, {404: "key_not_found"})
@blueprint.response(200, ApiKeySchema)
def revoke_api_key(key_id: str) -> dict[str, Any]:
    """Take a key back: from this moment it opens nothing. Doing it again changes nothing."""
    guard.require_role(Role.HQ_ADMIN)
    return _show(api_keys.revoke_key(key_id, guard.actor(), clock.now()))
