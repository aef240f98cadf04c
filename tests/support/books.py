"""Whether the books are sound."""

from __future__ import annotations

from storefront.core import clock
from storefront.core.settings import settings
from storefront.insights import audit


def broken(asked: audit.Asked | None = None) -> set[str]:
    """The names of the invariants that do not hold now (or as `asked`)."""
    chosen = asked or audit.Asked(clock.now(), settings().chain_time_zone)
    return {invariant.name for invariant in audit.INVARIANTS if audit.ask(invariant, chosen).count}
