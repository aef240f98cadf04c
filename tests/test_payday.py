"""Payday: every payout is sent under one number, heard of, and in the book as it was answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from storefront import payday, sales
from storefront.commissions import adjustments, book, payouts, payroll
from storefront.commissions.adjustment_models import AdjustmentKind
from storefront.commissions.adjustments import NewAdjustment
from storefront.commissions.models import BatchState, Payout, PayoutBatch, PayoutState
from storefront.commissions.payout_models import LeftOut, PayoutExclusion
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import DomainError, Invalid
from storefront.integrations.transfers.base import (
    Transfer,
    TransferAnswer,
    TransferStatus,
    TransferUnanswered,
)
from storefront.integrations.transfers.sandbox import SandboxTransfers
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee, EmploymentState, Role
from tests.support import cast, trade
from tests.support.books import broken

PAID = TransferAnswer(TransferStatus.PAID, "")
FAILED = TransferAnswer(TransferStatus.FAILED, "account closed")


class Bank:
    """A provider that answers as it is told, and remembers what it was sent."""

    name = "bank"

    def __init__(self) -> None:
        self.answers: dict[str, TransferAnswer | None] = {}
        """By staff number; None: the answer is lost after it paid."""
        self.sent: list[str] = []
        self.paid: dict[str, TransferAnswer] = {}

    def send(self, transfer: Transfer, now: datetime) -> TransferAnswer:
        self.sent.append(transfer.reference)
        answer = self.answers.get(transfer.payee_number, PAID)
        self.paid.setdefault(transfer.reference, answer or PAID)
        if answer is None:
            raise TransferUnanswered("timed out")
        return self.paid[transfer.reference]

    def find(self, reference: str) -> TransferAnswer | None:
        return self.paid.get(reference)


def refused(deed: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as error:
        deed()
    db.session.rollback()
    return error.value.code


@pytest.fixture
def bank(app: Flask) -> Bank:
    return Bank()


@pytest.fixture
def sellers(app: Flask, clock: SettableClock) -> list[ShareLink]:
    """E1 has 1.00 to come, E2 2.00, E3 3.00."""
    trade.open_for_trade()
    sellers = [trade.a_seller(f"E{number}") for number in (1, 2, 3)]
    for rank, seller in enumerate(sellers, start=1):
        trade.sell(cast.a_product(price=1_000 * rank), through=seller)
    clock.advance(timedelta(days=31))
    return sellers


def finance(number: str) -> Actor:
    return cast.actor_of(cast.an_employee(number, role=Role.HQ_FINANCE))


def approved(clock: SettableClock) -> str:
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    return payouts.approve(batch.public_id, SYSTEM, clock.now()).public_id


def submitted(bank: Bank, clock: SettableClock) -> str:
    name = approved(clock)
    return payday.submit(name, bank, SYSTEM, clock.now()).public_id


def states(batch: str) -> dict[str, PayoutState]:
    rows = db.session.execute(
        sa.select(Employee.number, Payout.state)
        .join(Payout, Payout.employee_id == Employee.id)
        .join(PayoutBatch, PayoutBatch.id == Payout.batch_id)
        .where(PayoutBatch.public_id == batch)
        .order_by(Employee.number)
    )
    return {row.number: row.state for row in rows}


def left_out() -> dict[str, tuple[LeftOut, int]]:
    rows = db.session.execute(
        sa.select(Employee.number, PayoutExclusion.reason, PayoutExclusion.amount).join(
            PayoutExclusion, PayoutExclusion.employee_id == Employee.id
        )
    )
    return {row.number: (row.reason, row.amount) for row in rows}


def balances(sellers: list[ShareLink]) -> list[tuple[int, int]]:
    found = [book.balance_of(seller.employee_id) for seller in sellers]
    return [(balance.payable, balance.paid) for balance in found]


def test_every_payout_is_sent_and_booked(
    sellers: list[ShareLink], bank: Bank, clock: SettableClock
) -> None:
    name = approved(clock)
    assert refused(lambda: payday.send(name, bank, clock.now())) == "batch_not_submitted"
    payday.submit(name, bank, SYSTEM, clock.now())
    assert refused(lambda: payouts.discard(name, clock.now())) == "batch_over"
    assert refused(lambda: sales.pay_out(name, clock.now())) == "batch_not_approved"
    over = payday.send(name, bank, clock.now())
    assert (over.state, over.paid_at) == (BatchState.PAID, clock.now())
    assert balances(sellers) == [(0, 100), (0, 200), (0, 300)]
    payday.send(name, bank, clock.now())
    assert len(bank.sent) == 3
    assert broken() == set()


def test_one_that_failed_is_paid_by_a_later_batch(
    sellers: list[ShareLink], bank: Bank, clock: SettableClock
) -> None:
    bank.answers["E2"] = FAILED
    first = submitted(bank, clock)
    assert payday.send(first, bank, clock.now()).state is BatchState.PAID
    assert states(first)["E2"] is PayoutState.FAILED
    assert balances(sellers) == [(0, 100), (200, 0), (0, 300)]
    assert broken() == set()
    del bank.answers["E2"]
    second = submitted(bank, clock)
    assert payday.send(second, bank, clock.now()).total == 200
    assert balances(sellers) == [(0, 100), (0, 200), (0, 300)]
    assert broken() == set()


def test_one_without_an_answer_is_asked_about_and_never_sent_under_another_number(
    sellers: list[ShareLink], bank: Bank, clock: SettableClock
) -> None:
    bank.answers["E3"] = None
    name = submitted(bank, clock)
    assert payday.send(name, bank, clock.now()).state is BatchState.SUBMITTED
    assert states(name)["E3"] is PayoutState.UNKNOWN
    assert refused(lambda: sales.draft_payout(clock.now(), SYSTEM, clock.now())) == "nothing_to_pay"
    assert broken() == set()
    assert payday.ask(name, bank, clock.now()).state is BatchState.PAID
    assert balances(sellers) == [(0, 100), (0, 200), (0, 300)]
    assert len(bank.sent) == len(set(bank.sent)) == 3
    assert broken() == set()


def test_one_that_never_arrived_is_sent_again_under_its_own_number(
    sellers: list[ShareLink], bank: Bank, clock: SettableClock
) -> None:
    name = submitted(bank, clock)
    send = bank.send

    def nothing_arrives(transfer: Transfer, now: datetime) -> TransferAnswer:
        raise TransferUnanswered("no route")

    bank.send = nothing_arrives
    payday.send(name, bank, clock.now())
    assert set(states(name).values()) == {PayoutState.UNKNOWN}
    bank.send = send
    assert payday.ask(name, bank, clock.now()).state is BatchState.PAID
    numbers = db.session.scalars(sa.select(Payout.public_id)).all()
    assert sorted(bank.sent) == sorted(numbers)


def test_a_run_that_dies_after_sending_leaves_it_unknown(
    sellers: list[ShareLink], bank: Bank, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = submitted(bank, clock)
    with monkeypatch.context() as patch:
        patch.setattr(payday.transferring, "note", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            payday.send(name, bank, clock.now())
    db.session.rollback()
    assert list(states(name).values()).count(PayoutState.UNKNOWN) == 1
    payday.send(name, bank, clock.now())
    payday.ask(name, bank, clock.now())
    assert set(states(name).values()) == {PayoutState.PAID}
    assert len(bank.sent) == 3
    assert broken() == set()


def test_money_that_comes_back_is_due_again(sellers: list[ShareLink], clock: SettableClock) -> None:
    name = approved(clock)
    file = _file(name, {"E1": "paid", "E2": "paid", "E3": "paid"})
    assert payday.answer(name, file, SYSTEM, clock.now()).batch.state is BatchState.PAID
    clock.advance(timedelta(days=2))
    payday.answer(name, _file(name, {"E2": "returned"}), SYSTEM, clock.now())
    assert balances(sellers) == [(0, 100), (200, 0), (0, 300)]
    assert states(name)["E2"] is PayoutState.RETURNED
    assert broken() == set()
    clock.advance(timedelta(days=1))
    again = approved(clock)
    sales.pay_out(again, clock.now())
    assert balances(sellers)[1] == (0, 200)
    sales.close_period("2026-03", SYSTEM, clock.now())
    assert broken() == set()


def _file(batch: str, answers: dict[str, str]) -> bytes:
    """The payroll's own file, with a status behind each line that has one."""
    header, *lines = payroll.payroll_csv(payouts.look_up(batch)).decode("utf-8-sig").splitlines()
    told = [
        f"{line},{answers[line.split(',')[2]]}" for line in lines if line.split(",")[2] in answers
    ]
    return "\r\n".join([f"{header},status", *told, ""]).encode()


