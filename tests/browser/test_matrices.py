"""Matrices by mouse and by key, in both languages and at three widths."""

import pytest
from browser_pages import faults, go, serving
from study_samples import decision, reference, transcripts

from lbc_themes.study import Study

SIZES = [(1280, 800), (768, 1024), (390, 844)]


@pytest.fixture
def coded(tmp_path):
    with Study.create(tmp_path / "zhuzhai.lbc", transcripts(), reference()) as study:
        study.record(decision(study, 0, "changed", "stress.yearning", "burden.chores"))
        study.record(decision(study, 1, "changed", "coping.avoidance"))
        study.record(decision(study, 2, "changed", "support.informal.teachers", coder="王"))
        yield study


def test_a_number_leads_to_its_quotations_and_on_to_the_interview(coded, browse):
    with serving(coded.path, coder="李") as address:
        page = browse(address)
        go(page, "matrices")
        page.select_option("select[name=facet]", "attachment")
        page.click("form button.main")
        row = page.locator("tr", has_text="寻求亲近")
        assert "K01" in row.inner_text()
        assert "没有引文支持" in page.locator("tr", has_text="安全基地").inner_text()
        row.locator("a").first.click()
        assert page.locator("#cell li").count() == 1
        page.click("#cell li a")
        page.wait_for_url("**/code?p=K01*")


def test_matrices_are_worked_by_keys_alone(coded, browse):
    with serving(coded.path, coder="李") as address:
        page = browse(address)
        go(page, "matrices?kind=code")
        page.focus(".matrix a")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.locator("#cell li").count() == 1
        page.focus("select[name=relation]")
        page.keyboard.press("ArrowDown")
        page.focus("form button.main")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "relation=near" in page.url
        assert page.locator(".matrix a").count() > 2


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_matrices_fit_and_axe_finds_nothing_serious(coded, browse, axe, size, language):
    with serving(coded.path, coder="李") as address:
        page = browse(address, size, bypass_csp=True)
        if language == "en":
            with page.expect_navigation():
                page.click("button[name=language]")
        for path in ("matrices", "matrices?kind=attribute", "matrices?kind=interview", "matrices?kind=code"):
            go(page, path)
            if page.locator(".matrix a").count():
                page.locator(".matrix a").first.click()
            assert faults(page, axe) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
