"""What a database knows about itself as a whole, such as that it holds a demo chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, db, transaction


class Mark(Base):
    """One such thing."""

    __tablename__ = "marks"
    name: Mapped[str] = mapped_column(primary_key=True)
    about: Mapped[dict[str, Any]]
    at: Mapped[datetime]


def set_mark(name: str, about: dict[str, Any], now: datetime) -> None:
    """Write down something that was not known before."""
    with transaction() as session:
        session.add(Mark(name=name, about=about, at=now))
        session.flush()


def find_mark(name: str) -> dict[str, Any] | None:
    """What was written down under this name; None if nothing was."""
    return db.session.scalar(sa.select(Mark.about).where(Mark.name == name))