def test_a_file_of_answers_is_taken_in_wholly_or_not_at_all(
    sellers: list[ShareLink], clock: SettableClock
) -> None:
    name = approved(clock)
    wrong = _file(name, {"E1": "paid", "E2": "perhaps"}).replace(b"3.00", b"4.00")
    with pytest.raises(Invalid) as error:
        payday.answer(name, wrong, SYSTEM, clock.now())
    db.session.rollback()
    assert [(line["line"], line["code"]) for line in error.value.extra["lines"]] == [
        (3, "wrong_status")
    ]
    assert set(states(name).values()) == {PayoutState.WAITING}
    assert payouts.look_up(name).state is BatchState.APPROVED
    partly = _file(name, {"E1": "paid", "E2": "failed"})
    assert payday.answer(name, partly, SYSTEM, clock.now()).batch.state is BatchState.SUBMITTED
    payday.answer(name, partly, SYSTEM, clock.now())
    assert balances(sellers) == [(0, 100), (200, 0), (300, 0)]
    rest = _file(name, {"E3": "paid"})
    assert payday.answer(name, rest, SYSTEM, clock.now()).batch.state is BatchState.PAID
    assert broken() == set()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("bat_", "bat_x", "other_batch"),
        ("pyt_", "pyt_x", "unknown_payout"),
        (",1.00,", ",1.01,", "amount_differs"),
        ("CNY", "GBP", "amount_differs"),
    ],
)
def test_a_line_that_is_not_about_this_batch_is_refused(
    sellers: list[ShareLink], clock: SettableClock, old: str, new: str, code: str
) -> None:
    name = approved(clock)
    file = _file(name, {"E1": "paid"}).replace(old.encode(), new.encode())
    with pytest.raises(Invalid) as error:
        payday.answer(name, file, SYSTEM, clock.now())
    assert [line["code"] for line in error.value.extra["lines"]] == [code]


