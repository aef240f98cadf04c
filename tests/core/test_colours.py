"""Colours, against figures that are published with the WCAG."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.core.colours import LEAST_FOR_TEXT, channels_of, contrast, mixed, readable_on

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "known"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        # The two greys on either side of the line, as every checker has them.
        ("#767676", "#ffffff", 4.54),
        ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_contrast_is_the_guidelines(one: str, other: str, known: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(known, abs=0.01)


@given(colours, colours)
def test_whatever_the_colour_it_becomes_readable(ground: str, colour: str) -> None:
    # Black or white is told from any ground by 4.58 at the least.
    assert contrast(readable_on(ground, colour), ground) >= LEAST_FOR_TEXT


@given(colours)
def test_what_is_readable_stays_as_it_is(colour: str) -> None:
    if contrast(colour, "#ffffff") >= LEAST_FOR_TEXT:
        assert readable_on("#ffffff", colour) == colour


def test_mixing_goes_from_one_to_the_other() -> None:
    assert [mixed("#000000", "#ffffff", part) for part in (0, 0.5, 1)] == [
        "#000000",
        "#808080",
        "#ffffff",
    ]


@pytest.mark.parametrize("text", ["", "red", "#fff", "#GGGGGG", "#1234567", "8f2f1b", "#8F2F1B"])
def test_nothing_else_is_a_colour(text: str) -> None:
    with pytest.raises(ValueError, match="no colour"):
        channels_of(text)
