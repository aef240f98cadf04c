"""A statement as sellers and headquarters see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import fields

from storefront.api.schemas import MoneySchema, Schema, Time, list_of, money
from storefront.commissions import proof, questions
from storefront.commissions.models import Account
from storefront.commissions.question_models import StatementQuestion
from storefront.commissions.statement_models import Statement
from storefront.core.languages import Language
from storefront.insights.papers.paper import Movement, Paper, Sale
from storefront.insights.papers.reading import paper_of, verify_url

CODE = {"example": "7kq3mnpqrstvwxyz2345"}


class StatementPeriodSchema(Schema):
    """The month that a statement is about, in the chain's time zone."""

    name = fields.String(metadata={"example": "2026-03"})
    starts_at = Time()
    ends_at = Time(metadata={"description": "The first instant that is not in it"})


class FiguresSchema(Schema):
    """opening + earned - reversed + adjusted + settled - paid = closing."""

    opening_held = fields.Nested(MoneySchema)
    opening_payable = fields.Nested(MoneySchema)
    earned = fields.Nested(MoneySchema)
    reversed = fields.Nested(MoneySchema)
    adjusted = fields.Nested(MoneySchema)
    settled = fields.Nested(
        MoneySchema, metadata={"description": "What tiers and caps of the month came to"}
    )
    released = fields.Nested(
        MoneySchema, metadata={"description": "Went from held to payable: in no sum"}
    )
    paid = fields.Nested(MoneySchema)
    closing_held = fields.Nested(MoneySchema)
    closing_payable = fields.Nested(MoneySchema, metadata={"description": "Below zero: a debt"})


class CommissionStatementSchema(Schema):
    """A statement, in figures."""

    code = fields.String(metadata=CODE)
    period = fields.Nested(StatementPeriodSchema)
    issued_at = Time()
    employee_number = fields.String(metadata={"example": "E0001"})
    employee_name = fields.String(metadata={"example": "林小雨"})
    store = fields.String(metadata={"example": "S01"})
    company = fields.String(metadata={"description": "The legal person that pays"})
    figures = fields.Nested(FiguresSchema)
    total = fields.Nested(MoneySchema, metadata={"description": "Without opening and payouts"})
    show_total = fields.Boolean(
        metadata={"description": "Whether whoever has the code sees the total"}
    )
    verify_url = fields.String(metadata={"example": "https://shop.example/verify/7kq3mnpqrstv…"})
    revoked_at = Time(allow_none=True)
    revoked_reason = fields.String()
    replaced = fields.Boolean(metadata={"description": "Another statement took its place"})


class CommissionStatementPage(Schema):
    """Some of the statements."""

    items = list_of(CommissionStatementSchema)
    next = fields.String(allow_none=True)


class StatementMovementSchema(Schema):
    """Something that changed what is owed."""

    at = Time()
    about = fields.String(metadata={"description": "To ask about the line; empty: its sale's"})
    words = fields.String(metadata={"example": "有退货或取消，按比例冲回"})
    amount = fields.Nested(MoneySchema)


class StatementSaleSchema(Schema):
    """What an order line earned, and what was taken back of it in the period."""

    about = fields.String(
        metadata={"example": "260302-62469-53425 #1", "description": "To ask about the line"}
    )
    order_number = fields.String(metadata={"example": "260302-62469-53425"})
    line = fields.Integer(metadata={"example": 1})
    goods = fields.String(metadata={"example": "茶壶"})
    sold_at = Time()
    base = fields.Nested(MoneySchema)
    rule = fields.String(metadata={"example": "方案第 3 版第 2 条（品牌「苇汀」）"})
    rate = fields.String(metadata={"example": "8%"})
    amount = fields.Nested(
        MoneySchema, allow_none=True, metadata={"description": "null: earned in an earlier period"}
    )
    state = fields.String(metadata={"example": "待结算"})
    changes = list_of(StatementMovementSchema)


class SignedEntrySchema(Schema):
    """An entry of the ledger behind the statement; the signature is about these, in this order."""

    at = Time()
    account = fields.Enum(Account, by_value=True)
    amount = fields.Integer(metadata={"description": "Minor units"})


