"""The study commands from end to end: two coders, what goes out, what comes back, and how far they agree."""

import csv
import re
import sys
import zipfile

import docx
import openpyxl
import pytest
from study_samples import book, decision, made, suggested, transcripts

from lbc_themes.cli import main
from lbc_themes.codebook import load_codebook, write_codebook
from lbc_themes.errors import InputError
from lbc_themes.exchange import read_qdpx, write_qdpx
from lbc_themes.exchange.plain_words import understood
from lbc_themes.records import Coding, Role, Turn
from lbc_themes.study import Memo, Study
from lbc_themes.study.compare import compare

KINDS = {
    "qdpx": "s.qdpx", "qdc": "s.qdc", "xlsx": "s.xlsx", "docx": "s.docx", "members": "sheets", "maxqda": "s.txt",
    "triangulation": "t.docx", "label-studio": "s.json", "docbin": "s.spacy", "codings.csv": "codings.csv",
}  # fmt: skip


@pytest.fixture
def lbc(tmp_path, monkeypatch, capsys):
    """Run the command in a folder of its own and return what it said; ``fails`` is how it ends."""
    monkeypatch.chdir(tmp_path)

    def run(*words, fails=0):
        monkeypatch.setattr(sys, "argv", ["lbc-themes", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert (ended.value.code or 0) == fails, said.err
        return said.err if fails else said.out

    return run


@pytest.fixture
def coded(tmp_path):
    """A study on which 李 and 王 decided on every passage, and differ on one; the machine has suggested."""
    with made(tmp_path) as study:
        study.add_suggestions(suggested(study), run="first")
        for number in range(len(study.passages)):
            study.record(decision(study, number, "accepted", "longing"))
            study.record(decision(study, number, "changed", "longing" if number else "homework", coder="王"))
    return tmp_path / "s.lbc"


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_study_is_made_added_to_counted_and_copied(lbc, interviews, four_codes, tmp_path):
    write_codebook(four_codes, tmp_path / "four.yaml")
    (interviews / "T01.txt").rename(tmp_path / "T01.txt")
    assert "2 份访谈" in lbc("study", "new", "s.lbc", interviews, "--codebook", "four.yaml")
    assert "s.lbc: already exists" in lbc("study", "new", "s.lbc", interviews, fails=2)
    assert "新增 1 份访谈 interviews added: T01" in lbc("study", "add", "s.lbc", "T01.txt")
    assert "新增 0 份访谈" in lbc("study", "add", "s.lbc", "T01.txt")
    said = lbc("study", "status", "s.lbc")
    assert "访谈 interviews: 3" in said
    assert "four 1" in said
    assert "还没有人编码" in said
    lbc("study", "backup", "s.lbc", "copy.lbc")
    with Study.open("s.lbc") as one, Study.open("copy.lbc") as two:
        assert one.contents().passages == two.contents().passages


def test_what_cannot_be_read_is_named_and_the_rest_is_done(lbc, interviews):
    (interviews / "broken.docx").write_bytes(b"no package")
    said = lbc("study", "new", "s.lbc", interviews, fails=2)
    assert "1 个文件没有读到" in said
    assert "broken.docx" in said
    with Study.open("s.lbc") as study:
        assert len(study.transcripts) == 3
    (interviews / "only").mkdir()
    (interviews / "broken.docx").rename(interviews / "only" / "broken.docx")
    assert "no transcript could be read" in lbc("study", "new", "t.lbc", interviews / "only", fails=2)


def test_a_missing_study_is_refused_in_one_line(lbc):
    for words in (["status"], ["suggest"], ["export", "out.qdpx", "--to", "qdpx"], ["backup", "b.lbc"]):
        said = lbc("study", words[0], "none.lbc", *words[1:], fails=2)
        assert "none.lbc" in said
        assert said.count("\n") == 1


def test_suggestions_are_stored_as_a_run_and_learn_from_decisions(
    lbc, interviews, four_codes, fake_encoder, monkeypatch
):
    monkeypatch.setattr("lbc_themes.encoding.load_encoder", lambda *_: fake_encoder)
    write_codebook(four_codes, interviews.parent / "four.yaml")
    lbc("study", "new", "s.lbc", interviews, "--codebook", "four.yaml")
    said = lbc("study", "suggest", "s.lbc", "--name", "cold", "--top", "1", "--no-cache")
    assert "cold: " in said
    assert "参考了 0 个" in said
    with Study.open("s.lbc") as study:
        assert len(study.suggestions("cold")) == len(study.passages)
        assert max(len(each.codes) for each in study.suggestions("cold")) == 1
        for number in range(3):
            study.record(decision(study, number, "changed", "money"))
        study.record(decision(study, 3, "rejected"))
    assert "参考了 3 个" in lbc("study", "suggest", "s.lbc", "--no-cache")
    assert "参考了 0 个" in lbc("study", "suggest", "s.lbc", "--no-cache", "--no-learning")
    assert "already" in lbc("study", "suggest", "s.lbc", "--name", "cold", "--no-cache", fails=2)
    with Study.open("s.lbc") as study:
        assert [run.options["taught"] for run in study.runs] == ["0", "3", "0"]
        assert study.runs[1].options["encoder"] == "fake.v1"


@pytest.mark.parametrize(("kind", "name"), KINDS.items())
def test_every_kind_is_written_once_and_again_only_by_force(lbc, coded, tmp_path, kind, name):
    assert f"已导出 written: {name}" in lbc("study", "export", coded, name, "--to", kind)
    assert (tmp_path / name).exists()
    assert "is there already" in lbc("study", "export", coded, name, "--to", kind, fails=2)
    lbc("study", "export", coded, name, "--to", kind, "--force", "--language", "en")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x.pdf", "--to", "pdf"], "allowed are qdpx, qdc, xlsx"),
        (["x.docx", "--to", "xlsx"], "--to xlsx writes .xlsx"),
        (["x.docx", "--to", "docx", "--coder", "赵"], "--coder 赵: no codings of theirs; there are machine, 李, 王"),
        (["x.qdpx", "--to", "qdpx", "--coder", "李"], "everybody's work goes into it"),
        (["x.xlsx", "--to", "xlsx", "--coder", "李", "--coder", "王"], "it takes one"),
        (["x.docx", "--to", "docx", "--blind"], "--blind"),
        (["x.docx", "--to", "docx", "--language", "fr"], "allowed are zh and en"),
        (["no/such/x.csv", "--to", "codings.csv"], "cannot be written"),
    ],
)
def test_what_cannot_be_written_is_refused(lbc, coded, words, message):
    said = lbc("study", "export", coded, *words, fails=2)
    assert message in said
    assert said.count("\n") == 1


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


