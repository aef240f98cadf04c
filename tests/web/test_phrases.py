"""What the pages say, in both languages."""

import re
import string
from pathlib import Path

import pytest

from storefront.orders.coupon_rules import Why
from storefront.orders.models import CancelReason, RequestState, ReturnReason
from storefront.web.phrases import Phrase, Speaker, phrases

WEB = Path(__file__).parents[2] / "storefront" / "web"
SOURCES = [*WEB.rglob("*.py"), *WEB.rglob("*.html")]
SAID = re.compile(r"""["']([a-z_]+\.[a-z0-9_]*[a-z0-9])["']""")


def filled_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(phrases()))
def test_a_phrase_fills_in_the_same_in_both_languages(key: str) -> None:
    phrase = phrases()[key]
    in_chinese = filled_in(phrase.zh)
    # English may say "one" where Chinese gives the number.
    assert filled_in(phrase.en) | {"count"} == in_chinese | {"count"}
    assert filled_in(phrase.en_one) | {"count"} == in_chinese | {"count"}


def test_whatever_the_pages_say_stands_in_the_catalogue() -> None:
    sections = {key.partition(".")[0] for key in phrases()}
    said = {key for file in SOURCES for key in SAID.findall(file.read_text())}
    files = (".css", ".js")
    said = {key for key in said if not key.endswith(files)}
    phrases_said = {key for key in said if key.partition(".")[0] in sections}
    assert phrases_said <= phrases().keys()


def test_whatever_stands_in_the_catalogue_is_said_somewhere() -> None:
    sources = "".join(file.read_text() for file in SOURCES)
    never = [
        key
        for key in phrases()
        if key not in sources
        # Put together from a field's or state's name.
        and not any(
            key.startswith(prefix)
            for prefix in (
                "error.",
                "checkout.",
                "coupon.",
                "giving_back.",
                "order.step_",
                "order.cancelled_",
            )
        )
    ]
    assert never == []


def test_every_way_in_which_an_order_may_end_has_its_words() -> None:
    for reason in CancelReason:
        if reason is not CancelReason.NOT_CANCELLED:
            assert f"order.cancelled_{reason.value}" in phrases()


def test_whatever_becomes_of_a_return_has_its_words() -> None:
    for reason in ReturnReason:
        assert f"giving_back.reason_{reason.value}" in phrases()
    for state in RequestState:
        assert f"giving_back.{state.value}" in phrases()
    for refusal in ("more_than_sold", "too_late_to_return", "return_asked_before"):
        assert f"giving_back.{refusal}" in phrases()


def test_whatever_a_coupon_is_refused_for_has_its_words() -> None:
    for why in Why:
        assert f"coupon.{why.removeprefix('coupon_')}" in phrases()


def test_english_knows_one_from_many() -> None:
    say = Speaker("en")
    assert say("cart.count", count=1) == "1 item"
    assert say("cart.count", count=2) == "2 items"


def test_what_is_filled_in_is_not_filled_in_again() -> None:
    assert Phrase("{name}", "{name}", "{name}").say("en", {"name": "{count}"}) == "{count}"


def test_no_error_in_english_begs_or_says_oops() -> None:
    for key, phrase in phrases().items():
        words = phrase.en.lower()
        assert "oops" not in words, key
        assert "please" not in words, key
        assert "invalid" not in words, key
