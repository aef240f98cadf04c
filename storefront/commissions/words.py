"""What a ledger entry is, in a sentence for the employee it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storefront.commissions.models import Account, TransactionKind
from storefront.core.languages import Language, say_share

_Words = Mapping[Language, str]

_SENTENCES: dict[tuple[TransactionKind, Account], _Words] = {
    (TransactionKind.ACCRUAL, Account.HELD): {
        "zh": "订单 {order} 第 {line} 行「{goods}」的佣金（{rate}），等待退货期结束。",
        "en": "Commission ({rate}) on order {order}, line {line}, {goods}: held until the return"
        " window is over.",
    },
    (TransactionKind.REVERSAL, Account.HELD): {
        "zh": "订单 {order} 第 {line} 行「{goods}」有退货或取消，按比例冲回尚未到期的佣金。",
        "en": "Goods of order {order}, line {line}, {goods} came back or were cancelled: held"
        " commission taken back in proportion.",
    },
    (TransactionKind.REVERSAL, Account.PAYABLE): {
        "zh": "订单 {order} 第 {line} 行「{goods}」有退货，按比例从应付佣金中冲回。",
        "en": "Goods of order {order}, line {line}, {goods} came back: commission that was due or"
        " paid already taken back in proportion.",
    },
    (TransactionKind.REATTRIBUTION, Account.HELD): {
        "zh": "总部重新裁定了订单 {order} 第 {line} 行「{goods}」归谁；原佣金尚未到期，"
        "先行收回，裁定给你的另行记入。",
        "en": "Headquarters decided anew whose order {order}, line {line}, {goods} is: the former"
        " commission, not yet due, is taken back; what you are given is booked anew.",
    },
    (TransactionKind.REATTRIBUTION, Account.PAYABLE): {
        "zh": "总部重新裁定了订单 {order} 第 {line} 行「{goods}」归谁；原佣金已到期或已发放，"
        "从应付中收回，裁定给你的另行记入。",
        "en": "Headquarters decided anew whose order {order}, line {line}, {goods} is: the former"
        " commission, due or paid already, is taken back; what you are given is booked anew.",
    },
    (TransactionKind.RELEASE, Account.HELD): {
        "zh": "订单 {order} 第 {line} 行「{goods}」的退货期已过，佣金转出待结算。",
        "en": "The return window of order {order}, line {line}, {goods} is over: no longer held.",
    },
    (TransactionKind.RELEASE, Account.PAYABLE): {
        "zh": "订单 {order} 第 {line} 行「{goods}」的佣金到期，转入应付。",
        "en": "Commission on order {order}, line {line}, {goods} is due now.",
    },
    (TransactionKind.SETTLEMENT, Account.PAYABLE): {
        "zh": "月度结算。",
        "en": "Settlement of the month.",
    },
    (TransactionKind.ADJUSTMENT, Account.PAYABLE): {
        "zh": "总部调整：",
        "en": "Adjusted by headquarters:",
    },
    (TransactionKind.PAYOUT_RETURN, Account.PAYABLE): {
        "zh": "一笔发放被银行退回，重新转入应付。",
        "en": "A payout came back from the bank: it is due again.",
    },
    (TransactionKind.PAYOUT_RETURN, Account.PAID): {
        "zh": "发放单 {payout} 被银行退回。",
        "en": "Came back from the bank: {payout}.",
    },
    (TransactionKind.PAYOUT, Account.PAYABLE): {
        "zh": "随发放单 {payout} 发放，从应付转出。",
        "en": "Paid out with {payout}: moved out of what is due.",
    },
    (TransactionKind.PAYOUT, Account.PAID): {
        "zh": "发放单 {payout} 已随工资发放。",
        "en": "Paid with the payroll: {payout}.",
    },
}

_OF_SERVICE: dict[tuple[TransactionKind, Account], _Words] = {
    (TransactionKind.SERVICE, Account.HELD): {
        "zh": "你在门店把订单 {order} 交给了客户：方案规定的服务奖励，等待退货期结束。",
        "en": "You handed order {order} over at the store: the plan's bonus for service, held until"
        " the return window is over.",
    },
    (TransactionKind.REVERSAL, Account.HELD): {
        "zh": "订单 {order} 在退货期内全部退回，服务奖励收回。",
        "en": "All of order {order} came back within the return window: the bonus for handing it"
        " over is taken back.",
    },
    (TransactionKind.RELEASE, Account.HELD): {
        "zh": "订单 {order} 的退货期已过，服务奖励转出待结算。",
        "en": "The return window of order {order} is over: the bonus for handing it over is no"
        " longer held.",
    },
    (TransactionKind.RELEASE, Account.PAYABLE): {
        "zh": "交付订单 {order} 的服务奖励到期，转入应付。",
        "en": "The bonus for handing order {order} over is due now.",
    },
}

_EXPLAINED = (TransactionKind.ACCRUAL, TransactionKind.SETTLEMENT, TransactionKind.ADJUSTMENT)

_ACCOUNTS: dict[Account, _Words] = {
    Account.HELD: {"zh": "待结算", "en": "held"},
    Account.PAYABLE: {"zh": "应付", "en": "due"},
    Account.PAID: {"zh": "已发放", "en": "paid"},
}


@dataclass(frozen=True, slots=True)
class About:
    """What an entry is about; what it has no part in stays empty."""

    order: str = ""
    line: int = 0
    goods: str = ""
    rate: int = 0
    """In basis points."""
    pay: str = ""
    """What the rule gives, in words, where that is more than a rate."""
    why: str = ""
    """Which rule won and why, in a sentence, and what a cap or a bonus made of it; or what a month
    came to and why; or an adjustment's reason."""
    payout: str = ""
    is_service: bool = False
    """Whether it is about the bonus for handing an order over."""


def of_entry(kind: TransactionKind, account: Account, about: About, language: Language) -> str:
    """The sentence for an entry on one of the employee's accounts."""
    sentences = _OF_SERVICE if about.is_service else _SENTENCES
    if (kind, account) not in sentences:
        # A payout claims a bonus like anything else that is due.
        sentences = _SENTENCES
    sentence = sentences[kind, account][language].format(
        order=about.order,
        line=about.line,
        goods=about.goods,
        rate=about.pay or say_share(about.rate),
        payout=about.payout,
    )
    if kind not in _EXPLAINED or not about.why:
        return sentence
    return sentence + ("" if language == "zh" else " ") + about.why


def of_account(account: Account, language: Language) -> str:
    """What an employee's account is called."""
    return _ACCOUNTS[account][language]
