"""Go the whole way to other programs and back: they are installed from PyPI, started here, and spoken to.

    python scripts/peers.py [--folder build/peers] [--only taguette] [--write rows.json]
                            [--qualcoder CHECKOUT --qualcoder-python PYTHON]

Each program gets an environment of its own below the folder, so that nothing of theirs meets what the library needs.
Servers listen on 127.0.0.1 alone and are stopped at the end. QualCoder, which no registry has, is run from a checkout
of its source, by a Python that has what it needs. The study is a small invented one, with emoji, characters beyond the
BMP, two coders, overlapping codings and memos with markup in them. The exit status is 1 where anything that a program
can keep did not come back exact.
"""

import argparse
import contextlib
import html
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from lbc_themes import exchange
from lbc_themes.codebook import load_codebook
from lbc_themes.core.records import Coding, Role, Transcript, Turn
from lbc_themes.study import Memo, Study
from lbc_themes.study.import_export import Import, import_into

TEXT = (
    "访谈者：放假了都干些啥😀？\n小麦：跟外婆去菜园拔草，拔完就在田埂上坐着👨‍👩‍👧。有时候想我妈，想得睡不着😢。\n"
    "访谈者：那你怎么办？\n小麦：我就数羊，数到一百。𠮷田老师也会找我说说话 <很好> & 慢慢来。\n"
)
CODED = (
    ("有时候想我妈", "stress.yearning", "李 Li", "清楚 <b> & 😀"), ("想得睡不着", "stress.yearning", "李 Li", ""),
    ("想我妈，想得睡不着", "stress.depressive", "王", ""),
    ("𠮷田老师也会找我说说话", "support.informal.teachers", "王", "要紧"),
)  # fmt: skip
PACKAGES = {
    "label-studio": ("label-studio",), "taguette": ("taguette",), "dkpro-cassis": ("dkpro-cassis",),
    "spacy": ("spacy",),
}  # fmt: skip
Row = dict[str, Any]


def main() -> int:
    """Try each program, print a row for it, and return the exit status."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--folder", type=Path, default=Path("build/peers"))
    asked.add_argument("--only", choices=[*sorted(PACKAGES), "qualcoder"])
    asked.add_argument("--write", type=Path)
    asked.add_argument("--qualcoder", type=Path, help="a checkout of QualCoder's source")
    asked.add_argument("--qualcoder-python", type=Path, default=Path(sys.executable), help="a Python with PyQt6")
    options = asked.parse_args()
    ways = {"label-studio": label_studio, "taguette": taguette, "dkpro-cassis": cassis, "spacy": spacy}
    rows: list[Row] = []
    if options.qualcoder and options.only in (None, "qualcoder"):
        with tempfile.TemporaryDirectory() as place, small_study(Path(place)) as study:
            rows += qualcoder(options.qualcoder_python, options.qualcoder, study, Path(place))
    failed = False
    for name, way in ways.items():
        if options.only not in (None, name):
            continue
        try:
            python = environment(options.folder / name, PACKAGES[name])
            with tempfile.TemporaryDirectory() as place, small_study(Path(place)) as study:
                found = list(way(python, study, Path(place)))
            rows += [{"program": name, "version": version(python, PACKAGES[name][0]), **each} for each in found]
        except (SystemExit, OSError, subprocess.CalledProcessError) as fault:
            # One program that cannot be had or started does not keep the others from being tried.
            print(f"{name}: {fault}", file=sys.stderr)
            failed = True
    for each in rows:
        print("  ".join(str(value) for value in each.values()))
    if options.write:
        options.write.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return int(failed or any(each["back"] != each["kept"] for each in rows))


def environment(folder: Path, packages: tuple[str, ...]) -> Path:
    """Make an environment with packages in it, once, and return its Python."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
    done = subprocess.run([python, "-m", "pip", "show", "-q", *packages], check=False, capture_output=True)
    if done.returncode:
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    return python.absolute()


def version(python: Path, package: str) -> str:
    """Return which version of a package an environment has."""
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


@contextlib.contextmanager
def small_study(folder: Path) -> Iterator[Study]:
    """Yield a study of one interview, coded by two people."""
    turns, at = [], 0
    for line in TEXT.splitlines(keepends=True):
        role = Role.INTERVIEWER if line.startswith("访谈者") else Role.CHILD
        start = at + line.index("：") + 1
        turns.append(Turn(speaker=line.partition("：")[0], role=role, start=start, end=at + len(line.rstrip("\n"))))
        at += len(line)
    transcript = Transcript(id="K01", text=TEXT, turns=tuple(turns), metadata={"participant": "K01"})
    with Study.create(folder / "s.lbc", transcript, load_codebook("left-behind-children")) as study:
        for words, code, coder, memo in CODED:
            start = TEXT.index(words)
            study.record_coding(
                Coding(transcript_id="K01", start=start, end=start + len(words), code_id=code, coder=coder, memo=memo)
            )
        yield study


