"""What comes out of other programs and their files, and what is told to be left behind.

The matrix has a row for each program, direction and kind of thing: how many went, how many came through exact, and how
that was tried. Where a program can be run it was: `scripts/peers.py` installs it from the package registry into an
environment of its own (`LBC_PEERS`, by default build/peers), starts it and goes the whole way; QualCoder is run from a
checkout of its source where `LBC_QUALCODER` names one (`LBC_QUALCODER_PYTHON`: a Python that has what it needs). The
rest are files: written by the program, or made after its habits where none that may be passed on was found.

Each project of the data set is also opened as a study, written again and opened once more; codings on text are counted
in the file, in the study and at the end. Codebooks (.qdc) are read as codebooks. "Left behind" is what the import says
it has no place for, with how often.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree

from benchmarks.frame.machine import ROOT
from benchmarks.frame.tables import markdown
from lbc_themes import exchange
from lbc_themes.codebook import load_codebook
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding, Role, Transcript, Turn
from lbc_themes.study import Memo, Study

NAME = "exchange"
QUESTION = "What is kept of what other programs write, and what do they keep of ours?"
DATA = ("refi-qda",)
PACKAGES = ("lxml",)
NOTE = """
Every file opens, and what is not text, or whose text is not in the file, is named instead of dropped in silence. The
one project of the data set with codings came without its texts, and the one with texts has no codings, so that the
place of a coding by NVivo and ATLAS.ti is tried on files made after their habits alone. What QualCoder cannot keep
(which interviews a case has, the text of all annotations but the first of each, whoever wrote nothing but memos) is
said when a project comes back; into the study that it came from, only what was coded in between is taken.
"""
FILES = ROOT / "tests" / "data" / "exchange"
Row = dict[str, Any]

_ITSELF, _WROTE, _HABITS = "the program itself, started", "a file that it wrote", "a file made after its habits"
ZH = {
    "program": "软件", "direction": "方向", "what": "内容", "sent": "送出", "exact": "一字不差", "tried": "怎样试的",
    "in": "读入", "out": "导出", "out and back": "导出再读回",
    _ITSELF: "启动软件本身", _WROTE: "它写出的文件", _HABITS: "照它的习惯造的文件",
    "codings with coder, place and memo (.qdpx)": "编码，连同编码者、位置和备忘（.qdpx）",
    "memos with who wrote them and what they are on (.qdpx)": "备忘，连同谁写的、挂在哪里（.qdpx）",
    "codes with name, parent and colour": "编码本：名称、上级和颜色",
    "participants with attributes": "受访者及其属性",
    "which interviews a participant gave (it drops that)": "受访者与访谈的对应（它不保留）",
    "what was coded in between, and nothing else, taken into the study": "其间新编的内容，不多不少，并入研究",
    "codings with coder and memo, by its API": "编码、编码者和备忘，走它的接口",
    "codes of our codebook sheet that it takes": "我们写的编码本，它在确认页读出",
    "highlights.csv": "高亮 .csv", "highlights.xlsx": "高亮 .xlsx", "project.sqlite3": "项目文件 .sqlite3",
    "codebook.qdc": "它写的编码本 .qdc", "codebook.csv": "它写的编码本 .csv", "codebook.xlsx": "它写的编码本 .xlsx",
    "UIMA CAS .xmi": "UIMA CAS .xmi", "DocBin with span groups": "DocBin，每位编码者一组",
    "codings without names, after an emoji (.qdpx)": "没有名称的选段，前面有表情符号（.qdpx）",
    "codes (.qdpx)": "编码本（.qdpx）", "codes (.qde)": "编码本（.qde）", "codes (.qdc)": "编码本（.qdc）",
    "codes with their tree (.qdc)": "编码本及其层级（.qdc）",
    "a heading and a code that were one (.qdpx)": "拆成类目和编码的同一个编码（.qdpx）",
    "codings beside an ill-formed annotation (.qdpx)": "同一文件里有写坏的注释时的编码（.qdpx）",
    "an ill-formed annotation (.qdpx)": "写坏的注释（.qdpx）",
    "codings whose text is not in the file (.qde)": "文件里没有原文的编码（.qde）",
    "coded segments (.xlsx)": "编码段（.xlsx）", "codes with their tree (.xlsx)": "编码本及其层级（.xlsx）",
    "codes with their tree (.csv)": "编码本及其层级（.csv）", "highlights (.csv)": "高亮（.csv）",
    "codings of three coders under one user (.json)": "同一用户名下三位编码者的编码（.json）",
}  # fmt: skip
"""The words of the matrix in Chinese."""


def main(data: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the matrix, and a row for each project, each loss and each codebook."""
    folder = data / "refi-qda"
    projects = sorted([*folder.glob("*.qdpx"), *folder.glob("*.qde")])
    opened = [_opened(path) for path in projects]
    return {
        "matrix": [*_programs(), *_files(folder)],
        "projects": [row for row, _ in opened],
        "left behind": [loss for _, losses in opened for loss in losses],
        "codebooks": [_codebook(path) for path in sorted(folder.glob("*.qdc"))],
    }


