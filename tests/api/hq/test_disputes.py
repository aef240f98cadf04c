"""Disputes at headquarters: the queue, a case with all its evidence, and the decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront import sales
from storefront.attribution.disputes import service
from storefront.attribution.disputes.models import Dispute, DisputeReason, Outcome
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.orders.placing import PlacedOrder
from storefront.sharing.models import Uncounted
from storefront.staff.models import Role
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.disputing import a_dispute, decided, owner
from tests.support.queries import recorded_queries

DISPUTES = "/api/v1/hq/disputes"
Headers = dict[str, str]


class Scene:
    """Anna disputes what is credited to Bo; both met the customer, and a crawler did too."""

    def __init__(self, clock: SettableClock) -> None:
        trade.open_for_trade()
        first, last = trade.a_seller("E1", "S1"), trade.a_seller("E2", "S2")
        self.anna, self.bo = owner(first), owner(last)
        self.cai = owner(trade.a_seller("E3", "S3"))
        self.last = last
        visitor = trade.a_visit(first)
        clock.advance(timedelta(minutes=1))
        trade.a_visit(last, visitor, Uncounted.CRAWLER)
        clock.advance(timedelta(minutes=1))
        self.pot = cast.a_product("Pot", price=3_335).variants[0]
        self.cup = cast.a_product("Cup", price=1_999).variants[0]
        self.order: PlacedOrder = trade.sell(
            {self.pot: 3, self.cup: 2}, through=last, visitor=visitor
        )

    def another(self, reason: DisputeReason = DisputeReason.OTHER) -> Dispute:
        return a_dispute(self.anna, trade.sell(self.cup, through=self.last), reason=reason)


@pytest.fixture
def scene(app: Flask, clock: SettableClock) -> Scene:
    return Scene(clock)


@pytest.fixture
def judge(scene: Scene) -> Headers:
    return cast.headers_of(cast.an_employee("F1", role=Role.HQ_FINANCE, store="HQ"))


def problem_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def decision(outcome: str = "upheld", **lines: Any) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "reason": "聊天记录显示她先联系。",
        "lines": [
            {"line": int(line.removeprefix("line")), "shares": shares}
            for line, shares in lines.items()
        ],
    }


def test_from_the_queue_to_the_decision(
    client: FlaskClient, scene: Scene, judge: Headers, clock: SettableClock
) -> None:
    dispute = a_dispute(scene.anna, scene.order, 1)
    [queued] = client.get(DISPUTES, headers=judge).get_json()["items"]
    assert {**queued, "lines": [1]} == {
        "id": dispute.public_id,
        "order": scene.order.public_id,
        "order_number": scene.order.number,
        "lines": [1],
        "opened_by": "E1",
        "concerned": ["E2"],
        "answered": [],
        "reason": "my_customer",
        "state": "open",
        "stage": "waiting_for_answer",
        "opened_at": "2026-03-02T02:02:00Z",
        "answer_due_at": "2026-03-07T02:02:00Z",
        "decision_due_at": "2026-03-12T02:02:00Z",
        "closed_at": None,
        "outcome": None,
        "explanation": None,
        "decided_by": None,
    }
    service.answer(dispute.public_id, "是我接待的。", scene.bo.id, clock.now())
    clock.advance(timedelta(days=1))
    answer = client.post(
        f"{DISPUTES}/{dispute.public_id}/decide",
        json=decision(line1=[{"employee": "E1", "share": 6_000}, {"store": "S2", "share": 4_000}]),
        headers=judge,
    )
    assert answer.status_code == 200, answer.text
    settled = answer.get_json()
    assert (settled["state"], settled["outcome"], settled["decided_by"]) == (
        "decided",
        "upheld",
        "F1",
    )
    assert client.get(DISPUTES, headers=judge).get_json()["items"] == []
    shown = client.get(f"{DISPUTES}?stage=decided", headers=judge).get_json()["items"]
    assert [each["id"] for each in shown] == [dispute.public_id]
    again = client.post(
        f"{DISPUTES}/{dispute.public_id}/decide", json=decision("denied"), headers=judge
    )
    assert problem_of(again) == (409, "dispute_over")
    assert broken() == set()


def test_all_evidence_stands_on_one_timeline(
    client: FlaskClient, scene: Scene, judge: Headers, clock: SettableClock
) -> None:
    clock.advance(timedelta(hours=1))
    sales.take_back(scene.order.public_id, {1: 1}, "chipped", SYSTEM, clock.now())
    clock.advance(timedelta(hours=1))
    dispute = a_dispute(scene.anna, scene.order, 1)
    clock.advance(timedelta(hours=1))
    service.answer(dispute.public_id, "是我接待的。", scene.bo.id, clock.now())
    clock.advance(timedelta(hours=1))
    decided(dispute, lines={1: {scene.anna: 10_000}})

    def told(language: str) -> list[tuple[str, str]]:
        answer = client.get(f"{DISPUTES}/{dispute.public_id}?language={language}", headers=judge)
        assert answer.status_code == 200, answer.text
        timeline = answer.get_json()["timeline"]
        assert timeline == sorted(timeline, key=lambda event: event["at"])
        return [(event["kind"], event["words"]) for event in timeline]

    events = told("en")
    assert [kind for kind, _ in events] == [
        *["touch"] * 3,
        *["ordered", "paid", "handed_over", "judged", "booked"],
        *["returned", "booked"],
        *["disputed", "held"],
        "answered",
        *["judged", "booked", "booked", "booked", "lifted", "decided"],
    ]
    words = [sentence for _, sentence in events]
    assert words[:2] == [
        "E1: WeChat link, counts.",
        "E2: WeChat link, does not count: a crawler or preview.",
    ]
    assert "E1 disputes it (my customer): 她先来找我的。" in words
    assert "Commission of E2 on line 1 is held: dispute." in words
    assert "E2, line 1, held: taken back by the decision." in words
    assert words[-1] == "Decided, the dispute is upheld: The messages show it."
    assert told("zh")[1] == ("touch", "E2：微信链接，不计入：程序或预览。")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (decision(line1=[{"employee": "E1", "share": 9_999}]), "wrong_shares"),
        (decision(line1=[{"share": 10_000}]), "wrong_shares"),
        (decision(line1=[{"employee": "E1", "store": "S1", "share": 10_000}]), "wrong_shares"),
        (decision(line1=[{"employee": "E1", "share": 5_000}] * 2), "wrong_shares"),
        (decision(line1=[{"employee": "E9", "share": 10_000}]), "unknown_employee"),
        (decision(line1=[{"employee": "E3", "share": 10_000}]), "no_part_in_case"),
        (decision(line1=[{"store": "S9", "share": 10_000}]), "unknown_store"),
        (decision(line1=[{"store": "S3", "share": 10_000}]), "no_part_in_case"),
        (decision(line1=[{"employee": "E2", "share": 10_000}]), "nothing_changes"),
        (decision(line2=[{"employee": "E1", "share": 10_000}]), "unknown_line"),
        (decision(), "lines_missing"),
        (decision("partly"), "lines_missing"),
        (decision("denied", line1=[{"employee": "E1", "share": 10_000}]), "lines_missing"),
        (decision(line1=[{"employee": "E1", "share": 0}]), "invalid_fields"),
        (decision("perhaps"), "invalid_fields"),
        ({**decision("denied"), "reason": ""}, "invalid_fields"),
        (
            {**decision("denied"), "lines": [{"line": 1, "shares": []}] * 2},
            "invalid_fields",
        ),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused_and_changes_nothing(
    client: FlaskClient, scene: Scene, judge: Headers, given: dict[str, Any], code: str
) -> None:
    dispute = a_dispute(scene.anna, scene.order, 1)
    answer = client.post(f"{DISPUTES}/{dispute.public_id}/decide", json=given, headers=judge)
    assert problem_of(answer) == (422, code)
    [queued] = client.get(DISPUTES, headers=judge).get_json()["items"]
    assert queued["state"] == "open"
    assert broken() == set()


def test_nobody_decides_a_case_they_are_party_to(
    client: FlaskClient, scene: Scene, clock: SettableClock
) -> None:
    """Headquarters' people have shops too."""
    opener, seller, gains = (
        cast.an_employee(number, role=Role.HQ_ADMIN, store="HQ") for number in ("A1", "A2", "A3")
    )
    through = cast.a_link(cast.a_shop(gains))
    visitor = trade.a_visit(through)
    clock.advance(timedelta(minutes=1))
    order = trade.sell(scene.pot, through=cast.a_link(cast.a_shop(seller)), visitor=visitor)
    dispute = a_dispute(opener, order)
    given = decision(line1=[{"employee": "A3", "share": 10_000}])
    for concerned in (opener, seller, gains):
        answer = client.post(
            f"{DISPUTES}/{dispute.public_id}/decide",
            json=given,
            headers=cast.headers_of(concerned),
        )
        assert problem_of(answer) == (403, "four_eyes")
    assert broken() == set()


