"""Who earns on a sale: policies, verdicts, credits."""
