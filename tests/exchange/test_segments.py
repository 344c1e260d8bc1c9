"""Tables of document, code and words, from whatever program: found in the texts, or said not to be."""

import csv
from dataclasses import replace

import docx
import openpyxl
import pytest
from study_samples import CHILD, suggested_study

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Codebook, Role, Transcript, Turn
from lbc_themes.exchange import has_segments, read_segments
from lbc_themes.exchange.losses import Loss
from lbc_themes.exchange.segments import Segment, _segments, place_segments
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


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_tables_of_programs_and_colleagues_become_codings_in_place(study, tmp_path, program, ending):
    codings, losses = read_segments(table(tmp_path / f"t{ending}", *PROGRAMS[program]), study.contents(), coder="王")
    assert losses == ()
    assert ("longing", "有时候想我妈") in [(c.code_id, CHILD[c.start : c.end]) for c in codings]
    assert {(c.transcript_id, c.coder) for c in codings} == {("K01", "王")}


@pytest.mark.slow
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


@pytest.mark.slow
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


# --- Finding documents, codes and words, one rule after the other.


def place(study, *segments, texts=None, coder="王", sources=None):
    """What segments mean in interviews with these texts, as (interview, words, code, coder), and what was left."""
    contents = study.contents()
    if texts:
        whole = [Turn(speaker="", role=Role.CHILD, start=0, end=len(text)) for text in texts.values()]
        contents = replace(contents, transcripts=tuple(
            Transcript(id=name, text=text, turns=(turn,), source=(sources or {}).get(name, ""))
            for (name, text), turn in zip(texts.items(), whole, strict=True)
        ))  # fmt: skip
    codings, losses = place_segments(segments, contents, coder=coder, name="f.csv")
    said = {transcript.id: transcript.text for transcript in contents.transcripts}
    return [(c.transcript_id, said[c.transcript_id][c.start : c.end], c.code_id, c.coder) for c in codings], losses


def segment(words="有时候想我妈", document="K01", codes=("想念",), **fields):
    return Segment(where="row 2", document=document, codes=codes, words=words, **fields)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "topic", "text", "where"),
    [(segment(document="第 9 份"), "segment-documents", "exchange.segment_documents", "row 2 第 9 份 第 9 份"),
     (segment(codes=("思\n乡",)), "segment-codes", "exchange.segment_codes", "row 2 K01 思"),
     (segment("没" * 40), "segment-missing", "exchange.segment_missing", f"row 2 K01 {'没' * 30}"),
     (segment("，。"), "segment-missing", "exchange.segment_missing", "row 2 K01 ，。"),
     (segment("访谈者"), "segment-twice", "exchange.segment_twice", "row 2 K01 访谈者"),
     (segment(""), "segment-half", "exchange.segment_half", "row 2 K01 想念"),
     (segment(codes=()), "segment-half", "exchange.segment_half", "row 2 K01 有时候想我妈")],
)  # fmt: skip
def test_what_is_left_is_said_with_its_row(study, given, topic, text, where):
    codings, losses = place(study, given)
    assert codings == []
    assert losses[0] == Loss(topic=topic, text=message(text), count=1, where=where)


def test_words_that_stand_more_often_than_the_table_has_them_are_counted_once_with_their_rows(study):
    twice = segment("想")
    codings, losses = place(study, twice, twice)
    assert codings == []
    assert [(loss.topic, loss.count) for loss in losses] == [("segment-twice", 2)]


def test_a_table_of_nothing_and_a_row_of_nobody_are_refused_with_the_file(study):
    with pytest.raises(InputError, match=r"f\.csv: no columns for codes and words"):
        place(study)
    with pytest.raises(InputError, match=r"f\.csv.*row 2"):
        place(study, segment(), coder="")


def test_who_coded_when_and_why_come_along(study):
    contents = study.contents()
    found, _ = place_segments(
        [segment(coder="李", time="2025", memo="要紧"), segment(codes=("学校",))], contents, coder="王"
    )
    assert [(c.code_id, c.coder, c.time, c.memo) for c in found] == [
        ("longing", "李", "2025", "要紧"), ("school", "王", "", ""),
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("nth", "start", "places"), [(0, None, [0]), (1, None, [3]), (None, 3, [3]), (None, 1, []), (2, None, [])]
)
def test_the_how_manieth_or_the_position_chooses_among_like_words(study, nth, start, places):
    contents = replace(study.contents(), transcripts=(
        Transcript(id="K01", text="想她，想她", turns=(Turn(speaker="", role=Role.CHILD, start=0, end=5),)),
    ))  # fmt: skip
    codings, _ = place_segments([segment("想她", nth=nth, start=start)], contents, coder="王")
    assert [c.start for c in codings] == places


