"""What the study commands write for other programs and people, and what they take back."""

import csv
import zipfile

import docx
import openpyxl
import pytest
from study_samples import book, decision, made, suggested, transcripts

from lbc_themes.codebook import load_codebook
from lbc_themes.core.records import Coding, Role
from lbc_themes.exchange.member_check import understood
from lbc_themes.study import Study
from lbc_themes.study.compare import compare

KINDS = {
    "qdpx": "s.qdpx", "qdc": "s.qdc", "xlsx": "s.xlsx", "docx": "s.docx", "members": "sheets", "maxqda": "s.txt",
    "triangulation": "t.docx", "label-studio": "s.json", "docbin": "s.spacy", "codings.csv": "codings.csv",
    "webanno": "tsv", "doccano": "d.jsonl", "prodigy": "p.jsonl", "taguette": "t.csv",
}  # fmt: skip


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), KINDS.items())
def test_every_kind_is_written_once_and_again_only_by_force(lbc, coded_file, tmp_path, kind, name):
    assert f"written: {name}" in lbc("study", "export", coded_file, name, "--to", kind)
    assert (tmp_path / name).exists()
    assert "is there already" in lbc("study", "export", coded_file, name, "--to", kind, fails=2)
    lbc("study", "export", coded_file, name, "--to", kind, "--force", "--language", "en")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x.pdf", "--to", "pdf"], "allowed are qdpx, qdc, xlsx"),
        (["x.docx", "--to", "xlsx"], "--to xlsx writes .xlsx"),
        (["x.docx", "--to", "docx", "--coder", "赵"], "--coder 赵: no codings of theirs; there are machine, 李, 王"),
        (["x.qdc", "--to", "qdc", "--coder", "李"], "everybody's work goes into it"),
        (["x.xlsx", "--to", "xlsx", "--coder", "李", "--coder", "王"], "takes one --coder"),
        (["x.docx", "--to", "docx", "--blind"], "--blind"),
        (["x.docx", "--to", "docx", "--language", "fr"], "allowed are zh and en"),
        (["no/such/x.csv", "--to", "codings.csv"], "cannot be written"),
    ],
)
def test_what_cannot_be_written_is_refused(lbc, coded_file, words, message):
    said = lbc("study", "export", coded_file, *words, fails=2)
    assert message in said
    assert said.count("\n") == 1


@pytest.mark.slow
def test_a_project_of_one_coder_and_one_with_suggestions_apart(lbc, coded_file, tmp_path):
    lbc("study", "export", coded_file, "li.qdpx", "--to", "qdpx", "--coder", "李")
    lbc("study", "export", coded_file, "set.qdpx", "--to", "qdpx", "--suggestions", "set", "--language", "zh")
    lbc("study", "export", coded_file, "none.qdpx", "--to", "qdpx", "--suggestions", "none")
    held = {
        name: zipfile.ZipFile(tmp_path / name).read("project.qde").decode()
        for name in ("li.qdpx", "set.qdpx", "none.qdpx")
    }
    assert {name: ('name="机器建议"' in xml, 'name="王"' in xml, 'name="machine"' in xml)
            for name, xml in held.items()} == {
        "li.qdpx": (False, False, False), "set.qdpx": (True, True, True), "none.qdpx": (False, True, False),
    }  # fmt: skip
    assert "--suggestions" in lbc(
        "study", "export", coded_file, "x.xlsx", "--to", "xlsx", "--suggestions", "set", fails=2
    )


def test_member_sheets_of_uncoded_interviews_are_refused(lbc, tmp_path):
    made(tmp_path).close()
    assert "nobody's words are coded yet" in lbc("study", "export", "s.lbc", "sheets", "--to", "members", fails=2)


def fill(path, column, value):
    sheet = openpyxl.load_workbook(path)
    page = sheet.worksheets[0]
    at = [cell.value for cell in page[1]].index(column) + 1
    for row in range(2, page.max_row + 1):
        page.cell(row, at, value)
    sheet.save(path)


@pytest.mark.slow
def test_a_sheet_comes_back_once_and_says_whether_suggestions_were_in_view(lbc, tmp_path):
    with made(tmp_path) as study:
        study.add_suggestions(suggested(study), run="first")
        count = len(study.passages)
    for name, more in (("open.xlsx", []), ("blind.xlsx", ["--blind"])):
        lbc("study", "export", "s.lbc", name, "--to", "xlsx", "--language", "zh", *more)
        fill(name, "编码1", "longing")
    assert "it is not said who decided" in lbc("study", "import", "s.lbc", "open.xlsx", fails=2)
    assert f"{count} decisions" in lbc("study", "import", "s.lbc", "open.xlsx", "--coder", "李")
    assert "0 decisions" in lbc("study", "import", "s.lbc", "open.xlsx", "--coder", "李")
    assert f"{count} decisions" in lbc("study", "import", "s.lbc", "blind.xlsx", "--coder", "王")
    with Study.open("s.lbc") as study:
        runs = {coder: {e.run for e in study.history() if e.coder == coder} for coder in "李王"}
        notices = {notice.topic: notice.text.zh for notice in compare(study, draws=0).notices}
    assert runs == {"李": {"first"}, "王": {""}}
    assert f"李 {count}/{count}" in notices["suggestions-shown"]
    assert "王" not in notices["suggestions-shown"]