class StatementQuestionSchema(Schema):
    """Something that the employee says is wrong, and what finance answered."""

    id = fields.String(metadata={"example": "qst_7kq3mnpqrstvwxyz"})
    about = fields.String(
        metadata={"example": "260302-62469-53425 #1", "description": "Empty: the whole statement"}
    )
    words = fields.String(metadata={"example": "这一单是两件，只算了一件。"})
    asked_at = Time()
    answer = fields.String(metadata={"description": "Empty: not answered yet"})
    answered_at = Time(allow_none=True)


class WholeStatementSchema(CommissionStatementSchema):
    """A statement with everything that is printed on it, and what it was signed over."""

    time_zone = fields.String(metadata={"example": "Asia/Shanghai"})
    plan_versions = list_of(fields.Integer())
    sales = list_of(StatementSaleSchema)
    services = list_of(StatementMovementSchema)
    adjustments = list_of(StatementMovementSchema)
    settlements = list_of(StatementMovementSchema)
    payouts = list_of(StatementMovementSchema)
    difference = fields.Nested(
        MoneySchema, metadata={"description": "Between figures and lines: 0"}
    )
    questions = list_of(StatementQuestionSchema)
    entries = list_of(SignedEntrySchema)
    signing_key_id = fields.String(allow_none=True, metadata={"example": "0123456789abcdef"})


def show_statement(statement: Statement) -> dict[str, Any]:
    """A statement for `CommissionStatementSchema`."""
    currency, period = statement.currency, statement.period
    return {
        "code": statement.code,
        "period": {
            "name": period.name,
            "starts_at": period.starts_at,
            "ends_at": period.ends_at,
        },
        "issued_at": statement.issued_at,
        "employee_number": statement.employee_number,
        "employee_name": statement.employee_name,
        "store": statement.store_code,
        "company": statement.company,
        "figures": {name: money(getattr(statement, name), currency) for name in proof.FIGURES},
        "total": money(proof.total_of(statement), currency),
        "show_total": statement.show_total,
        "verify_url": verify_url(statement.code),
        "revoked_at": statement.revoked_at,
        "revoked_reason": statement.revoked_reason,
        "replaced": statement.replaced_by_id is not None,
    }


def show_whole(statement: Statement, language: Language) -> dict[str, Any]:
    """A statement for `WholeStatementSchema`."""
    paper, currency = paper_of(statement, language), statement.currency

    def shown(movements: Iterable[Movement]) -> list[dict[str, Any]]:
        return [_show_movement(each, currency) for each in movements]

    return {
        **show_statement(statement),
        "time_zone": paper.time_zone,
        "plan_versions": paper.plan_versions,
        "sales": [_show_sale(sale, currency) for sale in paper.sales],
        "services": shown(paper.services),
        "adjustments": shown(paper.adjustments),
        "settlements": shown(paper.settlements),
        "payouts": shown(paper.payouts),
        "difference": money(_difference(paper), currency),
        "questions": [show_question(each) for each in questions.of_statement(statement)],
        "entries": [
            {"at": at, "account": account, "amount": amount}
            for at, account, amount in proof.entries_of(statement)
        ],
        "signing_key_id": statement.signing_key_id,
    }


def show_question(question: StatementQuestion) -> dict[str, Any]:
    """A question for `StatementQuestionSchema`."""
    return {
        "id": question.public_id,
        "about": question.about,
        "words": question.words,
        "asked_at": question.asked_at,
        "answer": question.answer,
        "answered_at": question.answered_at,
    }


def _difference(paper: Paper) -> int:
    return paper.figures.difference or (
        paper.accounted - paper.figures.closing + paper.figures.opening
    )


def _show_movement(movement: Movement, currency: str) -> dict[str, Any]:
    return {
        "at": movement.at,
        "about": movement.about,
        "words": movement.words,
        "amount": money(movement.amount, currency),
    }


def _show_sale(sale: Sale, currency: str) -> dict[str, Any]:
    return {
        "about": sale.about,
        "order_number": sale.order,
        "line": sale.line,
        "goods": sale.goods,
        "sold_at": sale.placed_at,
        "base": money(sale.base, currency),
        "rule": sale.rule,
        "rate": sale.rate,
        "amount": None if sale.amount is None else money(sale.amount, currency),
        "state": sale.state,
        "changes": [_show_movement(change, currency) for change in sale.changes],
    }
