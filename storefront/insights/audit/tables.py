"""The tables that the questions are about, under short names."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution.disputes.models import (
    Dispute,
    DisputeLine,
    DisputeParty,
    DisputeStatement,
)
from storefront.attribution.models import AttributionPolicy, Credit, Tie, Verdict
from storefront.attribution.relations import CustomerClaim
from storefront.catalog.models import StockLevel, StockMovement, Variant
from storefront.commissions.adjustment_models import Adjustment
from storefront.commissions.fraud_models import FraudCase, FraudOccurrence, FraudPolicy
from storefront.commissions.models import (
    Accrual,
    CommissionHold,
    CommissionPlan,
    LedgerEntry,
    LedgerTransaction,
    Payout,
    PayoutBatch,
    PlanRule,
    ServiceBonus,
)
from storefront.commissions.payout_models import PayoutApproval, PayoutExclusion
from storefront.commissions.period_models import Period
from storefront.commissions.statement_models import Statement
from storefront.customers.models import Customer
from storefront.insights.models import SalesDay, VisitsDay, VisitsFolded
from storefront.orders.coupon_models import Coupon, CouponUse
from storefront.orders.models import (
    Dispatch,
    Order,
    OrderLine,
    Return,
    ReturnLine,
    StockHold,
    TillRecord,
)
from storefront.payments.models import GatewayEvent, Payment, Refund
from storefront.sharing.models import Touch
from storefront.staff.models import Employee


def _table(model: Any) -> sa.Table:
    return cast(sa.Table, model.__table__)


accruals = _table(Accrual)
adjustments = _table(Adjustment)
batches = _table(PayoutBatch)
commission_holds = _table(CommissionHold)
coupon_uses = _table(CouponUse)
coupons = _table(Coupon)
credits_ = _table(Credit)
customer_claims = _table(CustomerClaim)
customers = _table(Customer)
dispute_lines = _table(DisputeLine)
dispute_parties = _table(DisputeParty)
dispute_statements = _table(DisputeStatement)
dispatches = _table(Dispatch)
disputes = _table(Dispute)
employees = _table(Employee)
entries = _table(LedgerEntry)
events = _table(GatewayEvent)
fraud_cases = _table(FraudCase)
fraud_occurrences = _table(FraudOccurrence)
fraud_policies = _table(FraudPolicy)
holds = _table(StockHold)
levels = _table(StockLevel)
lines = _table(OrderLine)
movements = _table(StockMovement)
orders = _table(Order)
payments = _table(Payment)
payout_approvals = _table(PayoutApproval)
payout_exclusions = _table(PayoutExclusion)
payouts = _table(Payout)
periods = _table(Period)
plan_rules = _table(PlanRule)
plans = _table(CommissionPlan)
policies = _table(AttributionPolicy)
refunds = _table(Refund)
return_lines = _table(ReturnLine)
returns = _table(Return)
sales_days = _table(SalesDay)
service_bonuses = _table(ServiceBonus)
statements = _table(Statement)
ties = _table(Tie)
till_records = _table(TillRecord)
touches = _table(Touch)
transactions = _table(LedgerTransaction)
variants = _table(Variant)
verdicts = _table(Verdict)
visits_days = _table(VisitsDay)
visits_folded = _table(VisitsFolded)
