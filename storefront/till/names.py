"""The stores, people and goods behind the names that a till uses, each asked for once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, cast

import sqlalchemy as sa

from storefront.catalog import prices
from storefront.catalog.prices import PricedVariant
from storefront.core.database import db
from storefront.staff.models import Employee, Store
from storefront.till.rules import Known
from storefront.till.told import Return, Sale

_employees = cast(sa.Table, Employee.__table__)
_stores = cast(sa.Table, Store.__table__)

_STORES = sa.select(_stores.c.code, _stores.c.id).where(
    _stores.c.code.in_(sa.bindparam("codes", expanding=True))
)
_PEOPLE = sa.select(_employees.c.number, _employees.c.id, _employees.c.left_at).where(
    _employees.c.number.in_(sa.bindparam("numbers", expanding=True))
)


class Person(NamedTuple):
    """An employee, as far as a till asks."""

    id: int
    left_at: datetime | None


@dataclass(slots=True)
class Names:
    """What is known by now. A file of many receipts keeps one: goods and people come again."""

    stores: dict[str, int] = field(default_factory=dict[str, int])
    people: dict[str, Person] = field(default_factory=dict[str, Person])
    goods: dict[str, PricedVariant] = field(default_factory=dict[str, PricedVariant])
    unknown: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Asked for in vain, by kind."""

    def learn(self, told: Sale | Return) -> Known:
        """Look up the names that are new here; what is known of all of them."""
        numbers: set[str] = set()
        if isinstance(told, Return):
            self._learn_stores([told.store, told.sale_store])
        else:
            numbers = {seller.number for line in told.lines for seller in line.sellers}
            self._learn_stores([told.store])
            self._learn_people(numbers)
            self._learn_goods(line.code for line in told.lines)
        people = self.people
        return Known(
            stores=self.stores,
            codes=self.goods,
            left_at={number: people[number].left_at for number in numbers if number in people},
        )

    def _learn_stores(self, codes: Iterable[str]) -> None:
        new = self._new("store", codes, self.stores)
        if new:
            rows = db.session.execute(_STORES, {"codes": new})
            self.stores |= {row.code: row.id for row in rows}
            self._note("store", new, self.stores)

    def _learn_people(self, numbers: Iterable[str]) -> None:
        new = self._new("employee", numbers, self.people)
        if new:
            rows = db.session.execute(_PEOPLE, {"numbers": new})
            self.people |= {row.number: Person(row.id, row.left_at) for row in rows}
            self._note("employee", new, self.people)

    def _learn_goods(self, codes: Iterable[str]) -> None:
        new = self._new("variant", codes, self.goods)
        if new:
            self.goods |= prices.priced_by_code(new)
            self._note("variant", new, self.goods)

    def _new(self, kind: str, names: Iterable[str], known: Collection[str]) -> list[str]:
        return sorted(
            name for name in set(names) if name not in known and (kind, name) not in self.unknown
        )

    def _note(self, kind: str, asked: Iterable[str], known: Collection[str]) -> None:
        self.unknown |= {(kind, name) for name in asked if name not in known}
