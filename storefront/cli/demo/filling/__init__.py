"""The demo chain, entered through the program's own services at the times of its plan."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime
from random import Random

from rich.progress import Progress

from storefront.cli.demo.filling import gallery, goods, people, rules, shops, stock
from storefront.cli.demo.filling.coupons import Coupons
from storefront.cli.demo.filling.gallery import Gallery
from storefront.cli.demo.filling.script import Script
from storefront.cli.demo.filling.trade import Play
from storefront.core import ids
from storefront.core.database import transaction
from storefront.core.marks import find_mark, set_mark
from storefront.core.settings import settings

MARK = "demo"
"""Under this name a database knows that it holds a demo chain, and which."""


def fill(script: Script, drawn: Gallery, password: str, progress: Progress, now: datetime) -> None:
    """Enter everything, showing how far it is, in one transaction.

    Whoever interrupts it finds the database as empty as before. The same script gives the same
    chain down to its addresses and codes, except in production, where no name can be guessed.
    """
    dice = Random(f"the names of {script.seed}")  # noqa: S311, and so the names are no secrets
    with nullcontext() if settings().in_production else ids.guessable(dice), transaction():
        about = {"seed": script.seed, "until": script.until.isoformat(), "scale": script.scale}
        set_mark(MARK, about, now)
        _fill(script, drawn, password, progress)
        if find_mark(MARK) is None:
            raise RuntimeError("somebody has rolled back what was entered")


def _fill(script: Script, drawn: Gallery, password: str, progress: Progress) -> None:
    chain, events = script.chain, script.trade.events
    hiring = progress.add_task("people", total=len(chain.employees))
    entering = progress.add_task("goods", total=len(chain.products))
    trading = progress.add_task("90 days of trade", total=len(events))
    hanging = progress.add_task("pictures", total=len(drawn))

    staff = people.hire_everybody(script, password, lambda: progress.advance(hiring))
    shelf = goods.enter_catalogue(script, staff.desk, lambda: progress.advance(entering))
    stock.stock_up(script, shelf, staff.desk)
    rules.publish(script, staff, shelf)
    play = Play(script, staff, shelf, Coupons(script, staff))
    for number, _ in enumerate(play.through(), start=1):
        progress.update(trading, completed=number)
    gallery.hang(drawn, script, staff, shelf, lambda: progress.advance(hanging))
    shops.fit_out(script, staff, shelf, drawn, lambda: progress.advance(hanging))
    people.invite_newcomers(script, staff)
    people.let_in(staff)
