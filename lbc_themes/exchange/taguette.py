"""Taguette: its project file (.sqlite3) read, and a codebook sheet written that it takes.

Its tables (highlights, codebook as .csv or .xlsx) and its .qdc are read with those of other programs. In the project
file, highlights lie between bytes of the document's UTF-8 text without markup; who made them stands in its log.
"""

import html
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import private_csv
from lbc_themes.core.messages import message
from lbc_themes.core.records import Codebook, Language
from lbc_themes.exchange.segments import Segment

_SQLITE = b"SQLite format 3\0"
_TABLES = frozenset({"documents", "highlights", "tags", "highlight_tags"})
_MARKUP = re.compile(r"<[^>]*>")
_FILE, _CELL, _HIGHLIGHTS, _STEPS = 500_000_000, 50_000_000, 1_000_000, 20_000
_FAULTS = (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError, OverflowError)


def is_taguette_project(path: str | Path) -> bool:
    """Say whether a file is an SQLite database with Taguette's tables."""
    file = Path(path)
    try:
        if not file.is_file():
            return False
        with file.open("rb") as opened:
            if opened.read(16) != _SQLITE:
                return False
        with closing(_open(file)) as db:
            # Views, virtual tables and whatever else computes are not Taguette's.
            found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'")
            return {row[0] for row in found} >= _TABLES
    except (OSError, sqlite3.Error, UnicodeDecodeError):
        return False


def taguette_segments(path: str | Path) -> list[Segment]:
    """Return the highlights of a Taguette project as segments, each with the person who made it.

    The file is opened to read alone. It may have 500 MB, 50 MB in one cell and a million highlights, and is given up
    where it computes for long, as no project of Taguette's does.

    Raises:
        InputError: if the file is no Taguette project, is damaged, too large, or not closed by the program yet.
    """
    file = Path(path)
    if not is_taguette_project(file):
        raise InputError(message("exchange.no_taguette", file=file))
    if file.stat().st_size > _FILE:
        raise InputError(message("exchange.taguette_size", file=file, most=_FILE // 1_000_000))
    if any(_is_held(file.with_name(file.name + ending)) for ending in ("-wal", "-journal")):
        raise InputError(message("exchange.taguette_open", file=file))
    try:
        with closing(_open(file)) as db:
            return list(_highlights(db))
    except _FAULTS as fault:
        raise InputError(message("exchange.no_taguette", file=file)) from fault


def _is_held(beside: Path) -> bool:
    return beside.is_file() and beside.stat().st_size > 0


def _open(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _CELL)
    for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
        db.execute(f"PRAGMA {pragma}")
    steps = iter(range(_STEPS))
    db.set_progress_handler(lambda: next(steps, None) is None, 100_000)
    return db


def _highlights(db: sqlite3.Connection) -> Iterator[Segment]:
    made_by = _makers(db)
    texts = {number: _plain_text(contents) for number, contents in db.execute("SELECT id, contents FROM documents")}
    tags: dict[int, list[str]] = defaultdict(list)
    for number, path in db.execute(
        "SELECT h.highlight_id, t.path FROM highlight_tags h JOIN tags t ON t.id = h.tag_id ORDER BY t.path"
    ):
        tags[number].append(path)
    rows = db.execute(
        "SELECT h.id, d.id, d.name, h.start_offset, h.end_offset, h.snippet FROM highlights h"
        " JOIN documents d ON d.id = h.document_id ORDER BY d.id, h.start_offset, h.id LIMIT ?",
        (_HIGHLIGHTS + 1,),
    )
    for count, (number, document_id, name, start, end, snippet) in enumerate(rows):
        if count == _HIGHLIGHTS or not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end):
            raise ValueError(number)
        data = texts[document_id].encode()
        words = data[start:end].decode(errors="ignore").strip() or html.unescape(_MARKUP.sub("", snippet)).strip()
        who, time = made_by.get(number, ("", ""))
        before = data[:start].decode(errors="ignore").count(words) if words else None
        yield Segment(
            where=f"highlight {number}", document=str(name), codes=tuple(map(str, tags[number])), words=words,
            coder=who, time=time, nth=before,
        )  # fmt: skip


def _makers(db: sqlite3.Connection) -> dict[int, tuple[str, str]]:
    """Return who made each highlight, and when, from Taguette's log of commands."""
    found: dict[int, tuple[str, str]] = {}
    try:
        rows = list(db.execute("SELECT user_login, date, payload FROM commands ORDER BY id"))
    except sqlite3.Error:
        return found
    for login, date, payload in rows:
        said = json.loads(payload) if isinstance(payload, str) else {}
        if isinstance(said, dict) and said.get("type") == "highlight_add" and isinstance(said.get("highlight_id"), int):
            found.setdefault(said["highlight_id"], (str(login), f"{str(date).replace(' ', 'T')[:19]}Z"))
    return found


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        """Keep the text between tags."""
        self.parts.append(data)


def _plain_text(contents: str) -> str:
    parser = _Text()
    parser.feed(contents)
    parser.close()
    return "".join(parser.parts)


def write_taguette_codebook(codebook: Codebook, path: str | Path, *, language: Language = "zh") -> None:
    """Write a codebook as the .csv that Taguette imports: a tag with its path (``情绪.想家``) and a description.

    Dots inside names, which Taguette takes for the tree, are written as ``·``.
    """

    def name(code_id: str) -> str:
        return codebook[code_id].name.said(language).replace(".", "·")

    with private_csv(Path(path)) as write:
        write(("tag", "description"))
        for code in codebook:
            tag = ".".join(name(i) for i in (*reversed(codebook.ancestors(code.id)), code.id))
            write((tag, code.definition.said(language) or code.brief.said(language)))