def test_a_sheet_comes_back_once_and_says_whether_suggestions_were_in_view(lbc, tmp_path):
    with made(tmp_path) as study:
        study.add_suggestions(suggested(study), run="first")
        count = len(study.passages)
    for name, more in (("open.xlsx", []), ("blind.xlsx", ["--blind"])):
        lbc("study", "export", "s.lbc", name, "--to", "xlsx", *more)
        fill(name, "编码1", "longing")
    assert "it is not said who decided" in lbc("study", "import", "s.lbc", "open.xlsx", fails=2)
    assert f"{count} 个决定" in lbc("study", "import", "s.lbc", "open.xlsx", "--coder", "李")
    assert "0 个决定" in lbc("study", "import", "s.lbc", "open.xlsx", "--coder", "李")
    assert f"{count} 个决定" in lbc("study", "import", "s.lbc", "blind.xlsx", "--coder", "王")
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
    assert "1 处编码" in lbc("study", "import", "t.lbc", "c.csv")
    assert "0 处编码" in lbc("study", "import", "t.lbc", "c.csv")
    with Study.open("t.lbc") as study:
        [coding] = study.codings()
    assert (coding.coder, coding.code_id, coding.memo) == ("李", "longing", "=1+1")


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


def test_other_files_are_not_taken_in(lbc, coded, tmp_path):
    (tmp_path / "x.pdf").touch()
    (tmp_path / "empty").mkdir()
    assert "x.pdf: .pdf is not taken in" in lbc("study", "import", coded, "x.pdf", fails=2)
    assert "no such file" in lbc("study", "import", coded, "none.xlsx", fails=2)
    assert "holds no member sheets" in lbc("study", "import", coded, "empty", fails=2)


def test_member_sheets_speak_plainly_to_children_and_answers_come_back_once(lbc, tmp_path):
    reference = load_codebook("left-behind-children")
    with Study.create(tmp_path / "s.lbc", transcripts(), reference) as study:
        for number in range(len(study.passages)):
            study.record(decision(study, number, "accepted", "stress.yearning"))
    lbc("study", "export", "s.lbc", "sheets", "--to", "members")
    child, teacher = (docx.Document(tmp_path / "sheets" / f"{name}.docx") for name in ("K01", "L01"))
    assert "想家里人" in child.tables[0].rows[1].cells[0].text
    assert not any("您" in p.text for p in child.paragraphs)
    assert reference["stress.yearning"].brief.zh in teacher.tables[0].rows[1].cells[0].text
    child.tables[0].rows[1].cells[3].text = "√"
    child.tables[0].rows[1].cells[4].text = "我也想奶奶"
    child.save(tmp_path / "sheets" / "K01.docx")
    assert "1 条备忘" in lbc("study", "import", "s.lbc", "sheets", "--coder", "研究者")
    assert "0 条备忘" in lbc("study", "import", "s.lbc", "sheets", "--coder", "研究者")
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


