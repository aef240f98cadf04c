"""The oracle's figures against figures worked out by hand, and against the published table."""

import csv
import gzip
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.replay.oracle import calculate, main

COLUMNS = "InvoiceNo StockCode Description Quantity InvoiceDate UnitPrice CustomerID Country"
MUG = "22001"
ANN, BOB, NOBODY = "17850", "13047", ""  # Ann buys from employee 51, Bob from employee 48

Row = tuple[str, ...]
Figures = dict[str, Any]
Calculate = Callable[..., Figures]


def line(
    invoice: str,
    at: str,
    quantity: int,
    price: str = "1.00",
    code: str = MUG,
    customer: str = ANN,
) -> Row:
    """One line of an invoices file; `at` is written without its seconds."""
    return (invoice, code, "MUG, LARGE", str(quantity), f"{at}:00", price, customer, "France")


def csv_of(rows: tuple[Row, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS.split(), *rows])
    return text.getvalue()


@pytest.fixture
def figures(tmp_path: Path) -> Calculate:
    """Calculates the figures of the lines it is given."""

    def figures_of(*rows: Row, invoices: int | None = None) -> Figures:
        path = tmp_path / "invoices.csv"
        path.write_text(csv_of(rows), encoding="utf-8")
        return calculate(path, invoices)

    return figures_of


def payout(close: str, payees: int, total: int) -> Figures:
    return {"close": close, "payees": payees, "total": total}


# Orders and credit


def test_an_order_is_counted_credited_and_paid(figures: Calculate) -> None:
    found = figures(line("500001", "2011-01-03 10:00", 2, "5.00"))
    employees = found.pop("employees")
    assert found == {
        "orders": 1,
        "orders_credited": 1,
        "order_lines": 1,
        "units": 2,
        "sales": 1000,
        "sales_credited": 1000,
        "customers_credited": 1,
        "lines_not_goods": 0,
        "lines_not_a_sale": 0,
        "lines_bad_price": 0,
        "invoices_without_goods": 0,
        "adjustment_invoices_skipped": 0,
        "cancellation_invoices": 0,
        "cancellation_lines": 0,
        "cancellation_lines_not_goods": 0,
        "cancellation_lines_without_customer": 0,
        "units_returned": 0,
        "units_unmatched": 0,
        "refunded": 0,
        "commission_accrued": 50,
        "commission_reversed": 0,
        "commission_paid": 50,
        "still_due": 0,
        "owed_by_employees": 0,
        "payouts": [payout("2011-03-01", 1, 50)],
    }
    assert list(employees) == [str(number) for number in range(1, 201)]
    assert employees.pop("51") == {"commission_net": 50, "paid": 50}
    assert all(other == {"commission_net": 0, "paid": 0} for other in employees.values())


@pytest.mark.parametrize(
    ("customer", "employee"), [("200", "1"), ("399", "200"), ("12346", "147"), (BOB, "48")]
)
def test_the_customers_number_names_the_employee(
    figures: Calculate, customer: str, employee: str
) -> None:
    found = figures(line("500001", "2011-01-03 10:00", 1, "20.00", customer=customer))
    assert found["employees"][employee] == {"commission_net": 100, "paid": 100}


def test_an_order_without_a_customer_earns_nobody_anything(figures: Calculate) -> None:
    found = figures(
        line("500001", "2011-01-03 10:00", 1, "20.00", customer=NOBODY),
        line("500002", "2011-01-03 11:00", 1, "30.00"),
        line("500003", "2011-01-03 12:00", 1, "40.00"),
    )
    assert (found["orders"], found["orders_credited"], found["customers_credited"]) == (3, 2, 1)
    assert (found["sales"], found["sales_credited"]) == (9000, 7000)
    assert found["commission_accrued"] == 350


