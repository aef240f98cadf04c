"""Moved, on leave, back, left: what becomes of everything, as it was shown before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.attribution import transfers
from storefront.attribution.models import TieHow
from storefront.careers import plan, service, undoing
from storefront.careers import preview as previews
from storefront.careers.models import CareerEvent, Step
from storefront.careers.plan import Planned
from storefront.careers.preview import CustomersFate, Preview, ShopFate, SignInFate
from storefront.careers.words import say_preview
from storefront.core import clock, jobs
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict, DomainError
from storefront.customers.models import Customer
from storefront.sharing.models import ShareLink
from storefront.shops import window
from storefront.staff import employment, roster, rules
from storefront.staff import service as staff
from storefront.staff.models import Employee, EmploymentState, Role
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.queries import recorded_queries
from tests.support.threads import all_at_once
from tests.support.ties import EXPLICIT, a_customer, belongs_to, history, whose


@pytest.fixture
def admin(app: Flask) -> Actor:
    trade.the_policy(EXPLICIT)
    trade.the_plan()
    return cast.actor_of(cast.an_employee("H1", role=Role.HQ_ADMIN))


@pytest.fixture
def anna(admin: Actor) -> Employee:
    return cast.an_employee("E1", name="安娜")


@pytest.fixture
def bo(admin: Actor) -> Employee:
    return cast.an_employee("E2", name="阿波", phone="+8613900000002")


@pytest.fixture
def link(anna: Employee) -> ShareLink:
    return cast.a_link(cast.a_shop(anna, handle="anna"))


def customers_of(employee: Employee, count: int = 2) -> list[Customer]:
    found = [a_customer(None, f"M{employee.id}-{number}") for number in range(count)]
    for customer in found:
        belongs_to(customer, employee, clock.now() + timedelta(days=20))
    return found


def take(employee: Employee, planned: Planned, actor: Actor) -> CareerEvent:
    event = service.take(employee.id, planned, actor, clock.now())
    db.session.refresh(employee)
    return event


def undo(event: CareerEvent, actor: Actor) -> CareerEvent:
    return undoing.undo(event.employee_id, event.public_id, "by mistake", actor, clock.now())


def refused(event: CareerEvent, actor: Actor) -> tuple[str, list[str]]:
    with pytest.raises(Conflict) as error:
        undo(event, actor)
    db.session.rollback()
    return error.value.code, error.value.extra.get("changes", [])


def shown(employee: Employee, planned: Planned, actor: Actor) -> Preview:
    with recorded_queries() as queries:
        found = previews.preview(employee, planned, actor, clock.now())
    assert not [query for query in queries if not query.lstrip().startswith("SELECT")]
    return found


def fates(preview: Preview) -> tuple[ShopFate, CustomersFate, int, SignInFate]:
    return preview.shop, preview.customers, preview.customer_count, preview.sign_in


def test_leaving_with_a_successor_hands_everything_on(
    admin: Actor, anna: Employee, bo: Employee, link: ShareLink, clock: SettableClock
) -> None:
    cast.a_shop(bo, handle="abo")
    hers = customers_of(anna)
    protected = clock.now() + timedelta(days=20)
    planned = Planned(step=Step.LEFT, successor=bo, reason="moves away")
    clock.advance(timedelta(days=1))
    assert fates(shown(anna, planned, admin)) == (
        ShopFate.FORWARDS,
        CustomersFate.SUCCESSOR,
        2,
        SignInFate.ENDED,
    )
    event = take(anna, planned, admin)
    assert (anna.state, anna.left_at, anna.successor_id) == (
        EmploymentState.LEFT,
        clock.now(),
        bo.id,
    )
    for customer in hers:
        tie = history(customer.id)[-1]
        assert (tie.employee_id, tie.how, tie.protected_until) == (
            bo.id,
            TieHow.SUCCESSION,
            protected,
        )
        assert (tie.reason, tie.by_employee_id) == ("moves away", admin.employee_id)
    seen = window.glance("anna")
    assert seen
    assert (seen.is_open, seen.is_forwarding) == (False, True)
    assert jobs.run_due(clock.now()) == 1, "the successor is told, and nobody else"
    assert service.handed_over([event.id]) == {event.id: 2}
    assert broken() == set()


def test_leaving_without_a_successor_closes_the_shop_and_frees_the_customers(
    admin: Actor, anna: Employee, link: ShareLink, clock: SettableClock
) -> None:
    hers = customers_of(anna)
    planned = Planned(step=Step.LEFT)
    found = shown(anna, planned, admin)
    assert fates(found) == (ShopFate.CLOSED, CustomersFate.NOBODYS, 2, SignInFate.ENDED)
    assert found.links == 1
    clock.advance(timedelta(days=1))
    take(anna, planned, admin)
    assert [history(each.id)[-1].ended_at for each in hers] == [clock.now()] * 2
    seen = window.glance("anna")
    assert seen
    assert (seen.is_open, seen.is_forwarding) == (False, False)
    assert jobs.run_due(clock.now()) == 0
    assert broken() == set()


def test_a_leave_leaves_shop_and_customers_where_they_are_unless_said_otherwise(
    admin: Actor, anna: Employee, bo: Employee, link: ShareLink, clock: SettableClock
) -> None:
    (customer,) = customers_of(anna, 1)
    plain = Planned(step=Step.ON_LEAVE)
    assert fates(shown(anna, plain, admin)) == (
        ShopFate.OPEN,
        CustomersFate.STAY,
        1,
        SignInFate.OWN_FIGURES,
    )
    take(anna, plain, admin)
    assert anna.state is EmploymentState.ON_LEAVE
    trade.a_visit(link)
    back = Planned(step=Step.BACK)
    assert fates(shown(anna, back, admin))[1:3] == (CustomersFate.COME_BACK, 0)
    take(anna, back, admin)
    assert whose(customer.id) == [anna.id]
    stands_in = Planned(
        step=Step.ON_LEAVE, successor=bo, hand_over_customers=True, forward_shop=True
    )
    clock.advance(timedelta(days=1))
    take(anna, stands_in, admin)
    assert whose(customer.id) == [anna.id, bo.id]
    seen = window.glance("anna")
    assert seen
    assert seen.is_forwarding
    clock.advance(timedelta(days=1))
    assert fates(shown(anna, back, admin)) == (
        ShopFate.OPEN,
        CustomersFate.COME_BACK,
        1,
        SignInFate.AS_BEFORE,
    )
    take(anna, back, admin)
    assert whose(customer.id) == [anna.id, bo.id, anna.id]
    assert (anna.state, anna.left_at) == (EmploymentState.ACTIVE, None)
    seen = window.glance("anna")
    assert seen
    assert (seen.is_open, seen.is_forwarding) == (True, False)
    assert broken() == set()


def test_a_stand_in_keeps_whom_somebody_else_has_got_meanwhile(
    admin: Actor, anna: Employee, bo: Employee, clock: SettableClock
) -> None:
    kept, gone = customers_of(anna)
    take(anna, Planned(step=Step.ON_LEAVE, successor=bo, hand_over_customers=True), admin)
    clock.advance(timedelta(days=1))
    carla = cast.an_employee("E3")
    transfers.transfer([gone.public_id], carla, "asked for her", admin, clock.now())
    clock.advance(timedelta(days=1))
    take(anna, Planned(step=Step.BACK), admin)
    assert whose(kept.id)[-1] == anna.id
    assert whose(gone.id)[-1] == carla.id


def test_who_moves_takes_the_customers_along_or_leaves_them_behind(
    admin: Actor, anna: Employee, bo: Employee, clock: SettableClock
) -> None:
    (customer,) = customers_of(anna, 1)
    stays, goes = cast.a_store("S2"), cast.a_store("S3")
    event = take(anna, Planned(step=Step.MOVED, store=stays), admin)
    assert (anna.store_id, event.store_after_id) == (stays.id, stays.id)
    assert whose(customer.id) == [anna.id]
    clock.advance(timedelta(days=1))
    take(
        anna,
        Planned(step=Step.MOVED, store=goes, successor=bo, hand_over_customers=True),
        admin,
    )
    assert whose(customer.id) == [anna.id, bo.id]
    assert [each.step for each in service.events_of(anna.id, None, 5)] == [Step.MOVED] * 2


@pytest.mark.parametrize("step", list(Step))
def test_undone_within_a_week_everything_is_as_it_was(
    admin: Actor,
    anna: Employee,
    bo: Employee,
    link: ShareLink,
    clock: SettableClock,
    step: Step,
) -> None:
    (customer,) = customers_of(anna, 1)
    if step is Step.BACK:
        take(
            anna,
            Planned(step=Step.ON_LEAVE, successor=bo, hand_over_customers=True, forward_shop=True),
            admin,
        )
        clock.advance(timedelta(days=1))

    def now() -> tuple[object, ...]:
        db.session.refresh(anna)
        seen = window.glance("anna")
        assert seen
        tie = history(customer.id)[-1]
        return (
            *(anna.state, anna.store_id, anna.left_at, anna.successor_id),
            *(seen.is_open, seen.is_forwarding),
            *(tie.employee_id, tie.ended_at, tie.protected_until),
        )

    before = now()
    away = step in (Step.ON_LEAVE, Step.LEFT)
    planned = Planned(
        step=step,
        successor=None if step is Step.BACK else bo,
        hand_over_customers=step in (Step.MOVED, Step.ON_LEAVE),
        forward_shop=step is Step.ON_LEAVE,
        store=cast.a_store("S9") if step is Step.MOVED else None,
    )
    event = take(anna, planned, admin)
    assert now() != before
    assert away == (now()[5] is True)
    clock.advance(timedelta(days=7))
    undone = undo(event, admin)
    assert (undone.undone_at, undone.undone_by_id) == (clock.now(), admin.employee_id)
    assert now() == before
    assert refused(event, admin) == ("already_undone", [])
    assert broken() == set()


def test_customers_who_were_nobodys_meanwhile_come_back_too(
    admin: Actor, anna: Employee, clock: SettableClock
) -> None:
    hers = customers_of(anna)
    protected = clock.now() + timedelta(days=20)
    event = take(anna, Planned(step=Step.LEFT), admin)
    clock.advance(timedelta(days=2))
    undo(event, admin)
    for customer in hers:
        tie = history(customer.id)[-1]
        assert (tie.employee_id, tie.since, tie.protected_until, tie.ended_at) == (
            anna.id,
            clock.now(),
            protected,
            None,
        )
    assert broken() == set()


def test_a_week_later_it_is_too_late(admin: Actor, anna: Employee, clock: SettableClock) -> None:
    event = take(anna, Planned(step=Step.LEFT), admin)
    clock.advance(timedelta(days=7, microseconds=1))
    assert refused(event, admin) == ("undo_too_late", [])


def test_what_was_built_upon_a_step_keeps_it_from_being_undone(
    admin: Actor, anna: Employee, bo: Employee, link: ShareLink, clock: SettableClock
) -> None:
    (customer,) = customers_of(anna, 1)
    event = take(anna, Planned(step=Step.LEFT, successor=bo), admin)
    clock.advance(timedelta(days=1))
    carla = cast.an_employee("E3")
    transfers.transfer([customer.public_id], carla, "", admin, clock.now())
    assert refused(event, admin) == ("changed_since", ["customers"])
    employment.rehire(anna.id, SYSTEM, clock.now())
    assert refused(event, admin) == ("changed_since", ["employment", "customers"])
    assert whose(customer.id) == [anna.id, bo.id, carla.id]
    assert service.find_event(anna.id, event.public_id).undone_at is None


def test_nothing_is_given_back_to_a_stand_in_who_has_left(
    admin: Actor, anna: Employee, bo: Employee, clock: SettableClock
) -> None:
    customers_of(anna)
    take(anna, Planned(step=Step.ON_LEAVE, successor=bo, hand_over_customers=True), admin)
    clock.advance(timedelta(days=1))
    back = take(anna, Planned(step=Step.BACK), admin)
    take(bo, Planned(step=Step.LEFT), admin)
    assert refused(back, admin) == ("changed_since", ["successor"])


def test_steps_are_undone_in_turn(
    admin: Actor, anna: Employee, link: ShareLink, clock: SettableClock
) -> None:
    moved = take(anna, Planned(step=Step.MOVED, store=cast.a_store("S2")), admin)
    left = take(anna, Planned(step=Step.LEFT), admin)
    assert refused(moved, admin) == ("changed_since", ["later_step", "employment"])
    undo(left, admin)
    undo(moved, admin)
    db.session.refresh(anna)
    assert (anna.state, anna.store.code) == (EmploymentState.ACTIVE, "S1")
    reasons = [change.reason for change, _, _ in staff.history(anna.id)]
    assert reasons[-2:] == ["undone", "undone"]


def test_of_two_who_undo_at_once_one_does(app: Flask, admin: Actor, anna: Employee) -> None:
    customers = customers_of(anna)
    event = take(anna, Planned(step=Step.LEFT), admin)
    employee_id, name, now = event.employee_id, event.public_id, clock.now()
    answers = all_at_once(
        app, [lambda: undoing.undo(employee_id, name, "", admin, now) for _ in range(4)]
    )
    failed = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(failed) == 3
    assert {isinstance(each, Conflict) and each.code for each in failed} == {"already_undone"}
    assert [len(history(each.id)) for each in customers] == [2, 2]
    assert broken() == set()


@pytest.mark.postgresql_only
def test_without_the_guard_all_believe_to_have_undone_it(
    app: Flask, admin: Actor, anna: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin without the protection: look whether it was undone, then say so."""
    event = take(anna, Planned(step=Step.LEFT), admin)
    employee_id, name, now = event.employee_id, event.public_id, clock.now()
    readers = threading.Barrier(4)

    def look_and_mark(event: CareerEvent, actor: Actor, now: datetime) -> None:
        assert event.undone_at is None
        readers.wait(timeout=5)
        event.undone_at = now

    monkeypatch.setattr(undoing, "_claim", look_and_mark)
    monkeypatch.setattr(undoing, "_changes", lambda *_: iter(()))
    answers = all_at_once(
        app, [lambda: undoing.undo(employee_id, name, "", admin, now) for _ in range(4)]
    )
    assert sum(isinstance(answer, Conflict) for answer in answers) < 3


