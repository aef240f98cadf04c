"""Reading what people's spreadsheets save, and writing what their spreadsheets open."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.core.csvfile import CsvColumns, CsvProblems, read_rows, write_rows
from storefront.core.errors import Invalid

COLUMNS = CsvColumns(required=("code", "name"), optional=("price",))


def rows_of(content: bytes, *, max_rows: int = 1000):
    problems = CsvProblems()
    rows = list(read_rows(content, COLUMNS, max_rows=max_rows, problems=problems))
    problems.raise_if_any()
    return rows


def complaints_about(content: bytes, *, max_rows: int = 1000) -> list[tuple[int, str, str]]:
    with pytest.raises(Invalid) as caught:
        rows_of(content, max_rows=max_rows)
    assert caught.value.code == "wrong_file"
    lines = caught.value.extra["lines"]
    assert caught.value.extra["count"] == len(lines)
    assert all(line["message"] for line in lines)
    return [(line["line"], line["column"], line["code"]) for line in lines]


def test_a_row_knows_its_line_and_its_cells_by_name():
    rows = rows_of(b'name,code\nLamp, A1 \n\n"Two\nlines",A2\nLast,A3\n')
    assert [(row.line, row["code"], row["name"]) for row in rows] == [
        (2, "A1", "Lamp"),
        (4, "A2", "Two\nlines"),
        (6, "A3", "Last"),
    ]


def test_an_absent_column_is_told_from_an_empty_cell():
    (without,) = rows_of(b"code,name\nA1,Lamp\n")
    (empty,) = rows_of(b"code,name,price\nA1,Lamp,\n")
    assert without.get("price") is None
    assert "price" not in without
    assert empty.get("price") == ""


def test_a_byte_order_mark_and_windows_line_ends_are_welcome():
    (row,) = rows_of("\ufeffcode,name\r\nA1,灯\r\n".encode())
    assert row["name"] == "灯"


def test_a_stream_is_read_like_bytes():
    problems = CsvProblems()
    stream = io.BytesIO(b"code,name\nA1,Lamp\n")
    assert [row["code"] for row in read_rows(stream, COLUMNS, max_rows=9, problems=problems)] == [
        "A1"
    ]


def test_another_encoding_is_named_with_its_line_and_a_way_out():
    gbk = b"code,name\nA1,Lamp\n" + "A2,灯具\n".encode("gb18030")
    assert complaints_about(gbk) == [(3, "", "wrong_encoding")]
    with pytest.raises(Invalid) as caught:
        rows_of(gbk)
    assert "GBK" in caught.value.extra["lines"][0]["message"]
    assert complaints_about("code,name\nA1,灯\n".encode("utf-16")) == [(1, "", "wrong_encoding")]


def test_a_nul_byte_is_no_text():
    assert complaints_about(b"code,name\nA1,La\0mp\n") == [(2, "", "nul_byte")]


def test_a_file_cut_anywhere_is_refused():
    whole = 'code,name,price\nA1,"A ""big"" lamp",12.50\nA2,"灯,\n具",120\n'.encode()
    assert len(rows_of(whole)) == 2
    line_ends = {position + 1 for position, byte in enumerate(whole) if byte == ord("\n")}
    inside_quotes = whole.index(b"\n", whole.index("灯".encode())) + 1
    for cut in range(len(whole)):
        if cut in line_ends - {inside_quotes}:
            continue  # whole lines are missing: nothing in a CSV file can tell
        complaints_about(whole[:cut])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"code,name,price\nA1,Lamp,12", (2, "", "cut_off")),
        (b'code,name\nA1,"Lamp\nA2,Desk\n', (2, "", "open_quote")),
        (b'code,name\nA1,"La"mp\n', (2, "", "malformed")),
        (b"", (1, "", "no_header")),
        (b"code,name,colour\nA1,Lamp,red\n", (1, "colour", "unknown_column")),
        (b"code,name,code\nA1,Lamp,A1\n", (1, "code", "column_twice")),
        (b"code\nA1\n", (1, "name", "missing_column")),
        (b"code,name\nA1\n", (2, "", "wrong_field_count")),
        (b"code,name\nA1,Lamp,12,13\n", (2, "", "wrong_field_count")),
    ],
)
def test_what_is_wrong_is_named_with_line_and_column(content, complaint):
    assert complaints_about(content) == [complaint]


def test_fields_separated_by_something_else_get_a_hint():
    with pytest.raises(Invalid) as caught:
        rows_of(b"code;name\nA1;Lamp\n")
    messages = " ".join(line["message"] for line in caught.value.extra["lines"])
    assert "commas" in messages


def test_every_complaint_is_told_in_the_order_of_lines():
    problems = CsvProblems()
    content = b"code,name\nA1,Lamp,x\nA2,Desk\nA3\n"
    for row in read_rows(content, COLUMNS, max_rows=9, problems=problems):
        problems.add(row.line, "name", "no_desks", "Not a lamp.")
    with pytest.raises(Invalid) as caught:
        problems.raise_if_any()
    assert [(line["line"], line["code"]) for line in caught.value.extra["lines"]] == [
        (2, "wrong_field_count"),
        (3, "no_desks"),
        (4, "wrong_field_count"),
    ]


def test_of_very_many_complaints_the_first_are_shown_and_all_are_counted():
    problems = CsvProblems()
    content = b"code,name\n" + b"A1\n" * 250
    list(read_rows(content, COLUMNS, max_rows=1000, problems=problems))
    refusal = problems.refusal()
    assert refusal.extra["count"] == 250
    assert len(refusal.extra["lines"]) == 100


def test_a_file_with_too_many_rows_is_refused_at_the_first_one_too_many():
    content = b"code,name\n" + b"A1,Lamp\n" * 6
    assert len(rows_of(content, max_rows=6)) == 6
    assert complaints_about(content, max_rows=5) == [(7, "", "too_many_rows")]


def written(*rows) -> bytes:
    return b"".join(write_rows(("code", "name"), rows))


@pytest.mark.parametrize("text", ["=1+1", "+8613800138000", "-x", "@SUM(A1)", "\tx", "\rx", "'=x"])
def test_a_text_that_would_act_as_a_formula_gets_an_apostrophe(text):
    content = written(("A1", text)).decode("utf-8-sig")
    assert f"'{text}" in content


@pytest.mark.parametrize("number", [-5, Decimal("-1.50"), "-1.50", 12, "12.50"])
def test_numbers_stay_numbers(number):
    assert written(("A1", number)).decode("utf-8-sig") == f"code,name\r\nA1,{number}\r\n"


def test_a_file_says_its_encoding_and_ends_lines_as_the_standard_does():
    assert written(("A1", "灯"), ("A2", None)) == "\ufeffcode,name\r\nA1,灯\r\nA2,\r\n".encode()


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    st.text(st.sampled_from("'=+-@\t\r\n\" ,1a"), max_size=8),
)
def test_what_was_written_is_read_back_but_for_blanks_at_the_ends(first, second):
    row = rows_of(written((first, second)))[0]
    assert (row["code"], row["name"]) == (first.strip(), second.strip())
