"""The bench's small pieces. How fast anything is, no test says."""

from __future__ import annotations

import socket
import threading
from array import array
from collections import deque
from collections.abc import Iterator

import pytest

from storefront.integrations.payments.sandbox import SandboxGateway
from tests.bench import report
from tests.bench.chain import Chain
from tests.bench.load import Answer, Broken, drive, parse
from tests.bench.measuring import Half, Length, Series
from tests.bench.scenarios import OneStep, Purchases, Repeated, a_request, bare
from tests.bench.server import Memory

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"

CHAIN = Chain(
    codes=["abc"],
    pages=["/s/shop/p/prd_1"],
    products=["prd_1"],
    variants=[f"var_{number}" for number in range(12)],
    cookies=["visitor=one", "visitor=two"],
    sandbox_secret="the sandbox's own secret of 32 bytes and more",
)


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 5), (90, 9), (99, 10), (100, 10), (0, 1), (11, 2)]
)
def test_a_percentile_is_one_of_the_values(percent: float, expected: int) -> None:
    assert report.percentile([10, 1, 9, 2, 8, 3, 7, 4, 6, 5], percent) == expected


def test_an_answer_is_read_when_all_of_it_is_there() -> None:
    for end in range(len(OK)):
        assert parse(OK[:end]) is None
    answer = parse(OK)
    assert answer is not None
    assert (answer.status, answer.body) == (200, b"ok")


def test_an_unchanged_page_has_no_length() -> None:
    answer = parse(b'HTTP/1.1 304 NOT MODIFIED\r\nETag: "1"\r\n\r\n')
    assert answer is not None
    assert (answer.status, answer.body) == (304, b"")


@pytest.mark.parametrize("said", [b"SSH-2.0\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_what_the_client_cannot_read_is_not_counted(said: bytes) -> None:
    with pytest.raises(Broken):
        parse(said)


@pytest.fixture
def port() -> Iterator[int]:
    """A server that says ok to everything, and hangs up on every connection after five answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def talk(connection: socket.socket) -> None:
        with connection:
            for _ in range(5):
                if not connection.recv(65_536):
                    return
                connection.sendall(OK)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.settimeout(10)
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)


class FiveEach:
    """Five requests on each connection."""

    def __init__(self) -> None:
        self.asked: dict[int, int] = {}
        self.bodies: set[bytes] = set()

    def next(self, lane: int) -> tuple[str, bytes] | None:
        self.asked[lane] = self.asked.get(lane, 0) + 1
        return ("five", a_request("GET", "/")) if self.asked[lane] <= 5 else None

    def finish(self, _lane: int) -> None:
        raise AssertionError("the time was not up")

    def heard(self, _lane: int, answer: Answer) -> None:
        self.bodies.add(answer.body)


def test_the_client_asks_until_the_script_falls_silent(port: int) -> None:
    script = FiveEach()
    outcome = drive(port, script, connections=3, seconds=10)
    assert outcome.statuses == {("five", 200): 15}
    assert len(outcome.latencies) == 15
    assert outcome.broken == 0
    assert script.bodies == {b"ok"}


def test_the_client_stops_in_time_and_notices_lost_connections(port: int) -> None:
    outcome = drive(port, bare(), connections=2, seconds=0.05)
    assert outcome.answers > 0
    assert outcome.seconds < 10
    assert outcome.broken == pytest.approx(outcome.answers // 5, abs=2)


def test_requests_go_round() -> None:
    script = Repeated("kind", [b"a", b"b"])
    assert [script.next(lane)[1] for lane in range(4)] == [b"b", b"a", b"b", b"a"]


def answered(body: bytes) -> Answer:
    return Answer(200, b"", body)


def pay_url() -> str:
    token = SandboxGateway(CHAIN.sandbox_secret, "")._seal(
        {"reference": "pay_1", "amount": 500, "currency": "CNY", "subject": "", "return_url": ""}
    )
    return f"https://shop.example/sandbox/pay/{token}"


def test_a_customer_goes_through_four_steps() -> None:
    purchases = Purchases(CHAIN)
    said = [
        b'{"id": "crt_1"}',
        b'{"key": "secret"}',
        f'{{"pay_url": "{pay_url()}"}}'.encode(),
        b'{"outcome": "applied"}',
    ]
    kinds: list[str] = []
    request = b""
    for body in said:
        kind, request = purchases.next(0)
        kinds.append(kind)
        assert purchases.finish(0) is not None
        purchases.heard(0, answered(body))
    assert kinds == ["cart", "checkout", "payment", "webhook"]
    assert b"Sandbox-Signature: t=" in request
    assert b"pay_1" in request
    assert purchases.paid == 1
    assert purchases.finish(0) is None
    assert purchases.under_way == {}


def test_a_customer_who_is_refused_gives_up_and_is_told_of() -> None:
    purchases = Purchases(CHAIN)
    purchases.next(0)
    purchases.heard(0, Answer(409, b"", b"out of stock"))
    assert purchases.under_way == {}
    assert purchases.unexpected == ["cart: b'out of stock'"]


def test_a_step_by_itself_hands_its_purchases_on() -> None:
    first = OneStep(Purchases(CHAIN))
    first.next(0)
    first.heard(0, answered(b'{"id": "crt_1"}'))
    second = first.following()
    said = second.next(3)
    assert said is not None
    assert said[0] == "checkout"
    assert b'"crt_1"' in said[1]
    assert second.next(4) is None
    assert second.waiting == deque()


def a_half(answers: int) -> Half:
    return Half(answers, 2.0, 1.0, 0.1, array("d", [0.001] * answers))


def test_the_ratio_is_the_middle_one_of_the_rounds() -> None:
    series = Series(
        "link-hit",
        bare=[a_half(100), a_half(100), a_half(50)],
        shop=[a_half(50), a_half(30), a_half(45)],
    )
    row = report.of_series(series, "sqlite")
    assert row["ratio_of_each_round"] == [0.5, 0.3, 0.9]
    assert row["ratio"] == 0.5
    assert row["target_met"] is True
    assert row["bare"]["per_second"] == 50
    assert row["client_cores"] == 0.05


def test_the_report_tells_of_everything_that_was_measured() -> None:
    series = [
        Series("link-hit", [a_half(9)], [a_half(9)]),
        Series("purchase", [a_half(9)], [a_half(2)]),
    ]
    rows = [report.of_series(each, "postgresql") for each in series]
    document = report.of_run(
        rows, {"postgresql": Memory(rss=280.0, pss=251.0)}, Length(rounds=1, seconds=2, warm_up=1)
    )
    assert [row["target_met"] for row in rows] == [True, None]
    assert document["memory_of_both_workers_mb"]["postgresql"]["target_met"] is False
    assert report.as_table(document).row_count == 2
    assert "251 MB" in report.memory_lines(document)[0]
