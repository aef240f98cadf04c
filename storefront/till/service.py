"""The story of a sale at a till, and of a return. Each verb is one transaction.

Whatever a till tells is told under a number of its own, and numbers are taken once: told again with
the same content it is answered as before and changes nothing, with another content it is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from storefront import sales
from storefront.attribution import ties
from storefront.attribution.rules import TillClaim
from storefront.commissions import service as commissions
from storefront.core.actor import SYSTEM
from storefront.core.database import transaction
from storefront.core.errors import Conflict, Invalid
from storefront.core.settings import settings
from storefront.customers import service as customers
from storefront.insights.rollups import Tally
from storefront.orders import handling, returns, till
from storefront.orders.handling import OrderFacts
from storefront.orders.models import TillDeed
from storefront.orders.till import Charged, TillNumber, Written
from storefront.payments import refunds
from storefront.payments import service as payments
from storefront.till.matching import matched
from storefront.till.names import Names
from storefront.till.rules import Fault, faults_of_return, faults_of_sale
from storefront.till.told import Return, Sale, digest_of

Taken = TypeVar("Taken")


@dataclass(frozen=True, slots=True)
class TakenSale:
    """A till's sale as it stands with us."""

    order: OrderFacts
    is_new: bool
    """False if it was told before."""


@dataclass(frozen=True, slots=True)
class TakenReturn:
    """A till's return as it stands with us."""

    order: OrderFacts
    """The sale that the goods came from."""
    public_id: str
    amount: int
    """What was paid back, in minor units."""
    is_new: bool
    """False if it was told before."""


class SameMoment(Exception):
    """Somebody else took the till's number while we were at it: all of ours is undone."""


def sell_at_till(sale: Sale, now: datetime) -> TakenSale:
    """Take in a sale: the order, its payment, who earns on it, and from when the hold runs.

    Raises Invalid `unknown_store`, `unknown_code`, `unknown_employee`, `employee_had_left`,
    `seller_twice`, `shares_not_whole`, `in_the_future`, `amount_too_large`; Conflict
    `number_taken`, `no_policy`, `no_plan`, `changed_meanwhile`.
    """
    return _alone(lambda tally: write_sale(sale, Names(), tally, now))


def take_back_at_till(told: Return, now: datetime) -> TakenReturn:
    """Take in a return: paid back at the till already, and commission reversed in proportion.

    Raises Invalid `unknown_store`, `unknown_sale`, `unknown_code`, `unknown_line`, `line_needed`,
    `line_twice`, `in_the_future`, `before_the_sale`; Conflict `number_taken`, `more_than_sold`,
    `amount_too_large`, `changed_meanwhile`.
    """
    return _alone(lambda tally: write_return(told, Names(), tally, now))


def _alone(deed: Callable[[Tally], Taken]) -> Taken:
    """Carry one deed out in a transaction; once more if its number was taken at the same moment."""
    for _ in range(2):
        tally = Tally()
        try:
            with transaction():
                taken = deed(tally)
                tally.write()
                return taken
        except SameMoment:
            continue
    raise changed_meanwhile()


# --- a sale -----------------------------------------------------------------------------------


def write_sale(sale: Sale, names: Names, tally: Tally, now: datetime) -> TakenSale:
    """Take in a sale within the caller's transaction, who writes the tally at its end.

    Raises what `sell_at_till` raises, and SameMoment.
    """
    known = names.learn(sale)
    digest = digest_of(sale)
    written = _find_told(sale, names, TillDeed.SALE, digest)
    if written:
        return TakenSale(handling.lock_by_id(written.order_id), is_new=False)
    _refuse(faults_of_sale(sale, known, now))
    order = _write_order(sale, names, digest, now)
    payments.take_at_till(order.id, order.total, order.currency, sale.at)
    sales.credit(order, sale.at, tally)
    commissions.start_hold(order.id, sale.at)
    return TakenSale(order, is_new=True)


