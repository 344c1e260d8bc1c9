"""Sheets, structured text, Label Studio, spaCy and documents: what goes out, and what comes back."""

import csv
import json

import docx
import openpyxl
import pytest
from study_samples import CHILD, book, decision, transcript

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding, Role, Verdict
from lbc_themes.exchange import (
    label_studio_config,
    read_label_studio,
    read_member_sheet,
    read_sheet,
    to_docbin,
    triangulate,
    write_docbin,
    write_label_studio,
    write_member_sheets,
    write_quotations,
    write_sheet,
    write_structured_text,
    write_triangulation,
)
from lbc_themes.exchange.sheet import HEADS
from lbc_themes.study import Study

COLUMN = {key: number for number, key in enumerate(HEADS, 1)}


@pytest.fixture
def coded(study):
    study.record(decision(study, 0, "accepted", "longing"))
    study.record(decision(study, 1, "changed", "help.positive", memo="老师找他"))
    study.record(decision(study, 2, "changed", "homework", "help.positive", coder="王"))
    return study


def filled(study, path, *rows, coder="李", language="zh"):
    """Write the sheet and fill in rows as a coder would: {column: value} by row."""
    write_sheet(study.contents(), path, language=language)
    sheet_book = openpyxl.load_workbook(path)
    for number, row in enumerate(rows, 2):
        for key, value in row.items():
            sheet_book.worksheets[0].cell(number, COLUMN[key]).value = value
    sheet_book.save(path)
    return read_sheet(path, study.contents(), coder=coder, time="t")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "verdict", "codes"),
    [({"decision": "接受"}, "accepted", ("longing",)),
     ({"decision": "accept", "code_1": "学校 [school]"}, "accepted", ("school",)),
     ({"code_1": "想念"}, "accepted", ("longing",)), ({"code_1": "homework"}, "changed", ("homework",)),
     ({"decision": "改为", "code_1": "作业 [homework]", "code_3": "school"}, "changed", ("homework", "school")),
     ({"code_1": "homework；学校、 help that helped"}, "changed", ("homework", "school", "help.positive")),
     ({"decision": "都不合适"}, "rejected", ()), ({"decision": 0}, "rejected", ()),
     ({"decision": "X", "memo": "寒暄"}, "rejected", ())],
)  # fmt: skip
def test_what_a_coder_fills_in_comes_back_as_a_decision(study, tmp_path, row, verdict, codes):
    decisions = filled(study, tmp_path / "s.xlsx", row)
    assert [(d.passage_id, d.verdict, d.code_ids) for d in decisions] == [
        (study.passages[0].id, Verdict(verdict), codes)
    ]
    study.record_all(decisions)
    assert study.decisions() == decisions


def test_rows_left_empty_are_no_decisions_and_the_column_names_the_coder(study, tmp_path):
    assert filled(study, tmp_path / "s.xlsx") == []
    decisions = filled(study, tmp_path / "s.xlsx", {}, {"decision": "接受", "coder": "王", "memo": "对"})
    assert [(d.coder, d.memo) for d in decisions] == [("王", "对")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "message"),
    [({"decision": "也许"}, "row 2: decision is '也许'; allowed are 接受"), ({"code_1": "思乡"}, "no code '思乡'"),
     ({"decision": "都不合适", "code_1": "school"}, "yet it gives school"), ({"decision": "改为"}, "no code is given"),
     ({"passage": "Z:0001", "code_1": "school"}, "no passage 'Z:0001'")],
)  # fmt: skip
def test_rows_that_cannot_be_understood_are_refused_with_their_number(study, tmp_path, row, message):
    with pytest.raises(InputError, match=message):
        filled(study, tmp_path / "s.xlsx", row)


def test_nothing_suggested_cannot_be_accepted_and_a_nameless_coder_is_refused(study, tmp_path):
    with pytest.raises(
        InputError, match=r"row 4: .* nothing was suggested; name a code \(and 1 more rows\)"
    ) as refusal:
        filled(study, tmp_path / "s.xlsx", {}, {}, {"decision": "接受"}, {"passage": "Z", "code_1": "school"})
    assert "\n" not in str(refusal.value)
    with pytest.raises(InputError, match="who decided"):
        filled(study, tmp_path / "s.xlsx", {"decision": "接受"}, coder="")


