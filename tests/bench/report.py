"""What the rounds came to: for a program in bench-report.json, for people as a table."""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from tests.bench.measuring import CONNECTIONS, Half, Length, Series
from tests.bench.server import Memory
from tests.support.databases import Kind

TARGETS: dict[str, dict[Kind, float]] = {
    "link-hit": {"sqlite": 0.40, "postgresql": 0.25},
    "product-page": {"sqlite": 0.50, "postgresql": 0.30},
    "product-json": {"sqlite": 0.50, "postgresql": 0.30},
}
"""The least fraction of the bare view's rate."""

MEMORY_TARGET = 250.0
"""Megabytes that both workers may have in memory, pages that they share counted once."""


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least so many percent of all do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(math.ceil(len(ranked) * percent / 100), 1) - 1]


def paired_ratio(series: Series) -> float:
    """The median over the rounds of the shop's rate as a fraction of the bare view's."""
    return statistics.median(_ratios(series))


def _ratios(series: Series) -> list[float]:
    return [shop.rate / bare.rate for shop, bare in zip(series.shop, series.bare, strict=True)]


def of_series(series: Series, kind: Kind) -> dict[str, Any]:
    """Everything about one kind of request on one database."""
    target = TARGETS.get(series.name, {}).get(kind)
    ratio = paired_ratio(series)
    cpu_ratios = [bare.cpu / shop.cpu for shop, bare in zip(series.shop, series.bare, strict=True)]
    rates = _ratios(series)
    return {
        "scenario": series.name,
        "database": kind,
        **_of_halves(series.shop),
        "bare": _of_halves(series.bare),
        "ratio": round(ratio, 3),
        "ratio_of_each_round": [round(each, 3) for each in rates],
        "cpu_ratio": round(statistics.median(cpu_ratios), 3),
        "target": target,
        "target_met": None if target is None else ratio >= target,
        "verified": series.verified,
    }


def _of_halves(halves: Sequence[Half]) -> dict[str, Any]:
    latencies = [value for half in halves for value in half.latencies]
    seconds = sum(half.seconds for half in halves)
    return {
        "per_second": round(statistics.median(half.rate for half in halves), 1),
        "p50_ms": round(percentile(latencies, 50) * 1000, 2),
        "p99_ms": round(percentile(latencies, 99) * 1000, 2),
        "cpu_ms_each": round(statistics.median(half.cpu for half in halves) * 1000, 4),
        "server_cores": round(sum(half.server_cpu for half in halves) / seconds, 3),
        "client_cores": round(sum(half.client_cpu for half in halves) / seconds, 3),
    }


def of_run(
    results: Sequence[dict[str, Any]], memory: dict[Kind, Memory], length: Length
) -> dict[str, Any]:
    """The whole report."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.platform(),
            "load_average": os.getloadavg(),
        },
        "how": {**asdict(length), "connections": CONNECTIONS},
        "results": list(results),
        "memory_of_both_workers_mb": {
            kind: {
                "rss": round(each.rss, 1),
                "pss": round(each.pss, 1),
                "target": MEMORY_TARGET,
                "target_met": each.pss < MEMORY_TARGET,
            }
            for kind, each in memory.items()
        },
    }


def as_table(report: dict[str, Any]) -> Table:
    """For people."""
    table = Table(title="A request of the shop, and the bare Flask view beside it")
    for name in ("request", "database"):
        table.add_column(name)
    for name in ("per second", "p50 ms", "p99 ms", "CPU ms", "of bare", "by CPU", "target"):
        table.add_column(name, justify="right")
    for row in report["results"]:
        unit = " orders" if row["scenario"] == "purchase" else ""
        table.add_row(
            row["scenario"],
            row["database"],
            f"{row['per_second']:,.0f}{unit}",
            f"{row['p50_ms']:.1f}",
            f"{row['p99_ms']:.1f}",
            f"{row['cpu_ms_each']:.3f}",
            f"{row['ratio']:.2f}",
            f"{row['cpu_ratio']:.2f}",
            _verdict(row["target"], row["target_met"], "≥ {:.2f}"),
        )
    return table


def memory_lines(report: dict[str, Any]) -> list[str]:
    """What the workers held, a line for each database."""
    return [
        f"both workers on {kind}: {each['pss']:.0f} MB, "
        f"{_verdict(each['target'], each['target_met'], '< {:.0f}')} "
        f"(with pages that they share counted for each: {each['rss']:.0f} MB)"
        for kind, each in report["memory_of_both_workers_mb"].items()
    ]


def _verdict(target: float | None, met: bool | None, form: str) -> str:
    if target is None:
        return ""
    return f"{form.format(target)} {'[green]met[/]' if met else '[red]missed[/]'}"
