"""What makes a statement more than a picture of one: signed when it is issued, checked by anybody.

Signed is what the statement says, and a digest of the ledger's entries behind it. A check puts the
same bytes together from the tables and holds them against the signature, so whatever is changed
afterwards in either, even by somebody who may write to the database, no longer passes.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson
import sqlalchemy as sa

from storefront.commissions.models import Account, LedgerEntry
from storefront.commissions.period_models import Period
from storefront.commissions.statement_models import Statement
from storefront.core.database import changed_rows, db, transaction
from storefront.core.errors import Conflict, NotFound
from storefront.core.times import as_rfc3339
from storefront.integrations.running import key_ring

_entries = cast(sa.Table, LedgerEntry.__table__)
_statements = cast(sa.Table, Statement.__table__)

FIGURES = (
    "opening_held",
    "opening_payable",
    "earned",
    "reversed",
    "adjusted",
    "settled",
    "released",
    "paid",
    "closing_held",
    "closing_payable",
)
OWN_ACCOUNTS = (Account.HELD, Account.PAYABLE, Account.PAID)
"""The accounts whose entries a statement is about."""

WITH_FIGURES = "commission statement"
WITHOUT_FIGURES = "commission statement, figures withheld"


@dataclass(frozen=True, slots=True)
class Proof:
    """Something signed, as it is handed to a stranger."""

    payload: str
    """JSON; the signature is over exactly these characters in UTF-8."""
    signature: str
    """64 bytes, base64."""
    key_id: str


def seal(rows: Sequence[dict[str, Any]], period: Period) -> None:
    """Sign statements that are about to be inserted, each row by its columns' names."""
    ring = key_ring()
    digests = _digests(period.id, [row["employee_id"] for row in rows])
    for row in rows:
        signature = ring.sign(_payload(row, period, digests[row["employee_id"]]))
        row["signature"] = b64encode(signature).decode()
        row["signing_key_id"] = ring.current_id


def is_genuine(statement: Statement) -> bool:
    """Whether statement and entries are what one of our keys signed. Revoked ones are, too."""
    return _is_signed(statement, _full_payload(statement))


def false_ones(statements: Iterable[Statement], period: Period) -> list[Statement]:
    """Those of a period's statements that are not what one of our keys signed. One query."""
    these = list(statements)
    digests = _digests(period.id, {each.employee_id for each in these})
    return [
        each
        for each in these
        if not _is_signed(each, _payload(_row(each), period, digests[each.employee_id]))
    ]


def proof_of(statement: Statement) -> Proof:
    """What a stranger may take along and check without us.

    With the figures, and the signature from the day of issue, if the employee shows the total; else
    without them, signed now. Raises Conflict `statement_not_genuine`.
    """
    payload = _full_payload(statement)
    if not _is_signed(statement, payload):
        raise Conflict(
            "statement_not_genuine",
            "What is kept here is not what was signed when this statement was issued.",
        )
    if statement.show_total:
        assert statement.signature is not None
        assert statement.signing_key_id is not None
        return Proof(payload.decode(), statement.signature, statement.signing_key_id)
    ring = key_ring()
    document = orjson.loads(payload)
    del document["figures"]
    payload = _canonical({**document, "type": WITHOUT_FIGURES})
    return Proof(payload.decode(), b64encode(ring.sign(payload)).decode(), ring.current_id)


def show_total(code: str, employee_id: int, *, shown: bool) -> None:
    """Let whoever has the code see the total, or see it no longer.

    What somebody has downloaded meanwhile they keep. Raises NotFound `statement_not_found`.
    """
    with transaction() as session:
        changed = changed_rows(
            session.execute(
                sa.update(_statements)
                .where(_statements.c.code == code, _statements.c.employee_id == employee_id)
                .values(show_total=shown)
            )
        )
    if not changed:
        raise NotFound("statement_not_found", "There is no such statement.")


def total_of(statement: Statement) -> int:
    """What the period came to: earned, less what was taken back, with what was added."""
    return statement.earned - statement.reversed + statement.adjusted + statement.settled


def spaced(code: str) -> str:
    """A code in groups of four, to be read out."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def initials(name: str) -> str:
    """`A. M. S.` for Anna Maria Smith, `林＊＊` for 林小雨."""
    parts = name.split()
    if len(parts) > 1 or name.isascii():
        return " ".join(f"{part[0]}." for part in parts)
    return name[:1] + "＊" * (len(name) - 1)


def digest_of(entries: Iterable[tuple[datetime, Account, int]]) -> str:
    """SHA-256 of a statement's entries in the order they were booked: a line for each.

    A line is its time, its account and its amount with a space between, and a newline behind.
    """
    lines = [f"{as_rfc3339(at)} {account.value} {amount}\n" for at, account, amount in entries]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def entries_of(statement: Statement) -> list[tuple[datetime, Account, int]]:
    """The entries that the digest is about: time, account, amount in minor units."""
    return _read_entries(statement.period_id, [statement.employee_id])[statement.employee_id]


# --- what is signed -----------------------------------------------------------------------------


def _payload(row: Mapping[str, Any], period: Period, digest: str) -> bytes:
    holder = f"{row['code']}\n{row['employee_number']}\n{row['employee_name']}\n"
    return _canonical(
        {
            "type": WITH_FIGURES,
            "version": 1,
            "code": row["code"],
            "company": row["company"],
            "initials": initials(row["employee_name"]),
            # Whoever holds the paper can check number and name against it; nobody else can.
            "holder": hashlib.sha256(holder.encode()).hexdigest(),
            "period": period.name,
            "starts_at": as_rfc3339(period.starts_at),
            "ends_at": as_rfc3339(period.ends_at),
            "issued_at": as_rfc3339(row["issued_at"]),
            "currency": row["currency"],
            "plan_versions": row["plan_versions"],
            "figures": {name: row[name] for name in FIGURES},
            "entries": digest,
        }
    )


def _canonical(document: Mapping[str, Any]) -> bytes:
    """JSON with sorted names and no spaces: the same bytes for the same content."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def _full_payload(statement: Statement) -> bytes:
    period = statement.period
    digest = _digests(period.id, [statement.employee_id])[statement.employee_id]
    return _payload(_row(statement), period, digest)


def _row(statement: Statement) -> dict[str, Any]:
    return {column.name: getattr(statement, column.name) for column in _statements.c}


def _is_signed(statement: Statement, payload: bytes) -> bool:
    if statement.signature is None or statement.signing_key_id is None:
        return False
    try:
        signature = b64decode(statement.signature, validate=True)
    except ValueError:
        return False
    return key_ring().holds(payload, signature, statement.signing_key_id)


def _digests(period_id: int, employee_ids: Collection[int]) -> dict[int, str]:
    entries = _read_entries(period_id, employee_ids)
    return {employee_id: digest_of(entries[employee_id]) for employee_id in employee_ids}


def _read_entries(
    period_id: int, employee_ids: Collection[int]
) -> dict[int, list[tuple[datetime, Account, int]]]:
    rows = db.session.execute(
        sa.select(_entries.c.employee_id, _entries.c.at, _entries.c.account, _entries.c.amount)
        .where(
            _entries.c.period_id == period_id,
            _entries.c.employee_id.in_(employee_ids),
            _entries.c.account.in_(OWN_ACCOUNTS),
        )
        .order_by(_entries.c.id)
    )
    found: dict[int, list[tuple[datetime, Account, int]]] = defaultdict(list)
    for employee_id, at, account, amount in rows:
        found[employee_id].append((at, account, amount))
    return found
