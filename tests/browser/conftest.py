"""A real server and a real Chromium: ``make test-browser``. CHROMIUM names the browser where it is not found."""

import os
import shutil
from importlib import resources

import pytest

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-quic",
)  # fmt: skip
WAIT = 30_000


def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(scope="session")
def chromium():
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next((p for name in names if (p := shutil.which(name))), None)
    if path is None:
        pytest.fail("the browser tests need Chromium, and it is not on this machine: install it, or set CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET])
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium):
    """Open pages, each in a browser profile of its own; afterwards nothing may have gone wrong or gone out."""
    contexts, faults, expected = [], [], []

    def opened(address, size=(1280, 800), **options):
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: None if "//127.0.0.1:" in request.url else faults.append(request.url))
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        page.goto(address)
        return page

    opened.expect = expected.append
    yield opened
    for context in contexts:
        context.close()
    assert [fault for fault in faults if not any(words in fault for words in expected)] == []


@pytest.fixture
def axe():
    """The text of axe-core, which the package axe-playwright-python carries."""
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
