"""How long the pages of a living codebook take in a study of 20,000 passages and 300 codes, and five coders at once.

The study is invented: half of its passages are decided by one coder, a quarter by another, 2,000 slices have codes. The
server is a process of its own, started as people start it. First one client opens pages of codes, searches, edits
codes, recodes fifty places and reads interviews, nobody else being there. Then five coders decide for a minute while
the suggester learns, each with half a second of thought between page and decision, a sixth client opens a page of the
codebook every two seconds, and the memory of the server is read. Times are of whole requests, in milliseconds.
"""

import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from benchmarks.review import _interview, _summed
from lbc_themes.codebook import load_codebook
from lbc_themes.core.records import (
    Bilingual,
    Code,
    Codebook,
    Coding,
    Decision,
    Passage,
    RankedCode,
    Suggestion,
    Verdict,
)
from lbc_themes.study import Study

NAME = "review_codebook"
QUESTION = (
    "Do a code's page, a search and an edit take under 150 ms at 20,000 passages and 300 codes, with five coders?"
)
DATA: tuple[str, ...] = ()
PACKAGES = ("starlette", "uvicorn", "jinja2")
NOTE = """
Targets: p95 of a code's page, of a search and of an edit under 150 ms; with five coders and the suggester learning,
p95 of pages and decisions under 100 ms, and memory that does not grow with the minutes.

One coder alone is inside the bound on every page (106 ms at most at p95). With five coders and the suggester learning
half of all answers come within 42 ms, but the bound is missed at p95: 148 ms for the page to code on, 462 ms for a
decision, up to a second for pages that are asked for seldom. Those are the moments in which the suggester learns anew:
it shares the interpreter with the page. Memory moves between 1.0 and 1.6 GB and does not grow.
"""
SEED = 20261127
PASSAGES, CODES, A_TRANSCRIPT, SPANS = 20_000, 300, 50, 2_000
REQUESTS = 60
CODERS = ("甲", "乙", "丙", "丁", "戊")
MINUTE, THOUGHT = 60.0, 0.5


