"""Steps of a coder are taken back and done again, from the log alone: whoever opens the study next can go on."""

import shutil
from pathlib import Path

import pytest
from study_samples import decision, made

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding
from lbc_themes.core.study_log import Memo, Refusal, Retraction
from lbc_themes.study import Study
from lbc_themes.study.recovery import check_study

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def study(tmp_path):
    with made(tmp_path) as opened:
        yield opened


def coding(start, end, code_id="longing", coder="李"):
    return Coding(transcript_id="K01", start=start, end=end, code_id=code_id, coder=coder)


def test_what_was_changed_in_one_act_is_taken_back_at_once_after_a_restart(study):
    study.record(decision(study, 0, "accepted", "longing"))
    old = study.record_coding(coding(20, 24))
    study.record_step(
        [decision(study, 0, "changed", "school"), Retraction(entry_id=old), coding(20, 30, "school")], coder="李"
    )
    with Study.open(study.path) as again:
        again.undo("李")
        assert [d.code_ids for d in again.decisions()] == [("longing",)]
        assert [(c.start, c.end, c.code_id) for c in again.codings() if c.start == 20] == [(20, 24, "longing")]
    with Study.open(study.path) as again:
        again.redo("李")
        assert [d.code_ids for d in again.decisions()] == [("school",)]
        assert [(c.start, c.end, c.code_id) for c in again.codings() if c.start == 20] == [(20, 30, "school")]
        assert again.redo("李") is None


def test_steps_are_taken_back_and_done_again_one_after_the_other(study):
    for code_id in ("longing", "school", "homework"):
        study.record(decision(study, 0, "accepted", code_id))
    seen = []
    for step in "uuurrrruu":
        (study.undo if step == "u" else study.redo)("李")
        seen.append([d.code_ids[0] for d in study.decisions()])
    assert seen == [
        ["school"], ["longing"], [], ["longing"], ["school"], ["homework"], ["homework"], ["school"], ["longing"],
    ]  # fmt: skip


def test_who_goes_on_after_taking_back_cannot_do_again(study):
    study.record(decision(study, 0, "accepted", "longing"))
    study.undo("李")
    study.record(decision(study, 1, "accepted", "school"))
    assert study.redo("李") is None
    assert [d.code_ids for d in study.decisions()] == [("school",)]


def test_a_removal_is_a_step_too_and_earlier_steps_are_found_behind_it(study):
    number = study.record_coding(coding(20, 24))
    study.undo("李", number)
    assert study.codings() == []
    study.undo("李")
    assert len(study.codings()) == 1
    study.undo("李")
    assert study.codings() == []
    assert study.undo("李") is None


def test_each_coder_takes_back_their_own_and_adjudication_is_apart(study):
    study.record(decision(study, 0, "accepted", "longing"))
    study.record(decision(study, 0, "accepted", "school", coder="王"))
    study.record(decision(study, 0, "changed", "homework", adjudication=True))
    study.undo("李", adjudication=False)
    assert sorted((d.coder, d.code_ids) for d in study.decisions()) == [("李", ("homework",)), ("王", ("school",))]
    study.undo("李")
    assert [d.coder for d in study.decisions()] == ["王"]
    study.redo("李", adjudication=False)
    assert [d.code_ids for d in study.decisions(coder="李")] == [("longing",)]


def test_the_same_coding_is_stored_once(study):
    assert study.record_coding(coding(20, 24)) == study.record_coding(coding(20, 24))
    assert study.record_coding(coding(20, 24, coder="王")) != study.record_coding(coding(20, 24))
    assert len(study.history()) == 2


@pytest.mark.parametrize(
    ("records", "line"),
    [([coding(20, 24), coding(20, 24, coder="王")], "one is by 王"), ([Retraction(entry_id=9)], "no entry 9"),
     ([coding(20, 24), coding(20, 9999)], "slice"),
     ([Refusal(passage_id="K01:0001", code_id="gone", coder="李")], "gone")],
)  # fmt: skip
def test_a_step_with_a_wrong_record_stores_nothing(study, records, line):
    with pytest.raises(InputError, match=line):
        study.record_step(records, coder="李")
    assert study.history() == []


def test_a_refusal_of_one_code_is_no_decision_and_can_be_taken_back(study):
    passage = study.passages[0].id
    study.record_step([Refusal(passage_id=passage, code_id="longing", coder="李")], coder="李")
    assert (study.decisions(), study.codings(machine_top=0)) == ([], [])
    with Study.open(study.path) as again:
        assert [(r.passage_id, r.code_id, r.coder) for r in again.refusals()] == [(passage, "longing", "李")]
        again.undo("李")
        assert again.refusals() == []
    assert check_study(study.path).whole


@pytest.mark.slow
def test_a_memo_on_a_slice_names_its_place_and_leaves_with_its_participant(study):
    memo = Memo(text="声音很小", coder="李", about="span", about_id="K01", start=20, end=24)
    study.record_memo(memo)
    study.record_step([Refusal(passage_id=study.passages[0].id, code_id="longing", coder="王")], coder="王")
    assert [(m.about_id, m.start, m.end) for m in study.memos("span")] == [("K01", 20, 24)]
    with pytest.raises(InputError, match="no slice of K01"):
        study.record_memo(Memo(text="x", coder="李", about="span", about_id="K01", start=5, end=5))
    study.withdraw("K01", by="李")
    assert (study.memos(), study.refusals()) == ([], [])
    assert check_study(study.path).whole
    assert "声音很小".encode() not in study.path.read_bytes()


def test_steps_travel_to_another_file(study, tmp_path):
    study.record(decision(study, 1, "accepted", "school"))
    study.record_step([decision(study, 0, "accepted", "longing"), coding(20, 24)], coder="李")
    study.undo("李")
    with Study.from_contents(tmp_path / "copy.lbc", study.contents()) as copy:
        assert copy.history() == study.history()
        copy.redo("李")
        assert len(copy.codings(machine_top=0)) == 3


def test_a_file_of_version_5_keeps_both_kinds_of_codebook_changes_and_its_undo(tmp_path):
    """It holds changes of the review page, written into the codebook's source, and changes made in Python."""
    with Study.open(shutil.copy(DATA / "study-v5-codebook.lbc", tmp_path / "old.lbc")) as old:
        made_by = [(c.action, c.by, c.why) for c in old.codebook_history()]
        assert made_by == [
            ("add", "李", "新说法"), ("redefine", "王", "补定义"), ("rename", "李", "说得更准"),
            ("merge", "王", "一回事"),
        ]  # fmt: skip
        assert [book.version for book in old.codebooks] == ["1", "1+1", "1+2", "1+3", "1+4"]
        assert old.codebooks[2]["new-7"].definition.zh == "睡不着时数东西。"
        assert (old.codebook["longing"].name.zh, "new-7" in old.codebook) == ("想家", False)
        assert old.undo("李").record.text == "再听一遍"
        assert old.undo("李").record.code_ids == ("new-7",)
        assert old.undo("李") is None
        old.redo("李")
        assert [d.code_ids for d in old.decisions()] == [("longing",)]
        old.codebook.undo(by="王")
        assert [c.code_id for c in old.codings(coder="王", machine_top=0)] == ["new-7"]
        assert old.codebook["new-7"].parent == "feeling"
    assert check_study(tmp_path / "old.lbc").whole
