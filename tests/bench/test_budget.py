"""The budget's small pieces. What pages weigh is held in tests/browser."""

from __future__ import annotations

import pytest

from tests.bench import budget
from tests.bench.budget import Weighed


@pytest.mark.parametrize(
    ("shifts", "expected"),
    [
        ([], 0),
        ([(100, 0.02), (900, 0.03)], 0.05),
        # A second of rest ends a session.
        ([(100, 0.02), (1_100, 0.03), (1_200, 0.01)], 0.04),
        # So do five seconds without any.
        ([(each * 900, 0.01) for each in range(8)], 0.06),
    ],
)
def test_a_layout_shift_is_that_of_the_worst_session(
    shifts: list[tuple[float, float]], expected: float
) -> None:
    assert budget.largest_session(shifts) == pytest.approx(expected)


def test_the_first_view_is_everything_but_the_goods_pictures() -> None:
    weighed = Weighed(html=1, css=20, js=300, pictures=4_000, other=50_000)
    assert weighed.first_view == 50_321


def test_the_report_tells_the_middle_of_three_looks_and_what_is_over_its_limit() -> None:
    looks = [
        Weighed(html=31_000, largest_paint_ms=2_400),
        Weighed(html=31_000, largest_paint_ms=9_000),
        Weighed(html=31_000, largest_paint_ms=2_500),
    ]
    row = budget.of_page("cart", looks)
    assert (row["page"], row["largest_paint_ms"]) == ("cart", 2_500)
    assert row["over"] == ["html"]
    table = budget.as_table([row])
    assert table.row_count == 1
    assert "[red]31,000[/]" in [cell for column in table.columns for cell in column.cells]
