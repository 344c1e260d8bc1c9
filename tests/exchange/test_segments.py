"""Tables of document, code and words, from whatever program: found in the texts, or said not to be."""

import csv

import docx
import openpyxl
import pytest
from study_samples import CHILD, suggested_study

from lbc_themes.core.errors import InputError
from lbc_themes.exchange import has_segments, read_segments
from lbc_themes.study.import_export import Import, import_into


@pytest.fixture
def study(tmp_path):
    with suggested_study(tmp_path) as made:
        yield made


def table(path, *rows):
    if path.suffix == ".xlsx":
        workbook = openpyxl.Workbook()
        for row in rows:
            workbook.worksheets[0].append(row)
        workbook.save(path)
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
    return path


MAXQDA = ("Color", "Comment", "Document group", "Document name", "Code", "Begin", "End", "Weight score", "Segment",
          "Modified by", "Modified", "Created by", "Created")  # fmt: skip
PROGRAMS = {
    "maxqda": (MAXQDA, ("#F2A3A3", "要紧", "", "K01", "心情 > 想念", "3", "3", 0, "有时候想我妈", "", "", "王", "")),
    "atlas": (("ID", "Document", "Quotation Content", "Codes", "Comment", "Created by"),
              ("1:2", "K01.docx", "有时候想我妈", "心情: 想念\n学校", "要紧", "王")),
    "dedoose": (("Media Title", "Excerpt Range", "Excerpt Creator", "Excerpt Date", "Excerpt Copy", "Resource Creator",
                 "Resource Date", "Codes Applied Combined", "Code: 心情 Applied", "Code: 心情\\想念 Applied",
                 "Code: 心情\\想念 Range", "Code: 学校 Applied"),
                ("K01.docx", "41-47", "王", "2025-01-01", "有时候想我妈", "李", "2025-01-01", "想念, 学校", "False",
                 "True", "", "True")),
    "atlas 23": (("ID", "Name", "Document", "Reference", "Text Content", "Codes", "Modified by", "Created by"),
                 ("1:2", "", "1: K01", "2 - 2", "有时候想我妈", "想念", "李", "王")),
    "maxqda in Chinese": (("颜色", "备注", "文档组", "文档名称", "代码", "开始", "结束", "权重分数", "编码片段",
                           "创建者", "创建日期"),
                          ("", "", "组", "K01", "心情 > 想念", "3", "3", "0", "有时候想我妈", "王", "2025-01-01")),
    "maxqda in German": (("Farbe", "Kommentar", "Dokumentgruppe", "Dokumentname", "Code", "Anfang", "Ende", "Segment",
                          "Erstellt von"), ("", "", "", "K01", "心情\\想念", "3", "3", "有时候想我妈", "王")),
    "units in heads": (("文件（共3份）", "编码 (2)", "已编码文本【原文】", "编码员"),
                       ("K01", "想念", "有时候想我妈", "王")),
    "nvivo": (("Code", "File", "Coded Text", "Coder"), ("Codes\\心情\\想念", "Files\\K01", "有时候想我妈", "王")),
    "taguette": (("id", "document", "tag", "content"), (1, "K01", "心情.想念", "有时候想我妈")),
    "colleague": (("访谈编号", "主题", "原话", "编码员"), ("K01", "longing", "有时候 想我妈。", "王")),
}  # fmt: skip


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_tables_of_programs_and_colleagues_become_codings_in_place(study, tmp_path, program, ending):
    codings, losses = read_segments(table(tmp_path / f"t{ending}", *PROGRAMS[program]), study.contents(), coder="王")
    assert losses == ()
    assert ("longing", "有时候想我妈") in [(c.code_id, CHILD[c.start : c.end]) for c in codings]
    assert {(c.transcript_id, c.coder) for c in codings} == {("K01", "王")}


@pytest.mark.parametrize(
    ("row", "topic"),
    [(("K09", "想念", "有时候想我妈"), "segment-documents"), (("K01", "思乡", "有时候想我妈"), "segment-codes"),
     (("K01", "想念", "从来没有说过这样的话"), "segment-missing"), (("K01", "想念", "访谈者"), "segment-twice")],
)  # fmt: skip
def test_what_is_not_found_for_certain_is_listed_and_not_taken(study, tmp_path, row, topic):
    codings, losses = read_segments(
        table(tmp_path / "t.csv", ("document", "code", "segment"), row), study.contents(), coder="王"
    )
    assert codings == []
    assert [loss.topic for loss in losses] == [topic]


