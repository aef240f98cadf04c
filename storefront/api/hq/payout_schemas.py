"""Payout batches as headquarters sees them."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields, validate

from storefront.api.schemas import MoneySchema, Schema, Time, list_of, money, text
from storefront.commissions.models import BatchState, PayoutState
from storefront.commissions.payout_models import LeftOut
from storefront.insights import batches
from storefront.insights.batches import ShownBatch, ShownExclusion, ShownPayout


class NewBatch(Schema):
    """Up to when commission is paid."""

    cutoff = fields.Date(
        required=True,
        validate=validate.Range(date(2000, 1, 1), date(2100, 1, 1)),
        metadata={"example": "2026-04-01", "description": "All that fell due before this day"},
    )


class Removal(Schema):
    """Why somebody is taken out of a batch."""

    note = text(500, required=True, metadata={"example": "Bank details in question."})


class StateCountSchema(Schema):
    """How many payouts stand there."""

    state = fields.Enum(PayoutState, by_value=True)
    payouts = fields.Integer()


class BatchSchema(Schema):
    """A payout batch."""

    id = fields.String(metadata={"example": "bat_7kq3mnpqrstvwxyz"})
    cutoff_at = Time()
    state = fields.Enum(BatchState, by_value=True)
    payees = fields.Integer()
    total = fields.Nested(MoneySchema)
    minimum = fields.Nested(
        MoneySchema, metadata={"description": "Who is owed less waits for a later batch"}
    )
    states = list_of(StateCountSchema)
    created_at = Time()
    created_by = fields.String(allow_none=True, metadata={"example": "F0001"})
    changed_at = Time(allow_none=True)
    changed_by = fields.String(allow_none=True, metadata={"example": "F0001"})
    approvals_needed = fields.Integer()
    approvals = list_of(
        fields.String(allow_none=True, metadata={"example": "F0002"}),
        metadata={"description": "Whose approvals stand; null: the program itself"},
    )
    approved_at = Time(allow_none=True)
    approved_by = fields.String(allow_none=True, metadata={"example": "F0002"})
    submitted_at = Time(allow_none=True)
    submitted_by = fields.String(allow_none=True, metadata={"example": "F0001"})
    provider = fields.String(metadata={"description": "Empty: not submitted to anybody"})
    paid_at = Time(allow_none=True)
    discarded_at = Time(allow_none=True)


class BatchPage(Schema):
    """Some batches, the latest first."""

    items = list_of(BatchSchema)
    next = fields.String(allow_none=True)


class PayoutSchema(Schema):
    """One employee's part of a batch."""

    id = fields.String(metadata={"example": "pyt_7kq3mnpqrstvwxyz"})
    employee = fields.String(metadata={"example": "E0001"})
    name = fields.String(metadata={"example": "林小雨"})
    store = fields.String(metadata={"example": "S01"})
    amount = fields.Nested(MoneySchema)
    state = fields.Enum(PayoutState, by_value=True)
    sent_at = Time(allow_none=True)
    answered_at = Time(allow_none=True)
    answer = fields.String(metadata={"description": "What the bank said"})


class PayoutPage(Schema):
    """Some payouts of a batch."""

    items = list_of(PayoutSchema)
    next = fields.String(allow_none=True)


class LeftOutSchema(Schema):
    """Somebody whom a batch left out; what they are owed waits for a later one."""

    employee = fields.String(metadata={"example": "E0001"})
    name = fields.String(metadata={"example": "林小雨"})
    store = fields.String(metadata={"example": "S01"})
    reason = fields.Enum(LeftOut, by_value=True)
    amount = fields.Nested(MoneySchema, metadata={"description": "Below zero: a debt"})
    note = fields.String()


class LeftOutPage(Schema):
    """Some of those whom a batch left out."""

    items = list_of(LeftOutSchema)
    next = fields.String(allow_none=True)


def show_batch(shown: ShownBatch) -> dict[str, Any]:
    """A batch for `BatchSchema`."""
    batch = shown.batch
    states = batches.states_of(batch.id)
    return {
        "id": batch.public_id,
        "cutoff_at": batch.cutoff_at,
        "state": batch.state,
        "payees": batch.payees,
        "total": money(batch.total, batch.currency),
        "minimum": money(batch.minimum, batch.currency),
        "states": [{"state": state, "payouts": count} for state, count in states.items()],
        "created_at": batch.created_at,
        "created_by": shown.created_by,
        "changed_at": batch.changed_at,
        "changed_by": shown.changed_by,
        "approvals_needed": batch.approvals_needed,
        "approvals": batches.approvers_of(batch.id),
        "approved_at": batch.approved_at,
        "approved_by": shown.approved_by,
        "submitted_at": batch.submitted_at,
        "submitted_by": shown.submitted_by,
        "provider": batch.provider,
        "paid_at": batch.paid_at,
        "discarded_at": batch.discarded_at,
    }


def show_payout(payout: ShownPayout, currency: str) -> dict[str, Any]:
    """A payout for `PayoutSchema`."""
    return {
        "id": payout.public_id,
        "employee": payout.number,
        "name": payout.name,
        "store": payout.store_code,
        "amount": money(payout.amount, currency),
        "state": payout.state,
        "sent_at": payout.sent_at,
        "answered_at": payout.answered_at,
        "answer": payout.answer,
    }


def show_left_out(shown: ShownExclusion, currency: str) -> dict[str, Any]:
    """Somebody left out, for `LeftOutSchema`."""
    return {
        "employee": shown.number,
        "name": shown.name,
        "store": shown.store_code,
        "reason": shown.reason,
        "amount": money(shown.amount, currency),
        "note": shown.note,
    }
