"""The page under fingers: a tablet without keyboard or mouse."""

import pytest
from browser_pages import go, here, select, serving, verdicts
from study_samples import decision

from lbc_themes.study import FoundTheme, StudyThemes

TABLET = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}
SIZES = [(820, 1180), (1180, 820)]
SMALLEST = 44
SMALL = """() => Array.from(document.querySelectorAll("a, button, summary, label"))
  .filter((each) => each.offsetParent && !each.classList.contains("skip"))
  .map((each) => [each.id || each.textContent.trim(), each.getBoundingClientRect()])
  .filter(([, box]) => box.width < %d || box.height < %d).map(([name]) => name)"""


def tap(page, target):
    with page.expect_navigation():
        page.tap(target)


@pytest.mark.parametrize("size", SIZES)
def test_everything_to_touch_is_large_enough_and_nothing_is_cut_off(study, browse, size):
    study.record(decision(study, 1, "accepted", "longing", coder="王"))
    study.record(decision(study, 1, "accepted", "school", coder="李"))
    passage_id = study.passages[0].id
    theme = FoundTheme(id=0, name="想妈", keywords=(), passages=(passage_id,), typical=(passage_id,), participants=1)
    study.add_themes(StudyThemes(encoder="fake.v1", seed=0, passages=3, themes=(theme,)))
    with serving(study.path, coder="李") as address:
        page = browse(address, size, **TABLET)
        book = ("codebook", "codebook-history", "quotations?c=school", "search?q=想", "memos", "read?t=K01")
        for path in ("code", "interviews", "adjudicate", "dashboard", *book):
            go(page, path)
            page.wait_for_load_state("networkidle")
            assert page.evaluate(SMALL % (SMALLEST, SMALLEST)) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path


@pytest.mark.parametrize("size", SIZES)
def test_several_codes_are_ticked_by_touch_and_stored_together(study, browse, size):
    with serving(study.path, coder="李") as address:
        page = browse(address, size, **TABLET)
        for code_id in ("homework", "help.negative"):
            page.tap("#search")
            page.locator("#stay").set_checked(True)
            page.tap(f"#codes li[data-words^='{code_id}'] button")
        assert page.locator("#added .chip").all_inner_texts() == ["作业", "没帮上"]
        tap(page, "#store")
    assert verdicts(study)[0][2] == ("homework", "help.negative")


@pytest.mark.parametrize("size", SIZES)
def test_a_session_by_touch_alone(study, browse, size):
    first, second, third = (p.id for p in study.passages[:3])
    text = study.transcript("K01").text
    with serving(study.path, coder="李") as address:
        page = browse(address, size, **TABLET)
        tap(page, "#take1")
        assert here(page) == second
        tap(page, "#nothing")
        assert here(page) == third
        page.tap("#search")
        tap(page, "#codes li[data-words^='homework'] button")
        tap(page, "button[form=undo]")
        assert here(page) == third
        go(page, f"code?p={first}")
        select(page, "拔完就在田埂")
        page.tap("#code-selection")
        tap(page, "#codes li[data-words^='school'] button")
        page.tap("#write-memo")
        page.fill("#memo textarea", "回头再看")
        tap(page, "#memo button.main")
    assert verdicts(study) == [(first, "accepted", ("longing",)), (second, "rejected", ())]
    (coding,) = [c for c in study.codings(coder="李") if c.code_id == "school"]
    assert text[coding.start : coding.end] == "拔完就在田埂"
    assert [memo.text for memo in study.memos()] == ["回头再看"]