@pytest.mark.parametrize(
    ("role", "sees", "decides"),
    [
        (Role.EMPLOYEE, "hq_only", "hq_only"),
        (Role.STORE_MANAGER, "hq_only", "hq_only"),
        (Role.REGION_MANAGER, "hq_only", "hq_only"),
        (Role.HQ_OPERATIONS, "", "role_not_allowed"),
        (Role.HQ_FINANCE, "", ""),
        (Role.HQ_ADMIN, "", ""),
    ],
)
def test_who_may_look_and_who_may_decide(
    client: FlaskClient, scene: Scene, role: Role, sees: str, decides: str
) -> None:
    dispute = a_dispute(scene.anna, scene.order)
    headers = cast.headers_of(cast.an_employee("X1", role=role, store="HQ"))
    address = f"{DISPUTES}/{dispute.public_id}"
    for path in (DISPUTES, f"{DISPUTES}/counts", address):
        looked = client.get(path, headers=headers)
        assert (looked.status_code == 200) if not sees else problem_of(looked) == (403, sees)
    answer = client.post(f"{address}/decide", json=decision("denied"), headers=headers)
    assert (answer.status_code == 200) if not decides else problem_of(answer) == (403, decides)


def test_nobody_looks_without_signing_in(client: FlaskClient, scene: Scene) -> None:
    for path in ("", "/counts", "/dsp_any"):
        assert problem_of(client.get(DISPUTES + path)) == (401, "token_missing")
    assert problem_of(client.post(f"{DISPUTES}/dsp_any/decide")) == (401, "token_missing")


