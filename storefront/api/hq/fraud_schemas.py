"""What headquarters sees of fraud cases and thresholds, and what it says to them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from storefront.api.languages import language_field
from storefront.api.schemas import MoneySchema, PageQuery, Schema, Time, list_of, money, text
from storefront.attribution.models import VersionState
from storefront.commissions.fraud_models import (
    CaseOutcome,
    CaseState,
    FraudPolicy,
    Signal,
)
from storefront.core.languages import Language
from storefront.fraud import words
from storefront.fraud.queue import ENOUGH, Occurrence, QueuedCase, RuleFigures
from storefront.fraud.rules import BOUNDS, Thresholds
from storefront.fraud.scan import LADDER
from storefront.staff.models import Role

CASE_ID = {"example": "frd_7kq3mnpqrstvwxyz"}
STAFF_NUMBER = {"example": "E0001"}
HEADQUARTERS = {"enum": [role.value for role in LADDER]}


class CasesQuery(PageQuery):
    """Which cases to list."""

    closed = fields.Boolean(load_default=False)
    rule = fields.Enum(Signal, by_value=True)
    employee = text(40, metadata=STAFF_NUMBER)
    for_role = fields.Enum(Role, by_value=True, metadata=HEADQUARTERS)
    language = language_field()


class CaseSchema(Schema):
    """What one rule found about one person."""

    id = fields.String(metadata=CASE_ID)
    rule = fields.Enum(Signal, by_value=True)
    rule_words = fields.String(metadata={"example": "同事之间成环互买"})
    employee = fields.String(metadata=STAFF_NUMBER)
    name = fields.String(metadata={"example": "林小雨"})
    state = fields.Enum(CaseState, by_value=True)
    occurrences = fields.Integer(metadata={"description": "Lines that it is about"})
    held = fields.Nested(MoneySchema, metadata={"description": "Kept from being paid out now"})
    opened_at = Time()
    last_found_at = Time()
    for_role = fields.Enum(Role, by_value=True, metadata={"description": "May answer, or higher"})
    escalates_at = Time(allow_none=True)
    outcome = fields.Enum(CaseOutcome, by_value=True, allow_none=True)
    takes_back = fields.Boolean()
    note = fields.String(allow_none=True)
    answered_by = fields.String(allow_none=True, metadata={"example": "F0001"})
    answered_at = Time(allow_none=True)
    approved_by = fields.String(allow_none=True, metadata={"example": "F0002"})
    closed_at = Time(allow_none=True)


class CasePage(Schema):
    """Some cases, the latest first."""

    items = list_of(CaseSchema)
    next = fields.String(allow_none=True)


class OccurrencesQuery(PageQuery):
    """Which page of a case's lines, in which language."""

    language = language_field()


class OccurrenceSchema(Schema):
    """A line that a case is about, and what the rule saw."""

    order = fields.String(metadata={"example": "ord_7kq3mnpqrstvwxyz"})
    order_number = fields.String()
    line = fields.Integer()
    name = fields.String()
    net = fields.Nested(MoneySchema)
    placed_at = Time()
    found_at = Time()
    words = fields.String()
    thresholds = fields.Integer(metadata={"description": "Version; 0: the defaults"})
    took_back = fields.Boolean()


class OccurrencePage(Schema):
    """Some lines of a case."""

    items = list_of(OccurrenceSchema)
    next = fields.String(allow_none=True)


class NewAnswer(Schema):
    """What headquarters found."""

    outcome = fields.Enum(CaseOutcome, by_value=True, required=True)
    note = text(2_000, required=True, metadata={"example": "是她姐姐下的单，已核实。"})
    takes_back = fields.Boolean(
        load_default=False,
        metadata={"description": "Credit nobody with these lines; only if confirmed"},
    )


class RangeSchema(Schema):
    """A share with its 95 % range, in basis points."""

    share = fields.Integer(metadata={"example": 2_000})
    low = fields.Integer(metadata={"example": 950})
    high = fields.Integer(metadata={"example": 3_730})


class RuleFiguresSchema(Schema):
    """How often a rule was right."""

    rule = fields.Enum(Signal, by_value=True)
    words = fields.String()
    open = fields.Integer()
    closed = fields.Integer()
    dismissed = fields.Integer()
    confirmed = fields.Integer()
    measures_taken = fields.Integer()
    dismissed_share = fields.Nested(
        RangeSchema,
        allow_none=True,
        metadata={"description": f"Dismissed ÷ closed; null under {ENOUGH} closed cases"},
    )


class RulesSchema(Schema):
    """How the rules fare."""

    as_of = Time()
    rules = list_of(RuleFiguresSchema)


