"""Drawing the card that a chat shows of a product: picture, name, price, the chain, who picked it.

1200 by 630 pixels, the product in the middle square, which is what some chats cut out. Whoever
changes how a card looks raises `preview_pictures.DRAWING`. Only who draws imports this: Pillow
takes 3 MB of every process.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageStat

from storefront.insights.papers.typeface import Typeface
from storefront.web.preview_pictures import HEIGHT, MOST_BYTES, WIDTH, Shown

# The colours of shop.css by day.
PAPER, CARD, SAND, LINE = "#faf6f0", "#fffdfa", "#f2e8dc", "#e4d9cc"
INK, ACCENT, ON_ACCENT = "#2a211c", "#8f2f1b", "#fffaf4"

BAND = 182
"""Height of the strip below, with name and price."""
STAGE = HEIGHT - BAND
CALM = 40
"""Of 256: how much the brightness along a picture's edge may vary to be drawn out as it is."""
EDGE = 48
GAP = 44
NAME_SIZES = (46, 41, 36)
NAME_LINES = 2
PRICE_SIZES = (88, 76, 64, 52)
WIDEST_PRICE = 560
SMALL = 36
LABEL = 27
WIDEST_LABEL = 330
NOBODYS = "\U0010ffff"
"""A letter that no font has."""
QUALITIES = (88, 80, 70, 55, 40)


def draw(shown: Shown, picture: bytes | None, font: Path) -> bytes:
    """The card as a JPEG of at most MOST_BYTES. `picture` is a whole one of ours, or None."""
    card = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pens = _Pens(card, font)
    if picture:
        with Image.open(io.BytesIO(picture)) as opened:
            card.paste(_on_stage(opened.convert("RGB")))
    else:
        card.paste(SAND, (0, 0, WIDTH, STAGE))
        pens.bag(WIDTH // 2 - 130, STAGE // 2 - 130, 260)
    pens.label(shown.chain, left=EDGE - 12)
    if shown.keeper:
        pens.label(shown.keeper, right=WIDTH - EDGE + 12)
    pens.line((0, STAGE, WIDTH, STAGE), LINE, 2)
    room = pens.price(shown.price, shown.price_words)
    pens.name(shown.name, room)
    return _as_jpeg(card)


def _on_stage(picture: Image.Image) -> Image.Image:
    """The whole picture in the middle, its own edges drawn out to both sides; a very wide one is
    cut at the sides.
    """
    width = round(picture.width * STAGE / picture.height)
    scaled = _resized(picture, (max(1, width), STAGE))
    stage = Image.new("RGB", (WIDTH, STAGE))
    left = (WIDTH - scaled.width) // 2
    if left > 0:
        rim = min(6, scaled.width)
        stage.paste(_drawn_out(scaled.crop((0, 0, rim, STAGE)), left))
        right = left + scaled.width
        at_right = scaled.crop((scaled.width - rim, 0, scaled.width, STAGE))
        stage.paste(_drawn_out(at_right, WIDTH - right), (right, 0))
    stage.paste(scaled, (left, 0))
    return stage


def _drawn_out(rim: Image.Image, width: int) -> Image.Image:
    # By way of a few rows: a busy edge becomes a soft run of colours and no stripes.
    is_calm = max(ImageStat.Stat(rim).stddev) <= CALM
    return _resized(_resized(rim, (1, 24 if is_calm else 2)), (width, STAGE))


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)  # pyright: ignore


def _as_jpeg(card: Image.Image) -> bytes:
    drawn = b""
    for quality in QUALITIES:
        stream = io.BytesIO()
        card.save(stream, "JPEG", quality=quality, optimize=True, progressive=True)
        drawn = stream.getvalue()
        if len(drawn) <= MOST_BYTES:
            break
    return drawn


