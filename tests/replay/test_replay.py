"""`flask replay` against the oracle: every figure, on both databases, and files that are no use."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from psycopg import sql

from storefront.cli.replay import command
from tests.replay.oracle import calculate
from tests.replay.test_oracle import BOB, NOBODY, Row, csv_of, line
from tests.support.databases import plain

REAL_DATA = Path(
    os.environ.get("STOREFRONT_REPLAY_DATA")
    or Path(__file__).parents[2] / "../shared/data/online_retail.csv.gz"
)
CAROL = "13054"  # buys from employee 55
BOWL, BOWL_IN_SMALL = "15056BL", "15056bl"

A_YEAR = (
    # Two lines of a kind become one; another price of the same code is another variant.
    line("500001", "2011-01-31 10:00", 2, "5.00"),
    line("500001", "2011-01-31 10:00", 3, "5.00"),
    line("500001", "2011-01-31 10:00", 1, "4.50"),
    line("500001", "2011-01-31 10:00", 1, "18.00", code="POST"),
    # Codes that differ by case alone are two products; a price finer than a penny is none.
    line("500002", "2011-01-31 10:00", 10, "0.25", code=BOWL, customer=BOB),
    line("500002", "2011-01-31 10:00", 10, "0.30", code=BOWL_IN_SMALL, customer=BOB),
    line("500002", "2011-01-31 10:00", 1, "0.001", code=BOWL, customer=BOB),
    line("500002", "2011-01-31 10:00", -2, "0.25", code=BOWL, customer=BOB),
    # Nobody's order comes in at the chain's own front and earns nobody anything.
    line("500003", "2011-02-01 00:00", 4, "9.99", customer=NOBODY),
    # Only postage: no order.
    line("500004", "2011-02-02 12:00", 1, "18.00", code="POST"),
    line("A500005", "2011-02-03 12:00", 1, "-11062.06", code="B"),
    # The lines of one invoice need not stand together.
    line("500001", "2011-01-31 10:01", 1, "7.77", code="22002"),
    line("500006", "2011-02-10 09:00", 7, "3.33", customer=CAROL),
    line("500007", "2011-02-10 09:00", 80_000, "0.01", customer=CAROL),
    # Back before the release, from the oldest order first and on to the next one.
    line("C500008", "2011-02-11 09:00", -9, customer=CAROL),
    line("C500008", "2011-02-11 09:00", -1, code="POST", customer=CAROL),
    # Back between the release on 2 March and the payout on 1 April.
    line("C500009", "2011-03-15 16:00", -2, "5.00"),
    # More than was bought, what was never bought, and by somebody who never was.
    line("C500010", "2011-03-15 16:00", -500, code=BOWL_IN_SMALL, customer=BOB),
    line("C500010", "2011-03-15 16:00", -1, code="99999", customer=BOB),
    line("C500011", "2011-03-15 16:00", -3, customer=NOBODY),
    # After the payout: a debt, which the next sale only partly makes good.
    line("C500012", "2011-04-20 11:00", -4),
    line("500013", "2011-04-21 11:00", 1, "0.50"),
    line("500017", "2011-04-21 11:00", 40, "1.99", customer=CAROL),
    line("500016", "2011-06-21 11:00", 40, "1.99", customer=BOB),
    # Back within the minute of the sale.
    line("500014", "2011-05-05 05:05", 5, "2.50", customer=BOB),
    line("C500015", "2011-05-05 05:05", -5, "2.50", customer=BOB),
)

Replay = Callable[..., Result]


@pytest.fixture
def replay(
    app: Flask, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Replay:
    """Runs the command beside the test's database, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Result:
        given = ["replay", *map(str, arguments), "--database-url", database_url]
        return app.test_cli_runner().invoke(args=given)

    return run


def write(rows: tuple[Row, ...], path: Path) -> Path:
    path.write_text(csv_of(rows), encoding="utf-8")
    return path


def reported() -> dict[str, Any]:
    """The report in the working folder, without what a replay costs."""
    report = json.loads(Path("replay-report.json").read_text(encoding="utf-8"))
    assert report.pop("seconds") > 0
    assert report.pop("requests") > 0
    return report


def databases_beside(url: str) -> set[str]:
    """What stands beside the database at `url`: other databases, or files in its folder."""
    if url.startswith("sqlite"):
        return {path.name for path in Path(sa.make_url(url).database or "").parent.iterdir()}
    with psycopg.connect(plain(url)) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_a_small_year_comes_out_as_the_oracle_says(
    replay: Replay, database_url: str, tmp_path: Path
) -> None:
    data = write(A_YEAR, tmp_path / "invoices.csv")
    before = databases_beside(database_url)
    result = replay(data)
    assert result.exit_code == 0, result.output
    report = reported()
    expected = calculate(data)
    assert list(report) == list(expected)
    for key, value in expected.items():
        assert report[key] == value, key
    assert expected["owed_by_employees"] > 0
    assert len(report["payouts"]) > 2
    assert "invariants hold" in result.output
    assert databases_beside(database_url) == before


