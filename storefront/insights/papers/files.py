"""A statement as a file that a browser opens."""

from __future__ import annotations

from flask import Response

from storefront.commissions.statement_models import Statement
from storefront.core.languages import Language
from storefront.insights.papers.reading import paper_of

PDF = "application/pdf"


def pdf_of(statement: Statement, language: Language) -> Response:
    """The statement's PDF, under a name that says what it is. Raises Unavailable `font_missing`."""
    # What draws weighs some 20 MB: a process that nobody asks this does without.
    from storefront.insights.papers.pdf import draw

    response = Response(draw(paper_of(statement, language)), content_type=PDF)
    response.headers["Content-Disposition"] = f'inline; filename="{name_of(statement)}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def name_of(statement: Statement) -> str:
    """What the file is called: letters that every system takes, as staff numbers may hold any."""
    number = "".join(
        each if each.isascii() and each.isalnum() else "_" for each in statement.employee_number
    )
    return f"{statement.period.name}-{number}-{statement.code[:4]}.pdf"
