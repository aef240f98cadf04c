"""A statement's paper, put together from what its close claimed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions import proof
from storefront.commissions.models import Accrual, TransactionKind
from storefront.commissions.questions import reference_of
from storefront.commissions.rule_words import MADE_OF, Made, made, say_about, say_extras
from storefront.commissions.settlement_words import explain
from storefront.commissions.settlements import said_settlements
from storefront.commissions.statement_lines import LineKind, LineState, StatementLine, lines_of
from storefront.commissions.statement_models import Statement
from storefront.core.clock import local_day
from storefront.core.database import db
from storefront.core.languages import Language, say_moment, say_share
from storefront.core.money import format_amount
from storefront.core.settings import Settings, settings
from storefront.insights.papers.paper import Figures, Movement, Paper, Person, Sale, Standing

_accruals = cast(sa.Table, Accrual.__table__)

_Words = Mapping[Language, str]
_Tell = Callable[[StatementLine], str]

_STATES: dict[LineState, _Words] = {
    LineState.HELD: {"zh": "待结算", "en": "held"},
    LineState.DUE: {"zh": "应付", "en": "due"},
    LineState.REVERSED: {"zh": "已全部冲回", "en": "all taken back"},
    LineState.PAID: {"zh": "已发放", "en": "paid"},
    LineState.RETURNED: {"zh": "退回", "en": "returned"},
}
_FELL_DUE: _Words = {"zh": "{state}，{day} 到期", "en": "{state}, since {day}"}
_CHANGES: dict[TransactionKind, _Words] = {
    TransactionKind.REVERSAL: {
        "zh": "有退货或取消，按比例冲回",
        "en": "Goods came back or were cancelled: taken back in proportion",
    },
    TransactionKind.REATTRIBUTION: {
        "zh": "总部改判归属，收回原佣金",
        "en": "Headquarters decided that others earned it: taken back",
    },
}
_RULE: _Words = {
    "zh": "方案第 {version} 版第 {position} 条（{about}）",
    "en": "Plan version {version}, rule {position} ({about})",
}
_NO_RULE: _Words = {"zh": "没有适用的规则", "en": "No rule matched"}
_PER_UNIT: _Words = {"zh": "{amount}/件", "en": "{amount} each"}
_SERVICE: _Words = {
    "zh": "订单 {order} 在门店交付：{state}",
    "en": "Order {order} handed over at the store: {state}",
}
_ADJUSTMENT: _Words = {"zh": "{kind}：{reason}（{id}）", "en": "{kind}: {reason} ({id})"}
_KINDS: dict[str, _Words] = {
    "bonus": {"zh": "奖励", "en": "Bonus"},
    "service": {"zh": "服务", "en": "Service"},
    "correction": {"zh": "更正", "en": "Correction"},
    "goodwill": {"zh": "补偿", "en": "Goodwill"},
    "recovery": {"zh": "追回", "en": "Recovery"},
}
_PAYOUT: dict[bool, _Words] = {
    True: {"zh": "随工资发放（{id}）", "en": "Paid out ({id})"},
    False: {"zh": "发放被退回（{id}）", "en": "The payout came back ({id})"},
}
_REVOKED: _Words = {"zh": "已于 {at} 作废：{reason}", "en": "revoked on {at}: {reason}"}
_REPLACED: _Words = {"zh": "；另有新的对账单代替它", "en": "; another statement replaces it"}


def paper_of(statement: Statement, language: Language) -> Paper:
    """What a statement says, in this language. A dozen queries, however long it is."""
    chosen, lines = settings(), lines_of(statement)
    zh = language == "zh"
    words = _Speaker(language, chosen, lines)
    return Paper(
        language=language,
        chain=chosen.chain_name_zh if zh else chosen.chain_name_en,
        time_zone=chosen.chain_time_zone,
        currency=statement.currency,
        code=statement.code,
        verify_url=verify_url(statement.code),
        person=Person(
            name=statement.employee_name,
            number=statement.employee_number,
            store=" ".join(
                (
                    statement.store_name_zh if zh else statement.store_name_en,
                    statement.store_code,
                )
            ),
            company=statement.company,
        ),
        period=statement.period.name,
        starts_at=statement.period.starts_at,
        ends_at=statement.period.ends_at,
        issued_at=statement.issued_at,
        plan_versions=tuple(statement.plan_versions),
        standing=_standing(statement, language, chosen),
        figures=Figures(**{name: getattr(statement, name) for name in proof.FIGURES}),
        sales=tuple(words.sale(line) for line in lines if line.kind is LineKind.SALE),
        services=words.movements(LineKind.SERVICE, words.service),
        adjustments=words.movements(LineKind.ADJUSTMENT, words.adjustment),
        settlements=words.movements(LineKind.SETTLEMENT, words.settlement),
        payouts=words.movements(LineKind.PAYOUT, words.payout),
    )


def verify_url(code: str) -> str:
    """Where anybody sees whether the statement with this code is genuine."""
    return f"{settings().public_base_url}/verify/{code}"


def _standing(statement: Statement, language: Language, chosen: Settings) -> Standing:
    if statement.revoked_at is None:
        return Standing()
    at = say_moment(statement.revoked_at, chosen.chain_time_zone, language)
    words = _REVOKED[language].format(at=at, reason=statement.revoked_reason)
    return Standing(words + (_REPLACED[language] if statement.replaced_by_id else ""))


class _Speaker:
    """Says the lines of one statement in one language."""

    def __init__(
        self, language: Language, chosen: Settings, lines: Sequence[StatementLine]
    ) -> None:
        self._language: Language = language
        self._currency = chosen.chain_currency
        self._zone = chosen.chain_time_zone
        self._lines = lines
        self._made = _made([line.number for line in lines if line.kind is LineKind.SALE])
        self._settled = said_settlements(
            [line.number for line in lines if line.kind is LineKind.SETTLEMENT]
        )

    def sale(self, line: StatementLine) -> Sale:
        """A sale with what was taken back of it in the period."""
        earned = [each for each in line.movements if each.kind is TransactionKind.ACCRUAL]
        return Sale(
            order=line.order_number,
            line=line.position,
            goods=line.name_zh if self._language == "zh" else line.name_en,
            placed_at=line.at,
            base=line.base,
            rule=self._rule(line),
            rate=self._rate(line),
            amount=sum(each.amount for each in earned) if earned else None,
            state=self._state(line),
            changes=tuple(
                Movement(each.at, _CHANGES[each.kind][self._language], each.amount)
                for each in line.movements
                if each.kind in _CHANGES
            ),
        )

    def movements(self, kind: LineKind, tell: _Tell) -> tuple[Movement, ...]:
        """The lines of one kind, told by one of the methods below."""
        return tuple(
            Movement(line.at, tell(line), line.amount, reference_of(line))
            for line in self._lines
            if line.kind is kind
        )

    def service(self, line: StatementLine) -> str:
        """A bonus for service."""
        return _SERVICE[self._language].format(order=line.order_number, state=self._state(line))

    def adjustment(self, line: StatementLine) -> str:
        """What headquarters added or took off, and why."""
        kind = _KINDS[line.adjustment_kind or "correction"][self._language]
        return _ADJUSTMENT[self._language].format(kind=kind, reason=line.reason, id=line.adjustment)

    def settlement(self, line: StatementLine) -> str:
        """What a month as a whole came to."""
        sentences = explain(self._settled[line.number], self._currency, self._language)
        return ("" if self._language == "zh" else " ").join(sentences)

    def payout(self, line: StatementLine) -> str:
        """Money that went out, or came back."""
        return _PAYOUT[line.amount <= 0][self._language].format(id=line.payout)

    def _rule(self, line: StatementLine) -> str:
        if line.rule is None:
            return _NO_RULE[self._language]
        rule = _RULE[self._language].format(
            version=line.rule.version,
            position=line.rule.position,
            about=say_about(line.rule, self._language),
        )
        extras = say_extras(self._made[line.number], self._currency, self._language)
        stop = "。" if self._language == "zh" else ". "
        return rule + (stop + " ".join(extras) if extras else "")

    def _rate(self, line: StatementLine) -> str:
        rule = line.rule
        if rule is None or rule.per_unit is None:
            return say_share(line.rate)
        amount = format_amount(rule.per_unit, self._currency)
        return _PER_UNIT[self._language].format(amount=amount)

    def _state(self, line: StatementLine) -> str:
        """Where it stood at the period's end, and since when if it fell due within the period."""
        state = _STATES[line.state][self._language]
        released = [each.at for each in line.movements if each.kind is TransactionKind.RELEASE]
        if line.state is not LineState.DUE or not released:
            return state
        day = local_day(released[-1], self._zone).isoformat()
        return _FELL_DUE[self._language].format(state=state, day=day)


def _made(accrual_ids: Sequence[int]) -> dict[int, Made]:
    """What made up these accruals, by row number."""
    rows: Sequence[sa.Row[*tuple[Any, ...]]] = db.session.execute(
        sa.select(_accruals.c.id, *MADE_OF).where(_accruals.c.id.in_(accrual_ids))
    ).all()
    return {row.id: each for row, each in zip(rows, made(rows), strict=True)}
