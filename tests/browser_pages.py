"""What the tests in a real browser share: a server, ways to press and select, and what axe finds."""

import threading
import time
from contextlib import contextmanager

from lbc_themes.home import serve_home
from lbc_themes.review import serve

SERIOUS = {"serious", "critical"}


@contextmanager
def serving(study_path, **more):
    """Serve a study in a thread and give the printed address; the server ends with the tests."""
    said = []
    options = {"learn": False, "announce": said.append, **more}
    threading.Thread(target=serve, args=(study_path,), kwargs=options, daemon=True).start()
    for _ in range(300):
        if said:
            break
        time.sleep(0.1)
    yield said[0]


@contextmanager
def serving_home(folder, settings):
    """Serve the home page of a folder in a thread and give its address; it ends with the block."""
    said, stop = [], threading.Event()
    options = {"browser": False, "announce": said.append, "stop": stop, "settings": settings}
    thread = threading.Thread(target=serve_home, args=(folder,), kwargs=options, daemon=True)
    thread.start()
    for _ in range(300):
        if said:
            break
        time.sleep(0.1)
    yield said[0]
    stop.set()
    thread.join(timeout=30)


def go(page, path):
    """Open another page of the session that ``page`` is in."""
    return page.goto(page.evaluate("location.origin + document.body.dataset.base") + path)


def press(page, key):
    """Press a key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def here(page):
    return page.locator("#decide input[name=passage]").input_value()


def verdicts(study, coder="李"):
    return [(d.passage_id, d.verdict.value, d.code_ids) for d in study.decisions(coder=coder)]


def select(page, words):
    page.evaluate(
        """(words) => { const walk = document.createTreeWalker(document.getElementById("text"), NodeFilter.SHOW_TEXT);
        for (let node = walk.nextNode(); node; node = walk.nextNode()) { const at = node.data.indexOf(words);
          if (at >= 0) { getSelection().setBaseAndExtent(node, at, node, at + words.length); return; } } }""",
        words,
    )
    page.wait_for_selector("#selected:not([hidden])")


def faults(page, axe):
    found = page.evaluate(f"async () => {{ {axe}; return (await axe.run()).violations; }}")
    return [(v["id"], v["impact"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found if v["impact"] in SERIOUS]
