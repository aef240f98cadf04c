"""gunicorn with the shipped configuration, and what its processes use."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

PROJECT = Path(__file__).resolve().parents[2]
CONFIG = PROJECT / "config" / "gunicorn.conf.py"
START = 60.0
"""Seconds that the workers may take to come up."""
IDLE = 0.1
"""Share of one core below which a server counts as doing nothing."""

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Memory:
    """Of all workers together, in megabytes (of 10^6 bytes)."""

    rss: float
    """What each has in memory, added up: pages that they share count for each."""
    pss: float
    """The same, with shared pages split among all processes that have them."""


def free_port() -> int:
    """A port of the loopback interface that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Server:
    """One gunicorn over one application, for the length of a `with`."""

    def __init__(self, application: str, environment: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self._log = log
        self._command = [sys.executable, "-m", "gunicorn", "--config", str(CONFIG), application]
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._environment = {**kept, **environment, "PORT": str(self.port)}

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, cwd=PROJECT, env=self._environment, stdout=log, stderr=log
            )
        self._tree = psutil.Process(self._process.pid)
        try:
            self._wait_until_up()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            for process in [*self._tree.children(recursive=True), self._tree]:
                process.kill()
            self._process.wait(10)

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + START
        while time.monotonic() < deadline and self._process.poll() is None:
            # Workers say so in the log before they load the program, and this when they have it.
            if self._log.read_bytes().count(b"Booting worker") >= 2 and self._answers():
                self.wait_until_idle()
                return
            time.sleep(0.1)
        raise RuntimeError(f"gunicorn did not come up:\n{self._log.read_text()[-2000:]}")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
                return connection.recv(12).startswith(b"HTTP/")
        except OSError:
            return False

    def workers(self) -> list[psutil.Process]:
        """The processes that answer requests."""
        return self._tree.children()

    def cpu_seconds(self) -> float:
        """What the arbiter and the workers have used since they were started."""
        return cpu_seconds_of(self._tree)

    def memory(self) -> Memory:
        """What the workers hold now."""
        full = [worker.memory_full_info() for worker in self.workers()]
        return Memory(
            rss=sum(each.rss for each in full) / MEGABYTE,
            pss=sum(each.pss for each in full) / MEGABYTE,
        )

    def wait_until_idle(self, longest: float = 60.0) -> None:
        """Let the jobs that a purchase leaves behind be worked off, so that they slow no other."""
        deadline = time.monotonic() + longest
        quiet = 0
        while quiet < 3 and time.monotonic() < deadline:
            before = self.cpu_seconds()
            time.sleep(0.4)
            quiet = quiet + 1 if self.cpu_seconds() - before < 0.4 * IDLE else 0


def cpu_seconds_of(root: psutil.Process) -> float:
    """User and system time of a process, those below it, and those below that have ended."""
    total = sum(root.cpu_times()[:4])
    for process in root.children(recursive=True):
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total
