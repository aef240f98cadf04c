"""Lines break where readers of Chinese and English expect them to."""

import string

from hypothesis import given
from hypothesis import strategies as st

from storefront.insights.papers.typeface import MISSING, Typeface

LATIN = {ord(letter): 500.0 for letter in string.printable}
FACE = Typeface(LATIN, {*LATIN, *map(ord, "北京上海，。（）〓’")})
"""Latin letters are half as wide as they are high, everything else is square."""


def test_english_breaks_between_words() -> None:
    assert FACE.wrap("the quick brown fox", 10, 50) == ("the quick", "brown fox")


def test_chinese_breaks_between_any_two_letters() -> None:
    assert FACE.wrap("北京上海北京", 10, 30) == ("北京上", "海北京")


def test_no_line_begins_with_a_comma_or_ends_with_a_bracket() -> None:
    assert FACE.wrap("北京上，海", 10, 30) == ("北京", "上，海")
    assert FACE.wrap("北京（上海）", 10, 30) == ("北京", "（上", "海）")


def test_a_word_wider_than_the_line_is_cut() -> None:
    assert FACE.wrap("a" * 25, 10, 50) == ("a" * 10, "a" * 10, "a" * 5)


def test_nothing_is_one_empty_line() -> None:
    assert FACE.wrap("", 10, 50) == ("",)


def test_what_the_font_lacks_is_marked_and_lines_are_made_one() -> None:
    assert FACE.printable("北\n京\t\U0001f600") == f"北 京 {MISSING}"


def test_an_apostrophe_between_latin_letters_is_a_narrow_one() -> None:
    assert FACE.printable("Mother’s 上’海") == "Mother's 上’海"


@given(st.text("abc 北京，（）", max_size=60), st.integers(20, 80))
def test_wrapping_loses_nothing_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = FACE.wrap(text, 10, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(FACE.width(line.strip(), 10) <= width for line in lines)
