"""The codebook of a study changes while people code: by whom and why, and nothing of it is lost."""

import dataclasses
import threading

import pytest
from study_samples import both, decision, made

from lbc_themes.core.errors import InputError
from lbc_themes.study import Study


@pytest.fixture
def study(tmp_path):
    with made(tmp_path) as study:
        yield study


def test_a_new_code_needs_a_name_alone_and_is_used_at_once(study):
    before = len(study.codebook)
    code = study.add_code("  数羊 入睡 ", coder="李", parent="school", reason="编码本里没有")
    assert (code.name.zh, code.definition.zh, code.parent) == ("数羊 入睡", "", "school")
    assert len(study.codebook) == before + 1
    study.record(decision(study, 0, "changed", code.id))
    with Study.open(study.path) as again:
        assert again.codebook[code.id] == code
        assert again.codebook.utterances == study.codebooks[0].utterances
        (change,) = again.codebook_changes
    assert (change.action, change.by, change.why, change.code_ids) == ("add", "李", "编码本里没有", (code.id,))


def test_every_version_of_the_codebook_can_be_read(study):
    code = study.add_code("数羊", coder="李")
    study.edit_code(dataclasses.replace(code, name=both("数羊入睡", "counting sheep")), coder="王", reason="改名")
    assert [code.id in book for book in study.codebooks] == [False, True, True]
    assert [book[code.id].name.zh for book in study.codebooks[1:]] == ["数羊", "数羊入睡"]
    assert len({book.version for book in study.codebooks}) == 3
    assert [(change.action, change.by) for change in study.codebook_changes] == [("add", "李"), ("rename", "王")]


@pytest.mark.slow
def test_a_change_costs_little_in_the_file(study):
    size = study.path.stat().st_size
    for number in range(20):
        study.add_code(f"新编码{number}", coder="李")
    assert study.path.stat().st_size - size < 60_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "more", "line"),
    [("", {}, "has no name"), (" ", {}, "has no name"), ("长" * 81, {}, "at most 80"), ("想念", {}, "already"),
     ("LONGING", {}, "already"), ("数羊", {"parent": "gone"}, "no code 'gone'")],
)  # fmt: skip
def test_names_that_are_taken_or_empty_are_refused(study, name, more, line):
    with pytest.raises(InputError, match=line):
        study.add_code(name, coder="李", **more)
    assert study.codebook_changes == ()


def test_a_code_cannot_stand_below_itself(study):
    code = study.add_code("数羊", coder="李", parent="school")
    with pytest.raises(InputError, match="circle"):
        study.edit_code(dataclasses.replace(study.codebook["school"], parent=code.id), coder="李")
    assert study.codebook["school"].parent is None


@pytest.mark.slow
def test_two_people_add_codes_at_once_and_none_is_lost(study):
    def add(names):
        with Study.open(study.path) as mine:
            for name in names:
                mine.add_code(name, coder=name[0])

    threads = [threading.Thread(target=add, args=([f"{who}{n}" for n in range(8)],)) for who in "李王周"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = {code.name.zh for code in study.codebook}
    assert {f"{who}{n}" for who in "李王周" for n in range(8)} <= names
    assert len(study.codebook_changes) == 24


def test_a_study_written_elsewhere_keeps_the_codebook_in_use(study, tmp_path):
    code = study.add_code("数羊", coder="李")
    study.record(decision(study, 0, "changed", code.id))
    with Study.from_contents(tmp_path / "copy.lbc", study.contents()) as copy:
        assert copy.codebook == study.codebook
        assert copy.decisions()[0].code_ids == (code.id,)
