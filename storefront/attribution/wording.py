"""The words in which verdicts and policies are told, in both languages, by code.

The codes are stable; the words may be improved.
"""

from __future__ import annotations

from collections.abc import Mapping

from storefront.attribution.rules import (
    BY_DISPUTE,
    Kind,
    Model,
    Reason,
    Renewal,
    Scope,
    Source,
    TieMode,
    Treatment,
)
from storefront.core.languages import Language

Words = Mapping[Language, str]

CHANNELS: dict[str, Words] = {
    "wechat": {"zh": "微信", "en": "WeChat"},
    "moments": {"zh": "朋友圈", "en": "Moments"},
    "wecom": {"zh": "企业微信", "en": "WeCom"},
    "weibo": {"zh": "微博", "en": "Weibo"},
    "qq": {"zh": "QQ", "en": "QQ"},
    "whatsapp": {"zh": "WhatsApp", "en": "WhatsApp"},
    "poster": {"zh": "海报", "en": "poster"},
}
"""How a link's channel is called; a link without one of these is only a link."""

MEETINGS: dict[str, Words] = {
    Kind.LINK: {
        "zh": "顾客在 {at} 打开了你的{channel}链接",
        "en": "The customer opened your {channel}link on {at}",
    },
    Kind.QR: {
        "zh": "顾客在 {at} 扫了你的二维码",
        "en": "The customer scanned your QR code on {at}",
    },
    Kind.SHOP_VISIT: {
        "zh": "顾客在 {at} 在你的小店里选了商品",
        "en": "The customer chose goods in your shop on {at}",
    },
    Kind.RESHARE: {
        "zh": "顾客在 {at} 经别人转发进了你的小店",
        "en": "The customer came to your shop on {at} by what somebody had passed on",
    },
    Kind.COUPON: {
        "zh": "顾客在 {at} 用了你的专属码",
        "en": "The customer gave your code on {at}",
    },
    Kind.TILL_SCAN: {
        "zh": "{at} 收银台扫了你的码",
        "en": "Your code was read at the till on {at}",
    },
    Source.TIE: {
        "zh": "这位顾客自 {at} 起归你",
        "en": "The customer has been yours since {at}",
    },
    Source.TILL: {
        "zh": "{at} 收银台记你为销售人",
        "en": "The till named you as the seller on {at}",
    },
    BY_DISPUTE: {
        "zh": "{at} 有人就这笔订单提出了争议",
        "en": "The order was disputed on {at}",
    },
}
"""What an employee had to do with the order, by kind of touch or by source."""

MEETINGS_IN_SHORT: dict[str, Words] = {
    Kind.LINK: {"zh": "{channel}链接", "en": "{channel}link"},
    Kind.QR: {"zh": "二维码", "en": "QR code"},
    Kind.SHOP_VISIT: {"zh": "店内选购", "en": "shop visit"},
    Kind.RESHARE: {"zh": "转发进店", "en": "passed on"},
    Kind.COUPON: {"zh": "专属码", "en": "code given"},
    Kind.TILL_SCAN: {"zh": "收银台扫码", "en": "till scan"},
    Source.TIE: {"zh": "归属顾客", "en": "tie"},
    Source.TILL: {"zh": "收银台记录", "en": "till"},
    BY_DISPUTE: {"zh": "争议", "en": "dispute"},
}

