"""A codebook that is edited while people code: every change has an author, and nothing coded moves without an entry."""

import pickle

import pytest
from study_samples import book, decision, made, suggested_study

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Coding
from lbc_themes.core.study_log import Retraction
from lbc_themes.study import EditConflictError, Study
from lbc_themes.study.codebook_versions import after_delta, delta_between
from lbc_themes.study.compare import compare
from lbc_themes.study.gold_labels import gold_labels
from lbc_themes.study.recovery import check_study


@pytest.fixture
def study(tmp_path):
    with made(tmp_path) as opened:
        yield opened


def test_the_codebook_in_use_equals_the_plain_one_and_travels_as_it(study):
    assert study.codebook == book()
    assert book() == study.codebook
    assert study.codebook is study.codebook
    travelled = pickle.loads(pickle.dumps(study.codebook))
    assert type(travelled) is type(book())
    assert travelled == book()


def test_a_new_code_needs_a_name_alone_and_can_be_used_at_once(study):
    code_id = study.codebook.add("怕黑", by="李", why="三个孩子都说到", parent="feeling")
    study.record(decision(study, 0, "changed", code_id))
    assert study.codebook[code_id].name == Bilingual(zh="怕黑", en="怕黑")
    assert study.codebook[code_id].parent == "feeling"
    assert study.codebook.add(Bilingual(zh="又想念", en="Longing"), by="李") == "longing-2"
    (first, _) = study.codebook_history()
    assert (first.action, first.by, first.why, first.version) == ("add", "李", "三个孩子都说到", "1+1")
    with Study.open(study.path) as again:
        assert again.codebook.version == "1+2"
        assert again.codebook_history() == study.codebook_history()


def test_a_renamed_and_a_moved_code_keep_id_and_codings(study):
    study.record(decision(study, 0, "accepted", "longing"))
    study.codebook.rename("longing", Bilingual(zh="想家", en="homesickness"), by="王")
    study.codebook.move("longing", "school", by="王")
    study.codebook.redefine("longing", by="王", definition=Bilingual(zh="说到想家。", en="Homesickness."))
    assert [c.code_id for c in study.codings()] == ["longing"]
    code = study.codebook["longing"]
    assert (code.name.zh, code.parent, code.definition.zh) == ("想家", "school", "说到想家。")
    assert [version["longing"].name.zh for version in study.codebooks] == ["想念", "想家", "想家", "想家"]


def test_merging_recodes_by_entries_in_each_coders_name_and_can_be_undone(study):
    study.record(decision(study, 0, "accepted", "longing", memo="哭了"))
    study.record(decision(study, 0, "changed", "homework", "longing", coder="王"))
    study.record_coding(Coding(transcript_id="K01", start=20, end=30, code_id="homework", coder="王"))
    before = study.codings()
    study.codebook.merge(["homework", "help.positive"], "longing", by="李", why="分不开")
    assert "homework" not in study.codebook
    assert {c.code_id for c in study.codings()} == {"longing"}
    assert study.decision_on(study.passages[0].id, "王").code_ids == ("longing",)
    assert study.decision_on(study.passages[0].id, "李").memo == "哭了"
    written = [entry for entry in study.history() if entry.by]
    assert {(entry.coder, entry.by) for entry in written} == {("王", "李")}
    assert any(isinstance(entry.record, Retraction) for entry in written)
    assert gold_labels(study)[study.passages[0].id] == ("longing",)
    assert compare(study, draws=0).overall.measures["percent"].value == 1.0
    assert study.codebook.undo(by="李").action == "merge"
    found = [(c.start, c.end, c.code_id, c.coder, c.memo) for c in study.codings()]
    assert found == [(c.start, c.end, c.code_id, c.coder, c.memo) for c in before]
    assert study.codebook.codes == book().codes
    assert check_study(study.path).whole


def test_what_pointed_at_a_merged_code_points_at_the_other(study):
    study.codebook.merge(["homework"], "help.positive", by="李")
    assert study.codebook["longing"].exclude[0].use == "help.positive"
    study.codebook.merge(["feeling"], "school", by="李")
    assert study.codebook["longing"].parent == "school"


