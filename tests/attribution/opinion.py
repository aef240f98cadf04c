"""Who earns, a second time: the rules read again and written plainly, without a thought for speed.

It shares nothing with `storefront.attribution.rules` but the shape of policy and evidence, and it
looks at one line at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from math import floor

from storefront.attribution.rules import Evidence, Policy, TouchEvidence

WHOLE = 10_000


@dataclass(frozen=True)
class Opinion:
    """What a line comes to."""

    reason: str
    shares: dict[tuple[int | None, int], int]
    """Basis points by employee (or nobody) and store."""
    why: dict[int, str]
    """Why everybody else gets nothing."""


@dataclass
class Stake:
    """Anything on which somebody could be credited."""

    source: str
    who: int
    when: datetime
    order: int
    wrong: str
    then: str
    """What the policy does about what is wrong."""
    product: int | None = None
    said: int = 0


def opinion_on(policy: Policy, evidence: Evidence, line: int, product: int) -> Opinion:
    """Judge one line."""
    stakes = [*till_stakes(policy, evidence, line), *other_stakes(policy, evidence)]
    living = [stake for stake in stakes if stake.then != "skip"]
    pool: list[Stake] = []
    deciding = ""
    for source in policy.precedence:
        pool = [stake for stake in living if belongs(policy, stake, source)]
        if source == "touch" and policy.scope == "line":
            near = [each for each in pool if each.source == "touch" and each.product == product]
            if near:
                pool = [*near, *(each for each in pool if each.source == "tie")]
        if pool:
            deciding = source
            break
    reason, weights = weigh(policy, evidence, deciding, pool)
    shares = shared_out(evidence, weights, keep_order=deciding == "till")
    if not shares:
        reason = weights[0][0].wrong if weights else ("no_valid_claim" if stakes else "no_touch")
    earning = {who for who, _ in shares}
    why = {
        person: why_not(policy, person, stakes, pool)
        for person in {stake.who for stake in stakes} - earning
    }
    return Opinion(reason, shares, why)


def till_stakes(policy: Policy, evidence: Evidence, line: int) -> list[Stake]:
    """What the till said of this line."""
    found: list[Stake] = []
    for claim in evidence.claims:
        if claim.position == line:
            wrong, then = barred(policy, evidence, claim.employee_id)
            found.append(
                Stake(
                    "till", claim.employee_id, evidence.placed_at, 0, wrong, then, None, claim.share
                )
            )
    return found


def other_stakes(policy: Policy, evidence: Evidence) -> list[Stake]:
    """Touches and the tie."""
    found: list[Stake] = []
    for touch in evidence.touches:
        wrong, then = wrong_with(policy, evidence, touch), "skip"
        if not wrong:
            wrong, then = barred(policy, evidence, touch.employee_id)
        source = "coupon" if touch.kind == "coupon" else "touch"
        found.append(
            Stake(
                source, touch.employee_id, touch.at, touch.touch_id, wrong, then, touch.product_id
            )
        )
    tie = evidence.tie
    if tie is not None and policy.tie_mode != "none":
        if tie.protected_until is not None and tie.protected_until <= evidence.placed_at:
            wrong, then = "tie_ended", "skip"
        else:
            wrong, then = barred(policy, evidence, tie.employee_id)
        found.append(Stake("tie", tie.employee_id, tie.since, 0, wrong, then))
    return found


def wrong_with(policy: Policy, evidence: Evidence, touch: TouchEvidence) -> str:
    """What is wrong with a touch, or nothing."""
    if touch.uncounted != "no":
        return "not_counted"
    if touch.at > evidence.placed_at:
        return "after_order"
    days = policy.window_days
    for kind, others in policy.windows.items():
        if kind == touch.kind:
            days = others
    too_old = evidence.placed_at - touch.at > timedelta(days=days)
    return "outside_window" if days == 0 or too_old else ""


def barred(policy: Policy, evidence: Evidence, who: int) -> tuple[str, str]:
    """Why an employee may not earn like the others, or nothing, and what becomes of it."""
    if who in evidence.buyers and policy.own_purchase != "allow":
        return "own_purchase", policy.own_purchase
    gone = evidence.people[who].left_at
    if gone is None or policy.leavers == "allow":
        return "", "allow"
    if evidence.placed_at - gone < timedelta(days=policy.grace_days):
        return "", "allow"
    return "left_the_chain", policy.leavers


def belongs(policy: Policy, stake: Stake, source: str) -> bool:
    """Whether a stake takes part where this source decides."""
    leans = source == "touch" and policy.model in ("tied_first", "tied_and_last")
    return stake.source == source or (leans and stake.source == "tie")


def weigh(
    policy: Policy, evidence: Evidence, deciding: str, pool: list[Stake]
) -> tuple[str, list[tuple[Stake, Decimal]]]:
    """The reason, and who weighs how much; the weightiest claim in line first."""
    recent = sorted(pool, key=lambda stake: (stake.when, stake.order), reverse=True)
    by_source: dict[str, Callable[[], tuple[str, list[tuple[Stake, Decimal]]]]] = {
        "": lambda: ("", []),
        "till": lambda: ("till_claim", [(stake, Decimal(stake.said)) for stake in pool]),
        "tie": lambda: ("tied", [(pool[0], Decimal(1))]),
        "coupon": lambda: ("coupon", [(recent[0], Decimal(1))]),
        "touch": lambda: by_model(policy, evidence, recent),
    }
    return by_source[deciding]()


def by_model(
    policy: Policy, evidence: Evidence, recent: list[Stake]
) -> tuple[str, list[tuple[Stake, Decimal]]]:
    """What the model makes of touches and perhaps a tie, the latest first."""
    touches = [stake for stake in recent if stake.source == "touch"]
    ties = [stake for stake in recent if stake.source == "tie"]
    if ties and (policy.model == "tied_first" or not touches):
        return "tied", [(ties[0], Decimal(1))]
    if policy.model == "tied_and_last" and ties and ties[0].who != touches[0].who:
        own = Decimal(policy.tied_share)
        return "tied_and_last", [(ties[0], own), (touches[0], WHOLE - own)]
    last = ("last_touch", [(touches[0], Decimal(1))])
    shared: dict[str, Callable[[], tuple[str, list[tuple[Stake, Decimal]]]]] = {
        "first_touch": lambda: ("first_touch", [(touches[-1], Decimal(1))]),
        "linear": lambda: ("linear_share", [(stake, Decimal(1)) for stake in touches]),
        "position_based": lambda: ("position_share", positioned(policy, touches)),
        "time_decay": lambda: ("decay_share", decayed(policy, evidence, touches)),
    }
    return shared.get(policy.model, lambda: last)()


def positioned(policy: Policy, touches: list[Stake]) -> list[tuple[Stake, Decimal]]:
    """First and last get their shares, the others what is left, in equal parts."""
    first, last = Decimal(policy.first_share), Decimal(policy.last_share)
    if len(touches) == 1:
        return [(touches[0], Decimal(1))]
    if len(touches) == 2:
        if first + last == 0:
            first = last = Decimal(1)
        return [(touches[0], last), (touches[1], first)]
    middle = (WHOLE - first - last) / (len(touches) - 2)
    weights = [last, *[middle] * (len(touches) - 2), first]
    return list(zip(touches, weights, strict=True))


def decayed(
    policy: Policy, evidence: Evidence, touches: list[Stake]
) -> list[tuple[Stake, Decimal]]:
    """Half as much for each half-life."""
    with localcontext(prec=80):
        weighed: list[tuple[Stake, Decimal]] = []
        for stake in touches:
            age = Decimal((evidence.placed_at - stake.when).total_seconds()) / 86_400
            weighed.append((stake, Decimal(2) ** (-age / policy.half_life_days)))
        return weighed


def shared_out(
    evidence: Evidence, weights: list[tuple[Stake, Decimal]], *, keep_order: bool
) -> dict[tuple[int | None, int], int]:
    """Basis points by earner: rounded down, the first takes the rest."""
    sums: dict[tuple[int | None, int], Decimal] = {}
    for stake, weight in weights:
        if stake.then != "nobody":
            earner = credited_to(evidence, stake)
            sums[earner] = sums.get(earner, Decimal(0)) + weight
    if not sums:
        return {}
    whole = sum(sums.values())
    if not whole:
        sums, whole = dict.fromkeys(sums, Decimal(1)), Decimal(len(sums))
    earners = list(sums)
    if not keep_order:
        # What differs by less than anybody can see is the same.
        earners.sort(key=lambda earner: round(sums[earner] / whole, 12), reverse=True)
    shares = {
        earner: floor(WHOLE * sums[earner] / whole + Decimal("1e-9")) for earner in earners[1:]
    }
    shares = {earners[0]: WHOLE - sum(shares.values()), **shares}
    return {earner: share for earner, share in shares.items() if share}


def credited_to(evidence: Evidence, stake: Stake) -> tuple[int | None, int]:
    """Who gets what a stake wins."""
    person = evidence.people[stake.who]
    if stake.then == "allow":
        return stake.who, person.store_id
    if stake.then == "successor":
        heir = person.successor_id
        able = heir in evidence.people and heir not in evidence.buyers
        if heir and able and evidence.people[heir].left_at is None:
            return heir, evidence.people[heir].store_id
    return None, person.store_id


def why_not(policy: Policy, person: int, stakes: list[Stake], pool: list[Stake]) -> str:
    """Why somebody with a stake gets nothing: by the best that they had."""
    own = [stake for stake in stakes if stake.who == person]
    sound = [stake for stake in own if not stake.wrong]
    living = [stake for stake in own if stake.then != "skip"]
    _, best = max(
        enumerate(sound or living or own), key=lambda each: (each[1].when, each[1].order, each[0])
    )
    if best.wrong:
        return best.wrong
    if any(each is best for each in pool):
        return beaten(policy, best, pool)
    used: list[str] = list(policy.precedence)
    if policy.model in ("tied_first", "tied_and_last") and "touch" in used:
        used.append("tie")
    if best.source not in used:
        return "source_not_used"
    return "other_product" if best.source in {each.source for each in pool} else "outranked"


def beaten(policy: Policy, best: Stake, pool: list[Stake]) -> str:
    """Why something that took part did not win."""
    if best.source != "touch":
        return "earlier_touch"
    if policy.model == "tied_first" and any(each.source == "tie" for each in pool):
        return "tied_to_another"
    by_model = {
        "first_touch": "later_touch",
        "linear": "share_too_small",
        "position_based": "share_too_small",
        "time_decay": "share_too_small",
    }
    return by_model.get(policy.model, "earlier_touch")