def pages(result: dict[str, Any]) -> dict[str, str]:
    """Return the matrix as it stands in the guides, by the name of the page."""
    rows = next(table["rows"] for table in result["tables"] if table["title"] == "matrix")
    zh = [
        {ZH[key]: ZH.get(value, value) if isinstance(value, str) else value for key, value in row.items()}
        for row in rows
    ]
    return {name: markdown({"title": "", "rows": held}) for name, held in (("study.md", rows), ("study.zh-CN.md", zh))}


# --- The programs themselves.


def _programs() -> list[Row]:
    """Start each program and go there and back; refuse where one cannot be installed."""
    command: list[str | Path] = [
        sys.executable,
        ROOT / "scripts" / "peers.py",
        "--folder",
        os.environ.get("LBC_PEERS", "build/peers"),
    ]
    if checkout := os.environ.get("LBC_QUALCODER"):
        python = os.environ.get("LBC_QUALCODER_PYTHON", sys.executable)
        command += ["--qualcoder", checkout, "--qualcoder-python", python]
    with tempfile.TemporaryDirectory() as place:
        rows = Path(place) / "rows.json"
        command += ["--write", rows]
        done = subprocess.run(command, cwd=ROOT, check=False, stdout=sys.stderr)  # noqa: S603 (our own script)
        if not rows.exists():
            raise InputError(f"scripts/peers.py ended with {done.returncode}; run make test-peers and see what it says")
        found = json.loads(rows.read_text(encoding="utf-8"))
    return [_row(f"{_NAMES[r['program']]} {r['version']}", r["direction"], r["what"], r["sent"], r["back"], _ITSELF)
            for r in found]  # fmt: skip


_NAMES = {"label-studio": "Label Studio", "taguette": "Taguette", "dkpro-cassis": "dkpro-cassis (INCEpTION)",
          "spacy": "spaCy", "qualcoder": "QualCoder"}  # fmt: skip


def _row(program: str, direction: str, what: str, sent: int, exact: int, tried: str) -> Row:
    return {"program": program, "direction": direction, "what": what, "sent": sent, "exact": exact, "tried": tried}


# --- Files of programs that cannot be run here.


