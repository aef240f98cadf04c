"""A seller's own statement as a page, behind an address that the app asks for and that expires."""

from __future__ import annotations

from flask import Blueprint, Response, request

from storefront import visiting
from storefront.commissions import questions, statements
from storefront.commissions.question_models import StatementQuestion
from storefront.commissions.statement_models import Statement
from storefront.core import clock
from storefront.core.errors import DomainError
from storefront.insights.papers import passes
from storefront.insights.papers.files import pdf_of
from storefront.insights.papers.labels import Labels
from storefront.insights.papers.passes import Pass
from storefront.insights.papers.reading import paper_of
from storefront.web import formats, pages
from storefront.web.forms import sent
from storefront.web.language import Language, chosen_language
from storefront.web.phrases import Speaker

LONGEST_REFERENCE = 60

blueprint = Blueprint("statement_pages", __name__)
blueprint.before_request(visiting.refuse_foreign_pages)


@blueprint.get("/statements/<token>")
def show(token: str) -> Response:
    """The statement, with a way to say what is wrong at each line."""
    opened, statement = _open(token)
    say = Speaker(chosen_language())
    paper = paper_of(statement, say.language)
    label = Labels(paper)
    return pages.answer_secretly(
        pages.render(
            "proof/statement.html",
            say.language,
            path=f"/statements/{token}",
            paper=paper,
            label=label,
            details=label.details(),
            summary=paper.figures.rows,
            questions=[(each, _state(each, say)) for each in questions.of_statement(statement)],
            until=formats.time_of_day(opened.expires_at, say.language),
        )
    )


@blueprint.get("/statements/<token>/pdf")
def show_pdf(token: str) -> Response:
    """The same on paper. Raises Unavailable `font_missing`."""
    _, statement = _open(token)
    response = pdf_of(statement, chosen_language())
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/statements/<token>/wrong")
def ask(token: str) -> Response:
    """Ask what is wrong about a line."""
    _open(token)
    about = request.args.get("about", "")[:LONGEST_REFERENCE]
    return _form(token, about, "")


@blueprint.post("/statements/<token>/wrong")
def take_question(token: str) -> Response:
    """Take down what is wrong."""
    _, statement = _open(token)
    about = sent("about", LONGEST_REFERENCE)
    words = sent("words", 2 * questions.LONGEST)
    try:
        questions.ask(statement, about, words, clock.now())
    except DomainError as error:
        problems = {
            "words_missing": "statement.words_missing",
            "asked_already": "statement.asked_already",
            "unknown_line": "statement.unknown_line",
        }
        return _form(token, about, words, problems[error.code], error.status)
    return pages.see_other(f"/statements/{token}#asked")


def _open(token: str) -> tuple[Pass, Statement]:
    """What a pass opens. Raises NotFound `page_not_found`, Gone `pass_expired`."""
    opened, employee_id = passes.read(token, clock.now())
    return opened, statements.find(opened.code, employee_id)


def _form(token: str, about: str, typed: str, problem: str = "", status: int = 200) -> Response:
    language: Language = chosen_language()
    say = Speaker(language)
    most = questions.LONGEST
    html = pages.render(
        "proof/wrong.html",
        language,
        path=f"/statements/{token}",
        about=about,
        typed=typed,
        most=most,
        problem=say(problem, most=most) if problem else "",
    )
    return pages.answer_secretly(html, status)


def _state(question: StatementQuestion, say: Speaker) -> str:
    if question.answered_at is None:
        return say("statement.asked", at=formats.moment(question.asked_at, say.language))
    at = formats.moment(question.answered_at, say.language)
    return say("statement.answered", at=at, answer=question.answer)