def test_two_copies_of_a_study_come_together(lbc, tmp_path):
    with made(tmp_path) as study:
        study.add_suggestions(suggested(study), run="first")
        study.record(decision(study, 0, "accepted", "longing"))
    lbc("study", "backup", "s.lbc", "wang.lbc")
    with Study.open("wang.lbc") as copy:
        copy.add_suggestions(suggested(copy)[:1], run="later")
        copy.record(decision(copy, 0, "rejected", coder="王"), run="later")
        copy.record(decision(copy, 1, "changed", "school", coder="王"))
        copy.record_coding(Coding(transcript_id="K01", start=24, end=29, code_id="school", coder="王"))
        copy.record_memo(Memo(text="再看一遍", coder="王", about="code", about_id="school"))
        copy.record(decision(copy, 0, "changed", "school", time="2025-03-02T08:00:00Z"))
    assert "3 个决定 decisions · 1 处编码 codings · 1 条备忘" in lbc("study", "import", "s.lbc", "wang.lbc")
    assert "0 个决定 decisions · 0 处编码 codings · 0 条备忘" in lbc("study", "import", "s.lbc", "wang.lbc")
    with Study.open("s.lbc") as study, Study.open("wang.lbc") as copy:
        assert study.codings(machine_top=0) == copy.codings(machine_top=0)
        assert {(d.coder, d.passage_id, d.verdict) for d in study.decisions()} == {
            (d.coder, d.passage_id, d.verdict) for d in copy.decisions()
        }
        assert [e.run for e in study.history() if e.coder == "王"][:2].count("later") == 1
        assert study.memos("code", "school") == copy.memos("code", "school")


def test_an_older_decision_of_a_copy_does_not_take_the_place_of_a_newer_one(lbc, tmp_path):
    made(tmp_path).close()
    lbc("study", "backup", "s.lbc", "old.lbc")
    for name, code, time in (
        ("old.lbc", "school", "2025-03-01T08:00:00Z"),
        ("s.lbc", "longing", "2025-03-02T08:00:00Z"),
    ):
        with Study.open(name) as study:
            study.record(decision(study, 0, "changed", code, time=time))
    assert "0 个决定" in lbc("study", "import", "s.lbc", "old.lbc")


def foreign(path, target, *changes):
    """Copy a project as another program would leave it: without what only we read, and with ``changes``."""
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(target, "w") as copy:
        for name in package.namelist():
            text = package.read(name).decode()
            for old, new in changes:
                text = re.sub(old, new, text, flags=re.DOTALL)
            if name != "lbc_themes.json":
                copy.writestr(name, text)


@pytest.mark.parametrize("guid", ["71dbb816", "81dbb816"], ids=["codes known by GUID", "codes known by name"])
def test_a_project_that_another_program_gave_back_adds_its_coder(lbc, coded, tmp_path, guid):
    with Study.open(coded) as study:
        write_qdpx(study.contents(), tmp_path / "ours.qdpx")
        before = study.codings(machine_top=0)
    described = ("<Description>编码 id.*?</Description>", "")
    foreign(tmp_path / "ours.qdpx", tmp_path / "theirs.qdpx", ('name="王"', 'name="赵"'), described, ("71dbb816", guid))
    assert "longing" not in read_qdpx(tmp_path / "theirs.qdpx")[0].codebook
    assert f"{len(before) // 2} 处编码" in lbc("study", "import", coded, "theirs.qdpx")
    assert "0 处编码" in lbc("study", "import", coded, "theirs.qdpx")
    with Study.open(coded) as study:
        theirs = [(c.transcript_id, c.start, c.end, c.code_id) for c in study.codings(coder="赵")]
        assert theirs == [(c.transcript_id, c.start, c.end, c.code_id) for c in before if c.coder == "王"]


def test_positions_of_a_project_are_moved_where_line_ends_differ(lbc, tmp_path):
    def windows(each):
        def at(offset):
            return offset + each.text[:offset].count("\n")

        turns = tuple(
            Turn(speaker=t.speaker, role=t.role, start=at(t.start), end=at(t.end), question=t.question)
            for t in each.turns
        )
        return type(each)(
            id=each.id, text=each.text.replace("\n", "\r\n"), turns=turns, metadata=each.metadata, form=each.form
        )

    with Study.create(tmp_path / "s.lbc", [windows(each) for each in transcripts()], book()) as study:
        passage = study.passages[-1]
        study.record(decision(study, len(study.passages) - 1, "changed", "homework"))
        write_qdpx(study.contents(), tmp_path / "ours.qdpx")
    foreign(tmp_path / "ours.qdpx", tmp_path / "theirs.qdpx", ('name="李"', 'name="赵"'))
    lbc("study", "import", "s.lbc", "theirs.qdpx")
    with Study.open("s.lbc") as study:
        [coding] = study.codings(coder="赵")
    assert (coding.start, coding.end) == (passage.start, passage.end)