def _files(folder: Path) -> list[Row]:
    """Return a row for each file: how many things are in it, and how many are read as what they are."""
    cases: tuple[tuple[str, str, str, Callable[[], tuple[int, int]]], ...] = (
        ("NVivo 12", "codings without names, after an emoji (.qdpx)", _HABITS, _nvivo),
        ("NVivo 15", "codes (.qdpx)", _WROTE, lambda: _codes(folder / "nvivo15_mac_qc_project.qdpx")),
        ("ATLAS.ti 8", "codes (.qde)", _WROTE, lambda: _codes(folder / "atlasti8_mac_standard_project.qde")),
        ("ATLAS.ti 8", "codings whose text is not in the file (.qde)", _WROTE,
         lambda: (_in_file(folder / "atlasti8_mac_standard_project.qde"), 0)),
        ("ATLAS.ti 23", "codes (.qdc)", _WROTE, lambda: _codes(folder / "atlasti23_win_sample.qdc")),
        ("ATLAS.ti", "codes with their tree (.xlsx)", _HABITS, lambda: _tree(FILES / "atlas_codes.xlsx")),
        ("MAXQDA", "codes with their tree (.xlsx)", _HABITS, lambda: _tree(FILES / "maxqda_code_memo.xlsx")),
        ("MAXQDA", "coded segments (.xlsx)", _HABITS, _maxqda),
        ("QualCoder 3.8.2", "codes with their tree (.qdc)", _WROTE, _ours_back),
        ("QualCoder 3.8.2", "a heading and a code that were one (.qdpx)", _HABITS, _twins),
        ("QualCoder 4.0", "codings beside an ill-formed annotation (.qdpx)", _WROTE, lambda: _annotated()[:2]),
        ("QualCoder 4.0", "an ill-formed annotation (.qdpx)", _WROTE, lambda: (1, _annotated()[2])),
        ("Taguette 1.5", "codes with their tree (.csv)", _WROTE, lambda: _tree(FILES / "taguette_codebook.csv")),
        ("Taguette 1.5", "codes with their tree (.qdc)", _WROTE, lambda: _tree(FILES / "taguette_codebook_paths.qdc")),
        ("Label Studio 1.23", "codings of three coders under one user (.json)", _WROTE, _label_studio),
    )  # fmt: skip
    return [_row(program, "in", what, *read(), tried) for program, what, tried, read in cases]


def _nvivo() -> tuple[int, int]:
    contents, _ = exchange.read_qdpx(FILES / "nvivo_unnamed_emoji_min.qdpx")
    words = {t.text[c.start : c.end] for t in contents.transcripts for c in _of(contents, Coding)}
    return _in_file(FILES / "nvivo_unnamed_emoji_min.qdpx"), len(words & {"想俺妈", "怕考不好"})


def _of(contents: exchange.Contents, kind: type) -> list[Any]:
    return [entry.record for entry in contents.entries if isinstance(entry.record, kind)]


def _codes(path: Path) -> tuple[int, int]:
    sent = sum(1 for _ in _xml(path).iter("{*}Code"))
    book = load_codebook(path) if path.suffix == ".qdc" else exchange.read_qdpx(path)[0].codebook
    return sent, len(book)


def _tree(path: Path) -> tuple[int, int]:
    """Return how many codes a list has, and how many come with the parent that their path names, if the list has it."""
    book = load_codebook(path)
    if path.suffix == ".qdc":
        names = [(code.get("name") or "").strip() for code in _xml(path).iter("{*}Code")]
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            names = [row["tag"] for row in csv.DictReader(file)]
    else:
        names = [cells[0] for cells in _rows(path)[1:]]
    mine = {tuple(book[i].name.zh for i in (*reversed(book.ancestors(c.id)), c.id)) for c in book}
    return len(names), sum(_path(name, names) in mine for name in names)


def _path(name: str, names: list[str]) -> tuple[str, ...]:
    """Return a code's path: a name is below another where the list has both."""
    for mark in (" > ", ": ", "."):
        above, found, last = name.rpartition(mark)
        if found and above in names:
            return (*_path(above, names), last)
    return (name,)


def _rows(path: Path) -> list[tuple[str, ...]]:
    import openpyxl

    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    return [tuple(str(cell or "") for cell in row) for row in sheet.iter_rows(values_only=True)]


