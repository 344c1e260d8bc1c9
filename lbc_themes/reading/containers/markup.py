"""Text that is wrapped in markup: HTML, oTranscribe, RTF, and the JSON of speech recognisers."""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.reading.containers.sheets import document_of
from lbc_themes.reading.document import Cell, Document, Grid

if TYPE_CHECKING:
    from lxml.etree import _Element

# --- HTML and oTranscribe.

_BEFORE_PAGE = r"(?:[\s\ufeff]{1,200}|<\?xml[^>]{0,200}\?>|<!--.{0,2000}?-->){0,20}"
_IS_HTML = re.compile(
    rf"{_BEFORE_PAGE}<(?:!doctype html|(?:html|head|body|p|div|table|meta|title|style|ul|ol|h[1-6]|center|section"
    r"|article)\b)",
    re.IGNORECASE | re.DOTALL,
)
_BEGINS_INLINE = re.compile(rf"{_BEFORE_PAGE}<(?:span|br|b|i|u|font|strong|em|a)\b[^<>]*>", re.IGNORECASE | re.DOTALL)
_BREAKS = re.compile(r"<(?:br|p|div|tr|li)\b[^<>]*>", re.IGNORECASE)
_BLOCKS = frozenset({
    "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "blockquote", "pre", "dt", "dd",
    "ul", "ol", "table", "body", "header", "main",
})  # fmt: skip
_UNSEEN = frozenset({"script", "style", "head", "title", "noscript", "template", "nav", "rt", "rp"})
_BLANKS = re.compile(r"[ \t\r\n]+")


def is_html(text: str) -> bool:
    """Say whether a text is a page of HTML, or a piece of one whose lines are parted by tags."""
    if _IS_HTML.match(text) is not None:
        return True
    return _BEGINS_INLINE.match(text) is not None and _BREAKS.search(text) is not None


def read_html(text: str, suffix: str) -> Document:
    """Return the words of a page, one block a line, and its tables as slices of them; markup is left out."""
    from lxml import etree
    from lxml import html as pages

    try:
        root = pages.document_fromstring(re.sub(r"^[\s\ufeff]*<\?xml[^>]*\?>", "", text))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as fault:
        raise InputError(message("reading.readable_page_html_save", fault=fault)) from fault
    for element in list(root.iter(*_UNSEEN)):
        tail = element.tail or ""
        parent = element.getparent()
        if parent is not None:
            before = element.getprevious()
            if before is not None:
                before.tail = (before.tail or "") + tail
            else:
                parent.text = (parent.text or "") + tail
            parent.remove(element)
    page = _Page()
    page.walk(root.find("body") if root.find("body") is not None else root)
    page.close()
    return Document(
        suffix=suffix, text="\n".join(page.lines), grids=tuple(page.grids), notes=("markup of HTML left out",)
    )


