"""What comes out of the files of other programs, and what is told to be left behind.

Each project of the data set is opened as a study, written again and opened once more; codings on text are counted in
the file, in the study and at the end. Codebooks (.qdc) are read as codebooks. "Left behind" is what the import says it
has no place for, with how often.
"""

import tempfile
import zipfile
from pathlib import Path
from typing import Any

from lxml import etree

from lbc_themes.codebook import load_codebook
from lbc_themes.study import Study

NAME = "exchange"
QUESTION = "What is kept of the projects and codebooks that other programs write?"
DATA = ("refi-qda",)
PACKAGES = ("lxml",)
NOTE = """
Every file opens, and what is not text, or whose text is not in the file, is named instead of dropped in silence. That
is less than it may sound: the one project with codings came without its texts, and the one with texts has no codings,
so the place of a foreign coding is tested on files made for the tests alone (`tests/exchange/test_qdpx.py`), which
follow the habits of these programs. QualCoder writes no file of this set; what it makes of ours is tested in
`tests/exchange/test_qualcoder.py` by a reader that follows its importer step by step.
"""


def main(data: Path) -> dict[str, list[dict[str, Any]]]:
    """Return a row for each project, each loss and each codebook."""
    folder = data / "refi-qda"
    projects = sorted([*folder.glob("*.qdpx"), *folder.glob("*.qde")])
    opened = [_opened(path) for path in projects]
    return {
        "projects": [row for row, _ in opened],
        "left behind": [loss for _, losses in opened for loss in losses],
        "codebooks": [_codebook(path) for path in sorted(folder.glob("*.qdc"))],
    }


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
    if path.suffix == ".qde":
        tree = etree.fromstring(path.read_bytes())
    else:
        with zipfile.ZipFile(path) as package:
            (name,) = [each for each in package.namelist() if each.endswith(".qde")]
            tree = etree.fromstring(package.read(name))
    return len(tree.findall(".//{*}PlainTextSelection/{*}Coding"))


def _codebook(path: Path) -> dict[str, Any]:
    book = load_codebook(path)
    return {"file": path.name, "codes": len(book), "depth": max(len(book.ancestors(code.id)) + 1 for code in book)}
