"""The chain that the trade runs through: houses, people, shops, links, goods, policy and plan."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storefront.attribution import service as attribution
from storefront.attribution.rules import Policy
from storefront.catalog import brands, categories
from storefront.catalog.files.products import import_products
from storefront.catalog.models import Variant
from storefront.cli.replay.goods import Article
from storefront.commissions import plans
from storefront.commissions.terms import NewRule
from storefront.core.actor import SYSTEM, Actor
from storefront.core.csvfile import Cell, write_rows
from storefront.core.database import db, transaction
from storefront.core.money import format_amount
from storefront.core.settings import settings
from storefront.sharing import service as sharing
from storefront.sharing.models import Channel
from storefront.shops import service as shops
from storefront.staff import invitations
from storefront.staff import service as staff
from storefront.staff.models import Employee, EmploymentState, Role
from storefront.staff.roster import import_roster
from storefront.staff.store_file import import_stores

STORES = 10
EMPLOYEES = 200
RATE = 500
"""Basis points of a line's net."""
HOLD_DAYS = 30
WINDOW_DAYS = 30

HEADQUARTERS = "HQ"
LONGEST_NAME = 100

HQ_PEOPLE = {
    "HQ1": ("The service desk", Role.HQ_OPERATIONS),
    "HQ2": ("Who drafts payouts", Role.HQ_FINANCE),
    "HQ3": ("Who approves payouts", Role.HQ_FINANCE),
}


@dataclass(frozen=True, slots=True)
class Login:
    """What somebody at headquarters signs in with."""

    number: str
    password: str


@dataclass(frozen=True, slots=True)
class Chain:
    """What the players need to know of the chain that was built."""

    link_codes: Sequence[str]
    """Of employee 1 to 200, in this order."""
    variants: Mapping[Article, str]
    """The public id of each article."""
    desk: Login
    drafter: Login
    approver: Login


def build(articles: Mapping[Article, str], now: datetime) -> Chain:
    """Found the chain in an empty database; `articles` says what each article is called."""
    _open_houses()
    _hire(now)
    logins = [_let_in(number, now) for number in HQ_PEOPLE]
    approver = staff.find_by_number(logins[2].number)
    _publish_policy_and_plan(Actor(role=approver.role, employee_id=approver.id), now)
    return Chain(_open_shops(now), _stock_up(articles, now), *logins)


def employee_of(customer: int) -> int:
    """The number, 1 to 200, of the employee whose link this customer opens."""
    return customer % EMPLOYEES + 1


def _open_houses() -> None:
    houses = [(f"S{number:02}", f"Store {number}") for number in range(1, STORES + 1)]
    header = ("code", "name_zh", "name_en", "region_code", "region_name_zh", "region_name_en")
    rows = [
        (code, name, name, "UK", "United Kingdom", "United Kingdom")
        for code, name in [*houses, (HEADQUARTERS, "Headquarters")]
    ]
    import_stores(_file(header, rows), SYSTEM)


def _hire(now: datetime) -> None:
    per_store = EMPLOYEES // STORES
    rows: list[Sequence[Cell]] = [
        (
            str(number),
            f"Employee {number}",
            "",
            f"S{(number - 1) // per_store + 1:02}",
            Role.EMPLOYEE,
            EmploymentState.ACTIVE,
        )
        for number in range(1, EMPLOYEES + 1)
    ]
    rows += [
        (number, name, "", HEADQUARTERS, role, EmploymentState.INVITED)
        for number, (name, role) in HQ_PEOPLE.items()
    ]
    header = ("number", "name", "phone", "store_code", "role", "state")
    import_roster(_file(header, rows), SYSTEM, now)


def _let_in(number: str, now: datetime) -> Login:
    """Give somebody a password, as every employee gets one: by a one-time code."""
    login = Login(number, secrets.token_hex(24))
    code = invitations.invite(staff.find_by_number(number).id, SYSTEM, now).code
    invitations.set_password(code, login.password, "127.0.0.1", now)
    return login


def _publish_policy_and_plan(approver: Actor, now: datetime) -> None:
    policy = attribution.draft_policy(Policy(window_days=WINDOW_DAYS), now, "", SYSTEM, now)
    attribution.approve_policy(policy.version, approver)
    attribution.publish_policy(policy.version, now)
    plan = plans.draft_plan(
        [NewRule(rate=RATE)],
        hold_days=HOLD_DAYS,
        starts_at=now,
        note="",
        actor=SYSTEM,
        now=now,
    )
    plans.approve_plan(plan.version, approver)
    plans.publish_plan(plan.version, now)


def _open_shops(now: datetime) -> list[str]:
    """A shop and a link to it for every employee; the links' codes."""
    codes: list[str] = []
    with transaction() as session:
        people = session.scalars(
            sa.select(Employee).where(Employee.role == Role.EMPLOYEE).order_by(Employee.id)
        )
        by_number = {int(person.number): person for person in people}
        for number in range(1, EMPLOYEES + 1):
            person = by_number[number]
            shops.open_shop(
                person.id, handle=f"employee-{number}", title=f"{person.name}'s shop", now=now
            )
            link = sharing.create_link(person.id, product_id=None, channel=Channel.OTHER, now=now)
            codes.append(link.code)
    return codes


def _stock_up(articles: Mapping[Article, str], now: datetime) -> dict[Article, str]:
    """A product for each stock code and a variant for each of its prices, never out of stock."""
    brand = brands.create("GIFTS", "Gifts", "Gifts")
    category = categories.create("GIFTS", "Gifts", "Gifts")
    header = (
        "product_code",
        "brand_code",
        "category_code",
        "name_zh",
        "name_en",
        "variant_code",
        "price",
        "option_zh",
        "option_en",
        "stock_tracked",
    )
    currency = settings().chain_currency
    names = _names(articles)
    prices = Counter(article.code for article in articles)
    rows: list[Sequence[Cell]] = []
    for article in articles:
        name = names[article.code]
        price = format_amount(article.price, currency)
        option = price if prices[article.code] > 1 else ""
        code = _variant_code(article)
        group = (article.code, brand.code, category.code, name, name)
        rows.append((*group, code, price, option, option, "no"))
    import_products(_file(header, rows), currency, SYSTEM, now)
    public_ids = {
        row.code: row.public_id
        for row in db.session.execute(sa.select(Variant.code, Variant.public_id))
    }
    return {article: public_ids[_variant_code(article)] for article in articles}


def _variant_code(article: Article) -> str:
    return f"{article.code}-{article.price}"


def _names(articles: Mapping[Article, str]) -> dict[str, str]:
    """What each stock code is called: the first words that the file has for it, or the code."""
    names: dict[str, str] = {}
    for article, description in articles.items():
        shown = "".join(filter(str.isprintable, description)).strip()[:LONGEST_NAME]
        names.setdefault(article.code, shown or article.code)
    return names


def _file(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    return b"".join(write_rows(header, rows))
