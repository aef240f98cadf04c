"""The PDF of a statement says what the statement says, in letters that it carries along."""

import io
import threading
from dataclasses import replace
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from storefront.core.errors import Unavailable
from storefront.insights.papers import fonts, pdf
from storefront.insights.papers.labels import Labels
from storefront.insights.papers.paper import Movement, Paper
from tests.insights.papers.specimen import MARCH, a_paper


def read(paper: Paper) -> PdfReader:
    return PdfReader(io.BytesIO(pdf.draw(paper)))


def words_of(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def test_the_specimen_adds_up() -> None:
    paper = a_paper(sales=7)
    assert paper.figures.difference == 0
    assert paper.accounted == paper.figures.closing - paper.figures.opening


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "zh",
            [
                "佣金对账单 2026-03",
                "林小雨",
                "上海苇汀商贸有限公司",
                "第 2, 3 版",
                "已出具，不再更改",
            ],
        ),
        ("en", ["Commission statement 2026-03", "林小雨", "version 2, 3", "issued, final"]),
    ],
)
def test_its_words_can_be_read_back_in_both_languages(language, said) -> None:
    words = words_of(read(a_paper(language)))
    for each in said:
        assert each in words


def test_every_figure_and_every_line_is_on_it() -> None:
    paper = a_paper(sales=40)
    words, labels = words_of(read(paper)), Labels(paper)
    for sale in paper.sales:
        assert f"{sale.order} #1" in words
        assert labels.amount(sale.base) in words
        for change in sale.changes:
            assert labels.amount(change.amount) in words
    for movements in (paper.services, paper.adjustments, paper.settlements, paper.payouts):
        for movement in movements:
            assert movement.words in words
            assert labels.amount(movement.amount) in words
    assert labels.equation() in words
    assert labels.equation().endswith("差额 0.00")


def test_a_reversal_stands_right_below_its_sale() -> None:
    paper = a_paper(sales=3)
    words = words_of(read(paper))
    sale = words.index("R2603000002 #1")
    assert sale < words.index("有退货，按比例冲回") < words.index("小计")


def test_a_reversal_is_on_the_same_page_as_its_sale() -> None:
    paper = a_paper(sales=80)
    told = 0
    for page in read(paper).pages:
        words = page.extract_text()
        came_back = [sale for sale in paper.sales if sale.changes and f"{sale.about}\n" in words]
        assert words.count("\n– 2026") == len(came_back)
        told += len(came_back)
    assert told == sum(1 for sale in paper.sales if sale.changes)


def test_a_sale_with_more_reversals_than_a_page_holds_is_told_in_full() -> None:
    (sale,) = a_paper(sales=1).sales
    changes = tuple(Movement(MARCH, f"第 {number} 次退货", -1) for number in range(120))
    paper = replace(a_paper(), sales=(replace(sale, changes=changes),))
    words = words_of(read(paper))
    assert all(change.words in words for change in changes)


def test_every_page_says_which_it_is_and_repeats_the_head_of_its_table() -> None:
    reader = read(a_paper(sales=80))
    assert len(reader.pages) > 3
    for number, page in enumerate(reader.pages, 1):
        words = page.extract_text()
        assert f"第 {number} 页，共 {len(reader.pages)} 页" in words
        if "R2603" in words:
            assert "商品与适用规则" in words


def test_the_paper_is_a4() -> None:
    box = read(a_paper()).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_fonts_are_embedded_and_say_which_letters_they_hold(language) -> None:
    reader = read(a_paper(language, sales=80))
    found = 0
    for page in reader.pages:
        resources: Any = page["/Resources"]
        for font in [each.get_object() for each in resources["/Font"].values()]:
            if not str(font["/BaseFont"]).endswith("Helvetica"):
                assert "/FontFile2" in font["/FontDescriptor"].get_object()
                assert "/ToUnicode" in font
                found += 1
    assert found


def test_every_word_is_set_in_the_embedded_font() -> None:
    used: set[str] = set()

    def note(text, matrix, text_matrix, font, size) -> None:
        if text.strip():
            used.add(str(font["/BaseFont"]))

    for page in read(a_paper(sales=80)).pages:
        page.extract_text(visitor_text=note)
    assert used
    assert all("NotoSansSC" in name for name in used)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_code_leads_to_where_it_is_verified(language) -> None:
    paper = a_paper(language)
    image = read(paper).pages[0].images[0].image
    assert image is not None
    large = image.convert("L").resize((image.width * 8, image.height * 8), Image.Resampling.NEAREST)
    assert [each.text for each in zxingcpp.read_barcodes(large)] == [paper.verify_url]
    assert paper.verify_url in words_of(read(paper))


def test_the_same_statement_is_the_same_file() -> None:
    assert pdf.draw(a_paper()) == pdf.draw(a_paper())


def test_a_letter_that_the_font_does_not_have_is_seen_to_be_missing() -> None:
    words = words_of(read(a_paper(name="王\U0001f600仁")))
    assert "王〓仁" in words


def test_rare_letters_of_names_are_there() -> None:
    name = "朱镕䶮喆\U00030edd"
    assert name in words_of(read(a_paper(name=name)))


def test_a_name_of_a_hundred_letters_breaks_and_stays_whole() -> None:
    name = "阿卜杜拉" * 25
    assert name in words_of(read(a_paper(name=name))).replace("\n", "")


def test_a_revoked_statement_says_so_on_paper() -> None:
    assert "已于 2026-05-02 作废" in words_of(read(a_paper(standing="已于 2026-05-02 作废")))


def test_many_draw_at_once_and_each_gets_their_own() -> None:
    papers = [a_paper(name=f"第{number}人", sales=number) for number in range(8)]
    drawn: dict[int, bytes] = {}

    def work(number: int) -> None:
        drawn[number] = pdf.draw(papers[number])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(drawn[number] == pdf.draw(papers[number]) for number in range(8))


def test_without_the_font_there_is_no_pdf_and_a_sentence_that_says_what_to_do(monkeypatch) -> None:
    monkeypatch.setattr(fonts, "PACKAGE", "no_such_font_package")
    fonts.font_file.cache_clear()
    pdf._typeface.cache_clear()
    try:
        with pytest.raises(Unavailable, match=r"requirements-fonts\.txt") as caught:
            pdf.draw(a_paper())
        assert caught.value.code == "font_missing"
    finally:
        fonts.font_file.cache_clear()
        pdf._typeface.cache_clear()