def _maxqda() -> tuple[int, int]:
    rows = _rows(FILES / "maxqda_segments.xlsx")
    at, name, code = (rows[0].index(head) for head in ("Segment", "Document name", "Code"))
    text = "访谈者：后来呢？\n".join(row[at] + "。\n" for row in rows[1:])
    with tempfile.TemporaryDirectory() as place, _study(Path(place), {rows[1][name]: text}) as study:
        codings, _ = exchange.read_segments(FILES / "maxqda_segments.xlsx", study.contents())
    wanted = {(row[at], row[code]) for row in rows[1:]}
    return len(rows) - 1, len({(text[c.start : c.end], c.code_id) for c in codings} & wanted)


def _study(folder: Path, texts: dict[str, str]) -> Study:
    turn = {name: Turn(speaker="", role=Role.CHILD, start=0, end=len(text)) for name, text in texts.items()}
    whole = [Transcript(id=name, text=text, turns=(turn[name],)) for name, text in texts.items()]
    return Study.create(folder / "s.lbc", whole, load_codebook("left-behind-children"))


def _ours_back() -> tuple[int, int]:
    ours, back = load_codebook("left-behind-children"), load_codebook(FILES / "qualcoder382_codebook_back.qdc")
    tree = {(code.id, code.parent) for code in ours}
    return len(ours), len(tree & {(code.id, code.parent) for code in back})


def _twins() -> tuple[int, int]:
    contents, _ = exchange.read_qdpx(FILES / "category_and_code_same_id.qdpx")
    return 1, int(len(contents.codebook) == 1 and len(_of(contents, Coding)) == 1)


def _annotated() -> tuple[int, int, int]:
    contents, _ = exchange.read_qdpx(FILES / "qualcoder_annotation_unescaped.qdpx")
    memos = sum(memo.text == "问得<直接> & 急" for memo in _of(contents, Memo))
    return 15, len(_of(contents, Coding)), memos


def _label_studio() -> tuple[int, int]:
    path = FILES / "label_studio_back.json"
    tasks = json.loads(path.read_text(encoding="utf-8"))
    texts = {task["data"]["transcript"]: task["data"]["text"] for task in tasks}
    sent = sum(len(annotation["result"]) for task in tasks for annotation in task["annotations"])
    with tempfile.TemporaryDirectory() as place, _study(Path(place), texts) as study:
        for coder in ("李 Li", "王 Wang"):  # the third is named, as the file does not say
            study.record_memo(Memo(text="开始", coder=coder))
        return sent, len(exchange.read_label_studio(path, study.contents(), coder="1=赵"))


# --- Projects of the data set, there and back.


def _opened(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    with tempfile.TemporaryDirectory() as place:
        with Study.from_qdpx(path, Path(place) / "one.lbc") as study:
            codings = study.codings()
            study.to_qdpx(Path(place) / "ours.qdpx")
            losses = [
                {"file": path.name, "what": loss.text.en, "times": loss.count, "first": loss.where[:40]}
                for loss in study.losses
            ]
            row = {
                "file": path.name, "texts": len(study.transcripts), "codes": len(study.codebook),
                "codings in the file": _in_file(path), "codings": len(codings), "memos": len(study.memos()),
            }  # fmt: skip
        with Study.from_qdpx(Path(place) / "ours.qdpx", Path(place) / "two.lbc") as again:
            row["codings after a round trip"] = len(again.codings())
    return row, losses


def _in_file(path: Path) -> int:
    return len(_xml(path).findall(".//{*}PlainTextSelection/{*}Coding"))


def _xml(path: Path) -> Any:  # noqa: ANN401 (lxml has no types)
    if path.suffix in {".qde", ".qdc"}:
        return etree.fromstring(path.read_bytes())
    with zipfile.ZipFile(path) as package:
        (name,) = [each for each in package.namelist() if each.endswith(".qde")]
        return etree.fromstring(package.read(name))


def _codebook(path: Path) -> dict[str, Any]:
    book = load_codebook(path)
    return {"file": path.name, "codes": len(book), "depth": max(len(book.ancestors(code.id)) + 1 for code in book)}
