"""Walk the guide "Open coding from nothing" and take its pictures: python scripts/open_coding_guide.py [FOLDER].

Two people code a demonstration interview that begins with no codes at all, in a real Chromium, by the keys that the
guide (docs/open-coding.md, docs/open-coding.zh-CN.md) tells. A test walks the same way without a camera, so that the
guide stays true. Needs Chromium (CHROMIUM names it) and the packages playwright and lbc_themes[review].
"""

import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import lbc_themes as lbc
from lbc_themes.core.messages import Language
from lbc_themes.review import serve
from lbc_themes.study import Study

INTERVIEW = Path(__file__).parent.parent / "corpora" / "zhuzhai-demo" / "interviews" / "C01.txt"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
SIZE = {"width": 1180, "height": 760}
Camera = Callable[[Page, str], None]
NAMES: dict[Language, dict[str, str]] = {
    "zh": {
        "family": "家里有谁", "brother": "带弟弟", "tired": "睡不够", "phone": "电话里轮不到我", "mother": "想妈妈",
        "hair": "妈妈编的头", "dog": "跟狗说话", "cook": "做饭洗手", "night": "夜里照看", "care": "照看弟弟",
        "why": "都是替父母照看弟弟", "first": "第一次写定义",
    },
    "en": {
        "family": "Who is at home", "brother": "Minding brother", "tired": "Not enough sleep",
        "phone": "No turn on the phone", "mother": "Missing mother", "hair": "The braid she made",
        "dog": "Talking to the dog", "cook": "Cooking and washing", "night": "Watching at night",
        "care": "Looking after brother", "why": "Both are care of him", "first": "Defined at last",
    },
}  # fmt: skip


def empty_study(path: Path) -> Study:
    """Return a study of one interview with an empty codebook, as ``lbc-themes study new --codebook empty`` makes it."""
    return Study.create(path, lbc.read_transcripts(INTERVIEW), lbc.load_codebook("empty"))


def no_camera(_page: Page, _name: str) -> None:
    """Take no picture."""


def walk(browser: Browser, study: Study, language: Language, camera: Camera = no_camera) -> None:
    """Do what the guide says, step by step; ``camera`` is called with each picture's name."""
    said: list[str] = []
    options = {"learn": False, "announce": said.append}
    threading.Thread(target=serve, args=(study.path,), kwargs=options, daemon=True).start()
    while not said:
        time.sleep(0.1)
    names = NAMES[language]
    first = _opened(browser, said[0], "李", language)
    _open_coding(first, names, camera)
    _define(first, study, names, camera)
    _search(first, study, names, camera)
    _merge(first, study, names, camera)
    _split(first, study, names, camera)
    _alike(first, study, names)
    _memo_and_reading(first, camera)
    second = _opened(browser, said[0], "王", language)
    _second_coder(second, names, camera)


def _opened(browser: Browser, address: str, coder: str, language: Language) -> Page:
    """Open the page in a profile of its own and give the name."""
    page = browser.new_context(viewport=SIZE).new_page()  # type: ignore[arg-type]
    page.goto(address)
    if language == "en":
        with page.expect_navigation():
            page.click("button[name=language]")
    page.fill("#name", coder)
    _press(page, "Enter")
    return page


def _go(page: Page, path: str) -> None:
    page.goto(page.evaluate("location.origin + document.body.dataset.base") + path)


