"""Disputes through the seller's API: opened, answered, withdrawn, and nobody else's business."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from storefront import sales
from storefront.attribution.disputes.models import Dispute, Outcome
from storefront.attribution.rules import Policy
from storefront.core import jobs
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.orders.placing import PlacedOrder
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.disputing import a_dispute, decided, owner
from tests.support.queries import recorded_queries

DISPUTES = "/api/v1/seller/disputes"


class Seller:
    """An employee with the API in hand."""

    def __init__(self, client: FlaskClient, employee: Employee) -> None:
        self.client = client
        self.employee = employee
        self.headers = cast.headers_of(employee)

    def __call__(self, method: str, path: str = "", **given: Any) -> TestResponse:
        headers = {**self.headers, **given.pop("headers", {})}
        return self.client.open(DISPUTES + path, method=method, headers=headers, **given)

    def opens(self, **body: Any) -> Any:
        answer = self("POST", json={"reason": "my_customer", "words": "她先来找我的。", **body})
        assert answer.status_code == 201, answer.text
        return answer.json

    def reads(self, dispute: Any, language: str = "en") -> Any:
        answer = self("GET", f"/{dispute['id']}?language={language}")
        assert answer.status_code == 200, answer.text
        return answer.json


def a_picture(colour: str = "teal", **saved: Any) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(stream, "JPEG", **saved)
    return stream.getvalue()


def problem_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


@pytest.fixture
def links(app: Flask) -> tuple[ShareLink, ShareLink, ShareLink]:
    """Three colleagues' links; two of them met the customer."""
    trade.open_for_trade()
    first, last, stranger = trade.a_seller("E1"), trade.a_seller("E2"), trade.a_seller("E3")
    return first, last, stranger


@pytest.fixture
def order(links: tuple[ShareLink, ShareLink, ShareLink], clock: SettableClock) -> PlacedOrder:
    """Two lines, credited to E2; E1 met the customer a minute before."""
    visitor = trade.a_visit(links[0])
    clock.advance(timedelta(minutes=1))
    pot = cast.a_product("Pot", price=3_335).variants[0]
    cup = cast.a_product("Cup", price=1_999).variants[0]
    return trade.sell({pot: 3, cup: 2}, through=links[1], visitor=visitor)


@pytest.fixture
def anna(client: FlaskClient, links: tuple[ShareLink, ...]) -> Seller:
    return Seller(client, owner(links[0]))


@pytest.fixture
def bo(client: FlaskClient, links: tuple[ShareLink, ...]) -> Seller:
    return Seller(client, owner(links[1]))


@pytest.fixture
def cai(client: FlaskClient, links: tuple[ShareLink, ...]) -> Seller:
    return Seller(client, owner(links[2]))


def test_a_dispute_is_opened_answered_and_decided_and_both_sides_read_why(
    anna: Seller, bo: Seller, order: PlacedOrder, clock: SettableClock
) -> None:
    opened = anna.opens(order=order.public_id, lines=[1])
    assert (opened["state"], opened["side"], opened["may_answer"]) == ("open", "opened", False)
    assert opened["lines"] == [{"line": 1, "name": "Pot灯", "quantity": 3}]
    assert opened["answer_due_at"] == "2026-03-07T02:01:00Z"
    assert opened["decision_due_at"] == "2026-03-12T02:01:00Z"

    mine = bo("GET").get_json()["items"]
    assert [(each["id"], each["side"]) for each in mine] == [(opened["id"], "concerned")]
    assert mine[0]["may_answer"] is True
    assert mine[0]["statements"][0]["words"] == "她先来找我的。"
    answered = bo("POST", f"/{opened['id']}/answer", json={"words": "是我接待的。"})
    assert answered.status_code == 200
    assert [each["mine"] for each in answered.get_json()["statements"]] == [False, True]
    assert [each["mine"] for each in anna.reads(opened)["statements"]] == [True]

    clock.advance(timedelta(days=1))
    dispute = db.session.query(Dispute).filter_by(public_id=opened["id"]).one()
    decided(dispute, Outcome.UPHELD, {1: {anna.employee: 7_500, bo.employee: 2_500}})
    won, lost = anna.reads(opened), bo.reads(opened, "zh")
    assert won["shares"] == [{"line": 1, "before": 0, "after": 7_500}]
    assert won["words"] == [
        (
            "On 2 Mar 2026, 10:01 you disputed who is credited with order"
            f" {order.number}, line 1: my customer."
        ),
        (
            "Headquarters decided on 3 Mar 2026, 10:01: the dispute is upheld. The reason: The"
            " messages show it."
        ),
        "Line 1: 75% of it is yours now (it was 0%).",
    ]
    assert lost["words"][-1] == "第 1 行：你现在得 25%（原为 100%）。"
    assert (lost["outcome"], lost["explanation"]) == ("upheld", "The messages show it.")
    assert broken() == set()


