"""Carts, orders and their lines, stock holds, returns."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.catalog.models import Brand, Category, Location, Product, Variant
from storefront.core.database import Amount, Base, Id
from storefront.core.pictures import Picture
from storefront.customers.models import Customer
from storefront.orders.coupon_models import Coupon


class Cart(Base):
    """What a visitor means to buy. Only the visitor who made it may see or change it."""

    __tablename__ = "carts"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    visitor_id: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[datetime]
    ordered_at: Mapped[datetime | None]
    coupon_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Coupon.id))
    """The coupon that the visitor typed in; whether it fits is asked anew each time."""

    lines: Mapped[list[CartLine]] = relationship(order_by="CartLine.id")


class CartLine(Base):
    """A variant and how many of it; the price is the catalogue's until the order freezes it."""

    __tablename__ = "cart_lines"
    id: Mapped[Id]
    cart_id: Mapped[int] = mapped_column(sa.ForeignKey(Cart.id))
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey(Variant.id), index=True)
    quantity: Mapped[int]
    __table_args__ = (
        sa.UniqueConstraint("cart_id", "variant_id"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    variant: Mapped[Variant] = relationship()


class Door(StrEnum):
    """Where an order came in."""

    ONLINE = "online"
    TILL = "till"


class OrderState(StrEnum):
    """Where an order stands. What came back is told by its returns, not by a state."""

    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"


ORDER_TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    OrderState.AWAITING_PAYMENT: frozenset({OrderState.PAID, OrderState.CANCELLED}),
    OrderState.PAID: frozenset({OrderState.HANDED_OVER, OrderState.CANCELLED}),
    OrderState.HANDED_OVER: frozenset(),
    OrderState.CANCELLED: frozenset(),
}


class CancelReason(StrEnum):
    """Why an order came to nothing."""

    NOT_CANCELLED = ""
    BY_CUSTOMER = "by_customer"
    BY_CHAIN = "by_chain"
    NOT_PAID_IN_TIME = "not_paid_in_time"


class Fulfilment(StrEnum):
    """How the customer gets the goods."""

    DELIVERY = "delivery"
    PICK_UP = "pick_up"


class Order(Base):
    """What a customer bought: prices, address and the evidence of who sold it, all frozen."""

    __tablename__ = "orders"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    """For people: on the receipt, on the telephone. Opens nothing by itself."""
    secret: Mapped[str] = mapped_column(unique=True)
    """The key in the order page's address."""
    door: Mapped[Door] = mapped_column(default=Door.ONLINE)
    store_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stores.id"), index=True)
    """The store whose till it came in at."""
    cart_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Cart.id), unique=True)
    """None at a till."""
    visitor_id: Mapped[str]
    """Empty at a till."""
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Customer.id), index=True)
    """None for a till's customer whom nobody knows."""
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    address: Mapped[str]
    address_digest: Mapped[str] = mapped_column(default="", server_default="")
    """Of the address as `core.addresses` reads it, to compare with; empty where there is none."""
    note: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="zh")
    currency: Mapped[str]
    coupon_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Coupon.id))
    discount_total: Mapped[Amount] = mapped_column(default=0, server_default="0")
    """What the coupon took off: the sum of the lines' discounts."""
    lines_total: Mapped[Amount]
    shipping_total: Mapped[Amount]
    total: Mapped[Amount]
    state: Mapped[OrderState]
    evidence: Mapped[dict[str, Any]]
    """The facts about who may have sold this, as they stood when the order was placed."""
    placed_at: Mapped[datetime]
    hold_expires_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    handed_over_at: Mapped[datetime | None]
    handed_over_by_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    cancel_reason: Mapped[CancelReason] = mapped_column(default=CancelReason.NOT_CANCELLED)
    fulfilment: Mapped[Fulfilment] = mapped_column(
        default=Fulfilment.DELIVERY, server_default=Fulfilment.DELIVERY.value
    )
    pick_up_location_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Location.id))
    """Where it is collected; what it was called then, and where it stood, is frozen with it."""
    pick_up_name_zh: Mapped[str] = mapped_column(default="", server_default="")
    pick_up_name_en: Mapped[str] = mapped_column(default="", server_default="")
    pick_up_address_zh: Mapped[str] = mapped_column(default="", server_default="")
    pick_up_address_en: Mapped[str] = mapped_column(default="", server_default="")
    pick_up_code: Mapped[str] = mapped_column(default="", server_default="")
    """Six digits by which the goods are handed over; empty where they are delivered."""
    __table_args__ = (
        sa.Index("ix_orders_state_hold_expires_at", "state", "hold_expires_at"),
        sa.Index("ix_orders_placed_at_id", "placed_at", "id"),
        sa.CheckConstraint("total = lines_total + shipping_total", name="total_is_sum"),
    )

    lines: Mapped[list[OrderLine]] = relationship(
        back_populates="order", order_by="OrderLine.position"
    )
    returns: Mapped[list[Return]] = relationship(order_by="Return.id")
    customer: Mapped[Customer | None] = relationship()
    coupon: Mapped[Coupon | None] = relationship()


