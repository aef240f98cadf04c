"""The demo chain in a database, small: entered by the commands, and looked at from outside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from rich.progress import Progress

from config.settings import Settings
from storefront import create_app
from storefront.attribution.models import Verdict
from storefront.catalog.models import Location, Product, StockLevel, Variant
from storefront.cli.demo import pictures, sellers
from storefront.cli.demo.content import Employee as Person
from storefront.cli.demo.content import Product as Thing
from storefront.cli.demo.content import Role as Rank
from storefront.cli.demo.content import Variant as Kind
from storefront.cli.demo.filling import fill, gallery
from storefront.cli.demo.filling.people import PASSWORD
from storefront.cli.demo.filling.script import write_script
from storefront.commissions.models import BatchState, CommissionPlan, PayoutBatch
from storefront.core import clock, hot
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.core.jobs import Job
from storefront.core.pictures import Encoded
from storefront.insights.models import VisitsFolded
from storefront.orders.coupon_models import Coupon
from storefront.orders.models import Order, OrderState
from storefront.payments.models import Refund, RefundState
from storefront.sharing.models import ShareLink, Touch, Uncounted
from storefront.shops.models import Listing, Post, Section, Shop
from storefront.staff.models import Employee, EmploymentState, Region, Role, Store
from storefront.staff.passwords import password_matches
from tests.support import cast
from tests.support.databases import Kind as DatabaseKind
from tests.support.databases import make_tables

UNTIL = date(2026, 3, 1)
TODAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SCALE = 0.03


@pytest.fixture(autouse=True, scope="module")
def small() -> Iterator[None]:
    """Few shops, and pictures that cost nothing."""

    def of_goods(product: Thing, variant: Kind) -> Encoded:
        return Encoded(300, 300, {(300, "jpeg"): f"{product.code} {variant.picture}".encode()})

    def of_face(person: Person) -> Encoded:
        return Encoded(300, 300, {(300, "jpeg"): person.number.encode()})

    def of_post(products: tuple[Thing, ...]) -> Encoded:
        codes = " ".join(product.code for product in products)
        return Encoded(300, 120, {(300, "jpeg"): codes.encode()})

    def one_thread() -> Executor:
        return ThreadPoolExecutor(1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sellers, "_WITH_SHOP", {Rank.EMPLOYEE: 0.05})
        patch.setattr(pictures, "product_files", of_goods)
        patch.setattr(pictures, "face_files", of_face)
        patch.setattr(pictures, "post_files", of_post)
        patch.setattr(gallery, "draughtsmen", one_thread)
        yield


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments))


def fill_by_command(app: Flask, *arguments: str) -> Result:
    return run(app, "demo", "--scale", str(SCALE), *arguments)


@pytest.fixture(scope="module")
def shared(
    database_kind: DatabaseKind, tmp_path_factory: pytest.TempPathFactory, request: Any, small: None
) -> Iterator[Flask]:
    """An application over a small demo chain, as the command fills it. Only to be looked at."""
    folder = tmp_path_factory.mktemp("demo")
    if database_kind == "sqlite":
        url = f"sqlite:///{folder / 'demo.sqlite'}"
    else:
        process = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        url = request.getfixturevalue("postgresql_server").create_database(f"demo_{process}")
    make_tables(url)
    app = create_app(
        Settings.for_tests(database_url=url, instance_folder=folder), clock=SettableClock(TODAY)
    )
    app.testing = True
    answer = fill_by_command(app)
    assert answer.exit_code == 0, answer.output
    yield app
    with app.app_context():
        hot.close_connections()
        db.engine.dispose()


@pytest.fixture
def filled(shared: Flask) -> Iterator[Flask]:
    """The same with its context pushed."""
    with shared.app_context():
        yield shared


def count(table: Any, *conditions: sa.ColumnElement[bool]) -> int:
    found = db.session.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions))
    return found or 0


def test_a_whole_chain_is_entered_and_its_books_are_right(filled: Flask) -> None:
    assert (count(Region), count(Store), count(Location)) == (4, 13, 13)
    assert (count(Product), count(Product, Product.picture_id.is_(None))) == (80, 0)
    assert count(Variant, Variant.picture_id.is_(None)) == 0
    states = db.session.execute(sa.select(Employee.state, sa.func.count()).group_by(Employee.state))
    assert dict(states.all()) == {
        EmploymentState.ACTIVE: 136,
        EmploymentState.INVITED: 5,
        EmploymentState.SUSPENDED: 3,
        EmploymentState.LEFT: 6,
    }
    assert count(Shop) > 10
    assert count(ShareLink) > 50
    reasons = set(db.session.scalars(sa.select(Touch.uncounted).distinct()))
    assert reasons == set(Uncounted)
    assert count(Order, Order.state == OrderState.HANDED_OVER) > 20
    assert count(Order, Order.state == OrderState.CANCELLED) > 0
    assert count(Coupon) == 2
    assert count(Order, Order.coupon_id.is_not(None)) > 0
    assert count(Verdict) == count(Order, Order.paid_at.is_not(None))
    assert count(Refund, Refund.state != RefundState.PAID_BACK) == 0
    assert count(Job, Job.done_at.is_(None)) == 0
    assert db.session.scalar(sa.select(VisitsFolded.touch_id)) == db.session.scalar(
        sa.select(sa.func.max(Touch.id))
    )
    assert run(filled, "audit").exit_code == 0


def test_shops_have_posts_with_their_own_goods_and_sections(filled: Flask) -> None:
    posts = db.session.scalars(sa.select(Post)).all()
    assert len({post.shop_id for post in posts}) > 1
    assert all(2 <= len(post.named) <= 4 and post.picture_id for post in posts)
    listed = set(db.session.execute(sa.select(Listing.shop_id, Listing.product_id)).all())
    assert {(post.shop_id, named.product_id) for post in posts for named in post.named} <= listed
    assert count(Section) > 0
    used = sa.select(Listing.section_id).where(Listing.section_id.is_not(None))
    assert count(Section, Section.id.not_in(used)) == 0
    for post in posts:
        path = f"/s/{post.shop.handle}/t/{post.public_id}"
        assert filled.test_client().get(path).status_code == 200


def test_two_people_stand_behind_rules_and_payouts(filled: Flask) -> None:
    plan = db.session.scalars(sa.select(CommissionPlan)).one()
    assert plan.created_by_id != plan.approved_by_id
    assert any(rule.employee_id for rule in plan.rules)
    batches = db.session.scalars(sa.select(PayoutBatch)).all()
    assert [batch.state for batch in batches] == [BatchState.PAID] * len(batches)
    assert len(batches) in {2, 3}
    assert all(batch.created_by_id != batch.approved_by_id for batch in batches)


def test_a_few_things_are_sold_out_and_most_are_there(filled: Flask) -> None:
    left = sa.func.sum(StockLevel.on_hand - StockLevel.reserved)
    by_variant = sa.select(left.label("left")).group_by(StockLevel.variant_id).subquery()
    assert 5 <= count(by_variant, by_variant.c.left == 0) <= 12
    assert count(by_variant, by_variant.c.left >= 10) > 200


def test_welcome_names_addresses_and_people_who_may_sign_in(filled: Flask) -> None:
    said = run(filled, "welcome").output
    client = filled.test_client()
    paths = [word.split("/", 3)[3] for word in said.split() if word.startswith("http://")]
    assert [path.split("/")[0] for path in paths] == ["", "api", "s", "s", "s", "l", "o", "api"]
    for path in paths:
        if path.startswith("l/"):
            # Whoever follows a link leaves a touch: this chain is only to be looked at.
            assert count(ShareLink, ShareLink.code == path[2:], ShareLink.revoked_at.is_(None))
        elif not path.startswith("api/v1/"):
            assert client.get(f"/{path}").status_code == 200, path
    numbers = [word for word in said.split() if word.startswith("E0")]
    people = db.session.scalars(sa.select(Employee).where(Employee.number.in_(numbers))).all()
    assert len(people) == 9
    assert all(person.state is EmploymentState.ACTIVE for person in people)
    assert all(password_matches(person.password_hash, PASSWORD) for person in people)
    assert PASSWORD in said


def test_without_a_demo_chain_welcome_names_nobody(app: Flask) -> None:
    cast.an_employee(role=Role.HQ_ADMIN, password="a quiet lamp 7 looms")
    said = run(app, "welcome").output
    assert "http://shop.test/api/docs" in said
    assert "create-admin" in said
    assert PASSWORD not in said


def test_the_same_seed_gives_the_same_chain_and_an_interrupted_filling_leaves_nothing(
    shared: Flask, app: Flask
) -> None:
    entered = fill_and_interrupt(seed=7)
    assert all(not rows for rows in contents().values())
    with shared.app_context():
        assert contents() == entered


def test_another_seed_gives_another_chain() -> None:
    one, same, other = (write_script(seed, UNTIL, SCALE) for seed in (7, 7, 8))
    assert (one.chain, one.trade) == (same.chain, same.trade)
    assert one.chain.employees != other.chain.employees
    assert one.trade != other.trade


def fill_directly(seed: int) -> None:
    script = write_script(seed, UNTIL, SCALE)
    assert clock.now() == TODAY
    with gallery.open_gallery(script) as drawn, Progress(disable=True) as progress:
        fill(script, drawn, PASSWORD, progress, clock.now())


def fill_and_interrupt(seed: int) -> dict[str, list[tuple[Any, ...]]]:
    """Stop at the last moment; what had been entered by then."""
    entered: dict[str, list[tuple[Any, ...]]] = {}
    with suppress(KeyboardInterrupt), transaction():
        fill_directly(seed)
        entered = contents()
        raise KeyboardInterrupt
    return entered


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """Every table's rows, without what says where a row lies, and without salted hashes."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for table in db.metadata.sorted_tables:
        columns = [column for column in table.columns if may_be_compared(column)]
        rows = db.session.execute(sa.select(*columns)) if columns else ()
        found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return found