def test_what_stands_while_it_is_open_is_said_in_both_languages(
    anna: Seller, bo: Seller, order: PlacedOrder, clock: SettableClock
) -> None:
    opened = anna.opens(order=order.public_id)
    assert anna.reads(opened)["words"][1:] == [
        (
            "Until it is decided, commission on these lines is neither released nor paid out; the"
            " order's other lines are not touched."
        ),
        "Colleagues who would lose: 1. They may answer until 7 Mar 2026, 10:01; answers so far: 0.",
        "Headquarters has to decide it by 12 Mar 2026, 10:01.",
    ]
    assert (
        bo.reads(opened, "zh")["words"][2] == "你可以在 2026年3月7日 10:01 之前用文字和图片答复。"
    )
    clock.advance(timedelta(days=5))
    late = bo("POST", f"/{opened['id']}/answer", json={"words": "太晚了"})
    assert problem_of(late) == (409, "answer_too_late")
    assert "without your answer" in bo.reads(opened)["words"][2]
    clock.advance(timedelta(days=5))
    stale = anna.reads(opened)
    assert (stale["past_due"], stale["state"]) == (True, "open")
    assert "past due" in stale["words"][-1]


def test_an_order_that_does_not_name_me_is_found_by_its_number_alone_and_tells_nothing(
    cai: Seller, order: PlacedOrder
) -> None:
    body = {"reason": "visit_missing", "words": "顾客是我带来的。"}
    by_id = cai("POST", json={**body, "order": order.public_id})
    unknown = cai("POST", json={**body, "order": "ord_unheardof"})
    assert problem_of(by_id) == problem_of(unknown) == (404, "order_not_found")
    assert by_id.get_json()["detail"] == unknown.get_json()["detail"]
    assert problem_of(cai("POST", json={**body, "order_number": "260302-0-0"}))[0] == 404

    opened = cai.opens(order_number=order.number, reason="visit_missing")
    assert opened["lines"] == [
        {"line": 1, "name": None, "quantity": None},
        {"line": 2, "name": None, "quantity": None},
    ]
    assert not any("Colleagues" in sentence for sentence in cai.reads(opened)["words"])
    assert "E2" not in cai("GET", f"/{opened['id']}").text


def test_an_order_that_is_not_paid_does_not_even_exist_for_a_stranger(
    cai: Seller, anna: Seller, links: tuple[ShareLink, ...]
) -> None:
    waiting = trade.an_order(cast.a_product(), through=links[0])
    body = {"reason": "other", "words": "…"}
    told = cai("POST", json={**body, "order_number": waiting.number})
    assert problem_of(told) == (404, "order_not_found")
    told = anna("POST", json={**body, "order_number": waiting.number})
    assert problem_of(told) == (409, "order_not_paid")


