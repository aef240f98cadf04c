"""`flask demo`: a chain to look at, in an empty database."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from storefront.cli.demo.filling import fill
from storefront.cli.demo.filling.gallery import open_gallery
from storefront.cli.demo.filling.people import PASSWORD
from storefront.cli.demo.filling.script import write_script
from storefront.cli.demo.rhythm import CHINA
from storefront.core import clock
from storefront.core.clock import local_day
from storefront.core.database import db, transaction
from storefront.core.ids import random_text
from storefront.core.settings import settings
from storefront.insights.models import VisitsFolded
from storefront.staff.models import AttemptBudget

_DAY = click.DateTime(["%Y-%m-%d"])

_SERVING_LEAVES = {VisitsFolded.__tablename__, AttemptBudget.__tablename__}
"""Tables in which a shop that only runs leaves rows."""


@click.command("demo")
@click.option("--seed", default=7, show_default=True, help="Another seed gives another chain.")
@click.option("--until", type=_DAY, help="The last day of its trade.  [default: yesterday]")
@click.option(
    "--scale",
    type=click.FloatRange(min=0.001, max=100),
    default=1.0,
    show_default=True,
    help="How much trade there is.",
)
@click.option("--if-empty", is_flag=True, help="Do nothing if the database holds anything.")
@click.option("--yes-really", is_flag=True, help="Fill a production database too.")
@with_appcontext
def demo(seed: int, until: datetime | None, scale: float, if_empty: bool, yes_really: bool) -> None:
    """Fill an empty database with a demo chain and 90 days of its trade.

    The same seed and last day give the same chain.
    """
    if _holds_anything():
        if if_empty:
            return
        raise click.ClickException(
            "This database holds data, and a demo chain belongs into an empty one."
            " Name another in DATABASE_URL, or remove what `make run` made with `make clean`."
        )
    if settings().in_production and not yes_really:
        raise click.ClickException(
            "This is production, and a demo chain is full of made-up people who may sign in."
            " --yes-really fills the database all the same, with a password nobody knows."
        )
    _fill(seed, _last_day(until), scale)


def _fill(seed: int, until: date, scale: float) -> None:
    console = Console(stderr=True)
    # A password that everybody knows is no password in production.
    password = random_text(16) if settings().in_production else PASSWORD
    with console.status("Making up a chain …"):
        script = write_script(seed, until, scale)
    # The processes that draw must not inherit a connection.
    db.session.remove()
    db.engine.dispose()
    with open_gallery(script) as drawn, _progress(console) as progress:
        fill(script, drawn, password, progress, clock.now())
    with transaction() as session:
        session.execute(sa.text("ANALYZE"))
    if settings().in_production:
        click.echo(f"Everybody's password, shown only now: {password}")


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _holds_anything() -> bool:
    """Whether anybody has entered or done anything in this database."""
    tables = [table for table in db.metadata.sorted_tables if table.name not in _SERVING_LEAVES]
    if not sa.inspect(db.engine).has_table(tables[0].name):
        raise click.ClickException("The database has no tables yet: `flask db upgrade` makes them.")
    any_row = sa.or_(*(sa.exists().select_from(table) for table in tables))
    return bool(db.session.scalar(sa.select(any_row)))


def _last_day(wanted: datetime | None) -> date:
    """The day that was asked for, or yesterday; the chain's trade is in China."""
    now = clock.now()
    today = min(local_day(now, settings().chain_time_zone), now.astimezone(CHINA).date())
    yesterday = today - timedelta(days=1)
    last_day = wanted.date() if wanted else yesterday
    if last_day > yesterday:
        raise click.BadParameter(f"That day is not over: {yesterday} at the latest.")
    return last_day