DOCUMENTS = {"K01": "甲说想家了", "访谈2.txt": "乙说想家了", "录音3": "丙说想家了"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "found"),
    [("K01", "K01"), ("ｋ01", "K01"), ("K 01", "K01"), ("K01.docx", "K01"), ("D 3: K01", "K01"), ("12:K01", "K01"),
     ("P4:K01", "K01"), ("第一轮\\K01", "K01"), ("a/b\\K01.docx", "K01"), ("访谈2", "访谈2.txt"),
     ("访谈2.txt", "访谈2.txt"), ("老师", "录音3"), ("K01.a", None), ("K", None), ("两个", None)],
)  # fmt: skip
def test_a_document_is_known_by_its_name_with_and_without_what_programs_put_around_it(study, name, found):
    sources = {"录音3": "/x/老师.docx", "K01": "/x/两个.txt", "访谈2.txt": "/x/两个.md"}
    codings, _ = place(study, segment("想家", name), texts=DOCUMENTS, sources=sources)
    assert codings == ([(found, "想家", "longing", "王")] if found else [])


def test_without_a_document_words_are_looked_for_in_all_interviews(study):
    assert place(study, segment("乙说", ""), texts=DOCUMENTS)[0] == [("访谈2.txt", "乙说", "longing", "王")]
    codings, losses = place(study, segment("想家", ""), texts=DOCUMENTS)
    assert (codings, [loss.topic for loss in losses]) == ([], ["segment-twice"])
    assert len(place(study, *[segment("想家", "")] * 3, texts=DOCUMENTS)[0]) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "codes"),
    [("longing", ["longing"]), ("LONGING ", ["longing"]), ("心情>想念", ["longing"]), ("心情.想念", ["longing"]),
     ("想念；学校", ["longing", "school"]), ("想念\n学校", ["longing", "school"]), ("想念|学校", ["longing", "school"]),
     ("想念，学校、作业", ["longing", "school", "homework"]), ("想念, 学校；作业", ["longing", "school", "homework"]),
     ("help that helped", ["help.positive"])],
)  # fmt: skip
def test_codes_are_known_by_id_name_and_path_several_in_a_cell(study, cell, codes):
    codings, losses = place(study, segment(codes=(cell,)))
    assert [code_id for _, _, code_id, _ in codings] == codes
    assert losses == ()


def test_a_name_that_two_codes_have_means_neither(study):
    contents = study.contents()
    codes = tuple(
        replace(c, name=contents.codebook["longing"].name) if c.id == "school" else c for c in contents.codebook
    )
    book = Codebook(id="f", version="1", name=contents.codebook.name, codes=codes)
    codings, losses = place_segments([segment()], replace(contents, codebooks=(book,)), coder="王")
    assert (codings, [loss.topic for loss in losses]) == ([], ["segment-codes"])
    codings, _ = place_segments([segment(codes=("心情>想念",))], replace(contents, codebooks=(book,)), coder="王")
    assert [c.code_id for c in codings] == ["longing"]