def test_an_answer_that_contradicts_another_is_refused(
    sellers: list[ShareLink], clock: SettableClock
) -> None:
    name = approved(clock)
    payday.answer(name, _file(name, {"E1": "paid"}), SYSTEM, clock.now())
    with pytest.raises(Invalid) as error:
        payday.answer(name, _file(name, {"E1": "failed"}), SYSTEM, clock.now())
    assert error.value.extra["lines"][0]["code"] == "answer_contradicts"


@pytest.mark.own_app(payout_minimum=150, payroll_needs_identity=False)
def test_whoever_is_left_out_is_listed_with_the_reason(
    sellers: list[ShareLink], clock: SettableClock
) -> None:
    cast.leaves(db.session.get_one(Employee, sellers[1].employee_id), EmploymentState.SUSPENDED)
    cast.leaves(db.session.get_one(Employee, sellers[2].employee_id), EmploymentState.LEFT)
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    assert (batch.payees, batch.total, batch.minimum) == (1, 300, 150)
    assert left_out() == {
        "E1": (LeftOut.BELOW_MINIMUM, 100),
        "E2": (LeftOut.SUSPENDED, 200),
    }


@pytest.mark.own_app(payroll_needs_identity=True)
def test_nobody_is_paid_whom_payroll_does_not_know_where_that_is_wanted(
    sellers: list[ShareLink], clock: SettableClock
) -> None:
    assert refused(lambda: sales.draft_payout(clock.now(), SYSTEM, clock.now())) == "nothing_to_pay"
    known = db.session.get_one(Employee, sellers[0].employee_id)
    known.identity_type, known.identity_number = "居民身份证", "110101199003070011"
    db.session.commit()
    assert sales.draft_payout(clock.now(), SYSTEM, clock.now()).total == 100
    assert left_out() == {
        "E2": (LeftOut.MISSING_DATA, 200),
        "E3": (LeftOut.MISSING_DATA, 300),
    }


