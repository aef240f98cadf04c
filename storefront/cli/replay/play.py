"""The trade itself: every invoice in its turn, through the doors that people use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import click
from flask import Flask

from storefront.cli.replay.chain import HOLD_DAYS, Chain, employee_of
from storefront.cli.replay.doors import Doors, Refused
from storefront.cli.replay.goods import Basket, LeftOut, basket_of, total_of
from storefront.cli.replay.headquarters import Headquarters
from storefront.cli.replay.invoices import Invoice
from storefront.cli.replay.purchases import Purchases
from storefront.cli.replay.shoppers import PayPage, Shoppers
from storefront.cli.replay.timeline import Timeline
from storefront.core.clock import SettableClock


class Play:
    """A chain, the people around it, and what they have done so far."""

    def __init__(self, app: Flask, clock: SettableClock, chain: Chain) -> None:
        self.left_out = LeftOut()
        self.doors = Doors(app)
        self._chain = chain
        self._shoppers = Shoppers(self.doors)
        self._pay_page = PayPage(app, self.doors)
        self._headquarters = Headquarters(self.doors, chain)
        self._purchases = Purchases()
        self._timeline = Timeline(app, clock, self._headquarters.pay_out)
        self._last_handover: datetime | None = None

    def through(self, invoices: Iterable[Invoice]) -> Iterator[Invoice]:
        """Play the invoices, which come by their time; each is given out when it is done.

        Afterwards time goes on until all commission is released and paid. Raises
        click.ClickException if the shop refuses what really happened.
        """
        for invoice in invoices:
            try:
                self._timeline.move_to(invoice.at)
                self._enter(invoice)
            except Refused as refused:
                raise click.ClickException(f"Invoice {invoice.number}: {refused}") from refused
            yield invoice
        self._timeline.do_duties()
        if self._last_handover is not None:
            self._timeline.move_past(self._last_handover + timedelta(days=HOLD_DAYS))

    def _enter(self, invoice: Invoice) -> None:
        if invoice.is_cancellation:
            self._bring_back(invoice)
        elif invoice.is_adjustment:
            self.left_out.adjustment_invoices_skipped += 1
        elif basket := basket_of(invoice, self.left_out):
            self._buy(invoice, basket)
        else:
            self.left_out.invoices_without_goods += 1

    def _buy(self, invoice: Invoice, basket: Basket) -> None:
        """A customer comes by an employee's link; a stranger to the chain's own front."""
        if invoice.customer is None:
            shopper = self._shoppers.stranger()
        else:
            shopper = self._shoppers.customer(invoice.customer)
            shopper.follow(self._chain.link_codes[employee_of(invoice.customer) - 1])
        wanted = {self._chain.variants[article]: pieces for article, pieces in basket.items()}
        order = shopper.order(wanted, total_of(basket), f"invoice {invoice.number}")
        self._pay_page.pay(shopper.pay_address(order))
        self._headquarters.hand_over(order.id)
        self._last_handover = invoice.at
        if invoice.customer is not None:
            lines = ((article.code, pieces) for article, pieces in basket.items())
            self._purchases.note(invoice.customer, order.id, lines)

    def _bring_back(self, cancellation: Invoice) -> None:
        returned = self._purchases.bring_back(cancellation, self.left_out)
        for order, pieces in returned.items():
            self._headquarters.take_back(order, pieces, f"Cancellation {cancellation.number}")
