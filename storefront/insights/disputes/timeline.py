"""A disputed order from the first meeting to the decision: all there is to know, in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution import words as verdict_words
from storefront.attribution.disputes.models import Dispute, DisputeLine, DisputeState
from storefront.attribution.disputes.words import OUTCOMES, REASONS
from storefront.attribution.models import AttributionPolicy, Verdict
from storefront.attribution.rules import Evidence, Policy
from storefront.attribution.rules import Verdict as Judgement
from storefront.attribution.wording import CHANNELS, MEETINGS_IN_SHORT
from storefront.commissions.models import (
    Account,
    Accrual,
    CommissionHold,
    HoldKind,
    LedgerEntry,
    LedgerTransaction,
)
from storefront.core.database import db
from storefront.core.languages import Language, say_share
from storefront.insights.disputes.statements import Shown, Statement, statements_of
from storefront.insights.disputes.wording import (
    ACCOUNTS,
    COUNTS,
    DEEDS,
    SENTENCES,
    UNKNOWN,
    EventKind,
)
from storefront.orders.models import Order, OrderLine, Return, ReturnLine
from storefront.staff.models import Employee

_accruals = cast(sa.Table, Accrual.__table__)
_disputed = cast(sa.Table, DisputeLine.__table__)
_employees = cast(sa.Table, Employee.__table__)
_entries = cast(sa.Table, LedgerEntry.__table__)
_holds = cast(sa.Table, CommissionHold.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_policies = cast(sa.Table, AttributionPolicy.__table__)
_return_lines = cast(sa.Table, ReturnLine.__table__)
_returns = cast(sa.Table, Return.__table__)
_transactions = cast(sa.Table, LedgerTransaction.__table__)
_verdicts = cast(sa.Table, Verdict.__table__)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, with the sentence that says it."""

    at: datetime
    kind: EventKind
    words: str
    employee: str | None = None
    """The staff number of whom it is about, or who did it."""
    lines: tuple[int, ...] = ()
    account: Account | None = None
    amount: int | None = None
    pictures: Sequence[Shown] = ()


@dataclass(frozen=True, slots=True)
class _About:
    """What an event is about; what it has no part in stays empty."""

    who: str | None = None
    lines: tuple[int, ...] = ()
    account: Account | None = None
    amount: int | None = None
    pictures: Sequence[Shown] = ()


_ORDER = {kind: place for place, kind in enumerate(EventKind)}


def timeline_of(dispute_public_id: str, language: Language, time_zone: str) -> list[Event]:
    """Everything about a dispute's order, the earliest first; what is simultaneous, by its cause.

    Ledger entries and holds are those of the disputed lines.
    """
    dispute = db.session.scalars(
        sa.select(Dispute).where(Dispute.public_id == dispute_public_id)
    ).one()
    order = db.session.get_one(Order, dispute.order_id, populate_existing=True)
    teller = _Teller(dispute, order, language, time_zone)
    events = [
        *teller.met(),
        *teller.milestones(),
        *teller.returned(),
        *teller.judged(),
        *teller.booked(),
        *teller.held(),
        *teller.said(),
        *teller.ended(),
    ]
    return sorted(events, key=lambda event: (event.at, _ORDER[event.kind]))


