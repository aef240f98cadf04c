"""All of a period's statements as PDF files, on every core; may be killed and begun again."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import joinedload

from storefront.commissions.period_models import Period
from storefront.commissions.statement_models import Statement
from storefront.core.database import db
from storefront.core.languages import Language
from storefront.core.settings import Settings, settings
from storefront.insights.papers.files import name_of
from storefront.insights.papers.fonts import font_file
from storefront.insights.papers.reading import paper_of

AT_ONCE = 100
"""Statements of one part of the work."""

WORTH_IT = 4 * AT_ONCE
"""With fewer, one process is done before two have started."""

_statements = cast(sa.Table, Statement.__table__)
_Make = Callable[[Settings], Flask]


def count(period: Period) -> int:
    """How many statements of the period stand."""
    return len(_standing(period))


def print_all(period: Period, folder: Path, language: Language, told: Callable[[int], Any]) -> int:
    """Write the PDF of each standing statement into a folder; how many were not there before.

    A file's name has a part of the statement's code and its content never changes, so what is there
    already is left alone. `told` hears how many more are done. Raises Unavailable `font_missing`
    before anything is written.
    """
    font_file()
    folder.mkdir(parents=True, exist_ok=True)
    numbers, cores = _standing(period), os.cpu_count() or 1
    if cores < 2 or len(numbers) < WORTH_IT:
        return sum(
            _told(_print_here(part, folder, language), part, told) for part in _parts(numbers)
        )
    make: _Make = current_app.extensions["create_app"]
    with ProcessPoolExecutor(
        cores,
        # A forked process would share this one's connections to the database.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_Part.prepare,
        initargs=(make, settings()),
    ) as pool:
        futures = {
            pool.submit(_Part.print, part, folder, language): part for part in _parts(numbers)
        }
        try:
            return sum(
                _told(future.result(), futures[future], told) for future in as_completed(futures)
            )
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _told(written: int, part: Sequence[int], told: Callable[[int], Any]) -> int:
    told(len(part))
    return written


def _standing(period: Period) -> Sequence[int]:
    return db.session.scalars(
        sa.select(_statements.c.id)
        .where(_statements.c.period_id == period.id, _statements.c.revoked_at.is_(None))
        .order_by(_statements.c.id)
    ).all()


def _parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), AT_ONCE):
        yield numbers[start : start + AT_ONCE]


def _print_here(numbers: Sequence[int], folder: Path, language: Language) -> int:
    from storefront.insights.papers.pdf import draw

    written = 0
    found = db.session.scalars(
        sa.select(Statement)
        .options(joinedload(Statement.period))
        .where(Statement.id.in_(numbers))
        .order_by(Statement.id)
    ).all()
    for statement in found:
        file = folder / name_of(statement)
        if not file.exists():
            # Whoever is killed in the middle leaves no half file under its name.
            draft = file.with_suffix(".part")
            draft.write_bytes(draw(paper_of(statement, language)))
            draft.replace(file)
            written += 1
    db.session.expunge_all()
    return written


class _Part:
    """What a process of its own knows: the shop over the same database."""

    app: Flask

    @classmethod
    def prepare(cls, make: _Make, chosen: Settings) -> None:
        """Begin: once in each process."""
        cls.app = make(chosen)

    @classmethod
    def print(cls, numbers: Sequence[int], folder: Path, language: Language) -> int:
        """Print one part."""
        with cls.app.app_context():
            try:
                return _print_here(numbers, folder, language)
            finally:
                db.session.remove()