@pytest.mark.parametrize(
    ("price", "quantity", "commission"),
    [("0.09", 1, 0), ("0.10", 1, 1), ("0.29", 1, 1), ("0.10", 3, 2), ("0.49", 1, 2)],
)
def test_commission_is_rounded_halves_up_on_each_line(
    figures: Calculate, price: str, quantity: int, commission: int
) -> None:
    found = figures(line("500001", "2011-01-03 10:00", quantity, price))
    assert found["commission_accrued"] == commission


# Which lines are sales


def test_equal_codes_at_equal_prices_become_one_line(figures: Calculate) -> None:
    at = "2011-01-03 10:00"
    found = figures(
        line("500001", at, 1, "0.10"),
        line("500001", at, 1, "0.30", code="22002"),
        line("500001", at, 1, "0.1"),
        line("500001", at, 1, "0.100"),
    )
    # 30 pence and 30 pence give 1.5 each; three lines of 10 pence would give 0.5 each.
    assert (found["order_lines"], found["units"], found["sales"]) == (2, 4, 60)
    assert found["commission_accrued"] == 2 + 2


def test_other_prices_codes_and_invoices_stay_lines_of_their_own(figures: Calculate) -> None:
    at = "2011-01-03 10:00"
    found = figures(
        line("500001", at, 1, code="15056BL"),
        line("500001", at, 1, code="15056bl"),
        line("500001", at, 1, "1.01", code="15056bl"),
        line("500002", at, 1, code="15056bl"),
    )
    assert (found["orders"], found["order_lines"]) == (2, 4)


@pytest.mark.parametrize("code", ["POST", "M", "BANK CHARGES", "C2", "DCGS0003", "1234A", "X22001"])
def test_codes_that_do_not_begin_with_five_digits_are_not_goods(
    figures: Calculate, code: str
) -> None:
    at = "2011-01-03 10:00"
    found = figures(line("500001", at, 1), line("500001", at, 1, "18.00", code=code))
    assert (found["lines_not_goods"], found["order_lines"], found["sales"]) == (1, 1, 100)


@pytest.mark.parametrize("price", ["0.00", "-5.00", "0.001", "1.005"])
def test_a_price_must_be_whole_pence_above_zero(figures: Calculate, price: str) -> None:
    at = "2011-01-03 10:00"
    found = figures(line("500001", at, 1), line("500001", at, 7, price, code="22002"))
    assert (found["lines_bad_price"], found["order_lines"], found["sales"]) == (1, 1, 100)


def test_a_line_is_skipped_under_its_first_reason(figures: Calculate) -> None:
    at = "2011-01-03 10:00"
    found = figures(
        line("500001", at, 0, "0.00", code="POST"),
        line("500001", at, 0, "0.00"),
        line("500001", at, -2, "0.00"),
        line("500001", at, -2, "3.00"),
        line("500001", at, 1, "0.00"),
    )
    assert found["lines_not_goods"] == 1
    assert found["lines_not_a_sale"] == 3
    assert found["lines_bad_price"] == 1
    assert (found["orders"], found["invoices_without_goods"]) == (0, 1)


def test_adjustments_are_skipped_whole(figures: Calculate) -> None:
    at = "2011-01-03 10:00"
    found = figures(
        line("A500001", at, 1, "11062.06", code="B"), line("A500002", at, 1, customer=NOBODY)
    )
    assert found["adjustment_invoices_skipped"] == 2
    assert (found["orders"], found["invoices_without_goods"], found["lines_not_goods"]) == (0, 0, 0)


# The order of events


def test_the_first_invoices_are_the_first_by_time_then_number(figures: Calculate) -> None:
    rows = (
        line("C500001", "2011-01-03 10:00", -1),
        line("500003", "2011-01-03 10:00", 4),
        line("500002", "2011-01-03 10:00", 2),
        line("500009", "2011-01-03 09:59", 1),
    )
    units = [figures(*rows, invoices=count)["units"] for count in range(5)]
    assert units == [0, 1, 3, 7, 7]
    assert figures(*rows, invoices=3)["cancellation_invoices"] == 0
    assert figures(*rows, invoices=4) == figures(*rows)


