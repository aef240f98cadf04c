"""My statements: what each month came to, on paper too, and who may see the total."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import fields

from storefront.api import described
from storefront.api.idempotency import idempotent
from storefront.api.languages import LanguageQuery, spoken
from storefront.api.pagination import key_of, page
from storefront.api.schemas import PageQuery, Schema, Time, text
from storefront.api.seller import guard
from storefront.api.statement_schemas import (
    CommissionStatementPage,
    CommissionStatementSchema,
    StatementQuestionSchema,
    WholeStatementSchema,
    show_question,
    show_statement,
    show_whole,
)
from storefront.api.tokens import access_claims
from storefront.commissions import proof, questions, statements
from storefront.core import clock
from storefront.core.settings import settings
from storefront.insights.papers import passes
from storefront.insights.papers.files import PDF, pdf_of
from storefront.insights.papers.passes import Pass

blueprint = guard.blueprint("seller_statements", "statements", "What each month came to, on paper")


class Shown(Schema):
    """Whether strangers with the code see the total."""

    show_total = fields.Boolean(required=True)


class NewQuestion(Schema):
    """What is wrong, and with which line."""

    about = text(
        60,
        0,
        load_default=questions.WHOLE,
        metadata={
            "example": "260302-62469-53425 #1",
            "description": "A line's own `about`; empty for the whole statement",
        },
    )
    words = text(questions.LONGEST, required=True, metadata={"example": "只算了一件。"})


class OpenedSchema(Schema):
    """Where a statement's page is, for a while."""

    url = fields.String(metadata={"example": "https://shop.example/statements/WyI3a3Ez…"})
    expires_at = Time()


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, CommissionStatementPage)
def list_statements(query: dict[str, Any]) -> dict[str, Any]:
    """List my statements, the latest first, revoked ones too."""
    limit = query["limit"]
    found = statements.of_employee(guard.employee_id(), key_of(query.get("after")), limit + 1)
    return page(found, limit, lambda each: each.id, show_statement)


@blueprint.route("/<statement_code>")
@described.errors(blueprint, {404: "statement_not_found", 422: "invalid_fields"})
@blueprint.arguments(LanguageQuery, location="query")
@blueprint.response(200, WholeStatementSchema)
def read_statement(query: dict[str, Any], statement_code: str) -> dict[str, Any]:
    """Look at one statement of mine with all its lines, and the entries that it was signed over."""
    return show_whole(statements.find(statement_code, guard.employee_id()), spoken(query))


@blueprint.route("/<statement_code>.pdf")
@described.errors(
    blueprint, {404: "statement_not_found", 422: "invalid_fields", 503: "font_missing"}
)
@blueprint.arguments(LanguageQuery, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=PDF)
def print_statement(query: dict[str, Any], statement_code: str) -> Response:
    """Have one statement of mine as a PDF, in Chinese or English."""
    return pdf_of(statements.find(statement_code, guard.employee_id()), spoken(query))


@blueprint.route("/<statement_code>/shown", methods=["PUT"])
@described.errors(blueprint, {404: "statement_not_found", 422: "invalid_fields"})
@blueprint.arguments(Shown)
@blueprint.response(200, CommissionStatementSchema)
def choose_shown(given: dict[str, Any], statement_code: str) -> dict[str, Any]:
    """Choose whether the page that verifies my statement shows its total; at first it does not."""
    proof.show_total(statement_code, guard.employee_id(), shown=given["show_total"])
    return show_statement(statements.find(statement_code, guard.employee_id()))


@blueprint.route("/<statement_code>/questions", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "statement_not_found",
        409: "asked_already",
        422: "unknown_line, words_missing, invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewQuestion)
@blueprint.response(201, StatementQuestionSchema)
def ask(given: dict[str, Any], statement_code: str) -> dict[str, Any]:
    """Say that something is wrong: finance answers, and it stands in the statement's document."""
    statement = statements.find(statement_code, guard.employee_id())
    return show_question(questions.ask(statement, given["about"], given["words"], clock.now()))


@blueprint.route("/<statement_code>/page", methods=["POST"])
@described.errors(blueprint, {404: "statement_not_found"})
@blueprint.response(201, OpenedSchema)
def open_page(statement_code: str) -> dict[str, Any]:
    """Get an address that opens my statement as a page, for an hour and while I am signed in."""
    statement = statements.find(statement_code, guard.employee_id())
    claims, expires_at = access_claims(), clock.now() + passes.LIFE
    token = passes.write(
        Pass(statement.code, claims.session_public_id, claims.employee_public_id, expires_at)
    )
    return {"url": f"{settings().public_base_url}/statements/{token}", "expires_at": expires_at}
