"""Who earns on an order: one pure function from a policy and the evidence to a verdict.

No database, no clock, no request. The same evidence under the same policy gives the same verdict,
for ever: both are stored, and anybody may run this again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from storefront.core.money import WHOLE_BASIS_POINTS
from storefront.core.times import as_rfc3339


class Model(StrEnum):
    """Which of several claims wins."""

    LAST_TOUCH = "last_touch"


class Treatment(StrEnum):
    """What becomes of a claim that the policy looks at askance."""

    ALLOW = "allow"
    """It counts like any other."""
    SKIP = "skip"
    """It does not count; the next claim may win."""
    NOBODY = "nobody"
    """It wins in its turn, and then nobody earns: the chain keeps it."""


class Reason(StrEnum):
    """Why a claim won or lost, or why nobody earned. Stable: screens and exports hang on them."""

    LAST_TOUCH = "last_touch"
    EARLIER_TOUCH = "earlier_touch"
    OUTSIDE_WINDOW = "outside_window"
    AFTER_ORDER = "after_order"
    NOT_COUNTED = "not_counted"
    OWN_PURCHASE = "own_purchase"
    LEFT_THE_CHAIN = "left_the_chain"
    NO_TOUCH = "no_touch"
    NO_VALID_CLAIM = "no_valid_claim"


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of the rule, as its document says it."""

    window_days: int
    """A touch counts if it is at most this many days older than the order."""
    own_purchase: Treatment = Treatment.SKIP
    """What becomes of the claim of an employee who is the buyer."""
    leavers: Treatment = Treatment.SKIP
    """What becomes of the claim of an employee who had left when the order was placed."""
    model: Model = Model.LAST_TOUCH

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a stored policy. ValueError or TypeError if it is not one."""
        known = dict(document)
        return cls(
            window_days=int(known.pop("window_days")),
            own_purchase=Treatment(known.pop("own_purchase")),
            leavers=Treatment(known.pop("leavers")),
            model=Model(known.pop("model")),
            **known,
        )

    def as_document(self) -> dict[str, Any]:
        """What is stored."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TouchEvidence:
    """One touch as it stood when the order was placed."""

    touch_id: int
    employee_id: int
    number: str
    """The employee's staff number."""
    store_id: int
    """The employee's store at the time of the order."""
    left: bool
    """Whether the employee had left the chain by then."""
    at: datetime
    kind: str
    channel: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known about who may have sold an order."""

    placed_at: datetime
    touches: tuple[TouchEvidence, ...]
    buyers: frozenset[int]
    """Employees whom the buyer is known to be, by phone or by browser."""

    def as_document(self) -> dict[str, Any]:
        """What is frozen on the order."""
        return {
            "placed_at": as_rfc3339(self.placed_at),
            "touches": [{**asdict(touch), "at": as_rfc3339(touch.at)} for touch in self.touches],
            "buyers": sorted(self.buyers),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read what was frozen."""
        return cls(
            placed_at=datetime.fromisoformat(document["placed_at"]),
            touches=tuple(TouchEvidence(**_with_time(touch)) for touch in document["touches"]),
            buyers=frozenset(document["buyers"]),
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """One employee's best claim, and what became of it."""

    employee_id: int
    number: str
    store_id: int
    touch_id: int
    at: datetime
    reason: Reason
    share: int = 0
    """In basis points; 0 for a claim that lost."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who earns, who does not, and why."""

    reason: Reason
    winners: tuple[Claim, ...]
    losers: tuple[Claim, ...]

    def as_document(self) -> dict[str, Any]:
        """What is stored with the credit."""
        return {
            "reason": self.reason.value,
            "winners": [_claim_document(claim) for claim in self.winners],
            "losers": [_claim_document(claim) for claim in self.losers],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a stored verdict."""
        return cls(
            reason=Reason(document["reason"]),
            winners=tuple(_claim(claim) for claim in document["winners"]),
            losers=tuple(_claim(claim) for claim in document["losers"]),
        )


def decide(policy: Policy, evidence: Evidence) -> Verdict:
    """Judge an order: winners whose shares sum to 10,000 basis points, or none and a reason."""
    if not evidence.touches:
        return Verdict(Reason.NO_TOUCH, winners=(), losers=())
    winner: Claim | None = None
    nobody_because: Reason | None = None
    losers: list[Claim] = []
    for touch in _latest_of_each(policy, evidence):
        fault = _fault(policy, evidence, touch)
        if fault is None and winner is None and nobody_because is None:
            winner = _claim_on(touch, Reason.LAST_TOUCH, WHOLE_BASIS_POINTS)
            continue
        losers.append(_claim_on(touch, fault or Reason.EARLIER_TOUCH))
        if winner is None and nobody_because is None and fault and _ends_it(policy, fault):
            nobody_because = fault
    if winner:
        return Verdict(Reason.LAST_TOUCH, winners=(winner,), losers=tuple(losers))
    return Verdict(nobody_because or Reason.NO_VALID_CLAIM, winners=(), losers=tuple(losers))


def _latest_of_each(policy: Policy, evidence: Evidence) -> Iterable[TouchEvidence]:
    """Each employee's latest sound touch (or latest of all, if none is sound), latest first.

    Equal times are settled by the order in which the touches were stored.
    """
    best: dict[int, TouchEvidence] = {}
    for touch in sorted(evidence.touches, key=lambda touch: (touch.at, touch.touch_id)):
        held = best.get(touch.employee_id)
        if held is None or _is_sound(policy, evidence, touch) >= _is_sound(policy, evidence, held):
            best[touch.employee_id] = touch
    return sorted(best.values(), key=lambda touch: (touch.at, touch.touch_id), reverse=True)


def _is_sound(policy: Policy, evidence: Evidence, touch: TouchEvidence) -> bool:
    return _touch_fault(policy, evidence, touch) is None


def _touch_fault(policy: Policy, evidence: Evidence, touch: TouchEvidence) -> Reason | None:
    """What is wrong with the touch itself, whoever's it is."""
    if not touch.counts:
        return Reason.NOT_COUNTED
    if touch.at > evidence.placed_at:
        return Reason.AFTER_ORDER
    if touch.at < evidence.placed_at - timedelta(days=policy.window_days):
        return Reason.OUTSIDE_WINDOW
    return None


def _fault(policy: Policy, evidence: Evidence, touch: TouchEvidence) -> Reason | None:
    """Why this claim may not win; None if it may."""
    fault = _touch_fault(policy, evidence, touch)
    if fault:
        return fault
    if touch.employee_id in evidence.buyers and policy.own_purchase is not Treatment.ALLOW:
        return Reason.OWN_PURCHASE
    if touch.left and policy.leavers is not Treatment.ALLOW:
        return Reason.LEFT_THE_CHAIN
    return None


def _ends_it(policy: Policy, fault: Reason) -> bool:
    """Whether a claim with this fault, standing first in line, keeps everybody else out too."""
    treatments = {
        Reason.OWN_PURCHASE: policy.own_purchase,
        Reason.LEFT_THE_CHAIN: policy.leavers,
    }
    return treatments.get(fault) is Treatment.NOBODY


def _claim_on(touch: TouchEvidence, reason: Reason, share: int = 0) -> Claim:
    return Claim(
        employee_id=touch.employee_id,
        number=touch.number,
        store_id=touch.store_id,
        touch_id=touch.touch_id,
        at=touch.at,
        reason=reason,
        share=share,
    )


def _claim_document(claim: Claim) -> dict[str, Any]:
    return {**asdict(claim), "reason": claim.reason.value, "at": as_rfc3339(claim.at)}


def _claim(document: Mapping[str, Any]) -> Claim:
    read = _with_time(document)
    read["reason"] = Reason(document["reason"])
    return Claim(**read)


def _with_time(document: Mapping[str, Any]) -> dict[str, Any]:
    return {**document, "at": datetime.fromisoformat(document["at"])}
