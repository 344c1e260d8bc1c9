"""What people do with candidate themes stays, whatever the machine finds later, and never codes anything."""

from dataclasses import replace

import pytest
from study_samples import book, decision, suggested_study, transcript

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Role
from lbc_themes.core.study_log import is_theme_edit
from lbc_themes.study import FoundTheme, Study, StudyThemes
from lbc_themes.study.recovery import check_study
from lbc_themes.study.theme_board import (
    ASIDE,
    map_theme,
    merge_themes,
    move_passages,
    redo_theme_step,
    rename_theme,
    split_theme,
    take_as_code,
    theme_board,
    undo_theme_step,
)

ANSWERS = (
    "想我妈想得睡不着。",
    "晚上就想我妈。",
    "作业没人看，看不懂。",
    "作业写不完，老师留堂。",
    "拔草，放牛，什么都干。",
)


@pytest.fixture
def study(tmp_path):
    texts = [
        transcript(name, "".join(f"访谈者：呢？\n小麦：{a}\n" for a in ANSWERS), ("小麦", Role.CHILD), participant=name)
        for name in ("K01", "K02")
    ]
    with Study.create(tmp_path / "b.lbc", texts, book()) as study:
        yield study


def ids(study, *numbers, of="K01"):
    inside = [p.id for p in study.passages if p.transcript_id == of]
    return tuple(inside[n] for n in numbers)


def find(study, *groups, time="2026-01-01T00:00:00Z"):
    themes = tuple(
        FoundTheme(
            id=n, name=name, keywords=tuple(name), passages=passages, typical=passages[:1], participants=1,
            stability=0.75,
            status="new",
        )
        for n, (name, passages) in enumerate(groups)
    )  # fmt: skip
    study.add_themes(StudyThemes(encoder="x", seed=0, passages=len(study.passages), themes=themes, time=time))


@pytest.fixture
def found(study):
    find(study, ("想妈", ids(study, 0, 1)), ("作业", ids(study, 2, 3)), ("活", ids(study, 4)))
    return study


def named(study, name):
    return next(t for t in theme_board(study).themes if t.name == name)


def shape(study):
    return {t.name: t.passages for t in theme_board(study).themes}


def test_the_board_begins_as_the_machine_left_it(found):
    assert shape(found) == {"想妈": ids(found, 0, 1), "作业": ids(found, 2, 3), "活": ids(found, 4)}
    theme = named(found, "想妈")
    assert (theme.by, theme.code, theme.participants, theme.status, theme.stability) == ((), "", 1, "new", 0.75)


def test_each_step_is_a_line_of_the_log_by_a_person_with_a_reason(found):
    rename_theme(found, named(found, "想妈").key, "夜里想妈妈", by="李", why="都在夜里")
    (entry,) = found.history()
    assert entry.coder == "李"
    assert is_theme_edit(entry.record)
    assert entry.record.text == "主题“想妈”改名为“夜里想妈妈”\n都在夜里"
    assert named(found, "夜里想妈妈").by == ("李",)
    assert named(found, "夜里想妈妈").keywords == ("想", "妈")


def test_passages_are_moved_by_hand_and_put_aside(found):
    move_passages(found, ids(found, 3), named(found, "想妈").key, by="李")
    assert shape(found) == {"想妈": ids(found, 0, 1, 3), "作业": ids(found, 2), "活": ids(found, 4)}
    move_passages(found, ids(found, 0), ASIDE, by="王")
    assert shape(found)["想妈"] == ids(found, 1, 3)
    assert theme_board(found).aside == ids(found, 0)
    assert named(found, "想妈").by == ("李",)


def test_themes_are_merged_and_split(found):
    keys = [named(found, name).key for name in ("作业", "活")]
    assert merge_themes(found, keys, by="李", name="学和干活") == keys[0]
    assert shape(found) == {"学和干活": ids(found, 2, 3, 4), "想妈": ids(found, 0, 1)}
    split_theme(found, ids(found, 1, 4), "另外", by="李")
    assert shape(found) == {"学和干活": ids(found, 2, 3), "另外": ids(found, 1, 4), "想妈": ids(found, 0)}
    every = [passage for passages in shape(found).values() for passage in passages]
    assert sorted(every) == sorted(ids(found, 0, 1, 2, 3, 4))


