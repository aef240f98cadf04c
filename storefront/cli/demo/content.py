"""The nouns of the demo chain. All are frozen and refer to each other by code or number."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Words:
    """The same thing said in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class PersonName:
    """A Chinese name with its pinyin; English texts put the family name first as well."""

    family: Words
    given: Words

    @property
    def zh(self) -> str:
        """As written in Chinese: 林晓芸."""
        return self.family.zh + self.given.zh

    @property
    def en(self) -> str:
        """In pinyin: Lin Xiaoyun."""
        return f"{self.family.en} {self.given.en}"


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the country, led by one region manager."""

    code: str
    name: Words


@dataclass(frozen=True, slots=True)
class Store:
    """A house in a real city, at an invented street. `weight` says how busy it is."""

    code: str
    region: str
    name: Words
    province: Words
    city: Words
    district: Words
    street: Words
    weight: int
    opening: Words | None
    """When customers may collect their orders; None where they may not."""


@dataclass(frozen=True, slots=True)
class Category:
    """A department (no parent) or one of the 12 categories that hold goods."""

    code: str
    parent: str | None
    name: Words


@dataclass(frozen=True, slots=True)
class Brand:
    """An invented maker."""

    code: str
    name: Words
    words: Words


@dataclass(frozen=True, slots=True)
class Option:
    """One choice that makes a variant: a colour, a size or a volume."""

    kind: Literal["colour", "size", "volume"]
    code: str
    name: Words


@dataclass(frozen=True, slots=True)
class Variant:
    """What is bought. `price` is in fen, tax included.

    `swatch` is the colour its picture is drawn in; variants of a product with the same
    `picture` share one picture, and that name is unique in the chain.
    """

    sku: str
    options: tuple[Option, ...]
    price: int
    swatch: str
    picture: str


@dataclass(frozen=True, slots=True)
class Product:
    """Goods with 1 to 6 variants. `popularity` weighs how often it is looked at and bought."""

    code: str
    category: str
    brand: str
    name: Words
    description: Words
    material: Words
    motif: str
    popularity: int
    variants: tuple[Variant, ...]

    def pictured(self) -> tuple[Variant, ...]:
        """The first variant of each picture: one per colour, in the order of the variants."""
        first = {variant.picture: variant for variant in reversed(self.variants)}
        return tuple(reversed(first.values()))


class Role(StrEnum):
    """What an employee may do."""

    HQ_ADMIN = "hq_admin"
    HQ_FINANCE = "hq_finance"
    HQ_OPERATIONS = "hq_operations"
    REGION_MANAGER = "region_manager"
    STORE_MANAGER = "store_manager"
    EMPLOYEE = "employee"


class EmploymentState(StrEnum):
    """Where an employee stands at the end of the demo's 90 days."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Employee:
    """One of 150. Region managers have a region and no store, headquarters has neither.

    `handle` is their shop's public name in its address. `days_employed` counts back from the
    first day of the demo's trade.
    """

    number: str
    name: PersonName
    gender: Literal["female", "male"]
    role: Role
    state: EmploymentState
    region: str | None
    store: str | None
    phone: str
    handle: str
    days_employed: int


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes, in Chinese as a courier reads it."""

    province: str
    city: str
    district: str
    street: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A buyer. `employee` is set when it is an employee buying for themselves."""

    number: int
    name: PersonName
    phone: str
    address: Address
    employee: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """Why goods come back; without categories it is said of any goods."""

    code: str
    name: Words
    weight: int
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """All that stands before the first sale."""

    code: str
    name: Words
    short_name: Words
    legal_name: Words
    motto: Words
    regions: tuple[Region, ...]
    stores: tuple[Store, ...]
    categories: tuple[Category, ...]
    brands: tuple[Brand, ...]
    products: tuple[Product, ...]
    employees: tuple[Employee, ...]
    return_reasons: tuple[ReturnReason, ...]


def read_data(name: str) -> dict[str, Any]:
    """Read one of the packaged TOML files, by its name without the ending."""
    text = resources.files("storefront.cli.demo").joinpath("data", f"{name}.toml")
    return tomllib.loads(text.read_text("utf-8"))


def words(entry: dict[str, str]) -> Words:
    """The two languages of a TOML entry."""
    return Words(entry["zh"], entry["en"])
