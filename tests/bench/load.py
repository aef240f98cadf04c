"""The client: many keep-alive connections in one process that does as little as can be.

It shares the machine with the server it measures, so there is no HTTP library here: requests are
bytes, an answer is its status, its head and as many bytes as Content-Length says.
"""

from __future__ import annotations

import os
import selectors
import socket
import time
from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

PATIENCE = 20.0
"""Seconds that answers may take to come in after the last request went out."""

MOST_BROKEN = 200
"""Connections that may be lost in one run before it is given up."""


class Broken(Exception):
    """The server hung up, or said something that is not an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    head: bytes
    body: bytes


class Script(Protocol):
    """What the connections say. One object for all of them, as there is only one thread."""

    def next(self, lane: int, /) -> tuple[str, bytes] | None:
        """Give the next request of this connection and what kind it is; None to fall silent."""
        ...

    def finish(self, lane: int, /) -> tuple[str, bytes] | None:
        """Give what must still be said after the time is up; None if nothing must."""
        ...

    def heard(self, lane: int, answer: Answer, /) -> None:
        """Take the answer to the connection's last request."""
        ...


@dataclass
class Outcome:
    """What one run came to."""

    script: Script
    """As it is afterwards: the run was in another process."""
    seconds: float = 0.0
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    """Answers by kind of request and status."""
    latencies: array[float] = field(default_factory=lambda: array("d"))
    """Seconds from sending to the answer's last byte."""
    broken: int = 0
    cpu_seconds: float = 0.0
    """What the client itself used."""

    @property
    def answers(self) -> int:
        """How many there were."""
        return self.statuses.total()


class Lane:
    """One connection."""

    def __init__(self, number: int, port: int) -> None:
        self.number = number
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(0)
        self.kind = ""
        self.sent_at = 0.0
        self.buffer = b""

    def send(self, kind: str, request: bytes) -> None:
        """Ask. Requests are small: they always fit into the socket's buffer."""
        self.kind = kind
        self.buffer = b""
        self.sent_at = time.perf_counter()
        if self.socket.send(request) < len(request):
            raise Broken("the request did not fit")

    def receive(self) -> Answer | None:
        """Take what has come; the answer if that is all of it."""
        came = self.socket.recv(262_144)
        if not came:
            raise Broken("the server hung up")
        self.buffer = self.buffer + came if self.buffer else came
        return parse(self.buffer)


def parse(data: bytes) -> Answer | None:
    """Read an answer, None if some of it is missing yet. Raises Broken if it is none we know."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = data[:end]
    if not head.startswith(b"HTTP/1.1 "):
        raise Broken(repr(head[:40]))
    status = int(head[9:12])
    length = _length(head, status)
    if len(data) < end + 4 + length:
        return None
    return Answer(status, head, data[end + 4 :])


def _length(head: bytes, status: int) -> int:
    name = b"\r\nContent-Length: "
    start = head.find(name)
    if start >= 0:
        return int(head[start + len(name) :].partition(b"\r\n")[0])
    if status in {204, 304}:
        return 0
    raise Broken("an answer without its length")


def drive(port: int, script: Script, connections: int, seconds: float) -> Outcome:
    """Let the script speak for so long, then wait for the answers that are still under way."""
    outcome = Outcome(script)
    selector = selectors.DefaultSelector()
    before = os.times()
    started = time.perf_counter()
    deadline = started + seconds
    speaking = 0
    for number in range(connections):
        speaking += _speak(Lane(number, port), script, selector)
    while speaking and time.perf_counter() < deadline + PATIENCE:
        for key, _ in selector.select(1.0):
            speaking -= 1 - _serve(key.data, outcome, deadline, selector, port)
    outcome.seconds = time.perf_counter() - started
    after = os.times()
    outcome.cpu_seconds = after.user + after.system - before.user - before.system
    outcome.broken += speaking
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    selector.close()
    return outcome


def _speak(lane: Lane, script: Script, selector: selectors.BaseSelector) -> bool:
    """Send a new connection's first request; whether there was one."""
    request = script.next(lane.number)
    if request is None:
        lane.socket.close()
        return False
    lane.send(*request)
    selector.register(lane.socket, selectors.EVENT_READ, lane)
    return True


def _serve(
    lane: Lane, outcome: Outcome, deadline: float, selector: selectors.BaseSelector, port: int
) -> bool:
    """Read what has come and ask the next thing; whether the connection goes on."""
    script = outcome.script
    try:
        answer = lane.receive()
        if answer is None:
            return True
        now = time.perf_counter()
        outcome.latencies.append(now - lane.sent_at)
        outcome.statuses[lane.kind, answer.status] += 1
        script.heard(lane.number, answer)
        request = (script.next if now < deadline else script.finish)(lane.number)
        if request is not None:
            lane.send(*request)
            return True
    except (Broken, OSError):
        outcome.broken += 1
        selector.unregister(lane.socket)
        lane.socket.close()
        if outcome.broken > MOST_BROKEN:
            raise
        again = time.perf_counter() < deadline
        return again and _speak(Lane(lane.number, port), script, selector)
    selector.unregister(lane.socket)
    lane.socket.close()
    return False