def test_of_two_who_let_somebody_leave_at_once_one_does(
    app: Flask, admin: Actor, anna: Employee
) -> None:
    employee_id, now = anna.id, clock.now()
    planned = Planned(step=Step.LEFT)
    answers = all_at_once(
        app, [lambda: service.take(employee_id, planned, admin, now) for _ in range(4)]
    )
    assert sum(isinstance(answer, Conflict) for answer in answers) == 3
    assert db.session.scalar(sa.select(sa.func.count(CareerEvent.id))) == 1


@pytest.mark.postgresql_only
def test_without_the_guards_one_leaves_many_times(
    app: Flask, admin: Actor, anna: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin without the protection: look whether somebody is still here, then let them go."""
    readers, begin = threading.Barrier(4), service._begin

    def look_and_wait(*asked: object) -> CareerEvent:
        readers.wait(timeout=5)
        return begin(*asked)  # pyright: ignore

    employee_id, now = anna.id, clock.now()
    monkeypatch.setattr(service, "_locked", lambda who, _: db.session.get_one(Employee, who))
    monkeypatch.setattr(service, "_begin", look_and_wait)
    monkeypatch.setattr(rules, "states_before", lambda _: set(EmploymentState))
    planned = Planned(step=Step.LEFT)
    answers = all_at_once(
        app, [lambda: service.take(employee_id, planned, admin, now) for _ in range(4)]
    )
    assert sum(isinstance(answer, Conflict) for answer in answers) < 3


def leaving(employee: Employee, successor: Employee, admin: Actor) -> Callable[[], CareerEvent]:
    employee_id, successor_id, now = employee.id, successor.id, clock.now()

    def leave() -> CareerEvent:
        planned = Planned(step=Step.LEFT, successor=staff.find_by_id(successor_id))
        return service.take(employee_id, planned, admin, now)

    return leave


def those_at_work(*employees: Employee) -> set[int]:
    at_work = sa.select(Employee.id).where(Employee.state == EmploymentState.ACTIVE)
    return {each.id for each in employees} & set(db.session.scalars(at_work))


def test_two_who_name_each_other_at_once_do_not_both_leave(
    app: Flask, admin: Actor, anna: Employee, bo: Employee
) -> None:
    customers = [*customers_of(anna), *customers_of(bo)]
    answers = all_at_once(app, [leaving(anna, bo, admin), leaving(bo, anna, admin)])
    (failed,) = [answer for answer in answers if isinstance(answer, Exception)]
    assert isinstance(failed, Conflict)
    assert failed.code == "successor_not_active"
    (stays,) = those_at_work(anna, bo)
    assert {whose(each.id)[-1] for each in customers} == {stays}


@pytest.mark.postgresql_only
def test_without_the_lock_both_leave(
    app: Flask, admin: Actor, anna: Employee, bo: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin without the protection: look whether the other is there, then go."""
    readers, refuse = threading.Barrier(2), plan.refuse

    def look_and_wait(*asked: object) -> None:
        refuse(*asked)  # pyright: ignore
        readers.wait(timeout=5)

    monkeypatch.setattr(service, "_locked", lambda who, _: db.session.get_one(Employee, who))
    monkeypatch.setattr(plan, "refuse", look_and_wait)
    answers = all_at_once(app, [leaving(anna, bo, admin), leaving(bo, anna, admin)])
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert those_at_work(anna, bo) == set()


@pytest.mark.parametrize(
    ("step", "state", "fields", "code"),
    [
        (Step.ON_LEAVE, EmploymentState.SUSPENDED, {}, "wrong_state"),
        (Step.BACK, EmploymentState.ACTIVE, {}, "wrong_state"),
        (Step.LEFT, EmploymentState.LEFT, {}, "wrong_state"),
        (Step.MOVED, EmploymentState.LEFT, {}, "wrong_state"),
        (Step.MOVED, EmploymentState.ACTIVE, {}, "store_missing"),
        (Step.MOVED, EmploymentState.ACTIVE, {"store": "S1"}, "same_store"),
        (Step.LEFT, EmploymentState.ACTIVE, {"store": "S2"}, "store_not_asked"),
        (Step.ON_LEAVE, EmploymentState.ACTIVE, {"forward_shop": True}, "successor_missing"),
        (Step.BACK, EmploymentState.ON_LEAVE, {"successor": "E2"}, "successor_not_asked"),
        (Step.LEFT, EmploymentState.ACTIVE, {"successor": "E9"}, "successor_not_active"),
        (Step.LEFT, EmploymentState.ACTIVE, {"successor": "E1"}, "successor_not_active"),
    ],
)
def test_what_makes_no_sense_is_refused_and_shown_to_be(
    admin: Actor,
    anna: Employee,
    bo: Employee,
    step: Step,
    state: EmploymentState,
    fields: dict[str, str | bool],
    code: str,
) -> None:
    cast.an_employee("E9", state=EmploymentState.LEFT)
    if state is not EmploymentState.ACTIVE:
        cast.leaves(anna, state)
    store, successor = fields.get("store"), fields.get("successor")
    planned = Planned(
        step=step,
        store=cast.a_store(str(store)) if store else None,
        successor=staff.find_by_number(str(successor)) if successor else None,
        forward_shop=bool(fields.get("forward_shop")),
    )
    for deed in (service.take, previews.preview):
        subject = anna.id if deed is service.take else anna
        with pytest.raises(DomainError, match=code):
            deed(subject, planned, admin, clock.now())  # pyright: ignore
        db.session.rollback()
    assert service.events_of(anna.id, None, 5) == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.HQ_ADMIN])
