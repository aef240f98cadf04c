"""What happens in the demo chain, as frozen rows in time order.

Times are aware and in UTC. Rows refer to each other by number and to the chain by employee
number, product code and SKU.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storefront.cli.demo.content import Customer, EmploymentState
from storefront.cli.demo.writing import Heading, PostWords, ShopWords

Channel = Literal["wechat", "moments", "wecom", "poster", "weibo", "qq", "whatsapp"]

Reader = Literal["person", "crawler", "prefetch", "head", "own_visit"]
"""Who followed a link; only a person counts."""


@dataclass(frozen=True, slots=True)
class ShopOpeningPlan:
    """An employee opens a shop."""

    at: datetime
    employee: str
    shop: ShopWords


@dataclass(frozen=True, slots=True)
class ShopFittingPlan:
    """What an employee makes of the shop besides picking goods: headings, and posts."""

    employee: str
    headings: tuple[Heading, ...]
    posts: tuple[PostPlan, ...]


@dataclass(frozen=True, slots=True)
class PostPlan:
    """An employee publishes a post; its picture shows the products."""

    at: datetime
    post: PostWords


@dataclass(frozen=True, slots=True)
class EmploymentPlan:
    """An employee is suspended or leaves; their links stay out in the world."""

    at: datetime
    employee: str
    state: EmploymentState


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """An employee shares a link to the shop (no product) or to one of its picks."""

    at: datetime
    number: int
    employee: str
    channel: Channel
    product: str | None


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """Somebody or something follows a link.

    Visitors stand for browsers with a cookie; crawlers and the like have none. An employee's
    own visit comes from the browser in which they are signed in.
    """

    at: datetime
    number: int
    link: int
    employee: str
    channel: Channel
    product: str | None
    reader: Reader
    visitor: int | None
    agent: str


@dataclass(frozen=True, slots=True)
class LinePlan:
    """So many pieces of one variant."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PurchasePlan:
    """A visitor checks out. `visit` is the visit it grew out of, or none: they just came back.

    Without `pickup_store` the goods are sent to the customer's address. What becomes of the
    order is told by later rows; without a payment or cancellation it runs out unpaid.
    """

    at: datetime
    number: int
    visitor: int
    visit: int | None
    employee: str | None
    customer: int
    lines: tuple[LinePlan, ...]
    pickup_store: str | None


@dataclass(frozen=True, slots=True)
class PaymentPlan:
    """The customer pays for an order, within ten minutes of placing it."""

    at: datetime
    purchase: int


@dataclass(frozen=True, slots=True)
class CancellationPlan:
    """The customer cancels an order, mostly before paying, at times after it."""

    at: datetime
    purchase: int


@dataclass(frozen=True, slots=True)
class HandOverPlan:
    """The parcel is delivered, or the goods are picked up."""

    at: datetime
    purchase: int


@dataclass(frozen=True, slots=True)
class ReturnPlan:
    """Some or all pieces of a handed-over order come back. `reason` is a return reason's code."""

    at: datetime
    number: int
    purchase: int
    lines: tuple[LinePlan, ...]
    reason: str


Event = (
    ShopOpeningPlan
    | EmploymentPlan
    | LinkPlan
    | VisitPlan
    | PurchasePlan
    | PaymentPlan
    | CancellationPlan
    | HandOverPlan
    | ReturnPlan
)


@dataclass(frozen=True, slots=True)
class Trade:
    """Everything that happens, in time order, and the customers in the order they turn up."""

    events: tuple[Event, ...]
    customers: tuple[Customer, ...]
