"""The board of themes on the page: themes are worked on by people; nothing is coded by it."""

import re
from dataclasses import replace
from html import unescape

import pytest
from review_pages import opened, refused, remark, values

from lbc_themes.review import workspace
from lbc_themes.study import FoundTheme, StudyThemes
from lbc_themes.study.theme_board import theme_board


@pytest.fixture
def found(study):
    first, second, third = (p.id for p in study.passages[:3])
    themes = (
        FoundTheme(id=0, name="想妈", keywords=("想",), passages=(first, second), typical=(first,), participants=1),
        FoundTheme(id=1, name="作业", keywords=("作业",), passages=(third,), typical=(third,), participants=1),
    )
    study.add_themes(StudyThemes(encoder="x", seed=0, passages=3, themes=themes))
    return study


@pytest.fixture
def coder(found):
    with opened(found) as coder:
        yield coder


def key_of(study, name):
    return next(t.key for t in theme_board(study).themes if t.name == name)


def shape(study):
    return {t.name: t.passages for t in theme_board(study).themes}


def test_a_theme_is_opened_renamed_and_its_passages_read(coder, found):
    page = coder.get("/themes")
    assert "想妈" in page.text
    page = coder.get("/theme", k=key_of(found, "想妈"))
    assert values(page, "at") == [p.id for p in found.passages[:2]]
    coder.send("/theme", action="rename", k=key_of(found, "想妈"), name="夜里想妈妈")
    assert "夜里想妈妈" in remark(coder.page)
    assert "夜里想妈妈" in coder.get("/themes").text


def test_passages_are_moved_and_a_new_theme_is_made_of_them(coder, found):
    first, second, third = (p.id for p in found.passages[:3])
    key = key_of(found, "想妈")
    coder.get("/theme", k=key)
    coder.send("/theme", action="move", k=key, at=[second], to=key_of(found, "作业"))
    assert shape(found) == {"想妈": (first,), "作业": (third, second)}
    coder.send("/theme", action="move", k=key, at=[first], to="new", new_name="新的")
    assert shape(found) == {"新的": (first,), "作业": (third, second)}
    coder.send("/theme", action="move", k=key_of(found, "新的"), at=[first], to="aside")
    assert theme_board(found).aside == (first,)
    assert first in coder.get("/theme", k="aside").text


def test_what_the_machine_set_aside_is_shown_and_taken_back_and_the_step_undone(coder, found):
    first, second, third = (p.id for p in found.passages[:3])
    theme = FoundTheme(id=0, name="想妈", keywords=("想",), passages=(first,), typical=(first,), participants=1)
    found.add_themes(StudyThemes(encoder="x", seed=0, passages=3, themes=(theme,), set_aside=(second, third)))
    page = coder.get("/themes")
    assert "机器放在一边的（2 段）" in page.text
    assert found.passages[1].text[:10] in page.text
    assert values(coder.get("/theme", k="set-aside"), "at") == [second, third]
    coder.send("/theme", action="move", k="set-aside", at=[second], to=key_of(found, "想妈"))
    assert shape(found) == {"想妈": (first, second)}
    assert values(coder.page, "at") == [third]
    coder.send("/theme-undo", back="theme?k=set-aside")
    assert values(coder.page, "at") == [second, third]
    found.add_themes(StudyThemes(encoder="x", seed=0, passages=3, themes=(theme,)))
    assert "放在一边" not in coder.get("/themes").text


def test_passages_in_no_theme_are_shown_and_put_into_one(coder, found):
    first, second, third = (p.id for p in found.passages[:3])
    theme = FoundTheme(id=0, name="想妈", keywords=("想",), passages=(first,), typical=(first,), participants=1)
    found.add_themes(StudyThemes(encoder="x", seed=0, passages=3, themes=(theme,), set_aside=(second,)))
    loose = [p.id for p in found.passages[2:]]
    assert loose[0] == third
    assert list(theme_board(found).loose) == loose
    page = coder.get("/themes")
    assert f"没归进主题的（{len(loose)} 段）" in page.text
    assert found.passages[2].text[:10] in page.text
    assert values(coder.get("/theme", k="loose"), "at") == loose
    coder.send("/theme", action="move", k="loose", at=[third], to=key_of(found, "想妈"))
    assert shape(found) == {"想妈": (first, third)}
    assert values(coder.page, "at") == loose[1:]
    coder.send("/theme-undo", back="theme?k=loose")
    assert values(coder.page, "at") == loose


def test_themes_are_merged_and_all_is_undone(coder, found):
    before = shape(found)
    coder.get("/themes")
    coder.send("/theme", action="merge", theme=[key_of(found, "想妈"), key_of(found, "作业")], name="都在这里")
    assert list(shape(found)) == ["都在这里"]
    coder.send("/theme-undo", back="themes")
    assert shape(found) == before
    assert "已撤销" in remark(coder.page)
    coder.send("/theme-undo", back="themes")
    assert "没有可以撤销" in remark(coder.page)


def taken(coder, found):
    """Take a theme as a code on its page and return the code."""
    key = key_of(found, "想妈")
    coder.get("/theme", k=key)
    coder.send("/theme", action="take", k=key, name="夜里想妈", parent="feeling")
    return next(c for c in found.codebook if c.name.zh == "夜里想妈")


@pytest.mark.slow
def test_a_theme_taken_as_a_code_is_found_under_the_code_as_suggestions(coder, found):
    key = key_of(found, "想妈")
    code = taken(coder, found)
    assert code.parent == "feeling"
    assert found.codings(machine_top=0) == []
    page = coder.get("/quotations", c=code.id)
    assert [p.id for p in found.passages[:2] if p.id in page.text] == [p.id for p in found.passages[:2]]
    coder.get("/theme", k=key)
    coder.send("/theme-undo", back="themes")
    assert code.id not in found.codebook