def test_splitting_sends_each_coding_where_it_belongs(study):
    first, second, _ = study.passages
    study.record(decision(study, 0, "accepted", "longing"))
    study.record(decision(study, 1, "accepted", "longing"))
    number = study.record_coding(Coding(transcript_id="K01", start=20, end=30, code_id="longing", coder="王"))
    day, night = (study.codebook.add(name, by="李", parent="longing") for name in ("白天想", "夜里想"))
    study.codebook.split("longing", {day: [first.id], night: [number]}, by="李")
    assert [d.code_ids for d in study.decisions()] == [("longing",), (day,)]
    assert study.decision_on(second.id, "李").code_ids == ("longing",)
    assert [c.code_id for c in study.codings(coder="王")] == [night]


def test_a_coder_who_takes_a_decision_back_takes_back_what_was_made_of_it(study):
    study.record(decision(study, 0, "accepted", "homework"))
    study.codebook.merge(["homework"], "longing", by="王")
    assert study.undo("李").record.code_ids == ("homework",)
    assert study.decisions() == []


def test_a_code_in_use_cannot_be_retired_nor_its_making_undone(study):
    new = study.codebook.add("怕黑", by="李")
    study.record(decision(study, 0, "changed", new))
    for step in (lambda: study.codebook.retire(new, by="李"), lambda: study.codebook.undo(by="李")):
        with pytest.raises(InputError, match=f"codings use {new}"):
            step()
    with pytest.raises(InputError, match="longing are below feeling"):
        study.codebook.retire("feeling", by="李")
    study.undo("李")
    study.codebook.retire(new, by="李")
    assert new not in study.codebook


def test_edits_are_undone_one_after_the_other(study):
    study.codebook.rename("longing", "一", by="李")
    study.codebook.rename("longing", "二", by="李")
    assert study.codebook.undo(by="王").version == "1+2"
    assert study.codebook["longing"].name.zh == "一"
    assert study.codebook.undo(by="王").version == "1+1"
    assert study.codebook["longing"].name.zh == "想念"
    assert study.codebook.undo(by="王") is None


def test_two_people_edit_at_once_and_neither_overwrites_the_other(study):
    with Study.open(study.path) as other:
        mine, theirs = study.codebook, other.codebook
        mine.rename("longing", "想家", by="李")
        theirs.move("longing", "school", by="王")
        assert (other.codebook["longing"].name.zh, other.codebook["longing"].parent) == ("想家", "school")


def test_the_codebook_of_each_moment_can_be_read(study):
    (made_at,) = study._store.read("SELECT added FROM codebook")[0]
    study.codebook.rename("longing", "想家", by="李")
    assert study.codebook_at(made_at)["longing"].name.zh == "想念"
    assert study.codebook_at("9999")["longing"].name.zh == "想家"
    with pytest.raises(InputError, match="there was no codebook yet"):
        study.codebook_at("1999")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "refusal"),
    [(lambda b: b.add(" ", by="李"), "has no name"), (lambda b: b.add("新", by=" "), "say who does it"),
     (lambda b: b.add("新", by="李", colours="#000000"), "no part colours"),
     (lambda b: b.add("新", by="李", code_id="longing"), "come twice: longing"),
     (lambda b: b.rename("lunging", "x", by="李"), "has no code 'lunging'"),
     (lambda b: b.move("feeling", "longing", by="李"), "round in a circle"),
     (lambda b: b.merge(["longing"], "longing", by="李"), "other than longing"),
     (lambda b: b.merge([], "longing", by="李"), "other than longing"),
     (lambda b: b.subset(["longing"]).rename("longing", "x", by="李"), "belongs to no open study")],
)  # fmt: skip
def test_edits_that_do_not_hold_together_are_refused_and_change_nothing(study, step, refusal):
    with pytest.raises(InputError, match=refusal):
        step(study.codebook)
    assert len(study.codebooks) == 1


def test_a_study_with_edits_goes_to_another_file_whole(tmp_path):
    with suggested_study(tmp_path) as study:
        study.record(decision(study, 0, "accepted", "homework"))
        study.codebook.merge(["homework"], "longing", by="王")
        study.to_qdpx(tmp_path / "s.qdpx")
        with Study.from_qdpx(tmp_path / "s.qdpx", tmp_path / "t.lbc") as copy:
            assert copy.history() == study.history()
            assert copy.codebook.codes == study.codebook.codes
            assert copy.codebook_history() == study.codebook_history()
            copy.codebook.undo(by="李")
            assert copy.decisions() == [d for d in study.decisions(standing=False) if d.code_ids == ("homework",)]


