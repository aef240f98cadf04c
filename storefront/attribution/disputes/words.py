"""A dispute in sentences: what it is, where it stands, and how and why it was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storefront.attribution.disputes.models import DisputeReason, DisputeState, Outcome
from storefront.core.languages import Language, say_moment, say_share

_Words = Mapping[Language, str]

REASONS: dict[DisputeReason, _Words] = {
    DisputeReason.MY_CUSTOMER: {"zh": "这是我的顾客", "en": "my customer"},
    DisputeReason.WRONG_SELLER_AT_TILL: {
        "zh": "收银台记错了销售人",
        "en": "the till named the wrong seller",
    },
    DisputeReason.VISIT_MISSING: {
        "zh": "缺了顾客的访问记录",
        "en": "a visit of the customer is missing",
    },
    DisputeReason.SHARED_SALE: {"zh": "是共同完成的销售", "en": "the sale was shared"},
    DisputeReason.OTHER: {"zh": "其他原因", "en": "another reason"},
}
OUTCOMES: dict[Outcome, _Words] = {
    Outcome.UPHELD: {"zh": "争议成立", "en": "the dispute is upheld"},
    Outcome.PARTLY: {"zh": "争议部分成立", "en": "the dispute is upheld in part"},
    Outcome.DENIED: {"zh": "争议不成立", "en": "the dispute is denied"},
}

_OPENED_BY_ME: _Words = {
    "zh": "你于 {at} 对订单 {order} 第 {lines} 行的归属提出争议：{reason}。",
    "en": "On {at} you disputed who is credited with order {order}, line {lines}: {reason}.",
}
_OPENED_AGAINST_ME: _Words = {
    "zh": "{at} 有同事对订单 {order} 第 {lines} 行的归属提出争议：{reason}。这些行现在记在你名下。",
    "en": "On {at} a colleague disputed who is credited with order {order}, line {lines}:"
    " {reason}. You are credited with it now.",
}
_HELD: _Words = {
    "zh": "裁定之前，这些行的佣金暂不结算，也不发放；订单的其他行不受影响。",
    "en": "Until it is decided, commission on these lines is neither released nor paid out;"
    " the order's other lines are not touched.",
}
_MAY_ANSWER: _Words = {
    "zh": "你可以在 {due} 之前用文字和图片答复。",
    "en": "You may answer in words and pictures until {due}.",
}
_ANSWERED: _Words = {
    "zh": "你的答复已收到，总部裁定时会看到。",
    "en": "Your answer is there; headquarters reads it before it decides.",
}
_NOT_ANSWERED: _Words = {
    "zh": "答复期限 {due} 已过；没有答复也照样裁定。",
    "en": "The time to answer ended on {due}; it is decided without your answer.",
}
_WAITING_FOR_OTHERS: _Words = {
    "zh": "可能受影响的 {count} 位同事可在 {due} 之前答复，已答复 {answered} 位。",
    "en": "Colleagues who would lose: {count}. They may answer until {due}; answers so far:"
    " {answered}.",
}
_DECISION_DUE: _Words = {
    "zh": "总部应在 {due} 之前裁定。",
    "en": "Headquarters has to decide it by {due}.",
}
_PAST_DUE: _Words = {
    "zh": "总部本应在 {due} 之前裁定，现已逾期，已排在最前；逾期不会自动得出结果。",
    "en": "Headquarters should have decided it by {due}. It is past due and listed first; time"
    " alone decides nothing.",
}
_WITHDRAWN: _Words = {
    "zh": "争议于 {at} 撤回，归属不变。",
    "en": "The dispute was withdrawn on {at}; nothing changes.",
}
_DECIDED: _Words = {
    "zh": "总部于 {at} 裁定：{outcome}。理由：{explanation}",
    "en": "Headquarters decided on {at}: {outcome}. The reason: {explanation}",
}
_STAYS: _Words = {"zh": "归属不变。", "en": "Who is credited stays as it was."}
_SHARE: _Words = {
    "zh": "第 {line} 行：你现在得 {after}（原为 {before}）。",
    "en": "Line {line}: {after} of it is yours now (it was {before}).",
}


@dataclass(frozen=True, slots=True)
class ShareOfLine:
    """What an employee has of a disputed line before and after the decision, in basis points."""

    line: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A dispute as one of those whom it concerns sees it."""

    order_number: str
    lines: tuple[int, ...]
    """Positions."""
    reason: DisputeReason
    state: DisputeState
    mine: bool
    """Whether they opened it; else they would lose by it."""
    spoke: bool
    """Whether they have said something."""
    others: int
    """How many would lose by it."""
    answers: int
    """How many of those have answered."""
    opened_at: datetime
    answer_due_at: datetime
    decision_due_at: datetime
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    explanation: str = ""
    shares: tuple[ShareOfLine, ...] = ()
    """Of the lines that the decision credits otherwise."""