def test_the_sheet_offers_lists_and_shows_what_was_decided(coded, tmp_path):
    write_sheet(coded.contents(), tmp_path / "s.xlsx", coder="李")
    sheet_book = openpyxl.load_workbook(tmp_path / "s.xlsx")
    sheet = sheet_book.worksheets[0]
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert lists["J2:J4"] == '"接受,改为,都不合适,没有合适的编码"'
    assert lists["K2:K4"] == "codes!$A$1:$A$6"
    assert [cell.value for cell in sheet_book["codes"]["A"]][1] == "想念 [longing]"
    assert sheet["F2"].value == "想念 [longing] 0.70"
    assert sheet["I2"].value.startswith("1. 提到想念")
    assert read_sheet(tmp_path / "s.xlsx", coded.contents(), time="2025-03-01T08:00:00Z") == coded.decisions(coder="李")


def test_words_that_begin_with_an_equals_sign_are_no_formula(tmp_path):
    text = "小麦：=1+1 等于几我都算给外婆听，她就笑了。\n"
    with Study.create(tmp_path / "f.lbc", transcript("K01", text, ("小麦", Role.CHILD)), book()) as study:
        write_sheet(study.contents(), tmp_path / "s.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "s.xlsx").worksheets[0]["E2"]
    assert (cell.data_type, cell.value[:4]) == ("s", "=1+1")


def test_the_table_of_a_run_comes_back_too(study, tmp_path):
    with (tmp_path / "s.csv").open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["passage", "text", "decision", "decided_codes", "memo"])
        rows.writerow([study.passages[0].id, "x", "", "longing; school", "两个"])
    decisions = read_sheet(tmp_path / "s.csv", study.contents(), coder="李")
    assert [(d.verdict, d.code_ids, d.memo) for d in decisions] == [(Verdict.ACCEPTED, ("longing", "school"), "两个")]


def test_other_files_are_refused_as_sheets(study, tmp_path):
    (tmp_path / "s.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column is headed 段落编号 or passage"):
        read_sheet(tmp_path / "s.csv", study.contents())
    (tmp_path / "s.xlsx").write_bytes(b"no")
    with pytest.raises(InputError):
        read_sheet(tmp_path / "s.xlsx", study.contents())


def test_structured_text_marks_codes_with_their_parents(coded, tmp_path):
    first = coded.passages[0]
    coded.record_coding(Coding(transcript_id="K01", start=first.start + 4, end=first.end, code_id="school", coder="王"))
    losses = write_structured_text(coded.contents(), tmp_path / "m.txt")
    text = (tmp_path / "m.txt").read_text(encoding="utf-8-sig")
    assert text.startswith("#TEXT K01\n访谈者：放假了都干些啥？\n小麦：#CODE 心情\\想念#跟外婆去#ENDCODE#")
    assert "#CODE 学校&&心情\\想念#菜园拔草" in text
    assert [loss.topic for loss in losses] == ["coders-and-memos", "overlaps"]
    write_structured_text(coded.contents(), tmp_path / "m.txt", coder="machine")
    machine = (tmp_path / "m.txt").read_text(encoding="utf-8-sig")
    assert machine.count("#CODE ") == machine.count("#ENDCODE#") == 2
    plain = machine.replace("#ENDCODE#", "").replace("#CODE 心情\\想念#", "").replace("#CODE 学校\\作业#", "")
    assert CHILD in plain