def test_a_table_of_codings_goes_out_and_comes_back(lbc, tmp_path):
    with made(tmp_path) as study:
        said = study.passages[0]
        place = {"transcript_id": said.transcript_id, "start": said.start, "end": said.start + 4}
        study.record_coding(Coding(**place, code_id="longing", coder="李", memo="=1+1"))
        quote = study.transcript(said.transcript_id).text[said.start : said.start + 4]
    lbc("study", "export", "s.lbc", "c.csv", "--to", "codings.csv")
    [row] = rows(tmp_path / "c.csv")
    assert (row["quote"], row["code_zh"], row["memo"]) == (quote, "想念", "'=1+1")
    made(tmp_path, "t.lbc").close()
    assert "1 codings" in lbc("study", "import", "t.lbc", "c.csv")
    assert "0 codings" in lbc("study", "import", "t.lbc", "c.csv")
    with Study.open("t.lbc") as study:
        [coding] = study.codings()
    assert (coding.coder, coding.code_id, coding.memo) == ("李", "longing", "=1+1")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("Z,0,2,longing,", "no transcript 'Z'"),
        ("K01,0,2,love,", "no code 'love'"),
        ("K01,0,2,longing,别的话", "not '别的话'"),
        ("K01,a,2,longing,", "must be whole numbers"),
        ("K01,2,2,longing,", "check the positions"),
    ],
)
def test_a_table_of_codings_that_does_not_fit_is_refused_with_its_row(lbc, tmp_path, table, message):
    made(tmp_path).close()
    (tmp_path / "c.csv").write_text(f"transcript,start,end,code,quote\n{table}\n", encoding="utf-8")
    said = lbc("study", "import", "s.lbc", "c.csv", "--coder", "李", fails=2)
    assert message in said
    assert "row 2" in said
    with Study.open("s.lbc") as study:
        assert study.codings() == []


def test_other_files_are_not_taken_in(lbc, coded_file, tmp_path):
    (tmp_path / "x.pdf").touch()
    (tmp_path / "empty").mkdir()
    assert "x.pdf: .pdf is not taken in" in lbc("study", "import", coded_file, "x.pdf", fails=2)
    assert "no such file" in lbc("study", "import", coded_file, "none.xlsx", fails=2)
    assert "holds no member sheets" in lbc("study", "import", coded_file, "empty", fails=2)


@pytest.mark.slow
def test_member_sheets_speak_plainly_to_children_and_answers_come_back_once(lbc, tmp_path):
    reference = load_codebook("left-behind-children")
    with Study.create(tmp_path / "s.lbc", transcripts(), reference) as study:
        for number in range(len(study.passages)):
            study.record(decision(study, number, "accepted", "stress.yearning"))
    lbc("study", "export", "s.lbc", "sheets", "--to", "members", "--language", "zh")
    child, teacher = (docx.Document(tmp_path / "sheets" / f"{name}.docx") for name in ("K01", "L01"))
    assert "想家里人" in child.tables[0].rows[1].cells[0].text
    assert not any("您" in p.text for sheet in (child, teacher) for p in sheet.paragraphs)
    assert reference["stress.yearning"].brief.zh in teacher.tables[0].rows[1].cells[0].text
    child.tables[0].rows[1].cells[3].text = "√"
    child.tables[0].rows[1].cells[4].text = "我也想奶奶"
    child.save(tmp_path / "sheets" / "K01.docx")
    assert "1 memos" in lbc("study", "import", "s.lbc", "sheets", "--coder", "研究者")
    assert "0 memos" in lbc("study", "import", "s.lbc", "sheets", "--coder", "研究者")
    with Study.open("s.lbc") as study:
        [memo] = study.memos("participant", "K01")
    assert "我也想奶奶" in memo.text
    assert memo.coder == "研究者"


def test_every_code_of_the_reference_codebook_has_plain_words_without_its_own_terms():
    for code in load_codebook("left-behind-children"):
        told = understood(code, Role.CHILD, "zh")
        assert told.startswith("你跟我们说到了："), code.id
        assert code.name.zh not in told
        assert len(told) <= 40
        assert "留守" not in told
        assert understood(code, Role.CHILD, "en").startswith("You told us about "), code.id
        assert understood(code, Role.TEACHER, "zh") == code.brief.zh
    assert understood(book()["longing"], Role.CHILD, "zh") == "想念的说法。"