def test_a_reason_that_quotes_a_participant_who_withdraws_is_blanked(study):
    study.codebook.rename("longing", "想家", by="李", why="她说：我就数羊，数到一百再想一遍")
    study.codebook.add("我就数羊，数到一百再想一遍", by="李", why="原话")
    study.withdraw("K01", by="李")
    assert "数到一百" not in study.path.read_bytes().decode("utf-8", "ignore")
    rename, added = study.codebook_history()
    assert (rename.by, rename.action, "已撤回" in rename.why) == ("李", "rename", True)
    assert "已撤回" in study.codebook[added.code_ids[0]].name.zh
    assert check_study(study.path).whole


def test_codes_made_on_the_review_page_are_part_of_the_same_history(study):
    code = study.add_code("怕黑", coder="王", reason="新说法")
    study.codebook.rename(code.id, "怕夜里", by="李")
    study.record(decision(study, 0, "changed", code.id))
    study.codebook.merge([code.id], "longing", by="李")
    assert [(c.action, c.by) for c in study.codebook_history()] == [("add", "王"), ("rename", "李"), ("merge", "李")]
    assert study.codebook.undo(by="李").action == "merge"
    assert study.codebook[code.id].name.zh == "怕夜里"
    study.edit_code(study.codebook["school"], coder="王")
    with Study.open(study.path) as again:
        assert again.codebook == study.codebook


def test_an_id_holds_none_of_the_words_of_a_chinese_name(study):
    """A code may be named in a participant's own words, which a withdrawal must be able to blank."""
    assert study.codebook.add("我就数羊数到一百", by="李") == "new-7"
    assert study.codebook.add("counting sheep", by="李") == "counting-sheep"


def test_what_two_people_change_of_different_parts_is_kept_of_both(study):
    seen = study.codebook.version
    study.codebook.edit("longing", by="李", since=seen, colour="#b5cff0", name=Bilingual(zh="想念", en="longing"))
    study.codebook.edit("longing", by="王", since=seen, parent="school", colour=book()["longing"].colour)
    assert (study.codebook["longing"].colour, study.codebook["longing"].parent) == ("#b5cff0", "school")
    assert [(c.action, c.parts) for c in study.codebook_history()] == [("recolour", ("colour",)), ("move", ("parent",))]


def test_a_part_that_two_people_change_is_a_conflict_that_shows_both_and_stores_neither_twice(study):
    seen = study.codebook.version
    study.codebook.redefine("longing", by="李", since=seen, definition=Bilingual(zh="想家。", en="Home."))
    study.codebook.move("longing", "school", by="周")
    with pytest.raises(EditConflictError, match="李 changed the definition before you") as refused:
        study.codebook.redefine("longing", by="王", since=seen, definition=Bilingual(zh="想爸妈。", en="Parents."))
    (conflict,) = refused.value.conflicts
    assert (conflict.part, conflict.by, conflict.theirs.zh, conflict.yours.zh) == (
        "definition",
        "李",
        "想家。",
        "想爸妈。",
    )
    assert study.codebook["longing"].definition.zh == "想家。"
    study.codebook.redefine(
        "longing", by="王", since=study.codebook.version, definition=Bilingual(zh="想爸妈。", en="Parents.")
    )
    assert study.codebook["longing"].definition.zh == "想爸妈。"


def test_nothing_is_stored_where_nothing_changes(study):
    study.codebook.rename("longing", study.codebook["longing"].name, by="李")
    assert study.codebook_history() == []


def test_any_change_can_be_taken_back_unless_a_later_one_builds_on_it(study):
    first = study.codebook.add("数羊", by="李")
    study.codebook.rename("longing", "想家", by="李")
    study.codebook.move(first, "school", by="王")
    with pytest.raises(InputError, match=f"code {first} was changed since"):
        study.codebook.undo(by="王", version="1+1")
    assert study.codebook.undo(by="王", version="1+2").action == "rename"
    assert study.codebook["longing"].name.zh == "想念"
    assert study.codebook[first].parent == "school"
    with pytest.raises(InputError, match="no change made version 1\\+2"):
        study.codebook.undo(by="王", version="1+2")
    assert study.codebook.undo(by="王", version="1+4").action == "undo"
    assert study.codebook["longing"].name.zh == "想家"


def test_merging_puts_no_coding_on_a_slice_twice_and_undo_brings_both_back(study):
    for code_id in ("longing", "homework"):
        study.record_coding(Coding(transcript_id="K01", start=20, end=24, code_id=code_id, coder="李"))
    study.codebook.merge(["homework"], "longing", by="王")
    assert [c.code_id for c in study.codings()] == ["longing"]
    assert sum(isinstance(e.record, Coding) for e in study.history()) == 2
    study.codebook.undo(by="王")
    assert sorted(c.code_id for c in study.codings()) == ["homework", "longing"]


