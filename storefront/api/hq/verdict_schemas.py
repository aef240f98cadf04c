"""Who earns on an order, with everything that was known about it, as headquarters reads it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from marshmallow import fields

from storefront.api.schemas import Schema, Time, list_of
from storefront.attribution import words
from storefront.attribution.rules import Claim, Evidence, Reason
from storefront.attribution.words import Case
from storefront.core.languages import Language

STAFF_NUMBER = {"example": "E0001"}


class ClaimSchema(Schema):
    """One employee's claim, and what became of it."""

    employee = fields.String(
        allow_none=True, metadata=STAFF_NUMBER | {"description": "Null: the store itself"}
    )
    share = fields.Integer(metadata={"example": 10_000, "description": "Basis points; 0: lost"})
    reason = fields.Enum(Reason, by_value=True)
    source = fields.String(metadata={"example": "touch"})
    kind = fields.String(metadata={"example": "link"})
    at = Time()


class RulingSchema(Schema):
    """What holds for some lines of the order."""

    lines = fields.List(fields.Integer(), metadata={"example": [1, 2]})
    reason = fields.Enum(Reason, by_value=True)
    winners = list_of(ClaimSchema)
    losers = list_of(ClaimSchema)


class TouchSchema(Schema):
    """One meeting of the customer with an employee."""

    employee = fields.String(metadata=STAFF_NUMBER)
    at = Time()
    kind = fields.String(metadata={"example": "link"})
    channel = fields.String(metadata={"example": "wechat"})
    counts = fields.Boolean()
    uncounted = fields.String(
        allow_none=True, metadata={"example": "crawler", "description": "Why it does not count"}
    )


class TieSchema(Schema):
    """Whose the customer was."""

    employee = fields.String(metadata=STAFF_NUMBER)
    since = Time()
    how = fields.String(metadata={"example": "first_order"})
    protected_until = Time(allow_none=True)


class TillClaimSchema(Schema):
    """Whom the till named on a line."""

    line = fields.Integer()
    employee = fields.String(metadata=STAFF_NUMBER)
    share = fields.Integer(metadata={"example": 10_000})


class LeaverSchema(Schema):
    """Somebody who had left when the order was placed."""

    employee = fields.String(metadata=STAFF_NUMBER)
    left_at = Time()
    successor = fields.String(allow_none=True, metadata={"example": "E0002"})


class EvidenceSchema(Schema):
    """All that was known when the order was placed."""

    touches = list_of(TouchSchema)
    tie = fields.Nested(TieSchema, allow_none=True)
    till = list_of(TillClaimSchema)
    leavers = list_of(LeaverSchema)
    buyers = fields.List(
        fields.String(),
        metadata={"example": ["E0001"], "description": "Employees whom the buyer is known to be"},
    )


class VerdictSchema(Schema):
    """Who earns on the order, who does not, and why."""

    reason = fields.Enum(Reason, by_value=True)
    policy_version = fields.Integer()
    at = Time()
    words = list_of(fields.String())
    rulings = list_of(RulingSchema)
    evidence = fields.Nested(EvidenceSchema)


def show_verdict(
    judged: Case | None, at: datetime | None, language: Language, time_zone: str
) -> dict[str, Any] | None:
    """A verdict as its schema's document; None as long as there is none."""
    if judged is None:
        return None
    return {
        "reason": judged.verdict.reason,
        "policy_version": judged.policy_version,
        "at": at,
        "words": words.for_headquarters(judged, language, time_zone),
        "rulings": [
            {
                "lines": ruling.positions,
                "reason": ruling.reason,
                "winners": _claims(ruling.winners),
                "losers": _claims(ruling.losers),
            }
            for ruling in judged.verdict.rulings
        ],
        "evidence": show_evidence(judged.evidence),
    }


def _claims(claims: Iterable[Claim]) -> list[dict[str, Any]]:
    return [
        {
            "employee": claim.number or None,
            "share": claim.share,
            "reason": claim.reason,
            "source": claim.source,
            "kind": claim.kind,
            "at": claim.at,
        }
        for claim in claims
    ]


def show_evidence(evidence: Evidence) -> dict[str, Any]:
    """What was frozen on an order, with staff numbers."""
    numbers = {employee_id: person.number for employee_id, person in evidence.people.items()}
    tie = evidence.tie
    return {
        "touches": [
            {
                "employee": numbers[touch.employee_id],
                "at": touch.at,
                "kind": touch.kind,
                "channel": touch.channel,
                "counts": touch.counts,
                "uncounted": None if touch.counts else touch.uncounted,
            }
            for touch in evidence.touches
        ],
        "tie": tie
        and {
            "employee": numbers[tie.employee_id],
            "since": tie.since,
            "how": tie.how,
            "protected_until": tie.protected_until,
        },
        "till": [
            {
                "line": claim.position,
                "employee": numbers[claim.employee_id],
                "share": claim.share,
            }
            for claim in evidence.claims
        ],
        "leavers": [
            {
                "employee": person.number,
                "left_at": person.left_at,
                "successor": numbers.get(person.successor_id or 0),
            }
            for person in evidence.people.values()
            if person.left_at
        ],
        "buyers": [numbers[buyer] for buyer in sorted(evidence.buyers) if buyer in numbers],
    }
