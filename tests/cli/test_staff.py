"""Staff on the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from storefront.core.clock import SettableClock
from storefront.staff import invitations, service, sessions, stores
from storefront.staff.models import EmploymentState, Role
from tests.support import cast

ROSTER = "number,name,phone,store_code,role\nE1,林小雨,13800138000,S1,employee\n"


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_a_roster_is_imported_and_again_nothing_changes(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    cast.a_store("S1")
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER)
    first = runner.invoke(args=["import", "roster", str(file)])
    assert (first.exit_code, "1 new, 0 changed, 0 as they were" in first.output) == (0, True)
    second = runner.invoke(args=["import", "roster", str(file)])
    assert "0 new, 0 changed, 1 as they were" in second.output
    assert service.find_by_number("E1").store.code == "S1"


def test_a_wrong_roster_is_refused_with_a_table_and_status_1(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    cast.a_store("S1")
    file = tmp_path / "roster.csv"
    file.write_text(f"{ROSTER}E2,[bold]Wang,12,S9,boss\n")
    refused = runner.invoke(args=["import", "roster", str(file)])
    assert refused.exit_code == 1
    assert "wrong_phone" in refused.output
    assert "wrong_role" in refused.output
    assert service.employees(service.Filter(), 0, 10) == []


def test_a_file_that_is_not_there_is_a_wrong_call(runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=["import", "roster", "nowhere.csv"]).exit_code == 2


def test_stores_are_imported(runner: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "stores.csv"
    file.write_text(
        "code,name_zh,name_en,region_code,region_name_zh,region_name_en\n"
        "S1,南京路店,Nanjing Road,EAST,华东,East\n"
    )
    done = runner.invoke(args=["import", "stores", str(file)])
    assert (done.exit_code, "1 new" in done.output) == (0, True)
    assert [store.code for store in stores.stores(0, 10)] == ["S1"]


def test_the_roster_is_exported_as_it_is_imported(runner: FlaskCliRunner, tmp_path: Path) -> None:
    cast.an_employee("E1")
    file = tmp_path / "roster.csv"
    assert runner.invoke(args=["export", "roster", str(file)]).exit_code == 0
    assert b"E1" in file.read_bytes()
    again = runner.invoke(args=["import", "roster", str(file)])
    assert "0 new, 0 changed, 1 as they were" in again.output


def code_in(output: str) -> str:
    (code,) = re.findall(r"\b[a-z0-9]{4}(?:-[a-z0-9]{4}){2}\b", output)
    return code


def test_the_first_admin_of_an_empty_chain_comes_in_by_a_printed_code(
    runner: FlaskCliRunner, clock: SettableClock
) -> None:
    made = runner.invoke(args=["create-admin", "H1", "Chen Li"])
    assert made.exit_code == 0, made.output
    invitations.set_password(code_in(made.output), cast.PASSWORD, "192.0.2.1", clock.now())
    caller = sessions.Caller("192.0.2.1", "v")
    signed_in = sessions.sign_in("H1", cast.PASSWORD, caller, clock.now())
    actor = sessions.authenticate(
        signed_in.session_public_id, signed_in.employee_public_id, clock.now()
    )
    assert actor.role is Role.HQ_ADMIN


def test_an_admin_who_is_locked_out_gets_another_code(
    runner: FlaskCliRunner, clock: SettableClock
) -> None:
    first = code_in(runner.invoke(args=["create-admin", "H1", "Chen Li"]).output)
    second = code_in(runner.invoke(args=["create-admin", "H1", "Chen Li"]).output)
    assert first != second
    invitations.set_password(second, cast.PASSWORD, "192.0.2.1", clock.now())
    assert len(service.employees(service.Filter(), 0, 10)) == 1


def test_nobody_becomes_an_admin_by_the_way(runner: FlaskCliRunner) -> None:
    cast.an_employee("E1")
    refused = runner.invoke(args=["create-admin", "E1", "Lin"])
    assert refused.exit_code == 1
    assert "no HQ admin" in refused.output
    assert service.find_by_number("E1").state is EmploymentState.ACTIVE