def test_what_people_decided_stays_when_interviews_are_added_and_themes_found_anew(found):
    rename_theme(found, named(found, "想妈").key, "夜里想妈妈", by="李")
    move_passages(found, ids(found, 2), named(found, "夜里想妈妈").key, by="李")
    new = ids(found, 0, 1, 2, of="K02")
    find(
        found, ("想", (*ids(found, 0, 1), new[0])), ("写", (*ids(found, 2, 3, 4), new[1])), ("新", (new[2],)),
        time="2999-02-01T00:00:00Z",
    )  # fmt: skip
    board = shape(found)
    assert board["夜里想妈妈"] == ids(found, 0, 1, 2)
    assert named(found, "夜里想妈妈").alike == (new[0],)
    assert board["写"] == (*ids(found, 3, 4), new[1])
    assert board["新"] == (new[2],)
    move_passages(found, new[:1], named(found, "夜里想妈妈").key, by="王")
    assert shape(found)["夜里想妈妈"] == (*ids(found, 0, 1, 2), new[0])
    assert named(found, "夜里想妈妈").alike == ()


def test_a_passage_that_was_put_aside_comes_back_with_no_theme(found):
    move_passages(found, ids(found, 4), ASIDE, by="李")
    find(found, ("活儿", ids(found, 4)), time="2999-02-01T00:00:00Z")
    assert "活儿" not in shape(found)
    assert theme_board(found).aside == ids(found, 4)


def test_steps_are_taken_back_one_after_the_other_and_by_their_own_person_only(found):
    before = shape(found)
    merge_themes(found, [named(found, name).key for name in ("作业", "活")], by="李")
    split_theme(found, ids(found, 0), "一个", by="李")
    assert undo_theme_step(found, by="王") is None
    assert undo_theme_step(found, by="李").action == "split"
    assert undo_theme_step(found, by="李").action == "merge"
    assert undo_theme_step(found, by="李") is None
    assert shape(found) == before
    assert all(theme.by == () for theme in theme_board(found).themes)


def test_a_step_on_a_theme_whose_making_was_taken_back_harms_nothing(found):
    key = split_theme(found, ids(found, 0), "一个", by="李")
    rename_theme(found, key, "改了", by="王")
    undo_theme_step(found, by="李")
    assert shape(found) == {"想妈": ids(found, 0, 1), "作业": ids(found, 2, 3), "活": ids(found, 4)}


def test_two_people_at_once_both_count(found):
    with Study.open(found.path) as other:
        key = named(found, "想妈").key
        rename_theme(found, key, "夜里", by="李")
        move_passages(other, ids(found, 2), key, by="王")
    assert shape(found)["夜里"] == ids(found, 0, 1, 2)
    assert named(found, "夜里").by == ("李", "王")


# --- From theme to code.


def test_a_theme_taken_as_a_code_suggests_and_codes_nothing(found):
    found.record(decision(found, 2, "changed", "school"))
    coded = found.codings(machine_top=0)
    code_id = take_as_code(found, named(found, "想妈").key, by="李", name="夜里想妈")
    code = found.codebook[code_id]
    assert code.name.zh == "夜里想妈"
    assert code.definition.zh.startswith("（草稿，请改写）取自候选主题“想妈”：2 段，1 人说到")
    assert code.indicators == ("想", "妈")
    assert found.codings(machine_top=0) == coded
    first = found.suggestion_for(ids(found, 0)[0])
    assert [c.code_id for c in first.codes] == [code_id]
    assert first.codes[0].evidence.words == ("想", "妈")
    assert found.suggestion_for(ids(found, 2)[0]) is None
    assert (named(found, "想妈").code, named(found, "想妈").taken) == (code_id, True)


def test_suggestions_that_were_there_stay_behind_the_new_one(tmp_path):
    with suggested_study(tmp_path) as study:
        first = study.passages[0].id
        before = study.suggestion_for(first)
        find(study, ("拔草", (first,)))
        code_id = take_as_code(study, named(study, "拔草").key, by="李")
        after = study.suggestion_for(first)
        assert [c.code_id for c in after.codes] == [code_id, *(c.code_id for c in before.codes)]
        assert after.codes[1:] == before.codes
        assert after.codes[0].score >= before.codes[0].score
        assert study.suggestions("a")[0] == before


def test_taking_a_theme_as_a_code_is_taken_back_with_the_code_unless_it_is_used(found):
    codes = found.codebook.ids
    code_id = take_as_code(found, named(found, "想妈").key, by="李")
    undo_theme_step(found, by="李")
    assert found.codebook.ids == codes
    code_id = take_as_code(found, named(found, "想妈").key, by="李")
    found.record(decision(found, 0, "accepted", code_id, coder="王"))
    undo_theme_step(found, by="李")
    assert code_id in found.codebook
    assert named(found, "想妈").code == ""


