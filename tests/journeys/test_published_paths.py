"""A data set of paths with many touches is loaded from files, and each model counts as it should.

What a model should count is worked out here, from the paths alone.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.attribution.models import Credit
from storefront.attribution.rules import Model, Policy
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.times import as_rfc3339
from storefront.insights.simulations.reading import Span
from storefront.insights.simulations.result import changes
from storefront.staff.models import Employee
from tests.insights.simulations.test_replay import replayed
from tests.support import cast, trade
from tests.support.books import broken

SELLERS = ("E1", "E2", "E3", "E4")
PATHS = 120
WHOLE = 10_000
"""What each sale comes to, so that a basis point of it is a fen."""


@dataclass(frozen=True)
class Journey:
    """Whom a customer met, in this order, before they bought."""

    number: int
    met: tuple[str, ...]
    bought_at: datetime


def some_paths(begin: datetime) -> list[Journey]:
    chance = random.Random(17)
    return [
        Journey(
            number,
            tuple(chance.choices(SELLERS, k=chance.choice((1, 1, 2, 3, 4, 6)))),
            begin + timedelta(minutes=30 * number),
        )
        for number in range(PATHS)
    ]


def touch_rows(paths: list[Journey]) -> list[str]:
    """Their touches, in no order; and some that do not count."""
    rows = [
        f"{as_rfc3339(path.bought_at - timedelta(hours=len(path.met) - place))},"
        f"p{path.number},{seller},link,,M{path.number}\n"
        for path in paths
        for place, seller in enumerate(path.met)
    ]
    rows += [
        f"{as_rfc3339(path.bought_at - timedelta(minutes=5))},p{path.number},E4,link,crawler,\n"
        for path in paths[::7]
    ]
    random.Random(18).shuffle(rows)
    return rows


def shares_by(model: Model, paths: list[Journey]) -> dict[str, Fraction]:
    """How many sales each seller has by a model, counted plainly."""
    counts: dict[str, Fraction] = dict.fromkeys(SELLERS, Fraction())
    for path in paths:
        if model is Model.LAST_TOUCH:
            counts[path.met[-1]] += 1
        elif model is Model.FIRST_TOUCH:
            counts[path.met[0]] += 1
        else:
            for seller, times in Counter(path.met).items():
                counts[seller] += Fraction(times, len(path.met))
    return counts


@pytest.fixture
def paths(app: Flask, clock: SettableClock) -> list[Journey]:
    for number in SELLERS:
        cast.an_employee(number)
    cast.a_product(price=WHOLE)
    db.session.execute(sa.text("UPDATE variants SET code = 'THING'"))
    db.session.commit()
    begin = clock.now()
    clock.advance(timedelta(days=10))
    return some_paths(begin)


def load(app: Flask, folder: Path, paths: list[Journey]) -> None:
    """Both files by the command line, the touches twice."""
    touches, till = folder / "touches.csv", folder / "till.csv"
    touches.write_text(
        "at,visitor,employee,kind,uncounted,member_code\n" + "".join(touch_rows(paths))
    )
    till.write_text(
        "kind,store,number,at,code,quantity,net,member_code\n"
        + "".join(
            f"sale,S1,T{path.number},{as_rfc3339(path.bought_at)},THING,1,100.00,M{path.number}\n"
            for path in paths
        )
    )
    runner = app.test_cli_runner()
    for kind, file in (("touches", touches), ("touches", touches), ("till", till)):
        done = runner.invoke(args=["import", kind, str(file)])
        assert done.exit_code == 0, done.output


@pytest.mark.parametrize("model", [Model.LAST_TOUCH, Model.FIRST_TOUCH, Model.LINEAR])
def test_sales_are_counted_as_the_paths_say(
    app: Flask, clock: SettableClock, tmp_path: Path, paths: list[Journey], model: Model
) -> None:
    clock.advance(timedelta(days=-10))
    trade.the_policy(Policy(window_days=30, model=model))
    trade.the_plan()
    clock.advance(timedelta(days=10))
    load(app, tmp_path, paths)
    credited = db.session.execute(
        sa.select(Employee.number, sa.func.sum(Credit.share), sa.func.count())
        .join(Employee, Employee.id == Credit.employee_id)
        .group_by(Employee.number)
    ).all()
    expected = shares_by(model, paths)
    assert sum(int(share) for _, share, _ in credited) == PATHS * WHOLE
    for number, share, count in credited:
        # Every share is rounded to a basis point, and the first of an order takes what is left.
        slack = 3 * count if model is Model.LINEAR else 0
        assert abs(int(share) - expected[number] * WHOLE) <= slack, number
    if model is Model.LAST_TOUCH:
        _simulated(paths, Span(None, clock.now()))
        assert broken() == set()


def _simulated(paths: list[Journey], span: Span) -> None:
    """The same paths tried under the other models: sales and orders as the paths say."""
    for model in (Model.FIRST_TOUCH, Model.LINEAR):
        expected = shares_by(model, paths)
        met = Counter(seller for path in paths for seller in set(path.met))
        for each in changes(replayed(Policy(window_days=30, model=model), span)):
            slack = 3 * each.after.orders if model is Model.LINEAR else 0
            assert abs(each.after.sales - expected[each.number] * WHOLE) <= slack
            if model is Model.LINEAR:
                assert each.after.orders == met[each.number]
