"""`flask simulate`: what another policy would have made of past orders, without touching them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from storefront.attribution.documents import read_policy
from storefront.attribution.rules import Policy
from storefront.cli.exports import NEW_FILE, write
from storefront.core import clock
from storefront.core.csvfile import write_rows
from storefront.core.errors import DomainError, Invalid
from storefront.core.money import format_amount
from storefront.core.settings import settings
from storefront.insights.scope import Period
from storefront.insights.simulations import processes, result, words
from storefront.insights.simulations.reading import Span, count
from storefront.insights.simulations.service import check_period, policy_of
from storefront.insights.simulations.tally import Tally
from storefront.insights.simulations.trial import Trial, plan_of

DAY = click.DateTime(formats=["%Y-%m-%d"])
SHOWN = 10


@click.command("simulate")
@click.option("--policy", "version", type=int, help="The number of a stored version.")
@click.option(
    "--policy-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A policy's document (JSON) that is not stored.",
)
@click.option("--plan", "plan_version", type=int, help="The number of a plan's version.")
@click.option("--from", "first", type=DAY, help="The first day, like 2026-03-01.")
@click.option("--until", "last", type=DAY, help="The first day that is left out.")
@click.option("--json", "json_file", type=NEW_FILE, help="Write the whole answer there; - prints.")
@click.option("--csv", "csv_file", type=NEW_FILE, help="Write every employee there; - prints.")
@with_appcontext
def simulate(
    version: int | None,
    policy_file: Path | None,
    plan_version: int | None,
    first: datetime | None,
    last: datetime | None,
    json_file: Path | None,
    csv_file: Path | None,
) -> None:
    """Try a policy or a plan on past orders: what it would have cost, who gains and who loses."""
    try:
        trial = _trial(version, policy_file, plan_version)
        period = Period(_day(first), _day(last))
        check_period(period, clock.now())
    except DomainError as refusal:
        raise click.ClickException(told(refusal)) from refusal
    tally = _replayed(trial, period)
    currency = settings().chain_currency
    answer = result.summary(tally, currency)
    if json_file:
        text = json.dumps(answer, ensure_ascii=False, indent=2) + "\n"
        write(json_file, iter([text.encode()]))
    if csv_file:
        write(csv_file, write_rows(result.COLUMNS, result.employee_rows(tally, currency)))
    if Path("-") not in (json_file, csv_file):
        _show(answer, Console(highlight=False))


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _trial(version: int | None, policy_file: Path | None, plan_version: int | None) -> Trial:
    if version is not None and policy_file is not None:
        raise click.UsageError("Give --policy NUMBER or --policy-file FILE, one of them.")
    if (version, policy_file, plan_version) == (None, None, None):
        raise click.UsageError("Give --policy NUMBER, --policy-file FILE, or --plan NUMBER.")
    policy = policy_in(policy_file) if policy_file else None
    if version is not None:
        policy = policy_of(version)
    return Trial(policy, None if plan_version is None else plan_of(plan_version))


def policy_in(file: Path) -> Policy:
    """The policy that a JSON file describes. Raises ClickException, and what reading one raises."""
    try:
        document = json.loads(file.read_bytes())
    except ValueError as error:
        raise click.ClickException(f"{file} is not JSON: {error}") from error
    return read_policy(document)


def told(refusal: DomainError) -> str:
    """A refusal in full: a faulty policy has a sentence per element."""
    if not isinstance(refusal, Invalid) or "errors" not in refusal.extra:
        return refusal.detail
    wrong: Mapping[str, list[str]] = refusal.extra["errors"]["json"]
    return "\n".join(f"{element}: {' '.join(each)}" for element, each in wrong.items())


def _replayed(trial: Trial, period: Period) -> Tally:
    span = Span.of(period, settings().chain_time_zone, clock.now())
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    ) as progress:
        task = progress.add_task("orders", total=count(span))

        return processes.replay(trial, span, lambda orders: progress.advance(task, orders))


def _show(answer: Mapping[str, Any], console: Console) -> None:
    console.print(
        f"{answer['orders']:,} orders with {answer['order_lines']:,} lines:"
        f" {answer['orders_judged']:,} judged anew, {answer['orders_changed']:,} would change."
    )
    console.print(_figures(answer))
    for table in _tables(answer):
        if table.row_count:
            console.print(table)
    console.print(words.BY_PLACED["en"])
    console.print(words.BY_MONTH["en"])
    console.print(words.NOT_MODELLED["en"])


def _figures(answer: Mapping[str, Any]) -> Table:
    old, new = answer["old"], answer["new"]
    table = Table("", "as booked", "as tried")
    for name, title in (
        ("cost", "commission"),
        ("of_months", "of it by tiers and month caps"),
        ("sales_credited", "sales credited to employees"),
        ("sales_of_stores", "sales credited to stores"),
    ):
        table.add_row(title, _money(old[name]), _money(new[name]))
    table.add_row("difference in commission", "", _money(answer["difference"]))
    table.add_row(
        "orders credited",
        f"{old['orders_credited']:,}",
        f"{new['orders_credited']:,}",
    )
    table.add_row(
        "commission ÷ sales credited", _ratio(old["cost_ratio"]), _ratio(new["cost_ratio"])
    )
    table.add_row(
        "commission ÷ net sales", _ratio(old["cost_of_net_sales"]), _ratio(new["cost_of_net_sales"])
    )
    return table


def _tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    for key, title in (("gainers", "gain"), ("losers", "lose")):
        count_of_them = answer[f"employees_{'gaining' if key == 'gainers' else 'losing'}"]
        table = Table(
            "employee", "name", "before", "after", "difference", title=f"{count_of_them:,} {title}"
        )
        for each in answer[key][:SHOWN]:
            amounts = (
                each["before"]["commission"],
                each["after"]["commission"],
                each["difference"],
            )
            table.add_row(each["employee"], each["name"], *map(_money, amounts))
        yield table
    table = Table("from", "to below", "employees", title="gains and losses")
    for bar in answer["histogram"]:
        table.add_row(_money(bar["low"]), _money(bar["high"]), f"{bar['employees']:,}")
    yield table
    table = Table("reason as booked", "reason as tried", "orders", title="why orders change")
    for each in answer["reasons"][:SHOWN]:
        table.add_row(each["old"], each["new"], f"{each['orders']:,}")
    yield table
    table = Table("left out because", "orders", "net sales", "commission", title="not judged anew")
    for each in answer["left_out"]:
        table.add_row(
            each["words"]["en"],
            f"{each['orders']:,}",
            _money(each["net_sales"]),
            _money(each["cost"]),
        )
    yield table


def _money(amount: Mapping[str, Any]) -> str:
    return format_amount(amount["amount"], amount["currency"])


def _ratio(basis_points: int | None) -> str:
    return "–" if basis_points is None else f"{basis_points / 100:.2f} %"
