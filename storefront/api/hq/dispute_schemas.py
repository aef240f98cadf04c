"""What headquarters sees of disputes, and how it decides them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from storefront.api.languages import language_field
from storefront.api.pictures import PictureSchema, show_picture
from storefront.api.schemas import MoneySchema, PageQuery, Schema, Time, list_of, money, text
from storefront.attribution.disputes.deciding import Decision, Share
from storefront.attribution.disputes.models import DisputeReason, DisputeState, Outcome
from storefront.commissions.models import Account
from storefront.core.money import WHOLE_BASIS_POINTS
from storefront.insights.disputes.queue import Count, QueuedDispute, Stage
from storefront.insights.disputes.timeline import Event
from storefront.insights.disputes.wording import EventKind

DISPUTE_ID = {"example": "dsp_7kq3mnpqrstvwxyz"}
STAFF_NUMBER = {"example": "E0001"}


class QueueQuery(PageQuery):
    """Which disputes to list."""

    stage = fields.Enum(
        Stage,
        by_value=True,
        load_default=Stage.OPEN,
        metadata={"description": "Open ones come by when they are due: past due first"},
    )
    reason = fields.Enum(DisputeReason, by_value=True)


class TimelineQuery(Schema):
    """In which language to tell the case."""

    language = language_field()


class QueuedDisputeSchema(Schema):
    """A dispute in the queue."""

    id = fields.String(metadata=DISPUTE_ID)
    order = fields.String(metadata={"example": "ord_7kq3mnpqrstvwxyz"})
    order_number = fields.String()
    lines = fields.List(fields.Integer(), metadata={"example": [1, 2]})
    opened_by = fields.String(metadata=STAFF_NUMBER)
    concerned = list_of(
        fields.String(metadata=STAFF_NUMBER), metadata={"description": "Who would lose"}
    )
    answered = list_of(
        fields.String(metadata=STAFF_NUMBER), metadata={"description": "Who has had their say"}
    )
    reason = fields.Enum(DisputeReason, by_value=True)
    state = fields.Enum(DisputeState, by_value=True)
    stage = fields.Enum(Stage, by_value=True)
    opened_at = Time()
    answer_due_at = Time()
    decision_due_at = Time()
    closed_at = Time(allow_none=True)
    outcome = fields.Enum(Outcome, by_value=True, allow_none=True)
    explanation = fields.String(allow_none=True)
    decided_by = fields.String(allow_none=True, metadata={"example": "F0001"})


class QueuePage(Schema):
    """Some disputes of a stage."""

    items = list_of(QueuedDisputeSchema)
    next = fields.String(allow_none=True)


class CountSchema(Schema):
    """How many disputes stand where."""

    all = fields.Integer()
    open = fields.Integer()
    past_due = fields.Integer(metadata={"description": "Of those that are open"})
    withdrawn = fields.Integer()
    upheld = fields.Integer()
    partly = fields.Integer()
    denied = fields.Integer()


class ReasonCountSchema(CountSchema):
    """How many disputes there are for one reason."""

    reason = fields.Enum(DisputeReason, by_value=True)


class CountsSchema(Schema):
    """How many disputes there are, for each reason and in all."""

    as_of = Time()
    reasons = list_of(ReasonCountSchema)
    total = fields.Nested(CountSchema)


class EventSchema(Schema):
    """One thing that happened."""

    at = Time()
    kind = fields.Enum(EventKind, by_value=True)
    employee = fields.String(allow_none=True, metadata=STAFF_NUMBER)
    lines = fields.List(fields.Integer(), metadata={"example": [1]})
    account = fields.Enum(Account, by_value=True, allow_none=True)
    amount = fields.Nested(MoneySchema, allow_none=True)
    words = fields.String(metadata={"description": "What it is, in a sentence"})
    pictures = list_of(PictureSchema)


class DisputeCaseSchema(QueuedDisputeSchema):
    """A dispute with everything there is to know of its order, the earliest first."""

    timeline = list_of(EventSchema)


class ShareSchema(Schema):
    """A share of a line: an employee's, or a store's."""

    employee = text(40, metadata=STAFF_NUMBER)
    store = text(40, metadata={"example": "S01"})
    share = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, WHOLE_BASIS_POINTS),
        metadata={"example": WHOLE_BASIS_POINTS, "description": "In basis points"},
    )


class LineDecision(Schema):
    """Who is credited with a disputed line from now on."""

    line = fields.Integer(required=True, strict=True, validate=validate.Range(1, 100_000))
    shares = list_of(
        ShareSchema,
        required=True,
        validate=validate.Length(0, 100),
        metadata={"description": "They sum to 10,000; none: nobody is credited"},
    )


class NewDecision(Schema):
    """What headquarters decides, and why."""

    outcome = fields.Enum(Outcome, by_value=True, required=True)
    reason = text(
        2_000,
        required=True,
        metadata={
            "example": "聊天记录显示顾客先联系了她。",
            "description": "All concerned read it",
        },
    )
    lines = list_of(
        LineDecision,
        load_default=list,
        validate=validate.Length(0, 2_000),
        metadata={"description": "Upheld: every disputed line; in part: some; denied: none"},
    )

    @validates_schema
    def _names_lines_once(self, given: dict[str, Any], **_: Any) -> None:
        lines = [each["line"] for each in given.get("lines", ())]
        if len(set(lines)) < len(lines):
            raise ValidationError("Name each line once.", "lines")


def decision_of(given: Mapping[str, Any]) -> Decision:
    """What was decided, as the domain takes it."""
    return Decision(
        outcome=given["outcome"],
        explanation=given["reason"],
        lines={
            line["line"]: [
                Share(share["share"], share.get("employee"), share.get("store"))
                for share in line["shares"]
            ]
            for line in given["lines"]
        },
    )


def show_queued(dispute: QueuedDispute, now: datetime) -> dict[str, Any]:
    """A dispute in the queue as its schema's document."""
    return {
        "id": dispute.public_id,
        "order": dispute.order,
        "order_number": dispute.order_number,
        "lines": dispute.lines,
        "opened_by": dispute.opened_by,
        "concerned": dispute.concerned,
        "answered": dispute.answered,
        "reason": dispute.reason,
        "state": dispute.state,
        "stage": dispute.stage_at(now),
        "opened_at": dispute.opened_at,
        "answer_due_at": dispute.answer_due_at,
        "decision_due_at": dispute.decision_due_at,
        "closed_at": dispute.closed_at,
        "outcome": dispute.outcome,
        "explanation": dispute.explanation or None,
        "decided_by": dispute.decided_by,
    }


