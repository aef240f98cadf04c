"""The ways into the catalogue from the chain's front."""

from __future__ import annotations

from flask import Flask
from PIL import Image

from storefront.catalog import products
from storefront.catalog.aisles import aisles
from storefront.core import imaging, pictures
from tests.support import cast
from tests.support.queries import recorded_queries


def test_only_categories_with_goods_in_or_below_them_are_shown(app: Flask) -> None:
    home = cast.a_category("HOME")
    lamps = cast.a_category("LAMPS", parent=home)
    cast.a_category("EMPTY", parent=home)
    product = cast.a_product()
    with recorded_queries() as queries:
        shown = {each.public_id: each for each in aisles()}
    assert len(queries) == 1
    assert shown.keys() == {home.public_id, lamps.public_id}
    assert shown[lamps.public_id].parent == home.public_id
    assert shown[home.public_id].parent is None
    products.hide(product.public_id)
    assert aisles() == []


def test_a_category_borrows_a_picture_from_below(app: Flask) -> None:
    home = cast.a_category("HOME")
    cast.a_category("LAMPS", parent=home)
    picture = pictures.keep_encoded(imaging.encode(Image.new("RGB", (40, 30), "teal")))
    products.set_picture(cast.a_product().public_id, picture)
    cast.a_product("Newer, without one")
    assert [each.picture and each.picture.public_id for each in aisles()] == [picture.public_id] * 2
