"""`flask replay` against the oracle: every figure, on both databases, and files that are no use."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from tests.replay.oracle import calculate
from tests.replay.test_oracle import ANN, BOB, MUG, NOBODY, Row, csv_of, line
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
