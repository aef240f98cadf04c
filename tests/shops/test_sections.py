"""Headings that an employee gives to the goods of the shop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from unittest.mock import patch

import pytest
from flask import Flask

from storefront.core.errors import Conflict, NotFound
from storefront.shops import listings, sections, service, window
from storefront.shops.models import Section, Shop
from tests.support import cast
from tests.support.threads import all_at_once


@pytest.fixture
def shop(app: Flask) -> Shop:
    return cast.a_shop(handle="fang")


def titles(shop: Shop) -> str:
    return "".join(section.title for section in sections.sections_of(shop.employee_id))


def made(shop: Shop, names: str) -> dict[str, str]:
    return {name: sections.create(shop.employee_id, name).public_id for name in names}


def heading_of(shop: Shop) -> list[str | None]:
    return [one.section and one.section.title for one in window.goods(shop.id)]


def test_sections_stand_in_the_order_they_were_made_and_move_by_one(shop: Shop) -> None:
    ids = made(shop, "ABC")
    assert titles(shop) == "ABC"
    sections.move_up(shop.employee_id, ids["C"])
    assert titles(shop) == "ACB"
    sections.move_down(shop.employee_id, ids["A"])
    assert titles(shop) == "CAB"
    sections.move_up(shop.employee_id, ids["C"])
    sections.move_down(shop.employee_id, ids["B"])
    assert titles(shop) == "CAB"


def test_no_two_sections_have_one_title(shop: Shop) -> None:
    ids = made(shop, "AB")
    with pytest.raises(Conflict, match="section_exists"):
        sections.create(shop.employee_id, "A")
    with pytest.raises(Conflict, match="section_exists"):
        sections.rename(shop.employee_id, ids["B"], "A")
    sections.rename(shop.employee_id, ids["B"], "B")
    sections.rename(shop.employee_id, ids["B"], "C")
    assert titles(shop) == "AC"
    sections.create(cast.a_shop().employee_id, "A")


def test_a_shop_has_twelve_sections_at_most(shop: Shop) -> None:
    ids = made(shop, "ABCDEFGHIJKL")
    with pytest.raises(Conflict, match="too_many_sections"):
        sections.create(shop.employee_id, "M")
    sections.remove(shop.employee_id, ids["A"])
    sections.create(shop.employee_id, "M")
    assert titles(shop) == "BCDEFGHIJKLM"


def test_goods_go_under_a_heading_and_stay_when_it_goes(shop: Shop) -> None:
    owner, ids = shop.employee_id, made(shop, "AB")
    one, two = cast.a_listing(shop).public_id, cast.a_listing(shop).public_id
    listings.edit(owner, one, section_id=ids["A"])
    listings.edit(owner, two, section_id=ids["B"], caption="Words")
    assert heading_of(shop) == ["A", "B"]
    assert listings.edit(owner, two, caption="Others").section is not None
    assert listings.edit(owner, two, section_id="").section is None
    sections.remove(owner, ids["A"])
    assert heading_of(shop) == [None, None]
    assert titles(shop) == "B"


CHANGES: list[Callable[[int, str], object]] = [
    lambda owner, section: sections.rename(owner, section, "New"),
    sections.move_up,
    sections.move_down,
    sections.remove,
]


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_raises_the_shops_version(
    shop: Shop, change: Callable[[int, str], object]
) -> None:
    ids = made(shop, "AB")
    before = service.own_shop(shop.employee_id).version
    assert before == 3
    change(shop.employee_id, ids["B"])
    assert service.own_shop(shop.employee_id).version == before + 1


@pytest.mark.parametrize("change", CHANGES)
def test_a_colleagues_section_is_out_of_reach(
    shop: Shop, change: Callable[[int, str], object]
) -> None:
    colleague = cast.a_shop()
    theirs = made(colleague, "X")["X"]
    mine = cast.a_listing(shop).public_id
    with pytest.raises(NotFound, match="no_section"):
        change(shop.employee_id, theirs)
    with pytest.raises(NotFound, match="no_section"):
        listings.edit(shop.employee_id, mine, section_id=theirs)
    assert titles(colleague) == "X"


def test_many_hands_at_once_make_no_more_than_there_may_be_and_none_twice(
    app: Flask, shop: Shop
) -> None:
    owner = shop.employee_id
    with patch.object(sections, "MOST_SECTIONS", 2):
        answers = all_at_once(
            app, [lambda title=title: sections.create(owner, title) for title in "AABBCC"]
        )
    found = Counter(each.code if isinstance(each, Conflict) else "made" for each in answers)
    assert found["made"] == 2
    positions = {each.position for each in answers if isinstance(each, Section)}
    assert positions == {1, 2}
