"""Names that strangers may see."""

from __future__ import annotations

from random import Random

import pytest
from flask import Flask

from storefront.core import ids

SOMEBODY = "a seed"


def test_no_two_names_are_alike() -> None:
    names = {ids.public_id("ord") for _ in range(1_000)}
    assert len(names) == 1_000
    assert all(name.startswith("ord_") and len(name) == 20 for name in names)


def test_names_have_only_letters_that_can_be_read_out() -> None:
    assert set(ids.random_text(5_000)) == set(ids.ALPHABET)


def test_names_that_can_be_guessed_are_the_same_each_time(app: Flask) -> None:
    drawn: list[str] = []
    for _ in range(2):
        with ids.guessable(Random(SOMEBODY)):
            drawn.append(ids.random_text(40))
    assert drawn[0] == drawn[1]
    assert ids.random_text(40) != drawn[0]


@pytest.mark.own_app(environment="production")
def test_in_production_no_name_can_be_guessed(app: Flask) -> None:
    with pytest.raises(RuntimeError), ids.guessable(Random(SOMEBODY)):
        pass
