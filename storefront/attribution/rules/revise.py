"""What a verdict becomes when headquarters decides a dispute or takes credit back: pure, and every
line is in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from storefront.attribution.rules.verdict import Claim, Reason, Ruling, Verdict

BY_DISPUTE = "dispute"
"""The source of a claim that nothing but a dispute speaks for."""


@dataclass(frozen=True, slots=True)
class Award:
    """A share that a decision gives on a line."""

    employee_id: int | None
    """None: the store alone is credited."""
    number: str
    """The staff number; empty for a store."""
    store_id: int
    share: int
    """In basis points; a line's awards sum to 10,000, or there are none."""


@dataclass(frozen=True, slots=True)
class Disputant:
    """Who opened the dispute, and when."""

    employee_id: int
    number: str
    store_id: int
    at: datetime


_Awards = tuple[Award, ...]


def revise(
    standing: Verdict, awards: Mapping[int, Sequence[Award]], disputant: Disputant
) -> Verdict:
    """The verdict with new rulings on the lines (by position) that `awards` names.

    Who wins there does so as DECIDED; who won before, or disputed, and gets nothing now has
    DECIDED_AGAINST. Whoever had lost already keeps the reason why. The other lines stay.
    """
    rulings: list[Ruling] = []
    for ruling in standing.rulings:
        rest: list[int] = []
        decided: dict[_Awards, list[int]] = defaultdict(list)
        for position in ruling.positions:
            if position in awards:
                decided[tuple(awards[position])].append(position)
            else:
                rest.append(position)
        if rest:
            rulings.append(replace(ruling, positions=tuple(rest)))
        rulings += [
            _decided(ruling, tuple(positions), shares, disputant)
            for shares, positions in decided.items()
        ]
    return Verdict(tuple(sorted(rulings, key=lambda ruling: ruling.positions)))


def _decided(
    before: Ruling, positions: tuple[int, ...], awards: _Awards, disputant: Disputant
) -> Ruling:
    claims = {
        _who(claim.employee_id, claim.store_id): claim
        for claim in (*before.losers, *before.winners)
    }
    winners = tuple(
        replace(
            claims.get(_who(award.employee_id, award.store_id)) or _by_dispute(award, disputant),
            store_id=award.store_id,
            reason=Reason.DECIDED,
            share=award.share,
        )
        for award in awards
    )
    won = {_who(claim.employee_id, claim.store_id) for claim in winners}
    losers = tuple(_losers(before, won, disputant))
    return Ruling(positions, Reason.DECIDED, winners, losers)


def _losers(before: Ruling, won: set[object], disputant: Disputant) -> Iterator[Claim]:
    opener = _who(disputant.employee_id, disputant.store_id)
    heard = opener in won
    for claim in (*before.winners, *before.losers):
        who = _who(claim.employee_id, claim.store_id)
        if who in won:
            continue
        heard = heard or who == opener
        decided = claim.share > 0 or who == opener
        yield replace(claim, reason=Reason.DECIDED_AGAINST, share=0) if decided else claim
    if not heard:
        mine = Award(disputant.employee_id, disputant.number, disputant.store_id, 0)
        yield replace(_by_dispute(mine, disputant), reason=Reason.DECIDED_AGAINST)


def withdraw(standing: Verdict, positions: Collection[int], employee_id: int) -> Verdict:
    """The verdict once an employee's share of some lines (by position) is taken from them.

    Nobody gains by it: whoever shared a line keeps their part, and the store is credited with the
    rest; of a line that was the employee's alone nobody is left to earn.
    """
    rulings: list[Ruling] = []
    for ruling in standing.rulings:
        rest = tuple(each for each in ruling.positions if each not in positions)
        taken = tuple(each for each in ruling.positions if each in positions)
        if rest:
            rulings.append(replace(ruling, positions=rest))
        if taken:
            rulings.append(_withdrawn(ruling, taken, employee_id))
    return Verdict(tuple(sorted(rulings, key=lambda ruling: ruling.positions)))


def _withdrawn(before: Ruling, positions: tuple[int, ...], employee_id: int) -> Ruling:
    theirs = [claim for claim in before.winners if claim.employee_id == employee_id]
    lost = tuple(replace(claim, reason=Reason.WITHDRAWN, share=0) for claim in theirs)
    losers = (*lost, *before.losers)
    if len(theirs) == len(before.winners):
        return Ruling(positions, Reason.WITHDRAWN, (), losers)
    winners = tuple(
        replace(claim, employee_id=None, number="", reason=Reason.FOR_STORE)
        if claim.employee_id == employee_id
        else claim
        for claim in before.winners
    )
    return Ruling(positions, before.reason, winners, losers)


def _by_dispute(award: Award, disputant: Disputant) -> Claim:
    return Claim(
        employee_id=award.employee_id,
        number=award.number,
        store_id=award.store_id,
        source=BY_DISPUTE,
        kind="",
        touch_id=None,
        at=disputant.at,
        reason=Reason.DECIDED,
        share=award.share,
    )


def _who(employee_id: int | None, store_id: int) -> object:
    """A person is the same at whatever store; a store is known by itself."""
    return employee_id if employee_id is not None else (None, store_id)
