"""How long a simulation takes over a chain's past: half a million order lines, made in bulk.

python -m tests.bench.past --database postgresql --orders 250000 --lines 2
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa

from config.settings import Settings
from storefront import create_app
from storefront.attribution.models import AttributionPolicy, Credit, Verdict
from storefront.attribution.rules import (
    Evidence,
    Line,
    Model,
    Person,
    Policy,
    TouchEvidence,
    decide,
)
from storefront.catalog.models import Product, Variant
from storefront.commissions.models import Accrual, CommissionPlan
from storefront.commissions.rates import PlanCalendar
from storefront.commissions.rules import Subject, commission
from storefront.commissions.terms import NewRule
from storefront.core import clock
from storefront.core.database import db, transaction
from storefront.core.ids import random_text
from storefront.core.money import part_so_far, split
from storefront.insights.simulations import processes
from storefront.insights.simulations.reading import Span
from storefront.insights.simulations.result import summary
from storefront.insights.simulations.trial import Trial
from storefront.orders.models import Order, OrderLine, OrderState, Return, ReturnLine
from storefront.staff.models import Employee, EmploymentState, Role
from tests.support import cast as people
from tests.support import rules
from tests.support.databases import Kind, make_tables, throwaway_postgresql

EMPLOYEES = 2_000
PRODUCTS = 400
AT_ONCE = 5_000
SPAN = timedelta(days=700)
POLICY = Policy(window_days=30)
TRIED = (
    POLICY,
    Policy(window_days=14, model=Model.LINEAR),
    Policy(window_days=30, model=Model.TIME_DECAY),
)

Rows = list[dict[str, Any]]


def _table(model: Any) -> sa.Table:
    return cast(sa.Table, model.__table__)


@dataclass
class Goods:
    """A variant, as an order line freezes it."""

    variant_id: int
    product_id: int
    brand_id: int
    category_id: int
    code: str
    price: int


class Past:
    """Orders as the shop would have left them, without their stock and payments."""

    def __init__(self, chance: random.Random, now: datetime) -> None:
        self._chance = chance
        self._now = now
        self._staff = _hire(now)
        self._goods = _enter_goods(chance)
        _open_for_trade(chance, self._goods, now - SPAN - timedelta(days=1))
        self._rates = PlanCalendar()
        self._next = {"order": 1, "line": 1, "credit": 1, "return": 1}

    def fill(self, orders: int, lines: int) -> None:
        """Write so many orders, of so many lines each on average."""
        rows: dict[str, Rows] = {}
        for number in range(orders):
            at = self._now - SPAN + SPAN * (number / orders)
            for name, row in self._order(at, self._chance.randrange(1, 2 * lines)):
                rows.setdefault(name, []).append(row)
            if number % AT_ONCE == AT_ONCE - 1 or number == orders - 1:
                _write(rows)
                rows = {}

    def _order(self, at: datetime, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
        order_id = self._take("order")
        goods = self._chance.sample(self._goods, count)
        evidence = self._evidence(at)
        lines = [self._line(order_id, place, each) for place, each in enumerate(goods, 1)]
        yield "orders", _order_row(order_id, at, evidence, sum(line["net"] for line in lines))
        for line in lines:
            yield "lines", line
            if line["returned_quantity"]:
                yield from self._return(line, at)
        decision = decide(
            POLICY, evidence, [Line(line["position"], line["product_id"]) for line in lines]
        )
        yield (
            "verdicts",
            {
                "id": order_id,
                "order_id": order_id,
                "sequence": 1,
                "policy_id": 1,
                "reason": decision.reason.value,
                "document": decision.as_document(),
                "at": at,
            },
        )
        rates = self._rates.at(at)
        assert rates is not None
        for line in lines:
            winners = decision.ruling_on(line["position"]).winners
            nets = split(line["net"], [each.share for each in winners]) if winners else []
            for place, (winner, base) in enumerate(zip(winners, nets, strict=True)):
                credit_id = self._take("credit")
                shared = {
                    "order_id": order_id,
                    "order_line_id": line["id"],
                    "employee_id": winner.employee_id,
                    "store_id": winner.store_id,
                    "at": at,
                }
                yield (
                    "credits",
                    shared
                    | {
                        "id": credit_id,
                        "verdict_id": order_id,
                        "position": place,
                        "share": winner.share,
                        "touch_id": winner.touch_id,
                    },
                )
                assert winner.employee_id is not None
                subject = Subject(winner.employee_id, line["product_id"], (), line["brand_id"])
                rule = rates.rule_for(subject)
                rate = rule.rate if rule else 0
                amount = commission(base, rate)
                yield (
                    "accruals",
                    shared
                    | {
                        "credit_id": credit_id,
                        "plan_id": 1,
                        "rule_id": None,
                        "rate": rate,
                        "base": base,
                        "category_ids": [],
                        "amount": amount,
                        "reversed": part_so_far(
                            amount, line["returned_quantity"], line["quantity"]
                        ),
                        "hold_days": 7,
                    },
                )

    def _return(self, line: dict[str, Any], at: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
        return_id, back = self._take("return"), line["returned_quantity"]
        amount = part_so_far(line["net"], back, line["quantity"])
        shared = {"refund_amount": amount, "at": at, "reason": "", "order_id": line["order_id"]}
        yield "returns", shared | {"id": return_id, "public_id": f"ret_{return_id:016}"}
        yield (
            "return_lines",
            {
                "return_id": return_id,
                "order_line_id": line["id"],
                "quantity": back,
                "amount": amount,
            },
        )

    def _take(self, what: str) -> int:
        taken = self._next[what]
        self._next[what] += 1
        return taken

    def _evidence(self, at: datetime) -> Evidence:
        chance = self._chance
        met = chance.sample(self._staff, chance.choice((0, 1, 1, 1, 2, 2, 3)))
        touches = tuple(
            TouchEvidence(
                touch_id=chance.randrange(10**9),
                employee_id=chance.choice(met)[0],
                at=at - timedelta(seconds=chance.randrange(40 * 86_400)),
                kind="link",
                channel="wechat",
                uncounted="no" if chance.random() < 0.9 else "crawler",
            )
            for _ in range(chance.randrange(1, 6) if met else 0)
        )
        return Evidence(
            placed_at=at,
            people={key: Person(number, store_id) for key, number, store_id in met},
            touches=tuple(sorted(touches, key=lambda touch: touch.at, reverse=True)),
        )

    def _line(self, order_id: int, position: int, goods: Goods) -> dict[str, Any]:
        quantity = self._chance.choice((1, 1, 1, 2, 3))
        returned = self._chance.randrange(quantity + 1) if self._chance.random() < 0.08 else 0
        return {
            "id": self._take("line"),
            "order_id": order_id,
            "position": position,
            "variant_id": goods.variant_id,
            "product_id": goods.product_id,
            "brand_id": goods.brand_id,
            "category_id": goods.category_id,
            "code": goods.code,
            "name_zh": "灯",
            "name_en": "Lamp",
            "unit_price": goods.price,
            "quantity": quantity,
            "net": goods.price * quantity,
            "returned_quantity": returned,
        }


def _order_row(order_id: int, at: datetime, evidence: Evidence, total: int) -> dict[str, Any]:
    return {
        "id": order_id,
        "public_id": f"ord_{order_id:016}",
        "number": f"N{order_id:010}",
        "secret": random_text(24),
        "visitor_id": "",
        "contact_name": "王芳",
        "contact_phone": "+8613800138000",
        "address": "上海市徐汇区衡山路 1 号",
        "currency": "CNY",
        "lines_total": total,
        "shipping_total": 0,
        "total": total,
        "state": OrderState.HANDED_OVER,
        "evidence": evidence.as_document(),
        "placed_at": at,
        "hold_expires_at": at,
        "paid_at": at,
        "handed_over_at": at,
    }


_TABLES = {
    "orders": _table(Order),
    "lines": _table(OrderLine),
    "returns": _table(Return),
    "return_lines": _table(ReturnLine),
    "verdicts": _table(Verdict),
    "credits": _table(Credit),
    "accruals": _table(Accrual),
}


def _write(rows: dict[str, Rows]) -> None:
    with transaction() as session:
        for name, table in _TABLES.items():
            if rows.get(name):
                session.connection().execute(sa.insert(table), rows[name])


def _hire(now: datetime) -> list[Any]:
    stores = [people.a_store(f"S{number:03}").id for number in range(40)]
    with transaction() as session:
        session.execute(
            sa.insert(Employee),
            [
                {
                    "public_id": f"emp_{number:016}",
                    "number": f"E{number:05}",
                    "name": f"Seller {number}",
                    "store_id": stores[number % len(stores)],
                    "role": Role.EMPLOYEE,
                    "state": EmploymentState.ACTIVE,
                    "version": 1,
                    "created_at": now,
                }
                for number in range(EMPLOYEES)
            ],
        )
    rows = db.session.execute(sa.select(Employee.id, Employee.number, Employee.store_id))
    return [tuple(row) for row in rows]


def _enter_goods(chance: random.Random) -> list[Goods]:
    for _ in range(PRODUCTS):
        people.a_product(price=chance.randrange(99, 99_999))
    rows = db.session.execute(
        sa.select(
            Variant.id,
            Product.id,
            Product.brand_id,
            Product.category_id,
            Variant.code,
            Variant.price,
        ).join(Product, Product.id == Variant.product_id)
    )
    return [Goods(*row) for row in rows]


def _open_for_trade(chance: random.Random, goods: list[Goods], since: datetime) -> None:
    named = chance.sample(goods, 100)
    rules.a_policy(POLICY)
    rules.a_plan(
        NewRule(rate=500),
        *(NewRule(rate=chance.randrange(100, 1_500), product_id=each.product_id) for each in named),
    )
    with transaction() as session:
        session.execute(sa.update(AttributionPolicy).values(id=1, starts_at=since))
        session.execute(sa.update(CommissionPlan).values(starts_at=since))


def measure(policy: Policy) -> dict[str, Any]:
    """Replay a policy over everything, and say how long it took."""
    span = Span(None, clock.now())
    started, spent = time.perf_counter(), _cpu(resource.RUSAGE_SELF)
    answer = summary(processes.replay(Trial(policy), span, lambda _: None), "CNY")
    return {
        "model": policy.model.value,
        "orders": answer["orders"],
        "lines": answer["order_lines"],
        "changed": answer["orders_changed"],
        "difference": answer["difference"]["amount"],
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_seconds": round(
            _cpu(resource.RUSAGE_SELF) + _cpu(resource.RUSAGE_CHILDREN) - spent, 1
        ),
        "megabytes": _most_memory(resource.RUSAGE_SELF),
        "megabytes_of_a_helper": _most_memory(resource.RUSAGE_CHILDREN),
    }


def _cpu(whose: int) -> float:
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def _most_memory(whose: int) -> int:
    return resource.getrusage(whose).ru_maxrss // 1024


def run(url: str, folder: Path, orders: int, lines: int) -> None:
    """Fill a database, and measure in a process of its own, as memory is counted at its highest."""
    make_tables(url)
    with create_app(Settings.for_tests(database_url=url, instance_folder=folder)).app_context():
        started = time.perf_counter()
        Past(random.Random(5), clock.now()).fill(orders, lines)
        print(f"filled in {time.perf_counter() - started:.0f} s", flush=True)
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(
                    sa.text("VACUUM ANALYZE")
                )
    for number in range(len(TRIED)):
        command = [sys.executable, "-m", "tests.bench.past", "--measure", str(number), url]
        subprocess.run(command, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--orders", type=int, default=250_000)
    parser.add_argument("--lines", type=int, default=2, help="on average")
    parser.add_argument("--measure", nargs=2, metavar=("POLICY", "URL"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.measure:
            which, url = given.measure
            app = create_app(Settings.for_tests(database_url=url, instance_folder=folder))
            with app.app_context():
                print(json.dumps(measure(TRIED[int(which)])), flush=True)
            return
        kind: Kind = given.database
        if kind == "sqlite":
            run(f"sqlite:///{folder / 'past.sqlite'}", folder, given.orders, given.lines)
        else:
            with throwaway_postgresql() as server:
                run(server.create_database("past"), folder, given.orders, given.lines)


if __name__ == "__main__":
    main()