class _Page:
    """Collects the lines of a page and the cells of its tables."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.grids: list[Grid] = []
        self.held: list[str] = []
        self.length = 0

    def close(self) -> None:
        line = _BLANKS.sub(" ", "".join(self.held)).strip(" ")
        self.held = []
        if line:
            self.lines.append(line)
            self.length += len(line) + 1

    def walk(self, element: "_Element") -> None:
        if element.tag == "table":
            self._table(element)
            return
        block = element.tag in _BLOCKS
        if block:
            self.close()
        self._contents(element)
        if block:
            self.close()

    def _contents(self, element: "_Element") -> None:
        self.held.append(element.text or "")
        for child in element:
            if isinstance(child.tag, str):
                if child.tag == "br":
                    self.close()
                else:
                    self.walk(child)
            self.held.append(child.tail or "")

    def _table(self, table: "_Element") -> None:
        self.close()
        rows = []
        for row in table.iter("tr"):
            cells = []
            for cell in row:
                if cell.tag in {"td", "th"}:
                    start, number = self.length, len(self.lines)
                    self.walk_inside(cell)
                    cells.append(Cell(value="\n".join(self.lines[number:]), start=start))
            rows.append(tuple(cells))
        self.grids.append(Grid(name=f"table {len(self.grids) + 1}", rows=tuple(rows)))

    def walk_inside(self, cell: "_Element") -> None:
        """Walk a cell as a block of its own."""
        self._contents(cell)
        self.close()


def read_otr(text: str, suffix: str) -> Document:
    """Return the words of an oTranscribe file, whose text is HTML inside JSON."""
    try:
        held = json.loads(text)
        page = held["text"]
    except (ValueError, KeyError, TypeError) as fault:
        raise InputError(message("reading.readable_otranscribe_file_export")) from fault
    # A time stamp is a span of its own; its words (0:12) stand at the head of what follows.
    page = re.sub(r'<span class="timestamp"[^>]*>([^<]*)</span>', r"[\1] ", str(page)).replace("&nbsp;", " ")
    document = read_html(f"<html><body><div>{page}</div></body></html>", suffix)
    return Document(suffix=suffix, text=document.text, grids=document.grids)


# --- RTF, as f4 and MAXQDA write it.


def is_rtf(text: str) -> bool:
    """Say whether a text is the source of an RTF document."""
    return text.lstrip("\ufeff \r\n").startswith("{\\rtf")


def read_rtf(data: bytes, suffix: str) -> Document:
    """Return the words of an RTF document, one paragraph a line."""
    from striprtf.striprtf import rtf_to_text

    source = data.decode("latin-1").lstrip("\ufeffï»¿ \r\n")
    if not source.startswith("{\\rtf"):
        raise InputError(message("reading.rtf_document_though_name"))
    page = re.search(r"\\ansicpg(\d{3,5})", source)
    encoding = f"cp{page[1]}" if page and page[1] != "65001" else "utf-8" if page else "cp936"
    source = _without_hidden(source)
    try:
        text = str(rtf_to_text(source, encoding=encoding, errors="strict"))  # type: ignore[no-untyped-call]
    except (LookupError, UnicodeError, ValueError, IndexError) as fault:
        raise InputError(message("reading.readable_rtf_document_open", fault=fault)) from fault
    return Document(suffix=suffix, text=text.replace("\x00", "").strip("\n"), notes=("read from RTF",))


def _without_hidden(source: str) -> str:
    """Leave out groups of hidden text (control word v); one that is not closed stays as it is."""
    return re.sub(r"\{(?:\\[a-z]+-?\d*)*\\v(?:\\[a-z]+-?\d*)*\s[^{}]*\}", "", source)


# --- JSON of Whisper, WhisperX, FunASR and the like: a list of segments with their times.

_SEGMENTS = (
    "segments",
    "utterances",
    "results",
    "sentence_info",
    "sentences",
    "monologues",
    "transcription",
    "paragraphs",
    "data",
    "result",
    "chunks",
)
_TEXTS = (
    "text",
    "sentence",
    "transcript",
    "content",
    "words_text",
    "onebest",
    "utterance",
    "Text",
    "FinalSentence",
    "final_sentence",
)
_SPEAKERS = (
    "speaker",
    "spk",
    "speaker_id",
    "speaker_label",
    "speakerId",
    "role",
    "name",
    "SpeakerId",
    "speaker_name",
    "user",
)
_STARTS = (
    "start",
    "start_time",
    "begin",
    "bg",
    "from",
    "begin_time",
    "startTime",
    "StartMs",
    "start_ms",
    "offset",
    "time",
)
_ENDS = ("end", "end_time", "ed", "to", "endTime", "EndMs", "end_ms")


_IS_LINES = re.compile(r"\s*\{[^\n]*\}[ \t\r]*\n\s*\{")


def read_json(text: str, suffix: str) -> Document:
    """Return the segments of a speech recogniser as a table: speaker, start, end and text.

    Raises:
        InputError: no list of segments with words in it.
    """
    try:
        held = (
            json.loads(text)
            if not _IS_LINES.match(text)
            else [json.loads(line) for line in text.split("\n") if line.strip()]
        )
    except (ValueError, RecursionError) as fault:
        raise InputError(message("reading.readable_json_export_transcript", fault=fault)) from fault
    segments = max(_lists_of_segments(held, 0), key=_how_like_segments, default=None)
    if segments is None:
        raise InputError(message("reading.no_list_segments_text"))
    rows = [("speaker", "start", "end", "text")]
    for segment in segments:
        words = _first(segment, _TEXTS)
        start = _first(segment, _STARTS)
        end = _first(segment, _ENDS)
        timestamps = segment.get("timestamps") or segment.get("timestamp") or segment.get("offsets")
        if isinstance(timestamps, Mapping) and not start:
            start, end = str(timestamps.get("from", "")), str(timestamps.get("to", ""))
        elif isinstance(timestamps, Sequence) and not isinstance(timestamps, str) and timestamps and not start:
            flat = timestamps[0] if isinstance(timestamps[0], list) else timestamps
            start, end = str(flat[0]), str(flat[-1])
        rows.append((_first(segment, _SPEAKERS), start, end, words))
    document = document_of([("segments", rows)], suffix)
    named = any(row[0] for row in rows[1:])
    grid = document.grids[0]
    if not named:
        grid = Grid(name=grid.name, rows=tuple(row[1:] for row in grid.rows))
    return Document(suffix=suffix, text=document.text, grids=(grid,))


def _how_like_segments(rows: Sequence[Mapping[str, Any]]) -> tuple[bool, int]:
    """Return whether the rows have times, and how many characters of text they hold."""
    timed = sum(1 for row in rows if _first(row, _STARTS) or row.get("timestamps") or row.get("timestamp"))
    return timed * 2 > len(rows), sum(len(_first(row, _TEXTS)) for row in rows)


def _first(segment: Mapping[str, Any], names: Sequence[str]) -> str:
    for name in names:
        value = segment.get(name)
        if value is None and names is _TEXTS and isinstance(words := segment.get("Words", segment.get("words")), list):
            pieces = [
                str(word.get("Text") or word.get("text") or word.get("word") or "")
                for word in words
                if isinstance(word, Mapping)
            ]
            return "".join(pieces)
        if isinstance(value, bool) or value is None or isinstance(value, list | Mapping):
            continue
        return (
            html.unescape(str(value)).strip()
            if isinstance(value, str)
            else f"{value:g}"
            if isinstance(value, float)
            else str(value)
        )
    return ""


def _lists_of_segments(held: object, depth: int) -> Iterator[list[Mapping[str, Any]]]:
    if depth > 6:
        return
    if isinstance(held, list):
        rows = [row for row in held if isinstance(row, Mapping)]
        if rows and sum(1 for row in rows if _first(row, _TEXTS)) * 2 > len(rows):
            yield rows
        for row in rows[:50]:
            yield from _lists_of_segments(row, depth + 1)
    elif isinstance(held, Mapping):
        for name in (*_SEGMENTS, *held):
            if name in held and isinstance(held[name], list | Mapping):
                yield from _lists_of_segments(held[name], depth + 1)
