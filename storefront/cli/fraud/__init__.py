"""`flask fraud`: look for fraud now, and measure how well the rules look."""

from storefront.cli.fraud.command import fraud

__all__ = ["fraud"]
