"""A participant who withdraws leaves nothing behind in the study file but the fact that something was taken out."""

import dataclasses
import json
import sqlite3

import pytest
from study_samples import decision, made, suggested, transcript
from typer.testing import CliRunner

from lbc_themes.cli.app import app
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding, Role
from lbc_themes.core.study_log import Erased, Memo
from lbc_themes.study import FoundTheme, Study, StudyThemes
from lbc_themes.study.store import StudyReplacedError

HERS = "有时候想我妈，想得睡不着"
LATER = "数到一百再想一遍她走的那天"


@pytest.fixture
def study(tmp_path):
    with made(tmp_path) as study:
        first, second, last = (passage.id for passage in study.passages)
        theirs = suggested(study)
        evidence = dataclasses.replace(
            theirs[0].codes[0].evidence, example=f"像这句：{LATER}。", why_zh="提到作业没人看"
        )
        ranked = dataclasses.replace(theirs[1].codes[0], evidence=evidence)
        study.add_suggestions([*theirs[:2], dataclasses.replace(theirs[2], codes=(ranked,), reason="")], run="a")
        study.record(decision(study, 0, "accepted", "longing", memo="她说到走的那天"), run="a")
        study.record(decision(study, 2, "changed", "homework", memo=f"与“{HERS}”对照"))
        study.record_coding(Coding(transcript_id="K01", start=20, end=30, code_id="school", coder="王"))
        study.record_memo(Memo(text="她是孤儿院转来的", coder="王", about="participant", about_id="K01"))
        study.record_memo(Memo(text="笑着说的", coder="王", about="passage", about_id=second))
        study.undo("王")
        study.record_memo(
            Memo(text=f"概念：{LATER}，这是仪式。老师也会找人说话", coder="李", about="code", about_id="longing")
        )
        study.record_memo(Memo(text="放学留下", coder="李", about="passage", about_id=last))
        theme = FoundTheme(id=0, name="想妈", keywords=("睡不着",), passages=(first,), typical=(first,), participants=1)
        study.add_themes(StudyThemes(encoder="fake.v1", seed=0, passages=3, themes=(theme,)))
        yield study


def on_disk(path):
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def test_what_the_participant_said_is_there_before(study):
    held = on_disk(study.path)
    assert all(words.encode() in held for words in (HERS, LATER, "孤儿院", "睡不着", "走的那天", "小麦"))


def test_nothing_they_said_and_nothing_said_of_them_is_left_in_the_file(study):
    study.withdraw("K01", by="周")
    held = on_disk(study.path)
    for words in (
        HERS,
        LATER,
        HERS[:8],
        "孤儿院",
        "小麦",
        "笑着说的",
        "拔完就在田埂",
        "她说到走的那天",
        '"K01',
        "'K01",
    ):
        assert words.encode() not in held, words


def test_what_is_of_others_stays(study):
    before = {c for c in study.codings() if c.transcript_id == "L01"}
    done = study.withdraw("K01", by="周")
    assert [each.id for each in study.transcripts] == ["L01"]
    assert [each.id for each in study.participants] == ["L01"]
    assert {dataclasses.replace(c, memo="") for c in study.codings()} == {
        dataclasses.replace(c, memo="") for c in before
    }
    assert study.decisions()[0].memo == "与“［已撤回 withdrawn］”对照"
    assert [memo.text for memo in study.memos()] == [
        "概念：［已撤回 withdrawn］，这是仪式。老师也会找人说话",
        "放学留下",
    ]
    evidence = study.suggestions()[0].codes[0].evidence
    assert evidence.example == "像这句：［已撤回 withdrawn］"
    assert evidence.why_zh == "提到作业没人看"
    assert (done.transcripts, done.passages, done.suggestions, done.entries, done.blanked) == (1, 2, 2, 4, 3)


def test_the_log_keeps_that_something_was_taken_out_and_by_whom(study):
    before = study.history()
    study.withdraw("K01", by="周")
    after = study.history()
    assert [(e.id, e.coder, e.time) for e in after] == [(e.id, e.coder, e.time) for e in before]
    assert [e.record.kind for e in after if isinstance(e.record, Erased)] == [
        "decision", "coding", "memo", "memo", "retraction",
    ]  # fmt: skip
    assert [(w.coder, w.transcripts) for w in study.withdrawals] == [("周", 1)]
    assert study.status().withdrawals == 1
    assert study.themes() is None


def test_the_file_opens_again_and_is_append_only_again(study):
    study.withdraw("K01", by="周")
    with Study.open(study.path) as again:
        assert [p.transcript_id for p in again.passages] == ["L01"]
        again.record(decision(again, 0, "accepted", "school", coder="王"))
        with pytest.raises(Exception, match="append-only"), again._store.write() as db:
            db.execute("DELETE FROM transcript")
        with pytest.raises(Exception, match="append-only"), again._store.write() as db:
            db.execute("DELETE FROM withdrawal")