class _Teller:
    """Reads one case and tells it."""

    def __init__(self, dispute: Dispute, order: Order, language: Language, time_zone: str) -> None:
        self._dispute = dispute
        self._order = order
        self._language: Language = language
        self._time_zone = time_zone
        self._evidence = Evidence.from_document(order.evidence)

    def met(self) -> Iterator[Event]:
        """The evidence: whose the customer was, every touch, and what a till claimed."""
        evidence, people = self._evidence, self._evidence.people
        if evidence.tie:
            number = people[evidence.tie.employee_id].number
            yield self._event(evidence.tie.since, EventKind.TIE, _About(number))
        for touch in evidence.touches:
            channel = CHANNELS.get(touch.channel)
            named = channel[self._language] if channel else ""
            met = MEETINGS_IN_SHORT[touch.kind][self._language].format(
                channel=f"{named} " if named and self._language == "en" else named
            )
            yield self._event(
                touch.at,
                EventKind.TOUCH,
                _About(people[touch.employee_id].number),
                met=met,
                counts=COUNTS[touch.uncounted][self._language],
            )
        for claim in evidence.claims:
            yield self._event(
                evidence.placed_at,
                EventKind.TILL_CLAIM,
                _About(people[claim.employee_id].number, (claim.position,)),
                share=say_share(claim.share),
            )

    def milestones(self) -> Iterator[Event]:
        """What became of the order itself."""
        order = self._order
        for kind, at in (
            (EventKind.ORDERED, order.placed_at),
            (EventKind.PAID, order.paid_at),
            (EventKind.HANDED_OVER, order.handed_over_at),
            (EventKind.CANCELLED, order.cancelled_at),
        ):
            if at is not None:
                yield self._event(at, kind)

    def returned(self) -> Iterator[Event]:
        """What came back."""
        rows = db.session.execute(
            sa.select(
                _returns.c.at, _lines.c.position, _return_lines.c.quantity, _return_lines.c.amount
            )
            .join(_return_lines, _return_lines.c.return_id == _returns.c.id)
            .join(_lines, _lines.c.id == _return_lines.c.order_line_id)
            .where(_returns.c.order_id == self._order.id)
            .order_by(_return_lines.c.id)
        )
        for row in rows:
            yield self._event(
                row.at,
                EventKind.RETURNED,
                _About(lines=(row.position,), amount=row.amount),
                count=row.quantity,
            )

    def judged(self) -> Iterator[Event]:
        """Every verdict on the order, in headquarters' words."""
        rows = db.session.execute(
            sa.select(
                _verdicts.c.at,
                _verdicts.c.sequence,
                _verdicts.c.document,
                _policies.c.rules,
                _policies.c.version,
            )
            .join(_policies, _policies.c.id == _verdicts.c.policy_id)
            .where(_verdicts.c.order_id == self._order.id)
            .order_by(_verdicts.c.sequence)
        )
        for row in rows:
            case = verdict_words.Case(
                Judgement.from_document(row.document),
                self._evidence,
                Policy.from_document(row.rules),
                row.version,
            )
            told = verdict_words.for_headquarters(case, self._language, self._time_zone)
            yield self._event(row.at, EventKind.JUDGED, sequence=row.sequence, told=" ".join(told))

    def booked(self) -> Iterator[Event]:
        """The ledger's entries on what was accrued on the disputed lines."""
        rows = db.session.execute(
            sa.select(
                _transactions.c.at,
                _transactions.c.kind,
                _entries.c.account,
                _entries.c.amount,
                _employees.c.number,
                _lines.c.position,
            )
            .join(_transactions, _transactions.c.id == _entries.c.transaction_id)
            .join(_accruals, _accruals.c.id == _entries.c.accrual_id)
            .join(_lines, _lines.c.id == _accruals.c.order_line_id)
            .join(_employees, _employees.c.id == _entries.c.employee_id)
            .where(_accruals.c.order_line_id.in_(self._disputed))
            .order_by(_entries.c.id)
        )
        for row in rows:
            yield self._event(
                row.at,
                EventKind.BOOKED,
                _About(row.number, (row.position,), row.account, row.amount),
                account=ACCOUNTS[row.account][self._language],
                deed=DEEDS[row.kind][self._language],
            )

    def held(self) -> Iterator[Event]:
        """When the disputed lines' commission was held, and no longer."""
        rows = db.session.execute(
            sa.select(
                _holds.c.placed_at, _holds.c.lifted_at, _employees.c.number, _lines.c.position
            )
            .join(_accruals, _accruals.c.id == _holds.c.accrual_id)
            .join(_lines, _lines.c.id == _accruals.c.order_line_id)
            .join(_employees, _employees.c.id == _accruals.c.employee_id)
            .where(_accruals.c.order_line_id.in_(self._disputed), _holds.c.kind == HoldKind.DISPUTE)
            .order_by(_holds.c.id)
        )
        for row in rows:
            about = _About(row.number, (row.position,))
            yield self._event(row.placed_at, EventKind.HELD, about)
            if row.lifted_at is not None:
                yield self._event(row.lifted_at, EventKind.LIFTED, about)

    def said(self) -> Iterator[Event]:
        """What the opener and those who would lose have said."""
        for statement in statements_of([self._dispute.id])[self._dispute.id]:
            yield self._said(statement)

    def _said(self, statement: Statement) -> Event:
        opened = statement.employee_id == self._dispute.opened_by_id
        return self._event(
            statement.at,
            EventKind.DISPUTED if opened else EventKind.ANSWERED,
            _About(statement.number, pictures=statement.pictures),
            reason=REASONS[self._dispute.reason][self._language],
            told=statement.words,
        )

    def ended(self) -> Iterator[Event]:
        """How it ended, if it has."""
        dispute = self._dispute
        if dispute.closed_at is None:
            return
        if dispute.state is DisputeState.WITHDRAWN:
            number = self._number_of(dispute.opened_by_id)
            yield self._event(dispute.closed_at, EventKind.WITHDRAWN, _About(number))
        elif dispute.outcome is not None:
            yield self._event(
                dispute.closed_at,
                EventKind.DECIDED,
                _About(self._number_of(dispute.decided_by_id)),
                reason=OUTCOMES[dispute.outcome][self._language],
                told=dispute.explanation,
            )

    @property
    def _disputed(self) -> sa.Select[int]:
        return sa.select(_disputed.c.order_line_id).where(
            _disputed.c.dispute_id == self._dispute.id
        )

    def _number_of(self, employee_id: int | None) -> str | None:
        return db.session.scalar(
            sa.select(_employees.c.number).where(_employees.c.id == employee_id)
        )

    def _event(
        self, at: datetime, kind: EventKind, about: _About | None = None, **said: Any
    ) -> Event:
        about = about or _About()
        values: Mapping[str, Any] = {
            "who": about.who or UNKNOWN[self._language],
            "lines": ("、" if self._language == "zh" else ", ").join(map(str, about.lines)),
            **said,
        }
        return Event(
            at=at,
            kind=kind,
            words=SENTENCES[kind][self._language].format(**values),
            employee=about.who,
            lines=about.lines,
            account=about.account,
            amount=about.amount,
            pictures=about.pictures,
        )
