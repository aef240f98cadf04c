"""Touches out of a CSV file: of a chain's former program, or of a study. Wholly or not at all.

A file may be taken in again, or one that overlaps with it: what is known stays as it was. A touch
is known by the other system's `id`, or else by all that its row says and by how many rows before it
say the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, BinaryIO, TypeVar, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from storefront.catalog.models import Product
from storefront.core.csvfile import CsvColumns, CsvProblems, CsvRow, Imported, read_rows
from storefront.core.database import db, dialect, transaction
from storefront.core.phones import as_e164
from storefront.core.times import as_rfc3339
from storefront.customers import known
from storefront.customers.models import Through
from storefront.customers.service import recognise_at_till
from storefront.sharing.models import Channel, ToldTouch, Touch, TouchKind, Uncounted
from storefront.staff.models import Employee

COLUMNS = CsvColumns(
    required=("at", "visitor", "employee", "kind"),
    optional=("id", "channel", "product", "uncounted", "phone", "member_code"),
)
MOST_ROWS = 1_000_000
AT_ONCE = 5_000
"""Rows that are held in memory together."""
LONGEST_TEXT = 200
FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)

VISITOR_PREFIX = "file:"
"""Before the other system's name of a visitor. No cookie of ours has a colon in it, so nobody can
come as one of them, and none of them is somebody else here.
"""

_touches = cast(sa.Table, Touch.__table__)
_told = cast(sa.Table, ToldTouch.__table__)

_as_e164 = lru_cache(maxsize=AT_ONCE)(as_e164)

Choice = TypeVar("Choice", TouchKind, Channel, Uncounted)


@dataclass(frozen=True, slots=True)
class _Told:
    """One row that makes sense."""

    line: int
    key: str
    digest: str
    """Of what it says of the touch: the same id with another digest contradicts."""
    touch: Mapping[str, Any]
    product: str
    """The product's code; empty for a whole shop."""
    phone: str
    member_code: str


def import_touches(source: BinaryIO | bytes, time_zone: str, now: datetime) -> Imported:
    """Take touches in, in any order of time; the customer whom a row names is its visitor.

    Times without an offset are by the clocks of `time_zone`. Raises Invalid `wrong_file` with every
    complaint.
    """
    problems = CsvProblems()
    new = same = 0
    with transaction():
        _be_alone()
        reader = _Reader(problems, time_zone, now)
        rows = read_rows(source, COLUMNS, max_rows=MOST_ROWS, problems=problems)
        for chunk in _chunks(reader.told(rows)):
            taken = _take_in(chunk, problems, now)
            new += taken
            same += len(chunk) - taken
        problems.raise_if_any()
    return Imported(new, 0, same)


def _be_alone() -> None:
    """Wait for other files, so that what one looks up here is still so when it writes."""
    if dialect() == "postgresql":
        db.session.execute(sa.text("LOCK TABLE told_touches IN EXCLUSIVE MODE"))


def _chunks(rows: Iterator[_Told]) -> Iterator[list[_Told]]:
    while chunk := list(islice(rows, AT_ONCE)):
        yield chunk


class _Reader:
    """Reads rows cell by cell, and notes what is wrong with them."""

    def __init__(self, problems: CsvProblems, time_zone: str, now: datetime) -> None:
        self._problems = problems
        self._zone = ZoneInfo(time_zone)
        self._now = now
        everybody = sa.select(Employee.number, Employee.id)
        self._employees = dict(db.session.execute(everybody).all())
        self._seen: set[bytes] = set()
        self._again: dict[bytes, int] = {}

    def told(self, rows: Iterable[CsvRow]) -> Iterator[_Told]:
        """The rows that make sense."""
        for row in rows:
            before = self._problems.count
            touch = self._touch(row)
            phone = self._phone(row)
            texts = {name: self._text(row, name) for name in ("id", "product", "member_code")}
            if self._problems.count > before:
                continue
            product = texts["product"]
            digest = _digest_of(touch, product)
            yield _Told(
                line=row.line,
                key=f"id:{texts['id']}" if texts["id"] else f"row:{self._numbered(digest)}",
                digest=digest.hex(),
                touch=touch,
                product=product,
                phone=phone,
                member_code=texts["member_code"],
            )

    def _numbered(self, digest: bytes) -> str:
        """The digest with how many rows before said the same: rarely any, so few are counted."""
        if digest not in self._seen:
            self._seen.add(digest)
            return digest.hex()
        number = self._again[digest] = self._again.get(digest, 0) + 1
        return f"{digest.hex()}:{number}"

    def _touch(self, row: CsvRow) -> dict[str, Any]:
        return {
            "at": self._moment(row),
            "visitor_id": VISITOR_PREFIX + self._text(row, "visitor", needed=True),
            "employee_id": self._employee(row),
            "kind": self._choice(row, "kind", TouchKind, None),
            "channel": self._choice(row, "channel", Channel, Channel.OTHER),
            "uncounted": self._choice(row, "uncounted", Uncounted, Uncounted.NO),
        }

    def _moment(self, row: CsvRow) -> datetime:
        try:
            moment = datetime.fromisoformat(row["at"])
        except ValueError:
            self._note(row, "at", "wrong_time", "Write a time like 2026-03-05T16:30:00+08:00.")
            return self._now
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone)
        if moment > self._now:
            self._note(row, "at", "in_the_future", "This is still to come.")
            return self._now
        if moment < FIRST_MOMENT:
            self._note(row, "at", "wrong_time", "This is before the year 2000.")
            return self._now
        return moment.astimezone(UTC)

    def _employee(self, row: CsvRow) -> int:
        found = self._employees.get(row["employee"])
        if found is None:
            message = "There is no employee with this number. Import the roster first."
            self._note(row, "employee", "unknown_employee", message)
        return found or 0

    def _choice(
        self, row: CsvRow, column: str, kind: type[Choice], unsaid: Choice | None
    ) -> Choice | None:
        text = row.get(column) or ""
        if not text and unsaid is not None:
            return unsaid
        try:
            return kind(text)
        except ValueError:
            self._note(row, column, f"wrong_{column}", f"Known: {', '.join(kind)}.")
            return unsaid

    def _phone(self, row: CsvRow) -> str:
        text = row.get("phone") or ""
        try:
            return _as_e164(text) if text else ""
        except ValueError:
            message = "Write a phone number, like 138 0013 8000 or +44 20 7946 0958."
            self._note(row, "phone", "wrong_phone", message)
            return ""

    def _text(self, row: CsvRow, column: str, *, needed: bool = False) -> str:
        text = row.get(column) or ""
        if needed and not text:
            self._note(row, column, "empty", "This cell is empty.")
        if len(text) > LONGEST_TEXT or not text.isprintable():
            message = f"Up to {LONGEST_TEXT} characters that can be shown."
            self._note(row, column, f"wrong_{column}", message)
        return text

    def _note(self, row: CsvRow, column: str, code: str, message: str) -> None:
        self._problems.add(row.line, column, code, message)