def test_an_invoices_time_is_that_of_its_first_line(figures: Calculate) -> None:
    rows = (
        line("500001", "2011-01-01 23:59", 1, "20.00"),
        line("500002", "2011-01-02 00:00", 1, "40.00"),
        line("500001", "2011-01-02 00:01", 1, "60.00", code="22002"),
    )
    assert figures(*rows, invoices=1)["sales"] == 8000
    assert figures(*rows)["payouts"] == [payout("2011-02-01", 1, 400), payout("2011-03-01", 1, 200)]


def test_a_cancellation_in_the_minute_of_the_sale_finds_it(figures: Calculate) -> None:
    at = "2011-01-03 10:00"
    found = figures(line("C400000", at, -1), line("500001", at, 1))
    assert (found["units_returned"], found["units_unmatched"]) == (1, 0)


def test_a_cancellation_does_not_find_a_later_sale(figures: Calculate) -> None:
    found = figures(
        line("C500002", "2011-01-03 10:00", -1), line("500001", "2011-01-03 10:01", 1, "20.00")
    )
    assert (found["units_returned"], found["units_unmatched"], found["refunded"]) == (0, 1, 0)
    assert found["commission_paid"] == 100


# Returns


def test_units_go_to_the_oldest_lines_at_the_prices_paid_there(figures: Calculate) -> None:
    found = figures(
        line("500002", "2011-01-04 10:00", 3, "2.00"),
        line("500001", "2011-01-03 10:00", 2, "4.00"),
        line("C500003", "2011-01-05 10:00", -3, "99.00"),
    )
    assert (found["units_returned"], found["refunded"]) == (3, 2 * 400 + 1 * 200)
    # 5 % of 8.00 back whole, of 6.00 one third.
    assert found["commission_reversed"] == 40 + 10


def test_lines_of_one_order_take_units_back_in_their_own_order(figures: Calculate) -> None:
    at = "2011-01-03 10:00"
    found = figures(
        line("500001", at, 1, "2.00"),
        line("500001", at, 1, "9.00"),
        line("500001", at, 1, "2.00"),
        line("C500002", "2011-01-05 10:00", -2),
    )
    assert found["refunded"] == 400


def test_a_unit_comes_back_only_once(figures: Calculate) -> None:
    found = figures(
        line("500001", "2011-01-03 10:00", 3),
        line("C500002", "2011-01-04 10:00", -1),
        line("C500002", "2011-01-04 10:00", -1),
        line("C500003", "2011-01-05 10:00", -5),
    )
    assert (found["cancellation_invoices"], found["cancellation_lines"]) == (2, 3)
    assert (found["units_returned"], found["units_unmatched"], found["refunded"]) == (3, 4, 300)
    assert (found["units"], found["sales"]) == (3, 300)


def test_units_without_an_earlier_purchase_are_unmatched(figures: Calculate) -> None:
    later = "2011-01-04 10:00"
    found = figures(
        line("500001", "2011-01-03 10:00", 9),
        line("500002", "2011-01-03 10:00", 9, customer=NOBODY),
        line("C500003", later, -1, customer=BOB),
        line("C500004", later, -2, code="22002"),
        line("C500004", later, -4, code="22001B"),
        line("C500004", later, -50, code="POST"),
        line("C500005", later, -8, customer=NOBODY),
        line("C500005", later, -50, code="D", customer=NOBODY),
    )
    assert found["units_unmatched"] == 1 + 2 + 4 + 8
    assert found["cancellation_lines"] == 6
    assert found["cancellation_lines_not_goods"] == 2
    assert found["cancellation_lines_without_customer"] == 1
    assert (found["units_returned"], found["refunded"], found["commission_reversed"]) == (0, 0, 0)
    assert (found["lines_not_goods"], found["invoices_without_goods"]) == (0, 0)


