"""Take the pictures of the review page for docs: python scripts/review_screenshots.py [FOLDER].

Codes the demonstration interviews as two people would, and photographs the page in Chinese and English, on a
desk and on a tablet. Needs Chromium (CHROMIUM names it) and the packages playwright and lbc_themes[review].
"""

import csv
import os
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

import lbc_themes as lbc
from lbc_themes.core.records import Decision, Passage, Verdict
from lbc_themes.encoding import load_encoder
from lbc_themes.review import serve
from lbc_themes.study import Study
from lbc_themes.study.themes import find_themes

DEMO = Path(__file__).parent.parent / "corpora" / "zhuzhai-demo"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
SIZES = {"": (1280, 800), "-tablet": (820, 1180)}


def made(path: Path) -> Study:
    """Return a study of the demonstration interviews: coded by hand as far as C03, and once more with some slips."""
    book = lbc.load_codebook("left-behind-children")
    study = Study.create(path, lbc.read_transcripts(DEMO / "interviews"), book)
    study.add_suggestions(lbc.CodeSuggester(book).suggest(study.passages), run="first")
    with (DEMO / "codings.csv").open(encoding="utf-8-sig", newline="") as file:
        coded = list(csv.DictReader(file))
    for number, passage in enumerate(p for p in study.passages if p.transcript_id in {"C01", "C02", "C03"}):
        codes = coded_on(passage, coded)
        others = codes if number % 4 else codes[1:]
        for coder, given in (("王", codes), ("李", others)):
            if coder == "王" or passage.transcript_id == "C01" or number < 30:
                verdict = Verdict.CHANGED if given else Verdict.REJECTED
                study.record(Decision(passage_id=passage.id, verdict=verdict, code_ids=given, coder=coder, time=""))
    find_themes(study, load_encoder("e5-small-zh.v1", None))
    return study


def coded_on(passage: Passage, coded: list[dict[str, str]]) -> tuple[str, ...]:
    """Return the codes given by hand that touch a passage."""
    here = (row for row in coded if row["transcript"] == passage.transcript_id)
    touching = (row for row in here if int(row["start"]) < passage.end and int(row["end"]) > passage.start)
    return tuple(dict.fromkeys(row["code"] for row in touching))


def photograph(page: Page, base: str, folder: Path, suffix: str, passages: dict[str, str]) -> None:
    """Write the pictures of one size."""

    def shot(name: str) -> None:
        page.wait_for_load_state("networkidle")
        for waiting in page.locator("[data-again]").all():
            waiting.wait_for(state="detached")
        page.screenshot(path=folder / f"review-{name}{suffix}.png")

    page.goto(f"{base}/code?p={passages['open']}")
    shot("coding")
    page.keyboard.press("/")
    page.keyboard.type("照顾")
    shot("codebook")
    page.keyboard.press("Escape")
    page.goto(f"{base}/adjudicate?p={passages['differs']}")
    shot("settle")
    page.goto(f"{base}/quotations?c={passages['code']}")
    page.evaluate("document.getElementById('quotations-head').scrollIntoView()")
    shot("quotations")
    page.goto(f"{base}/search?q=奶奶")
    shot("search")
    page.goto(f"{base}/dashboard")
    shot("dashboard")
    part = page.locator("section[aria-labelledby=themes-head]")
    part.screenshot(path=folder / f"review-themes{suffix}.png")
    if not suffix:
        page.click("button[name=language]")
        page.goto(f"{base}/code?p={passages['open']}")
        shot("coding-en")


def main(folder: Path) -> None:
    """Make the study, serve it, and take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    said: list[str] = []
    browser_path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as place, made(Path(place) / "zhuzhai.lbc") as study:
        decided = {d.passage_id for d in study.decisions(coder="李")}
        open_ones = [p.id for p in study.passages if p.id not in decided and len(p.text) > 60]
        sure = [i for i in open_ones if (s := study.suggestion_for(i)) and s.codes]
        given = {d.passage_id: set(d.code_ids) for d in study.decisions(coder="王")}
        differs = [d.passage_id for d in study.decisions(coder="李") if given.get(d.passage_id) != set(d.code_ids)]
        often = Counter(code for d in study.decisions(coder="李") for code in d.code_ids).most_common(1)[0][0]
        passages = {"open": sure[1], "differs": differs[0], "code": often}
        options = {"coder": "李", "learn": False, "announce": said.append}
        threading.Thread(target=serve, args=(study.path,), kwargs=options, daemon=True).start()
        while not said:
            time.sleep(0.1)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path, args=QUIET)
            for suffix, (width, height) in SIZES.items():
                touch = {"has_touch": bool(suffix), "is_mobile": bool(suffix)}
                page = browser.new_context(viewport={"width": width, "height": height}, **touch).new_page()
                page.goto(said[0])
                photograph(
                    page,
                    page.evaluate("location.origin + document.body.dataset.base").rstrip("/"),
                    folder,
                    suffix,
                    passages,
                )
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/images"))