def test_words_found_as_often_as_the_table_has_them_are_all_coded(study, tmp_path):
    rows = [("K01", "想念", "访谈者")] * CHILD.count("访谈者")
    codings, losses = read_segments(
        table(tmp_path / "t.csv", ("document", "code", "segment"), *rows), study.contents(), coder="王"
    )
    assert len(codings) == CHILD.count("访谈者")
    assert losses == ()


@pytest.mark.parametrize(
    "words", ["有时候想我妈 , 想得睡不着", "有时候\n想我妈，想得 睡不着。"], ids=["punctuation", "line break"]
)
def test_blanks_and_punctuation_do_not_count(study, tmp_path, words):
    codings, losses = read_segments(
        table(tmp_path / "t.csv", ("document", "code", "segment"), ("K01", "想念", words)), study.contents(), coder="王"
    )
    assert [CHILD[c.start : c.end] for c in codings] == ["有时候想我妈，想得睡不着"]
    assert losses == ()


def test_words_that_differ_a_little_are_taken_where_they_are_nearest_and_said(study, tmp_path):
    words = "跟外婆去菜园里拔草，拔完就在田埂上坐。"
    codings, losses = read_segments(
        table(tmp_path / "t.csv", ("document", "code", "segment"), ("K01", "学校", words)), study.contents(), coder="王"
    )
    assert [CHILD[c.start : c.end] for c in codings] == ["跟外婆去菜园拔草，😀拔完就在田埂上坐"]
    assert [loss.topic for loss in losses] == ["segment-near"]


def test_nvivos_coding_summary_in_word_is_read(study, tmp_path):
    page = docx.Document()
    for line in ("Name: 想念", "<Files\\K01> - § 2 references coded [ 3.15% Coverage]", "Reference 1 - 1.05% Coverage",
                 "有时候想我妈", "Reference 2 - 2.10% Coverage", "数到一百再想一遍她走的那天"):  # fmt: skip
        page.add_paragraph(line)
    page.save(tmp_path / "n.docx")
    assert has_segments(tmp_path / "n.docx")
    codings, losses = read_segments(tmp_path / "n.docx", study.contents(), coder="王")
    assert [(c.code_id, CHILD[c.start : c.end]) for c in codings] == [
        ("longing", "有时候想我妈"), ("longing", "数到一百再想一遍她走的那天"),
    ]  # fmt: skip
    assert losses == ()


REPORT = (
    "Files\\\\第一轮\\\\K01 - § 2 references coded [ 3.90% Coverage]", "Reference 1 - 3.90% Coverage", "有时候想我妈",
    "Reference 2 - 2.10% Coverage", "数到一百再想一遍她走的那天",
)  # fmt: skip


def test_what_nvivo_writes_of_one_code_is_named_after_its_file(study, tmp_path):
    (tmp_path / "想念.txt").write_text("\r\n".join(("", *REPORT)), encoding="utf-8-sig", newline="")
    page = docx.Document()
    for line in REPORT:
        page.add_paragraph(line)
    page.save(tmp_path / "想念.docx")
    for ending in (".txt", ".docx"):
        codings, losses = read_segments(tmp_path / f"想念{ending}", study.contents(), coder="王")
        assert [(c.code_id, CHILD[c.start : c.end]) for c in codings] == [
            ("longing", "有时候想我妈"), ("longing", "数到一百再想一遍她走的那天"),
        ]  # fmt: skip
        assert losses == ()
    assert import_into(study, Import(file=tmp_path / "想念.txt", coder="王", language="zh")).codings == 2


BY_CODE = (
    ("", "", "", "", "", ""),
    ("Aggregate", "Classification", "Coverage", "Number Of Coding References", "Reference Number", "Coded By Initials",
     "Modified On"),
    ("Document",), ("Files\\访谈\\K01",), ("Code",), ("Codes\\心情\\想念",), ("No", "", "3.9 %", "2"),
    ("", "", "", "", "1", "WW", "5/08/2025 9:13 AM"), ("有时候想我妈",),
    ("", "", "", "", "2", "LI", "6/08/2025 9:13 AM"), ("数到一百再想一遍她走的那天。",), ("老师也会找我说说话",),
    ("Codes\\学校",), ("", "", "", "", "1", "WW", "6/08/2025"), ("跟外婆去菜园拔草",),
)  # fmt: skip