def test_a_merge_taken_back_does_not_bring_back_what_its_coder_took_away_since(study):
    study.record_coding(Coding(transcript_id="K01", start=20, end=24, code_id="homework", coder="李"))
    study.codebook.merge(["homework"], "longing", by="王")
    (moved,) = [e for e in study.history() if isinstance(e.record, Coding) and e.by]
    study.undo("李", moved.id)
    study.codebook.undo(by="王")
    assert study.codings() == []


def test_a_decision_that_stands_again_has_the_codes_into_which_its_own_were_merged(study):
    study.record(decision(study, 0, "accepted", "homework"))
    study.record(decision(study, 0, "accepted", "school"))
    study.codebook.merge(["homework"], "longing", by="王")
    study.undo("李")
    assert [d.code_ids for d in study.decisions()] == [("longing",)]


def test_a_step_that_would_bring_a_retired_code_back_is_refused(study):
    number = study.record_coding(Coding(transcript_id="K01", start=20, end=24, code_id="homework", coder="李"))
    study.undo("李", number)
    study.codebook.retire("homework", by="王")
    with pytest.raises(InputError, match="homework, which the codebook no longer has"):
        study.undo("李")
    assert study.codings() == []
    study.codebook.undo(by="王")
    study.undo("李")
    assert [c.code_id for c in study.codings()] == ["homework"]


def test_the_difference_of_two_versions_leads_from_one_to_the_other(study):
    study.codebook.add("数羊", by="李", parent="feeling")
    study.codebook.merge(["homework"], "longing", by="王")
    study.codebook.retire("new-7", by="李")
    books = study.codebooks
    for before in books:
        for after in books:
            assert after_delta(before, delta_between(before, after)) == after


def test_a_name_may_have_eighty_characters_and_a_longer_one_is_counted(study):
    study.codebook.rename("school", "学" * 80, by="李")
    with pytest.raises(InputError, match=r"80.*81|81.*80"):
        study.codebook.rename("school", "学" * 81, by="李")


def test_an_edit_of_several_parts_refuses_a_name_that_is_taken(study):
    with pytest.raises(InputError, match="想念"):
        study.codebook.edit("school", by="李", name=study.codebook["longing"].name, colour="#123456")
    study.codebook.edit("longing", by="李", name=study.codebook["longing"].name, colour="#123456")
    assert study.codebook["longing"].colour == "#123456"


def test_a_change_that_was_taken_back_is_done_again_and_taken_back_once_more(study):
    """After doing a change again, undo went on to the change before it."""
    study.record(decision(study, 0, "changed", "homework"))
    study.codebook.rename("homework", "功课", by="李")
    study.codebook.merge(["homework"], "school", by="李")
    assert study.codebook.redo(by="李") is None
    merged = study.decisions()[0].code_ids
    for _ in range(2):
        assert [study.codebook.undo(by="李") is not None for _ in range(2)] == [True, True]
        assert (study.codebook["homework"].name, study.decisions()[0].code_ids) == (
            book()["homework"].name,
            ("homework",),
        )
        assert [study.codebook.redo(by="王") is not None for _ in range(2)] == [True, True]
        assert ("homework" in study.codebook, study.decisions()[0].code_ids) == (False, merged)
        assert study.codebook.redo(by="王") is None
    study.codebook.undo(by="李")
    assert study.codebook["homework"].name.zh == "功课"
    study.codebook.rename("school", "学校", by="李")
    assert study.codebook.redo(by="李") is None, "a newer change leaves nothing to do again"


def test_a_split_that_was_taken_back_is_done_again_with_its_quotations(study):
    for number in range(3):
        study.record(decision(study, number, "changed", "school"))
    transcript = study.transcripts[0]
    span = Coding(transcript_id=transcript.id, start=0, end=3, code_id="school", coder="李")
    number = study.record_coding(span)
    parts = {"homework": [study.passages[1].id], "longing": [number]}
    study.codebook.split("school", parts, by="李")
    after = [(c.start, c.end, c.code_id) for c in study.codings(machine_top=0)]
    assert "longing" in {code for *_, code in after}
    for _ in range(2):
        study.codebook.undo(by="李")
        assert {c.code_id for c in study.codings(machine_top=0)} == {"school"}
        study.codebook.redo(by="李")
        assert [(c.start, c.end, c.code_id) for c in study.codings(machine_top=0)] == after
