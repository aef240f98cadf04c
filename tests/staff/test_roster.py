"""The roster from a CSV file: everything or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.csvfile import Imported
from storefront.core.database import db
from storefront.core.errors import Invalid, Unauthenticated
from storefront.staff import invitations, roster, service, sessions
from storefront.staff.models import Employee, EmploymentState, Role
from tests.support import cast
from tests.support.queries import recorded_queries

HEADER = "number,name,phone,store_code,role,state"


@pytest.fixture(autouse=True)
def _stores(app: Flask) -> None:
    cast.a_store("S1")
    cast.a_store("S2")


def import_lines(
    lines: Iterable[str], clock: SettableClock, actor: Actor = SYSTEM, header: str = HEADER
) -> Imported:
    content = "".join(f"{line}\r\n" for line in (header, *lines))
    return roster.import_roster(content.encode(), actor, clock.now())


def complaints_about(lines: Iterable[str], clock: SettableClock, **more: Any) -> list[str]:
    before = everybody()
    with pytest.raises(Invalid, match="wrong_file") as refused:
        import_lines(lines, clock, **more)
    assert everybody() == before
    return [
        f"{line['line']} {line['column']} {line['code']}" for line in refused.value.extra["lines"]
    ]


def everybody() -> list[tuple[Any, ...]]:
    rows = db.session.execute(
        sa.select(Employee.number, Employee.name, Employee.phone, Employee.role, Employee.state)
    )
    return sorted(tuple(row) for row in rows)


def test_new_people_are_hired_with_a_history(clock: SettableClock) -> None:
    done = import_lines(
        [
            "E1,林小雨,138 0013 8000,S1,employee,",
            "E2,王芳,,S2,store_manager,active",
        ],
        clock,
    )
    assert done == Imported(new=2, changed=0, same=0)
    lin, wang = service.find_by_number("E1"), service.find_by_number("E2")
    assert (lin.state, lin.phone, lin.store.code) == (
        EmploymentState.INVITED,
        "+8613800138000",
        "S1",
    )
    assert (wang.state, wang.phone, wang.role) == (
        EmploymentState.ACTIVE,
        None,
        Role.STORE_MANAGER,
    )
    ((step, store_code, by),) = service.history(wang.id)
    assert (step.state, step.reason, store_code, by) == (
        EmploymentState.ACTIVE,
        "roster",
        "S2",
        None,
    )


def test_the_same_file_again_changes_nothing(clock: SettableClock) -> None:
    lines = ["E1,林小雨,13800138000,S1,employee,", "E2,王芳,,S2,store_manager,"]
    import_lines(lines, clock)
    before = service.find_by_number("E1").version
    assert import_lines(lines, clock) == Imported(new=0, changed=0, same=2)
    assert service.find_by_number("E1").version == before


def test_who_differs_is_changed_and_who_is_missing_stays(clock: SettableClock) -> None:
    import_lines(["E1,林小雨,13800138000,S1,employee,", "E2,王芳,,S1,employee,"], clock)
    missing = cast.an_employee("E9")
    done = import_lines(
        ["E1,林大雨,,S2,employee,", "E2,王芳,,S1,employee,", "E3,New,,S1,employee,"], clock
    )
    assert done == Imported(new=1, changed=1, same=1)
    lin = service.find_by_number("E1")
    assert (lin.name, lin.phone, lin.store.code) == ("林大雨", None, "S2")
    assert [code for _, code, _ in service.history(lin.id)] == ["S1", "S2"]
    assert service.find_by_number("E9").state is missing.state


def test_without_a_state_column_or_cell_states_stay(clock: SettableClock) -> None:
    cast.an_employee("E1", state=EmploymentState.SUSPENDED)
    import_lines(["E1,New Name,,S1,employee,"], clock)
    import_lines(["E1,Newer Name,,S1,employee"], clock, header="number,name,phone,store_code,role")
    employee = service.find_by_number("E1")
    assert (employee.name, employee.state) == ("Newer Name", EmploymentState.SUSPENDED)


def test_states_follow_the_table_and_end_access(clock: SettableClock) -> None:
    employee = cast.an_employee("E1", password=cast.PASSWORD)
    caller = sessions.Caller("192.0.2.1", "v")
    signed_in = sessions.sign_in("E1", cast.PASSWORD, caller, clock.now())
    code = invitations.invite(employee.id, SYSTEM, clock.now()).code
    import_lines(["E1,林小雨,,S1,employee,left"], clock)
    assert service.find_by_number("E1").password_hash is None
    with pytest.raises(Unauthenticated):
        sessions.authenticate(signed_in.session_public_id, employee.public_id, clock.now())
    with pytest.raises(Invalid, match="wrong_code"):
        invitations.set_password(code, cast.PASSWORD, "192.0.2.1", clock.now())
    assert complaints_about(["E1,林小雨,,S1,employee,active"], clock) == ["2 state wrong_state"]


def test_another_role_signs_out(clock: SettableClock) -> None:
    employee = cast.an_employee("E1", role=Role.STORE_MANAGER, password=cast.PASSWORD)
    caller = sessions.Caller("192.0.2.1", "v")
    signed_in = sessions.sign_in("E1", cast.PASSWORD, caller, clock.now())
    import_lines(["E1,林小雨,,S1,employee,"], clock)
    with pytest.raises(Unauthenticated):
        sessions.authenticate(signed_in.session_public_id, employee.public_id, clock.now())


def test_two_people_may_change_their_phones_over(clock: SettableClock) -> None:
    import_lines(["E1,A,13800138001,S1,employee,", "E2,B,13800138002,S1,employee,"], clock)
    done = import_lines(["E1,A,13800138002,S1,employee,", "E2,B,13800138001,S1,employee,"], clock)
    assert done == Imported(new=0, changed=2, same=0)
    assert service.find_by_number("E1").phone == "+8613800138002"


def test_every_complaint_is_told_and_nothing_is_done(clock: SettableClock) -> None:
    cast.an_employee("E9", phone="+8613800138009")
    assert complaints_about(
        [
            "E1,林小雨,,S1,employee,",
            ",No number,,S1,employee,",
            "E3,,,S1,employee,",
            "E4,Bad phone,12,S1,employee,",
            "E5,No such store,,S9,employee,",
            "E6,No such role,,S1,boss,",
            "E7,No such state,,S1,employee,asleep",
            "E1,Twice,,S1,employee,",
            "E8,Taken phone,13800138009,S1,employee,",
            "E10,Phone one,13800138010,S1,employee,",
            "E11,Phone two,138-0013-8010,S1,employee,",
            "E12,Too short,,S1",
        ],
        clock,
    ) == [
        "3 number wrong_number",
        "4 name wrong_name",
        "5 phone wrong_phone",
        "6 store_code unknown_store",
        "7 role wrong_role",
        "8 state wrong_state",
        "9 number number_twice",
        "10 phone phone_taken",
        "12 phone phone_taken",
        "13  wrong_field_count",
    ]


def test_another_encoding_and_a_file_cut_in_half_are_told_by_line(clock: SettableClock) -> None:
    content = f"{HEADER}\r\nE1,Lin,,S1,employee,\r\nE2,王芳,,S1,employee,\r\n"
    for broken, complaint in [
        (content.encode("gb18030"), (3, "wrong_encoding")),
        (content.encode()[:-20], (3, "cut_off")),
    ]:
        with pytest.raises(Invalid, match="wrong_file") as refused:
            roster.import_roster(broken, SYSTEM, clock.now())
        (line,) = refused.value.extra["lines"]
        assert (line["line"], line["code"]) == complaint
    assert everybody() == []


def test_operations_add_people_and_correct_details_but_leave_roles_states_and_hq_alone(
    clock: SettableClock,
) -> None:
    operations = cast.actor_of(cast.an_employee("H1", role=Role.HQ_OPERATIONS))
    cast.an_employee("H2", role=Role.HQ_ADMIN, name="Boss")
    cast.an_employee("E1")
    done = import_lines(
        ["E1,New Name,13800138000,S2,employee,", "E2,New,,S1,store_manager,"],
        clock,
        actor=operations,
    )
    assert done == Imported(new=1, changed=1, same=0)
    assert complaints_about(
        [
            "E1,New Name,13800138000,S2,store_manager,",
            "E2,New,,S1,store_manager,left",
            "E3,New,,S1,hq_admin,",
            "H2,Boss,13800138001,S1,hq_admin,",
        ],
        clock,
        actor=operations,
    ) == [
        "2 role needs_admin",
        "3 state needs_admin",
        "4 role needs_admin",
        "5 number needs_admin",
    ]


def test_nobody_changes_their_own_role_by_a_roster(clock: SettableClock) -> None:
    admin = cast.actor_of(cast.an_employee("H1", role=Role.HQ_ADMIN, name="Boss"))
    assert complaints_about(["H1,Boss,,S1,employee,suspended"], clock, actor=admin) == [
        "2 role own_employment",
        "2 state own_employment",
    ]
    assert import_lines(["H1,New Name,,S1,hq_admin,"], clock, actor=admin).changed == 1


def test_what_was_given_out_is_taken_in_without_a_change(clock: SettableClock) -> None:
    cast.an_employee("E1", name="=cmd|'/c calc'!A1", phone="+8613800138000")
    cast.an_employee("E2", name='@林, "小雨"', role=Role.HQ_ADMIN, state=EmploymentState.LEFT)
    exported = b"".join(roster.export_roster())
    assert b"'=cmd" in exported
    assert b"'+8613800138000" in exported
    done = roster.import_roster(exported, SYSTEM, clock.now())
    assert done == Imported(new=0, changed=0, same=2)


def test_a_long_roster_takes_as_many_queries_as_a_short_one(clock: SettableClock) -> None:
    def counted(first: int, last: int) -> int:
        with recorded_queries() as queries:
            import_lines([f"E{n},Name {n},,S1,employee," for n in range(first, last)], clock)
        return len(queries)

    assert counted(0, 10) == counted(10, 200)


LEAVERS = "number,name,phone,store_code,role,state,left_at"


def test_a_file_says_when_somebody_left_and_without_it_it_is_now(clock: SettableClock) -> None:
    cast.an_employee("E1")
    cast.an_employee("E2", state=EmploymentState.LEFT)
    lines = [
        "E1,林小雨,,S1,employee,left,2026-01-31T20:00:00Z",
        "E2,林小雨,,S1,employee,left,2026-01-31 20:00",
        "E3,New and gone,,S1,employee,left,2025-12-31T00:00:00Z",
        "E4,New and just gone,,S1,employee,left,",
        "E5,New,,S1,employee,active,",
    ]
    assert import_lines(lines, clock, header=LEAVERS) == Imported(3, 2, 0)
    left = {
        number: service.find_by_number(number).left_at for number in ("E1", "E2", "E3", "E4", "E5")
    }
    assert left == {
        "E1": datetime(2026, 1, 31, 20, tzinfo=UTC),
        "E2": datetime(2026, 1, 31, 12, tzinfo=UTC),
        "E3": datetime(2025, 12, 31, tzinfo=UTC),
        "E4": clock.now(),
        "E5": None,
    }
    assert import_lines(lines, clock, header=LEAVERS) == Imported(0, 0, 5)
    exported = b"".join(roster.export_roster())
    assert "E1,林小雨,,S1,employee,left,2026-01-31T20:00:00Z".encode() in exported
    assert roster.import_roster(exported, SYSTEM, clock.now()) == Imported(0, 0, 5)


def test_nobody_leaves_in_the_future_or_while_they_work(clock: SettableClock) -> None:
    cast.a_store("S1")
    lines = [
        "E1,A,,S1,employee,left,2026-03-02T02:00:01Z",
        "E2,B,,S1,employee,active,2026-01-31T20:00:00Z",
        "E3,C,,S1,employee,,2026-01-31T20:00:00Z",
        "E4,D,,S1,employee,left,in May",
    ]
    with pytest.raises(Invalid) as refused:
        import_lines(lines, clock, header=LEAVERS)
    told = [(each["line"], each["column"], each["code"]) for each in refused.value.extra["lines"]]
    assert told == [
        (2, "left_at", "in_the_future"),
        (3, "left_at", "wrong_left_at"),
        (4, "left_at", "wrong_left_at"),
        (5, "left_at", "wrong_left_at"),
    ]


GRADES = "number,name,phone,store_code,role,grade"


def grades() -> dict[str, str]:
    rows = db.session.execute(sa.select(Employee.number, Employee.grade))
    return {row.number: row.grade for row in rows}


def test_a_roster_gives_grades_leaves_them_alone_and_takes_them_away(
    clock: SettableClock,
) -> None:
    lines = ["E1,Lin,,S1,employee,senior", "E2,Wang,,S1,employee,"]
    cast.a_store("S1")
    assert import_lines(lines, clock, header=GRADES) == Imported(2, 0, 0)
    assert grades() == {"E1": "senior", "E2": ""}
    import_lines(["E1,Lin Xia,,S1,employee"], clock, header="number,name,phone,store_code,role")
    assert grades()["E1"] == "senior"
    exported = b"".join(roster.export_roster())
    assert roster.import_roster(exported, SYSTEM, clock.now()) == Imported(0, 0, 2)
    assert import_lines(["E1,Lin Xia,,S1,employee,"], clock, header=GRADES) == Imported(0, 1, 0)
    assert grades() == {"E1": "", "E2": ""}


def test_a_grade_is_pay_so_only_an_admin_gives_one_and_nobody_their_own(
    clock: SettableClock,
) -> None:
    admin = cast.an_employee("A1", role=Role.HQ_ADMIN, store="S1")
    operations = cast.an_employee("O1", role=Role.HQ_OPERATIONS, store="S1")
    for actor, line, code in (
        (operations, "E7,Lin,,S1,employee,senior", "needs_admin"),
        (admin, "A1,林小雨,,S1,hq_admin,senior", "own_employment"),
    ):
        with pytest.raises(Invalid) as refused:
            import_lines([line], clock, cast.actor_of(actor), header=GRADES)
        found = [(each["column"], each["code"]) for each in refused.value.extra["lines"]]
        assert found == [("grade", code)]


def identities() -> dict[str, tuple[str, str]]:
    rows = db.session.execute(
        sa.select(Employee.number, Employee.identity_type, Employee.identity_number)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def test_a_roster_brings_the_documents_that_payroll_asks_for_and_never_gives_them_out(
    clock: SettableClock,
) -> None:
    header = f"{HEADER},identity_type,identity_number"
    lines = [
        "E1,林小雨,,S1,employee,,居民身份证,110101199003070011",
        "E2,王芳,,S1,employee,,,",
    ]
    import_lines(lines, clock, header=header)
    known = {"E1": ("居民身份证", "110101199003070011"), "E2": ("", "")}
    assert identities() == known
    assert import_lines(lines, clock, header=header) == Imported(new=0, changed=0, same=2)
    assert import_lines(["E1,林小雨,,S2,employee,"], clock).changed == 1
    assert identities() == known
    given_out = b"".join(roster.export_roster())
    assert b"110101" not in given_out
    assert roster.import_roster(given_out, SYSTEM, clock.now()).same == 2
    import_lines(["E1,林小雨,,S2,employee,,,"], clock, header=header)
    assert identities()["E1"] == ("", "")


def test_half_a_document_is_refused_without_repeating_it(clock: SettableClock) -> None:
    header = f"{HEADER},identity_type,identity_number"
    with pytest.raises(Invalid) as refused:
        import_lines(["E1,林小雨,,S1,employee,,,110101199003070011"], clock, header=header)
    assert refused.value.extra["lines"][0]["code"] == "wrong_identity"
    assert "110101" not in repr(refused.value.extra)
