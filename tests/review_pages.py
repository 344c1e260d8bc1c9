"""A browser without a browser: opens the review page of a small study, reads forms, sends them back."""

import re
import time
from contextlib import contextmanager
from html import unescape
from html.parser import HTMLParser

from starlette.testclient import TestClient

from lbc_themes.review import make_app

HOST = "127.0.0.1:8123"
ORIGIN = f"http://{HOST}"
TOKEN = "open-sesame"
WAIT = 60  # seconds


def patiently():
    """Try again and again, for so long that only a fault and no busy machine comes to the end."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        yield
        time.sleep(0.05)


class Reader(HTMLParser):
    """Collects the tags of a page with their attributes, and the words outside tags."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.words.append(data)


def tags(answer, name):
    return [attributes for tag, attributes in Reader(answer.text).tags if tag == name]


def values(answer, name):
    return [a.get("value", "") for a in tags(answer, "input") if a.get("name") == name]


def refused(answer):
    return [a for a in tags(answer, "p") if a.get("role") == "alert" and "hidden" not in a]


def remark(answer):
    return unescape(re.search(r'id="remark" role="status">([^<]*)<', answer.text)[1])


def passage_of(answer):
    return values(answer, "passage")[0]


def base_of(answer):
    """Return the part of a page's address that belongs to its session alone."""
    return "/" + answer.url.path.split("/")[1]


class Coder:
    """One browser with a session."""

    def __init__(self, client):
        self.client = client
        self.page = client.get(f"/?token={TOKEN}")
        self.base = base_of(self.page)

    def get(self, path, **query):
        self.page = self.client.get(self.base + path, params=query)
        return self.page

    def part(self, name):
        """Return a part of the dashboard once its figure is there, as the page does."""
        for _ in patiently():
            answer = self.client.get(f"{self.base}/dashboard/{name}")
            if "data-again" not in answer.text:
                return answer
        raise AssertionError(f"{name} was never reckoned")

    def send(self, path, headers=None, **fields):
        """Send a form as the page that is open would."""
        fields = {"csrf": values(self.page, "csrf")[0], **fields}
        self.page = self.client.post(self.base + path, data=fields, headers={"origin": ORIGIN, **(headers or {})})
        return self.page

    def decide(self, passage_id, **fields):
        self.get("/code", p=passage_id)
        shown = {"run": values(self.page, "run")[0], "offered": values(self.page, "offered")}
        return self.send("/decide", passage=passage_id, **{**shown, **fields})


@contextmanager
def opened(study, *, coder="李", learn=False, **more):
    """Open the page of a study; more browsers come from ``Coder(TestClient(app, ...))``."""
    app = make_app(study, address=HOST, token=TOKEN, coder=coder, learn=learn, **more)
    with TestClient(app, base_url=ORIGIN) as client:
        yield Coder(client)


def another(coder):
    """Return a second browser on the same server."""
    return Coder(TestClient(coder.client.app, base_url=ORIGIN))
