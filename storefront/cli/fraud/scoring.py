"""How well the rules did: what they found beside what was planted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import sqlalchemy as sa

from storefront.commissions.fraud_models import FraudCase, Signal
from storefront.core.database import db


@dataclass(frozen=True, slots=True)
class Score:
    """Cases of rule and person: planted, found, and found rightly."""

    planted: int
    found: int
    right: int

    @property
    def precision(self) -> float | None:
        """Of what was found, how much was planted; None where nothing was found."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Of what was planted, how much was found; None where nothing was planted."""
        return self.right / self.planted if self.planted else None

    @classmethod
    def of(cls, planted: set[int], found: set[int]) -> Self:
        """What was found beside what was planted."""
        return cls(len(planted), len(found), len(planted & found))

    @classmethod
    def sum_of(cls, scores: Iterable[Self]) -> Self:
        """All of them together."""
        each = list(scores)
        return cls(
            sum(score.planted for score in each),
            sum(score.found for score in each),
            sum(score.right for score in each),
        )


def scores(planted: Mapping[Signal, set[int]]) -> dict[Signal, Score]:
    """The score of each rule, by the cases that it has opened."""
    rows = db.session.execute(sa.select(FraudCase.rule, FraudCase.employee_id)).all()
    return {
        signal: Score.of(
            planted.get(signal, set()), {row.employee_id for row in rows if row.rule is signal}
        )
        for signal in Signal
    }
