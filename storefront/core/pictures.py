"""Pictures: kept in the database in a few widths, served by content. `imaging` makes them.

Nothing that was uploaded is ever sent out again as it came: every picture is decoded, turned
upright, stripped and encoded anew. A picture's public id is made from the bytes that are served, so
an address always means the same picture and may be kept for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, Id, insert_for, transaction
from storefront.core.hot import HotStatement
from storefront.core.ids import ALPHABET

Format = Literal["avif", "webp", "jpeg"]

EXTENSIONS: dict[Format, str] = {"avif": "avif", "webp": "webp", "jpeg": "jpg"}
WIDTHS = (300, 600, 1200)
"""Pixels; a picture is kept in those that it is wide enough for, and never enlarged."""

LARGEST_WIDTH = WIDTHS[-1]

_WITH_AVIF = "pic_a"
"""How the id of a picture with AVIF files begins. Other ids do not: no letter of ALPHABET is a."""

LARGEST_UPLOAD = 8 * 1024 * 1024
"""Bytes."""


class Picture(Base):
    """One picture; its public id changes with its content, so its files are immutable."""

    __tablename__ = "pictures"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    width: Mapped[int]
    height: Mapped[int]


class PictureFile(Base):
    """One encoding of a picture: a width and a format (`avif`, `webp`, `jpeg`)."""

    __tablename__ = "picture_files"
    picture_id: Mapped[int] = mapped_column(sa.ForeignKey(Picture.id), primary_key=True)
    width: Mapped[int] = mapped_column(primary_key=True)
    format: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture ready to be kept: its size, and its files by width and format."""

    width: int
    height: int
    files: dict[tuple[int, Format], bytes]


_pictures = cast(sa.Table, Picture.__table__)
_files = cast(sa.Table, PictureFile.__table__)

_FILE = HotStatement(
    sa.select(_files.c.content)
    .join(_pictures, _pictures.c.id == _files.c.picture_id)
    .where(
        _pictures.c.public_id == sa.bindparam("public_id"),
        _files.c.width == sa.bindparam("width"),
        _files.c.format == sa.bindparam("format"),
    )
)


def keep_encoded(encoded: Encoded) -> Picture:
    """Store what `encode` made; for pictures that the program drew itself nothing is decoded."""
    with transaction() as session:
        public_id = _id_of(encoded)
        made = session.scalar(
            insert_for(_pictures)
            .on_conflict_do_nothing(index_elements=["public_id"])
            .returning(_pictures.c.id),
            {"public_id": public_id, "width": encoded.width, "height": encoded.height},
        )
        if made:
            session.execute(sa.insert(_files), _rows(made, encoded))
        return session.scalars(sa.select(Picture).where(Picture.public_id == public_id)).one()


def find_file(public_id: str, width: int, format_: Format) -> bytes | None:
    """One encoding's bytes, or None. One query of its own; never inside a transaction()."""
    row = _FILE.first(public_id=public_id, width=width, format=format_)
    return None if row is None else bytes(row[0])


def widths_of(width: int) -> list[int]:
    """The widths in which a picture of this (kept) width can be had, smallest first."""
    return [*(kept for kept in WIDTHS if kept < width), width]


def has_avif(public_id: str) -> bool:
    """Whether this picture can be had as AVIF too: its id says so.

    Pictures from before have none, and a `<picture>` does not fall back on a file that is missing:
    pages must know, and an id is what all of them have.
    """
    return public_id.startswith(_WITH_AVIF)


def path_of(public_id: str, width: int, format_: Format) -> str:
    """Where one encoding is served, without the host."""
    return f"/pictures/{public_id}-{width}.{EXTENSIONS[format_]}"


def _id_of(encoded: Encoded) -> str:
    digest = hashlib.sha256()
    for key in sorted(encoded.files):
        digest.update(encoded.files[key])
    number = int.from_bytes(digest.digest())
    letters: list[str] = []
    for _ in range(24):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[letter])
    in_avif = any(format_ == "avif" for _, format_ in encoded.files)
    return f"{_WITH_AVIF if in_avif else 'pic_'}{''.join(letters)}"


def _rows(picture_id: int, encoded: Encoded) -> Sequence[dict[str, object]]:
    return [
        {"picture_id": picture_id, "width": width, "format": format_, "content": content}
        for (width, format_), content in encoded.files.items()
    ]