def kept(codings: list[Coding], *, memos: bool = True, coders: bool = True) -> list[tuple[object, ...]]:
    """Return what is compared of codings."""
    return sorted(
        (c.transcript_id, c.start, c.end, c.code_id, c.coder if coders else "", c.memo if memos else "")
        for c in codings
    )


def row(
    what: str, sent: list[Any], back: list[Any], *, kept: int | None = None, direction: str = "out and back"
) -> Row:
    """Return how many things went, how many came back as they were, and how many the program can keep, if not all."""
    same = sum(each in back for each in sent) - max(0, len(back) - len(sent))
    kept = len(sent) if kept is None else kept
    return {"what": what, "sent": len(sent), "back": same, "kept": kept, "direction": direction}


@contextlib.contextmanager
def running(command: list[object], place: Path, settings: dict[str, str]) -> Iterator[Path]:
    """Run a server for as long as the block lasts; yield the file with what it says."""
    said = place / "server.txt"
    home = {"HOME": str(place), "USERPROFILE": str(place)}
    with said.open("wb") as log:
        started = subprocess.Popen(
            list(map(str, command)), stdout=log, stderr=subprocess.STDOUT, cwd=place, env=os.environ | settings | home
        )
        try:
            yield said
        finally:
            started.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                started.wait(20)
            started.kill()


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(ready: Callable[[], bool], seconds: int) -> None:
    """Wait until something is so, and refuse when it takes too long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            if ready():
                return
        time.sleep(1)
    raise SystemExit(f"the program was not ready after {seconds} s")


def label_studio(python: Path, study: Study, place: Path) -> Iterator[Row]:
    """Push the study into a running Label Studio by its API, and fetch it back."""
    port, token = free_port(), secrets.token_hex(20)
    settings = {
        "LABEL_STUDIO_BASE_DATA_DIR": str(place), "COLLECT_ANALYTICS": "False", "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "", "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
    }  # fmt: skip
    command = [python.with_name("label-studio"), "start", "--no-browser", "--port", port,
               "--internal-host", "127.0.0.1", "--username", "peer@example.org",
               "--password", secrets.token_hex(8), "--user-token", token]  # fmt: skip
    with running(command, place, settings):
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: urllib.request.urlopen(f"{address}/health", timeout=5).status == 200, 900)
        server, contents = exchange.label_studio_server(address), study.contents()
        number = exchange.push_label_studio(contents, server, token)
        back = exchange.pull_label_studio(contents, server, token, number)
    yield row("codings with coder and memo, by its API", kept(study.codings(machine_top=0)), kept(back))


MEMOS = (
    ("study", "", "王", "整个研究 <i> & 😀\n第二行"), ("code", "stress.yearning", "李 Li", "这个编码太宽"),
    ("participant", "K01", "王", "她奶奶带大"), ("transcript", "K01", "李 Li", "录音有杂音"),
)  # fmt: skip
IN_BETWEEN = (
    {"file": "K01", "words": "跟外婆去菜园拔草", "code": "心理压力", "coder": "新 New", "memo": "在 <b> 里 & 编的"},
    {"file": "K01", "words": "数到一百", "coder": "王", "memo": "后来记的 <x> & y"},
)  # fmt: skip


def qualcoder(python: Path, checkout: Path, study: Study, place: Path) -> Iterator[Row]:
    """Let QualCoder import the study, code in it and export it; take that in, and read it as a study of its own."""
    for about, about_id, coder, text in MEMOS:
        study.record_memo(Memo(text=text, coder=coder, about=about, about_id=about_id))
    for number, coder in enumerate(("李 Li", "王")):
        text = f"问得<直接> & 急，第 {number} 段"
        study.record_memo(Memo(text=text, coder=coder, about="passage", about_id=study.passages[number].id))
    at = TEXT.index("数羊")
    study.record_memo(Memo(text="数 <羊> & 睡", coder="王", about="span", about_id="K01", start=at, end=at + 2))
    codings, memos, book = study.codings(machine_top=0), study.memos(), study.codebook
    study.to_qdpx(place / "out.qdpx")
    work = [each | ({"code": book["stress"].name.zh} if "code" in each else {}) for each in IN_BETWEEN]
    (place / "work.json").write_text(json.dumps(work), encoding="utf-8")
    loop = Path(__file__).with_name("qualcoder_loop.py")
    done = subprocess.run([python, loop, checkout, place / "out.qdpx", place / "q", place / "work.json"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    if done.returncode:
        raise SystemExit(f"QualCoder: {done.stderr.strip().splitlines()[-1:]}")
    program = json.loads(done.stdout.strip().splitlines()[-1])["version"].rpartition("QualCoder ")[2]
    head = {"program": "qualcoder", "version": program}
    there, _ = exchange.read_qdpx(place / "q" / "p.qdpx")
    alone = Study.from_contents(place / "alone.lbc", there)
    old = [c for c in alone.codings(machine_top=0) if c.coder != "新 New"]
    yield head | row("codings with coder, place and memo (.qdpx)", kept(codings), kept(old))
    told = [(m.text, m.coder, m.about) for m in alone.memos()]
    sent = [(m.text, m.coder, m.about) for m in memos]
    yield head | row("memos with who wrote them and what they are on (.qdpx)", sent, [t for t in told if t in sent])
    codes = [(c.id, c.name.zh, c.parent, c.colour) for c in book]
    yield head | row("codes with name, parent and colour", codes, [(c.id, c.name.zh, c.parent, c.colour)
                                                                   for c in alone.codebook])  # fmt: skip
    people = [(p.id, dict(p.attributes)) for p in study.participants]
    yield head | row("participants with attributes", people, [(p.id, dict(p.attributes)) for p in alone.participants])
    whose = [(p.id, p.transcript_ids) for p in study.participants]
    yield head | row("which interviews a participant gave (it drops that)", whose,
                     [(p.id, p.transcript_ids) for p in there.participants], kept=0)  # fmt: skip
    alone.close()
    for _ in range(2):  # the second time adds nothing
        import_into(study, Import(file=place / "q" / "p.qdpx", coder="", language="zh"))
    made = [c for c in study.codings(machine_top=0) if c not in codings]
    noted = [m for m in study.memos() if m not in memos]
    taken = [each.memo for each in made] + [m.text for m in noted]
    what = "what was coded in between, and nothing else, taken into the study"
    yield head | row(what, [each["memo"] for each in IN_BETWEEN], taken)


def taguette(python: Path, study: Study, place: Path) -> Iterator[Row]:
    """Give Taguette our codebook and interview, highlight in it, and read all that it exports."""
    port, book, contents = free_port(), study.codebook, study.contents()
    exchange.write_taguette_codebook(book, place / "codebook.csv")
    command = [python.with_name("taguette"), "--no-browser", "--port", port, "--database", place / "t.sqlite3"]
    with running(command, place, {}) as said:
        link = re.compile(rb"http://\S*?/?\?token=(\w+)")
        wait_for(lambda: link.search(said.read_bytes()) is not None, 60)
        hit = link.search(said.read_bytes())
        assert hit is not None
        talk = Browser(f"http://127.0.0.1:{port}")
        wait_for(lambda: bool(talk.get(f"/?token={hit[1].decode()}")), 60)
        talk.get("/project/new")
        talk.form("/project/new", {"name": "p", "description": ""})
        accepted = talk.form(
            "/project/1/import_codebook", {}, {"file": ("codebook.csv", (place / "codebook.csv").read_bytes())}
        )
        paths = [path for code in book if (path := path_of(book, code.id)) and path.encode() in accepted]
        ids = [c.id for c in book]
        yield row("codes of our codebook sheet that it takes", ids, ids[: len(paths)], direction="out")
        # Plain text needs Calibre, web pages do not.
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in TEXT.splitlines())
        page = f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>K01</title></head><body>{lines}</body></html>'
        document = talk.form(
            "/api/project/1/document/new", {"name": "K01", "description": ""}, {"file": ("K01.html", page.encode())}
        )
        number = json.loads(document)["created"]
        parts = json.loads(talk.get(f"/api/project/1/document/{number}/contents"))
        shown = re.sub(r"<[^>]*>", "", "".join(part["contents"] for part in parts["contents"]))
        plain = html.unescape(shown)
        tags = {}
        for code in sorted({code for _, code, _, _ in CODED}):
            made = talk.json("/api/project/1/tag/new", {"path": path_of(book, code), "description": ""})
            tags[code] = json.loads(made)["id"]
        for words, code, _, _ in CODED:
            start = len(plain[: plain.index(words)].encode())
            ends = {"start_offset": start, "end_offset": start + len(words.encode()), "tags": [tags[code]]}
            talk.json(f"/api/project/1/document/{number}/highlight/new", ends)
        for name, path in (("highlights.csv", "highlights/.csv"), ("project.sqlite3", "project.sqlite3"),
                           ("codebook.qdc", "codebook.qdc"), ("codebook.csv", "codebook.csv"),
                           ("codebook.xlsx", "codebook.xlsx"), ("highlights.xlsx", "highlights/.xlsx")):  # fmt: skip
            (place / f"back.{name}").write_bytes(talk.get(f"/project/1/export/{path}"))
    sent = kept(study.codings(machine_top=0), memos=False, coders=False)
    for name in ("highlights.csv", "highlights.xlsx"):
        found, _ = exchange.read_segments(place / f"back.{name}", contents, coder="x")
        yield row(name, sent, kept(found, memos=False, coders=False), direction="in")
    found, _ = exchange.place_segments(exchange.taguette_segments(place / "back.project.sqlite3"), contents, coder="x")
    yield row("project.sqlite3", sent, kept(found, memos=False, coders=False), direction="in")
    used = sorted(code.name.zh for code in book if code.id in tags)
    for name in ("codebook.qdc", "codebook.csv", "codebook.xlsx"):
        back = load_codebook(place / f"back.{name}")
        names = [code.name.zh.rpartition(".")[2] for code in back]
        yield row(name, used, [each for each in names if each in used], direction="in")


def path_of(book: Any, code_id: str) -> str:  # noqa: ANN401 (a codebook)
    """Return the path by which our codebook sheet names a code for Taguette."""
    return ".".join(book[i].name.zh for i in (*reversed(book.ancestors(code_id)), code_id))


class Browser:
    """Talks to a server with cookies and the token against forged requests, as a browser does."""

    def __init__(self, address: str) -> None:
        """Begin without cookies."""
        self._address, self._cookies = address, CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))

    def get(self, path: str) -> bytes:
        """Return a page."""
        return bytes(self._opener.open(self._address + path, timeout=30).read())

    def json(self, path: str, body: object) -> bytes:
        """Send JSON."""
        return self._send(path, json.dumps(body).encode(), "application/json")

    def form(self, path: str, fields: dict[str, str], files: dict[str, tuple[str, bytes]] | None = None) -> bytes:
        """Send a form, with files."""
        edge, parts = secrets.token_hex(12), b""
        for name, value in fields.items():
            parts += f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, (file, data) in (files or {}).items():
            head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
            kind = "text/csv" if file.endswith(".csv") else "text/html"
            parts += f"{head}Content-Type: {kind}\r\n\r\n".encode() + data + b"\r\n"
        return self._send(path, parts + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}")

    def _send(self, path: str, data: bytes, kind: str) -> bytes:
        token = next((cookie.value for cookie in self._cookies if cookie.name == "_xsrf"), "") or ""
        headers = {"Content-Type": kind, "X-XSRFToken": token}
        asked = urllib.request.Request(self._address + path, data, headers)
        try:
            return bytes(self._opener.open(asked, timeout=60).read())
        except urllib.error.HTTPError as fault:
            raise SystemExit(f"{path}: {fault} {fault.read()[:300].decode(errors='replace')}") from fault


RESAVE = """
import sys, cassis
types = cassis.load_typesystem(open(sys.argv[1], "rb"))
for path in sys.argv[2:]:
    cas = cassis.load_cas_from_xmi(open(path, "rb"), typesystem=types)
    cas.to_xmi(path)