def _digest_of(touch: Mapping[str, Any], product: str) -> bytes:
    said = (as_rfc3339(touch["at"]), *(str(touch[name]) for name in _SAID), product)
    return hashlib.blake2b("\0".join(said).encode(), digest_size=16).digest()


_SAID = ("visitor_id", "employee_id", "kind", "channel", "uncounted")


# --- written down, some thousand at a time ----------------------------------------------------


def _take_in(chunk: Sequence[_Told], problems: CsvProblems, now: datetime) -> int:
    """Write what is new of a chunk; how much that was."""
    products = _products(chunk, problems)
    if problems:
        return 0
    customers = _customers(chunk, now)
    new = _claim(chunk, problems)
    if new:
        db.session.connection().execute(
            sa.insert(_touches),
            [
                {
                    **row.touch,
                    "link_id": None,
                    "product_id": products.get(row.product),
                    "landing": "",
                    "user_agent": "",
                    "referrer": "",
                }
                for row in new
            ],
        )
    known.remember(customers, Through.FILE, now)
    return len(new)


def _claim(chunk: Sequence[_Told], problems: CsvProblems) -> list[_Told]:
    """The rows that are told for the first time ever; contradictions are noted."""
    first: dict[str, _Told] = {}
    for row in chunk:
        _compare(row, first.setdefault(row.key, row).digest, problems)
    found = sa.select(_told.c.key, _told.c.digest).where(_told.c.key.in_(list(first)))
    old = dict(db.session.execute(found).all())
    for key, digest in old.items():
        _compare(first[key], digest, problems)
    new = [row for key, row in first.items() if key not in old]
    if new:
        rows = [{"key": row.key, "digest": row.digest} for row in new]
        db.session.connection().execute(sa.insert(_told), rows)
    return new


def _compare(row: _Told, digest: str, problems: CsvProblems) -> None:
    if row.digest != digest:
        message = "A touch with this id was told before, and it says something else."
        problems.add(row.line, "id", "told_otherwise", message)


def _products(chunk: Sequence[_Told], problems: CsvProblems) -> Mapping[str, int]:
    wanted = {row.product for row in chunk if row.product}
    if not wanted:
        return {}
    named = sa.select(Product.code, Product.id).where(Product.code.in_(sorted(wanted)))
    found = dict(db.session.execute(named).all())
    if len(found) < len(wanted):
        for row in chunk:
            if row.product and row.product not in found:
                message = "There is no product with this code."
                problems.add(row.line, "product", "unknown_product", message)
    return found


def _customers(chunk: Sequence[_Told], now: datetime) -> list[tuple[str, int]]:
    """Which visitors of a chunk are which customers."""
    of_phone = known.find_or_enter(
        "phone", {row.phone for row in chunk if row.phone and not row.member_code}, now
    )
    of_code = known.find_or_enter(
        "member_code", {row.member_code for row in chunk if row.member_code and not row.phone}, now
    )
    of_both: dict[tuple[str, str], int] = {}
    for row in chunk:
        if row.phone and row.member_code and (row.member_code, row.phone) not in of_both:
            found = recognise_at_till(row.member_code, row.phone, now)
            assert found is not None
            of_both[row.member_code, row.phone] = found.id
    return [
        (
            row.touch["visitor_id"],
            of_both.get((row.member_code, row.phone))
            or of_phone.get(row.phone)
            or of_code[row.member_code],
        )
        for row in chunk
        if row.phone or row.member_code
    ]
