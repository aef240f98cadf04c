"""What employees say is wrong about their statements, and what finance answered."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.commissions.statement_models import Statement
from storefront.core.database import Base, Id
from storefront.staff.models import Employee


class StatementQuestion(Base):
    """Asked about one line of a statement, or about all of it; answered once.

    It changes nothing by itself: what was wrong is put right by an adjustment.
    """

    __tablename__ = "statement_questions"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    statement_id: Mapped[int] = mapped_column(sa.ForeignKey(Statement.id), index=True)
    about: Mapped[str]
    """Which line, as `questions.reference_of` calls it; empty for the whole statement."""
    words: Mapped[str]
    asked_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))

    statement: Mapped[Statement] = relationship()
    __table_args__ = (
        sa.Index(
            "uq_statement_questions_open_statement_id_about",
            "statement_id",
            "about",
            unique=True,
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        ),
        sa.CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answered_with_words"),
    )
