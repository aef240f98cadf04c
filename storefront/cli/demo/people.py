"""The chain's people: names, employees, customers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from random import Random
from typing import Any, Literal

from storefront.cli.demo.content import (
    Address,
    Customer,
    Employee,
    EmploymentState,
    PersonName,
    Region,
    Role,
    Store,
    Words,
    read_data,
)

Gender = Literal["female", "male"]

EMPLOYEES = 150

_HEADQUARTERS = (Role.HQ_ADMIN, *[Role.HQ_FINANCE] * 2, *[Role.HQ_OPERATIONS] * 3)
_NOT_ACTIVE = (
    *[EmploymentState.INVITED] * 5,
    *[EmploymentState.SUSPENDED] * 3,
    *[EmploymentState.LEFT] * 6,
)
_WOMEN = 0.68
"""The share of women behind the counters of department stores."""

_STREETS = (
    "芦苇街",
    "汀洲路",
    "桐荫巷",
    "望春路",
    "栖霞里",
    "临溪路",
    "白露街",
    "槐安路",
    "听雨巷",
)
_ESTATES = ("苇岸花园", "汀兰苑", "栖云里", "禾风小区", "望舒公寓", "青檐居")


@lru_cache(maxsize=1)
def _names() -> dict[str, Any]:
    return read_data("names")


def person_name(random: Random, gender: Gender) -> PersonName:
    """A believable Chinese name; common family names come often."""
    families: list[tuple[str, str, int]] = _names()["families"]
    family = random.choices(families, weights=[weight for _, _, weight in families])[0]
    given_zh, given_en = random.choice(_names()[gender])
    return PersonName(Words(family[0], family[1]), Words(given_zh, given_en))


def employees(
    random: Random, regions: tuple[Region, ...], stores: tuple[Store, ...]
) -> tuple[Employee, ...]:
    """150 employees: headquarters, a manager for each region and store, then sales staff.

    Only sales staff are anything but active. No two have the same Chinese name or handle.
    """
    posts: list[tuple[Role, str | None, str | None]] = [
        *[(role, None, None) for role in _HEADQUARTERS],
        *[(Role.REGION_MANAGER, region.code, None) for region in regions],
        *[(Role.STORE_MANAGER, store.region, store.code) for store in stores],
    ]
    sales_staff = EMPLOYEES - len(posts)
    posts += [(Role.EMPLOYEE, store.region, store.code) for store in _shared(stores, sales_staff)]
    states = dict(
        zip(
            random.sample(range(EMPLOYEES - sales_staff, EMPLOYEES), len(_NOT_ACTIVE)),
            _NOT_ACTIVE,
            strict=True,
        )
    )
    people = _different_people(random)
    return tuple(
        _employee(random, index, post, states.get(index, EmploymentState.ACTIVE), next(people))
        for index, post in enumerate(posts)
    )


def customer(random: Random, number: int, store: Store) -> Customer:
    """A customer who lives in the city of a store."""
    gender: Gender = "female" if random.random() < _WOMEN else "male"
    return Customer(
        number=number,
        name=person_name(random, gender),
        phone=f"+86138{number:08d}",
        address=address_in(random, store),
    )


def as_customer(random: Random, number: int, employee: Employee, store: Store) -> Customer:
    """An employee who buys for themselves, known by the same phone number."""
    address = address_in(random, store)
    return Customer(number, employee.name, employee.phone, address, employee.number)


def address_in(random: Random, store: Store) -> Address:
    """An invented address in the store's district."""
    street = f"{random.choice(_STREETS)}{random.randint(1, 320)}号"
    house, floor, door = random.randint(1, 24), random.randint(1, 28), random.randint(1, 4)
    estate = f"{random.choice(_ESTATES)}{house}幢{floor}0{door}室"
    return Address(store.province.zh, store.city.zh, store.district.zh, street + estate)


def _shared(stores: tuple[Store, ...], count: int) -> list[Store]:
    """Share `count` posts among the stores by weight, largest remainders first."""
    total = sum(store.weight for store in stores)
    exact = {store.code: count * store.weight / total for store in stores}
    whole = {code: int(share) for code, share in exact.items()}
    by_remainder = sorted(stores, key=lambda store: whole[store.code] - exact[store.code])
    for store in by_remainder[: count - sum(whole.values())]:
        whole[store.code] += 1
    return [store for store in stores for _ in range(whole[store.code])]


def _different_people(random: Random) -> Iterator[tuple[PersonName, Gender, str]]:
    """Names with a gender and a handle, none of them twice."""
    seen: set[str] = set()
    handles: dict[str, int] = {}
    while True:
        gender: Gender = "female" if random.random() < _WOMEN else "male"
        name = person_name(random, gender)
        if name.zh in seen:
            continue
        seen.add(name.zh)
        stem = f"{name.given.en}-{name.family.en}".lower()
        handles[stem] = handles.get(stem, 0) + 1
        yield name, gender, stem if handles[stem] == 1 else f"{stem}-{handles[stem]}"


def _employee(
    random: Random,
    index: int,
    post: tuple[Role, str | None, str | None],
    state: EmploymentState,
    person: tuple[PersonName, Gender, str],
) -> Employee:
    role, region, store = post
    name, gender, handle = person
    oldest = 900 if role is Role.EMPLOYEE else 3600
    newest = 400 if role is not Role.EMPLOYEE else 10
    return Employee(
        number=f"E{index + 1:04d}",
        name=name,
        gender=gender,
        role=role,
        state=state,
        region=region,
        store=store,
        phone=f"+86139{index + 1:08d}",
        handle=handle,
        days_employed=random.randint(newest, oldest),
    )