@pytest.mark.slow
def test_taking_back_on_the_page_of_a_passage_takes_the_code_of_a_theme_with_it(coder, found):
    """The key u knows no board of themes: it takes back the last step, whatever page that was made on."""
    code, passage = taken(coder, found), found.passages[0].id
    coder.get("/code", p=passage)
    coder.send("/undo", passage=passage)
    assert code.id not in found.codebook
    assert [edit for _, edit in theme_board(found).steps if edit.action == "take"] == []
    coder.send("/redo", passage=passage)
    assert code.id in found.codebook
    assert [edit.code for _, edit in theme_board(found).steps if edit.action == "take"] == [code.id]
    coder.send("/undo", passage=passage)
    assert code.id not in found.codebook


@pytest.mark.slow
def test_a_code_of_a_theme_that_is_used_stays_when_the_step_is_taken_back(coder, found):
    code, passage = taken(coder, found), found.passages[0].id
    [step] = [entry.id for entry, edit in theme_board(found).steps if edit.action == "take"]
    coder.get("/code", p=passage)
    coder.send("/decide", passage=passage, code=[code.id])
    coder.send("/undo", passage=passage, entry=str(step))
    assert code.id in found.codebook
    assert [coding.code_id for coding in found.codings(machine_top=0)] == [code.id]


def test_a_theme_belongs_to_a_code(coder, found):
    key = key_of(found, "作业")
    coder.get("/theme", k=key)
    coder.send("/theme", action="map", k=key, code="homework")
    assert theme_board(found).theme(key).code == "homework"
    assert found.codings(machine_top=0) == []


def test_the_steps_are_told_with_who_and_are_no_memos(coder, found):
    coder.get("/theme", k=key_of(found, "想妈"))
    coder.send("/theme", action="rename", k=key_of(found, "想妈"), name="夜里")
    assert "主题“想妈”改名为“夜里”" in coder.get("/themes").text
    page = coder.get("/memos")
    assert "改名为" not in page.text
    assert "edit:" not in page.text


@pytest.mark.slow
@pytest.mark.parametrize(
    "fields",
    [{"action": "moon"}, {"action": "rename", "k": "nothing", "name": "x"}, {"action": "move", "to": "aside"},
     {"action": "merge", "theme": []}, {"action": "take", "k": "nothing"}],
)  # fmt: skip
def test_what_is_refused_changes_nothing(coder, found, fields):
    before, log = shape(found), len(found.history())
    coder.get("/themes")
    assert refused(coder.send("/theme", **fields))
    assert (shape(found), len(found.history())) == (before, log)


def test_a_blind_coder_sees_no_themes(found):
    with opened(found, blind=True) as coder:
        for path in ("/themes", "/theme"):
            answer = coder.get(path, k=key_of(found, "想妈"))
            assert refused(answer)
            assert "想妈" not in answer.text


def test_the_board_is_made_anew_by_a_step_or_a_search_and_not_by_decisions(found, monkeypatch):
    """Every page of themes projected every step and passage anew."""
    made = []
    whole = workspace.theme_board
    monkeypatch.setattr(workspace, "theme_board", lambda study: made.append(1) or whole(study))
    with opened(found) as coder:
        coder.get("/themes")
        coder.decide(found.passages[0].id, code=[found.codebook.ids[0]])
        coder.get("/themes")
        assert len(made) == 1
        coder.get("/theme", k=key_of(found, "想妈"))
        coder.send("/theme", action="rename", k=key_of(found, "想妈"), name="另一个名字")
        assert "另一个名字" in coder.get("/themes").text
        before = len(made)
        found.add_themes(replace(found.themes(), time=""))
        coder.get("/themes")
        assert len(made) == before + 1


@pytest.mark.slow
def test_every_act_is_taken_back_and_done_again_by_what_the_page_shows(coder, found):
    """The message offers the form that does it again; the key r sends the same form."""

    def step(form, words):
        assert words in remark(coder.page), (form, remark(coder.page))
        assert f'form="{form}"' in coder.page.text, form
        (action, inside) = re.search(rf'action="([^"]*)" id="{form}">(.*?)</form>', coder.page.text).groups()
        hidden = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', inside)}
        coder.send(f"/{action}", **hidden)
        return action

    passage, (first, second, *_) = found.passages[0], found.codebook.ids
    transcript = found.transcripts[0]
    head = transcript.text[passage.start : passage.start + 2]
    acts = {
        "/decide": {"passage": passage.id, "code": [first]},
        "/memo": {"passage": passage.id, "text": "记"},
        "/span": {
            "passage": passage.id, "code": [second], "start": passage.start, "end": passage.start + 2, "head": head,
            "tail": head,
        },
        "/recode": {"c": first, "to": second, "action": "add", "at": [f"p:{passage.id}"]},
        "/edit-code": {"c": first, "name_zh": "新名", "name_en": "New", "colour": "#b5cff0"},
        "/theme": {"action": "rename", "k": key_of(found, "想妈"), "name": "改了"},
        "/adjudicate": {"passage": passage.id, "code": [first], "action": "codes"},
    }  # fmt: skip
    for path, fields in acts.items():
        coder.get("/code", p=passage.id)
        coder.send(path, **fields)
        done = remark(coder.page)
        assert done, (path, coder.page.text[-300:])
        actions = [step("undo", done), step("redo", "已撤销"), step("undo", "已重做"), step("redo", "已撤销")]
        assert actions[:2] == actions[2:], path
