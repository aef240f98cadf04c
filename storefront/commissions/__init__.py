"""What they earn: plans, accruals, the ledger, payouts."""