def of_case(case: Standing, now: datetime, language: Language, time_zone: str) -> list[str]:
    """What it is about, where it stands now, and why it was decided so."""
    speaker = _Speaker(case, language, time_zone)
    return [speaker.opening(), *speaker.standing(now)]


class _Speaker:
    """Fills sentences about one case."""

    def __init__(self, case: Standing, language: Language, time_zone: str) -> None:
        self._case = case
        self._language: Language = language
        self._time_zone = time_zone

    def opening(self) -> str:
        """Who disputes what, and why."""
        case = self._case
        return (_OPENED_BY_ME if case.mine else _OPENED_AGAINST_ME)[self._language].format(
            at=self._moment(case.opened_at),
            order=case.order_number,
            lines=self._list(case.lines),
            reason=REASONS[case.reason][self._language],
        )

    def standing(self, now: datetime) -> list[str]:
        """Where it stands."""
        match self._case.state:
            case DisputeState.OPEN:
                return self._open(now)
            case DisputeState.WITHDRAWN:
                return [self._say(_WITHDRAWN, at=self._case.closed_at)]
            case DisputeState.DECIDED:
                return self._decided()

    def _open(self, now: datetime) -> list[str]:
        case = self._case
        told = [_HELD[self._language]]
        if not case.mine:
            told.append(self._own_answer(now))
        elif case.others:
            told.append(
                _WAITING_FOR_OTHERS[self._language].format(
                    count=case.others, due=self._moment(case.answer_due_at), answered=case.answers
                )
            )
        past_due = now >= case.decision_due_at
        told.append(self._say(_PAST_DUE if past_due else _DECISION_DUE, due=case.decision_due_at))
        return told

    def _own_answer(self, now: datetime) -> str:
        if self._case.spoke:
            return _ANSWERED[self._language]
        late = now >= self._case.answer_due_at
        return self._say(_NOT_ANSWERED if late else _MAY_ANSWER, due=self._case.answer_due_at)

    def _decided(self) -> list[str]:
        case = self._case
        assert case.outcome is not None
        assert case.closed_at is not None
        told = [
            _DECIDED[self._language].format(
                at=self._moment(case.closed_at),
                outcome=OUTCOMES[case.outcome][self._language],
                explanation=case.explanation,
            )
        ]
        if not case.shares:
            return [*told, _STAYS[self._language]]
        return told + [
            _SHARE[self._language].format(
                line=share.line, before=say_share(share.before), after=say_share(share.after)
            )
            for share in case.shares
        ]

    def _say(self, words: _Words, **moments: datetime | None) -> str:
        said = {name: self._moment(at) for name, at in moments.items() if at is not None}
        return words[self._language].format(**said)

    def _moment(self, at: datetime) -> str:
        return say_moment(at, self._time_zone, self._language)

    def _list(self, positions: Sequence[int]) -> str:
        return ("、" if self._language == "zh" else ", ").join(map(str, positions))