def test_what_does_not_fit_is_left_behind_and_said(lbc, coded, tmp_path):
    with Study.open(coded) as study:
        write_qdpx(study.contents(), tmp_path / "ours.qdpx")
    foreign(tmp_path / "ours.qdpx", tmp_path / "theirs.qdpx", ("菜园", "果园"))
    Study.create(tmp_path / "t.lbc", transcripts()[:1], book()).close()
    said = lbc("study", "import", "t.lbc", "theirs.qdpx")
    assert "0 处编码" in said
    assert "未带入 left behind" in said
    assert "访谈不在研究里，或文字不同" in said


def test_a_project_makes_a_study_where_there_is_none(lbc, coded):
    lbc("study", "export", coded, "x.qdpx", "--to", "qdpx")
    assert "2 份访谈 interviews · 6 个编码 codes" in lbc("study", "import", "new.lbc", "x.qdpx")
    with Study.open(coded) as one, Study.open("new.lbc") as two:
        assert one.codings() == two.codings()


def test_two_coders_and_the_machine_stand_beside_each_other(lbc, coded):
    said = lbc("agreement", coded)
    assert said.startswith("## 编码者一致性")
    assert "人—人" in said
    assert "人—机" in said
    assert "机器" not in lbc("agreement", coded, "--no-machine", "--draws", "0")
    with Study.open(coded) as study:
        table = compare(study, machine=False, draws=0)
        count = len(study.passages)
    assert table.coders == ("李", "王")
    assert table.overall.units == count
    assert table.overall.measures["percent"].value == pytest.approx((count - 1) / count)


@pytest.mark.parametrize("unit", ["passage", "turn", "sentence", "character"])
@pytest.mark.parametrize("name", ["a.md", "a.docx", "a.csv"])
def test_agreement_goes_into_a_file_by_every_unit(lbc, coded, tmp_path, unit, name):
    lbc("agreement", coded, "--unit", unit, "--out", name, "--draws", "0", "--language", "en")
    assert (tmp_path / name).stat().st_size > 200
    assert "is there already" in lbc("agreement", coded, "--out", name, fails=2)


def test_what_coders_mix_up_is_a_worklist(lbc, coded, tmp_path):
    lbc("agreement", coded, "--draws", "0", "--mixed-up", "m.csv")
    [row] = rows(tmp_path / "m.csv")
    assert (row["coder_1"], row["code_1"], row["coder_2"], row["code_2"]) == ("李", "longing", "王", "homework")
    with Study.open(coded) as study:
        assert row["text"] == study.passages[0].text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--unit", "word"], "unit 'word' is not known"),
        (["--out", "a.pdf"], "the ending must be .md or .docx or .csv"),
        (["--coder", "赵", "--coder", "李"], "赵 coded nothing; people who coded: 李, 王"),
        (["--coder", "李", "--no-machine"], "agreement needs two coders"),
    ],
)
def test_agreement_that_cannot_be_had_is_refused(lbc, coded, words, message):
    said = lbc("agreement", coded, *words, fails=2)
    assert message in said
    assert said.count("\n") == 1


def test_only_what_both_worked_through_is_compared(tmp_path):
    with made(tmp_path) as study:
        for number in range(3):
            study.record(decision(study, number, "changed", "longing"))
        study.record(decision(study, 0, "changed", "longing", coder="王"))
        study.record(decision(study, 2, "rejected", coder="王"))
        table = compare(study, draws=0)
        turns = compare(study, unit="turn", draws=0)
    assert table.overall.units == 2
    assert table.overall.measures["percent"].value == 0.5
    assert [n.text.en for n in table.notices if n.topic == "partly-coded"] == [
        "Passages that not all coders of their interview worked through are left out: 1."
    ]
    assert 1 <= turns.overall.units <= 2


def test_settled_codes_are_nobodys_own_coding(coded):
    with Study.open(coded) as study:
        study.record(decision(study, 0, "changed", "longing", coder="settled:李"))
        assert compare(study, machine=False, draws=0).coders == ("李", "王")
        assert "settled:李" in compare(study, machine=False, draws=0, coders=["李", "settled:李"]).coders


def test_a_machine_that_learned_from_people_is_said_to_have(tmp_path):
    with made(tmp_path) as study:
        study.add_suggestions(suggested(study), options={"taught": "2"})
        study.record(decision(study, 0, "changed", "longing"))
        topics = [notice.topic for notice in compare(study, draws=0).notices]
        with pytest.raises(InputError, match="agreement needs two coders"):
            compare(study, machine=False)
    assert "machine-taught" in topics
