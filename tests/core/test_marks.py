"""What a database knows about itself."""

from __future__ import annotations

from flask import Flask

from storefront.core import clock
from storefront.core.marks import find_mark, set_mark


def test_a_mark_is_found_by_its_name(app: Flask) -> None:
    assert find_mark("demo") is None
    set_mark("demo", {"seed": 7}, clock.now())
    assert find_mark("demo") == {"seed": 7}
    assert find_mark("omed") is None
