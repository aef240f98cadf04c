"""A statement that nobody was paid by, as long as a test wants it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storefront.core.languages import Language
from storefront.insights.papers.paper import Figures, Movement, Paper, Person, Sale, Standing

CODE = "7kq3mnpqrstvwxyz2345"
MARCH = datetime(2026, 2, 28, 16, tzinfo=UTC)
"""When March begins in Shanghai."""


def a_paper(
    language: Language = "zh", sales: int = 3, *, name: str = "林小雨", standing: str = ""
) -> Paper:
    """March 2026 of one employee; every third sale comes back in part."""
    sold = tuple(_sale(number, language) for number in range(sales))
    earned = sum(sale.amount or 0 for sale in sold)
    kept = sum(sale.sum for sale in sold)
    return Paper(
        language=language,
        chain="苇汀百货" if language == "zh" else "Reedbank",
        time_zone="Asia/Shanghai",
        currency="CNY",
        code=CODE,
        verify_url=f"https://shop.example/verify/{CODE}",
        person=Person(name, "E0001", "南京路店 S01", "上海苇汀商贸有限公司"),
        period="2026-03",
        starts_at=MARCH,
        ends_at=MARCH + timedelta(days=31),
        issued_at=MARCH + timedelta(days=31, hours=9),
        plan_versions=(2, 3),
        standing=Standing(standing),
        figures=Figures(
            opening_held=5_000,
            opening_payable=20_000,
            earned=earned + 500,
            reversed=earned - kept,
            adjusted=8_800,
            settled=-1_500,
            released=30_000,
            paid=20_000,
            closing_held=6_000,
            closing_payable=25_000 + kept + 500 + 8_800 - 1_500 - 20_000 - 6_000,
        ),
        sales=sold,
        services=(Movement(MARCH, "R2603000001 在店交付", 500),),
        adjustments=(Movement(MARCH + timedelta(days=3), "母亲节活动，感谢加班", 8_800),),
        settlements=(Movement(MARCH + timedelta(days=31), "第二档", -1_500),),
        payouts=(Movement(MARCH + timedelta(days=10), "pay_7kq3mnpqrstvwxyz", -20_000),),
    )


def _sale(number: int, language: Language) -> Sale:
    at = MARCH + timedelta(days=number % 28)
    came_back = (Movement(at + timedelta(days=2), "有退货，按比例冲回", -1_234),)
    return Sale(
        order=f"R2603{number:06}",
        line=1,
        goods="羊绒混纺立领大衣" if language == "zh" else "Cashmere-blend coat",
        placed_at=at,
        base=129_900 + number,
        rule="第 3 版第 2 条（品牌「苇汀」、新客户）" if language == "zh" else "Version 3, rule 2",
        rate="8%",
        amount=10_392 + number,
        state="待结算" if language == "zh" else "held",
        changes=came_back if number % 3 == 2 else (),
    )
