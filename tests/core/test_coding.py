"""Bodies made smaller on their way, and who takes which."""

from __future__ import annotations

import gzip
import random

import brotli
import pytest

from storefront.core.coding import (
    CODINGS,
    Coding,
    GzipWithGaps,
    coding_for,
    packed,
    packed_for_ever,
    packed_well,
    tagged,
)
from storefront.core.kept import MARK, KeptAnswers

BODY = ("<p>芦苇灯 <b>¥19.00</b></p>\n" * 300).encode()
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("br", "br"),
        ("", None),
        ("deflate", None),
        ("identity", None),
        ("*", "br"),
        ("gzip;q=0, *", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("*;q=0", None),
        ("gzip;q=0.8, br;q=0.2", "gzip"),
        ("identity;q=1, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity;q=0", None),
        ("br;q=x, gzip", "gzip"),
        (";;,,=", None),
        ("gzip, " + "x" * 300, None),
    ],
)
def test_readers_get_the_best_of_what_they_take(accepted: str, chosen: Coding | None) -> None:
    assert coding_for(accepted) == chosen


@pytest.mark.parametrize("coding", CODINGS)
def test_what_was_packed_is_smaller_the_same_each_time_and_comes_out_whole(coding: Coding) -> None:
    for pack in (packed, packed_well, packed_for_ever):
        small = pack(BODY, coding)
        assert len(small) < len(BODY) / 10
        assert small == pack(BODY, coding)
        assert UNPACK[coding](small) == BODY


def test_each_coding_has_its_own_strong_tag() -> None:
    tags = [tagged('"abc"', coding) for coding in (None, "br", "gzip")]
    assert tags == ['"abc"', '"abc-br"', '"abc-gz"']


def test_a_body_with_gaps_is_packed_once_and_right_for_every_word() -> None:
    dice = random.Random(7)
    pieces = [
        "好",
        "小店",
        '<a href="/s/',
        '">',
        "¥19.00",
        "</div>\n",
        MARK,
        MARK,
        f"{MARK}/~{MARK}",
    ]
    for _ in range(400):
        body = "".join(dice.choice(pieces) for _ in range(dice.randrange(300))).encode()
        length = dice.choice([1, 4, 12, 40])
        gaps = GzipWithGaps(body, MARK.encode(), length)
        for _ in range(2):
            # Letters that the body has too: what stands in a gap must never be referred to.
            word = "".join(dice.choice("aefhrs/.1") for _ in range(length)).encode()
            whole = body.replace(MARK.encode(), word)
            assert gaps.plain(word) == whole
            assert gzip.decompress(gaps.filled(word, whole)) == whole


def test_an_answer_is_packed_when_it_is_kept_and_its_size_counts() -> None:
    store = KeptAnswers(most_bytes=3 * len(BODY))
    answer = store.keep("page", 1, BODY)
    assert set(answer.packed) == {"br", "gzip"}
    assert answer.size == len(BODY) + sum(map(len, answer.packed.values()))
    for number in range(10):
        store.keep(number, 1, BODY)
    assert store._bytes <= store._most_bytes
    assert store.get("page", 1) is None
    for accepted, coding in (("br", "br"), ("gzip", "gzip"), ("", None)):
        sent = answer.sent_to(accepted)
        assert sent.coding == coding
        assert (UNPACK[coding](sent.body) if coding else sent.body) == BODY
    assert len({answer.sent_to(each).etag for each in ("br", "gzip", "")}) == 3


def test_a_short_answer_stays_as_it_is() -> None:
    sent = KeptAnswers().keep("page", 1, b"{}").sent_to("br, gzip")
    assert (sent.body, sent.coding) == (b"{}", None)


@pytest.mark.parametrize("code", ["gm3j76xy5qyx", "abc", "x" * 40])
def test_an_answer_by_link_has_its_code_however_it_is_packed(code: str) -> None:
    body = BODY + f'<a href="/s/fang/~{MARK}">{MARK}</a>'.encode()
    by_link = KeptAnswers().keep("page", 1, body).with_code(code)
    whole = body.replace(MARK.encode(), code.encode())
    plain, zipped = by_link.sent_to(""), by_link.sent_to("gzip, br")
    assert (plain.body, plain.coding) == (whole, None)
    assert (gzip.decompress(zipped.body), zipped.coding) == (whole, "gzip")
    assert by_link.sent_to("br").coding is None, "what takes brotli alone gets it plain"
    assert plain.etag != zipped.etag
    assert code in zipped.etag