def test_nobody_else_sees_a_dispute_or_touches_it(
    anna: Seller, bo: Seller, cai: Seller, order: PlacedOrder
) -> None:
    opened = anna.opens(order=order.public_id)
    address = f"/{opened['id']}"
    assert cai("GET").get_json()["items"] == []
    for answer in (
        cai("GET", address),
        cai("POST", f"{address}/answer", json={"words": "我也要说"}),
        cai("POST", f"{address}/withdraw"),
        cai("POST", f"{address}/pictures", data=a_picture(), content_type="image/jpeg"),
        bo("POST", f"{address}/withdraw"),
        anna("GET", "/dsp_unheardof"),
    ):
        assert problem_of(answer) == (404, "dispute_not_found")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"words": "…"}, 422, "invalid_fields"),
        ({"reason": "my_customer"}, 422, "invalid_fields"),
        ({"reason": "envy", "words": "…"}, 422, "invalid_fields"),
        ({"reason": "other", "words": ""}, 422, "invalid_fields"),
        ({"reason": "other", "words": "…", "lines": [7]}, 422, "unknown_line"),
        ({"reason": "other", "words": "…", "lines": ["1"]}, 422, "invalid_fields"),
        ({"reason": "other", "words": "…", "order_number": "1"}, 422, "invalid_fields"),
        ({"reason": "other", "words": "…", "share": 1}, 422, "invalid_fields"),
    ],
)
def test_what_makes_no_sense_is_refused(
    anna: Seller, order: PlacedOrder, body: dict[str, Any], status: int, code: str
) -> None:
    answer = anna("POST", json={"order": order.public_id, **body})
    assert problem_of(answer) == (status, code)
    assert anna("GET").get_json()["items"] == []


def test_what_is_disputed_already_or_mine_or_back_cannot_be_disputed(
    anna: Seller, bo: Seller, cai: Seller, order: PlacedOrder, clock: SettableClock
) -> None:
    body = {"reason": "other", "words": "…"}
    anna.opens(order=order.public_id, lines=[1])
    again = cai("POST", json={**body, "order_number": order.number})
    assert problem_of(again) == (409, "line_in_dispute")
    own = bo("POST", json={**body, "order": order.public_id, "lines": [2]})
    assert problem_of(own) == (409, "nothing_to_dispute")
    sales.take_back(order.public_id, {2: 2}, "", SYSTEM, clock.now())
    back = anna("POST", json={**body, "order": order.public_id, "lines": [2]})
    assert problem_of(back) == (409, "nothing_to_dispute")


def test_the_last_moment_to_open_one_is_the_policys(
    anna: Seller, order: PlacedOrder, clock: SettableClock
) -> None:
    body = {"order": order.public_id, "reason": "other", "words": "…"}
    clock.advance(timedelta(days=30, microseconds=1))
    headers = cast.headers_of(anna.employee)
    assert problem_of(anna("POST", json=body, headers=headers)) == (409, "dispute_too_late")


def test_a_policy_without_days_for_disputes_has_none(
    client: FlaskClient, app: Flask, clock: SettableClock
) -> None:
    trade.the_policy(Policy(window_days=30, dispute_days=0))
    trade.the_plan()
    anna = Seller(client, owner(trade.a_seller("E1")))
    order = trade.sell(cast.a_product(), through=trade.a_seller("E2"))
    clock.advance(timedelta(seconds=1))
    body = {"order_number": order.number, "reason": "other", "words": "…"}
    assert problem_of(anna("POST", json=body)) == (409, "dispute_too_late")


def test_the_same_key_opens_one_dispute(anna: Seller, order: PlacedOrder) -> None:
    body = {"order": order.public_id, "reason": "other", "words": "…"}
    key = {"Idempotency-Key": "k1"}
    first, second = (anna("POST", json=body, headers=key) for _ in range(2))
    assert first.get_json() == second.get_json()
    assert len(anna("GET").get_json()["items"]) == 1


def test_pictures_go_with_what_was_said_five_at_most_and_without_what_a_camera_adds(
    anna: Seller, bo: Seller, order: PlacedOrder
) -> None:
    opened = anna.opens(order=order.public_id)
    address = f"/{opened['id']}/pictures"
    exif = Image.Exif()
    exif[0x010F] = "a camera of Anna's"
    colours = ["red", "green", "blue", "white", "black"]
    for colour in [*colours, "red"]:
        kept = anna("POST", address, data=a_picture(colour, exif=exif), content_type="image/jpeg")
        assert kept.status_code == 200, kept.text
    [statement] = anna.reads(opened)["statements"]
    assert len(statement["pictures"]) == 5
    sixth = anna("POST", address, data=a_picture("yellow"), content_type="image/jpeg")
    assert problem_of(sixth) == (409, "too_many_pictures")
    silent = bo("POST", address, data=a_picture(), content_type="image/jpeg")
    assert problem_of(silent) == (409, "say_something_first")
    wrong = anna("POST", address, data=b"no picture", content_type="image/jpeg")
    assert wrong.status_code in (409, 422)
    file = statement["pictures"][0]["files"][0]["jpeg"]
    assert b"camera" not in anna.client.get(file).data


