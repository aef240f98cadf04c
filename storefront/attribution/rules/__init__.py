"""Who earns, as pure functions: a policy and the evidence in, a verdict out.

No database, no clock, no request. The same evidence under the same policy gives the same verdict,
for ever: both are stored, and anybody may run this again.
"""

from storefront.attribution.rules.checking import Fault, faults_of
from storefront.attribution.rules.decide import decide
from storefront.attribution.rules.evidence import (
    Evidence,
    Line,
    Person,
    TieEvidence,
    TillClaim,
    TouchEvidence,
)
from storefront.attribution.rules.policy import (
    LONGEST_WINDOW_DAYS,
    Kind,
    Model,
    Policy,
    Renewal,
    Scope,
    Source,
    TieMode,
    Treatment,
)
from storefront.attribution.rules.revise import BY_DISPUTE, Award, Disputant, revise, withdraw
from storefront.attribution.rules.verdict import WINNING, Claim, Reason, Ruling, Verdict

__all__ = [
    "BY_DISPUTE",
    "LONGEST_WINDOW_DAYS",
    "WINNING",
    "Award",
    "Claim",
    "Disputant",
    "Evidence",
    "Fault",
    "Kind",
    "Line",
    "Model",
    "Person",
    "Policy",
    "Reason",
    "Renewal",
    "Ruling",
    "Scope",
    "Source",
    "TieEvidence",
    "TieMode",
    "TillClaim",
    "TouchEvidence",
    "Treatment",
    "Verdict",
    "decide",
    "faults_of",
    "revise",
    "withdraw",
]
