"""Headquarters: the desk that hands goods over and takes them back, and the two who pay out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from storefront.cli.replay.chain import Chain, Login
from storefront.cli.replay.doors import Doors, Refused

SESSION = "/api/v1/seller/session"
ORDERS = "/api/v1/hq/orders"
PAYOUTS = "/api/v1/hq/payouts"


class Clerk:
    """Somebody who works there, in front of a browser of their own."""

    def __init__(self, login: Login, doors: Doors) -> None:
        self._login = login
        self._doors = doors
        self._browser = doors.browser()
        self._token = ""

    def post(
        self, path: str, document: Mapping[str, Any] | None = None, *, expect: int = 200
    ) -> Any:
        """Send a document as this person, signing in first where that is needed."""
        try:
            return self._post(path, document, expect)
        except Refused as refused:
            # A token is good for a quarter of an hour of ours, a session for a month of theirs.
            if refused.status != 401:
                raise
            self._sign_in()
            return self._post(path, document, expect)

    def _post(self, path: str, document: Mapping[str, Any] | None, expect: int) -> Any:
        bearer = {"Authorization": f"Bearer {self._token}"}
        return self._doors.post(self._browser, path, document, headers=bearer, expect=expect)

    def _sign_in(self) -> None:
        credentials = {"number": self._login.number, "password": self._login.password}
        tokens = self._doors.post(self._browser, SESSION, credentials, expect=201)
        self._token = tokens["access_token"]


class Headquarters:
    """Those who work there."""

    def __init__(self, doors: Doors, chain: Chain) -> None:
        self._desk = Clerk(chain.desk, doors)
        self._drafter = Clerk(chain.drafter, doors)
        self._approver = Clerk(chain.approver, doors)

    def hand_over(self, order: str) -> None:
        """The customer has the goods."""
        self._desk.post(f"{ORDERS}/{order}/hand-over")

    def take_back(self, order: str, pieces: Mapping[int, int], reason: str) -> None:
        """Goods come back: `pieces` by line position."""
        lines = [{"line": line, "quantity": quantity} for line, quantity in pieces.items()]
        document = {"lines": lines, "reason": reason}
        self._desk.post(f"{ORDERS}/{order}/returns", document, expect=201)

    def pay_out(self, cutoff: datetime) -> None:
        """Pay everybody who is owed something at the beginning of a day, if anybody is."""
        try:
            batch = self._drafter.post(PAYOUTS, {"cutoff": f"{cutoff:%Y-%m-%d}"}, expect=201)
        except Refused as refused:
            if refused.code != "nothing_to_pay":
                raise
            return
        self._approver.post(f"{PAYOUTS}/{batch['id']}/approve")
        self._drafter.post(f"{PAYOUTS}/{batch['id']}/paid")
