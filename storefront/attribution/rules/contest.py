"""Which source of claims decides, and who of those that contend gets how much by the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storefront.attribution.rules.bids import Bid
from storefront.attribution.rules.policy import Model, Policy, Scope, Source
from storefront.attribution.rules.shares import by_age, by_position
from storefront.attribution.rules.verdict import Reason
from storefront.core.money import WHOLE_BASIS_POINTS

_SHARING: dict[Model, Reason] = {
    Model.LINEAR: Reason.LINEAR_SHARE,
    Model.POSITION_BASED: Reason.POSITION_SHARE,
    Model.TIME_DECAY: Reason.DECAY_SHARE,
}
_LEANS_ON_TIES = frozenset({Model.TIED_FIRST, Model.TIED_AND_LAST})


@dataclass(frozen=True, slots=True)
class Part:
    """A bid that wins something, by weight."""

    bid: Bid
    weight: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Contest:
    """The bids that it was decided between, and what came of it; both empty if nobody contended."""

    bids: tuple[Bid, ...] = ()
    parts: tuple[Part, ...] = ()


def hold(policy: Policy, bids: Sequence[Bid], product_id: int, placed_at: datetime) -> Contest:
    """Let the first source in the policy's order decide that has a claim which contends."""
    for source in policy.precedence:
        wanted = {source}
        if source is Source.TOUCH and policy.model in _LEANS_ON_TIES:
            wanted.add(Source.TIE)
        contending = [bid for bid in bids if bid.source in wanted and bid.contends]
        if source is Source.TOUCH and policy.scope is Scope.LINE:
            contending = _nearest(contending, product_id)
        if contending:
            parts = _parts(policy, source, contending, placed_at)
            return Contest(tuple(contending), tuple(parts))
    return Contest()


def why_beaten(policy: Policy, bid: Bid, contest: Contest) -> Reason:
    """Why a claim without a fault did not win."""
    deciders = {each.source for each in contest.bids}
    if bid not in contest.bids:
        used = set(policy.precedence)
        if Source.TOUCH in used and policy.model in _LEANS_ON_TIES:
            used.add(Source.TIE)
        if bid.source not in used:
            return Reason.SOURCE_NOT_USED
        return Reason.OTHER_PRODUCT if bid.source in deciders else Reason.OUTRANKED
    if bid.source is not Source.TOUCH:
        return Reason.EARLIER_TOUCH
    if policy.model is Model.TIED_FIRST and Source.TIE in deciders:
        return Reason.TIED_TO_ANOTHER
    if policy.model is Model.FIRST_TOUCH:
        return Reason.LATER_TOUCH
    return Reason.SHARE_TOO_SMALL if policy.model in _SHARING else Reason.EARLIER_TOUCH


def _nearest(bids: list[Bid], product_id: int) -> list[Bid]:
    """Only the touches that led to this product, if there are any; ties stay."""
    near = [bid for bid in bids if bid.product_id == product_id]
    return near + [bid for bid in bids if bid.source is Source.TIE] if near else bids


def _parts(policy: Policy, source: Source, bids: Sequence[Bid], placed_at: datetime) -> list[Part]:
    if source is Source.TILL:
        return [Part(bid, bid.weight, Reason.TILL_CLAIM) for bid in bids]
    if source is Source.TOUCH:
        return _by_model(policy, bids, placed_at)
    return [Part(bids[0], 1, Reason.COUPON if source is Source.COUPON else Reason.TIED)]


def _by_model(policy: Policy, bids: Sequence[Bid], placed_at: datetime) -> list[Part]:
    """The touches' parts, the latest first."""
    touches = [bid for bid in bids if bid.source is Source.TOUCH]
    tie = next((bid for bid in bids if bid.source is Source.TIE), None)
    if tie and (policy.model is Model.TIED_FIRST or not touches):
        return [Part(tie, 1, Reason.TIED)]
    if tie and tie.employee_id != touches[0].employee_id:
        rest = WHOLE_BASIS_POINTS - policy.tied_share
        return [
            Part(tie, policy.tied_share, Reason.TIED_AND_LAST),
            Part(touches[0], rest, Reason.TIED_AND_LAST),
        ]
    if policy.model in _SHARING:
        weights = _weights(policy, touches, placed_at)
        reason = _SHARING[policy.model]
        return [Part(bid, weight, reason) for bid, weight in zip(touches, weights, strict=True)]
    if policy.model is Model.FIRST_TOUCH:
        return [Part(touches[-1], 1, Reason.FIRST_TOUCH)]
    return [Part(touches[0], 1, Reason.LAST_TOUCH)]


def _weights(policy: Policy, touches: Sequence[Bid], placed_at: datetime) -> list[int]:
    if policy.model is Model.TIME_DECAY:
        return by_age([placed_at - touch.at for touch in touches], policy.half_life_days)
    if policy.model is Model.POSITION_BASED:
        return by_position(len(touches), policy.first_share, policy.last_share)[::-1]
    return [1] * len(touches)
