"""What must always be so, each as a question to the database whose answer must be "nothing".

The numbers are kinds: 1 to 8 the book and payouts, 9 to 11 stock, 12 to 16 money and orders, 17
credit, 18 roll-ups, 19 ties, 20 rates; 21 and up are the program's own additions.

Every question is set-based and reads each table a few times, or, where the rules themselves are
asked again (20, 21), goes through it once in chunks.
"""

from __future__ import annotations

from collections.abc import Sequence

from storefront.insights.audit import (
    closing,
    coupons,
    credit,
    disputes,
    fraud,
    fulfilment,
    ledger,
    money,
    orders,
    payday,
    rates,
    rollups,
    services,
    settlements,
    stock,
    ties,
    tills,
)
from storefront.insights.audit.invariant import Answer, Asked, Invariant, ask

__all__ = ["INVARIANTS", "Answer", "Asked", "Invariant", "ask"]

_MODULES = (
    ledger,
    payday,
    closing,
    stock,
    money,
    orders,
    fulfilment,
    coupons,
    credit,
    disputes,
    fraud,
    rollups,
    ties,
    tills,
    rates,
    services,
    settlements,
)

INVARIANTS: Sequence[Invariant] = sorted(
    (invariant for module in _MODULES for invariant in module.INVARIANTS),
    key=lambda invariant: invariant.number,
)