def test_reversals_in_steps_add_up_to_the_accrual(figures: Calculate) -> None:
    rows = (
        line("500001", "2011-01-03 10:00", 4, "0.30"),  # 1.20 earns 6; a quarter is 1.5
        line("C500002", "2011-01-04 10:00", -1),
        line("C500003", "2011-01-05 10:00", -1),
        line("C500004", "2011-01-06 10:00", -1),
        line("C500005", "2011-01-07 10:00", -1),
    )
    reversed_after = [
        figures(*rows, invoices=count)["commission_reversed"] for count in range(1, 6)
    ]
    assert reversed_after == [0, 2, 3, 5, 6]


# Release, payouts and debts: two units at 50.00 earn 500


SALE = line("500001", "2011-01-03 10:00", 2, "50.00")  # released 2011-02-02, paid 2011-03-01


@pytest.mark.parametrize(
    ("at", "close"),
    [
        ("2010-12-01 08:00", "2011-01-01"),
        ("2010-12-02 08:00", "2011-02-01"),
        ("2011-01-01 23:59", "2011-02-01"),
        ("2011-01-02 00:00", "2011-03-01"),  # released at the payout's own moment
        ("2011-11-02 10:00", "2012-01-01"),
    ],
)
def test_a_line_is_paid_at_the_month_end_after_thirty_days(
    figures: Calculate, at: str, close: str
) -> None:
    found = figures(line("500001", at, 2, "50.00"))
    assert found["payouts"] == [payout(close, 1, 500)]


@pytest.mark.parametrize(
    "returned_at", ["2011-01-20 10:00", "2011-02-02 10:00", "2011-02-28 23:59"]
)
def test_a_return_before_the_payout_lowers_it(figures: Calculate, returned_at: str) -> None:
    found = figures(SALE, line("C500002", returned_at, -1))
    assert (found["commission_accrued"], found["commission_reversed"]) == (500, 250)
    assert found["payouts"] == [payout("2011-03-01", 1, 250)]
    assert found["employees"]["51"] == {"commission_net": 250, "paid": 250}
    assert (found["still_due"], found["owed_by_employees"]) == (0, 0)


def test_a_line_that_came_back_whole_before_the_payout_pays_nobody(figures: Calculate) -> None:
    found = figures(SALE, line("C500002", "2011-01-20 10:00", -2))
    assert (found["payouts"], found["commission_paid"]) == ([], 0)
    assert (found["orders_credited"], found["customers_credited"]) == (1, 1)


@pytest.mark.parametrize("returned_at", ["2011-03-01 00:00", "2011-03-10 10:00"])
def test_a_return_after_the_payout_leaves_a_debt(figures: Calculate, returned_at: str) -> None:
    found = figures(SALE, line("C500002", returned_at, -1))
    assert found["payouts"] == [payout("2011-03-01", 1, 500)]
    assert found["employees"]["51"] == {"commission_net": 250, "paid": 500}
    assert (found["still_due"], found["owed_by_employees"]) == (0, 250)


def test_a_debt_is_taken_from_later_payouts_until_it_is_gone(figures: Calculate) -> None:
    found = figures(
        SALE,
        line("C500002", "2011-03-10 10:00", -2),  # owes 500
        line("500003", "2011-03-15 10:00", 1, "60.00"),  # 300 released 2011-04-14: still owes 200
        line("500004", "2011-04-15 10:00", 1, "90.00"),  # 450 released 2011-05-15: 250 to pay
    )
    assert found["payouts"] == [payout("2011-03-01", 1, 500), payout("2011-06-01", 1, 250)]
    assert found["employees"]["51"] == {"commission_net": 750, "paid": 750}
    assert found["owed_by_employees"] == 0


