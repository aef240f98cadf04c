"""What sellers see of their earnings."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields

from storefront.api.figures import TotalsSchema
from storefront.api.languages import language_field
from storefront.api.periods import PeriodQuery, PeriodSchema
from storefront.api.schemas import MoneySchema, PageQuery, Schema, Time, list_of, money
from storefront.attribution import words as attribution_words
from storefront.attribution.rules import Reason
from storefront.commissions import words as commission_words
from storefront.commissions.models import Account, TransactionKind
from storefront.commissions.rule_words import say_made, say_pay
from storefront.commissions.settlement_words import explain
from storefront.core.languages import Language
from storefront.core.phones import masked
from storefront.insights.credited import CreditedLine, CreditedOrder, EarningState
from storefront.insights.earnings import OWN_ACCOUNTS, Balance, Entry
from storefront.insights.links import LinkFigures
from storefront.orders.models import OrderState
from storefront.sharing.models import Channel

BASIS_POINTS = {"example": 500, "description": "In basis points"}


class BalanceSchema(Schema):
    """Where my commission stands: what I earned is its parts' sum, less the debt."""

    held = fields.Nested(MoneySchema, metadata={"description": "Until the return window is over"})
    payable = fields.Nested(MoneySchema, metadata={"description": "Due, in no payout yet"})
    disputed = fields.Nested(
        MoneySchema, metadata={"description": "Due, held until a dispute or a check is over"}
    )
    in_payout = fields.Nested(MoneySchema, metadata={"description": "In a payout being prepared"})
    paid = fields.Nested(MoneySchema)
    debt = fields.Nested(
        MoneySchema,
        metadata={
            "description": "Paid out for what came back or was decided against me;"
            " what falls due next covers it"
        },
    )
    as_of = Time()


def _is_own(account: Account) -> None:
    if account not in OWN_ACCOUNTS:
        raise ValidationError("This account is the chain's.")


class EntriesQuery(PageQuery):
    """Which entries to list."""

    account = fields.Enum(
        Account,
        by_value=True,
        validate=_is_own,
        metadata={"enum": [account.value for account in OWN_ACCOUNTS]},
    )
    language = language_field()


class EntrySchema(Schema):
    """One movement on one of my accounts."""

    at = Time()
    kind = fields.Enum(TransactionKind, by_value=True)
    account = fields.Enum(Account, by_value=True)
    account_name = fields.String(metadata={"example": "待结算"})
    amount = fields.Nested(MoneySchema)
    words = fields.String(metadata={"description": "What it is, in a sentence"})
    order = fields.String(allow_none=True, metadata={"example": "ord_7kq3mnpqrstvwxyz"})
    order_number = fields.String(allow_none=True)
    line = fields.Integer(allow_none=True)
    rate = fields.Integer(allow_none=True, metadata=BASIS_POINTS)
    payout = fields.String(allow_none=True, metadata={"example": "pyt_7kq3mnpqrstvwxyz"})


class EntryPage(Schema):
    """Some entries, the latest first."""

    items = list_of(EntrySchema)
    next = fields.String(allow_none=True)


class OrdersQuery(PageQuery):
    """Which page of orders, in which language."""

    language = language_field()


class CreditedLineSchema(Schema):
    """My share of a line, and my commission on it."""

    line = fields.Integer(metadata={"description": "Its number within the order"})
    name = fields.String()
    quantity = fields.Integer()
    returned_quantity = fields.Integer()
    share = fields.Integer(metadata={"example": 10_000, "description": "In basis points"})
    base = fields.Nested(MoneySchema, metadata={"description": "My share of what was paid for it"})
    rate = fields.Integer(metadata=BASIS_POINTS)
    amount = fields.Nested(MoneySchema)
    reversed = fields.Nested(MoneySchema)
    state = fields.Enum(EarningState, by_value=True)
    due_at = Time(allow_none=True)


class OwnVerdictSchema(Schema):
    """Why the order is mine."""

    reason = fields.Enum(Reason, by_value=True)
    policy_version = fields.Integer()
    words = list_of(fields.String())


class CreditedOrderSchema(Schema):
    """An order that earned me something."""

    id = fields.String(metadata={"example": "ord_7kq3mnpqrstvwxyz"})
    number = fields.String()
    state = fields.Enum(OrderState, by_value=True)
    customer_phone = fields.String(metadata={"example": "138****8000"})
    placed_at = Time()
    paid_at = Time(allow_none=True)
    handed_over_at = Time(allow_none=True)
    cancelled_at = Time(allow_none=True)
    sales = fields.Nested(MoneySchema, metadata={"description": "My share of the goods' price"})
    commission = fields.Nested(MoneySchema, metadata={"description": "Accrued less reversed"})
    verdict = fields.Nested(OwnVerdictSchema)
    lines = list_of(CreditedLineSchema)


