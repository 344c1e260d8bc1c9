"""From files to coded words and back, in a browser alone: by mouse, by keys, in both languages, at three widths."""

import pytest
from browser_pages import faults, go, serving_home

from lbc_themes.core.records import Role
from lbc_themes.study import Study

SIZES = [(1280, 800), (768, 1024), (390, 844)]
CHILD = (
    "甲：放假了干些啥？\n乙：跟外婆去菜园拔草，有时候想我妈，想得睡不着。\n甲：还有呢？\n乙：我叫王小禾，住河沟村。\n"
)
DROP = """(name) => { const data = new DataTransfer(), box = document.querySelector(".drop");
  data.items.add(new File([name[1]], name[0]));
  box.dispatchEvent(new DragEvent("drop", {bubbles: true, dataTransfer: data})); }"""


@pytest.fixture
def started(tmp_path, browse):
    browse.expect("400 (Bad Request)")

    def at(size=(1280, 800), **options):
        return browse(address, size, **options)

    with serving_home(tmp_path, tmp_path / "settings" / "home.json") as address:
        yield at


def test_a_study_from_dropped_files_to_a_coded_passage_and_an_export(started, tmp_path):
    page = started()
    page.click("header nav a[href=new]")
    page.fill("#name", "竹寨")
    page.check("input[value=empty]")
    page.evaluate(DROP, ["K01.txt", CHILD])
    page.click("button.main")
    assert "K01.txt" in page.locator("main").inner_text()
    page.locator("tr", has_text="乙").locator("button", has_text="儿童").click()
    assert page.locator("tr", has_text="乙").locator("button[aria-pressed=true]").inner_text() == "儿童"
    page.locator("tr", has_text="甲").locator("button", has_text="访谈者").click()
    page.click("button[value=patterns]")
    assert "已换成化名" in page.locator("#privacy").inner_text()
    page.locator(".foot-bar button.main").click()
    assert "放进了 1 份访谈" in page.locator("#remark").inner_text()
    with page.expect_popup() as opened:
        page.click("a.button.main")
    coding = opened.value
    coding.fill("#name", "李")
    coding.keyboard.press("Enter")
    coding.wait_for_selector("#passage-head")
    coding.keyboard.press("/")
    coding.keyboard.type("想妈妈")
    with coding.expect_navigation():
        coding.keyboard.press("Enter")
    with page.expect_download() as download:
        page.locator("button[value='codings.csv']").click()
    assert "竹寨" in download.value.suggested_filename
    with Study.open(tmp_path / "竹寨.lbc") as study:
        assert [d.code_ids for d in study.decisions(coder="李")] != []
        assert study.transcripts[0].turns[1].role is Role.CHILD
        assert "王小禾" not in study.transcripts[0].text


def test_a_study_is_made_by_keys_alone(started, tmp_path):
    page = started()
    go(page, "new")
    page.keyboard.type("田埂")
    page.set_input_files("input[name=files]", {"name": "A.txt", "mimeType": "text/plain", "buffer": CHILD.encode()})
    page.focus("#name")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    button = page.locator("tr", has_text="乙").locator("button", has_text="教师")
    button.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator(".foot-bar button.main").focus()
    with page.expect_navigation():
        page.keyboard.press("Space")
    with Study.open(tmp_path / "田埂.lbc") as study:
        assert study.passages[0].role is Role.TEACHER


def test_a_file_that_misses_the_field_leaves_the_page_alone(started):
    page = started()
    go(page, "new")
    kept = page.evaluate(
        """() => { const dataTransfer = new DataTransfer();
        const event = new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer});
        document.querySelector("h1").dispatchEvent(event); return event.defaultPrevented; }"""
    )
    assert kept


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_fit_and_axe_finds_nothing_serious(started, axe, size, language):
    page = started(size, bypass_csp=True)
    if language == "en":
        with page.expect_navigation():
            page.click("button[name=language]")

    def looked_at(what):
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert faults(page, axe) == [], what
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], what

    looked_at("empty list")
    go(page, "new")
    looked_at("new")
    page.fill("#name", "s")
    files = [("A.txt", CHILD.encode()), ("broken.docx", b"no document")]
    page.set_input_files(
        "input[name=files]", [{"name": n, "mimeType": "text/plain", "buffer": data} for n, data in files]
    )
    page.click("button.main")
    looked_at("files")
    page.click("button[value=patterns]")
    looked_at("de-identified")
    page.locator(".foot-bar button.main").click()
    looked_at("study")
    page.click("a[href^='check']")
    looked_at("check")
    go(page, "")
    looked_at("list")
    go(page, "study?s=none")
    looked_at("refusal")
