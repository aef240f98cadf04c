"""`flask welcome`: what to open, and who may sign in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from storefront.catalog.models import Product
from storefront.cli.demo.filling import MARK
from storefront.cli.demo.filling.people import PASSWORD
from storefront.core.database import db
from storefront.core.marks import find_mark
from storefront.core.settings import settings
from storefront.insights.models import SalesDay
from storefront.orders.models import Order, OrderState
from storefront.sharing.models import ShareLink
from storefront.shops.models import Shop, ShopState
from storefront.staff.models import Employee, EmploymentState, Role, Store

_WIDTH = 120
"""Columns at least: an address in two pieces cannot be copied."""

_SHOPS = 3

_ROLES = {
    Role.HQ_ADMIN: ("headquarters: people and roles", 1),
    Role.HQ_FINANCE: ("headquarters: payouts, one drafts and another approves", 2),
    Role.HQ_OPERATIONS: ("headquarters: goods and orders", 1),
    Role.REGION_MANAGER: ("manages a region", 1),
    Role.STORE_MANAGER: ("manages a store", 1),
}
"""What to say of each role, and how many of it to name."""

Addresses = Iterator[tuple[str, str]]


@click.command("welcome")
@with_appcontext
def welcome() -> None:
    """Print the addresses to open and, of a demo chain, who may sign in."""
    console = Console(highlight=False)
    console.width = max(console.width, _WIDTH)
    about = find_mark(MARK)
    shops = _best_shops() if about else []
    console.print(_addresses([*_everywhere(), *_of_a_demo(shops)]))
    if about:
        _show_people(console, shops)
        console.print(
            f"A demo chain of seed {about['seed']}, with 90 days of trade until {about['until']}."
            " `make audit` checks its books."
        )
    else:
        console.print("`flask create-admin NUMBER NAME` lets an admin in.")


def _everywhere() -> Addresses:
    yield "the chain's front", "/"
    yield "the API, described", "/api/docs"


def _of_a_demo(shops: Sequence[Shop]) -> Addresses:
    for shop in shops:
        yield f"a shop: {shop.title}", f"/s/{shop.handle}"
    if not shops:
        return
    link = db.session.execute(
        sa.select(ShareLink.code, Product.name_en)
        .join(Product, Product.id == ShareLink.product_id)
        .where(ShareLink.shop_id == shops[0].id, ShareLink.revoked_at.is_(None))
        .order_by(ShareLink.id.desc())
        .limit(1)
    ).one_or_none()
    if link:
        yield f"a shared link: {link.name_en}", f"/l/{link.code}"
    on_its_way = Order.state == OrderState.PAID
    secret = db.session.scalar(
        sa.select(Order.secret)
        .where(Order.paid_at.is_not(None), Order.cancelled_at.is_(None))
        .order_by(on_its_way.desc(), Order.id.desc())
        .limit(1)
    )
    if secret:
        yield "a customer's order", f"/o/{secret}"


def _addresses(found: Sequence[tuple[str, str]]) -> Table:
    table = Table("To open", "", box=None, header_style="bold", padding=(0, 3, 0, 0))
    for what, path in found:
        table.add_row(escape(what), settings().public_base_url + path)
    return table


def _best_shops() -> list[Shop]:
    """The open shops that sell most, among them one that speaks English if any does."""
    sold = (
        sa.select(SalesDay.employee_id, sa.func.sum(SalesDay.sales).label("sales"))
        .group_by(SalesDay.employee_id)
        .subquery()
    )
    best = db.session.scalars(
        sa.select(Shop)
        .join(Employee, Employee.id == Shop.employee_id)
        .outerjoin(sold, sold.c.employee_id == Employee.id)
        .where(Shop.state == ShopState.OPEN, Employee.state == EmploymentState.ACTIVE)
        .order_by(sa.func.coalesce(sold.c.sales, 0).desc(), Shop.id)
    ).all()
    in_english = next((shop for shop in best[_SHOPS - 1 :] if shop.title.isascii()), None)
    return [*best[: _SHOPS - 1], in_english or best[_SHOPS - 1]] if len(best) >= _SHOPS else [*best]


def _show_people(console: Console, shops: Sequence[Shop]) -> None:
    password = "the one shown at the filling" if settings().in_production else PASSWORD
    table = Table("To sign in", "", "", "", box=None, header_style="bold", padding=(0, 3, 0, 0))
    for person, said in _people(shops):
        table.add_row(person.number, escape(person.name), said, escape(person.store.name_en))
    address = f"{settings().public_base_url}/api/v1/seller/session"
    body = f'{{"number": "E0001", "password": "{password}"}}'
    console.print()
    console.print(table)
    console.print(f"\nEverybody's password: [bold]{password}[/bold]")
    console.print(f"curl {address} --json {escape(repr(body))}\n", soft_wrap=True)


def _people(shops: Sequence[Shop]) -> Iterator[tuple[Employee, str]]:
    for role, (said, count) in _ROLES.items():
        for person in _active(Employee.role == role, count):
            yield person, said
    for shop in shops:
        for person in _active(Employee.id == shop.employee_id, 1):
            yield person, f"keeps /s/{shop.handle}"


def _active(condition: sa.ColumnElement[bool], count: int) -> Sequence[Employee]:
    return db.session.scalars(
        sa.select(Employee)
        .join(Store, Store.id == Employee.store_id)
        .where(
            condition,
            Employee.state == EmploymentState.ACTIVE,
            Employee.password_hash.is_not(None),
        )
        .order_by(Employee.id)
        .limit(count)
    ).all()