WHY: dict[Reason, Words] = {
    Reason.TILL_CLAIM: {"zh": "以收银台的记录为准", "en": "what the till says counts"},
    Reason.COUPON: {"zh": "这是顾客最后用的专属码", "en": "the last code that the customer gave"},
    Reason.LAST_TOUCH: {
        "zh": "这是下单前最后一次有效接触",
        "en": "the last meeting that counts before the order",
    },
    Reason.FIRST_TOUCH: {
        "zh": "这是有效期内的第一次接触",
        "en": "the first meeting that counts before the order",
    },
    Reason.LINEAR_SHARE: {
        "zh": "有效接触按次数平分",
        "en": "all meetings that count share alike",
    },
    Reason.POSITION_SHARE: {
        "zh": "首末两次接触各得一份，其余均分剩下的",
        "en": "the first and the last meeting get a set share each, those between them the rest",
    },
    Reason.DECAY_SHARE: {
        "zh": "接触离下单越近，份额越大",
        "en": "the nearer a meeting to the order, the greater its share",
    },
    Reason.TIED: {
        "zh": "归属顾客的订单归你",
        "en": "the orders of customers who are yours count for you",
    },
    Reason.TIED_AND_LAST: {
        "zh": "归属人与最后接触人按规定分成",
        "en": "whose the customer is and who met them last share by the rule",
    },
    Reason.DECIDED: {"zh": "总部就争议作出了裁定", "en": "headquarters decided the dispute so"},
    Reason.FOR_SUCCESSOR: {
        "zh": "原同事已离职，由接任者承接",
        "en": "a colleague who left is followed by their successor",
    },
    Reason.FOR_STORE: {"zh": "按规定记给门店", "en": "by the rules it counts for the store"},
    Reason.EARLIER_TOUCH: {
        "zh": "之后顾客又接触了别的同事；只算最后一次",
        "en": "the customer met a colleague later, and only the last meeting counts",
    },
    Reason.LATER_TOUCH: {
        "zh": "更早有别的同事接触过；只算第一次",
        "en": "a colleague had met the customer before, and only the first meeting counts",
    },
    Reason.OUTSIDE_WINDOW: {
        "zh": "到下单时已超过有效期",
        "en": "by the time of the order that was too long ago to count",
    },
    Reason.AFTER_ORDER: {"zh": "那时已经下单", "en": "the order had been placed by then"},
    Reason.NOT_COUNTED: {
        "zh": "那不是顾客本人的有效访问（预览、程序、重复打开或你自己），不计入",
        "en": "that was no visit of the customer's own (a preview, a program, a repetition, or"
        " yourself), so it does not count",
    },
    Reason.OWN_PURCHASE: {
        "zh": "这是你自己的购买，按规定不计",
        "en": "this is your own purchase, which does not count by the rules",
    },
    Reason.LEFT_THE_CHAIN: {
        "zh": "下单时你已离职，按规定不再计入",
        "en": "you had left the company when the order was placed",
    },
    Reason.OUTRANKED: {
        "zh": "另有按规定优先的依据",
        "en": "there was other evidence, which the rules put first",
    },
    Reason.TIED_TO_ANOTHER: {
        "zh": "这位顾客归另一位同事",
        "en": "the customer belongs to a colleague",
    },
    Reason.TIE_ENDED: {
        "zh": "归属的保护期在下单前已过",
        "en": "the protection had run out before the order",
    },
    Reason.SOURCE_NOT_USED: {
        "zh": "现行规则不看这类依据",
        "en": "the rules do not look at evidence of this kind",
    },
    Reason.OTHER_PRODUCT: {
        "zh": "那次接触是为了别的商品",
        "en": "that was about another product",
    },
    Reason.SHARE_TOO_SMALL: {
        "zh": "按权重分得的份额不足万分之一",
        "en": "its share would be less than a ten-thousandth",
    },
    Reason.DECIDED_AGAINST: {
        "zh": "总部就争议裁定不归你",
        "en": "headquarters decided the dispute for somebody else",
    },
    Reason.WITHDRAWN: {
        "zh": "总部核查这笔销售后收回了计入",
        "en": "headquarters looked into the sale and took the credit back",
    },
}
"""Why a claim won or lost, told to whoever made it."""