class OrderLine(Base):
    """Some pieces of one variant at one frozen price."""

    __tablename__ = "order_lines"
    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id))
    position: Mapped[int]
    """From 1 up; outside, a line is known by its order and this."""
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey(Variant.id), index=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey(Product.id))
    brand_id: Mapped[int] = mapped_column(sa.ForeignKey(Brand.id))
    category_id: Mapped[int] = mapped_column(sa.ForeignKey(Category.id))
    code: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    unit_price: Mapped[Amount]
    quantity: Mapped[int]
    discount: Mapped[Amount] = mapped_column(default=0, server_default="0")
    """This line's part of what the coupon took off."""
    net: Mapped[Amount]
    """What the customer pays for the line: after discounts, without shipping."""
    returned_quantity: Mapped[int] = mapped_column(default=0)
    __table_args__ = (
        sa.UniqueConstraint("order_id", "position"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint(
            "returned_quantity >= 0 AND returned_quantity <= quantity", name="returned_within_sold"
        ),
    )

    order: Mapped[Order] = relationship(back_populates="lines")
    variant: Mapped[Variant] = relationship()


class HoldState(StrEnum):
    """What became of a stock hold. Live ones make up `reserved`."""

    LIVE = "live"
    TAKEN = "taken"
    LET_GO = "let_go"


class StockHold(Base):
    """Pieces at one location that are promised to an order line."""

    __tablename__ = "stock_holds"
    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id), index=True)
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey(OrderLine.id))
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey(Variant.id))
    location_id: Mapped[int] = mapped_column(sa.ForeignKey(Location.id))
    quantity: Mapped[int]
    state: Mapped[HoldState]
    __table_args__ = (
        sa.UniqueConstraint("order_line_id", "location_id"),
        sa.Index("ix_stock_holds_variant_location_state", "variant_id", "location_id", "state"),
    )


class Return(Base):
    """Goods that came back, on one occasion."""

    __tablename__ = "returns"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id), index=True)
    reason: Mapped[str]
    refund_amount: Mapped[Amount]
    at: Mapped[datetime]
    by_employee_id: Mapped[int | None] = mapped_column(sa.BigInteger())

    lines: Mapped[list[ReturnLine]] = relationship(order_by="ReturnLine.id")


