"""How long a report takes to view, and how heavy it is, for 40 long interviews.

The interviews are invented ones of 200 answers each (see ``scale_texts``); they say nothing of quality. A report is
written as ``lbc-themes run`` writes it, with its pictures, and opened from disk in Chromium, headless, without a
network and without a cache, three times at 1280 x 900; the middle time counts. "To view" is from the request until the
first screen is painted (first contentful paint) and until the page answers a click (the load event, after all scripts
have run); then the longest interview, the most frequent code and the first picture are opened, and each is timed until
its words are on the screen. Memory is the script heap after all that.
"""

import os
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.scale_texts import write_interviews
from lbc_themes.core.errors import InputError
from lbc_themes.pipeline import RunOptions, run
from lbc_themes.report import write_report

NAME = "report"
QUESTION = "Is a report of 40 long interviews under 6 MB, and viewed in under 2 s?"
DATA: tuple[str, ...] = ()
PACKAGES = ("plotly", "jinja2")
NOTE = """
Targets: under 2 s to view and under 6 MB in view; both are met, on a machine that was busy with other work. The file
that it replaced, one page with everything built, had 27 MB, 174,000 nodes and took 6 s.
"""
SEED = 0
TURNS = 200
SIZES = (40,)
TIMES = 3
_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-quic",
)  # fmt: skip
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OPEN = """(selector) => new Promise((done) => {
  const box = document.querySelector(selector), begun = performance.now();
  const ready = () => box.querySelector("article") ? requestAnimationFrame(() => done(performance.now() - begun))
                                                    : requestAnimationFrame(ready);
  box.querySelector("summary").click(); ready();
})"""
_DRAW = """() => new Promise((done) => {
  const box = document.querySelector("figure"), begun = performance.now();
  const ready = () => box.querySelector(".main-svg") ? done(performance.now() - begun) : requestAnimationFrame(ready);
  box.scrollIntoView(); ready();
})"""
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
_LOADED = "() => performance.getEntriesByType('navigation')[0].loadEventEnd"


def main(_data: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the size of the report of each number of interviews, and how long its parts take to view."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for interviews in SIZES:
            source = Path(folder) / str(interviews)
            write_interviews(source, interviews * TURNS, SEED, TURNS)
            result = run(RunOptions(source=source, codebook="left-behind-children", out=source, pictures="themes"))
            path = Path(folder) / f"{interviews}.html"
            write_report(result, path)
            size = {"interviews": interviews, "passages": len(result.passages), "MB": path.stat().st_size / 1e6}
            rows.append(size | viewed(path))
    return {"a report from disk in Chromium": rows}


def viewed(path: Path) -> dict[str, float]:
    """Return the nodes of a report, and the middle of the times its parts take, in seconds."""
    from playwright.sync_api import sync_playwright

    browser_path = os.environ.get("CHROMIUM") or next((found for name in _NAMES if (found := shutil.which(name))), None)
    if browser_path is None:
        raise InputError("the benchmark report needs Chromium: install it, or set CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=[*_QUIET])
        times = [_viewed_once(browser, path) for _ in range(TIMES)]
        browser.close()
    return {name: statistics.median(once[name] for once in times) for name in times[0]}


def _viewed_once(browser: Any, path: Path) -> dict[str, float]:  # noqa: ANN401 (playwright is no dependency)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(path.as_uri(), wait_until="load")
    page.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
    found = {"painted s": page.evaluate(_PAINTED) / 1000, "loaded s": page.evaluate(_LOADED) / 1000}
    found["nodes"] = page.evaluate("document.getElementsByTagName('*').length")
    found["interview s"] = page.evaluate(_OPEN, ".interview") / 1000
    found["code s"] = page.evaluate(_OPEN, ".code:not(.zero)") / 1000
    found["picture s"] = page.evaluate(_DRAW) / 1000
    found["heap MB"] = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
    page.close()
    return found
