"""Something is wrong: an employee asks about a line of a statement, finance answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from storefront.commissions.question_models import StatementQuestion
from storefront.commissions.statement_lines import LineKind, StatementLine, lines_of
from storefront.commissions.statement_models import Statement
from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db, insert_for, transaction
from storefront.core.errors import Conflict, Forbidden, Invalid, NotFound
from storefront.core.ids import public_id

LONGEST = 1_000
"""Characters of a question, and of an answer."""

WHOLE = ""
"""What a question is about that names no line."""

_questions = cast(sa.Table, StatementQuestion.__table__)


def reference_of(line: StatementLine) -> str:
    """What a line is called: `260302-62469-53425 #1`, `adj_…`, `pay_…`, `2026-03`."""
    if line.kind is LineKind.SALE:
        return f"{line.order_number} #{line.position}"
    return line.order_number or line.adjustment or line.payout or line.month


def ask(statement: Statement, about: str, words: str, now: datetime) -> StatementQuestion:
    """Ask about a line by its reference, or about the WHOLE.

    Raises Invalid `unknown_line`, `words_missing`; Conflict `asked_already` while finance has not
    answered what was asked about the same line.
    """
    said = words.strip()
    if not 0 < len(said) <= LONGEST:
        raise Invalid("words_missing", f"Say what is wrong, in at most {LONGEST} characters.")
    if about != WHOLE and about not in {reference_of(line) for line in lines_of(statement)}:
        raise Invalid("unknown_line", "The statement has no such line.")
    with transaction() as session:
        number = public_id("qst")
        asked: dict[str, object] = {
            "public_id": number,
            "statement_id": statement.id,
            "about": about,
            "words": said,
            "asked_at": now,
            "answer": "",
        }
        if not _insert(asked):
            raise Conflict("asked_already", "You have asked about this line; wait for the answer.")
        return session.scalars(
            sa.select(StatementQuestion).where(StatementQuestion.public_id == number)
        ).one()


def _insert(asked: dict[str, object]) -> bool:
    """Whether no question about the line was open."""
    statement = (
        insert_for(_questions)
        .on_conflict_do_nothing(
            index_elements=["statement_id", "about"],
            index_where=_questions.c.answered_at.is_(None),
        )
        .execution_options(preserve_rowcount=True)
    )
    return changed_rows(db.session.execute(statement, asked)) == 1


def of_statement(statement: Statement) -> Sequence[StatementQuestion]:
    """What was asked about a statement, in order."""
    return db.session.scalars(
        sa.select(StatementQuestion)
        .where(StatementQuestion.statement_id == statement.id)
        .order_by(StatementQuestion.id)
        .execution_options(populate_existing=True)
    ).all()


def listed(after: int | None, limit: int, *, answered: bool) -> Sequence[StatementQuestion]:
    """Questions of everybody, the oldest first, from behind the row number `after`."""
    is_answered = StatementQuestion.answered_at.is_not(None)
    return db.session.scalars(
        sa.select(StatementQuestion)
        .options(joinedload(StatementQuestion.statement).joinedload(Statement.period))
        .where(is_answered if answered else ~is_answered, StatementQuestion.id > (after or 0))
        .order_by(StatementQuestion.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    ).all()


def answer(number: str, words: str, actor: Actor, now: datetime) -> StatementQuestion:
    """Answer a question, once and for the employee to read.

    Raises NotFound `question_not_found`, Conflict `question_answered`, Forbidden `four_eyes` to
    whoever asked.
    """
    with transaction() as session:
        question = session.scalar(
            sa.select(StatementQuestion)
            .options(joinedload(StatementQuestion.statement).joinedload(Statement.period))
            .where(StatementQuestion.public_id == number)
            .execution_options(populate_existing=True)
        )
        if question is None:
            raise NotFound("question_not_found", "There is no such question.")
        if actor.employee_id == question.statement.employee_id:
            raise Forbidden("four_eyes", "Somebody else has to answer your own question.")
        done = changed_rows(
            session.execute(
                sa.update(_questions)
                .where(_questions.c.id == question.id, _questions.c.answered_at.is_(None))
                .values(answer=words, answered_at=now, answered_by_id=actor.employee_id)
            )
        )
        if not done:
            raise Conflict("question_answered", "This was answered already.")
        session.refresh(question)
        return question
