"""What stands on a case's timeline, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from storefront.commissions.models import Account, TransactionKind
from storefront.core.languages import Language
from storefront.sharing.models import Uncounted

Words = Mapping[Language, str]


class EventKind(StrEnum):
    """What a line of a case's timeline is about."""

    TOUCH = "touch"
    TIE = "tie"
    TILL_CLAIM = "till_claim"
    ORDERED = "ordered"
    PAID = "paid"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    JUDGED = "judged"
    BOOKED = "booked"
    DISPUTED = "disputed"
    ANSWERED = "answered"
    HELD = "held"
    LIFTED = "lifted"
    WITHDRAWN = "withdrawn"
    DECIDED = "decided"


SENTENCES: dict[EventKind, Words] = {
    EventKind.TIE: {"zh": "顾客自此归 {who}。", "en": "From here on the customer is {who}'s."},
    EventKind.TOUCH: {"zh": "{who}：{met}，{counts}。", "en": "{who}: {met}, {counts}."},
    EventKind.TILL_CLAIM: {
        "zh": "收银台把第 {lines} 行的 {share} 记给 {who}。",
        "en": "The till names {who} for {share} of line {lines}.",
    },
    EventKind.ORDERED: {"zh": "顾客下单。", "en": "The customer orders."},
    EventKind.PAID: {"zh": "订单付款。", "en": "The order is paid."},
    EventKind.HANDED_OVER: {"zh": "商品交付。", "en": "The goods are handed over."},
    EventKind.CANCELLED: {"zh": "订单取消。", "en": "The order is cancelled."},
    EventKind.RETURNED: {
        "zh": "第 {lines} 行退回 {count} 件。",
        "en": "Pieces that come back on line {lines}: {count}.",
    },
    EventKind.JUDGED: {"zh": "第 {sequence} 次判定：{told}", "en": "Verdict {sequence}: {told}"},
    EventKind.BOOKED: {
        "zh": "{who} 第 {lines} 行，{account}：{deed}。",
        "en": "{who}, line {lines}, {account}: {deed}.",
    },
    EventKind.DISPUTED: {
        "zh": "{who} 提出争议（{reason}）：{told}",
        "en": "{who} disputes it ({reason}): {told}",
    },
    EventKind.ANSWERED: {"zh": "{who} 答复：{told}", "en": "{who} answers: {told}"},
    EventKind.HELD: {
        "zh": "{who} 第 {lines} 行的佣金因争议暂停结算。",
        "en": "Commission of {who} on line {lines} is held: dispute.",
    },
    EventKind.LIFTED: {
        "zh": "{who} 第 {lines} 行的佣金不再暂停。",
        "en": "Commission of {who} on line {lines} is no longer held.",
    },
    EventKind.WITHDRAWN: {"zh": "{who} 撤回争议。", "en": "{who} withdraws the dispute."},
    EventKind.DECIDED: {"zh": "总部裁定，{reason}：{told}", "en": "Decided, {reason}: {told}"},
}

COUNTS: dict[str, Words] = {
    Uncounted.NO: {"zh": "计入", "en": "counts"},
    Uncounted.HEAD: {"zh": "不计入：只是探测请求", "en": "does not count: a mere HEAD request"},
    Uncounted.CRAWLER: {"zh": "不计入：程序或预览", "en": "does not count: a crawler or preview"},
    Uncounted.PREFETCH: {"zh": "不计入：预先加载", "en": "does not count: fetched beforehand"},
    Uncounted.OWN_VISIT: {"zh": "不计入：员工自己访问", "en": "does not count: an own visit"},
    Uncounted.DUPLICATE: {"zh": "不计入：重复访问", "en": "does not count: a repetition"},
}

DEEDS: dict[TransactionKind, Words] = {
    TransactionKind.ACCRUAL: {"zh": "计提", "en": "accrued"},
    TransactionKind.REVERSAL: {"zh": "因退货或取消冲回", "en": "reversed for what came back"},
    TransactionKind.RELEASE: {"zh": "到期结转", "en": "released"},
    TransactionKind.PAYOUT: {"zh": "发放", "en": "paid out"},
    TransactionKind.REATTRIBUTION: {"zh": "按裁定收回", "en": "taken back by the decision"},
}

ACCOUNTS: dict[Account, Words] = {
    Account.HELD: {"zh": "待结算", "en": "held"},
    Account.PAYABLE: {"zh": "应付", "en": "due"},
}

UNKNOWN: Words = {"zh": "总部", "en": "headquarters"}
"""Who did something, where the program itself did."""
