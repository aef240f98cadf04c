"""Work to be done after a commit, as rows: the truth about what still has to happen.

A job row is written in the same transaction as the deed it follows, so nothing is told to the
outside before the commit and nothing is forgotten after it. Whoever runs jobs takes one by a
guarded UPDATE with a lease; a worker that dies leaves a lease that runs out. Handlers must bear
being called twice. They are named in one table in `create_app`: here a kind is only a text.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core import clock
from storefront.core.database import Base, Id, changed_rows, insert_if_absent, transaction

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=1)

Handler = Callable[[dict[str, Any], datetime], None]
"""Called with the job's payload and the time, outside of any transaction."""


class Job(Base):
    """One thing to do, once it is due."""

    __tablename__ = "jobs"
    id: Mapped[Id]
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    """What this job is about: a second one with the same key is not written."""
    payload: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        sa.Index(
            "ix_jobs_open_due_at",
            "due_at",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        ),
    )


_jobs = cast(sa.Table, Job.__table__)


def leave(kind: str, key: str, payload: dict[str, Any], due_at: datetime) -> None:
    """Write a job row within the caller's transaction; nothing happens if `key` was left before."""
    insert_if_absent(
        _jobs,
        ["key"],
        {
            "kind": kind,
            "key": key,
            "payload": payload,
            "due_at": due_at,
            "attempts": 0,
            "last_error": "",
        },
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """A job that is ours until its lease runs out."""

    id: int
    kind: str
    key: str
    payload: dict[str, Any]
    attempts: int


_NEXT = (
    sa.select(
        _jobs.c.id, _jobs.c.kind, _jobs.c.key, _jobs.c.payload, _jobs.c.attempts, _jobs.c.due_at
    )
    .where(_jobs.c.done_at.is_(None), _jobs.c.due_at <= sa.bindparam("now"))
    .order_by(_jobs.c.due_at, _jobs.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_LEASE = (
    sa.update(_jobs)
    .where(
        _jobs.c.id == sa.bindparam("of_job"),
        _jobs.c.due_at == sa.bindparam("was_due_at"),
        _jobs.c.done_at.is_(None),
    )
    .values(due_at=sa.bindparam("leased_until"), attempts=_jobs.c.attempts + 1)
)
_MARK = sa.update(_jobs).where(_jobs.c.id == sa.bindparam("of_job"))


def run_due(now: datetime, limit: int = 100) -> int:
    """Take and carry out up to `limit` due jobs, oldest first; return how many were done."""
    done = 0
    for _ in range(limit):
        job = _take(now)
        if job is None:
            break
        done += _carry_out(job, now)
    return done


def _take(now: datetime) -> _Taken | None:
    with transaction() as session:
        row = session.execute(_NEXT, {"now": now}).one_or_none()
        if row is None:
            return None
        lease = {"of_job": row.id, "was_due_at": row.due_at, "leased_until": now + LEASE}
        if not changed_rows(session.execute(_LEASE, lease)):
            return None
        return _Taken(row.id, row.kind, row.key, row.payload, row.attempts)


def _carry_out(job: _Taken, now: datetime) -> int:
    handlers: Mapping[str, Handler] = current_app.extensions["job_handlers"]
    try:
        handlers[job.kind](job.payload, now)
    except Exception as error:
        log.exception("job %s %s failed", job.kind, job.key)
        wait = min(timedelta(seconds=5) * 2 ** min(job.attempts, 10), LONGEST_WAIT)
        _mark(job, due_at=now + wait, last_error=repr(error)[:500])
        return 0
    _mark(job, done_at=now, last_error="")
    return 1


def _mark(job: _Taken, **values: Any) -> None:
    with transaction() as session:
        session.execute(_MARK, {"of_job": job.id, **values})


Periodic = Callable[[datetime], object]
"""A duty that comes round, like expiring holds. Must bear running twice at once."""


def work(app: Flask, stop: threading.Event, pause: float = 1.0) -> None:
    """Do due jobs and periodic duties until `stop` is set. Runs in a thread, or as `flask work`."""
    duties: Mapping[str, tuple[timedelta, Periodic]] = app.extensions["periodic_duties"]
    last_run: dict[str, datetime] = {}
    while not stop.is_set():
        with app.app_context():
            now = clock.now()
            try:
                busy = run_due(now)
                for name, (interval, duty) in duties.items():
                    if name not in last_run or now - last_run[name] >= interval:
                        last_run[name] = now
                        duty(now)
            except Exception:
                # The database may be away for a while; the rows wait for us.
                log.exception("the job worker could not work")
                busy = 0
        if not busy:
            stop.wait(pause)


class JobThread:
    """The worker as a thread of a serving process. It starts only where the settings want it."""

    def __init__(self, app: Flask, *, wanted: bool) -> None:
        self._app = app
        self._wanted = wanted
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin to work, in a process that serves: not in a command, not before a fork."""
        if self._wanted:
            arguments = (self._app, self._stop)
            threading.Thread(target=work, args=arguments, name="jobs", daemon=True).start()

    def stop(self) -> None:
        """Finish what is under way and take nothing new."""
        self._stop.set()
