"""Headquarters: the desk that hands goods over and takes them back, and the two who pay out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import Flask

from storefront import sales
from storefront.cli.replay.chain import Chain
from storefront.commissions import payouts
from storefront.core import clock
from storefront.core.actor import SYSTEM, Actor
from storefront.core.errors import Conflict
from storefront.staff import service as staff


class Headquarters:
    """Those who work there."""

    def __init__(self, app: Flask, chain: Chain) -> None:
        self._app = app
        self._chain = chain

    def hand_over(self, order: str) -> None:
        """The customer has the goods."""
        with self._app.app_context():
            sales.hand_over(order, SYSTEM, clock.now())

    def take_back(self, order: str, pieces: Mapping[int, int], reason: str) -> None:
        """Goods come back: `pieces` by line position."""
        with self._app.app_context():
            sales.take_back(order, pieces, reason, SYSTEM, clock.now())

    def pay_out(self, cutoff_at: datetime) -> None:
        """Pay everybody who is owed something by `cutoff_at`."""
        with self._app.app_context():
            approver = staff.find_by_number(self._chain.approver.number)
            try:
                batch = sales.draft_payout(cutoff_at, SYSTEM, clock.now())
            except Conflict:
                return
            payouts.approve(batch.public_id, Actor(approver.role.value, approver.id), clock.now())
            sales.pay_out(batch.public_id, clock.now())