def test_label_studio_gets_people_as_annotations_and_the_machine_as_prediction(coded, tmp_path):
    write_label_studio(coded.contents(), tmp_path / "l.json")
    tasks = json.loads((tmp_path / "l.json").read_text(encoding="utf-8"))
    assert [task["data"]["transcript"] for task in tasks] == ["K01", "L01"]
    assert [a["meta"]["coder"] for a in tasks[0]["annotations"]] == ["李"]
    result = tasks[0]["annotations"][0]["result"][0]["value"]
    assert CHILD[result["start"] : result["end"]] == result["text"] == coded.passages[0].text
    assert len(tasks[0]["predictions"][0]["result"]) == 3
    assert '<Label value="longing" background="#AA3300"' in label_studio_config(coded.contents())
    back = read_label_studio(tmp_path / "l.json", coded.contents())
    assert [(c.start, c.code_id, c.coder, c.memo) for c in back] == [
        (c.start, c.code_id, c.coder, c.memo) for c in coded.codings(machine_top=0)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"longing"', '"lunging"', "is no code"),
        ("菜园", "果园", "not about a transcript"),
        ('"data"', '"date"', "not a Label Studio"),
    ],
)
def test_label_studio_files_that_do_not_fit_are_refused(coded, tmp_path, old, new, message):
    write_label_studio(coded.contents(), tmp_path / "l.json")
    text = (tmp_path / "l.json").read_text(encoding="utf-8").replace(old, new, 1)
    (tmp_path / "l.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_label_studio(tmp_path / "l.json", coded.contents())


def test_spacy_documents_hold_the_codings_as_span_groups(coded, tmp_path):
    import spacy
    from spacy.tokens import DocBin

    write_docbin(coded.contents(), tmp_path / "d.spacy")
    docs = list(DocBin().from_disk(tmp_path / "d.spacy").get_docs(spacy.blank("zh").vocab))
    assert [doc.text for doc in docs] == [t.text for t in coded.transcripts]
    assert [(s.text, s.label_) for s in docs[0].spans["李"]] == [
        (coded.passages[0].text, "longing"), (coded.passages[1].text, "help.positive"),
    ]  # fmt: skip
    assert [s.label_ for s in docs[0].spans["machine"]] == ["longing", "homework"]
    assert docs[0].user_data["metadata"]["gender"] == "女"
    assert len(to_docbin(coded.contents())) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "head", "theme", "who"),
    [("zh", ["受访者", "角色", "性别", "年龄", "引文数"], "心情 (1 人，1 处)", "(K01，女，10)"),
     ("en", ["Participant", "Role", "Gender", "Age", "Quotes"],
      "feelings (participants: 1, quotes: 1)", "(K01, 女, 10)")],
)  # fmt: skip
def test_the_report_has_participants_and_quotations_by_theme(coded, tmp_path, language, head, theme, who):
    write_quotations(coded.contents(), tmp_path / "r.docx", language=language)
    page = docx.Document(tmp_path / "r.docx")
    cells = [[cell.text for cell in row.cells] for row in page.tables[0].rows]
    assert cells[0] == head
    assert [row[0] for row in cells[1:]] == ["K01", "L01"]
    assert [row[-1] for row in cells[1:]] == ["2", "2"]
    lines = [paragraph.text for paragraph in page.paragraphs]
    assert theme in lines
    assert f"“{coded.passages[0].text}” {who}" in lines


@pytest.mark.slow
def test_a_report_of_nothing_says_so_and_own_themes_order_it(coded, tmp_path):
    write_quotations(coded.contents(), tmp_path / "r.docx", coders=["谁"])
    assert "（没有编码）" in [p.text for p in docx.Document(tmp_path / "r.docx").paragraphs]
    write_quotations(coded.contents(), tmp_path / "r.docx", themes={"有人帮": ["help.positive"]})
    headings = [p.text for p in docx.Document(tmp_path / "r.docx").paragraphs if p.style.name == "Heading 3"]
    assert headings == ["有人帮 (2 人，2 处)"]


def test_interviewer_words_inside_a_coding_are_left_out_of_quotes(study, tmp_path):
    end = study.passages[1].end
    study.record_coding(
        Coding(transcript_id="K01", start=study.passages[0].start, end=end, code_id="school", coder="王")
    )
    write_quotations(study.contents(), tmp_path / "r.docx")
    quote = next(p.text for p in docx.Document(tmp_path / "r.docx").paragraphs if p.text.startswith("“"))
    assert "那你怎么办" not in quote
    assert " …… " in quote


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_answers_on_a_member_sheet_come_back_as_memos(coded, tmp_path, language):
    paths = write_member_sheets(coded.contents(), tmp_path / "sheets", language=language)
    assert [path.name for path in paths] == ["K01.docx", "L01.docx"]
    page = docx.Document(paths[0])
    rows = page.tables[0].rows
    assert coded.passages[0].text in rows[1].cells[1].text
    assert coded.codebook["longing"].brief.said(language) in rows[1].cells[0].text
    with pytest.raises(InputError, match="no sheet for member checking"):
        empty = docx.Document()
        empty.save(tmp_path / "empty.docx")
        read_member_sheet(tmp_path / "empty.docx", coded.contents())
    assert read_member_sheet(paths[0], coded.contents()) == []
    rows[1].cells[2].text = "√"
    rows[2].cells[3].text = "☑"
    rows[2].cells[4].text = "老师没找我，是我找的她"
    page.tables[1].rows[0].cells[0].paragraphs[0].insert_paragraph_before("数羊那句别写")
    page.save(paths[0])
    memos = read_member_sheet(paths[0], coded.contents(), time="t")
    assert [(m.coder, m.about, m.about_id) for m in memos] == [("K01", "participant", "K01")] * 3
    assert [m.text for m in memos] == [
        "〔想念〕认为理解正确", "〔帮上忙〕认为理解不对或不全：老师没找我，是我找的她", "补充：数羊那句别写",
    ]  # fmt: skip
    for memo in memos:
        coded.record_memo(memo)
    assert coded.memos("participant", "K01") == memos


