"""A study: what goes in comes out, decisions are only ever added, refusals say what to do."""

import dataclasses
import sqlite3
import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_samples import book, code, decision, made, suggested, transcript, transcripts

from lbc_themes.core.errors import InputError, LbcError
from lbc_themes.core.records import Coding, Evidence, Role, Verdict
from lbc_themes.core.study_log import only_rejected
from lbc_themes.segmenting import segment
from lbc_themes.study import Memo, Retraction, Study


@pytest.fixture
def study(tmp_path):
    with made(tmp_path) as opened:
        yield opened


def test_what_goes_in_comes_out_of_the_opened_file(study):
    with Study.open(study.path) as again:
        assert list(again.transcripts) == transcripts()
        assert list(again.passages) == segment(transcripts())
        assert again.codebook == book()
        assert [(p.id, p.transcript_ids) for p in again.participants] == [("K01", ("K01",)), ("L01", ("L01",))]
        assert again.participants[0].attributes == {"role": "child", "gender": "女", "age": "10"}


def test_a_decision_gives_codings_over_the_passage(study):
    study.record(decision(study, 1, "changed", "longing", "school", memo="两样都有"))
    passage = study.passages[1]
    expected = [
        Coding(
            transcript_id="K01", start=passage.start, end=passage.end, code_id=code_id, coder="李",
            time="2025-03-01T08:00:00Z", memo="两样都有",
        )
        for code_id in ("longing", "school")
    ]  # fmt: skip
    assert study.codings() == expected


def test_a_later_decision_takes_the_place_and_undo_brings_the_first_back(study):
    first, second = decision(study, 0, "accepted", "longing"), decision(study, 0, "rejected")
    study.record(first)
    number = study.record(second)
    assert study.decisions() == [second]
    assert study.codings() == []
    assert study.undo("李").id == number
    assert study.decisions() == [first]
    assert study.decision_on(first.passage_id, "李") == first
    assert study.decisions(standing=False) == [first, second]
    assert study.undo("李").record == first
    assert study.undo("李") is None
    assert [type(entry.record) for entry in study.history()][2:] == [Retraction, Retraction]


def test_undo_takes_back_ones_own_work_only(study):
    number = study.record(decision(study, 0, "accepted", "longing"))
    assert study.undo("王") is None
    with pytest.raises(InputError, match="not a decision, coding or memo of 王"):
        study.undo("王", number)
    assert len(study.codings()) == 1


def test_undo_of_one_entry_leaves_later_ones(study):
    number = study.record(decision(study, 0, "accepted", "longing"))
    study.record(decision(study, 1, "accepted", "school"))
    study.undo("李", number)
    assert study.undo("李", number) is None
    assert [c.code_id for c in study.codings()] == ["school"]


def test_coders_stay_apart(study):
    study.record(decision(study, 0, "accepted", "longing"))
    study.record(decision(study, 0, "rejected", coder="王"))
    assert [c.coder for c in study.codings()] == ["李"]
    assert len(study.decisions()) == 2
    assert [d.verdict for d in study.decisions(coder="王")] == [Verdict.REJECTED]


def test_any_slice_can_be_coded(study):
    coding = Coding(transcript_id="K01", start=17, end=24, code_id="school", coder="王", time="t", memo="m")
    study.record_coding(coding)
    assert study.codings() == [coding]
    assert study.codings(coder="李") == study.codings(transcript_id="L01") == []


def test_the_machine_is_a_coder_of_its_own(study):
    study.add_suggestions(suggested(study), run="a")
    assert [(c.code_id, c.coder) for c in study.codings()] == [("longing", "machine"), ("homework", "machine")]
    assert study.codings()[0].memo == "提到想念\nspeaks of longing"
    assert [c.code_id for c in study.codings(machine_top=None)] == ["longing", "school", "homework"]
    assert study.codings(machine_top=0) == []


def test_suggestions_are_kept_by_run_and_the_newest_counts(study):
    old = suggested(study)
    assert study.add_suggestions(old, run="a", options={"top": "2"}) == "a"
    new = dataclasses.replace(old[0], codes=old[0].codes[1:])
    study.add_suggestions([new], run="b")
    assert study.suggestions() == [new, *old[1:]]
    assert study.suggestions("a") == old
    assert study.suggestion_for(new.passage_id) == new
    assert [(run.name, dict(run.options)) for run in study.runs] == [("a", {"top": "2"}), ("b", {})]
    with pytest.raises(InputError, match="there is a run 'a' already"):
        study.add_suggestions(old, run="a")
    with pytest.raises(InputError, match="no run 'c'; the runs are a, b"):
        study.suggestions("c")


