"""A statement's paper says what its close claimed, and adds up."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from pypdf import PdfReader

from storefront import sales
from storefront.commissions import adjustments, payouts, proof, questions, statements
from storefront.commissions.adjustment_models import AdjustmentKind
from storefront.commissions.adjustments import NewAdjustment
from storefront.commissions.rules.months import MonthTerms, Tier
from storefront.commissions.statement_models import Statement
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.insights.papers import pdf
from storefront.insights.papers.paper import Paper
from storefront.insights.papers.reading import paper_of
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee, Role
from tests.support import cast, trade
from tests.support.planning import a_booster, in_force
from tests.support.queries import recorded_queries

MARCH = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
APRIL = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
MAY = datetime(2026, 4, 30, 16, 0, tzinfo=UTC)


@pytest.fixture
def seller(app: Flask, clock: SettableClock) -> ShareLink:
    """Somebody with two months: sold, paid out, and had goods come back before and after."""
    trade.open_for_trade()
    seller = trade.a_seller("E1")
    order = trade.sell({cast.a_product(price=1_000).variants[0]: 4}, through=seller)
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    clock.set(APRIL)
    sales.close_period("2026-03", SYSTEM, clock.now())
    clock.advance(timedelta(days=20))
    sales.release(clock.now())
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    payouts.approve(batch.public_id, SYSTEM, clock.now())
    sales.pay_out(batch.public_id, clock.now())
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    clock.set(MAY)
    sales.close_period("2026-04", SYSTEM, clock.now())
    return seller


def months(seller: ShareLink) -> tuple[Statement, Statement]:
    april, march = statements.of_employee(seller.employee_id, None, 10)
    return march, april


def adds_up(paper: Paper) -> bool:
    figures = paper.figures
    return figures.difference == 0 and paper.accounted == figures.closing - figures.opening


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_month_adds_up_from_line_to_total(seller: ShareLink, language) -> None:
    march, april = (paper_of(each, language) for each in months(seller))
    assert adds_up(march)
    assert adds_up(april)
    assert march.figures.closing == april.figures.opening == 300
    assert april.figures.closing == -100


def test_a_reversal_stands_beside_its_sale_in_the_month_that_it_came_in(seller: ShareLink) -> None:
    march, april = (paper_of(each, "en") for each in months(seller))
    (sold,), (earlier,) = march.sales, april.sales
    assert (sold.amount, sold.rate, sold.base, sold.state) == (400, "10%", 4_000, "held")
    assert [change.amount for change in sold.changes] == [-100]
    assert sold.rule == "Plan version 1, rule 1 (everything)"
    assert earlier.order == sold.order
    assert earlier.amount is None
    assert [change.amount for change in earlier.changes] == [-100]
    assert [payout.amount for payout in april.payouts] == [-300]


def test_it_says_what_hq_asks_of_a_statement(seller: ShareLink) -> None:
    march, _ = months(seller)
    paper = paper_of(march, "zh")
    assert (paper.period, paper.time_zone, paper.plan_versions) == (
        "2026-03",
        "Asia/Shanghai",
        (1,),
    )
    assert paper.standing.words == ""
    assert paper.verify_url == f"http://shop.test/verify/{march.code}"
    assert paper.sales[0].rule == "方案第 1 版第 1 条（所有商品）"


@pytest.fixture
def eventful(app: Flask, clock: SettableClock) -> Statement:
    """March of somebody to whom everything happened that a statement knows."""
    clock.set(MARCH)
    trade.the_policy()
    in_force(
        service_bonus=250,
        boosters=(a_booster(200, budget=1_500),),
        month=MonthTerms((Tier(10_000, 200),)),
    )
    seller = trade.a_seller("E1")
    owner = db.session.get(Employee, seller.employee_id)
    assert owner is not None
    goods = cast.a_product(price=100_000).variants[0]
    order = trade.sell({goods: 1}, through=seller, handed_over=False)
    sales.hand_over_at_store(order.secret, cast.actor_of(owner), clock.now())
    clock.advance(timedelta(days=8))
    sales.release(clock.now())
    finance = [cast.actor_of(cast.an_employee(role=Role.HQ_FINANCE)) for _ in range(2)]
    new = NewAdjustment("E1", AdjustmentKind.GOODWILL, 8_800, "母亲节加班")
    proposed = adjustments.propose(new, finance[0], clock.now())
    adjustments.approve(proposed.public_id, finance[1], clock.now())
    clock.set(APRIL)
    sales.close_period("2026-03", SYSTEM, clock.now())
    return statements.of_employee(owner.id, None, 1)[0]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "zh",
            {
                "sale": "限时加码",
                "state": "应付，2026-03-08 到期",
                "service": "在门店交付：应付，2026-03-08 到期",
                "adjustment": "补偿：母亲节加班（adj_",
                "settlement": "2026-03 净销售额 1000.00 CNY",
            },
        ),
        (
            "en",
            {
                "sale": "comes from a booster",
                "state": "due, since 2026-03-08",
                "service": "handed over at the store: due, since 2026-03-08",
                "adjustment": "Goodwill: 母亲节加班 (adj_",
                "settlement": "Net sales of 2026-03: 1000.00 CNY",
            },
        ),
    ],
)
def test_everything_that_may_happen_is_told(eventful: Statement, language, said) -> None:
    paper = paper_of(eventful, language)
    assert adds_up(paper)
    (sale,), (service,) = paper.sales, paper.services
    (adjustment,), (settlement,) = paper.adjustments, paper.settlements
    assert sale.amount == 10_000 + 1_500
    assert (service.amount, adjustment.amount, settlement.amount) == (250, 8_800, 1_800)
    assert said["sale"] in sale.rule
    assert sale.state == said["state"]
    assert said["service"] in service.words
    assert said["adjustment"] in adjustment.words
    assert said["settlement"] in settlement.words
    assert proof.is_genuine(eventful)
    # Each may be asked about, and each is on paper.
    for about in (sale.about, service.about, adjustment.about, settlement.about):
        assert questions.ask(eventful, about, "?", APRIL).about == about
    words = PdfReader(io.BytesIO(pdf.draw(paper))).pages[0].extract_text()
    assert adjustment.words[:6] in words


def test_a_revoked_one_says_when_and_why(seller: ShareLink, clock: SettableClock) -> None:
    march, _ = months(seller)
    statements.reissue(march.code, "姓名有误", SYSTEM, clock.now())
    words = paper_of(statements.find(march.code), "zh").standing.words
    assert words == "已于 2026年5月1日 00:00 作废：姓名有误；另有新的对账单代替它"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_pdf_says_the_same(seller: ShareLink, language) -> None:
    _, april = months(seller)
    paper = paper_of(april, language)
    reader = PdfReader(io.BytesIO(pdf.draw(paper)))
    words = "\n".join(page.extract_text() for page in reader.pages)
    for said in (paper.sales[0].order, paper.sales[0].rule, paper.payouts[0].words, "-1.00"):
        assert said in words


def test_a_longer_statement_asks_no_more_questions(seller: ShareLink, clock: SettableClock) -> None:
    with recorded_queries() as of_one:
        paper_of(months(seller)[0], "zh")
    for _ in range(5):
        trade.sell({cast.a_product().variants[0]: 1}, through=seller)
    clock.advance(timedelta(days=31))
    sales.close_period("2026-05", SYSTEM, clock.now())
    longest = statements.of_employee(seller.employee_id, None, 1)[0]
    with recorded_queries() as of_many:
        assert len(paper_of(longest, "zh").sales) == 5
    assert len(of_many) <= len(of_one)
