"""What a step does, in sentences of both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from storefront.attribution.wording import TREATMENTS, Words
from storefront.careers.models import Step
from storefront.careers.preview import CustomersFate, Preview, ShopFate, SignInFate
from storefront.core.languages import Language
from storefront.core.money import format_amount

_SIGN_IN: Mapping[SignInFate, Words] = {
    SignInFate.AS_BEFORE: {"zh": "登录照旧。", "en": "Signing in stays as it is."},
    SignInFate.OWN_FIGURES: {
        "zh": "仍可登录查看业绩和佣金、参与争议；小店和顾客等回来再管。",
        "en": "They may sign in to see what they earn and to speak in disputes; shop and customers"
        " wait until they are back.",
    },
    SignInFate.ENDED: {
        "zh": "立即退出所有设备，密码作废。",
        "en": "They are signed out everywhere, and their password is gone.",
    },
}
_SHOP: Mapping[ShopFate, Words] = {
    ShopFate.NONE: {"zh": "没有小店。", "en": "They have no shop."},
    ShopFate.CLOSED: {
        "zh": "小店 {handle} 不开门，{links} 条分享链接打不开。",
        "en": "The shop {handle} is closed, and its links lead nowhere: {links}.",
    },
    ShopFate.OPEN: {
        "zh": "小店 {handle} 照常开着，{links} 条分享链接照常可用。",
        "en": "The shop {handle} stays open, and its links lead there: {links}.",
    },
    ShopFate.FORWARDS: {
        "zh": "小店 {handle} 变成一页指引，由 {heir} 接待；{links} 条分享链接通向 {heir} 的小店。",
        "en": "The shop {handle} becomes a page that leads to {heir}, and its links lead to"
        " {heir}'s shop: {links}.",
    },
}
_CUSTOMERS: Mapping[CustomersFate, Words] = {
    CustomersFate.STAY: {
        "zh": "{count} 位顾客仍归本人。",
        "en": "Customers who stay theirs: {count}.",
    },
    CustomersFate.SUCCESSOR: {
        "zh": "{count} 位顾客归 {heir}，保护期照旧。",
        "en": "Customers who become {heir}'s, as protected as before: {count}.",
    },
    CustomersFate.NOBODYS: {
        "zh": "{count} 位顾客不再归任何人。",
        "en": "Customers who will be nobody's: {count}.",
    },
    CustomersFate.COME_BACK: {
        "zh": "{count} 位由同事代管的顾客回到本人名下。",
        "en": "Customers who come back from the stand-in: {count}.",
    },
}
_CLAIMS: Words = {
    "zh": "按第 {version} 版归属规则，此后的订单若凭此前与本人的接触：{treatment}；"
    "离职后 {grace} 天内仍算本人的。",
    "en": "By version {version} of the policy, later orders that rest on meetings with them:"
    " {treatment}; for {grace} days after leaving they still count as theirs.",
}
_ORDERS: Words = {
    "zh": "已下单未付款 {awaiting} 笔，已付款未交付 {paid} 笔："
    "按下单时留下的依据判定，不因此改变。",
    "en": "Orders not paid yet: {awaiting}; paid and not handed over: {paid}. They are judged by"
    " the evidence of the order's moment, whatever happens here.",
}
_MONEY: Words = {
    "zh": "待释放佣金 {held} {currency}，可发放 {payable} {currency}："
    "到期照常释放、照常发放，不注销。",
    "en": "Commission held: {held} {currency}; payable: {payable} {currency}. It stays due, is"
    " released and paid as ever, and never written off.",
}


def say_preview(preview: Preview, currency: str, language: Language) -> list[str]:
    """What would become of everything, a sentence each."""
    return list(_said(preview, currency, language))


def _said(preview: Preview, currency: str, language: Language) -> Iterator[str]:
    successor = preview.planned.successor
    heir = successor.name if successor else ""
    yield _SIGN_IN[preview.sign_in][language]
    yield _SHOP[preview.shop][language].format(
        handle=preview.handle, links=preview.links, heir=heir
    )
    yield _CUSTOMERS[preview.customers][language].format(count=preview.customer_count, heir=heir)
    if preview.planned.step is Step.LEFT:
        yield _CLAIMS[language].format(
            version=preview.policy_version,
            treatment=TREATMENTS[preview.policy.leavers][language],
            grace=preview.policy.grace_days,
        )
    yield _ORDERS[language].format(awaiting=preview.awaiting_payment, paid=preview.not_handed_over)
    yield _MONEY[language].format(
        held=format_amount(preview.balance.held, currency),
        payable=format_amount(preview.balance.payable, currency),
        currency=currency,
    )