def show_case(
    dispute: QueuedDispute, events: Sequence[Event], currency: str, now: datetime
) -> dict[str, Any]:
    """A dispute with its timeline as its schema's document."""
    timeline = [
        {
            "at": event.at,
            "kind": event.kind,
            "employee": event.employee,
            "lines": event.lines,
            "account": event.account,
            "amount": None if event.amount is None else money(event.amount, currency),
            "words": event.words,
            "pictures": [
                show_picture(each.public_id, each.width, each.height) for each in event.pictures
            ],
        }
        for event in events
    ]
    return {**show_queued(dispute, now), "timeline": timeline}


def show_counts(counts: Mapping[DisputeReason, Count], now: datetime) -> dict[str, Any]:
    """How many disputes there are as its schema's document."""
    total = Count()
    for count in counts.values():
        total.open += count.open
        total.past_due += count.past_due
        total.withdrawn += count.withdrawn
        for outcome, number in count.outcomes.items():
            total.outcomes[outcome] += number
    return {
        "as_of": now,
        "reasons": [{"reason": reason, **_show_count(count)} for reason, count in counts.items()],
        "total": _show_count(total),
    }


def _show_count(count: Count) -> dict[str, int]:
    return {
        "all": count.all,
        "open": count.open,
        "past_due": count.past_due,
        "withdrawn": count.withdrawn,
        **{outcome.value: number for outcome, number in count.outcomes.items()},
    }
