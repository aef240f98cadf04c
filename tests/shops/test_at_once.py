"""Shops and links when many hands are at them at once."""

from collections import Counter
from datetime import UTC, datetime

import sqlalchemy as sa
from flask import Flask

from storefront.core.database import db
from storefront.core.errors import Conflict
from storefront.sharing import touches
from storefront.sharing.models import Touch, Uncounted
from storefront.shops import listings, service
from storefront.shops.models import Listing, Shop
from tests.support import cast
from tests.support.threads import all_at_once

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def outcomes(answers: list[object]) -> Counter[str]:
    return Counter(
        answer.code if isinstance(answer, Conflict) else type(answer).__name__ for answer in answers
    )


def test_of_several_who_want_one_handle_one_gets_it(app: Flask) -> None:
    owners = [cast.an_employee().id for _ in range(6)]
    answers = all_at_once(
        app,
        [
            lambda owner=owner: service.open_shop(owner, handle="fang", title="x", now=NOW)
            for owner in owners
        ],
    )
    assert outcomes([*answers]) == {"Shop": 1, "handle_taken": 5}


def test_an_impatient_employee_opens_one_shop(app: Flask) -> None:
    owner = cast.an_employee().id
    answers = all_at_once(
        app,
        [
            lambda handle=f"shop-{n}": service.open_shop(owner, handle=handle, title="x", now=NOW)
            for n in range(6)
        ],
    )
    assert outcomes([*answers]) == {"Shop": 1, "shop_exists": 5}


def test_every_change_at_once_counts_in_the_version_and_no_place_is_given_twice(
    app: Flask,
) -> None:
    shop = cast.a_shop()
    owner = shop.employee_id
    products = [cast.a_product().public_id for _ in range(6)]
    answers = all_at_once(
        app, [lambda each=each: listings.pick(owner, each, now=NOW) for each in products]
    )
    assert outcomes([*answers]) == {"Listing": 6}
    positions = db.session.scalars(sa.select(Listing.position).order_by(Listing.position))
    assert list(positions) == [1, 2, 3, 4, 5, 6]
    assert db.session.scalar(sa.select(Shop.version)) == 7


def test_one_product_picked_several_times_at_once_is_in_the_shop_once(app: Flask) -> None:
    owner, product = cast.a_shop().employee_id, cast.a_product().public_id
    answers = all_at_once(app, [lambda: listings.pick(owner, product, now=NOW)] * 6)
    assert outcomes([*answers]) == {"Listing": 1, "already_listed": 5}


def test_of_two_edits_of_one_version_one_holds(app: Flask) -> None:
    owner = cast.a_shop().employee_id
    answers = all_at_once(
        app, [lambda title=title: service.edit(owner, 1, title=title) for title in "ABCDEF"]
    )
    assert outcomes([*answers]) == {"Shop": 1, "Stale": 5}


def test_no_visit_of_a_crowd_is_lost(app: Flask) -> None:
    code = cast.a_link(cast.a_shop()).code

    def visit() -> str | None:
        return touches.keep(
            code, visitor_id="v", at=NOW, uncounted=Uncounted.NO, user_agent="", referrer=""
        )

    def come_often() -> set[str | None]:
        return {visit() for _ in range(10)}

    answers = all_at_once(app, [come_often] * 8)
    assert outcomes([*answers]) == {"set": 8}
    assert db.session.scalar(sa.select(sa.func.count(Touch.id))) == 80