@pytest.mark.parametrize("ending", [".xlsx", ".docx"])
def test_nvivos_coding_summary_report_is_read_with_who_coded(study, tmp_path, ending):
    path = tmp_path / f"summary{ending}"
    if ending == ".xlsx":
        table(path, *BY_CODE)
    else:
        page = docx.Document()
        grid = page.add_table(rows=len(BY_CODE), cols=7)
        for row, cells in zip(grid.rows, BY_CODE, strict=True):
            for cell, text in zip(row.cells, cells, strict=False):
                cell.text = text
        page.save(path)
    codings, losses = read_segments(path, study.contents())
    assert losses == ()
    assert [(c.code_id, c.coder, CHILD[c.start : c.end]) for c in codings] == [
        ("longing", "WW", "有时候想我妈"), ("longing", "LI", "数到一百再想一遍她走的那天。老师也会找我说说话"),
        ("school", "WW", "跟外婆去菜园拔草"),
    ]  # fmt: skip


def test_a_range_chooses_among_places_where_the_words_stand(study, tmp_path):
    at = CHILD.rindex("访谈者")
    head = ("Media Title", "Excerpt Range", "Excerpt Copy", "Codes Applied Combined")
    for start, count in ((at, 1), (at + 1, 0)):
        path = table(tmp_path / "d.csv", head, ("K01", f"{start}-{start + 3}", "访谈者", "想念"))
        codings, losses = read_segments(path, study.contents(), coder="王")
        assert [c.start for c in codings] == [at] * count
        assert [loss.topic for loss in losses] == ["segment-twice"] * (1 - count)


def test_comments_on_the_same_words_and_code_are_kept_together(study, tmp_path):
    rows = [("K01", "想念", "有时候想我妈", memo) for memo in ("先这样", "再想想", "先这样")]
    path = table(tmp_path / "t.csv", ("document", "code", "segment", "comment"), *rows)
    (coding,), _ = read_segments(path, study.contents(), coder="王")
    assert coding.memo == "先这样\n再想想"


def test_rows_with_half_of_what_is_needed_are_counted(study, tmp_path):
    rows = (("K01", "想念", ""), ("K01", "", "有时候想我妈"), ("K01", "想念", "有时候想我妈"))
    path = table(tmp_path / "t.csv", ("document", "code", "segment"), *rows)
    codings, losses = read_segments(path, study.contents(), coder="王")
    assert (len(codings), [loss.topic for loss in losses]) == (1, ["segment-half"] * 2)


@pytest.mark.parametrize(
    ("head", "said"),
    [(("文档", "编码", "说的话"), "no column for words was recognised; its heads are 文档, 编码, 说的话"),
     (("document", "label", "segment"), "no column for codes was recognised; its heads are document, label, segment"),
     (("document", "code", "segment"), "no row has a code and words; its heads are document, code, segment")],
)  # fmt: skip
def test_a_head_that_is_not_recognised_is_named_with_those_that_are_there(study, tmp_path, head, said):
    with pytest.raises(InputError) as fault:
        read_segments(table(tmp_path / "t.csv", head, ("K01", "", "")), study.contents(), coder="王")
    assert said in str(fault.value)


def test_a_table_is_imported_once_and_nobody_is_invented(study, tmp_path):
    file = table(tmp_path / "t.xlsx", *PROGRAMS["taguette"])
    with pytest.raises(InputError, match="not said who coded"):
        import_into(study, Import(file=file, coder="", language="zh"))
    for expected in (1, 0):
        assert import_into(study, Import(file=file, coder="王", language="zh")).codings == expected


def test_a_table_without_such_columns_is_refused(study, tmp_path):
    with pytest.raises(InputError, match="no columns for codes and words"):
        read_segments(table(tmp_path / "t.csv", ("a", "b"), (1, 2)), study.contents(), coder="王")
