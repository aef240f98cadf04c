"""What a credit earns: pure functions from a plan's rules and a line to a rule and an amount."""

from storefront.commissions.rules.amounts import (
    Earned,
    Portion,
    bonus_by_line,
    commission,
    earned,
    part_of,
    to_reverse,
)
from storefront.commissions.rules.checking import Finding, Goods, Problem, check
from storefront.commissions.rules.matching import Buyer, Rule, Subject, choose_rule, weight

__all__ = [
    "Buyer",
    "Earned",
    "Finding",
    "Goods",
    "Portion",
    "Problem",
    "Rule",
    "Subject",
    "bonus_by_line",
    "check",
    "choose_rule",
    "commission",
    "earned",
    "part_of",
    "to_reverse",
    "weight",
]
