"""`flask replay`: a real year of retail through the shop's own doors, on a clock of its own."""

from storefront.cli.replay.command import replay

__all__ = ["replay"]