def test_a_dispute_that_is_not_there(client: FlaskClient, judge: Headers) -> None:
    assert problem_of(client.get(f"{DISPUTES}/dsp_any", headers=judge)) == (
        404,
        "dispute_not_found",
    )
    answer = client.post(f"{DISPUTES}/dsp_any/decide", json=decision("denied"), headers=judge)
    assert problem_of(answer) == (404, "dispute_not_found")


def test_what_is_past_due_stands_first_and_time_decides_nothing(
    client: FlaskClient, scene: Scene, clock: SettableClock
) -> None:
    opened: list[str] = []
    for _ in range(3):
        opened.append(scene.another().public_id)
        clock.advance(timedelta(days=6))
    service.answer(opened[2], "…", scene.bo.id, clock.now() - timedelta(days=2))
    finance = cast.an_employee("F1", role=Role.HQ_FINANCE, store="HQ")
    judge = cast.headers_of(finance)

    def listed(stage: str) -> list[str]:
        answer = client.get(f"{DISPUTES}?stage={stage}", headers=judge)
        return [each["id"] for each in answer.get_json()["items"]]

    assert listed("open") == opened
    assert listed("past_due") == opened[:2]
    assert listed("to_decide") == opened[2:]
    assert listed("waiting_for_answer") == []
    counts = client.get(f"{DISPUTES}/counts", headers=judge).get_json()
    assert (counts["total"]["open"], counts["total"]["past_due"]) == (3, 2)
    clock.advance(timedelta(days=300))
    assert sales.release(clock.now()) == 2, "only what nobody disputes: the first sale's lines"
    judge = cast.headers_of(finance)
    assert listed("past_due") == opened


def test_the_queue_comes_page_by_page_in_its_order(
    client: FlaskClient, scene: Scene, judge: Headers, clock: SettableClock
) -> None:
    opened = [scene.another().public_id for _ in range(5)]
    seen: list[str] = []
    after = ""
    for _ in range(3):
        answer = client.get(f"{DISPUTES}?limit=2{after}", headers=judge).get_json()
        seen += [each["id"] for each in answer["items"]]
        after = f"&after={answer['next']}"
    assert seen == opened
    assert after == "&after=None"
    wrong = client.get(f"{DISPUTES}?after=nowhere", headers=judge)
    assert problem_of(wrong) == (422, "wrong_cursor")