WHY_IN_SHORT: dict[Reason, Words] = {
    Reason.TILL_CLAIM: {"zh": "收银台记录", "en": "named by the till"},
    Reason.COUPON: {"zh": "最后使用的专属码", "en": "the last code given"},
    Reason.LAST_TOUCH: {"zh": "最后一次有效接触", "en": "the last meeting that counts"},
    Reason.FIRST_TOUCH: {"zh": "第一次有效接触", "en": "the first meeting that counts"},
    Reason.LINEAR_SHARE: {"zh": "按次数平分", "en": "all meetings alike"},
    Reason.POSITION_SHARE: {"zh": "按先后位置分", "en": "by position"},
    Reason.DECAY_SHARE: {"zh": "按时间远近分", "en": "by nearness in time"},
    Reason.TIED: {"zh": "归属顾客", "en": "the customer is theirs"},
    Reason.TIED_AND_LAST: {"zh": "归属人与最后接触人分成", "en": "tied and last share"},
    Reason.DECIDED: {"zh": "争议裁定", "en": "decided by headquarters"},
    Reason.FOR_SUCCESSOR: {"zh": "接任离职同事", "en": "for somebody who left"},
    Reason.FOR_STORE: {"zh": "记给门店", "en": "for the store"},
    Reason.EARLIER_TOUCH: {"zh": "之后另有接触", "en": "another meeting came later"},
    Reason.LATER_TOUCH: {"zh": "更早已有接触", "en": "another meeting came before"},
    Reason.OUTSIDE_WINDOW: {"zh": "超出有效期", "en": "outside the window"},
    Reason.AFTER_ORDER: {"zh": "在下单之后", "en": "after the order"},
    Reason.NOT_COUNTED: {"zh": "访问不计数", "en": "the visit does not count"},
    Reason.OWN_PURCHASE: {"zh": "自购", "en": "own purchase"},
    Reason.LEFT_THE_CHAIN: {"zh": "下单时已离职", "en": "had left by then"},
    Reason.OUTRANKED: {"zh": "另有优先的依据", "en": "other evidence comes first"},
    Reason.TIED_TO_ANOTHER: {"zh": "顾客归他人", "en": "the customer belongs to another"},
    Reason.TIE_ENDED: {"zh": "保护期已过", "en": "the protection had run out"},
    Reason.SOURCE_NOT_USED: {"zh": "规则不看这类依据", "en": "the rules do not look at this kind"},
    Reason.OTHER_PRODUCT: {"zh": "为了别的商品", "en": "about another product"},
    Reason.SHARE_TOO_SMALL: {"zh": "份额过小", "en": "the share is too small"},
    Reason.DECIDED_AGAINST: {"zh": "争议裁定不归", "en": "decided against by headquarters"},
    Reason.WITHDRAWN: {"zh": "总部核查后收回", "en": "taken back by headquarters"},
}

WHY_NOBODY: dict[Reason, Words] = {
    Reason.NO_TOUCH: {
        "zh": "顾客下单前没有接触过任何同事。",
        "en": "The customer had met nobody of the chain before the order.",
    },
    Reason.NO_VALID_CLAIM: {
        "zh": "下单前的接触按规则都不计入。",
        "en": "None of the meetings before the order counts under the rules.",
    },
    Reason.OWN_PURCHASE: {
        "zh": "该归的人就是买家本人，按规则无人计佣。",
        "en": "It would count for the buyer; then nobody earns, by the rules.",
    },
    Reason.LEFT_THE_CHAIN: {
        "zh": "该归的人已离职，按规则无人计佣。",
        "en": "It would count for somebody who had left; then nobody earns, by the rules.",
    },
    Reason.DECIDED: {
        "zh": "总部就争议裁定无人计佣。",
        "en": "Headquarters decided the dispute so that nobody earns.",
    },
    Reason.WITHDRAWN: {
        "zh": "总部核查这笔销售后收回了计入，无人计佣。",
        "en": "Headquarters looked into the sale and took the credit back; nobody earns.",
    },
}

