"""Quotations of a code and memos as files: every cell in its column and in both languages, and no formula."""

import csv
import io

import docx
import openpyxl
import pytest
from docx.shared import Pt, RGBColor
from study_samples import CHILD, both, code, made

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook, Role
from lbc_themes.core.study_log import Memo
from lbc_themes.exchange.code_quotations import KINDS, QuotationRow, quotations_file, table_file
from lbc_themes.exchange.memo_table import memos_file, place_of

FIRST = QuotationRow(
    code="想念", transcript_id="K01", passage_id="K01:0002", participant="P1", speaker="小麦", role=Role.CHILD,
    question="夜里呢？", quote="=想我妈", start=24, end=27, coder="李", adjudication=False, time="2025-03-01T08:00:00Z",
    memo="要紧\x01", other_codes=("学校", "作业"), attributes={"gender": "女", "age": "10"},
)  # fmt: skip
SECOND = QuotationRow(
    code="想念", transcript_id="L01", passage_id="L01:0001", participant="P2", speaker="", role=Role.TEACHER,
    question="", quote="他想家", start=0, end=3, coder="王", adjudication=True, time="", attributes={"years": "5"},
)  # fmt: skip
CELLS = {
    "zh": [
        ["编码", "访谈", "段落", "受访者", "说话人", "身份", "问题", "引文", "开始", "结束", "编码者", "裁定", "时间",
         "其他编码", "备忘", "gender", "age", "years"],
        ["想念", "K01", "K01:0002", "P1", "小麦", "儿童", "夜里呢？", "'=想我妈", "24", "27", "李", "", FIRST.time,
         "学校、作业", "要紧\x01", "女", "10", ""],
        ["想念", "L01", "L01:0001", "P2", "", "教师", "", "他想家", "0", "3", "王", "裁定", "", "", "", "", "", "5"],
    ],
    "en": [
        ["Code", "Interview", "Passage", "Participant", "Speaker", "Role", "Question", "Quotation", "Start", "End",
         "Coder", "Adjudicated", "Time", "Other codes", "Memo", "gender", "age", "years"],
        ["想念", "K01", "K01:0002", "P1", "小麦", "child", "夜里呢？", "'=想我妈", "24", "27", "李", "", FIRST.time,
         "学校, 作业", "要紧\x01", "女", "10", ""],
        ["想念", "L01", "L01:0001", "P2", "", "teacher", "", "他想家", "0", "3", "王", "adjudicated", "", "", "", "",
         "", "5"],
    ],
}  # fmt: skip


def read_csv(data):
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_table_has_a_row_for_each_quotation_and_a_column_for_each_attribute(language):
    data = quotations_file([FIRST, SECOND], "csv", title="想念", language=language)
    assert read_csv(data) == CELLS[language]
    assert data.count(b"\r\n") == 3
    assert read_csv(quotations_file([FIRST], "csv", title="想念"))[0] == CELLS["zh"][0][:-1]


def test_a_sign_that_no_file_can_hold_is_replaced():
    assert read_csv(table_file([["a"], ["\ud800"]], "csv")) == [["a"], ["?"]]


def test_a_workbook_holds_words_as_words_and_places_as_numbers():
    book = openpyxl.load_workbook(io.BytesIO(quotations_file([FIRST, SECOND], "xlsx", title="想念")))
    (sheet,) = book.worksheets
    rows = [[cell.value for cell in row] for row in sheet]
    assert rows[0] == CELLS["zh"][0]
    assert rows[1] == ["想念", "K01", "K01:0002", "P1", "小麦", "儿童", "夜里呢？", "=想我妈", 24, 27, "李", None,
                       FIRST.time, "学校、作业", "要紧\ufffd", "女", "10", None]  # fmt: skip
    assert (sheet["H2"].data_type, sheet["I2"].data_type) == ("s", "n")
    assert [cell.font.bold for cell in sheet["B"]] == [True, False, False]
    assert all(cell.alignment.wrap_text and cell.alignment.vertical == "top" for row in sheet for cell in row)
    widths = [sheet.column_dimensions[letter].width for letter in "ABCDEFGHIJKLMNO"]
    assert widths == [16, 12, 14, 12, 10, 10, 30, 60, 8, 8, 12, 8, 22, 20, 30]
    assert sheet.freeze_panes == "A2"


