"""Fraud rules: pure, over plain facts. The facts are read in `storefront.fraud.reading`."""

from storefront.fraud.rules.rings import Dealing, Edge, rings
from storefront.fraud.rules.signals import (
    AroundPayday,
    Claims,
    Discount,
    Fact,
    Guests,
    Match,
    Pile,
    finding,
)
from storefront.fraud.rules.thresholds import BOUNDS, Fault, Thresholds, faults_of

__all__ = [
    "BOUNDS",
    "AroundPayday",
    "Claims",
    "Dealing",
    "Discount",
    "Edge",
    "Fact",
    "Fault",
    "Guests",
    "Match",
    "Pile",
    "Thresholds",
    "faults_of",
    "finding",
    "rings",
]
