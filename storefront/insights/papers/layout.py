"""What stands where on a statement."""

from __future__ import annotations

from collections.abc import Sequence

from storefront.commissions.proof import spaced
from storefront.insights.papers.labels import Labels
from storefront.insights.papers.paper import Movement, Paper, Sale, sum_of
from storefront.insights.papers.sheet import (
    BODY,
    EMPTY,
    LEADING,
    LEFT,
    RIGHT,
    SECTION,
    SMALL,
    SOFT,
    STRONG,
    TOP,
    Cell,
    Column,
    Sheet,
    Style,
    Table,
)

QR_SIZE = 92.0
QR_AT = (RIGHT - QR_SIZE + 8, TOP - QR_SIZE + 8)
_BESIDE = RIGHT - QR_SIZE - 12
"""Where words end that stand beside the QR code."""

_TITLE = Style(19, bold=True)
_LABEL = 86.0
_ROOM = 60.0
"""A heading with less than this below it goes to the next page."""


def lay_out(sheet: Sheet, paper: Paper, labels: Labels) -> None:
    """Fill the sheet with the statement."""
    _head(sheet, paper, labels)
    _summary(sheet, paper, labels)
    _sales(sheet, paper, labels)
    others = {
        "services": paper.services,
        "adjustments": paper.adjustments,
        "settlements": paper.settlements,
        "payouts": paper.payouts,
    }
    for name, movements in others.items():
        if movements:
            _movements(sheet, labels, name, movements)


def _head(sheet: Sheet, paper: Paper, labels: Labels) -> None:
    sheet.say(paper.chain, SOFT, to=_BESIDE)
    sheet.skip(2)
    sheet.say(f"{labels('title')} {paper.period}", _TITLE, to=_BESIDE)
    sheet.skip(8)
    for key, value in labels.details():
        if value:
            _detail(sheet, labels(key), value)
    _proof(sheet, paper, labels)


def _detail(sheet: Sheet, label: str, value: str) -> None:
    top = sheet.y
    sheet.put(LEFT, top - SOFT.size * LEADING, label, SOFT)
    sheet.say(value, BODY, x=LEFT + _LABEL, to=_BESIDE)


def _proof(sheet: Sheet, paper: Paper, labels: Labels) -> None:
    """How to check it, under the QR code's words."""
    sheet.skip(4)
    _detail(sheet, labels("verify"), labels("verify_words"))
    sheet.say(paper.verify_url, STRONG, x=LEFT + _LABEL)
    _detail(sheet, labels("code"), spaced(paper.code))
    sheet.skip(10)


def _heading(sheet: Sheet, words: str) -> None:
    sheet.need(_ROOM + SECTION.size * LEADING)
    sheet.skip(8)
    sheet.say(words, SECTION)
    sheet.skip(4)


def _summary(sheet: Sheet, paper: Paper, labels: Labels) -> None:
    _heading(sheet, labels("summary"))
    figures = paper.figures
    wide = RIGHT - LEFT
    table = Table(
        sheet,
        [
            Column("", wide * 0.4),
            Column(labels("held"), wide * 0.2, right=True),
            Column(labels("payable"), wide * 0.2, right=True),
            Column(labels("both"), wide * 0.2, right=True),
        ],
    )
    table.begin()

    for name, *amounts in figures.rows:
        style = STRONG if name in ("opening", "closing") else BODY
        cells = [Cell.of("" if each is None else labels.amount(each), style) for each in amounts]
        table.row([Cell.of(labels(name), style), *cells])
    sheet.skip(4)
    sheet.say(labels.equation(), SMALL)
    if figures.closing_payable < 0:
        sheet.say(labels("debt"), SMALL)


def _sales(sheet: Sheet, paper: Paper, labels: Labels) -> None:
    _heading(sheet, labels("sales"))
    if not paper.sales:
        sheet.say(labels("nothing"), SOFT)
        return
    table = Table(
        sheet,
        [
            Column(labels("order"), 104),
            Column(labels("goods"), RIGHT - LEFT - 104 - 66 - 52 - 70 - 62),
            Column(labels("base"), 66, right=True),
            Column(labels("rate"), 52, right=True),
            Column(labels("amount"), 70, right=True),
            Column(labels("line_state"), 62),
        ],
    )
    table.begin()
    for sale in paper.sales:
        _sale(table, sale, labels)
    total = labels.amount(sum(sale.sum for sale in paper.sales))
    table.row(
        [Cell.of(labels("subtotal"), STRONG), EMPTY, EMPTY, EMPTY, Cell.of(total, STRONG), EMPTY]
    )


def _sale(table: Table, sale: Sale, labels: Labels) -> None:
    named = labels("order_line", order=sale.order, line=sale.line)
    earned = labels("earlier") if sale.amount is None else labels.amount(sale.amount)
    sold = [
        Cell.of(named, BODY, (labels.day(sale.placed_at), SMALL)),
        Cell.of(sale.goods, BODY, (sale.rule, SMALL)),
        Cell.of(labels.amount(sale.base)),
        Cell.of(sale.rate),
        Cell.of(earned, SOFT if sale.amount is None else BODY),
        Cell.of(sale.state, SMALL),
    ]
    changes = [
        [
            Cell.of("– " + labels.day(change.at), SMALL),
            Cell.of(change.words, SMALL),
            EMPTY,
            EMPTY,
            Cell.of(labels.amount(change.amount)),
            EMPTY,
        ]
        for change in sale.changes
    ]
    table.group([sold, *changes])


def _movements(sheet: Sheet, labels: Labels, name: str, movements: Sequence[Movement]) -> None:
    _heading(sheet, labels(name))
    table = Table(
        sheet,
        [
            Column(labels("date"), 96),
            Column(labels("what"), RIGHT - LEFT - 96 - 80),
            Column(labels("amount"), 80, right=True),
        ],
    )
    table.begin()
    for movement in movements:
        amount = Cell.of(labels.amount(movement.amount))
        table.row([Cell.of(labels.day(movement.at)), Cell.of(movement.words), amount])
    total = Cell.of(labels.amount(sum_of(movements)), STRONG)
    table.row([Cell.of(labels("subtotal"), STRONG), EMPTY, total])
