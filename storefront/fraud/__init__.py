"""Fraud signals: what rules find about sales, the cases that come of it, and how they end."""