def test_only_an_admin_decides(admin: Actor, anna: Employee, role: Role) -> None:
    actor = cast.actor_of(cast.an_employee(role=role))
    event = take(anna, Planned(step=Step.ON_LEAVE), admin)
    deeds = (
        lambda: service.take(anna.id, Planned(step=Step.LEFT), actor, clock.now()),
        lambda: previews.preview(anna, Planned(step=Step.LEFT), actor, clock.now()),
        lambda: undo(event, actor),
    )
    for deed in deeds:
        with pytest.raises(DomainError, match="needs_admin"):
            deed()


def test_nobody_decides_over_themselves(admin: Actor) -> None:
    assert admin.employee_id
    with pytest.raises(DomainError, match="own_employment"):
        service.take(admin.employee_id, Planned(step=Step.LEFT), admin, clock.now())


def test_the_preview_counts_orders_and_money_and_says_it_in_both_languages(
    admin: Actor, anna: Employee, bo: Employee, link: ShareLink
) -> None:
    goods = cast.a_product(price=10_000)
    trade.sell(goods, through=link)
    trade.sell(goods, through=link, handed_over=False)
    trade.an_order(goods, through=link)
    trade.an_order(goods)
    customers_of(anna)
    found = shown(anna, Planned(step=Step.LEFT, successor=bo), admin)
    assert (found.awaiting_payment, found.not_handed_over) == (1, 1)
    assert (found.balance.held, found.balance.payable) == (2_000, 0)
    assert say_preview(found, "CNY", "en") == [
        "They are signed out everywhere, and their password is gone.",
        "The shop anna becomes a page that leads to 阿波, and its links lead to 阿波's shop: 1.",
        "Customers who become 阿波's, as protected as before: 2.",
        (
            "By version 1 of the policy, later orders that rest on meetings with them: does not"
            " count, the next one may; for 0 days after leaving they still count as theirs."
        ),
        (
            "Orders not paid yet: 1; paid and not handed over: 1. They are judged by the evidence"
            " of the order's moment, whatever happens here."
        ),
        (
            "Commission held: 20.00 CNY; payable: 0.00 CNY. It stays due, is released and paid as"
            " ever, and never written off."
        ),
    ]
    assert say_preview(found, "CNY", "zh")[2] == "2 位顾客归 阿波，保护期照旧。"


def test_an_edit_of_the_store_is_a_step_that_can_be_undone(admin: Actor, anna: Employee) -> None:
    details = staff.Details(
        name="安娜", phone=None, store_id=cast.a_store("S2").id, role=Role.EMPLOYEE
    )
    edited = service.edit(anna.id, anna.version, details, admin, clock.now())
    assert edited.store.code == "S2"
    (event,) = service.events_of(anna.id, None, 5)
    assert (event.step, event.reason) == (Step.MOVED, "edited")
    undo(event, admin)
    db.session.refresh(anna)
    assert anna.store.code == "S1"


def test_a_roster_that_lets_somebody_leave_touches_no_customers(
    admin: Actor, anna: Employee
) -> None:
    (customer,) = customers_of(anna, 1)
    file = "number,name,phone,store_code,role,state\r\nE1,安娜,,S1,employee,left\r\n".encode()
    roster.import_roster(file, admin, clock.now())
    db.session.refresh(anna)
    assert anna.state is EmploymentState.LEFT
    assert whose(customer.id) == [anna.id]
    assert service.events_of(anna.id, None, 5) == []