class CreditedOrderPage(Schema):
    """Some orders credited to me, the latest first."""

    items = list_of(CreditedOrderSchema)
    next = fields.String(allow_none=True)


class LinkFiguresQuery(PageQuery, PeriodQuery):
    """Which page of links, over which days."""


class LinkFiguresSchema(Schema):
    """What came of one of my links."""

    link = fields.String(metadata={"example": "lnk_7kq3mnpqrstvwxyz"})
    code = fields.String()
    channel = fields.Enum(Channel, by_value=True)
    label = fields.String()
    revoked_at = Time(allow_none=True)
    visits = fields.Integer(metadata={"description": "Those that count"})
    uncounted = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"example": {"crawler": 3}, "description": "The others, by why they don't"},
    )
    orders = fields.Integer(metadata={"description": "Credited to me because of this link"})
    sales = fields.Nested(MoneySchema)
    commission = fields.Nested(MoneySchema)


class LinkFiguresPage(Schema):
    """Some of my links, the latest first."""

    items = list_of(LinkFiguresSchema)
    next = fields.String(allow_none=True)


class OwnTotalsSchema(Schema):
    """My figures of a period."""

    period = fields.Nested(PeriodSchema)
    as_of = Time()
    totals = fields.Nested(TotalsSchema)


def show_balance(balance: Balance, currency: str) -> dict[str, Any]:
    """A balance as its schema's document."""
    return {
        name: money(getattr(balance, name), currency)
        for name in ("held", "payable", "disputed", "in_payout", "paid", "debt")
    }


def show_entry(entry: Entry, language: Language) -> dict[str, Any]:
    """An entry as its schema's document."""
    about = commission_words.About(
        order=entry.order_number or "",
        line=entry.line or 0,
        goods=(entry.name_zh if language == "zh" else entry.name_en) or "",
        rate=entry.rate or 0,
        pay=_pay(entry, language),
        is_service=entry.is_service,
        why=_why(entry, language),
        payout=entry.payout or "",
    )
    return {
        "at": entry.at,
        "kind": entry.kind,
        "account": entry.account,
        "account_name": commission_words.of_account(entry.account, language),
        "amount": money(entry.amount, entry.currency),
        "words": commission_words.of_entry(entry.kind, entry.account, about, language),
        "order": entry.order,
        "order_number": entry.order_number,
        "line": entry.line,
        "rate": entry.rate,
        "payout": entry.payout,
    }


def _why(entry: Entry, language: Language) -> str:
    if entry.settlement:
        sentences = explain(entry.settlement, entry.currency, language)
        return ("" if language == "zh" else " ").join(sentences)
    if entry.reason:
        return entry.reason
    if entry.kind is not TransactionKind.ACCRUAL or entry.made is None:
        return ""
    return say_made(entry.made, entry.currency, language)


def _pay(entry: Entry, language: Language) -> str:
    rule = entry.made.rule if entry.made else None
    return say_pay(rule, entry.currency, language) if rule else ""


def show_credited(
    order: CreditedOrder, employee_id: int, language: Language, time_zone: str
) -> dict[str, Any]:
    """An order credited to an employee as its schema's document."""
    case = attribution_words.Case(order.verdict, order.evidence, order.policy, order.policy_version)
    return {
        "id": order.public_id,
        "number": order.number,
        "state": order.state,
        "customer_phone": masked(order.phone),
        "placed_at": order.placed_at,
        "paid_at": order.paid_at,
        "handed_over_at": order.handed_over_at,
        "cancelled_at": order.cancelled_at,
        "sales": money(order.sales, order.currency),
        "commission": money(order.commission, order.currency),
        "verdict": {
            "reason": order.verdict.reason,
            "policy_version": order.policy_version,
            "words": attribution_words.for_employee(case, employee_id, language, time_zone),
        },
        "lines": [_show_line(line, order.currency, language) for line in order.lines],
    }


def _show_line(line: CreditedLine, currency: str, language: Language) -> dict[str, Any]:
    return {
        "line": line.position,
        "name": line.name_zh if language == "zh" else line.name_en,
        "quantity": line.quantity,
        "returned_quantity": line.returned_quantity,
        "share": line.share,
        "base": money(line.base, currency),
        "rate": line.rate,
        "amount": money(line.amount, currency),
        "reversed": money(line.reversed, currency),
        "state": line.state,
        "due_at": line.due_at,
    }


def show_link_figures(figures: LinkFigures, currency: str) -> dict[str, Any]:
    """What came of a link as its schema's document."""
    link, sold = figures.link, figures.sold
    return {
        "link": link.public_id,
        "code": link.code,
        "channel": link.channel,
        "label": link.label,
        "revoked_at": link.revoked_at,
        "visits": figures.visits.counted,
        "uncounted": {why.value: count for why, count in figures.visits.uncounted.items()},
        "orders": sold.orders,
        "sales": money(sold.sales, currency),
        "commission": money(sold.commission, currency),
    }
