"""Pictures: taken in, re-encoded in a few widths, kept in the database, served by content.

Nothing that was uploaded is ever sent out again as it came: every picture is decoded, turned
upright, stripped and encoded anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, Id


class Picture(Base):
    """One picture; its public id changes with its content, so its files are immutable."""

    __tablename__ = "pictures"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    width: Mapped[int]
    height: Mapped[int]


class PictureFile(Base):
    """One encoding of a picture: a width and a format (`webp`, `jpeg`)."""

    __tablename__ = "picture_files"
    picture_id: Mapped[int] = mapped_column(sa.ForeignKey(Picture.id), primary_key=True)
    width: Mapped[int] = mapped_column(primary_key=True)
    format: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes]
