"""The pages can be used without a mouse and with a screen reader, as far as axe can tell."""

import pytest
from browser_pages import faults, go, serving
from study_samples import decision


@pytest.mark.parametrize("size", [(1280, 800), (820, 1180)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_serious(study, browse, axe, size, language):
    study.record(decision(study, 1, "accepted", "longing", coder="王"))
    study.record(decision(study, 1, "accepted", "school", coder="李"))
    with serving(study.path) as address:
        page = browse(address, size, bypass_csp=True)
        if language == "en":
            with page.expect_navigation():
                page.click("button[name=language]")
        assert faults(page, axe) == []
        page.fill("#name", "李")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        for path in ("code", f"code?p={study.passages[1].id}", "interviews", "adjudicate", "dashboard"):
            go(page, path)
            page.wait_for_load_state("networkidle")
            assert faults(page, axe) == [], path
        go(page, "code")
        for key in ("/", "m", "s", "?"):
            page.keyboard.press(key)
            assert faults(page, axe) == [], key
            page.keyboard.press("Escape")


def test_every_button_is_reached_with_tab_and_focus_can_be_seen(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        reached = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id"))
        assert {"text", "take1", "take2", "store", "search", "reject", "nothing", "write-memo", "code-part"} <= reached


def test_a_dialog_gives_the_focus_back(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.focus("#search")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "find"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.id") == "search"
