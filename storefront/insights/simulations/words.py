"""What a simulation says in sentences."""

from __future__ import annotations

from storefront.core.languages import Language
from storefront.insights.simulations.tally import LeftOut

Words = dict[Language, str]

NOT_MODELLED: Words = {
    "zh": "未考虑行为变化：规则若真的不同，员工和顾客的做法也可能不同。",
    "en": "Changed behaviour is not modelled: under other rules, people may act otherwise.",
}
BY_PLACED: Words = {
    "zh": "按下单时间选取订单；退货和取消计至模拟当时。",
    "en": "Orders are taken by when they were placed; what came back, up to the simulation.",
}
BY_MONTH: Words = {
    "zh": "档位和每月上限按付款月份、逐人计算，两边用同一算法；退货计入销售当月；"
    "加成预算按下单先后使用。",
    "en": "Tiers and month caps are counted per person and month of payment, on both sides by the"
    " same rule, with returns in the month of their sale; boosters' budgets are used up in the"
    " order in which orders were placed.",
}
WHY_LEFT_OUT: dict[LeftOut, Words] = {
    LeftOut.NOT_PAID: {"zh": "未付款", "en": "not paid"},
    LeftOut.CANCELLED: {"zh": "付款后已取消", "en": "cancelled after payment"},
    LeftOut.ALL_RETURNED: {"zh": "已全部退货", "en": "all of it came back"},
    LeftOut.DECIDED: {
        "zh": "总部已裁决争议，按裁决计",
        "en": "headquarters decided a dispute: counted as decided",
    },
    LeftOut.NO_EVIDENCE: {
        "zh": "订单上没有可读的依据，按账面计",
        "en": "nothing on it that a policy could read: counted as booked",
    },
    LeftOut.NO_PLAN: {
        "zh": "下单时没有生效的佣金方案，按账面计",
        "en": "no commission plan was in force: counted as booked",
    },
}
