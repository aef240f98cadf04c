"""How a shop's page arranges its goods: favourites, the keeper's sections, the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from storefront.shops.window import ShownListing, ShownSection


class Shelf(NamedTuple):
    """Goods that stand together."""

    goods: Sequence[ShownListing]
    section: ShownSection | None = None
    """Whose title stands above them."""


def arranged(
    goods: Sequence[ShownListing], *, in_sections: bool, in_parts: bool
) -> tuple[Shelf | None, list[Shelf]]:
    """What stands under the shop's first heading, if anything does, and the shelves after it.

    With `in_sections` the keeper's favourites come first, then section by section, then the rest. A
    shop without sections is one list, unless it is `in_parts`, as something stands between them.
    """
    if not in_sections or not (in_parts or any(one.section for one in goods)):
        return (Shelf(goods) if goods else None), []
    others = [one for one in goods if not one.pinned]
    sections = sorted({one.section for one in others if one.section}, key=_place)
    rest = Shelf([one for one in others if one.section is None])
    shelves = [Shelf([one for one in others if one.section == each], each) for each in sections]
    pinned = Shelf([one for one in goods if one.pinned])
    if pinned.goods:
        return pinned, [*shelves, rest] if rest.goods else shelves
    if not shelves and rest.goods:
        return rest, []
    return None, [*shelves, rest] if rest.goods else shelves


def _place(section: ShownSection) -> tuple[int, str]:
    return section.position, section.public_id
