"""A participant who withdraws leaves nothing behind in the study file but the fact that something was taken out."""

import dataclasses
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from study_samples import book, decision, made, suggested, transcript
from typer.testing import CliRunner

from lbc_themes.cli.app import app
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding, Role
from lbc_themes.core.study_log import Erased, Memo
from lbc_themes.study import FoundTheme, Study, StudyThemes, store, withdrawal
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
        noted = Coding(transcript_id="K01", start=0, end=9, code_id="longing", coder="王", memo="停了很久才往下讲")
        study.record_coding(noted)
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
    assert all(words.encode() in held for words in (HERS, LATER, "孤儿院", "停了很久", "睡不着", "走的那天", "小麦"))


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
        "停了很久",
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
    assert (done.transcripts, done.passages, done.suggestions, done.entries, done.blanked) == (1, 2, 2, 5, 3)


def test_the_log_keeps_that_something_was_taken_out_and_by_whom(study):
    before = study.history()
    study.withdraw("K01", by="周")
    after = study.history()
    assert [(e.id, e.coder, e.time) for e in after] == [(e.id, e.coder, e.time) for e in before]
    assert [e.record.kind for e in after if isinstance(e.record, Erased)] == [
        "decision", "coding", "coding", "memo", "memo", "retraction",
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


def test_their_words_in_the_reason_of_a_change_of_the_codebook_are_blanked(study):
    study.codebook.add("夜里想", by="李", why=f"因为她说“{HERS}”")
    study.codebook.rename("school", "上学", by="李", why="名字太长")
    done = study.withdraw("K01", by="周")
    assert HERS.encode() not in on_disk(study.path)
    assert [edit.why for edit in study.codebook_history()] == ["因为她说“［已撤回 withdrawn］”", "名字太长"]
    assert done.blanked == 4


def test_a_merge_is_undone_after_a_withdrawal_for_what_is_left(study):
    study.record(decision(study, 2, "changed", "longing", time="2025-03-02T08:00:00Z"))
    study.record_coding(Coding(transcript_id="K01", start=31, end=40, code_id="longing", coder="王"))
    study.codebook.merge(["longing"], "help.positive", by="李")
    study.withdraw("K01", by="周")
    assert [c.code_id for c in study.codings(machine_top=0)] == ["help.positive"]
    study.codebook.undo(by="李")
    assert [c.code_id for c in study.codings(machine_top=0)] == ["longing"]
    assert "longing" in study.codebook
    with Study.open(study.path) as again:
        assert again.codings(machine_top=0) == study.codings(machine_top=0)


def test_eight_characters_in_a_row_are_a_quotation_and_seven_are_not():
    gone = transcript("G", "小麦：数羊数到一百零一只\n访谈者：后来你是怎么睡着的呢\n", ("小麦", Role.CHILD))
    quoted = withdrawal.Quoted([gone], [])
    assert quoted.blanked("她说数羊数到一百零一。") == "她说［已撤回 withdrawn］。"
    assert quoted.blanked("她说数羊数到一百零。") == "她说数羊数到一百零。"
    assert quoted.blanked("后来你是怎么睡着的呢") == "后来你是怎么睡着的呢", "the interviewer's words are not theirs"
    assert quoted.blanked("羊数到一百零一只，又数羊数到一百零一只") == "［已撤回 withdrawn］，又［已撤回 withdrawn］"
    assert quoted.blanked_in({"a": ["数羊数到一百零一", 3, None], "b": {"c": "数羊数到一百零一只"}}) == {
        "a": ["［已撤回 withdrawn］", 3, None],
        "b": {"c": "［已撤回 withdrawn］"},
    }
    bare = dataclasses.replace(gone, turns=())
    assert withdrawal.Quoted([bare], []).blanked("后来你是怎么睡着的呢") == "［已撤回 withdrawn］"


def test_mentions_are_counted_with_twelve_characters_around_the_first():
    text = "一二三四五六七八九十甲乙丙王小麦丁\n戊己庚辛壬癸子丑寅卯辰巳，王小麦"
    (found,) = withdrawal.mentions(["王小麦", "石桥"], [("memo", "3", text)])
    assert (found.word, found.kind, found.where, found.count) == ("王小麦", "memo", "3", 2)
    assert found.excerpt == "二三四五六七八九十甲乙丙王小麦丁 戊己庚辛壬癸子丑寅卯"


def test_names_of_an_interview_are_its_speakers_metadata_and_what_has_the_form_of_a_name():
    said = "访谈者：你叫什么？\n小麦：我叫王小雨，住在石桥村。\n学生：嗯\n"
    labels = (("小麦", Role.CHILD), ("学生", Role.CHILD))
    gone = transcript(
        "K01", said, *labels, participant="K01", role="child", gender="女孩", age="十岁", 班级="三班", 座="一"
    )
    found = withdrawal.names_in([gone], "P7号人")
    assert {"王小雨", "小麦", "三班", "石桥村", "P7号人"} <= set(found)
    assert not {"K01", "child", "女孩", "十岁", "访谈者", "学生", "一"} & set(found)
    assert list(found) == sorted(found, key=lambda word: (-len(word), word))


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


@pytest.mark.slow
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


@pytest.mark.slow
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
    assert "erased: 1 interviews" in done.output
    assert "backups" in done.output
    status = CliRunner().invoke(app, ["study", "status", path])
    assert "withdrawn and erased: 1" in status.output


def test_withdrawals_are_plain_numbers(study):
    study.withdraw("K01", by="周")
    ((record,),) = study._store.read("SELECT record FROM withdrawal")
    assert set(json.loads(record)) == {
        "coder", "time", "transcripts", "passages", "suggestions", "entries", "blanked",
    }  # fmt: skip


def test_what_the_participant_is_called_besides_is_listed_too(tmp_path):
    made_of = [
        transcript("A1", "访谈者：好吗？\n王小麦：好。\n", ("王小麦", Role.CHILD), participant="A1"),
        transcript(
            "A2", "访谈者：你呢？\n李大壮：我跟麦麦一个班，阿麦不爱说话。\n", ("李大壮", Role.CHILD), participant="A2"
        ),
    ]
    with Study.create(tmp_path / "s.lbc", made_of, book()) as study:
        done = study.withdraw("A1", by="周")
    assert {"麦麦", "阿麦"} <= {each.word for each in done.remaining}


def test_names_that_others_mention_are_listed_for_a_person_and_not_stored(tmp_path):
    text = "访谈者：你和谁最好？\n王小麦：我和李大壮最好，我们都是石桥村的。\n"
    other = "访谈者：你呢？\n李大壮：我跟王小麦一个班，她家在石桥村。\n"
    made_of = [
        transcript("A1", text, ("王小麦", Role.CHILD), participant="A1"),
        transcript("A2", other, ("李大壮", Role.CHILD), participant="A2"),
    ]
    with Study.create(tmp_path / "s.lbc", made_of, book()) as study:
        study.record_memo(Memo(text="王小麦说得慢", coder="李", about="study"))
        done = study.withdraw("A1", by="周")
        places = {(each.word, each.kind, each.where) for each in done.remaining}
        assert {("王小麦", "transcript", "A2"), ("王小麦", "memo", "1")} <= places
        assert any("石桥" in word for word, *_ in places)
        assert all(each.word in each.excerpt for each in done.remaining)
        assert study.withdrawals == (dataclasses.replace(done, remaining=()),)
    assert study.path.read_bytes().count("王小麦".encode()) == 2


@pytest.mark.slow
def test_on_a_full_disk_nothing_is_erased_and_it_is_said(tmp_path):
    script = (
        "import resource, signal, sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\nfrom study_samples import made\nfrom lbc_themes.core.errors import LbcError\n"
        "with made(Path(sys.argv[1])) as study:\n"
        "    signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "    try:\n        study.withdraw('K01', by='周')\n    except LbcError as refusal:\n        print(refusal)\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)\n"
    )
    command = [sys.executable, "-B", "-c", script, str(tmp_path), str(Path(__file__).parents[1])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "nothing was erased and the study is as it was" in done.stdout, done.stderr
    with Study.open(tmp_path / "s.lbc") as study:
        assert len(study.transcripts) == 2


def test_where_there_is_no_room_to_write_the_file_anew_the_content_is_gone_all_the_same(study, monkeypatch):
    monkeypatch.setattr(store.Store, "compact", lambda _: False)
    done = study.withdraw("K01", by="周")
    assert not done.compacted
    assert HERS.encode() not in study.path.read_bytes()


def test_quotations_in_runs_that_are_packed_are_blanked_too(study):
    kept = study.suggestions("a")[2]
    quoting = [
        dataclasses.replace(kept, codes=tuple(
            dataclasses.replace(c, score=float(n), evidence=dataclasses.replace(c.evidence, example=f"{HERS}{n}"))
            for c in kept.codes
        ))
        for n in range(3)
    ]  # fmt: skip
    for number, each in enumerate(quoting):
        study.add_suggestions([each], run=f"later {number}")
    kinds = study._store.read("SELECT typeof(record) FROM suggestion WHERE passage_id = ?", (kept.passage_id,))
    assert ("blob",) in kinds
    study.withdraw("K01", by="周")
    for number in range(3):
        (code,) = study.suggestions(f"later {number}")[0].codes[:1]
        assert code.evidence.example == f"［已撤回 withdrawn］{number}"
    with Study.open(study.path) as again:
        assert again.runs == study.runs
