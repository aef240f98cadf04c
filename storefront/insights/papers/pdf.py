"""A statement as a PDF: A4, fonts embedded, words that can be selected and searched."""

from __future__ import annotations

import io
import re
import threading
from functools import cache
from typing import Any

import segno
from PIL import Image
from reportlab import rl_config
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from storefront.insights.papers.fonts import font_file
from storefront.insights.papers.labels import Labels
from storefront.insights.papers.layout import QR_AT, QR_SIZE, lay_out
from storefront.insights.papers.paper import Paper
from storefront.insights.papers.sheet import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    SMALL,
    WIDTH,
    Page,
    Sheet,
    Style,
)
from storefront.insights.papers.typeface import Typeface

FONT = "Statement"
INK, GREY, HAIR, GROUND = 0.13, 0.40, 0.80, 0.945
TAGS = {"zh": "zh-Hans", "en": "en"}

QR_MASK = 3
"""Readers take any mask; trying all of them to find the fairest takes four times as long."""

_FIVE_DIGITS = re.compile("<([0-9A-F]{5,6})>")

# reportlab reads its font with one cursor, and lists fonts by name for the whole process.
_drawing = threading.Lock()


def draw(paper: Paper) -> bytes:
    """The PDF, the same bytes each time. Raises Unavailable `font_missing`."""
    with _drawing:
        return _drawn(paper, _typeface())


def _drawn(paper: Paper, typeface: Typeface) -> bytes:
    labels = Labels(paper)
    sheet = Sheet(typeface)
    lay_out(sheet, paper, labels)
    _number(sheet, paper, labels, typeface)
    file = io.BytesIO()
    canvas: Any = Canvas(
        file,
        pagesize=(WIDTH, HEIGHT),
        pageCompression=1,
        invariant=1,
        lang=TAGS[paper.language],
    )
    canvas.setTitle(f"{labels('title')} {paper.period}, {paper.person.name}")
    canvas.setAuthor(paper.chain)
    canvas.setSubject(paper.verify_url)
    canvas.setCreator("storefront")
    for number, page in enumerate(sheet.pages):
        _draw_page(canvas, page)
        if number == 0:
            x, y = QR_AT
            canvas.drawImage(_qr(paper.verify_url), x, y, QR_SIZE, QR_SIZE)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


@cache
def _typeface() -> Typeface:
    """Read the font, once in a process: it takes a fifth of a second."""
    # Text in a PDF may be binary; the detour over printable characters only makes it larger.
    rl_config.useA85 = 0
    font: Any = TTFont(FONT, str(font_file()))
    registry: Any = pdfmetrics
    registry.registerFont(font)
    _mend_rare_letters()
    return Typeface(font.face.charWidths, frozenset(font.face.charToGlyph))


def _mend_rare_letters() -> None:
    """Let letters beyond U+FFFF, which names have, be selected and searched.

    reportlab 5.1 writes them into a font's table of letters with five digits, where a PDF wants
    them in UTF-16 (ISO 32000-1, 9.10.3), and readers then leave them out.
    """
    library: Any = ttfonts
    write = library.makeToUnicodeCMap
    if getattr(write, "mended", False):
        return

    def written(name: str, subset: list[int]) -> str:
        return _FIVE_DIGITS.sub(
            lambda found: f"<{chr(int(found[1], 16)).encode('utf-16-be').hex().upper()}>",
            write(name, subset),
        )

    setattr(written, "mended", True)  # noqa: B010
    library.makeToUnicodeCMap = written


def _number(sheet: Sheet, paper: Paper, labels: Labels, typeface: Typeface) -> None:
    """Say on every page which it is, of how many, and of whose statement."""
    count = len(sheet.pages)
    whose = f"{paper.chain}  |  {labels('title')} {paper.period}  |  {paper.person.number}"
    for number, page in enumerate(sheet.pages, 1):
        foot = Sheet(typeface)
        foot.pages = [page]
        foot.y = BOTTOM - 12
        foot.line()
        foot.put(LEFT, BOTTOM - 24, whose, SMALL)
        said = labels("page", page=number, pages=count)
        foot.put(RIGHT, BOTTOM - 24, said, SMALL, right=True)


def _draw_page(canvas: Any, page: Page) -> None:
    canvas.setStrokeGray(HAIR)
    canvas.setLineWidth(0.4)
    canvas.setFillGray(GROUND)
    for rule in page.rules:
        if rule.height:
            canvas.rect(rule.x, rule.y, rule.width, rule.height, stroke=0, fill=1)
        else:
            canvas.line(rule.x, rule.y, rule.x + rule.width, rule.y)
    # The font comes in one weight: bold is the same letters with an outline.
    canvas.setStrokeGray(INK)
    canvas.setLineWidth(0.22)
    text: Any = canvas.beginText()
    worn: Style | None = None
    for words in page.words:
        if words.style != worn:
            worn = words.style
            text.setFont(FONT, worn.size)
            text.setFillGray(GREY if worn.soft else INK)
            text.setTextRenderMode(2 if worn.bold else 0)
        text.setTextOrigin(words.x, words.y)
        text.textOut(words.text)
    canvas.drawText(text)


def _qr(address: str) -> ImageReader:
    """The address as a QR code, one dot for each of its squares, with its quiet border."""
    made = segno.make(address, error="m", boost_error=False, micro=False, mask=QR_MASK)
    rows = [bytes(0 if dark else 255 for dark in row) for row in made.matrix_iter(border=4)]
    return ImageReader(Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows)))
