"""What stands on a statement besides its figures, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from storefront.core.clock import local_day
from storefront.core.languages import Language, say_moment
from storefront.core.money import format_amount
from storefront.insights.papers.paper import Paper

_Words = Mapping[Language, str]

LABELS: dict[str, _Words] = {
    "title": {"zh": "佣金对账单", "en": "Commission statement"},
    "name": {"zh": "姓名", "en": "Name"},
    "number": {"zh": "工号", "en": "Staff number"},
    "store": {"zh": "门店", "en": "Store"},
    "company": {"zh": "公司", "en": "Company"},
    "period": {"zh": "期间", "en": "Period"},
    "zone": {"zh": "时区", "en": "Time zone"},
    "plans": {"zh": "佣金方案", "en": "Commission plan"},
    "plan_version": {"zh": "第 {versions} 版", "en": "version {versions}"},
    "no_plan": {"zh": "—", "en": "–"},
    "state": {"zh": "状态", "en": "State"},
    "issued": {"zh": "已出具，不再更改", "en": "issued, final"},
    "as_of": {"zh": "截至", "en": "As of"},
    "currency": {"zh": "币种", "en": "Currency"},
    "from_to": {"zh": "{start} 起，{end} 前", "en": "from {start} up to {end}"},
    "summary": {"zh": "汇总", "en": "Summary"},
    "held": {"zh": "待结算", "en": "Held"},
    "payable": {"zh": "应付", "en": "Due"},
    "both": {"zh": "合计", "en": "Together"},
    "opening": {"zh": "期初", "en": "Opening"},
    "earned": {"zh": "本期计提", "en": "Earned"},
    "reversed": {"zh": "本期冲回", "en": "Taken back"},
    "adjusted": {"zh": "调整", "en": "Adjusted"},
    "settled": {"zh": "月度结算", "en": "Month's settlement"},
    "released": {"zh": "到期转入应付", "en": "Fallen due"},
    "paid": {"zh": "已发放", "en": "Paid out"},
    "closing": {"zh": "期末", "en": "Closing"},
    "debt": {
        "zh": "应付为负，表示已发放的佣金因退货等需要抵回，将从以后到期的佣金中扣除。",
        "en": "Below zero, what is due is a debt: paid out already for goods that came back. It is"
        " made up for by what falls due next.",
    },
    "equation": {
        "zh": "期初 {opening} ＋ 计提 {earned} － 冲回 {reversed} ± 调整 {adjusted} ±"
        " 月度结算 {settled} － 发放 {paid} ＝ 期末 {closing}；差额 {difference}",
        "en": "Opening {opening} + earned {earned} − taken back {reversed} ± adjusted {adjusted}"
        " ± settled {settled} − paid {paid} = closing {closing}; difference {difference}",
    },
    "sales": {"zh": "销售与冲回", "en": "Sales, and what was taken back"},
    "services": {"zh": "门店服务奖励", "en": "For service at the store"},
    "adjustments": {"zh": "总部调整", "en": "Adjustments by headquarters"},
    "settlements": {
        "zh": "月度结算（阶梯与封顶）",
        "en": "Month's settlement: tiers and caps",
    },
    "payouts": {"zh": "发放", "en": "Payouts"},
    "nothing": {"zh": "本期没有变动。", "en": "Nothing moved in this period."},
    "order": {"zh": "订单", "en": "Order"},
    "order_line": {"zh": "{order} #{line}", "en": "{order} #{line}"},
    "goods": {"zh": "商品与适用规则", "en": "Goods, and the rule that applied"},
    "base": {"zh": "基数", "en": "Base"},
    "rate": {"zh": "比例", "en": "Rate"},
    "amount": {"zh": "金额", "en": "Amount"},
    "line_state": {"zh": "状态", "en": "State"},
    "earlier": {"zh": "往期已计", "en": "earlier"},
    "date": {"zh": "日期", "en": "Date"},
    "what": {"zh": "事由", "en": "What for"},
    "subtotal": {"zh": "小计", "en": "Sum"},
    "verify": {"zh": "验证真伪", "en": "Is it genuine?"},
    "verify_words": {
        "zh": "扫描二维码，或打开下面的地址，即可查验这份对账单是否真实有效。",
        "en": "Scan the code, or open the address, to see whether this statement is genuine.",
    },
    "code": {"zh": "验证码", "en": "Code"},
    "page": {"zh": "第 {page} 页，共 {pages} 页", "en": "Page {page} of {pages}"},
}


class Labels:
    """Says what stands on a paper, in its language, zone and currency."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper

    def __call__(self, key: str, **values: object) -> str:
        """The label of this name, with its values filled in."""
        words = LABELS[key][self._paper.language]
        return words.format(**values) if values else words

    def amount(self, amount: int) -> str:
        """`-1,234.50`: the currency is said once, at the top."""
        whole, dot, rest = format_amount(amount, self._paper.currency).partition(".")
        return f"{int(whole):,}{dot}{rest}" if whole != "-0" else f"{whole}{dot}{rest}"

    def moment(self, moment: datetime) -> str:
        """Day and time by the chain's clocks."""
        return say_moment(moment, self._paper.time_zone, self._paper.language)

    def day(self, moment: datetime) -> str:
        """The day by the chain's clocks, as it stands in a table: `2026-03-05`."""
        return local_day(moment, self._paper.time_zone).isoformat()

    def span(self) -> str:
        """From when to when the period is."""
        paper = self._paper
        start, end = self.moment(paper.starts_at), self.moment(paper.ends_at)
        return self("from_to", start=start, end=end)

    def details(self) -> list[tuple[str, str]]:
        """Whose it is, what it is about and where it stands: labels' names and values."""
        paper, person = self._paper, self._paper.person
        return [
            ("name", person.name),
            ("number", person.number),
            ("store", person.store),
            ("company", person.company),
            ("period", self.span()),
            ("zone", paper.time_zone),
            ("plans", self.plans()),
            ("state", paper.standing.words or self("issued")),
            ("as_of", self.moment(paper.issued_at)),
            ("currency", paper.currency),
        ]

    def plans(self) -> str:
        """By which plan versions it was earned."""
        versions = ", ".join(map(str, self._paper.plan_versions))
        return self("plan_version", versions=versions) if versions else self("no_plan")

    def equation(self) -> str:
        """The reconciliation, as one line."""
        figures = self._paper.figures
        names = ("opening", "earned", "reversed", "adjusted", "settled", "paid", "closing")
        values = {name: self.amount(getattr(figures, name)) for name in names}
        return self("equation", **values, difference=self.amount(figures.difference))