class LanguageOnly(Schema):
    """In which language."""

    language = language_field()


def _thresholds() -> dict[str, fields.Field[Any]]:
    defaults = Thresholds()
    return {
        element: fields.Integer(
            strict=True,
            load_default=getattr(defaults, element),
            validate=validate.Range(*bounds),
            metadata={"example": getattr(defaults, element)},
        )
        for element, bounds in BOUNDS.items()
    }


class ThresholdsSchema(Schema.from_dict(_thresholds())):  # pyright: ignore
    """From where on each rule speaks up; docs/fraud-signals.md says what each is."""

    watched = list_of(
        fields.Enum(Signal, by_value=True),
        load_default=lambda: list(Signal),
        metadata={"description": "The rules that are on"},
    )


class NewThresholds(ThresholdsSchema):
    """A version to draft."""

    starts_at = Time(required=True)
    note = text(500, shortest=0, load_default="")


class ThresholdsVersion(Schema):
    """A version of the thresholds."""

    version = fields.Integer(metadata={"description": "0: the defaults"})
    state = fields.Enum(VersionState, by_value=True)
    starts_at = Time(allow_none=True)
    superseded_at = Time(allow_none=True)
    published_at = Time(allow_none=True)
    note = fields.String()
    thresholds = fields.Nested(ThresholdsSchema)


class ThresholdsPage(Schema):
    """Some versions, the latest first."""

    items = list_of(ThresholdsVersion)
    next = fields.String(allow_none=True)


def show_case(case: QueuedCase, currency: str, language: Language) -> dict[str, Any]:
    """A case as its schema's document."""
    return {
        "id": case.public_id,
        "rule": case.rule,
        "rule_words": words.RULES[case.rule][language],
        "employee": case.employee,
        "name": case.name,
        "state": case.state,
        "occurrences": case.occurrences,
        "held": money(case.held, currency),
        "opened_at": case.opened_at,
        "last_found_at": case.last_found_at,
        "for_role": case.for_role,
        "escalates_at": case.escalates_at,
        "outcome": case.outcome,
        "takes_back": case.takes_back,
        "note": case.note or None,
        "answered_by": case.answered_by,
        "answered_at": case.answered_at,
        "approved_by": case.approved_by,
        "closed_at": case.closed_at,
    }


def show_occurrence(
    found: Occurrence, rule: Signal, currency: str, language: Language
) -> dict[str, Any]:
    """A line of a case as its schema's document."""
    return {
        "order": found.order,
        "order_number": found.order_number,
        "line": found.line,
        "name": found.name_zh if language == "zh" else found.name_en,
        "net": money(found.net, currency),
        "placed_at": found.placed_at,
        "found_at": found.found_at,
        "words": words.of_evidence(rule, found.evidence, language),
        "thresholds": found.policy_version,
        "took_back": found.took_back,
    }


def show_figures(figures: RuleFigures, language: Language) -> dict[str, Any]:
    """How a rule fares as its schema's document."""
    share = figures.dismissed_share
    return {
        "rule": figures.rule,
        "words": words.RULES[figures.rule][language],
        "open": figures.open,
        "closed": figures.closed,
        "dismissed": figures.dismissed,
        "confirmed": figures.confirmed,
        "measures_taken": figures.measures,
        "dismissed_share": dict(zip(("share", "low", "high"), share, strict=True))
        if share
        else None,
    }


def show_thresholds(policy: FraudPolicy) -> dict[str, Any]:
    """A version as its schema's document."""
    return {
        "version": policy.version,
        "state": policy.state,
        "starts_at": policy.starts_at,
        "superseded_at": policy.superseded_at,
        "published_at": policy.published_at,
        "note": policy.note,
        "thresholds": _document(Thresholds.from_document(policy.rules)),
    }


def show_in_force(version: int, thresholds: Thresholds) -> dict[str, Any]:
    """The defaults, while nobody has published any version."""
    return {
        "version": version,
        "state": VersionState.PUBLISHED,
        "starts_at": None,
        "superseded_at": None,
        "published_at": None,
        "note": "",
        "thresholds": _document(thresholds),
    }


def _document(thresholds: Thresholds) -> dict[str, Any]:
    watched = [Signal(each) for each in thresholds.watched]
    return {**thresholds.as_document(), "watched": watched}


def thresholds_of(given: dict[str, Any]) -> Thresholds:
    """What is to be drafted, as the domain takes it."""
    watched = [signal.value for signal in given["watched"]]
    return Thresholds.from_document({**given, "watched": watched})
