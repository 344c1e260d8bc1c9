"""Copies of a study and projects of other programs come together with it."""

import re
import zipfile

import pytest
from study_samples import book, decision, made, suggested, transcripts

from lbc_themes.core.records import Coding, Turn
from lbc_themes.exchange import read_qdpx, write_qdpx
from lbc_themes.study import Memo, Study


@pytest.mark.slow
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
    assert "3 decisions · 1 codings · 1 memos" in lbc("study", "import", "s.lbc", "wang.lbc")
    assert "0 decisions · 0 codings · 0 memos" in lbc("study", "import", "s.lbc", "wang.lbc")
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
    assert "0 decisions" in lbc("study", "import", "s.lbc", "old.lbc")


def foreign(path, target, *changes):
    """Copy a project as another program would leave it: without what only we read, and with ``changes``."""
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(target, "w") as copy:
        for name in package.namelist():
            text = package.read(name).decode()
            for old, new in changes:
                text = re.sub(old, new, text, flags=re.DOTALL)
            if name != "lbc_themes.json":
                copy.writestr(name, text)


@pytest.mark.slow
@pytest.mark.parametrize("guid", ["71dbb816", "81dbb816"], ids=["codes known by GUID", "codes known by name"])
def test_a_project_that_another_program_gave_back_adds_its_coder(lbc, coded_file, tmp_path, guid):
    with Study.open(coded_file) as study:
        write_qdpx(study.contents(), tmp_path / "ours.qdpx")
        before = study.codings(machine_top=0)
    described = ("<Description>编码 id.*?</Description>", "")
    foreign(tmp_path / "ours.qdpx", tmp_path / "theirs.qdpx", ('name="王"', 'name="赵"'), described, ("71dbb816", guid))
    assert "longing" not in read_qdpx(tmp_path / "theirs.qdpx")[0].codebook
    assert f"{len(before) // 2} codings" in lbc("study", "import", coded_file, "theirs.qdpx")
    assert "0 codings" in lbc("study", "import", coded_file, "theirs.qdpx")
    with Study.open(coded_file) as study:
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


@pytest.mark.slow
def test_what_does_not_fit_is_left_behind_and_said(lbc, coded_file, tmp_path):
    with Study.open(coded_file) as study:
        write_qdpx(study.contents(), tmp_path / "ours.qdpx")
    foreign(tmp_path / "ours.qdpx", tmp_path / "theirs.qdpx", ("菜园", "果园"))
    Study.create(tmp_path / "t.lbc", transcripts()[:1], book()).close()
    said = lbc("study", "import", "t.lbc", "theirs.qdpx")
    assert "0 codings" in said
    assert "left behind" in said
    assert "codings in interviews that the study lacks" in said


@pytest.mark.slow
def test_a_project_makes_a_study_where_there_is_none(lbc, coded_file):
    lbc("study", "export", coded_file, "x.qdpx", "--to", "qdpx")
    assert "2 interviews · 6 codes" in lbc("study", "import", "new.lbc", "x.qdpx")
    with Study.open(coded_file) as one, Study.open("new.lbc") as two:
        assert one.codings() == two.codings()