@pytest.mark.slow
def test_a_sheet_about_a_stranger_is_refused(coded, tmp_path):
    path = write_member_sheets(coded.contents(), tmp_path)[0]
    with (
        Study.create(tmp_path / "o.lbc", transcript("Z", CHILD, ("小麦", Role.CHILD)), book()) as other,
        pytest.raises(InputError, match="no participant 'K01'"),
    ):
        read_member_sheet(path, other.contents())


def voices(rows):
    return {
        row.code_id: [(voice.stance, voice.participants, voice.quotes, voice.against) for voice in row.voices]
        for row in rows
    }


def test_triangulation_says_who_agrees_is_silent_or_contrary(coded):
    assert voices(triangulate(coded.contents())) == {
        "feeling": [("agreeing", 1, 1, 0), ("silent", 0, 0, 0), ("silent", 0, 0, 0)],
        "longing": [("agreeing", 1, 1, 0), ("silent", 0, 0, 0), ("silent", 0, 0, 0)],
        "school": [("silent", 0, 0, 0), ("agreeing", 1, 1, 0), ("silent", 0, 0, 0)],
        "homework": [("silent", 0, 0, 0), ("agreeing", 1, 1, 0), ("silent", 0, 0, 0)],
        "help.positive": [("agreeing", 1, 1, 0), ("agreeing", 1, 1, 0), ("silent", 0, 0, 0)],
    }
    coded.record(decision(coded, 1, "changed", "help.negative"))
    rows = voices(triangulate(coded.contents(), themes=["help.positive", "help.negative"]))
    assert rows["help.positive"] == [("contrary", 1, 0, 1), ("agreeing", 1, 1, 0), ("silent", 0, 0, 0)]
    assert rows["help.negative"] == [("agreeing", 1, 1, 0), ("contrary", 1, 0, 1), ("silent", 0, 0, 0)]
    coded.record(decision(coded, 0, "changed", "help.positive"))
    rows = voices(triangulate(coded.contents(), themes=["help.positive"]))
    assert rows["help.positive"][0] == ("mixed", 1, 1, 1)
    rows = voices(triangulate(coded.contents(), themes=["homework"], contrary={"homework": "help.negative"}))
    assert rows["homework"][0] == ("contrary", 1, 0, 1)


def test_the_machine_has_no_voice_unless_asked(study):
    assert triangulate(study.contents()) == []
    assert voices(triangulate(study.contents(), coders=["machine"]))["longing"][0] == ("agreeing", 1, 1, 0)


def test_triangulation_goes_into_word_and_csv(coded, tmp_path):
    rows = triangulate(coded.contents(), themes=["longing"])
    write_triangulation(rows, coded.contents(), tmp_path / "t.docx", language="en")
    cells = [[cell.text for cell in row.cells] for row in docx.Document(tmp_path / "t.docx").tables[0].rows]
    assert cells[0] == ["Theme", "Children", "Teachers", "Caregivers"]
    assert cells[1] == [
        "longing",
        f"agreeing (participants: 1, quotes: 1)\n“{coded.passages[0].text}” (K01)",
        "silent",
        "silent",
    ]
    write_triangulation(rows, coded.contents(), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8-sig").startswith("主题,儿童,教师,照顾者")
    with pytest.raises(InputError, match=r"written as \.docx or \.csv"):
        write_triangulation(rows, coded.contents(), tmp_path / "t.txt")