def test_an_erased_line_is_not_taken_back(study):
    study.withdraw("K01", by="周")
    with pytest.raises(InputError, match="entry 1 is not a decision"):
        study.undo("李", 1)


def test_what_is_left_goes_to_another_program_and_comes_back(study, tmp_path):
    study.withdraw("K01", by="周")
    study.to_qdpx(tmp_path / "s.qdpx")
    with Study.from_qdpx(tmp_path / "s.qdpx", tmp_path / "again.lbc") as again:
        assert again.codings() == study.codings()
        assert [type(e.record) for e in again.history()] == [type(e.record) for e in study.history()]


def test_words_that_somebody_else_said_too_are_not_blanked(tmp_path):
    from study_samples import book

    said = "车到山前必有路，别着急"
    texts = [
        transcript(name, f"访谈者：怎么想的？\n{speaker}：{said}，{more}。\n", (speaker, Role.CHILD), participant=name)
        for name, speaker, more in (("A1", "阿一", "我就自己走回家去了"), ("B1", "阿二", "等着就好"))
    ]
    with Study.create(tmp_path / "p.lbc", texts, book()) as study:
        words = f"{said}；我就自己走回家去了"
        study.record_memo(Memo(text=words, coder="李"))
        study.withdraw("A1", by="李")
        assert study.memos()[0].text == f"{said}；［已撤回 withdrawn］"


def test_questions_of_the_interviewer_stay_in_other_interviews(study):
    study.withdraw("K01", by="周")
    assert study.passages[0].question == "您班上的孩子怎么样？"


def test_a_study_that_is_being_written_elsewhere_is_left_alone(study):
    other = sqlite3.connect(study.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(InputError, match="open elsewhere and being written; close the review page"):
        study.withdraw("K01", by="周")
    other.execute("ROLLBACK")
    other.close()
    assert len(study.transcripts) == 2
    study.withdraw("K01", by="周")
    assert len(study.transcripts) == 1


def test_who_has_the_study_open_elsewhere_is_told_to_open_it_anew(study):
    with Study.open(study.path) as other:
        assert len(other.transcripts) == 2
        study.withdraw("K01", by="周")
        for step in (other.decisions, lambda: other.record(decision(other, 2, "accepted", "school"))):
            with pytest.raises(StudyReplacedError, match=r"withdrawn elsewhere.*open it again"):
                step()
    with Study.open(study.path) as again:
        assert len(again.transcripts) == 1


def test_a_fault_in_the_middle_leaves_everything_as_it_was(study, monkeypatch):
    from lbc_themes.study import withdrawal

    def broken(*_):
        raise RuntimeError("power cut")

    monkeypatch.setattr(withdrawal, "_blank", broken)
    with pytest.raises(RuntimeError, match="power cut"):
        study.withdraw("K01", by="周")
    monkeypatch.undo()
    assert len(study.transcripts) == 2
    assert len(study.memos()) == 3
    with pytest.raises(Exception, match="append-only"), study._store.write() as db:
        db.execute("DELETE FROM transcript")


@pytest.mark.parametrize(
    ("who", "by", "message"),
    [
        ("K07", "周", "no participant 'K07'; there are K01, L01"),
        ("K01", " ", "withdraw: the coder has no name"),
        ("K01", "machine", "the machine, which only suggests"),
    ],
)
def test_a_wrong_name_takes_nothing_out(study, who, by, message):
    with pytest.raises(InputError, match=message):
        study.withdraw(who, by=by)
    assert len(study.transcripts) == 2


def test_an_interview_with_several_is_taken_out_only_whole(tmp_path):
    from study_samples import CHILD, book

    text = [transcript("G1", CHILD, ("小麦", Role.CHILD), participant="K01; K02")]
    with Study.create(tmp_path / "g.lbc", text, book()) as study:
        with pytest.raises(InputError, match="interview G1 is also with K02"):
            study.withdraw("K01", by="周")
        study.withdraw("K01", by="周", whole_interviews=True)
        assert study.transcripts == ()
        assert [person.id for person in study.participants] == ["K02"]


def test_the_command_asks_first_and_says_what_is_still_to_do(study):
    study.close()
    path = str(study.path)
    asked = CliRunner().invoke(app, ["study", "withdraw", path, "K01", "--by", "周"], input="n\n")
    assert asked.exit_code != 0
    with Study.open(study.path) as again:
        assert len(again.transcripts) == 2
    done = CliRunner().invoke(app, ["study", "withdraw", path, "K01", "--by", "周", "--yes"])
    assert "1 份访谈" in done.output
    assert "backups" in done.output
    status = CliRunner().invoke(app, ["study", "status", path])
    assert "withdrawn and erased: 1" in status.output


def test_withdrawals_are_plain_numbers(study):
    study.withdraw("K01", by="周")
    ((record,),) = study._store.read("SELECT record FROM withdrawal")
    assert set(json.loads(record)) == {
        "coder", "time", "transcripts", "passages", "suggestions", "entries", "blanked",
    }  # fmt: skip
