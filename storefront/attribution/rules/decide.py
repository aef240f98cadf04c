"""The resolver: what is claimed, what stands by the policy, who earns and who does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from storefront.attribution.rules import bids as bidding
from storefront.attribution.rules.bids import Bid
from storefront.attribution.rules.contest import Contest, Part, hold, why_beaten
from storefront.attribution.rules.evidence import Evidence, Line, TillClaim
from storefront.attribution.rules.policy import Policy, Scope, Source, Treatment
from storefront.attribution.rules.shares import apportion
from storefront.attribution.rules.verdict import Claim, Reason, Ruling, Verdict

_Earner = tuple[int | None, int]
"""An employee (None: nobody but the store) and a store."""


def decide(policy: Policy, evidence: Evidence, lines: Sequence[Line]) -> Verdict:
    """Judge an order: a ruling for every line, with shares that sum to 10,000 or a reason why not.

    Lines with the same claims on them come under one ruling.
    """
    common = bidding.of_touches_and_tie(policy, evidence)
    claimed: dict[int, list[TillClaim]] = defaultdict(list)
    for claim in evidence.claims:
        claimed[claim.position].append(claim)
    products = {touch.product_id for touch in evidence.touches if policy.scope is Scope.LINE}
    groups: dict[object, list[Line]] = defaultdict(list)
    for line in lines:
        claims = tuple((each.employee_id, each.share) for each in claimed[line.position])
        groups[claims, line.product_id if line.product_id in products else None].append(line)
    return Verdict(
        tuple(
            _ruling(
                policy,
                evidence,
                [bidding.of_till(policy, evidence, each) for each in claimed[alike[0].position]]
                + common,
                alike,
            )
            for alike in groups.values()
        )
    )


def _ruling(
    policy: Policy, evidence: Evidence, bids: Sequence[Bid], lines: Sequence[Line]
) -> Ruling:
    positions = tuple(line.position for line in lines)
    contest = hold(policy, bids, lines[0].product_id, evidence.placed_at)
    winners = _winners(evidence, contest.parts)
    losers = _losers(policy, evidence, bids, contest, winners)
    if winners:
        return Ruling(positions, contest.parts[0].reason, winners, losers)
    reason = Reason.NO_VALID_CLAIM if bids else Reason.NO_TOUCH
    if contest.parts:
        reason = contest.parts[0].bid.fault or reason
    return Ruling(positions, reason, (), losers)


def _winners(evidence: Evidence, parts: Sequence[Part]) -> tuple[Claim, ...]:
    """The earners with their shares, the greatest first, and of equals the latest.

    A till's claims stay in the order in which it named them.
    """
    won: dict[_Earner, list[Part]] = defaultdict(list)
    for part in parts:
        if part.bid.treatment is not Treatment.NOBODY:
            won[_earner(evidence, part.bid)].append(part)
    weights = {earner: sum(part.weight for part in of) for earner, of in won.items()}
    if won and not any(weights.values()):
        # What had weight takes no part: those who are left share alike.
        weights = dict.fromkeys(won, 1)
    earners = list(won)
    if earners and parts[0].bid.source is not Source.TILL:
        earners.sort(key=lambda earner: weights[earner], reverse=True)
    shares = apportion([weights[earner] for earner in earners]) if earners else []
    return tuple(
        _won(evidence, earner, won[earner][0], share)
        for earner, share in zip(earners, shares, strict=True)
        if share
    )


def _earner(evidence: Evidence, bid: Bid) -> _Earner:
    """Whom a winning bid is credited to."""
    person = evidence.people[bid.employee_id]
    if bid.treatment is Treatment.ALLOW:
        return bid.employee_id, person.store_id
    if bid.treatment is Treatment.SUCCESSOR and person.successor_id is not None:
        heir = evidence.people.get(person.successor_id)
        if heir and heir.left_at is None and person.successor_id not in evidence.buyers:
            return person.successor_id, heir.store_id
    return None, person.store_id


def _won(evidence: Evidence, earner: _Earner, part: Part, share: int) -> Claim:
    employee_id, store_id = earner
    reason = part.reason
    if part.bid.treatment is not Treatment.ALLOW:
        reason = Reason.FOR_STORE if employee_id is None else Reason.FOR_SUCCESSOR
    number = "" if employee_id is None else evidence.people[employee_id].number
    return _claim(part.bid, employee_id, number, store_id, reason, share)


def _losers(
    policy: Policy,
    evidence: Evidence,
    bids: Sequence[Bid],
    contest: Contest,
    winners: Sequence[Claim],
) -> tuple[Claim, ...]:
    """Everybody else with a claim, each with the best they had, the latest first."""
    best: dict[int, Bid] = {}
    for bid in sorted(bids, key=lambda bid: (bid.fault is None, bid.contends, bid.moment)):
        best[bid.employee_id] = bid
    won = {claim.employee_id for claim in winners}
    lost = [bid for employee_id, bid in best.items() if employee_id not in won]
    lost.sort(key=lambda bid: bid.moment, reverse=True)
    losers: list[Claim] = []
    for bid in lost:
        person = evidence.people[bid.employee_id]
        reason = bid.fault or why_beaten(policy, bid, contest)
        losers.append(_claim(bid, bid.employee_id, person.number, person.store_id, reason))
    return tuple(losers)


def _claim(
    bid: Bid, employee_id: int | None, number: str, store_id: int, reason: Reason, share: int = 0
) -> Claim:
    return Claim(
        employee_id=employee_id,
        number=number,
        store_id=store_id,
        source=bid.source.value,
        kind=bid.kind,
        touch_id=bid.touch_id,
        at=bid.at,
        reason=reason,
        share=share,
    )