def test_a_theme_belongs_to_a_code_and_follows_it_when_it_is_merged(found):
    key = named(found, "作业").key
    map_theme(found, key, "homework", by="李")
    assert (named(found, "作业").code, named(found, "作业").taken) == ("homework", False)
    assert found.codings() == []
    found.codebook.merge(["homework"], "school", by="李")
    assert named(found, "作业").code == "school"
    map_theme(found, key, "", by="李")
    assert named(found, "作业").code == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "words"),
    [(lambda s, _: rename_theme(s, "nothing", "x", by="李"), "no theme nothing"),
     (lambda s, k: rename_theme(s, k, "  ", by="李"), "has no name"),
     (lambda s, k: rename_theme(s, k, "x", by="machine"), "machine"),
     (lambda s, k: move_passages(s, [], k, by="李"), "no passages are chosen"),
     (lambda s, k: move_passages(s, ["X:1"], k, by="李"), "no passage 'X:1'"),
     (lambda s, k: merge_themes(s, [k, k], by="李"), "two or more"),
     (lambda s, k: map_theme(s, k, "nothing", by="李"), "nothing"),
     (lambda s, k: take_as_code(s, k, by="李", name="学校"), "学校")],
)  # fmt: skip
def test_what_is_refused_changes_nothing(found, step, words):
    key, before, log, codes = named(found, "想妈").key, shape(found), found.history(), found.codebook.ids
    with pytest.raises(InputError, match=words):
        step(found, key)
    assert (shape(found), found.history(), found.codebook.ids) == (before, log, codes)


def test_a_participant_who_withdraws_leaves_the_board_and_the_steps_of_others_stay(found):
    both = (*ids(found, 0), *ids(found, 0, of="K02"))
    split_theme(found, both, "两个人", by="李")
    assert named(found, "两个人").participants == 2
    found.withdraw("K01", by="周")
    assert shape(found) == {"两个人": ids(found, 0, of="K02")}
    assert "K01" not in found.path.read_bytes().decode("utf-8", "replace")


def test_the_board_travels_in_a_copy_without_what_the_machine_found(found, tmp_path):
    rename_theme(found, named(found, "想妈").key, "夜里", by="李")
    with Study.from_contents(tmp_path / "copy.lbc", replace(found.contents(), name="copy")) as copy:
        assert shape(copy) == {"夜里": ids(found, 0, 1)}


def test_taking_a_theme_as_a_code_is_stored_whole_or_not_at_all(found, monkeypatch):
    """A fault between its parts left a code without the step, and suggestions for it."""
    before, book, log, runs = shape(found), found.codebook, found.history(), found.runs
    monkeypatch.setattr("lbc_themes.study.theme_board._record", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take_as_code(found, named(found, "想妈").key, by="李", name="夜里")
    with Study.open(found.path) as other:
        for study in (found, other):
            assert (shape(study), study.codebook, study.history(), study.runs) == (before, book, log, runs)
    monkeypatch.undo()
    code = take_as_code(found, named(found, "想妈").key, by="李", name="夜里")
    assert named(found, "想妈").code == code
    assert check_study(found.path).damages == ()


@pytest.mark.slow
def test_what_was_taken_back_on_the_board_is_done_again_step_by_step(found):
    shapes = [shape(found)]
    rename_theme(found, named(found, "想妈").key, "夜里想妈妈", by="李")
    shapes.append(shape(found))
    merge_themes(found, [named(found, name).key for name in ("作业", "活")], by="李")
    shapes.append(shape(found))
    code = take_as_code(found, named(found, "夜里想妈妈").key, by="李")
    for _ in range(2):
        for _ in range(3):
            undo_theme_step(found, by="李")
        assert (shape(found), code in found.codebook) == (shapes[0], False)
        assert [redo_theme_step(found, by="李").action for _ in range(3)] == ["rename", "merge", "take"]
        assert (shape(found), code in found.codebook) == (shapes[2], True)
        assert named(found, "夜里想妈妈").code == code
        assert redo_theme_step(found, by="李") is None
    undo_theme_step(found, by="李")
    assert redo_theme_step(found, by="王") is None, "nobody does again what another took back"
    move_passages(found, ids(found, 0), ASIDE, by="李")
    assert redo_theme_step(found, by="李") is None, "a newer step leaves nothing to do again"


def test_a_code_that_went_by_the_history_of_the_codebook_comes_back_with_its_step(found):
    code = take_as_code(found, named(found, "想妈").key, by="李", name="夜里想妈")
    added = next(c for c in found.codebook_history() if c.action == "add" and code in c.code_ids)
    found.codebook.undo(by="李", version=added.version)
    assert code not in found.codebook
    undo_theme_step(found, by="李")
    redo_theme_step(found, by="李")
    assert code in found.codebook
    assert named(found, "想妈").taken