def test_taking_somebody_out_takes_the_approvals_away(
    sellers: list[ShareLink], clock: SettableClock
) -> None:
    maker, changer, checker = finance("F1"), finance("F2"), finance("F3")
    batch = sales.draft_payout(clock.now(), maker, clock.now())
    payouts.approve(batch.public_id, checker, clock.now())
    payout = db.session.scalars(sa.select(Payout.public_id).order_by(Payout.amount)).first()
    assert payout is not None
    changed = payouts.remove(batch.public_id, payout, "Called: wrong.", changer, clock.now())
    assert (changed.state, changed.payees, changed.total) == (BatchState.DRAFT, 2, 500)
    assert (changed.approved_by_id, changed.changed_by_id) == (None, changer.employee_id)
    assert left_out() == {"E1": (LeftOut.REMOVED, 100)}
    approve = lambda actor: payouts.approve(batch.public_id, actor, clock.now())  # noqa: E731
    assert refused(lambda: approve(changer)) == "four_eyes"
    assert refused(lambda: approve(maker)) == "four_eyes"
    assert approve(checker).state is BatchState.APPROVED
    sales.pay_out(batch.public_id, clock.now())
    assert balances(sellers) == [(100, 0), (0, 200), (0, 300)]
    assert broken() == set()


@pytest.mark.own_app(payout_second_approval_from=600)
def test_a_large_batch_wants_two_approvals(sellers: list[ShareLink], clock: SettableClock) -> None:
    maker, first, second = finance("F1"), finance("F2"), finance("F3")
    batch = sales.draft_payout(clock.now(), maker, clock.now())
    approve = lambda actor: payouts.approve(batch.public_id, actor, clock.now())  # noqa: E731
    assert approve(first).state is BatchState.DRAFT
    assert refused(lambda: approve(first)) == "approved_already"
    assert refused(lambda: sales.pay_out(batch.public_id, clock.now())) == "batch_not_approved"
    assert approve(second).state is BatchState.APPROVED
    assert broken() == set()


def test_the_sandbox_pays_a_number_once(app: Flask, clock: SettableClock) -> None:
    sandbox = SandboxTransfers()
    transfer = Transfer("pyt_1", 100, "CNY", "E1", "林小雨")
    assert sandbox.find("pyt_1") is None
    assert sandbox.send(transfer, clock.now()) == sandbox.send(transfer, clock.now()) == PAID
    assert sandbox.find("pyt_1") == PAID


def test_what_was_adjusted_and_what_came_back_are_said_in_words(
    client: FlaskClient, sellers: list[ShareLink], clock: SettableClock
) -> None:
    new = NewAdjustment("E1", AdjustmentKind.BONUS, 50, "开业当晚辛苦了。")
    made = adjustments.propose(new, finance("F1"), clock.now())
    adjustments.approve(made.public_id, finance("F2"), clock.now())
    clock.advance(timedelta(minutes=1))
    name = approved(clock)
    for status in ("paid", "returned"):
        payday.answer(name, _file(name, {"E1": status}), SYSTEM, clock.now())
    seller = db.session.get_one(Employee, sellers[0].employee_id)
    address = "/api/v1/seller/earnings/entries?language="
    for language, expected in (
        ("zh", ["总部调整：开业当晚辛苦了。", "重新转入应付", "被银行退回"]),
        ("en", ["Adjusted by headquarters: 开业当晚", "due again", "Came back from the bank"]),
    ):
        answer = client.get(address + language, headers=cast.headers_of(seller))
        said = " ".join(entry["words"] for entry in answer.get_json()["items"])
        assert all(words in said for words in expected), said