def test_the_first_invoices_alone_may_be_played_and_their_database_kept(
    replay: Replay, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = gzipped(A_YEAR, tmp_path / "invoices.csv.gz")
    before = databases_beside(database_url)
    monkeypatch.setattr(command, "all_hold", lambda _console: False)
    result = replay(data, "--invoices", 4, "--keep")
    assert result.exit_code == 1, "an invariant was broken"
    assert reported() == calculate(data, 4)
    (kept,) = databases_beside(database_url) - before
    assert kept in result.output
    with dropped_afterwards(database_url, kept) as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM orders")) == 3


def gzipped(rows: tuple[Row, ...], path: Path) -> Path:
    path.write_bytes(gzip.compress(csv_of(rows).encode()))
    return path


@contextmanager
def dropped_afterwards(beside: str, name: str) -> Generator[str]:
    """The address of a database that was kept, which is then removed."""
    url = sa.make_url(beside)
    if beside.startswith("sqlite"):
        folder = Path(url.database or "").parent / name
        yield f"sqlite:///{folder / 'replay.sqlite'}"
        shutil.rmtree(folder)
        return
    yield url.set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(plain(beside), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


GOOD = csv_of(A_YEAR).encode()


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (gzip.compress(GOOD)[:-40], "ends too early"),
        (GOOD[:-1], "cut off"),
        (GOOD[: GOOD.rindex(b",")], "cut off"),
        (GOOD.replace(b"UnitPrice", b"Price"), "UnitPrice"),
        (GOOD.replace(b"18.00", b"dear"), "decimal number"),
        (GOOD.replace(b",2,", b",two,"), "whole number"),
        (GOOD.replace(b"2011-02-10 09:00:00", b"10 February"), "2010-12-01 08:26:00"),
        (GOOD.replace(b"17850", b"Ann"), "or nothing"),
        (csv_of(()).encode(), "no invoice"),
        (b"", "first line must name"),
        (GOOD.replace(b"France", b"T\xfcrkei"), "UTF-8"),
    ],
)
def test_a_file_that_is_no_use_is_refused_before_anything_is_made(
    replay: Replay, database_url: str, tmp_path: Path, content: bytes, complaint: str
) -> None:
    data = tmp_path / "invoices.csv"
    data.write_bytes(content)
    before = databases_beside(database_url)
    result = replay(data)
    assert result.exit_code == 1
    assert complaint in " ".join(result.output.split())
    assert not Path("replay-report.json").exists()
    assert databases_beside(database_url) == before


@pytest.mark.sqlite_only
def test_a_file_that_is_not_there_is_missed(replay: Replay, tmp_path: Path) -> None:
    result = replay(tmp_path / "nowhere.csv")
    assert result.exit_code == 2
    assert "does not exist" in result.output


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mysql://localhost/shop", "sqlite:// or postgresql://"),
        ("postgresql://127.0.0.1:1/shop?connect_timeout=2", "PostgreSQL: connection"),
    ],
)
def test_a_database_that_cannot_be_had_is_told_of(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    data = write(A_YEAR, tmp_path / "invoices.csv")
    given = ["replay", str(data), "--database-url", url]
    result = app.test_cli_runner().invoke(args=given)
    assert result.exit_code in {1, 2}
    assert complaint in result.output
    assert "Traceback" not in result.output


PUBLISHED = {
    "orders": 1_530,
    "orders_credited": 1_384,
    "order_lines": 39_618,
    "units": 353_822,
    "sales": 76_834_237,
    "sales_credited": 56_372_457,
    "lines_not_goods": 165,
    "lines_not_a_sale": 69,
    "lines_bad_price": 203,
    "invoices_without_goods": 148,
    "cancellation_invoices": 322,
    "cancellation_lines": 722,
    "commission_accrued": 2_822_175,
    "commission_reversed": 40_353,
    "commission_paid": 2_781_822,
    "customers_credited": 881,
    "units_returned": 3_200,
    "refunded": 806_155,
    "units_unmatched": 12_769,
    "cancellation_lines_not_goods": 30,
    "cancellation_lines_without_customer": 23,
}
"""What the first 2,000 invoices of the real year come to, as whoever drew up the rules has it."""


@pytest.mark.skipif(
    not REAL_DATA.exists(),
    reason="the real year is not here; STOREFRONT_REPLAY_DATA may say where it is",
)
def test_the_real_year_begins_as_it_was_published(replay: Replay) -> None:
    result = replay(REAL_DATA.resolve(), "--invoices", 2_000)
    assert result.exit_code == 0, result.output
    report = reported()
    assert {key: report[key] for key in PUBLISHED} == PUBLISHED
    first, second = report["payouts"]
    assert first == {"close": "2011-01-01", "payees": 78, "total": 229_268}
    assert (second["close"], second["total"]) == ("2011-02-01", 2_552_554)
    assert report == calculate(REAL_DATA, 2_000)