def main(_data: Path) -> dict[str, list[dict[str, Any]]]:
    """Return times by kind of request, alone and with five coders, and the memory of the server in the minute."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.lbc"
        make(path)
        with served(path, learn=False) as (address, _):
            alone = _alone(address)
        with served(path, learn=True) as (address, server):
            together, memory = _together(address, server)
    return {
        "one client, in milliseconds": [{"request": name, **_summed(found)} for name, found in alone.items()],
        "five coders, in milliseconds": [{"request": name, **_summed(found)} for name, found in together.items()],
        "memory of the server, in MB": memory,
    }


def make(path: Path) -> None:
    """Make the invented study."""
    chance = random.Random(SEED)  # noqa: S311 (invented material, no secret)
    book = _codebook()
    made = [_interview(number, chance) for number in range(PASSAGES // A_TRANSCRIPT)]
    passages = [passage for _, inside in made for passage in inside]
    with Study.create(path, [transcript for transcript, _ in made], book, passages=passages) as study:
        study.add_suggestions([_suggestion(passage, book, chance) for passage in passages], run="first")
        study.record_all(_decision(p, "甲", book, chance) for p in passages[: PASSAGES // 2])
        study.record_all(_decision(p, "乙", book, chance) for p in passages[: PASSAGES // 4])
        spans = [
            Coding(
                transcript_id=p.transcript_id, start=p.start + 1, end=p.end - 1, code_id=chance.choice(book.ids),
                coder="甲",
            )
            for p in chance.sample(passages, SPANS)
        ]  # fmt: skip
        study.record_step(spans, coder="甲")


def _codebook() -> Codebook:
    book = load_codebook("left-behind-children")
    empty = Bilingual(zh="", en="")
    more = [
        Code(
            id=f"new-{n}", name=Bilingual(zh=f"新编码{n}", en=f"New code {n}"), brief=empty,
            definition=Bilingual(zh=f"说到第 {n} 种情形，不论好坏。", en=f"Anything said of case {n}."),
        )
        for n in range(CODES - len(book))
    ]  # fmt: skip
    return replace(book, codes=(*book.codes, *more))


def _suggestion(passage: Passage, book: Codebook, chance: random.Random) -> Suggestion:
    ranked = (RankedCode(code_id=i, score=0.0, probability=chance.random()) for i in chance.sample(book.ids, 3))
    return Suggestion(passage_id=passage.id, codes=tuple(sorted(ranked, key=lambda code: -code.probability)))


def _decision(passage: Passage, coder: str, book: Codebook, chance: random.Random) -> Decision:
    codes = tuple(dict.fromkeys((chance.choice(book.ids), chance.choice(book.ids[:20]))))
    return Decision(passage_id=passage.id, verdict=Verdict.CHANGED, code_ids=codes, coder=coder, time="")


@contextmanager
def served(path: Path, *, learn: bool) -> Iterator[tuple[str, int]]:
    """Serve a study in a process of its own; give its address and the number of the process."""
    script = "import sys; from lbc_themes.review import serve; serve(sys.argv[1], learn=sys.argv[2] == '1')"
    command = [sys.executable, "-c", script, str(path), str(int(learn))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 (our own command)
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip(), server.pid
        finally:
            server.terminate()


class Person:
    """One browser of one coder."""

    def __init__(self, address: str, coder: str) -> None:
        """Open the page and give the name."""
        self.http = httpx.Client(base_url=address.partition("/?")[0], timeout=120)
        self.times: dict[str, list[float]] = {}
        opened = self.http.get(address, follow_redirects=True)
        self.base = "/" + opened.url.path.split("/")[1]
        self.csrf = re.findall(r'name="csrf" value="([^"]*)"', opened.text)[0]
        self.post("name", "/coder", name=coder)
        self.times.clear()

    def get(self, kind: str, where: str) -> httpx.Response:
        """Ask for a page and note the time."""
        return self._timed(kind, partial(self.http.get, self.base + where, follow_redirects=True))

    def post(self, kind: str, where: str, **fields: object) -> httpx.Response:
        """Send a form and note the time."""
        origin = {"origin": str(self.http.base_url).rstrip("/")}
        form = {"csrf": self.csrf, **fields}
        return self._timed(kind, partial(self.http.post, self.base + where, data=form, headers=origin))

    def _timed(self, kind: str, ask: Callable[[], httpx.Response]) -> httpx.Response:
        begun = time.perf_counter()
        answer = ask()
        self.times.setdefault(kind, []).append(1000 * (time.perf_counter() - begun))
        if answer.status_code not in {200, 303}:
            raise AssertionError(f"{kind}: {answer.status_code} {answer.text[:300]}")
        return answer


def _alone(address: str) -> dict[str, list[float]]:
    chance = random.Random(SEED)  # noqa: S311
    me, ids = Person(address, "甲"), _codebook().ids
    me.get("first", "/search?q=妈妈")
    me.get("first", f"/quotations?c={ids[0]}&sort=typical")
    time.sleep(10)
    me.times.clear()
    for number in range(REQUESTS):
        code = chance.choice(ids)
        me.get("a code's page", f"/quotations?c={code}")
        me.get("the page of the code with most quotations", f"/quotations?c={ids[number % 20]}")
        me.get("by how typical", f"/quotations?c={ids[number % 20]}&sort=typical")
        me.get("filtered", f"/quotations?c={ids[number % 20]}&coder=甲&with={ids[(number + 1) % 20]}")
        me.get("search, one word", f"/search?q={chance.choice(['妈妈', '作业', '河边', '弟弟'])}")
        me.get("search, phrase and filters", "/search?q=“晚上躺着想她”&open=1")
        me.get("reading", f"/read?t=I{number:04}&who=*")
        me.get("codebook", "/codebook")
        page = me.get("page to code on", "/code").text
        passage = unescape(re.findall(r'name="passage" value="([^"]*)"', page)[0])
        me.post("decision", "/decide", passage=passage, action="codes", code=[code])
        name = f"编码 {number}"
        me.post(
            "edit", "/edit-code", c=code, name_zh=name, name_en=name, colour="#b5cff0", definition_zh="改过的定义。"
        )
        me.get("a code's page after an edit", f"/quotations?c={code}")
        if number % 10 == 0:
            text = me.get("codebook", f"/quotations?c={ids[number % 20]}").text
            keys = [unescape(key) for key in re.findall(r'name="at" value="([^"]*)"', text)][:50]
            me.post("recode 50", "/recode", c=ids[number % 20], action="move", to=ids[100], at=keys)
            me.post("undo 50", "/undo", back="codebook")
    return me.times


def _together(address: str, server: int) -> tuple[dict[str, list[float]], list[dict[str, Any]]]:
    people = [Person(address, coder) for coder in CODERS]
    onlooker = Person(address, "己")
    ids = _codebook().ids
    onlooker.get("first", f"/quotations?c={ids[0]}")
    onlooker.get("first", "/search?q=妈妈")
    time.sleep(10)
    onlooker.times.clear()
    end = time.monotonic() + MINUTE
    work = [threading.Thread(target=_code, args=(person, ids, end)) for person in people]
    work.append(threading.Thread(target=_look, args=(onlooker, ids, end)))
    memory: list[dict[str, Any]] = []
    for thread in work:
        thread.start()
    for second in range(0, int(MINUTE) + 1, 10):
        memory.append({"second": second, "MB": _memory(server)})
        time.sleep(10)
    for thread in work:
        thread.join()
    times: dict[str, list[float]] = {}
    for person in (*people, onlooker):
        for name, found in person.times.items():
            times.setdefault(name, []).extend(found)
    return times, memory


def _code(person: Person, ids: tuple[str, ...], end: float) -> None:
    chance = random.Random(person.csrf)  # noqa: S311
    page = person.get("page to code on", "/code")
    while time.monotonic() < end:
        time.sleep(THOUGHT * (0.5 + chance.random()))
        passage = unescape(re.findall(r'name="passage" value="([^"]*)"', page.text)[0])
        answer = person.post("decision", "/decide", passage=passage, action="codes", code=[chance.choice(ids)])
        page = person.get("page to code on", "/" + answer.headers["location"])


def _look(person: Person, ids: tuple[str, ...], end: float) -> None:
    number = 0
    while time.monotonic() < end:
        pages = (f"/quotations?c={ids[number % 20]}", "/search?q=作业", "/codebook", f"/read?t=I{number:04}")
        kinds = ("a code's page", "search, one word", "codebook", "reading")
        person.get(kinds[number % 4], pages[number % 4])
        number += 1
        time.sleep(2)


def _memory(process: int) -> int:
    with suppress(OSError):
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
        return int(found.group(1)) // 1024 if found else 0
    return 0
