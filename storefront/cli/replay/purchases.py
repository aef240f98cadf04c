"""What customers have bought and not brought back: where a cancellation finds its goods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from storefront.cli.replay.goods import LeftOut, is_goods
from storefront.cli.replay.invoices import Invoice

ReturnedPieces = dict[str, dict[int, int]]
"""By order (public id) and line position: how many pieces come back."""


@dataclass(slots=True)
class _Bought:
    """An order line, and how many of its pieces are still with the customer."""

    order: str
    position: int
    left: int


class Purchases:
    """Every customer's order lines, the oldest first."""

    def __init__(self) -> None:
        self._lines: dict[tuple[int, str], list[_Bought]] = defaultdict(list)

    def note(self, customer: int, order: str, lines: Iterable[tuple[str, int]]) -> None:
        """Remember an order's lines: code and pieces, in the order of their positions."""
        for position, (code, pieces) in enumerate(lines, start=1):
            self._lines[customer, code].append(_Bought(order, position, pieces))

    def bring_back(self, cancellation: Invoice, left_out: LeftOut) -> ReturnedPieces:
        """Find the purchases that a cancellation is about, the oldest first.

        What finds none, and lines without a customer, are counted as unmatched.
        """
        returned: ReturnedPieces = defaultdict(lambda: defaultdict(int))
        left_out.cancellation_invoices += 1
        left_out.cancellation_lines += len(cancellation.lines)
        for line in cancellation.lines:
            pieces = max(-line.quantity, 0)
            if not is_goods(line.code):
                left_out.cancellation_lines_not_goods += 1
            elif cancellation.customer is None:
                left_out.cancellation_lines_without_customer += 1
                left_out.units_unmatched += pieces
            else:
                found = self._take(cancellation.customer, line.code, pieces, returned)
                left_out.units_unmatched += pieces - found
        return returned

    def _take(self, customer: int, code: str, wanted: int, returned: ReturnedPieces) -> int:
        """Move up to `wanted` pieces into `returned`; how many there were."""
        found = 0
        bought = self._lines[customer, code]
        while bought and found < wanted:
            oldest = bought[0]
            pieces = min(wanted - found, oldest.left)
            returned[oldest.order][oldest.position] += pieces
            oldest.left -= pieces
            found += pieces
            if not oldest.left:
                del bought[0]
        return found