def test_how_many_for_each_reason_and_what_became_of_them(
    client: FlaskClient, scene: Scene, judge: Headers
) -> None:
    scene.another(DisputeReason.MY_CUSTOMER)
    decided(scene.another(DisputeReason.MY_CUSTOMER), Outcome.DENIED)
    decided(scene.another(DisputeReason.SHARED_SALE), Outcome.PARTLY, {1: {scene.anna: 10_000}})
    counts = client.get(f"{DISPUTES}/counts", headers=judge).get_json()
    by_reason = {each.pop("reason"): each for each in counts["reasons"]}
    nothing = dict.fromkeys(
        ("all", "open", "past_due", "withdrawn", "upheld", "partly", "denied"), 0
    )
    assert by_reason == {
        "my_customer": {**nothing, "all": 2, "open": 1, "denied": 1},
        "wrong_seller_at_till": nothing,
        "visit_missing": nothing,
        "shared_sale": {**nothing, "all": 1, "partly": 1},
        "other": nothing,
    }
    assert counts["total"] == {**nothing, "all": 3, "open": 1, "denied": 1, "partly": 1}
    only = client.get(f"{DISPUTES}?stage=decided&reason=shared_sale", headers=judge).get_json()
    assert [each["outcome"] for each in only["items"]] == ["partly"]


def test_the_order_says_that_commission_is_held_for_a_dispute(
    client: FlaskClient, scene: Scene, judge: Headers
) -> None:
    dispute = a_dispute(scene.anna, scene.order, 1)
    address = f"/api/v1/hq/orders/{scene.order.public_id}"
    commission = client.get(address, headers=judge).get_json()["commission"]
    assert [(each["line"], each["holds"]) for each in commission] == [(1, ["dispute"]), (2, [])]
    decided(dispute, lines={1: {scene.anna: 10_000}})
    commission = client.get(address, headers=judge).get_json()["commission"]
    assert [
        (each["line"], each["employee"], each["holds"], each["superseded_at"] is not None)
        for each in commission
    ] == [(1, "E2", [], True), (1, "E1", [], False), (2, "E2", [], False)]


def test_the_employee_sees_it_as_held_for_a_dispute(
    client: FlaskClient, scene: Scene, clock: SettableClock
) -> None:
    clock.advance(timedelta(days=29))
    a_dispute(scene.anna, scene.order, 1)
    earnings = "/api/v1/seller/earnings"
    headers = cast.headers_of(scene.bo)
    [order] = client.get(f"{earnings}/orders", headers=headers).get_json()["items"]
    assert [line["state"] for line in order["lines"]] == ["disputed", "held"]
    clock.advance(timedelta(days=1))
    sales.release(clock.now())
    [order] = client.get(f"{earnings}/orders", headers=headers).get_json()["items"]
    assert [line["state"] for line in order["lines"]] == ["disputed", "payable"]


def test_what_was_due_before_shows_as_disputed_in_the_balance(
    client: FlaskClient, app: Flask, clock: SettableClock
) -> None:
    trade.the_policy()
    trade.the_plan(hold_days=7)
    anna, bo = trade.a_seller("E1"), trade.a_seller("E2")
    pot, cup = (cast.a_product(price=price).variants[0] for price in (3_000, 1_000))
    order = trade.sell({pot: 1, cup: 1}, through=bo)
    clock.advance(timedelta(days=8))
    sales.release(clock.now())
    a_dispute(owner(anna), order, 1)
    balance = client.get("/api/v1/seller/earnings", headers=cast.headers_of(owner(bo))).get_json()
    amounts = {name: part["amount"] for name, part in balance.items() if isinstance(part, dict)}
    assert amounts == {
        "held": 0,
        "payable": 100,
        "disputed": 300,
        "in_payout": 0,
        "paid": 0,
        "debt": 0,
    }


def test_a_long_queue_asks_no_more_of_the_database_than_a_short_one(
    client: FlaskClient, scene: Scene, judge: Headers
) -> None:
    def asked() -> int:
        with recorded_queries() as queries:
            client.get(DISPUTES, headers=judge)
        return len(queries)

    scene.another()
    few = asked()
    for _ in range(5):
        scene.another()
    assert asked() == few


def test_a_verdict_by_decision_is_told_in_sentences(
    client: FlaskClient, scene: Scene, judge: Headers
) -> None:
    decided(a_dispute(scene.cai, scene.order, 1), lines={1: {scene.cai: 10_000}})
    order = client.get(f"/api/v1/hq/orders/{scene.order.public_id}", headers=judge).get_json()
    words = " ".join(order["verdict"]["words"])
    assert "E3" in words
    own = client.get(
        f"/api/v1/seller/earnings/orders/{scene.order.public_id}",
        headers=cast.headers_of(scene.cai),
        query_string={"language": "en"},
    ).get_json()
    assert any("headquarters decided the dispute so" in each for each in own["verdict"]["words"])