MODELS: dict[Model, Words] = {
    Model.LAST_TOUCH: {"zh": "最后一次有效接触", "en": "the last meeting that counts"},
    Model.FIRST_TOUCH: {"zh": "第一次有效接触", "en": "the first meeting that counts"},
    Model.TIED_FIRST: {
        "zh": "先看顾客归谁，其次最后一次有效接触",
        "en": "whose the customer is, else the last meeting that counts",
    },
    Model.LINEAR: {"zh": "有效接触平分", "en": "all meetings that count, alike"},
    Model.POSITION_BASED: {
        "zh": "首末接触各得一份，中间平分其余",
        "en": "set shares for the first and the last meeting, the rest for those between",
    },
    Model.TIME_DECAY: {"zh": "越近的接触份额越大", "en": "all meetings, the nearer the more"},
    Model.TIED_AND_LAST: {
        "zh": "归属人与最后接触人分成",
        "en": "whose the customer is and who met them last, by set shares",
    },
}
SCOPES: dict[Scope, Words] = {
    Scope.ORDER: {"zh": "按整单", "en": "the order as a whole"},
    Scope.LINE: {"zh": "按每行", "en": "line by line"},
}
SOURCES: dict[Source, Words] = {
    Source.TILL: {"zh": "收银台记录", "en": "till"},
    Source.COUPON: {"zh": "专属码", "en": "coupon"},
    Source.TOUCH: {"zh": "接触", "en": "meetings"},
    Source.TIE: {"zh": "归属", "en": "tie"},
}
TREATMENTS: dict[Treatment, Words] = {
    Treatment.ALLOW: {"zh": "照常计入", "en": "counts like any other"},
    Treatment.SKIP: {"zh": "不计，看下一个", "en": "does not count, the next one may"},
    Treatment.NOBODY: {"zh": "无人计佣", "en": "nobody earns"},
    Treatment.STORE: {"zh": "记给门店", "en": "the store is credited"},
    Treatment.SUCCESSOR: {"zh": "由接任者承接", "en": "the successor is credited"},
}
TIE_MODES: dict[TieMode, Words] = {
    TieMode.NONE: {"zh": "不设归属", "en": "customers belong to nobody"},
    TieMode.FIRST_TOUCH: {"zh": "第一次接触者", "en": "whoever met the customer first"},
    TieMode.FIRST_ORDER: {"zh": "首单得佣者", "en": "whoever is credited with the first order"},
    TieMode.EXPLICIT: {"zh": "须明确指定", "en": "only who was named"},
}
RENEWALS: dict[Renewal, Words] = {
    Renewal.ORDER: {"zh": "下单", "en": "an order"},
    Renewal.TOUCH: {"zh": "接触", "en": "a meeting"},
}
KINDS: dict[Kind, Words] = {
    Kind.LINK: {"zh": "链接", "en": "links"},
    Kind.QR: {"zh": "二维码", "en": "QR codes"},
    Kind.SHOP_VISIT: {"zh": "店内选购", "en": "shop visits"},
    Kind.RESHARE: {"zh": "转发", "en": "what was passed on"},
    Kind.COUPON: {"zh": "专属码", "en": "coupons"},
    Kind.TILL_SCAN: {"zh": "收银台扫码", "en": "till scans"},
}

ELEMENTS: dict[str, Words] = {
    "model": {"zh": "归属方式", "en": "Who is credited"},
    "scope": {"zh": "判定范围", "en": "What is judged"},
    "window_days": {"zh": "有效期", "en": "Window"},
    "windows": {"zh": "个别有效期", "en": "Other windows"},
    "precedence": {"zh": "依据的先后", "en": "Order of evidence"},
    "first_share": {"zh": "首次接触份额", "en": "Share of the first meeting"},
    "last_share": {"zh": "末次接触份额", "en": "Share of the last meeting"},
    "half_life_days": {"zh": "半衰期", "en": "Half-life"},
    "tied_share": {"zh": "归属人份额", "en": "Share of whose the customer is"},
    "tie_mode": {"zh": "顾客归谁", "en": "How a customer becomes somebody's"},
    "protection_days": {"zh": "归属保护期", "en": "Protection"},
    "renewed_by": {"zh": "保护期因何重计", "en": "Protection begins anew with"},
    "own_purchase": {"zh": "自购", "en": "Own purchases"},
    "leavers": {"zh": "离职者", "en": "Leavers"},
    "grace_days": {"zh": "离职宽限期", "en": "Grace after leaving"},
    "dispute_days": {"zh": "可提出争议", "en": "Disputes are open for"},
    "answer_days": {"zh": "答复期限", "en": "Time to answer a dispute"},
    "decision_days": {"zh": "裁定期限", "en": "Time to decide a dispute"},
    "blackout_days": {"zh": "联系间隔", "en": "Colleagues wait before they write"},
}
"""What each element of a policy is called."""