def test_a_return_of_a_held_line_leaves_other_pay_alone(figures: Calculate) -> None:
    found = figures(
        SALE,
        line("500002", "2011-02-20 10:00", 1, "80.00", code="22002"),  # 400 released 2011-03-22
        line("C500003", "2011-02-25 10:00", -1, code="22002"),  # back before its release
        line("500004", "2011-02-20 10:00", 1, "20.00", code="22003"),  # 100 released 2011-03-22
    )
    assert found["payouts"] == [payout("2011-03-01", 1, 500), payout("2011-04-01", 1, 100)]


def test_one_employees_debt_is_no_others(figures: Calculate) -> None:
    found = figures(
        SALE,
        line("500002", "2011-01-03 10:00", 1, "20.00", customer=BOB),
        line("C500003", "2011-03-10 10:00", -2),
        line("500004", "2011-03-11 10:00", 1, "40.00", customer=BOB),
    )
    assert found["payouts"] == [payout("2011-03-01", 2, 600), payout("2011-05-01", 1, 200)]
    assert found["employees"]["48"] == {"commission_net": 300, "paid": 300}
    assert found["employees"]["51"] == {"commission_net": 0, "paid": 500}
    assert found["owed_by_employees"] == 500


# Files and the command line


def test_gzip_and_plain_files_give_the_same(tmp_path: Path) -> None:
    text = csv_of((SALE, line("C500002", "2011-01-20 10:00", -1)))
    plain, packed = tmp_path / "invoices.csv", tmp_path / "invoices.csv.gz"
    plain.write_text(text, encoding="utf-8")
    packed.write_bytes(gzip.compress(text.encode()))
    assert calculate(packed) == calculate(plain)
    assert calculate(packed)["units_returned"] == 1


def test_the_command_prints_the_figures_or_writes_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    invoices, report = tmp_path / "invoices.csv", tmp_path / "report.json"
    invoices.write_text(csv_of((SALE, line("C500002", "2011-01-20 10:00", -1))), encoding="utf-8")
    main([str(invoices), "--out", str(report)])
    assert capsys.readouterr().out == ""
    assert json.loads(report.read_text(encoding="utf-8")) == calculate(invoices)
    main([str(invoices), "--invoices", "1"])
    assert json.loads(capsys.readouterr().out) == calculate(invoices, 1)


# Real trade


PUBLISHED_FOR_2000 = {
    "orders": 1_530,
    "orders_credited": 1_384,
    "order_lines": 39_618,
    "units": 353_822,
    "sales": 76_834_237,
    "sales_credited": 56_372_457,
    "customers_credited": 881,
    "lines_not_goods": 165,
    "lines_not_a_sale": 69,
    "lines_bad_price": 203,
    "invoices_without_goods": 148,
    "cancellation_invoices": 322,
    "cancellation_lines": 722,
    "cancellation_lines_not_goods": 30,
    "cancellation_lines_without_customer": 23,
    "units_returned": 3_200,
    "units_unmatched": 12_769,
    "refunded": 806_155,
    "commission_accrued": 2_822_175,
    "commission_reversed": 40_353,
    "commission_paid": 2_781_822,
}


@pytest.fixture
def real_trade() -> Path:
    """The real invoices: STOREFRONT_REPLAY_DATA, or the file that lies beside the project."""
    if named := os.environ.get("STOREFRONT_REPLAY_DATA"):
        return Path(named)
    beside = Path(__file__).parents[2] / "../shared/data/online_retail.csv.gz"
    if not beside.exists():
        pytest.skip(
            "no real invoices: STOREFRONT_REPLAY_DATA is not set, "
            "and ../shared/data/online_retail.csv.gz is not there"
        )
    return beside


def test_two_thousand_real_invoices_give_the_published_figures(real_trade: Path) -> None:
    found = calculate(real_trade, 2000)
    assert {key: found[key] for key in PUBLISHED_FOR_2000} == PUBLISHED_FOR_2000
    first, second = found["payouts"]
    assert first == payout("2011-01-01", 78, 229_268)
    assert (second["close"], second["total"]) == ("2011-02-01", 2_552_554)
