"""What sellers send and see of disputes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from storefront.api.languages import language_field
from storefront.api.pictures import PictureSchema, show_picture
from storefront.api.schemas import PageQuery, Schema, Time, list_of, text
from storefront.attribution.disputes import words
from storefront.attribution.disputes.models import DisputeReason, DisputeState, Outcome
from storefront.core.languages import Language
from storefront.insights.disputes.own import OwnDispute, Side
from storefront.insights.disputes.statements import Statement

LONGEST_STATEMENT = 4_000

DISPUTE_ID = {"example": "dsp_7kq3mnpqrstvwxyz"}


class NewDispute(Schema):
    """Which sale was mine, and why. An order that does not name me is found by its number alone."""

    order = text(40, metadata={"example": "ord_7kq3mnpqrstvwxyz"})
    order_number = text(40, metadata={"example": "260305-12345-67890"})
    lines = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, 100_000)),
        load_default=list,
        validate=validate.Length(0, 2_000),
        metadata={"example": [1], "description": "Lines of the order; none named: all of it"},
    )
    reason = fields.Enum(DisputeReason, by_value=True, required=True)
    words = text(
        LONGEST_STATEMENT, required=True, metadata={"example": "她先来找我的，有聊天记录。"}
    )

    @validates_schema
    def _names_one_order(self, given: dict[str, Any], **_: Any) -> None:
        if ("order" in given) == ("order_number" in given):
            raise ValidationError("Name the order by its id or by its number.", "order")


class NewStatement(Schema):
    """What I have to say."""

    words = text(LONGEST_STATEMENT, required=True, metadata={"example": "是我在店里接待的。"})


class DisputesQuery(PageQuery):
    """Which of my disputes."""

    side = fields.Enum(
        Side, by_value=True, metadata={"description": "Those I opened, or those I would lose by"}
    )
    language = language_field()


class DisputedLineSchema(Schema):
    """A line in dispute. Its goods are told to whoever is named by the order's evidence."""

    line = fields.Integer(metadata={"description": "Its number within the order"})
    name = fields.String(allow_none=True)
    quantity = fields.Integer(allow_none=True)


class StatementSchema(Schema):
    """What somebody said: I, or whoever opened the dispute against what I am credited with."""

    mine = fields.Boolean()
    words = fields.String()
    at = Time()
    pictures = list_of(PictureSchema)


class ShareChangeSchema(Schema):
    """What I have of a line that was decided otherwise, in basis points."""

    line = fields.Integer()
    before = fields.Integer(metadata={"example": 10_000})
    after = fields.Integer(metadata={"example": 5_000})


class OwnDisputeSchema(Schema):
    """A dispute that concerns me."""

    id = fields.String(metadata=DISPUTE_ID)
    order_number = fields.String()
    side = fields.Enum(Side, by_value=True)
    lines = list_of(DisputedLineSchema)
    reason = fields.Enum(DisputeReason, by_value=True)
    state = fields.Enum(DisputeState, by_value=True)
    past_due = fields.Boolean(metadata={"description": "Whether it should be decided by now"})
    may_answer = fields.Boolean(metadata={"description": "Whether I may still have my say"})
    opened_at = Time()
    answer_due_at = Time()
    decision_due_at = Time()
    closed_at = Time(allow_none=True)
    outcome = fields.Enum(Outcome, by_value=True, allow_none=True)
    explanation = fields.String(
        allow_none=True, metadata={"description": "Why headquarters decided so"}
    )
    shares = list_of(ShareChangeSchema)
    words = list_of(fields.String(), metadata={"description": "Where it stands, in sentences"})
    statements = list_of(StatementSchema)


class OwnDisputePage(Schema):
    """Some disputes that concern me, the latest first."""

    items = list_of(OwnDisputeSchema)
    next = fields.String(allow_none=True)


def show_own(
    dispute: OwnDispute, employee_id: int, now: datetime, language: Language, time_zone: str
) -> dict[str, Any]:
    """A dispute that concerns an employee as its schema's document."""
    standing = dispute.standing
    is_open = standing.state is DisputeState.OPEN
    return {
        "id": dispute.public_id,
        "order_number": standing.order_number,
        "side": dispute.side,
        "lines": [
            {
                "line": line.position,
                "name": line.name_zh if language == "zh" else line.name_en,
                "quantity": line.quantity,
            }
            for line in dispute.lines
        ],
        "reason": standing.reason,
        "state": standing.state,
        "past_due": is_open and now >= standing.decision_due_at,
        "may_answer": is_open and not standing.spoke and now < standing.answer_due_at,
        "opened_at": standing.opened_at,
        "answer_due_at": standing.answer_due_at,
        "decision_due_at": standing.decision_due_at,
        "closed_at": standing.closed_at,
        "outcome": standing.outcome,
        "explanation": standing.explanation or None,
        "shares": [
            {"line": share.line, "before": share.before, "after": share.after}
            for share in standing.shares
        ],
        "words": words.of_case(standing, now, language, time_zone),
        "statements": [_show_statement(each, employee_id) for each in dispute.said],
    }


def _show_statement(statement: Statement, employee_id: int) -> dict[str, Any]:
    return {
        "mine": statement.employee_id == employee_id,
        "words": statement.words,
        "at": statement.at,
        "pictures": [
            show_picture(each.public_id, each.width, each.height) for each in statement.pictures
        ],
    }