def _write_order(sale: Sale, names: Names, digest: str, now: datetime) -> OrderFacts:
    """The order, with all that speaks for somebody, under the till's number."""
    customer = customers.recognise_at_till(sale.member_code, sale.phone, sale.at)
    evidence = ties.meet(
        customer.visitor_ids if customer else (),
        customer.phone if customer else None,
        customer.id if customer else None,
        sale.at,
        [
            TillClaim(position, names.people[seller.number].id, seller.share)
            for position, line in enumerate(sale.lines, start=1)
            for seller in line.sellers
        ],
    )
    number = TillNumber(names.stores[sale.store], sale.number)
    order = till.write_order(
        number.store_id,
        [Charged(names.goods[line.code], line.quantity, line.net) for line in sale.lines],
        customer_id=customer.id if customer else None,
        phone=sale.phone,
        evidence=evidence.as_document(),
        currency=settings().chain_currency,
        at=sale.at,
    )
    # As early as can be: whoever comes second waits here, and not with the whole sale written.
    written = Written(TillDeed.SALE, digest, order.id, None, sale.at)
    if not till.write_down(number, written, now):
        raise SameMoment
    return order


# --- a return ---------------------------------------------------------------------------------


def write_return(told: Return, names: Names, tally: Tally, now: datetime) -> TakenReturn:
    """Take in a return within the caller's transaction, who writes the tally at its end.

    Raises what `take_back_at_till` raises, and SameMoment.
    """
    known = names.learn(told)
    digest = digest_of(told)
    before = _find_told(told, names, TillDeed.RETURN, digest)
    if before:
        return _taken_before(before)
    _refuse(faults_of_return(told, known, now))
    order = _lock_sold(told, names)
    # With the sale locked, another return of it is there or waits for us.
    before = _find_told(told, names, TillDeed.RETURN, digest)
    if before:
        return _taken_before(before)
    payment = payments.lock_captured(order.id)
    assert payment is not None
    back = matched(told, returns.standing_of(order.id))
    returned = returns.record_return(
        order, back.pieces, told.reason, SYSTEM, told.at, paid_back=back.amounts
    )
    written = Written(TillDeed.RETURN, digest, order.id, returned.id, told.at)
    if not till.write_down(TillNumber(names.stores[told.store], told.number), written, now):
        raise SameMoment
    if returned.amount:
        refunds.pay_back_at_till(payment, returned.amount, returned.id, told.at)
    sales.reverse(order, returned, told.at, tally)
    return TakenReturn(order, returned.public_id, returned.amount, is_new=True)


def _taken_before(written: Written) -> TakenReturn:
    assert written.return_id is not None
    public_id, amount = returns.facts_of(written.return_id)
    return TakenReturn(handling.lock_by_id(written.order_id), public_id, amount, is_new=False)


def _lock_sold(told: Return, names: Names) -> OrderFacts:
    """The sale that the goods were sold with, locked."""
    sold = till.find_written(TillNumber(names.stores[told.sale_store], told.sale))
    if sold is None or sold.deed is not TillDeed.SALE:
        raise refusal_of(
            Fault(
                "unknown_sale",
                f"No sale of the store {told.sale_store} has the number {told.sale}. "
                "Correct it, or tell of the sale first.",
                "sale",
            )
        )
    if told.at < sold.happened_at:
        raise refusal_of(
            Fault("before_the_sale", "This is before the sale. Look at the times of both.", "at")
        )
    return handling.lock_by_id(sold.order_id)


# --- what both have in common -----------------------------------------------------------------


def is_told(told: Sale | Return, names: Names) -> bool:
    """Whether the same was told before, under the same number."""
    deed = TillDeed.SALE if isinstance(told, Sale) else TillDeed.RETURN
    try:
        return _find_told(told, names, deed, digest_of(told)) is not None
    except Conflict:
        return False


def _find_told(told: Sale | Return, names: Names, deed: TillDeed, digest: str) -> Written | None:
    """What this till told under this number before. Raises Conflict `number_taken`."""
    store_id = names.stores.get(told.store)
    written = till.find_written(TillNumber(store_id, told.number)) if store_id else None
    if written and (written.deed, written.digest) != (deed, digest):
        raise Conflict(
            "number_taken",
            f"The number {told.number} of this store stands for another {written.deed.value} "
            "already. Correct a sale by a return and a new sale, under numbers of their own.",
        )
    return written


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise refusal_of(faults[0])


def refusal_of(fault: Fault) -> Invalid:
    """What to raise for a fault: `field` says what is wrong, and `line` where, from 1."""
    where: dict[str, Any] = {"field": fault.field}
    if fault.line is not None:
        where["line"] = fault.line
    return Invalid(fault.code, fault.sentence, **where)


def changed_meanwhile() -> Conflict:
    """What to say when others told of the same thing at every try."""
    return Conflict(
        "changed_meanwhile", "The same was told from elsewhere at this moment. Send it again."
    )