"""
RESPAN = """
import sys, json, spacy
from spacy.tokens import DocBin
docs = DocBin().from_disk(sys.argv[1]).get_docs(spacy.blank("zh").vocab)
print(json.dumps([[doc.user_data["transcript"], s.start_char, s.end_char, s.label_, name]
                  for doc in docs for name, group in doc.spans.items() for s in group]))
"""


def cassis(python: Path, study: Study, place: Path) -> Iterator[Row]:
    """Let dkpro-cassis, the library behind INCEpTION's Python tools, load our CAS and save it again."""
    from lbc_themes.core.errors import MissingExtraError

    contents = study.contents()
    try:
        paths = exchange.write_cas(contents, place / "cas")
    except MissingExtraError as missing:
        raise SystemExit(str(missing)) from missing
    subprocess.run([python, "-W", "ignore", "-c", RESAVE, place / "cas" / "TypeSystem.xml", *paths], check=True)
    back = [coding for path in paths for coding in exchange.read_cas(path, contents)]
    yield row("UIMA CAS .xmi", kept(study.codings(machine_top=0)), kept(back))


def spacy(python: Path, study: Study, place: Path) -> Iterator[Row]:
    """Let spaCy load our DocBin and say which spans it holds."""
    exchange.write_docbin(study.contents(), place / "d.spacy")
    done = subprocess.run([python, "-c", RESPAN, place / "d.spacy"], check=True, capture_output=True, text=True)
    sent = [[c.transcript_id, c.start, c.end, c.code_id, c.coder] for c in study.codings(machine_top=0)]
    yield row("DocBin with span groups", sent, json.loads(done.stdout), direction="out")


if __name__ == "__main__":
    sys.exit(main())
