"""The roster and the stores as files, over HTTP."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.staff.models import Role
from tests.support import cast

ROSTER = "/api/v1/hq/roster"
IMPORTS = f"{ROSTER}/imports"
STORES = "/api/v1/hq/stores"
HEADER = "number,name,phone,store_code,role\n"


@pytest.fixture
def operations(app: Flask) -> dict[str, str]:
    cast.a_store("S1")
    return cast.headers_of(cast.an_employee("H2", role=Role.HQ_OPERATIONS, store="HQ"))


def upload(
    client: FlaskClient, headers: dict[str, str], content: str | bytes, path: str = IMPORTS
) -> TestResponse:
    return client.post(path, data=content, content_type="text/csv", headers=headers)


def test_a_roster_is_taken_in_once(client: FlaskClient, operations: dict[str, str]) -> None:
    content = f"{HEADER}E1,林小雨,13800138000,S1,employee\nE2,王芳,,S1,store_manager\n"
    assert upload(client, operations, content).get_json() == {"new": 2, "changed": 0, "same": 0}
    assert upload(client, operations, content).get_json() == {"new": 0, "changed": 0, "same": 2}


def test_a_wrong_roster_is_refused_with_line_and_column(
    client: FlaskClient, operations: dict[str, str]
) -> None:
    answer = upload(client, operations, f"{HEADER}E1,Lin,12,S1,employee\nE2,Wang,,S9,employee\n")
    assert answer.status_code == 422
    problem = answer.get_json()
    assert (problem["code"], problem["count"]) == ("wrong_file", 2)
    assert problem["lines"] == [
        {
            "line": 2,
            "column": "phone",
            "code": "wrong_phone",
            "message": "This is no phone number.",
        },
        {
            "line": 3,
            "column": "store_code",
            "code": "unknown_store",
            "message": "There is no such store.",
        },
    ]
    assert len(client.get("/api/v1/hq/employees", headers=operations).get_json()["items"]) == 1


def test_a_file_says_that_it_is_csv(client: FlaskClient, operations: dict[str, str]) -> None:
    answer = client.post(
        IMPORTS, data=HEADER, content_type="application/octet-stream", headers=operations
    )
    assert (answer.status_code, answer.get_json()["code"]) == (415, "unsupported_media_type")


def test_a_file_that_is_too_long_is_refused(
    client: FlaskClient, operations: dict[str, str]
) -> None:
    answer = upload(client, operations, b"x" * (8 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")


def test_the_roster_is_given_out_as_it_is_taken_in(
    client: FlaskClient, operations: dict[str, str]
) -> None:
    cast.an_employee("E1", name="=1+1", phone="+8613800138000")
    answer = client.get(ROSTER, headers=operations)
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="roster.csv"'
    assert answer.data.decode("utf-8-sig").splitlines() == [
        "number,name,phone,store_code,role,state,left_at,grade",
        "E1,'=1+1,'+8613800138000,S1,employee,active,,",
        "H2,林小雨,,HQ,hq_operations,active,,",
    ]
    assert upload(client, operations, answer.data).get_json()["same"] == 2


def test_finance_reads_the_roster_and_takes_none_in(client: FlaskClient, app: Flask) -> None:
    finance = cast.headers_of(cast.an_employee("H3", role=Role.HQ_FINANCE))
    assert client.get(ROSTER, headers=finance).status_code == 200
    answer = upload(client, finance, HEADER)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "role_not_allowed")


def test_an_admin_takes_stores_in_and_everybody_at_headquarters_sees_them(
    client: FlaskClient, operations: dict[str, str]
) -> None:
    admin = cast.headers_of(cast.an_employee("H1", role=Role.HQ_ADMIN, store="HQ"))
    content = (
        "code,name_zh,name_en,region_code,region_name_zh,region_name_en\n"
        "S7,南京路店,Nanjing Road,EAST,华东,East\n"
    )
    answer = upload(client, operations, content, f"{STORES}/imports")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "role_not_allowed")
    answer = upload(client, admin, content, f"{STORES}/imports")
    assert answer.get_json() == {"new": 1, "changed": 0, "same": 0}
    page = client.get(STORES, query_string={"limit": 2}, headers=operations).get_json()
    assert [store["code"] for store in page["items"]] == ["S1", "HQ"]
    rest = client.get(STORES, query_string={"after": page["next"]}, headers=operations).get_json()
    (store,) = rest["items"]
    assert store == {
        "id": store["id"],
        "code": "S7",
        "name_zh": "南京路店",
        "name_en": "Nanjing Road",
        "region": {"code": "EAST", "name_zh": "华东", "name_en": "East"},
    }
    regions = client.get("/api/v1/hq/regions", headers=operations).get_json()
    assert [region["code"] for region in regions["items"]] == ["EAST", "R1"]