def test_the_log_names_the_run_that_was_shown(study):
    study.add_suggestions(suggested(study), run="a")
    study.record(decision(study, 0, "accepted", "longing"), run="a")
    assert study.history()[0].run == "a"
    with pytest.raises(InputError, match="no run 'b'"):
        study.record(decision(study, 0, "accepted", "longing"), run="b")


def test_memos_stand_until_they_are_taken_back(study):
    study.record_memo(Memo(text="想再看一遍", coder="李", about="code", about_id="longing"))
    study.record_memo(Memo(text="第一印象", coder="李"))
    assert [memo.text for memo in study.memos("code", "longing")] == ["想再看一遍"]
    study.undo("李")
    assert [memo.text for memo in study.memos()] == ["想再看一遍"]


def test_transcripts_are_added_once(study):
    more = transcript("K02", "访谈者：来了？\n小豆：来了，走了四十分钟的路才到学校门口。\n", ("小豆", Role.CHILD))
    assert study.add([*transcripts(), more]) == ("K02",)
    assert study.passages[-1].transcript_id == "K02"
    assert study.add(more) == ()
    with pytest.raises(InputError, match="with another text"):
        study.add(dataclasses.replace(more, text=f"{more.text}再见。"))


def test_a_codebook_version_must_keep_the_codes_in_use(study):
    study.record(decision(study, 0, "accepted", "longing"))
    later = dataclasses.replace(book("2"), codes=(*book().codes, code("new", "新", "new")))
    study.add_codebook(later)
    study.add_codebook(later)
    assert [each.version for each in study.codebooks] == ["1", "2"]
    study.record(decision(study, 1, "accepted", "new"))
    with pytest.raises(InputError, match="codings use longing, new; keep these codes"):
        study.add_codebook(dataclasses.replace(book("3"), codes=book().codes[2:4]))


def test_attributes_of_participants_can_be_set(study):
    study.set_participant("K01", {"age": "11", "siblings": "2"})
    assert study.participants[0].attributes == {"role": "child", "gender": "女", "age": "11", "siblings": "2"}
    with pytest.raises(InputError, match=r"Z.*K01, L01"):
        study.set_participant("Z", {})


def test_only_what_was_adjudicated_is_marked_so_in_the_file(study):
    study.record_memo(Memo(text="想", coder="李", about="study"))
    study.record_coding(Coding(transcript_id="K01", start=0, end=5, code_id="school", coder="李"))
    study.record(decision(study, 0, "changed", "school", adjudication=True))
    study.undo("李")
    rows = study._store.read("SELECT kind, adjudication FROM entry ORDER BY id")
    assert rows == [("memo", 0), ("coding", 0), ("decision", 1), ("retraction", 0)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [({"passage_id": "K01:9999"}, "no passage 'K01:9999'"),
     ({"code_ids": ("lunging",)}, "no code 'lunging' in the codebook"),
     ({"coder": " "}, "the coder has no name"), ({"coder": "machine"}, "only suggests"),
     ({"verdict": Verdict.REJECTED}, "a rejection gives no codes"),
     ({"code_ids": ("school", "school")}, "comes twice")],
)  # fmt: skip
def test_decisions_that_make_no_sense_are_refused(study, change, message):
    with pytest.raises(InputError, match=message):
        study.record(dataclasses.replace(decision(study, 0, "accepted", "longing"), **change))
    assert study.history() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [({"transcript_id": "X"}, "no transcript 'X'"), ({"end": 17}, "not a slice"), ({"end": 9999}, "not a slice"),
     ({"start": -1}, "not a slice"), ({"code_id": "x"}, "no code 'x'"), ({"coder": ""}, "no name")],
)  # fmt: skip
def test_codings_that_are_no_slices_are_refused(study, change, message):
    coding = Coding(transcript_id="K01", start=17, end=24, code_id="school", coder="王")
    with pytest.raises(InputError, match=message):
        study.record_coding(dataclasses.replace(coding, **change))


