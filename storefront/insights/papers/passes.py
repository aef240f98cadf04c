"""Passes to a statement's page: an address that opens one statement, for a while, without a token.

An app's view of the web has no way to send the API's token along, and a printed page has none at
all. A pass holds no longer than the session that it was asked for in: who signs out, or may not
sign in any more, closes their pages too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from itsdangerous import BadData, URLSafeSerializer

from storefront.core.errors import Gone, NotFound, Unauthenticated
from storefront.core.settings import settings
from storefront.staff.sessions import authenticate

LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pass:
    """What may be opened, by whom, until when."""

    code: str
    """The statement's."""
    session: str
    """Public id of the session in which it was asked for."""
    employee: str
    """Public id of whose session that is."""
    expires_at: datetime


def write(given: Pass) -> str:
    """The pass as a part of an address."""
    until = int(given.expires_at.timestamp())
    return str(_serializer().dumps([given.code, given.session, given.employee, until]))


def read(text: str, now: datetime) -> tuple[Pass, int]:
    """The pass, and the row number of the employee whose it is.

    Raises NotFound `page_not_found` for what we did not write, Gone `pass_expired` afterwards.
    """
    try:
        content = cast(list[Any], _serializer().loads(text))
    except BadData as error:
        raise NotFound("page_not_found", "There is no such page.") from error
    code, session, employee, until = content
    given = Pass(code, session, employee, datetime.fromtimestamp(until, UTC))
    if now >= given.expires_at:
        raise _expired()
    try:
        actor = authenticate(given.session, given.employee, now)
    except Unauthenticated as error:
        raise _expired() from error
    assert actor.employee_id is not None
    return given, actor.employee_id


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt="a statement's page")


def _expired() -> Gone:
    return Gone("pass_expired", "This page is open for an hour at most. Open it anew in the app.")
