"""Disputes: somebody says that a sale was theirs, whoever would lose is heard, HQ decides."""
