"""Keys with which machines of other houses come in: a store's till, a system that brings touches.

The secret is shown once and kept as a hash. It has 190 random bits, so nobody guesses one, and a
plain hash is enough: whoever reads the database has no way in. It is found by that hash, so no
comparison tells by its time how much of a guess was right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from storefront.core.actor import Actor
from storefront.core.database import Base, Id, db, transaction
from storefront.core.errors import Forbidden, Invalid, NotFound, Unauthenticated
from storefront.core.hot import HotStatement
from storefront.core.ids import public_id, random_text
from storefront.staff import rules
from storefront.staff.models import Employee, Store

PREFIX = "sfk_"
"""By it a key that lies about somewhere is known for what it is."""
SECRET_LENGTH = 40
LONGEST_NAME = 80
USE_NOTED_EVERY = timedelta(hours=1)
"""When a key was last used is known this exactly: to the second it would be a write per request."""


class Scope(StrEnum):
    """What a key opens."""

    TILL = "till:sales"
    """Tell of sales and returns at a till."""
    TOUCHES = "touches"
    """Tell of customers' meetings with employees."""


class ApiKey(Base):
    """A key, who made it, and whether it still opens anything."""

    __tablename__ = "api_keys"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    """Whose it is, in headquarters' words."""
    scopes: Mapped[list[Any]]
    store_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Store.id))
    """The only store it may speak for; None: for all."""
    secret_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))

    store: Mapped[Store | None] = relationship()


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who comes with a key."""

    key_id: int
    scopes: frozenset[str]
    store_code: str | None
    """The only store it may speak for; None: for all."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made, with the secret that nobody can be shown again."""

    key: ApiKey
    secret: str


_BY_HASH = HotStatement(
    sa.select(ApiKey.id, ApiKey.scopes, Store.code, ApiKey.last_used_at, ApiKey.revoked_at)
    .outerjoin(Store, Store.id == ApiKey.store_id)
    .where(ApiKey.secret_hash == sa.bindparam("secret_hash", type_=sa.String()))
)


def make_key(
    name: str, scopes: Collection[Scope], store_id: int | None, actor: Actor, now: datetime
) -> NewKey:
    """A new key; its secret is in the answer and nowhere else.

    Raises Forbidden `needs_admin`, Invalid `no_scope`.
    """
    _refuse_others_than_admins(actor)
    if not scopes:
        raise Invalid("no_scope", "A key needs at least one scope, or it opens nothing.")
    secret = PREFIX + random_text(SECRET_LENGTH)
    with transaction() as session:
        key = ApiKey(
            public_id=public_id("key"),
            name=name,
            scopes=sorted({scope.value for scope in scopes}),
            store_id=store_id,
            secret_hash=_hash(secret),
            created_at=now,
            created_by_id=actor.employee_id,
        )
        session.add(key)
        session.flush()
    return NewKey(key, secret)


def revoke_key(key_public_id: str, actor: Actor, now: datetime) -> ApiKey:
    """Let a key open nothing any more, from this moment on. Twice is as good as once.

    Raises Forbidden `needs_admin`, NotFound `key_not_found`.
    """
    _refuse_others_than_admins(actor)
    with transaction() as session:
        session.execute(
            sa.update(ApiKey)
            .where(ApiKey.public_id == key_public_id, ApiKey.revoked_at.is_(None))
            .values(revoked_at=now, revoked_by_id=actor.employee_id)
            .execution_options(synchronize_session=False)
        )
        return find_key(key_public_id)


def find_key(key_public_id: str) -> ApiKey:
    """One key, by its public id. Raises NotFound `key_not_found`."""
    key = db.session.scalar(
        sa.select(ApiKey)
        .options(joinedload(ApiKey.store))
        .where(ApiKey.public_id == key_public_id)
        .execution_options(populate_existing=True)
    )
    if key is None:
        raise NotFound("key_not_found", "There is no such key.")
    return key


def list_keys(before: int | None, limit: int) -> Sequence[ApiKey]:
    """Keys, the latest first, from below the row number `before`; revoked ones too."""
    statement = sa.select(ApiKey).options(joinedload(ApiKey.store)).order_by(ApiKey.id.desc())
    if before is not None:
        statement = statement.where(ApiKey.id < before)
    return db.session.scalars(statement.limit(limit)).all()


def authenticate(secret: str, now: datetime) -> KeyHolder:
    """Who comes with this secret, in one query.

    Raises Unauthenticated `key_unknown`, `key_revoked`.
    """
    row = _BY_HASH.first(secret_hash=_hash(secret))
    if row is None:
        raise Unauthenticated("key_unknown", "This key is not one of ours. Ask headquarters.")
    key_id, scopes, store_code, last_used_at, revoked_at = row
    if revoked_at is not None:
        raise Unauthenticated("key_revoked", "This key was taken back. Ask for another one.")
    if last_used_at is None or last_used_at <= now - USE_NOTED_EVERY:
        _note_use(key_id, now)
    return KeyHolder(key_id, frozenset(scopes), store_code)


def _note_use(key_id: int, now: datetime) -> None:
    with transaction() as session:
        session.execute(
            sa.update(ApiKey)
            .where(
                ApiKey.id == key_id,
                sa.or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= now - USE_NOTED_EVERY),
            )
            .values(last_used_at=now)
            .execution_options(synchronize_session=False)
        )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _refuse_others_than_admins(actor: Actor) -> None:
    if not rules.may_change_staff(actor.role):
        raise Forbidden("needs_admin", "Only an HQ admin makes and revokes keys.")
