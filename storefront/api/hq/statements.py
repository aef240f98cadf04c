"""Employees' statements as finance sees them, and what employees say is wrong about them."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import fields

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.idempotency import idempotent
from storefront.api.languages import LanguageQuery, spoken
from storefront.api.pagination import key_of, page
from storefront.api.schemas import PageQuery, Schema, list_of, text
from storefront.api.statement_schemas import (
    StatementQuestionSchema,
    WholeStatementSchema,
    show_question,
    show_whole,
)
from storefront.commissions import proof, questions, statements
from storefront.commissions.question_models import StatementQuestion
from storefront.core import clock
from storefront.insights.papers.files import PDF, pdf_of
from storefront.staff.models import Role

MAY_SEE = (Role.HQ_FINANCE, Role.HQ_ADMIN)

blueprint = guard.blueprint(
    "hq_statements", "statements", "What each month came to for an employee"
)
questions_blueprint = guard.blueprint(
    "hq_statement_questions", "statement-questions", "What employees say is wrong"
)


class CheckedStatementSchema(WholeStatementSchema):
    """A statement, and whether it still is what was signed."""

    genuine = fields.Boolean(
        metadata={"description": "Statement and entries are what one of our keys signed"}
    )


class QuestionsQuery(PageQuery):
    """Which questions."""

    answered = fields.Boolean(load_default=False, metadata={"description": "Or those still open"})


class AskedStatementSchema(StatementQuestionSchema):
    """A question with whose statement it is about."""

    statement = fields.String(metadata={"example": "7kq3mnpqrstvwxyz2345"})
    period = fields.String(metadata={"example": "2026-03"})
    employee_number = fields.String(metadata={"example": "E0001"})
    employee_name = fields.String(metadata={"example": "林小雨"})


class QuestionPage(Schema):
    """Some of the questions, the oldest first."""

    items = list_of(AskedStatementSchema)
    next = fields.String(allow_none=True)


class Answer(Schema):
    """What the employee reads."""

    words = text(
        questions.LONGEST, required=True, metadata={"example": "退了一件，按剩下的一件计。"}
    )


@blueprint.route("/<statement_code>")
@described.errors(blueprint, {404: "statement_not_found", 422: "invalid_fields"})
@blueprint.arguments(LanguageQuery, location="query")
@blueprint.response(200, CheckedStatementSchema)
def read_statement(query: dict[str, Any], statement_code: str) -> dict[str, Any]:
    """Look at a statement with all its lines, and check it against its signature."""
    guard.require_role(*MAY_SEE)
    statement = statements.find(statement_code)
    return {**show_whole(statement, spoken(query)), "genuine": proof.is_genuine(statement)}


@blueprint.route("/<statement_code>.pdf")
@described.errors(
    blueprint, {404: "statement_not_found", 422: "invalid_fields", 503: "font_missing"}
)
@blueprint.arguments(LanguageQuery, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=PDF)
def print_statement(query: dict[str, Any], statement_code: str) -> Response:
    """Have a statement as a PDF, in Chinese or English."""
    guard.require_role(*MAY_SEE)
    return pdf_of(statements.find(statement_code), spoken(query))


@questions_blueprint.route("")
@described.errors(questions_blueprint, {422: "wrong_cursor, invalid_fields"})
@questions_blueprint.arguments(QuestionsQuery, location="query")
@questions_blueprint.response(200, QuestionPage)
def list_questions(query: dict[str, Any]) -> dict[str, Any]:
    """List what employees say is wrong, the oldest first: open ones, or those answered."""
    guard.require_role(*MAY_SEE)
    limit = query["limit"]
    found = questions.listed(key_of(query.get("after")), limit + 1, answered=query["answered"])
    return page(found, limit, lambda each: each.id, _show)


@questions_blueprint.route("/<question_id>/answer", methods=["POST"])
@described.errors(
    questions_blueprint,
    {
        403: "hq_only, role_not_allowed, four_eyes",
        404: "question_not_found",
        409: "question_answered",
        422: "invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(questions_blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@questions_blueprint.arguments(Answer)
@questions_blueprint.response(200, AskedStatementSchema)
def answer(given: dict[str, Any], question_id: str) -> dict[str, Any]:
    """Answer a question, once; what was wrong is put right by an adjustment."""
    guard.require_role(*MAY_SEE)
    return _show(questions.answer(question_id, given["words"], guard.actor(), clock.now()))


def _show(question: StatementQuestion) -> dict[str, Any]:
    statement = question.statement
    return {
        **show_question(question),
        "statement": statement.code,
        "period": statement.period.name,
        "employee_number": statement.employee_number,
        "employee_name": statement.employee_name,
    }