WORDS = "甲乙丙丁戊己庚辛壬癸"
"""Ten letters: with one changed 90 % are the same, with two 80 %, with three 70 %."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("texts", "found"),
    [({"A": f"他说，{WORDS[:9]}子。完了"}, "甲乙丙丁戊己庚辛壬子"), ({"A": f"他说{WORDS[:8]}子丑完了"}, None),
     ({"A": f"他说子{WORDS[1:]}完了"}, "子乙丙丁戊己庚辛壬癸"),
     ({"A": f"{WORDS[:9]}子", "B": f"{WORDS[:8]}子丑"}, None),
     ({"A": f"{WORDS[:7]}子丑寅", "B": f"{WORDS[:9]}子"}, None),
     ({"A": f"说{WORDS[:9]}子说了很多别的话，后来又说{WORDS[:8]}子丑"}, None)],
)  # fmt: skip
def test_words_that_are_nearly_there_are_taken_where_no_other_place_comes_close(study, texts, found):
    codings, losses = place(study, segment(WORDS, "" if len(texts) > 1 else "A"), texts=texts)
    if texts.keys() == {"A", "B"} and texts["A"].endswith("寅"):
        assert codings == [("B", "甲乙丙丁戊己庚辛壬子", "longing", "王")]
    else:
        assert codings == ([("A", found, "longing", "王")] if found else [])
    assert [loss.topic for loss in losses] == ["segment-near" if codings else "segment-missing"]


def test_fewer_than_eight_letters_are_not_taken_where_they_are_only_nearly_there(study):
    assert place(study, segment("甲乙丙丁戊己庚", "A"), texts={"A": "甲乙丙丁戊己子"})[0] == []
    long = "甲乙丙丁戊己庚辛"
    assert place(study, segment(long, "A"), texts={"A": f"说{long[:7]}子"})[0][0][1] == f"{long[:7]}子"


@pytest.mark.parametrize("words", ["Ｍy mom", "my  MOM!", "ＭＹ。mom"])
def test_width_case_and_punctuation_do_not_count(study, words):
    assert place(study, segment(words, "A"), texts={"A": "想 (My Mom), 想"})[0] == [("A", "My Mom", "longing", "王")]


def test_the_exact_words_are_taken_before_others_that_are_the_same_without_punctuation(study):
    codings, _ = place(study, segment("想她。走", "A"), texts={"A": "想她走了，想她。走"})
    assert [words for _, words, _, _ in codings] == ["想她。走"]


# --- What the rows of a table say.


def rows_of(tmp_path, *rows):
    return list(_segments(table(tmp_path / "t.csv", *rows)))


def test_a_row_says_who_coded_and_when_else_who_changed_it(tmp_path):
    head = ("document", "code", "segment", "comment", "created by", "modified by", "created")
    first, second = rows_of(
        tmp_path, ("总表",), head, ("K01", "a", "词", "备", "王", "李", "2025"), ("K02", "b", "句", "", "", "李", ""),
    )  # fmt: skip
    assert first == Segment(
        where="row 3", document="K01", codes=("a",), words="词", coder="王", time="2025", memo="备", nth=None,
        start=None,
    )  # fmt: skip
    assert (second.where, second.coder, second.document) == ("row 4", "李", "K02")


def test_heads_are_looked_for_in_the_first_ten_rows(tmp_path):
    for above, count in ((9, 1), (10, 0)):
        rows = rows_of(tmp_path, *[("x",)] * above, ("code", "segment"), ("a", "词"), ("", ""))
        assert len(rows) == count


def test_dedoose_marks_codes_in_columns_of_their_own(tmp_path):
    head = ("Excerpt Copy", "Excerpt Range", "Codes Applied Combined", "Code: A\\b Applied", "Code: C Applied",
            "Code: D Applied")  # fmt: skip
    (row,) = rows_of(tmp_path, head, ("词", "7-9", "b, C, E", "True", "√", "no"))
    assert (row.codes, row.start) == (("A\\b", "C", "E"), 7)
    (row,) = rows_of(tmp_path, head, ("词", "7", "b, E", "", ""))
    assert (row.codes, row.start) == (("b, E",), None)


def test_of_two_columns_of_one_kind_the_first_counts_unless_one_is_named_exactly_so(tmp_path):
    (row,) = rows_of(tmp_path, ("text", "quote", "code"), ("甲", "乙", "a"))
    assert row.words == "甲"
    (row,) = rows_of(
        tmp_path, ("comment text", "text", "Segment", "tag", "hierarchical_name"), ("", "甲", "乙", "a", "A>a")
    )
    assert (row.words, row.codes) == ("乙", ("A>a",))


def test_a_short_row_lacks_its_last_cells(tmp_path):
    (row,) = rows_of(tmp_path, ("segment", "code", "comment"), ("词", "a"))
    assert (row.words, row.codes, row.memo) == ("词", ("a",), "")


def test_sheets_of_a_workbook_are_read_and_named(tmp_path):
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].title = "一"
    for sheet, word in ((workbook.worksheets[0], "甲"), (workbook.create_sheet("二"), "乙")):
        sheet.append(("code", "segment"))
        sheet.append(("a", word))
    workbook.save(tmp_path / "t.xlsx")
    assert [(s.where, s.words) for s in _segments(tmp_path / "t.xlsx")] == [("一 row 2", "甲"), ("二 row 2", "乙")]


def test_a_coding_summary_names_its_rows_its_times_and_who_coded(tmp_path):
    first, second, third = _segments(table(tmp_path / "s.xlsx", *BY_CODE))
    assert first == Segment(
        where="Sheet row 8", document="K01", codes=("心情\\想念",), words="有时候想我妈", coder="WW",
        time="5/08/2025 9:13 AM",
    )  # fmt: skip
    assert (second.where, second.words) == ("Sheet row 10", "数到一百再想一遍她走的那天。\n老师也会找我说说话")
    assert (third.where, third.codes, third.time) == ("Sheet row 14", ("学校",), "6/08/2025")


def test_a_report_in_text_names_its_lines_and_the_code_above_them(tmp_path):
    lines = ("Name: 想念", "不算", *REPORT, "", "Files\\\\K02 - § 1 reference coded", "Reference 1 - 1 %", "别的", "词")
    (tmp_path / "r.txt").write_text("\n".join(lines), encoding="utf-8")
    first, second, third = _segments(tmp_path / "r.txt")
    assert first == Segment(where="line 4", document="K01", codes=("想念",), words="有时候想我妈")
    assert (second.where, second.document, second.words) == ("line 6", "K01", "数到一百再想一遍她走的那天")
    assert (third.where, third.document, third.codes, third.words) == ("line 10", "K02", ("想念",), "别的\n词")
