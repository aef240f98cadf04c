"""A verdict as sentences: for the employee whom it concerns, and for headquarters.

An employee reads about themselves and about how many others there were, never who.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from storefront.attribution.rules import (
    BY_DISPUTE,
    Claim,
    Evidence,
    Policy,
    Ruling,
    Source,
    Verdict,
)
from storefront.attribution.wording import (
    CHANNELS,
    MEETINGS,
    MEETINGS_IN_SHORT,
    MODELS,
    WHY,
    WHY_IN_SHORT,
    WHY_NOBODY,
    Words,
)
from storefront.core.languages import Language, say_moment, say_share
from storefront.core.money import WHOLE_BASIS_POINTS

_YOURS: Words = {"zh": "这笔订单记在你名下。", "en": "This order is credited to you."}
_PARTLY_YOURS: Words = {
    "zh": "这笔订单的 {share} 记在你名下。",
    "en": "{share} of this order is credited to you.",
}
_SOME_LINES_YOURS: Words = {
    "zh": "这笔订单的第 {lines} 行记在你名下。",
    "en": "Of this order, what is credited to you: line {lines}.",
}
_NOT_YOURS: Words = {
    "zh": "这笔订单没有记在你名下。",
    "en": "This order is not credited to you.",
}
_NOBODYS: Words = {
    "zh": "这笔订单没有记在任何人名下。",
    "en": "This order is not credited to anybody.",
}
_OWN_CLAIM: Words = {"zh": "{met}：{why}。", "en": "{met}: {why}."}
_SHARED: Words = {
    "zh": "另有 {count} 位同事分得一份。",
    "en": "Colleagues who share in it: {count}.",
}
_LOST: Words = {
    "zh": "另有 {count} 位同事未计入：{why}。",
    "en": "Colleagues who do not share in it: {count} ({why}).",
}
_POLICY: Words = {
    "zh": "依据归属规则第 {version} 版：{model}，{days} 天内有效。",
    "en": "By version {version} of the attribution policy: {model}, within {days} days.",
}
_FOR_HEADQUARTERS: Words = {
    "zh": "{who}：{at}，{met}，{share}，{why}。",
    "en": "{who}: {at}, {met}, {share}, {why}.",
}
_LINES: Words = {"zh": "第 {lines} 行：", "en": "Line {lines}: "}
_THE_STORE: Words = {"zh": "门店", "en": "The store"}


@dataclass(frozen=True, slots=True)
class Case:
    """A verdict and what it was made of."""

    verdict: Verdict
    evidence: Evidence
    policy: Policy
    policy_version: int


def for_employee(case: Case, employee_id: int, language: Language, time_zone: str) -> list[str]:
    """What the verdict means to one employee, in a few sentences."""
    speaker = _Speaker(case, language, time_zone)
    sentences = [speaker.headline(employee_id)]
    several = len(case.verdict.rulings) > 1
    for ruling in case.verdict.rulings:
        told = speaker.ruling(ruling, employee_id)
        sentences += [speaker.lines(ruling) + each for each in told] if several else told
    return [*sentences, speaker.policy()]


def for_headquarters(case: Case, language: Language, time_zone: str) -> list[str]:
    """The whole verdict, claim by claim, with staff numbers."""
    speaker = _Speaker(case, language, time_zone)
    sentences: list[str] = []
    several = len(case.verdict.rulings) > 1
    for ruling in case.verdict.rulings:
        told: list[str] = []
        if not ruling.winners:
            told = [] if several else [_NOBODYS[language]]
            told.append(WHY_NOBODY[ruling.reason][language])
        told += [speaker.claim_in_short(claim) for claim in (*ruling.winners, *ruling.losers)]
        sentences += [speaker.lines(ruling) + each for each in told] if several else told
    return [*sentences, speaker.policy()]


class _Speaker:
    """Fills sentences about one case."""

    def __init__(self, case: Case, language: Language, time_zone: str) -> None:
        self._case = case
        self._language: Language = language
        self._time_zone = time_zone
        self._channels = {touch.touch_id: touch.channel for touch in case.evidence.touches}

    def headline(self, employee_id: int) -> str:
        """Whose order it is, seen from one employee."""
        rulings = self._case.verdict.rulings
        shares = [
            sum(claim.share for claim in ruling.winners if claim.employee_id == employee_id)
            for ruling in rulings
        ]
        if not any(shares):
            somebody = any(ruling.winners for ruling in rulings)
            return (_NOT_YOURS if somebody else _NOBODYS)[self._language]
        if len(set(shares)) > 1:
            own = [
                position
                for ruling, share in zip(rulings, shares, strict=True)
                for position in (ruling.positions if share else ())
            ]
            return _SOME_LINES_YOURS[self._language].format(lines=self._list(sorted(own)))
        if shares[0] == WHOLE_BASIS_POINTS:
            return _YOURS[self._language]
        return _PARTLY_YOURS[self._language].format(share=say_share(shares[0]))

    def ruling(self, ruling: Ruling, employee_id: int) -> list[str]:
        """What one ruling means to an employee."""
        claims = [*ruling.winners, *ruling.losers]
        own = next((claim for claim in claims if claim.employee_id == employee_id), None)
        told: list[str] = []
        if own:
            why = WHY[own.reason][self._language]
            met = self._met(MEETINGS, own)
            told.append(_OWN_CLAIM[self._language].format(met=met, why=why))
        elif not ruling.winners:
            told.append(WHY_NOBODY[ruling.reason][self._language])
        # Somebody who lost need not be told how many others did: who won is what they lost to.
        if own and own.share:
            told += self._others(ruling, employee_id)
        return told

    def _others(self, ruling: Ruling, employee_id: int) -> list[str]:
        sharing = [claim for claim in ruling.winners if claim.employee_id != employee_id]
        told = [_SHARED[self._language].format(count=len(sharing))] if sharing else []
        lost = Counter(claim.reason for claim in ruling.losers if claim.employee_id != employee_id)
        return told + [
            _LOST[self._language].format(count=count, why=WHY_IN_SHORT[reason][self._language])
            for reason, count in sorted(lost.items())
        ]

    def claim_in_short(self, claim: Claim) -> str:
        """A claim as headquarters reads it."""
        return _FOR_HEADQUARTERS[self._language].format(
            who=claim.number or _THE_STORE[self._language],
            at=say_moment(claim.at, self._time_zone, self._language),
            met=self._met(MEETINGS_IN_SHORT, claim),
            share=say_share(claim.share),
            why=WHY_IN_SHORT[claim.reason][self._language],
        )

    def lines(self, ruling: Ruling) -> str:
        """Which lines a ruling is about."""
        return _LINES[self._language].format(lines=self._list(ruling.positions))

    def policy(self) -> str:
        """Which rule it was judged by."""
        policy = self._case.policy
        return _POLICY[self._language].format(
            version=self._case.policy_version,
            model=MODELS[policy.model][self._language],
            days=policy.window_days,
        )

    def _list(self, positions: Sequence[int]) -> str:
        return ("、" if self._language == "zh" else ", ").join(map(str, positions))

    def _met(self, meetings: dict[str, Words], claim: Claim) -> str:
        of_itself = claim.source in (Source.TIE, Source.TILL, BY_DISPUTE)
        words = meetings[claim.source if of_itself else claim.kind][self._language]
        named = CHANNELS.get(self._channels.get(claim.touch_id or 0, ""))
        channel = named[self._language] if named else ""
        if channel and self._language == "en":
            channel += " "
        return words.format(
            at=say_moment(claim.at, self._time_zone, self._language), channel=channel
        )