def test_a_document_says_who_said_it_where_and_who_coded():
    further = QuotationRow(
        code="想念", transcript_id="K01", passage_id="K01:0003", participant="", speaker="小麦", role=Role.OTHER,
        question="", quote="也想爸\x02", start=40, end=43, coder="", adjudication=False, time="",
    )  # fmt: skip
    data = quotations_file([FIRST, further, SECOND], "docx", title="想念 longing", language="en")
    lines = docx.Document(io.BytesIO(data)).paragraphs
    assert [(line.text, line.style.name) for line in lines] == [
        ("想念 longing", "Heading 1"), ("3 quotations", "Normal"),
        ("K01", "Heading 2"), ("夜里呢？", "Normal"), ("=想我妈", "Quote"),
        ("P1 child 小麦 · K01:0002 [24–27) · 李 · 2025-03-01 · 女 · 10 · 学校 · 作业", "Normal"),
        ("要紧\ufffd", "List Bullet"),
        ("也想爸\ufffd", "Quote"), ("other 小麦 · K01:0003 [40–43)", "Normal"),
        ("L01", "Heading 2"), ("他想家", "Quote"), ("P2 teacher · L01:0001 [0–3) · 王 · 5", "Normal"),
    ]  # fmt: skip
    asked, source = lines[3].runs[0], lines[5].runs[0]
    assert asked.italic
    assert asked.font.color.rgb == RGBColor(0x5B, 0x62, 0x70)
    assert source.font.size == Pt(9)
    zh = docx.Document(io.BytesIO(quotations_file([FIRST], "docx", title="想念"))).paragraphs
    assert [zh[1].text, zh[5].text[:11]] == ["引文 1 处", "P1 儿童 小麦 · "]


def test_another_form_is_refused_and_the_forms_are_named():
    assert list(KINDS) == ["docx", "xlsx", "csv"]
    with pytest.raises(InputError, match=r"^quotations are not written as pdf; allowed are docx, xlsx, csv$"):
        quotations_file([], "pdf", title="")
    with pytest.raises(InputError, match=r"^quotations are not written as docx; allowed are xlsx, csv$"):
        memos_file(
            [], "docx", passages={}, transcripts={}, codebook=Codebook(id="e", version="1", name=both("", ""), codes=())
        )


# --- Memos.


@pytest.mark.parametrize("language", ["zh", "en"])
def test_memos_say_what_they_are_about_with_its_words(tmp_path, language):
    with made(tmp_path) as study:
        transcripts = {each.id: each for each in study.transcripts}
        passages = {each.id: each for each in study.passages}
        codebook = study.codebook
    first = passages["K01:0001"]
    memos = [
        Memo(text="总", coder="李", time="t"), Memo(text="访", coder="李", about="transcript", about_id="L01"),
        Memo(text="段", coder="王", about="passage", about_id="K01:0001"),
        Memo(text="处", coder="王", about="span", about_id="K01", start=16, end=19),
        Memo(text="首", coder="王", about="span", about_id="K01", start=0, end=4),
        Memo(text="=码", coder="王", about="code", about_id="longing"),
        Memo(text="人", coder="王", about="participant", about_id="K01"),
        Memo(text="失", coder="王", about="passage", about_id="Z:0001"),
    ]  # fmt: skip
    rows = read_csv(memos_file(
        memos, "csv", passages=passages, transcripts=transcripts, codebook=codebook, language=language,
    ))  # fmt: skip
    about, heads, name = {
        "zh": (("研究", "访谈", "段落", "段内文字", "编码", "受访者"),
               ["关于", "对象", "备忘", "原文", "访谈", "开始", "结束", "编码者", "时间"], "想念"),
        "en": (("Study", "Interview", "Passage", "Part of a passage", "Code", "Participant"),
               ["About", "What", "Memo", "Words", "Interview", "Start", "End", "Coder", "Time"], "longing"),
    }[language]  # fmt: skip
    place = [str(first.start), str(first.end)]
    assert rows == [
        heads, [about[0], "", "总", "", "", "", "", "李", "t"], [about[1], "L01", "访", "", "L01", "", "", "李", ""],
        [about[2], "K01:0001", "段", first.text, "K01", *place, "王", ""],
        [about[3], "K01", "处", CHILD[16:19], "K01", "16", "19", "王", ""],
        [about[3], "K01", "首", CHILD[:4], "K01", "0", "4", "王", ""],
        [about[4], name, "'=码", "", "", "", "", "王", ""], [about[5], "K01", "人", "", "", "", "", "王", ""],
        [about[2], "Z:0001", "失", "", "", "", "", "王", ""],
    ]  # fmt: skip
    assert place_of(memos[2], passages) == ("K01", first.start, first.end)


def test_memos_on_what_is_gone_stand_without_words_and_a_workbook_holds_the_same():
    memos = [Memo(text="处", coder="王", about="span", about_id="Z", start=1, end=2)]
    codebook = Codebook(id="e", version="1", name=both("", ""), codes=(code("a", "甲", "a"),))
    book = openpyxl.load_workbook(io.BytesIO(
        memos_file(memos, "xlsx", passages={}, transcripts={}, codebook=codebook)
    ))  # fmt: skip
    rows = [[cell.value for cell in row] for row in book.worksheets[0]]
    assert rows[0][0] == "关于"
    assert rows[1] == ["段内文字", "Z", "处", None, "Z", 1, 2, "王", None]
