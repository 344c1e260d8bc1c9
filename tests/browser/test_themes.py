"""From theme to code: the board by mouse, by keys, in both languages and at three widths."""

import pytest
from browser_pages import faults, go, serving

from lbc_themes.study import FoundTheme, StudyThemes
from lbc_themes.study.theme_board import theme_board

SIZES = [(1280, 800), (768, 1024), (390, 844)]


@pytest.fixture
def found(study):
    first, second, third = (p.id for p in study.passages[:3])
    themes = (
        FoundTheme(id=0, name="想妈", keywords=("想",), passages=(first, second), typical=(first,), participants=1),
        FoundTheme(id=1, name="作业", keywords=("作业",), passages=(third,), typical=(third,), participants=1),
    )
    study.add_themes(StudyThemes(encoder="x", seed=0, passages=3, themes=themes))
    return study


def shape(study):
    return {t.name: t.passages for t in theme_board(study).themes}


def test_a_passage_is_dragged_onto_another_theme_and_u_brings_it_back(found, browse):
    first, second, third = (p.id for p in found.passages[:3])
    with serving(found.path, coder="李") as address:
        page = browse(address)
        go(page, "themes")
        page.click("text=想妈")
        with page.expect_navigation():
            page.drag_and_drop(f"li[data-passage='{second}']", ".target >> text=作业")
        assert shape(found) == {"作业": (third, second), "想妈": (first,)}
        with page.expect_navigation():
            page.keyboard.press("u")
        assert shape(found) == {"想妈": (first, second), "作业": (third,)}


def test_from_theme_to_code_by_keys_alone(found, browse):
    second = found.passages[1].id
    with serving(found.path, coder="李") as address:
        page = browse(address)
        go(page, "themes")
        page.focus(".board a >> nth=0")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.focus(f"input[name=at][value='{second}']")
        page.keyboard.press("Space")
        page.focus("#to")
        page.keyboard.press("ArrowDown")
        assert page.locator("#new-theme").is_visible()
        page.focus("#new-theme input")
        page.keyboard.type("自己的")
        page.focus("button[value=move]")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert shape(found)["自己的"] == (second,)
        page.focus("button[value=take]")
        with page.expect_navigation():
            page.keyboard.press("Space")
        assert "得到建议，没有编码" in page.locator("#remark").inner_text()
        (code,) = [c for c in found.codebook if c.name.zh == "自己的"]
        assert found.suggestion_for(second).codes[0].code_id == code.id
        assert found.codings(machine_top=0) == []
        page.click("text=看编码，改定义")
        assert "草稿" in page.locator("main").inner_text()


def test_themes_are_merged_by_mouse(found, browse):
    with serving(found.path, coder="李") as address:
        page = browse(address)
        go(page, "themes")
        for box in page.locator("input[name=theme]").all():
            box.check()
        page.fill("input[name=name]", "都在这里")
        with page.expect_navigation():
            page.click("button[value=merge]")
        assert list(shape(found)) == ["都在这里"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_board_fits_and_axe_finds_nothing_serious(found, browse, axe, size, language):
    with serving(found.path, coder="李") as address:
        page = browse(address, size, bypass_csp=True)
        if language == "en":
            with page.expect_navigation():
                page.click("button[name=language]")
        go(page, "themes")
        assert faults(page, axe) == []
        page.click(".board a >> nth=0")
        page.fill("input[name=name] >> nth=0", "夜里想妈妈")
        with page.expect_navigation():
            page.click("button[value=rename]")
        for path in ("themes", page.url.rpartition("/")[2]):
            go(page, path)
            assert faults(page, axe) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