def test_the_opener_lets_it_be_and_the_line_can_be_disputed_again(
    anna: Seller, order: PlacedOrder
) -> None:
    opened = anna.opens(order=order.public_id)
    withdrawn = anna("POST", f"/{opened['id']}/withdraw").get_json()
    assert (withdrawn["state"], withdrawn["closed_at"]) == ("withdrawn", "2026-03-02T02:01:00Z")
    assert problem_of(anna("POST", f"/{opened['id']}/withdraw")) == (409, "dispute_over")
    anna.opens(order=order.public_id)
    assert broken() == set()


def test_one_answer_each_and_none_from_the_opener(
    anna: Seller, bo: Seller, order: PlacedOrder
) -> None:
    address = f"/{anna.opens(order=order.public_id)['id']}/answer"
    assert problem_of(anna("POST", address, json={"words": "…"})) == (409, "answered_already")
    assert bo("POST", address, json={"words": "…"}).status_code == 200
    assert problem_of(bo("POST", address, json={"words": "…"})) == (409, "answered_already")


def test_my_disputes_come_page_by_page_and_by_side(
    anna: Seller, bo: Seller, links: tuple[ShareLink, ...]
) -> None:
    goods = cast.a_product()
    for _ in range(3):
        a_dispute(anna.employee, trade.sell(goods, through=links[1]))
    a_dispute(bo.employee, trade.sell(goods, through=links[0]))
    first = anna("GET", "?limit=3").get_json()
    rest = anna("GET", f"?limit=3&after={first['next']}").get_json()
    assert len({each["id"] for each in first["items"] + rest["items"]}) == 4
    assert rest["next"] is None
    assert len(anna("GET", "?side=opened").get_json()["items"]) == 3
    assert len(anna("GET", "?side=concerned").get_json()["items"]) == 1


def test_a_long_list_asks_no_more_of_the_database_than_a_short_one(
    anna: Seller, links: tuple[ShareLink, ...]
) -> None:
    goods = cast.a_product()

    def asked() -> int:
        with recorded_queries() as queries:
            anna("GET")
        return len(queries)

    a_dispute(anna.employee, trade.sell(goods, through=links[1]))
    few = asked()
    for _ in range(5):
        a_dispute(anna.employee, trade.sell(goods, through=links[1]))
    assert asked() == few


def test_the_concerned_are_told_in_both_languages_and_no_names_are_named(
    app: Flask, clock: SettableClock, capsys: pytest.CaptureFixture[str]
) -> None:
    trade.open_for_trade()
    anna = cast.an_employee("E1", name="安娜", phone="+8613900000001")
    bo = cast.an_employee("E2", name="小波", phone="+8613900000002")
    order = trade.sell(cast.a_product(), through=cast.a_link(cast.a_shop(bo)))
    told: list[tuple[str, str]] = []

    class Messages:
        def send(self, phone: str, text: str, *, key: str) -> None:
            told.append((phone, text))

    app.extensions["messenger"] = Messages()
    jobs.run_due(clock.now())
    told.clear()
    dispute = a_dispute(anna, order)
    jobs.run_due(clock.now())
    assert [phone for phone, _ in told] == ["+8613900000002"]
    assert "有同事" in told[0][1]
    assert "You may answer" in told[0][1]
    told.clear()
    decided(dispute, lines={1: {anna: 10_000}})
    jobs.run_due(clock.now())
    assert {phone for phone, _ in told} == {"+8613900000001", "+8613900000002"}
    assert not any(name in text for name in ("安娜", "小波", "E1", "E2") for _, text in told)
