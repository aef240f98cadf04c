"""The rounds: the shop and the bare view in turns, so that both see the same machine."""

from __future__ import annotations

import multiprocessing
from array import array
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.bench import scenarios
from tests.bench.chain import Chain, Place, count
from tests.bench.load import Outcome, Script, drive
from tests.bench.scenarios import STEPS, OneStep, Purchases
from tests.bench.server import Server

CONNECTIONS = 32

Client = Callable[[int, Script, int, float], Outcome]
Told = Callable[[str], None]
"""Called when something has been done, with what is going to be."""


class Wrong(Exception):
    """The shop did not do what it was asked for: what it took says nothing."""


@dataclass(frozen=True)
class Length:
    """How much of everything."""

    rounds: int
    seconds: float
    warm_up: float


@dataclass
class Half:
    """One side of a round."""

    answers: int
    seconds: float
    server_cpu: float
    client_cpu: float
    latencies: array[float]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    @property
    def cpu(self) -> float:
        """CPU seconds of the server's processes per answer."""
        return self.server_cpu / max(self.answers, 1)


@dataclass
class Series:
    """All rounds of one kind of request."""

    name: str
    bare: list[Half] = field(default_factory=list[Half])
    shop: list[Half] = field(default_factory=list[Half])
    verified: str = ""


class Bench:
    """Two servers over one database, and a client."""

    def __init__(
        self, place: Place, chain: Chain, shop: Server, bare: Server, client: Client
    ) -> None:
        self.place = place
        self.chain = chain
        self.shop = shop
        self.bare = bare
        self._client = client
        self._purchases = Purchases(chain)

    def run(self, server: Server, script: Script, seconds: float) -> tuple[Half, Outcome]:
        """Let the script speak to the server, and see what that took."""
        before = server.cpu_seconds()
        outcome = self._client(server.port, script, CONNECTIONS, seconds)
        used = server.cpu_seconds() - before
        if outcome.broken or not outcome.answers:
            raise Wrong(f"{outcome.broken} connections broke, {outcome.answers} answers came")
        half = Half(outcome.answers, outcome.seconds, used, outcome.cpu_seconds, outcome.latencies)
        return half, outcome

    def run_bare(self, seconds: float) -> Half:
        """Ask the bare view, when the shop is at rest."""
        self.shop.wait_until_idle()
        return self.run(self.bare, scenarios.bare(), seconds)[0]

    def repeated(
        self,
        requests: Callable[[Chain], scenarios.Repeated],
        expected: int,
        length: Length,
        told: Told,
    ) -> list[Series]:
        """Measure requests that are all of one kind and must be answered by this status."""
        script = requests(self.chain)
        series = Series(script.kind)
        before = count(self.place)
        asked = 0
        for number in range(length.rounds + 1):
            seconds = length.seconds if number else length.warm_up
            bare = self.run_bare(seconds)
            shop, outcome = self.run(self.shop, script, seconds)
            refused = outcome.answers - outcome.statuses[script.kind, expected]
            if refused:
                raise Wrong(f"{refused} answers to {script.kind} were not {expected}")
            asked += outcome.answers
            if number:
                series.bare.append(bare)
                series.shop.append(shop)
            told(f"{script.kind}: {shop.rate:,.0f}/s of {bare.rate:,.0f}/s")
        kept = count(self.place).touches - before.touches
        if script.kind == "link-hit":
            if kept != asked:
                raise Wrong(f"{asked} link hits were answered, {kept} touches are stored")
            series.verified = f"{asked} answers with 303, {kept} touches stored"
        return [series]

    def purchases(self, length: Length, told: Told) -> list[Series]:
        """Measure whole purchases, and then each of their requests by itself."""
        whole = Series("purchase")
        steps = [Series(f"purchase: {step}") for step in STEPS]
        before = count(self.place)
        for number in range(length.rounds + 1):
            seconds = length.seconds if number else length.warm_up
            bare = self.run_bare(seconds)
            shop = self._whole(seconds)
            again = self.run_bare(seconds / 2)
            halves = self._step_by_step(seconds)
            if number:
                whole.bare.append(bare)
                whole.shop.append(shop)
                for series, half in zip(steps, halves, strict=True):
                    series.bare.append(again)
                    series.shop.append(half)
            told(f"purchase: {shop.rate:,.0f} orders/s; {bare.rate:,.0f}/s bare")
        self.shop.wait_until_idle()
        paid = count(self.place).paid_orders - before.paid_orders
        if paid != self._purchases.paid:
            raise Wrong(f"{self._purchases.paid} payments were taken, {paid} orders are paid")
        whole.verified = f"{self._purchases.paid} notices applied, {paid} orders paid"
        return [whole, *steps]

    def _whole(self, seconds: float) -> Half:
        paid = self._purchases.paid
        half, outcome = self.run(self.shop, self._purchases, seconds)
        assert isinstance(outcome.script, Purchases)
        self._go_on(outcome.script)
        half.answers = self._purchases.paid - paid
        return half

    def _step_by_step(self, seconds: float) -> list[Half]:
        halves: list[Half] = []
        step = OneStep(self._purchases)
        for _ in STEPS:
            half, outcome = self.run(self.shop, step, seconds / 2)
            halves.append(half)
            assert isinstance(outcome.script, OneStep)
            self._go_on(outcome.script.purchases)
            step = outcome.script.following()
        return halves

    def _go_on(self, purchases: Purchases) -> None:
        """The run was in another process: take over what it has counted."""
        purchases.under_way = {}
        self._purchases = purchases
        if purchases.unexpected:
            raise Wrong("\n".join(purchases.unexpected))


@contextmanager
def a_client() -> Generator[Client]:
    """A process of its own for the client, so that it waits for nobody but the server."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:

        def run(port: int, script: Script, connections: int, seconds: float) -> Outcome:
            return process.submit(drive, port, script, connections, seconds).result(seconds + 60)

        yield run
