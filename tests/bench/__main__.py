"""The command: `python -m tests.bench [--quick] [--only …] [--database …]`."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.bench import budget, report, scenarios
from tests.bench.chain import a_place, open_chain
from tests.bench.measuring import Bench, Client, Length, Series, Told, Wrong, a_client
from tests.bench.server import Memory, Server
from tests.support import chromium
from tests.support.databases import Kind

WHOLE = Length(rounds=5, seconds=4.0, warm_up=2.0)
TABLE_WIDTH = 110
"""Characters: a pipe would be taken for 80, and a table cut off."""

QUICK = Length(rounds=2, seconds=1.5, warm_up=1.0)

SCENARIOS: dict[str, Callable[[Bench, Length, Told], list[Series]]] = {
    "link-hit": lambda bench, *how: bench.repeated(scenarios.link_hits, 303, *how),
    "product-page": lambda bench, *how: bench.repeated(scenarios.product_pages, 200, *how),
    "product-json": lambda bench, *how: bench.repeated(scenarios.product_documents, 200, *how),
    "purchase": lambda bench, *how: bench.purchases(*how),
}
PAGES = "pages"
"""The budget of the customer's pages, which needs a Chromium and no bare view."""
EVERYTHING = [*SCENARIOS, PAGES]
KINDS: tuple[Kind, ...] = get_args(Kind)


def main() -> int:
    """Measure, write bench-report.json, and tell. 1 if something was wrong with the answers."""
    given = _arguments()
    # Whoever asks us to end means our servers too: the `with` blocks see to that.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    length = QUICK if given.quick else WHOLE
    console = Console()
    console.width = max(console.width, TABLE_WIDTH)
    results: list[dict[str, Any]] = []
    memory: dict[Kind, Memory] = {}
    try:
        with _progress(console) as progress, a_client() as client:
            asked = [name for name in given.only if name in SCENARIOS]
            has_pages = PAGES in given.only and chromium.find() is not None
            steps = len(given.database) * len(asked) * (length.rounds + 1)
            task = progress.add_task("", total=steps + has_pages * len(budget.PAGES))

            def told(words: str) -> None:
                progress.update(task, advance=1, description=words)

            for kind in given.database if asked else []:
                progress.update(task, description=f"opening a chain on {kind}")
                found, memory[kind] = _measure(kind, asked, length, client, told)
                results += [report.of_series(series, kind) for series in found]
            pages = budget.weigh_pages(told) if has_pages else []
    except Wrong as wrong:
        console.print(f"[red]{wrong}[/]")
        return 1
    document = report.of_run(results, memory, length) | {"pages": pages}
    path = Path("bench-report.json")
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    if results:
        console.print(report.as_table(document))
    for line in report.memory_lines(document):
        console.print(line)
    if pages:
        console.print(budget.as_table(pages))
    elif PAGES in given.only:
        console.print(f"No page was weighed: no Chromium here. {chromium.HOW_TO_GET_IT}")
    console.print(f"Written to {path.resolve()}")
    return 0


def _measure(
    kind: Kind, names: list[str], length: Length, client: Client, told: Told
) -> tuple[list[Series], Memory]:
    folder = Path(tempfile.mkdtemp(prefix="storefront-bench-"))
    try:
        with a_place(kind, folder) as place:
            chain = open_chain(place)
            with (
                Server("wsgi:app", place.environment, folder / "shop.log") as shop,
                Server("tests.bench.bare:app", place.environment, folder / "bare.log") as bare,
            ):
                bench = Bench(place, chain, shop, bare, client)
                found = [each for name in names for each in SCENARIOS[name](bench, length, told)]
                return found, shop.memory()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run, for a first impression")
    parser.add_argument("--only", choices=EVERYTHING, nargs="+", default=EVERYTHING)
    parser.add_argument("--database", choices=KINDS, nargs="+", default=list(KINDS))
    return parser.parse_args()


def _progress(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console)


if __name__ == "__main__":
    sys.exit(main())