def test_of_many_decisions_all_or_none_are_stored(study):
    with pytest.raises(InputError, match="no code 'x'"):
        study.record_all([decision(study, 0, "accepted", "longing"), decision(study, 1, "accepted", "x")])
    assert study.decisions() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "sql",
    ["UPDATE decision SET codes = '[]'", "DELETE FROM decision", "UPDATE entry SET coder = 'x'", "DELETE FROM entry",
     "INSERT OR REPLACE INTO decision SELECT * FROM decision", "INSERT OR REPLACE INTO entry SELECT * FROM entry",
     "UPDATE transcript SET record = ''", "UPDATE suggestion SET record = ''", "DELETE FROM memo",
     "UPDATE codebook SET version = 'x'", "UPDATE passage SET spans = ''", "DELETE FROM retraction"],
)  # fmt: skip
def test_sqlite_itself_refuses_to_change_what_was_recorded(study, sql):
    study.add_suggestions(suggested(study))
    study.record(decision(study, 0, "accepted", "longing"))
    study.record_memo(Memo(text="想", coder="王"))
    study.undo("李")
    other = sqlite3.connect(study.path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(sql)
    other.close()


def test_two_open_studies_see_each_others_work(study):
    with Study.open(study.path) as other:
        study.record(decision(study, 0, "accepted", "longing"))
        assert len(other.decisions()) == 1
        other.record(decision(study, 1, "accepted", "school", coder="王"))
        assert [d.coder for d in study.decisions()] == ["李", "王"]


@pytest.mark.slow
def test_threads_share_a_study(study):
    def work(coder):
        for number in range(20):
            study.record(decision(study, number % 3, "accepted", "longing", coder=coder))
            study.undo(coder)
            study.record(decision(study, number % 3, "accepted", "school", coder=coder))
            study.codings()

    threads = [threading.Thread(target=work, args=(name,)) for name in ("甲", "乙", "丙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(study.history()) == 3 * 60
    assert {c.code_id for c in study.codings()} == {"school"}


def test_a_backup_is_a_study_of_its_own(study, tmp_path):
    study.record(decision(study, 0, "accepted", "longing"))
    copy = study.backup(tmp_path / "copy.lbc")
    study.undo("李")
    with Study.open(copy) as other:
        assert len(other.decisions()) == 1
    assert not [file for file in tmp_path.iterdir() if "part" in file.name]
    with pytest.raises(InputError, match="already exists"):
        study.backup(copy)


def test_the_whole_contents_make_the_same_study_again(study, tmp_path):
    study.add_suggestions(suggested(study), run="a")
    study.record(decision(study, 0, "accepted", "longing"), run="a")
    study.undo("李")
    study.record(decision(study, 0, "rejected"))
    study.record_coding(Coding(transcript_id="K01", start=17, end=24, code_id="school", coder="王"))
    study.record_memo(Memo(text="想", coder="王", about="passage", about_id=study.passages[0].id))
    with Study.from_contents(tmp_path / "again.lbc", study.contents()) as again:
        assert dataclasses.replace(again.contents(), name="s") == study.contents()


def test_status_and_frame_count_and_quote(study):
    study.add_suggestions(suggested(study))
    study.record(decision(study, 0, "accepted", "longing", "school"))
    status = study.status()
    assert (status.transcripts, status.passages, status.decisions, status.suggested) == (2, len(study.passages), 1, 3)
    assert (status.path, status.participants, status.codes, status.retractions, status.memos) == (
        study.path,
        2,
        6,
        0,
        0,
    )
    assert (status.codebook, status.codebook_version, len(status.runs)) == ("fields", "1", 1)
    assert (status.adjudicated, status.withdrawals) == (0, 0)
    study.record_memo(Memo(text="想", coder="李", about="study"))
    study.undo("李")
    assert (study.status().retractions, study.status().memos) == (1, 0)
    assert [(c.coder, c.passages, c.codings) for c in status.coders] == [("李", 1, 2)]
    frame = study.to_frame()
    mine = frame[frame["coder"] == "李"].iloc[0]
    assert (mine["participant"], mine["role"], mine["code_zh"]) == ("K01", "child", "想念")
    assert mine["quote"] == study.passages[0].text


def test_an_existing_file_is_never_overwritten(study):
    with pytest.raises(InputError, match="already exists"):
        Study.create(study.path, transcripts(), book())


@pytest.mark.parametrize(
    ("change", "message"),
    [({"text": "别的"}, "its text is not what stands"), ({"transcript_id": "X"}, "its transcript X is not among")],
)
def test_passages_that_are_no_slices_leave_no_file(tmp_path, change, message):
    passage = segment(transcripts())[0]
    spans = ((0, 2),) if "text" in change else passage.spans
    wrong = dataclasses.replace(passage, spans=spans, **change)
    with pytest.raises(InputError, match=message):
        Study.create(tmp_path / "s.lbc", transcripts(), book(), passages=[wrong])
    assert list(tmp_path.iterdir()) == []


def test_half_a_surrogate_pair_is_refused(tmp_path):
    with pytest.raises(InputError, match="half of a pair"):
        Study.create(tmp_path / "s.lbc", [dataclasses.replace(transcripts()[0], source="\ud800")], book())


@pytest.mark.parametrize(
    ("bytes_", "message"),
    [(b"", "not a study file"), (b"hello" * 500, "not a study file"), (None, "no such study")],
)
def test_files_that_are_no_studies_are_refused(tmp_path, bytes_, message):
    if bytes_ is not None:
        (tmp_path / "x.lbc").write_bytes(bytes_)
    with pytest.raises(LbcError, match=message):
        Study.open(tmp_path / "x.lbc")


def test_another_programs_database_is_refused(tmp_path):
    other = sqlite3.connect(tmp_path / "x.lbc")
    other.execute("CREATE TABLE entry (id)")
    other.close()
    with pytest.raises(InputError, match="not a study file"):
        Study.open(tmp_path / "x.lbc")


def test_a_damaged_study_is_refused_on_opening(study, tmp_path):
    study.close()
    data = bytearray(study.path.read_bytes())
    data[4096 * 2 : 4096 * 6] = b"\xff" * 4096 * 4
    (tmp_path / "broken.lbc").write_bytes(data)
    with pytest.raises(LbcError, match="damaged"):
        Study.open(tmp_path / "broken.lbc")


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(text=texts, data=st.data())
def test_any_text_and_any_slice_come_back(tmp_path_factory, text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    held = transcript("T", "")
    whole = dataclasses.replace(held, text=text, turns=())
    path = tmp_path_factory.mktemp("any") / "s.lbc"
    coding = Coding(transcript_id="T", start=start, end=end, code_id="school", coder=text, time="t", memo=text)
    with Study.create(path, whole, book(), passages=()) as study:
        if text.strip():
            study.record_coding(coding)
            assert study.codings() == [coding]
        assert study.transcripts == (whole,)


def test_foreign_keys_are_on_and_a_commit_is_in_the_one_file_at_once(study):
    names = ("foreign_keys", "journal_mode", "synchronous")
    settings_ = {name: study._store.read(f"PRAGMA {name}")[0][0] for name in names}
    assert settings_ == {"foreign_keys": 1, "journal_mode": "delete", "synchronous": 3}


def test_adjudicated_codes_are_no_coder_in_the_status(study):
    study.record(decision(study, 0, "accepted", "longing"))
    for who in ("李", "王"):
        study.record(decision(study, 1, "changed", "school", coder=who, adjudication=True))
    status = study.status()
    assert [each.coder for each in status.coders] == ["李"]
    assert status.adjudicated == 1


def test_own_coding_and_adjudication_of_one_person_stand_side_by_side(study):
    study.record(decision(study, 0, "changed", "school"))
    study.record(decision(study, 0, "changed", "longing", adjudication=True))
    passage_id = study.passages[0].id
    assert study.decision_on(passage_id, "李").code_ids == ("school",)
    assert study.decision_on(passage_id, "李", adjudication=True).code_ids == ("longing",)
    assert [(c.code_id, c.adjudication) for c in study.codings()] == [("longing", True), ("school", False)]
    assert study.undo("李", adjudication=False).record.code_ids == ("school",)
    assert study.decision_on(passage_id, "李") is None
    assert study.undo("李").record.adjudication
    assert study.decisions() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "refusal"),
    [({"verdict": "accepted"}, 'the verdict is "accepted" without a code'),
     ({"verdict": "changed"}, 'the verdict is "changed" without a code'),
     ({"verdict": "changed", "codes": ("school",), "no_code": True}, "no code applies and gives school"),
     ({"verdict": "rejected", "coder": "adjudication:李"}, "give the name '李' and adjudication=True"),
     ({"verdict": "rejected", "coder": "settled:李"}, "give the name '李' and adjudication=True")],
)  # fmt: skip
def test_decisions_that_contradict_themselves_are_refused(study, fields, refusal):
    with pytest.raises(InputError, match=refusal):
        study.record(decision(study, 0, fields.pop("verdict"), *fields.pop("codes", ()), **fields))
    assert study.history() == []


def test_read_and_nothing_applies_differs_from_unread_and_from_turned_down(study):
    study.record(decision(study, 0, "rejected", no_code=True))
    study.record(decision(study, 1, "rejected"))
    known = [study.decision_on(passage.id, "李") for passage in study.passages[:3]]
    assert [None if d is None else (d.no_code, only_rejected(d)) for d in known] == [(True, False), (False, True), None]
    with Study.from_contents(study.path.with_name("copy.lbc"), study.contents()) as copy:
        assert copy.decisions() == study.decisions()


@pytest.mark.slow
def test_runs_that_differ_by_little_take_little_room_and_come_back_whole(study):
    given = suggested(study)
    why = "提到想念，和“一到晚上就想她”相近" * 5
    sizes = []
    for number in range(30):
        scores = {"probability": 0.5 + number / 100, "score": 0.1234567 * number}
        each = [
            replace(s, codes=tuple(replace(c, **scores, evidence=Evidence(why_zh=why)) for c in s.codes)) for s in given
        ]
        study.add_suggestions(each, run=f"run {number}")
        assert study.suggestions(f"run {number}") == each
        sizes.append(sum(len(row[0]) for row in study._store.read("SELECT CAST(record AS BLOB) FROM suggestion")))
    assert sizes[-1] - sizes[0] < 29 * sizes[0] / 4
    with Study.open(study.path) as again:
        assert [run.suggestions for run in again.runs] == [run.suggestions for run in study.runs]
