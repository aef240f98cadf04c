"""Touches from a file: wholly or not at all, told again without effect, each complaint in place."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.core.clock import SettableClock
from storefront.core.csvfile import Imported
from storefront.core.database import db
from storefront.core.errors import Invalid
from storefront.customers.models import Customer, CustomerVisitor, Through
from storefront.customers.visitors import new_visitor_id
from storefront.sharing import touch_file
from storefront.sharing.models import Channel, ToldTouch, Touch, TouchKind, Uncounted
from storefront.sharing.touch_file import import_touches
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.queries import recorded_queries
from tests.support.threads import all_at_once

HEADER = "at,visitor,employee,kind\n"
WHOLE = "id,at,visitor,employee,kind,channel,product,uncounted,phone,member_code\n"
ROW = "2026-02-01T10:00:00+08:00,v1,E1,link\n"


@pytest.fixture(autouse=True)
def chain(app: Flask) -> None:
    cast.an_employee("E1")
    cast.an_employee("E2")
    cast.a_product()
    db.session.execute(sa.text("UPDATE products SET code = 'LAMP'"))
    db.session.commit()


@pytest.fixture
def small_chunks() -> Iterator[None]:
    with patch.object(touch_file, "AT_ONCE", 3):
        yield


def taken_in(clock: SettableClock, text: str) -> Imported:
    return import_touches(io.BytesIO(text.encode()), "Asia/Shanghai", clock.now())


def touches() -> list[Touch]:
    return list(db.session.scalars(sa.select(Touch).order_by(Touch.at, Touch.id)))


def complaints(clock: SettableClock, text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(Invalid) as refused:
        taken_in(clock, text)
    db.session.rollback()
    for table in (Touch, ToldTouch, Customer, CustomerVisitor):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    return [(each["line"], each["column"], each["code"]) for each in refused.value.extra["lines"]]


def test_a_row_says_all_there_is_to_a_touch(app: Flask, clock: SettableClock) -> None:
    row = "7,2026-02-01T10:00:00+08:00,v1,E1,qr,poster,LAMP,prefetch,138 0013 8000,\n"
    assert taken_in(clock, WHOLE + row) == Imported(1, 0, 0)
    (touch,) = touches()
    assert touch.at == datetime(2026, 2, 1, 2, tzinfo=UTC)
    assert (touch.visitor_id, touch.kind, touch.channel) == (
        "file:v1",
        TouchKind.QR,
        Channel.POSTER,
    )
    assert touch.uncounted is Uncounted.PREFETCH
    assert touch.product_id is not None
    assert touch.link_id is None
    visitor = db.session.scalars(sa.select(CustomerVisitor)).one()
    assert (visitor.visitor_id, visitor.through) == ("file:v1", Through.FILE)
    assert db.session.get_one(Customer, visitor.customer_id).phone == "+8613800138000"


def test_what_is_left_out_means_a_touch_that_counts(app: Flask, clock: SettableClock) -> None:
    taken_in(clock, HEADER + ROW)
    (touch,) = touches()
    assert (touch.uncounted, touch.channel) == (Uncounted.NO, Channel.OTHER)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 0


def test_a_time_without_its_offset_is_by_the_chains_clocks(
    app: Flask, clock: SettableClock
) -> None:
    taken_in(clock, HEADER + "2026-02-01 10:00,v1,E1,link\n")
    assert [touch.at for touch in touches()] == [datetime(2026, 2, 1, 2, tzinfo=UTC)]


def test_the_same_file_again_changes_nothing(
    app: Flask, clock: SettableClock, small_chunks: None
) -> None:
    rows = [f"2026-02-0{day}T10:00:00Z,v{day},E1,link\n" for day in range(1, 9)]
    twice = [rows[2], *rows, rows[2], rows[7]]
    text = HEADER + "".join(twice)
    assert taken_in(clock, text) == Imported(11, 0, 0)
    assert taken_in(clock, text) == Imported(0, 0, 11)
    backwards = HEADER + "".join(reversed(twice))
    assert taken_in(clock, backwards) == Imported(0, 0, 11)
    more = HEADER + "".join([*rows, rows[7], rows[7], "2026-02-09T10:00:00Z,v9,E2,link\n"])
    assert taken_in(clock, more) == Imported(2, 0, 9)
    assert len(touches()) == 13
    assert broken() == set()


def test_an_id_makes_a_touch_the_same_and_never_another(app: Flask, clock: SettableClock) -> None:
    header = "id,at,visitor,employee,kind\n"
    assert taken_in(clock, f"{header}a,{ROW}b,{ROW}") == Imported(2, 0, 0)
    assert taken_in(clock, f"{header}b,{ROW}a,{ROW}c,{ROW}") == Imported(1, 0, 2)
    with pytest.raises(Invalid) as refused:
        taken_in(clock, f"{header}d,{ROW}a,{ROW.replace('E1', 'E2')}")
    assert refused.value.extra["lines"][0]["code"] == "told_otherwise"
    with pytest.raises(Invalid):
        taken_in(clock, f"{header}e,{ROW}e,{ROW.replace('E1', 'E2')}")
    assert len(touches()) == 3


def test_two_imports_at_once_bring_each_touch_once(
    app: Flask, clock: SettableClock, small_chunks: None
) -> None:
    rows = [f"2026-02-0{day}T10:00:00Z,v{day},E1,link\n" for day in range(1, 9)]
    files = [HEADER + "".join(rows), HEADER + "".join(reversed(rows))] * 2
    answers = all_at_once(app, [lambda text=text: taken_in(clock, text) for text in files])
    assert all(isinstance(answer, Imported) for answer in answers), answers
    assert sum(answer.new for answer in answers if isinstance(answer, Imported)) == 8
    assert len(touches()) == 8


def test_wrong_rows_are_named_and_nothing_is_taken_in(
    app: Flask, clock: SettableClock, small_chunks: None
) -> None:
    rows = [
        "1,2026-02-01T10:00:00Z,v1,E1,link,,,,,\n",
        "2,2026-02-31T10:00:00Z,v1,E1,link,,,,,\n",
        "3,yesterday,v1,E1,link,,,,,\n",
        "4,2027-02-01T10:00:00Z,v1,E1,link,,,,,\n",
        "5,1970-02-01T10:00:00Z,v1,E1,link,,,,,\n",
        "6,2026-02-01T10:00:00Z,,E1,link,,,,,\n",
        "7,2026-02-01T10:00:00Z,v1,E9,link,,,,,\n",
        "8,2026-02-01T10:00:00Z,v1,E1,telepathy,,,,,\n",
        "9,2026-02-01T10:00:00Z,v1,E1,link,fax,,,,\n",
        "10,2026-02-01T10:00:00Z,v1,E1,link,,TABLE,,,\n",
        "11,2026-02-01T10:00:00Z,v1,E1,link,,,maybe,,\n",
        "12,2026-02-01T10:00:00Z,v1,E1,link,,,,12,\n",
        f"13,2026-02-01T10:00:00Z,{'v' * 201},E1,link,,,,,\n",
        "14,2026-02-01T10:00:00Z,v1,E1,link\n",
        "15,2026-02-01T10:00:00Z,v1,E1,,,,,,M1\n",
    ]
    assert complaints(clock, WHOLE + "".join(rows)) == [
        (3, "at", "wrong_time"),
        (4, "at", "wrong_time"),
        (5, "at", "in_the_future"),
        (6, "at", "wrong_time"),
        (7, "visitor", "empty"),
        (8, "employee", "unknown_employee"),
        (9, "kind", "wrong_kind"),
        (10, "channel", "wrong_channel"),
        (11, "product", "unknown_product"),
        (12, "uncounted", "wrong_uncounted"),
        (13, "phone", "wrong_phone"),
        (14, "visitor", "wrong_visitor"),
        (15, "", "wrong_field_count"),
        (16, "kind", "wrong_kind"),
    ]


def test_no_browser_is_a_visitor_of_a_file(app: Flask, clock: SettableClock) -> None:
    """Whatever a file calls its visitors, none of ours has such a name."""
    ours = new_visitor_id()
    trade.the_policy()
    trade.a_visit(trade.a_seller(), ours)
    taken_in(clock, HEADER + f"2026-02-01T10:00:00Z,{ours},E1,link\n")
    assert {touch.visitor_id for touch in touches()} == {ours, f"file:{ours}"}
    assert ":" not in ours


def test_customers_are_found_or_entered_and_visitors_become_theirs(
    app: Flask, clock: SettableClock
) -> None:
    at = "2026-02-01T10:00:00Z"
    text = WHOLE + (
        f"1,{at},v1,E1,link,,,,,M1\n"
        f"2,{at},v2,E1,link,,,,,M1\n"
        f"3,{at},v3,E1,link,,,,+8613800138000,\n"
        f"4,{at},v4,E1,link,,,,+8613800138000,M2\n"
        f"5,{at},v5,E1,link,,,,,\n"
    )
    for _ in range(2):
        taken_in(clock, text)
        found = db.session.execute(
            sa.select(CustomerVisitor.visitor_id, Customer.member_code, Customer.phone)
            .join(Customer, Customer.id == CustomerVisitor.customer_id)
            .order_by(CustomerVisitor.visitor_id)
        ).all()
        assert [tuple(row) for row in found] == [
            ("file:v1", "M1", None),
            ("file:v2", "M1", None),
            ("file:v3", "M2", "+8613800138000"),
            ("file:v4", "M2", "+8613800138000"),
        ]


def test_queries_grow_with_chunks_and_not_with_rows(app: Flask, clock: SettableClock) -> None:
    def asked(count: int, name: str) -> int:
        rows = (
            f"2026-02-01T10:00:{n % 60:02}Z,{name}{n},E1,link,M{name}{n}\n" for n in range(count)
        )
        with recorded_queries() as queries:
            taken_in(clock, "at,visitor,employee,kind,member_code\n" + "".join(rows))
        return len(queries)

    assert asked(900, "a") == asked(90, "b")


def test_rows_are_held_some_at_a_time(app: Flask, clock: SettableClock, small_chunks: None) -> None:
    sizes: list[int] = []
    take = touch_file._take_in
    with patch.object(
        touch_file, "_take_in", lambda chunk, *more: sizes.append(len(chunk)) or take(chunk, *more)
    ):
        taken_in(clock, HEADER + "".join(ROW for _ in range(timedelta(seconds=20).seconds)))
    assert sizes == [3] * 6 + [2]