class _Pens:
    """What is drawn on one card, in one font."""

    def __init__(self, card: Image.Image, font: Path) -> None:
        self._draw = ImageDraw.Draw(card)
        self._file = font
        self._fonts: dict[int, ImageFont.FreeTypeFont] = {}

    def line(self, ends: tuple[int, int, int, int], colour: str, width: int) -> None:
        """A straight line."""
        self._draw.line(ends, fill=colour, width=width)

    def bag(self, left: int, top: int, edge: int) -> None:
        """The shop's sign, as in icon.svg."""
        unit = edge / 64

        def at(*numbers: float) -> list[float]:
            corner = (left, top)
            return [corner[index % 2] + number * unit for index, number in enumerate(numbers)]

        self._draw.rounded_rectangle(at(0, 0, 64, 64), 14 * unit, fill=ACCENT)
        self._draw.polygon(at(20, 27, 44, 27, 47, 51, 17, 51), fill=ON_ACCENT)
        thick = max(1, round(3.4 * unit))
        self._draw.arc(at(23.3, 16.3, 40.7, 33.7), 180, 360, fill=ON_ACCENT, width=thick)
        for side in (23.3, 37.3):
            self._draw.rectangle(at(side, 25, side + 3.4, 31), fill=ON_ACCENT)
        self._draw.arc(at(25.3, 29, 38.7, 45.2), 25, 155, fill=ACCENT, width=thick)

    def label(self, text: str, *, left: int = 0, right: int = 0) -> None:
        """A few words on a ground of their own in an upper corner: the chain's, or the keeper's."""
        font = self._font(LABEL)
        is_keeper = right > 0
        sign = 0 if is_keeper else LABEL + 16
        words = self._cut(text, LABEL, WIDEST_LABEL - sign)
        width = round(font.getlength(words)) + sign + 44
        start = right - width if is_keeper else left
        top, height = 30, 58
        box = (start, top, start + width, top + height)
        self._draw.rounded_rectangle(box, height / 2, fill=ACCENT if is_keeper else CARD)
        if sign:
            self.bag(start + 16, top + 13, 32)
        self._draw.text(
            (start + 22 + sign, top + height / 2),
            words,
            font=font,
            fill=ON_ACCENT if is_keeper else INK,
            anchor="lm",
        )

    def price(self, price: str, words: str) -> int:
        """The price at the right of the strip; how wide the room left of it is."""
        before, _, after = words.partition(price)
        before, after = before.strip(), after.strip()
        small = self._font(SMALL)
        beside = sum(small.getlength(each) + 14 for each in (before, after) if each)
        size = next(
            (each for each in PRICE_SIZES if self._wide(price, each) + beside <= WIDEST_PRICE),
            PRICE_SIZES[-1],
        )
        at, base = WIDTH - EDGE, STAGE + BAND / 2 + size * 0.36
        for text, font in ((after, small), (price, self._font(size)), (before, small)):
            if text:
                bold = 1 if font is small else 2
                self._draw.text(
                    (at, base), text, font=font, fill=ACCENT, anchor="rs", stroke_width=bold
                )
                at -= font.getlength(text) + 14
        return round(at) - EDGE - GAP

    def name(self, text: str, room: int) -> None:
        """The name in up to two lines, as large as fits."""
        sizes = (each for each in NAME_SIZES if len(self._lines(text, each, room)) <= NAME_LINES)
        size = next(sizes, NAME_SIZES[-1])
        *lines, last = self._lines(text, size, room)
        if len(lines) >= NAME_LINES:
            last = self._cut("".join([*lines[NAME_LINES - 1 :], last]), size, room)
        lines = [*lines[: NAME_LINES - 1], last]
        step = round(size * 1.32)
        middle = STAGE + BAND / 2 - step * (len(lines) - 1) / 2
        for index, line in enumerate(lines):
            self._draw.text(
                (EDGE, middle + index * step), line, font=self._font(size), fill=INK, anchor="lm"
            )

    def _font(self, size: int) -> ImageFont.FreeTypeFont:
        if size not in self._fonts:
            self._fonts[size] = ImageFont.truetype(self._file, size)
        return self._fonts[size]

    def _wide(self, text: str, size: int) -> float:
        return self._font(size).getlength(text)

    def _typeface(self, text: str) -> Typeface:
        font = self._font(100)
        # The font draws the same box for every letter that it does not have.
        box = self._shape(NOBODYS)
        letters = {ord(each) for each in text if each == " " or self._shape(each) != box}
        return Typeface({ord(each): 10 * font.getlength(each) for each in text}, letters)

    def _shape(self, letter: str) -> bytes:
        shape = Image.new("L", (160, 160))
        ImageDraw.Draw(shape).text((20, 20), letter, font=self._font(100), fill=255)
        return shape.tobytes()

    def _lines(self, text: str, size: int, room: int) -> tuple[str, ...]:
        face = self._typeface(text)
        return face.wrap(face.printable(text), size, room)

    def _cut(self, text: str, size: int, room: int) -> str:
        """The text in one line, its end left out where it is too long."""
        words = self._typeface(text).printable(text)
        if self._wide(words, size) <= room:
            return words
        while words and self._wide(words.rstrip() + "…", size) > room:
            words = words[:-1]
        return words.rstrip() + "…"
