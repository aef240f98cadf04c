"""What is kept back from me, and why, in words."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from storefront.api import described
from storefront.api.languages import language_field, spoken
from storefront.api.pagination import key_of, page
from storefront.api.schemas import MoneySchema, PageQuery, Schema, list_of, money
from storefront.api.seller import guard
from storefront.commissions import hold_words
from storefront.core import clock
from storefront.core.languages import Language
from storefront.core.settings import settings
from storefront.insights import held
from storefront.insights.held import OwnHeld

blueprint = guard.blueprint(
    "seller_held", "earnings/held", "What is kept back from me, and what ends it"
)


class HeldQuery(PageQuery):
    """Which page, in which language."""

    language = language_field()


class HeldSchema(Schema):
    """Commission on a line that is kept back."""

    order = fields.String(metadata={"example": "ord_7kq3mnpqrstvwxyz"})
    order_number = fields.String()
    line = fields.Integer()
    name = fields.String()
    amount = fields.Nested(MoneySchema)
    words = list_of(
        fields.String(metadata={"example": "顾客尚未收到商品；交付后退货期才开始。"}),
        metadata={"description": "Why, and what ends it; one sentence for each reason"},
    )


class HeldPage(Schema):
    """Some of what is kept back, the latest first."""

    items = list_of(HeldSchema)
    next = fields.String(allow_none=True)


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(HeldQuery, location="query")
@blueprint.response(200, HeldPage)
def read_held(query: dict[str, Any]) -> dict[str, Any]:
    """List my commission that cannot be paid out yet, with the reasons."""
    limit, language = query["limit"], spoken(query)
    found = held.own(guard.employee_id(), key_of(query.get("after")), limit + 1)
    return page(found, limit, lambda each: each.accrual_id, lambda each: _show(each, language))


def _show(found: OwnHeld, language: Language) -> dict[str, Any]:
    chosen = settings()
    words = [hold_words.of_hold(kind, language) for kind in dict.fromkeys(found.kinds)]
    if found.in_window(clock.now()):
        window = hold_words.of_window(found.due_at, chosen.chain_time_zone, language)
        words.insert(0, window)
    return {
        "order": found.order,
        "order_number": found.order_number,
        "line": found.line,
        "name": found.name_zh if language == "zh" else found.name_en,
        "amount": money(found.amount, chosen.chain_currency),
        "words": words,
    }
