"""PDF: exact text, lines put together as paragraphs, what belongs to the page left out, refusals in one line."""

import sys
from pathlib import Path

import pytest
from pdf_files import HEIGHT, WIDTH, column, pdf

from lbc_themes.core.errors import InputError
from lbc_themes.reading import read_transcripts
from lbc_themes.reading.containers import pdf as reader
from lbc_themes.reading.containers.pdf import PdfLine, PdfPage, paragraphs, without_furniture
from lbc_themes.reading.containers.pdf_child import _upright

FULL = "小安：先喂羊。喂完羊写作业，写不完就点灯写，有时"  # 24 characters fill the column of 288 points
WRAPPED = "候写着写着就睡着了，第二天早上起来才发现本子压皱", "了。我妈说：“别哭。”"
PAGE = column("访谈者：放学以后一般干啥？", FULL, *WRAPPED, "访谈者：嗯。", "小安：就这些。")


def read(tmp_path: Path, data: bytes, name: str = "稿.pdf"):
    path = tmp_path / name
    path.write_bytes(data)
    [transcript] = read_transcripts(path)
    return transcript


def refusal(tmp_path: Path, data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read(tmp_path, data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.slow
def test_wrapped_lines_are_one_turn_without_blanks_and_turns_are_slices(tmp_path):
    got = read(tmp_path, pdf(PAGE))
    assert got.form == "labels"
    assert [(turn.speaker, got.said(turn)) for turn in got.turns] == [
        ("访谈者", "放学以后一般干啥？"),
        ("小安", FULL.removeprefix("小安：") + "".join(WRAPPED)),
        ("访谈者", "嗯。"),
        ("小安", "就这些。"),
    ]


@pytest.mark.slow
def test_punctuation_and_rare_characters_are_exact(tmp_path):
    words = "小日老龍關係，。、；：？！“”‘’（）《》【】…—～％＋Ａ１①甲"
    assert read(tmp_path, pdf(column(words))).text == words


@pytest.mark.slow
def test_a_paragraph_runs_over_the_page_and_page_numbers_are_left_out(tmp_path):
    head = [(160.0, 560.0, 9.0, "访谈记录"), (205.0, 30.0, 9.0, "1")]
    first = [*head, *column("访谈者：后来呢？", FULL)]
    second = [
        (160.0, 560.0, 9.0, "访谈记录"),
        (205.0, 30.0, 9.0, "2"),
        *column("候就睡着了。", "访谈者：嗯。", "小安：没了。"),
    ]
    got = read(tmp_path, pdf(first, second))
    assert got.said(got.turns[1]) == FULL.removeprefix("小安：") + "候就睡着了。"
    assert len(got.turns) == 4
    assert "4 lines of page headers, footers and page numbers left out" in got.notes


@pytest.mark.slow
def test_an_indented_line_and_a_speaker_begin_paragraphs_though_the_line_before_is_full(tmp_path):
    full = "俺奶说等爸爸回来就换个大的灯，他在那边的厂里上班"
    got = read(tmp_path, pdf(column(full, "　　他过年才回来，回来也待不", full, "工资不高。", top=400)))
    assert got.text.split("\n") == [full, "他过年才回来，回来也待不", full + "工资不高。"]
    talk = column("问：在？", full.replace("俺奶", "答：俺"), "问：那你呢？", "答：我在。")
    assert len(read(tmp_path, pdf(talk)).turns) == 4


def test_latin_words_keep_their_blank_where_the_page_wraps():
    lines = [
        PdfLine("one two three four five", 60, 500, 360, 512, 10),
        PdfLine("six seven", 60, 482, 120, 494, 10),
        PdfLine("eight nine ten eleven more", 60, 464, 360, 476, 10),
        PdfLine("twelve", 60, 446, 120, 458, 10),
    ]
    text, notes = paragraphs([PdfPage(width=420, height=595, lines=tuple(lines))])
    assert text == "one two three four five six seven\neight nine ten eleven more twelve"
    assert notes == ()


def test_radicals_that_look_like_characters_become_the_characters():
    text, _ = paragraphs([PdfPage(width=420, height=595, lines=(PdfLine("⽼⽇⼩", 60, 500, 96, 512, 12),))])
    assert text == "老日小"


def test_a_speech_that_is_a_number_is_no_page_number():
    lines = tuple(
        PdfLine(words, 60, 300 - 20 * n, 100, 312 - 20 * n, 12)
        for n, words in enumerate(["问：几个？", "3", "问：嗯。"])
    )
    [page], dropped = without_furniture([PdfPage(width=420, height=595, lines=lines)])
    assert (page.lines, dropped) == (lines, 0)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_boxes_of_a_turned_page_are_upright(rotation):
    # A box at the upper left of the page as shown, taken back to where it lies before the page is turned.
    shown = (10.0, HEIGHT - 30.0, 60.0, HEIGHT - 10.0)
    left, bottom, right, top = shown
    lying = {
        90: (HEIGHT - top, left, HEIGHT - bottom, right),
        180: (WIDTH - right, HEIGHT - top, WIDTH - left, HEIGHT - bottom),
        270: (bottom, WIDTH - right, top, WIDTH - left),
    }[rotation]
    assert _upright(lying, rotation, (WIDTH, HEIGHT)) == pytest.approx(shown)


@pytest.mark.slow
def test_scans_passwords_and_broken_files_are_refused_in_one_line(tmp_path):
    assert "a scan" in refusal(tmp_path, pdf([], picture=True))
    assert "holds no text;" in refusal(tmp_path, pdf([]))
    assert "password" in refusal(tmp_path, pdf(PAGE, trailer=b"/Encrypt 7 0 R /ID [<00> <00>]"))
    assert "not a readable PDF" in refusal(tmp_path, pdf(PAGE)[:300])
    assert "not a readable PDF" in refusal(tmp_path, b"%PDF-1.7\n" + bytes(range(256)))


def test_a_font_that_does_not_name_its_characters_is_refused(tmp_path):
    unnamed = pdf(PAGE).replace(b"/UniGB-UCS2-H", b"/Identity-H").replace(b"/Ordering (GB1)", b"/Ordering (Identity)")
    assert "do not say which characters they draw" in refusal(tmp_path, unnamed)


@pytest.mark.slow
def test_a_page_of_pictures_among_pages_of_text_is_said(tmp_path):
    got = read(tmp_path, pdf(PAGE, [], picture=True))
    assert any("pictures without text on page 2" in note for note in got.notes)


@pytest.mark.slow
def test_a_pdf_that_crashes_or_stops_its_reader_is_refused_and_the_rest_is_read(tmp_path, monkeypatch):
    (tmp_path / "一.pdf").write_bytes(pdf(PAGE))
    (tmp_path / "二.txt").write_text("问：好吗？\n答：好。\n", encoding="utf-8")
    for program, seconds, words in (
        ("import os; os.abort()", 60, "breaks the program"),
        ("import time; time.sleep(60)", 0.5, "within 0.5 s"),
    ):
        monkeypatch.setattr(reader, "_START", program)
        monkeypatch.setattr(reader, "_SECONDS", seconds)
        refused: list[str] = []
        got = read_transcripts(tmp_path, on_error=lambda _, fault, kept=refused: kept.append(str(fault)))
        assert [transcript.id for transcript in got] == ["二"]
        assert len(refused) == 1
        assert words in refused[0]


def test_without_the_package_the_refusal_names_the_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    monkeypatch.setattr(reader, "find_spec", lambda _name: None)
    assert "pip install 'lbc_themes[pdf]'" in refusal(tmp_path, pdf(PAGE))
