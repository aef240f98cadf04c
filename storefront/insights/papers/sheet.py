"""Sheets of A4: words, rules and tables put one below the other, over as many pages as it takes.

Nothing is drawn here: a sheet only says what goes where, so that the number of pages is known when
the first one is drawn. Positions are points from the lower left corner, as a PDF counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from storefront.insights.papers.typeface import Typeface

WIDTH, HEIGHT = 595.28, 841.89
LEFT, RIGHT, TOP, BOTTOM = 42.0, WIDTH - 42.0, HEIGHT - 44.0, 52.0
LEADING = 1.42
"""Height of a line, in sizes of its letters."""


@dataclass(frozen=True, slots=True)
class Style:
    """How words look."""

    size: float = 8.5
    bold: bool = False
    soft: bool = False


BODY, SOFT, STRONG = Style(), Style(soft=True), Style(bold=True)
SMALL = Style(7.5, soft=True)
HEAD = Style(7.5, soft=True)
SECTION = Style(11, bold=True)


@dataclass(frozen=True, slots=True)
class Words:
    """A line of words."""

    x: float
    y: float
    text: str
    style: Style


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin line across, or a ground behind a row if it has a height."""

    x: float
    y: float
    width: float
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column."""

    label: str
    width: float
    right: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table: one text below the other, each in its own style."""

    texts: tuple[tuple[str, Style], ...] = ()

    @classmethod
    def of(cls, text: str, style: Style = BODY, *more: tuple[str, Style]) -> Cell:
        """A cell with a text, and more of them below it."""
        return cls(((text, style), *more))


EMPTY = Cell()


@dataclass(slots=True)
class Page:
    """What is on one page."""

    words: list[Words] = field(default_factory=list[Words])
    rules: list[Rule] = field(default_factory=list[Rule])


class Sheet:
    """Pages that fill from top to bottom."""

    def __init__(self, typeface: Typeface) -> None:
        self._typeface = typeface
        self.pages = [Page()]
        self.y = TOP

    def need(self, height: float) -> bool:
        """Begin a new page unless so much is left of this one. Whether one was begun."""
        if self.y - height >= BOTTOM:
            return False
        self.pages.append(Page())
        self.y = TOP
        return True

    def skip(self, height: float) -> None:
        """Leave some room."""
        self.y -= height

    def say(self, text: str, style: Style = BODY, *, x: float = LEFT, to: float = RIGHT) -> None:
        """A paragraph between two edges."""
        for line in self._wrapped(text, style, to - x):
            self.need(style.size * LEADING)
            self.y -= style.size * LEADING
            self.put(x, self.y, line, style)

    def put(self, x: float, y: float, text: str, style: Style, *, right: bool = False) -> None:
        """One line at a place of this page; `right`: that is where it ends."""
        printable = self._typeface.printable(text)
        if right:
            x -= self._typeface.width(printable, style.size)
        self.pages[-1].words.append(Words(x, y, printable, style))

    def line(self) -> None:
        """A thin line from edge to edge."""
        self.pages[-1].rules.append(Rule(LEFT, self.y, RIGHT - LEFT))

    def _wrapped(self, text: str, style: Style, width: float) -> tuple[str, ...]:
        return self._typeface.wrap(self._typeface.printable(text), style.size, width)

    def measured(self, cell: Cell, width: float) -> list[tuple[str, Style]]:
        """A cell's lines, each no wider than its column."""
        return [
            (line, style)
            for text, style in cell.texts
            for line in self._wrapped(text, style, width)
        ]


GAP = 8.0
"""Between columns."""
PAD = 2.6
"""Above and below a row."""


class Table:
    """A table whose head is repeated on every page that it reaches."""

    def __init__(self, sheet: Sheet, columns: Sequence[Column]) -> None:
        self._sheet = sheet
        self._columns = columns
        self._head = HEAD.size * LEADING + 2 * PAD
        self._edges = [LEFT]
        for column in columns:
            self._edges.append(self._edges[-1] + column.width)

    def begin(self) -> None:
        """Put the head."""
        sheet, height = self._sheet, self._head
        ground = Rule(LEFT, sheet.y - height, RIGHT - LEFT, height)
        sheet.pages[-1].rules.append(ground)
        heads = [Cell.of(column.label, HEAD) for column in self._columns]
        self._put(self._lines_of(heads), height)

    def row(self, cells: Sequence[Cell]) -> None:
        """Put a row, never across two pages, and a line under it."""
        self.group([cells])

    def group(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Put rows that belong together on one page, if one page holds them, and a line below."""
        sheet = self._sheet
        measured = [self._lines_of(cells) for cells in rows]
        heights = [2 * PAD + max(_height(each) for each in lines) for lines in measured]
        together = sum(heights)
        fits = together <= TOP - BOTTOM - self._head
        if fits and sheet.need(together):
            self.begin()
        for lines, height in zip(measured, heights, strict=True):
            if sheet.need(height):
                self.begin()
            self._put(lines, height)
        sheet.line()

    def _lines_of(self, cells: Sequence[Cell]) -> list[list[tuple[str, Style]]]:
        return [
            self._sheet.measured(cell, column.width - GAP)
            for cell, column in zip(cells, self._columns, strict=True)
        ]

    def _put(self, lines: Sequence[Sequence[tuple[str, Style]]], height: float) -> None:
        sheet = self._sheet
        for index, (column, texts) in enumerate(zip(self._columns, lines, strict=True)):
            x = self._edges[index + 1] - GAP / 2 if column.right else self._edges[index] + GAP / 2
            y = sheet.y - PAD
            for text, style in texts:
                y -= style.size * LEADING
                # Letters stand a little above the bottom of their line.
                sheet.put(x, y + style.size * 0.32, text, style, right=column.right)
        sheet.y -= height


def _height(lines: Sequence[tuple[str, Style]]) -> float:
    return sum(style.size * LEADING for _, style in lines)