def _press(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def _code(page: Page, number: int, *names: str) -> None:
    """Give a passage codes by name: those that are not there yet are made."""
    _go(page, f"code?n={number}")
    for name in names[:-1]:
        page.keyboard.press("/")
        page.keyboard.type(name)
        page.keyboard.press("Shift+Enter")
    page.keyboard.press("/")
    page.keyboard.type(names[-1])
    _press(page, "Enter")


def _open_coding(page: Page, names: dict[str, str], camera: Camera) -> None:
    """Step 2: a name for what is said, again and again."""
    _go(page, "code?n=4")
    page.keyboard.press("/")
    page.keyboard.type(names["family"])
    camera(page, "new")
    _press(page, "Enter")
    given = [(7, "brother"), (8, "cook"), (9, "tired"), (14, "phone"), (15, "mother"), (16, "hair"), (20, "dog")]
    for number, key in given:
        _code(page, number, names[key])
    _code(page, 11, names["brother"])
    camera(page, "coded")


def _id(study: Study, name: str) -> str:
    return next(code.id for code in study.codebook if code.name.zh == name)


def _define(page: Page, study: Study, names: dict[str, str], camera: Camera) -> None:
    """Step 3: a definition beside the quotations."""
    _go(page, f"quotations?c={_id(study, names['phone'])}")
    page.click("details:has(form[action=edit-code]) summary")
    page.fill("#definition_zh", "说到打电话时轮不到自己、话没说上几句。")
    page.fill("#definition_en", "The child gets no turn, or hardly a word, when the parents call.")
    page.fill("#reason", names["first"])
    camera(page, "define")
    with page.expect_navigation():
        page.click("form[action=edit-code] button.main")


def _search(page: Page, study: Study, names: dict[str, str], camera: Camera) -> None:
    """Step 4: what was said elsewhere in the same words, coded at once after a look."""
    _go(page, "search?q=俺弟&open=1")
    boxes = page.locator("input[name=at]")
    for number in range(min(2, boxes.count())):
        boxes.nth(number).check()
    page.select_option("#recode select[name=to]", _id(study, names["brother"]))
    camera(page, "search")
    with page.expect_navigation():
        page.click("button[value=add]")


def _merge(page: Page, study: Study, names: dict[str, str], camera: Camera) -> None:
    """Step 5: two codes that mean one thing become one."""
    _go(page, "codebook")
    for key in ("brother", "cook"):
        page.check(f"#code-table input[value='{_id(study, names[key])}']")
    page.fill("#merge-bar input[name=new]", names["care"])
    page.fill("#merge-bar input[name=reason]", names["why"])
    camera(page, "merge")
    with page.expect_navigation():
        page.click("#merge-bar button")


def _split(page: Page, study: Study, names: dict[str, str], camera: Camera) -> None:
    """Step 5, the other way: one code that means two things is split, each quotation by one key."""
    code = _id(study, names["care"])
    _go(page, f"split?c={code}")
    page.fill("#new", names["night"])
    with page.expect_navigation():
        page.click("form[action=split] button")
    page.keyboard.press("0")
    page.keyboard.press("1")
    camera(page, "split")
    with page.expect_navigation():
        page.click("#split button.main")


def _alike(page: Page, study: Study, names: dict[str, str]) -> None:
    """Step 6: passages alike, answered by key."""
    _go(page, f"quotations?c={_id(study, names['care'])}")
    for _ in range(40):
        if page.locator("#alike li").count():
            break
        page.wait_for_timeout(250)
        page.reload()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator("#alike li.done").wait_for()


def _memo_and_reading(page: Page, camera: Camera) -> None:
    """Step 7: a memo, and the whole interview with stripes."""
    _go(page, "code?n=19")
    page.keyboard.press("m")
    page.keyboard.type("C01:0018 C01:0019")
    _press(page, "Control+Enter")
    _go(page, "read?t=C01")
    camera(page, "reading")


def _second_coder(page: Page, names: dict[str, str], camera: Camera) -> None:
    """Step 8: another person codes the same passages with the codebook, and the table of agreement is there."""
    given = [(4, "family"), (7, "care"), (8, "care"), (9, "tired"), (11, "care"), (14, "phone"), (15, "mother"),
             (16, "mother"), (20, "dog")]  # fmt: skip
    for number, key in given:
        _code(page, number, names[key])
    _go(page, "dashboard")
    page.wait_for_load_state("networkidle")
    for waiting in page.locator("[data-again]").all():
        waiting.wait_for(state="detached")
    page.locator("section[aria-labelledby*=agreement]").scroll_into_view_if_needed()
    camera(page, "agreement")


def main(folder: Path) -> None:
    """Walk in both languages and write the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        languages: tuple[Language, ...] = ("zh", "en")
        for language in languages:
            suffix = "" if language == "zh" else "-en"

            def shot(page: Page, name: str, suffix: str = suffix) -> None:
                page.screenshot(path=folder / f"open-coding-{name}{suffix}.png")

            with tempfile.TemporaryDirectory() as place, empty_study(Path(place) / "open.lbc") as study:
                walk(browser, study, language, shot)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/images"))
