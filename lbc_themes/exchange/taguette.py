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
_MARKUP = re.compile(r"<[^>]*>")


def is_taguette_project(path: str | Path) -> bool:
    """Say whether a file is an SQLite database with Taguette's tables."""
    file = Path(path)
    try:
        with file.open("rb") as opened:
            if opened.read(16) != _SQLITE:
                return False
        with closing(_open(file)) as db:
            tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except (OSError, sqlite3.Error):
        return False
    return {"documents", "highlights", "tags", "highlight_tags"} <= tables


def taguette_segments(path: str | Path) -> list[Segment]:
    """Return the highlights of a Taguette project as segments, each with the person who made it.

    Raises:
        InputError: if the file is no Taguette project, or is damaged.
    """
    file = Path(path)
    if not is_taguette_project(file):
        raise InputError(message("exchange.no_taguette", file=file))
    try:
        with closing(_open(file)) as db:
            return list(_highlights(db))
    except (sqlite3.Error, ValueError, KeyError, TypeError) as fault:
        raise InputError(message("exchange.no_taguette", file=file)) from fault


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


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
        " JOIN documents d ON d.id = h.document_id ORDER BY d.id, h.start_offset, h.id"
    )
    for number, document_id, name, start, end, snippet in rows:
        data = texts[document_id].encode()
        words = data[start:end].decode(errors="ignore").strip() or html.unescape(_MARKUP.sub("", snippet)).strip()
        who, time = made_by.get(number, ("", ""))
        if tags[number] and words:
            before = data[:start].decode(errors="ignore").count(words)
            yield Segment(
                where=f"highlight {number}", document=name, codes=tuple(tags[number]), words=words, coder=who,
                time=time, nth=before,
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
        if said.get("type") == "highlight_add" and isinstance(said.get("highlight_id"), int):
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