class ReturnLine(Base):
    """How many pieces of an order line came back, and what is paid back for them."""

    __tablename__ = "return_lines"
    id: Mapped[Id]
    return_id: Mapped[int] = mapped_column(sa.ForeignKey(Return.id))
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey(OrderLine.id), index=True)
    quantity: Mapped[int]
    amount: Mapped[Amount]
    __table_args__ = (
        sa.UniqueConstraint("return_id", "order_line_id"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    order_line: Mapped[OrderLine] = relationship()


class DispatchKind(StrEnum):
    """What the chain has done for the customer to get the goods."""

    SENT = "sent"
    READY_FOR_PICK_UP = "ready_for_pick_up"


class Dispatch(Base):
    """A part of an order, or all of it, is on its way or ready to be collected."""

    __tablename__ = "dispatches"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id), index=True)
    kind: Mapped[DispatchKind]
    carrier: Mapped[str] = mapped_column(default="")
    """Empty, as is the number, where the chain brings it itself or the customer comes."""
    number: Mapped[str] = mapped_column(default="")
    tracking_url: Mapped[str] = mapped_column(default="")
    """The carrier's page about it, on https; empty for none."""
    at: Mapped[datetime]
    by_employee_id: Mapped[int | None] = mapped_column(sa.BigInteger())


class PickUpTries(Base):
    """How often codes were tried for an order without an hour's pause."""

    __tablename__ = "pick_up_tries"
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id), primary_key=True)
    tries: Mapped[int]
    last_at: Mapped[datetime]


class ReturnReason(StrEnum):
    """Why a customer wants to give something back. None of them costs them anything."""

    DAMAGED = "damaged"
    WRONG_GOODS = "wrong_goods"
    NOT_AS_DESCRIBED = "not_as_described"
    DOES_NOT_FIT = "does_not_fit"
    CHANGED_MIND = "changed_mind"
    OTHER = "other"


class RequestState(StrEnum):
    """What became of a customer's wish to give something back."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    """The goods are back and the money is on its way: there is a return."""
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ReturnRequest(Base):
    """A customer asks to give goods back; headquarters answers."""

    __tablename__ = "return_requests"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id), index=True)
    reason: Mapped[ReturnReason]
    words: Mapped[str]
    picture_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Picture.id))
    state: Mapped[RequestState] = mapped_column(index=True)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    answer: Mapped[str] = mapped_column(default="")
    """What headquarters says to the customer."""
    return_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Return.id), unique=True)
    __table_args__ = (
        sa.Index(
            "uq_return_requests_open_order_id",
            "order_id",
            unique=True,
            sqlite_where=sa.text("state = 'asked'"),
            postgresql_where=sa.text("state = 'asked'"),
        ),
    )

    lines: Mapped[list[ReturnRequestLine]] = relationship(order_by="ReturnRequestLine.position")
    order: Mapped[Order] = relationship()
    picture: Mapped[Picture | None] = relationship()


class ReturnRequestLine(Base):
    """How many pieces of a line the customer wants to give back."""

    __tablename__ = "return_request_lines"
    id: Mapped[Id]
    request_id: Mapped[int] = mapped_column(sa.ForeignKey(ReturnRequest.id))
    position: Mapped[int]
    """Of the line within the order."""
    quantity: Mapped[int]
    __table_args__ = (
        sa.UniqueConstraint("request_id", "position"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
    )


class TillDeed(StrEnum):
    """What a till told of."""

    SALE = "sale"
    RETURN = "return"


class TillRecord(Base):
    """What a till told, under its own number: told again it changes nothing."""

    __tablename__ = "till_records"
    id: Mapped[Id]
    store_id: Mapped[int] = mapped_column(sa.ForeignKey("stores.id"))
    number: Mapped[str]
    """The receipt's, unique within the store."""
    deed: Mapped[TillDeed]
    digest: Mapped[str]
    """Of all that was told: the same number with another content is refused."""
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id), index=True)
    """The sale; for a return, the sale that the goods came from."""
    return_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Return.id), unique=True)
    happened_at: Mapped[datetime]
    """By the till's clock; accepted only if it is not in the future."""
    received_at: Mapped[datetime]
    __table_args__ = (
        sa.UniqueConstraint("store_id", "number"),
        # People read a number off a receipt and do not say which store's.
        sa.Index("ix_till_records_number", "number"),
    )