def may_be_compared(column: sa.Column[Any]) -> bool:
    # Texts and documents that are made of row numbers differ where a sequence has run on.
    numbered = {"cause", "key", "document", "evidence", "category_ids", "password_hash"}
    row_number = isinstance(column.type, sa.Integer) and (
        column.name == "id" or column.name.endswith("_id")
    )
    return not row_number and column.name not in numbered


def test_a_database_that_holds_data_is_refused_or_left_alone(app: Flask) -> None:
    cast.a_region()
    refusal = fill_by_command(app)
    assert refusal.exit_code == 1
    assert "holds data" in refusal.output
    left_alone = fill_by_command(app, "--if-empty")
    assert (left_alone.exit_code, left_alone.output) == (0, "")
    assert (count(Region), count(Employee)) == (1, 0)


def test_a_shop_that_only_ran_counts_as_empty(app: Flask) -> None:
    with transaction() as session:
        session.add(VisitsFolded(id=1, touch_id=0))
    assert fill_by_command(app, "--until", "2026-02-30").exit_code == 2
    assert "holds data" not in fill_by_command(app, "--until", "2026-03-02").output


@pytest.mark.parametrize("day", ["2026-03-02", "2027-01-01"])
def test_trade_ends_yesterday_at_the_latest(app: Flask, day: str) -> None:
    refusal = fill_by_command(app, "--until", day)
    assert refusal.exit_code == 2
    assert "2026-03-01 at the latest" in refusal.output


@pytest.mark.sqlite_only
@pytest.mark.own_app(environment="production")
def test_production_is_filled_only_on_purpose_and_with_a_password_nobody_knows(app: Flask) -> None:
    refusal = fill_by_command(app)
    assert refusal.exit_code == 1
    assert "--yes-really" in refusal.output
    assert count(Employee) == 0
    answer = fill_by_command(app, "--yes-really")
    assert answer.exit_code == 0, answer.output
    password = answer.output.split()[-1]
    kept = db.session.scalar(sa.select(Employee.password_hash).where(Employee.number == "E0001"))
    assert password_matches(kept, password)
    assert not password_matches(kept, PASSWORD)
    said = run(app, "welcome").output
    assert password not in said
    assert PASSWORD not in said
