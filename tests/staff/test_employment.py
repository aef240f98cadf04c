"""Hired, edited, suspended, reinstated, left, begun again; and who may do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from storefront.staff import employment, service, stores
from storefront.staff.models import Employee, EmploymentState, Role
from tests.support import cast
from tests.support.queries import recorded_queries

Verb = Callable[[int, str, Actor, datetime], None]


def details(**changes: Any) -> service.Details:
    plain = service.Details(
        name="林小雨", phone=None, store_id=cast.a_store().id, role=Role.EMPLOYEE
    )
    return replace(plain, **changes)


def steps_of(employee: Employee) -> list[tuple[EmploymentState, Role, str]]:
    return [(step.state, step.role, code) for step, code, _ in service.history(employee.id)]


def test_somebody_new_is_invited_and_has_a_history(app: Flask, clock: SettableClock) -> None:
    employee = service.hire("E1", details(phone="138 0013 8000"), SYSTEM, clock.now())
    assert (employee.state, employee.phone, employee.version) == (
        EmploymentState.INVITED,
        "+8613800138000",
        1,
    )
    assert steps_of(employee) == [(EmploymentState.INVITED, Role.EMPLOYEE, "S1")]
    assert service.find(employee.public_id).store.code == "S1"


@pytest.mark.parametrize(
    ("number", "changes", "code"),
    [
        ("", {}, "wrong_number"),
        ("E 1", {}, "wrong_number"),
        ("=E1", {}, "wrong_number"),
        ("E" * 33, {}, "wrong_number"),
        ("E1", {"name": " "}, "wrong_name"),
        ("E1", {"name": "x" * 81}, "wrong_name"),
        ("E1", {"name": "a\u202eb"}, "wrong_name"),
        ("E1", {"phone": "call me"}, "wrong_phone"),
        ("E1", {"phone": "123"}, "wrong_phone"),
    ],
)
def test_details_must_make_sense(
    app: Flask, clock: SettableClock, number: str, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        service.hire(number, details(**changes), SYSTEM, clock.now())
    assert refused.value.code == code
    assert service.employees(service.Filter(), 0, 10) == []


def test_numbers_and_phones_are_nobody_elses(app: Flask, clock: SettableClock) -> None:
    cast.an_employee("E1", phone="+8613800138000")
    with pytest.raises(Conflict, match="number_taken"):
        service.hire("E1", details(), SYSTEM, clock.now())
    with pytest.raises(Conflict, match="phone_taken"):
        service.hire("E2", details(phone="(138) 0013-8000"), SYSTEM, clock.now())
    colleague = cast.an_employee("E3")
    with pytest.raises(Conflict, match="phone_taken"):
        service.edit(
            colleague.id,
            colleague.version,
            details(phone="13800138000"),
            SYSTEM,
            clock.now(),
        )


def test_an_edit_changes_what_it_says_and_keeps_history_of_store_and_role(
    app: Flask, clock: SettableClock
) -> None:
    employee = cast.an_employee("E1", phone="+8613800138000")
    before, version = steps_of(employee), employee.version
    renamed = replace(service.details_of(employee), name="林大雨")
    edited = service.edit(employee.id, version, renamed, SYSTEM, clock.now())
    assert (edited.name, edited.phone, edited.version) == ("林大雨", "+8613800138000", version + 1)
    assert steps_of(employee) == before
    moved = replace(renamed, store_id=cast.a_store("S2").id, role=Role.STORE_MANAGER)
    service.edit(employee.id, version + 1, moved, SYSTEM, clock.now())
    assert steps_of(employee) == [
        *before,
        (EmploymentState.ACTIVE, Role.STORE_MANAGER, "S2"),
    ]


def test_an_edit_of_an_older_version_changes_nothing(app: Flask, clock: SettableClock) -> None:
    employee = cast.an_employee("E1")
    with pytest.raises(Stale):
        service.edit(employee.id, employee.version - 1, details(name="X"), SYSTEM, clock.now())
    assert service.find_by_number("E1").name == "林小雨"


def test_every_transition_that_is_not_in_the_table_is_refused(
    app: Flask, clock: SettableClock
) -> None:
    allowed: dict[EmploymentState, set[str]] = {
        EmploymentState.INVITED: {"leave"},
        EmploymentState.ACTIVE: {"suspend", "leave", "go_on_leave"},
        EmploymentState.ON_LEAVE: {"suspend", "leave", "come_back"},
        EmploymentState.SUSPENDED: {"reinstate", "leave"},
        EmploymentState.LEFT: set(),
    }
    verbs: list[Verb] = [
        employment.suspend,
        employment.reinstate,
        employment.go_on_leave,
        employment.come_back,
        employment.leave,
    ]
    for state, names in allowed.items():
        for verb in verbs:
            employee = cast.an_employee(state=state)
            if verb.__name__ in names:
                verb(employee.id, "why not", SYSTEM, clock.now())
            else:
                with pytest.raises(Conflict, match="wrong_state"):
                    verb(employee.id, "why not", SYSTEM, clock.now())


def test_who_left_begins_again_under_the_old_number(app: Flask, clock: SettableClock) -> None:
    employee = cast.an_employee("E1", password=cast.PASSWORD)
    employment.leave(employee.id, "moved away", SYSTEM, clock.now())
    assert service.find_by_number("E1").password_hash is None
    employment.rehire(employee.id, SYSTEM, clock.now())
    assert [state for state, _, _ in steps_of(employee)] == [
        EmploymentState.INVITED,
        EmploymentState.ACTIVE,
        EmploymentState.LEFT,
        EmploymentState.INVITED,
    ]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.HQ_ADMIN])
def test_only_admins_hire_change_and_dismiss(app: Flask, clock: SettableClock, role: Role) -> None:
    actor = cast.actor_of(cast.an_employee(role=role))
    employee = cast.an_employee("E1")
    with pytest.raises(Forbidden, match="needs_admin"):
        service.edit(employee.id, employee.version, details(), actor, clock.now())
    for verb in (employment.suspend, employment.reinstate, employment.leave):
        with pytest.raises(Forbidden, match="needs_admin"):
            verb(employee.id, "", actor, clock.now())
    for wanted in Role:
        if role is Role.HQ_OPERATIONS and not wanted.startswith("hq_"):
            continue
        with pytest.raises(Forbidden, match="needs_admin"):
            service.hire("E2", details(role=wanted), actor, clock.now())


def test_nobody_changes_their_own_role_or_employment(app: Flask, clock: SettableClock) -> None:
    admin = cast.an_employee(role=Role.HQ_ADMIN)
    me = cast.actor_of(admin)
    demoted = replace(service.details_of(admin), role=Role.EMPLOYEE)
    with pytest.raises(Forbidden, match="own_employment"):
        service.edit(admin.id, admin.version, demoted, me, clock.now())
    for verb in (employment.suspend, employment.leave):
        with pytest.raises(Forbidden, match="own_employment"):
            verb(admin.id, "", me, clock.now())
    renamed = replace(service.details_of(admin), name="New Name")
    assert service.edit(admin.id, admin.version, renamed, me, clock.now()).name == "New Name"


def test_employees_are_found_by_what_is_known_of_them(app: Flask) -> None:
    lin = cast.an_employee("E1", name="Lin 100%")
    wang = cast.an_employee("M7", name="王芳", role=Role.STORE_MANAGER, store="S2")
    gone = cast.an_employee("E9", name="LINA", state=EmploymentState.LEFT)

    def found(**which: Any) -> list[Employee]:
        return list(service.employees(service.Filter(**which), 0, 10))

    assert found() == [lin, wang, gone]
    assert found(text="lin") == [lin, gone]
    assert found(text="m7") == [wang]
    assert found(text="%") == [lin]
    assert found(role=Role.STORE_MANAGER) == [wang]
    assert found(state=EmploymentState.LEFT) == [gone]
    assert found(store_id=cast.a_store("S2").id) == [wang]
    assert service.employees(service.Filter(), lin.id, 1) == [wang]


def test_a_list_of_many_takes_as_many_queries_as_one_of_few(app: Flask) -> None:
    for number in range(5):
        cast.an_employee(store=f"S{number}")
    with recorded_queries() as queries:
        listed = service.employees(service.Filter(), 0, 10)
        assert len({employee.store.code for employee in listed}) == 5
    assert len(queries) == 1


def test_nobody_unknown_is_found(app: Flask, clock: SettableClock) -> None:
    with pytest.raises(NotFound, match="employee_not_found"):
        service.find("emp_nobody")
    with pytest.raises(NotFound, match="employee_not_found"):
        employment.suspend(999_999, "", SYSTEM, clock.now())
    with pytest.raises(NotFound, match="store_not_found"):
        stores.find_store("sto_nowhere")


def test_stores_and_regions_have_codes_of_their_own(app: Flask) -> None:
    cast.a_store("S1", "R1")
    with pytest.raises(Conflict, match="code_taken"):
        stores.open_store("S1", "店", "Store", cast.a_region("R1").id)
    with pytest.raises(Conflict, match="code_taken"):
        stores.open_region("R1", "区", "Region")
