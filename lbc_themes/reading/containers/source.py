"""A file's bytes, and the document that they hold."""

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message, word_table
from lbc_themes.reading.containers.markup import is_html, is_rtf, read_html, read_json, read_otr, read_rtf
from lbc_themes.reading.containers.pdf import read_pdf
from lbc_themes.reading.containers.sheets import document_of, read_csv, read_workbook
from lbc_themes.reading.containers.word import read_odt, read_word
from lbc_themes.reading.document import Document, Doubt
from lbc_themes.text.decoding import decode
from lbc_themes.text.safe_zip import LIMIT, MOST_CHARACTERS

TEXT = frozenset({
    ".txt", ".md", ".markdown", ".text", ".srt", ".vtt", ".sbv", ".lrc", ".eaf", ".cha", ".textgrid", ".exb", ".html",
    ".htm", ".otr", ".json",
})  # fmt: skip
TABLE = frozenset({".csv", ".tsv"})
RTF = frozenset({".rtf"})
HTML = frozenset({".html", ".htm"})
_HOLD_MARKUP = frozenset({".otr", ".json", ".eaf", ".exb"})
OPEN_DOCUMENT = frozenset({".odt"})
WORD = frozenset({".docx", ".docm"})
WORKBOOK = frozenset({".xlsx", ".xlsm"})
PDF = frozenset({".pdf"})
_MOST_LINES = 3_000_000
SUFFIXES = TEXT | TABLE | WORD | WORKBOOK | PDF | RTF | OPEN_DOCUMENT
_INSTEAD = {
    ".doc": "word",
    ".xls": "excel",
    ".wps": "wps",
    ".pages": "docx",
    ".ods": "xlsx",
    ".ass": "aegisub",
    ".ssa": "subtitles",
    ".dote": "srt",
    ".nvp": "nvivo",
    ".nvpx": "nvivo",
    ".mx20": "maxqda",
    ".mx22": "maxqda",
    ".mx24": "maxqda",
    ".atlproj": "atlas",
    ".f4": "f4",
    ".f4p": "f4",
    ".caf": "recording",
    ".aac": "recording",
    ".amr": "recording",
    ".trs": "transcriber",
    ".xml": "text",
    ".zip": "unpack",
    ".rar": "unpack",
    ".7z": "unpack",
    ".qdpx": "project",
    ".mp3": "recording",
    ".m4a": "recording",
    ".wav": "recording",
    ".mp4": "recording",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The bytes of one file."""

    path: Path
    data: bytes

    @property
    def sha256(self) -> str:
        """The checksum of the bytes, as hexadecimal digits."""
        return hashlib.sha256(self.data).hexdigest()


def read_source(path: Path) -> Source:
    """Return the bytes of ``path``, which is at most 200 MB and not empty."""
    if path.suffix.lower() not in SUFFIXES:
        name = _INSTEAD.get(path.suffix.lower())
        advice = (
            word_table("reading.instead")[name]
            if name
            else message("reading.transcripts_end_in", suffixes=sorted(SUFFIXES))
        )
        raise InputError(
            message("reading.files_ending_read_transcripts", suffix=path.suffix or message("core.none"), advice=advice)
        )
    try:
        if path.stat().st_size > LIMIT:
            raise InputError(message("reading.file_larger_than_mb", limit=LIMIT // 1000000))
        data = path.read_bytes()
    except OSError as fault:
        raise InputError(message("reading.file_cannot_opened_check", strerror=fault.strerror)) from fault
    if not data.strip():
        raise InputError(message("reading.file_empty_transcript_holds"))
    return Source(path=path, data=data)


def open_document(source: Source) -> Document:
    """Return what ``source`` holds, by the ending of its name."""
    suffix = source.path.suffix.lower()
    if suffix in WORD:
        document = read_word(source.data, suffix)
    elif suffix in WORKBOOK:
        document = read_workbook(source.data, suffix)
    elif suffix in PDF:
        document = read_pdf(source.data, suffix)
    elif suffix in OPEN_DOCUMENT:
        document = read_odt(source.data, suffix)
    elif suffix in RTF or source.data[:64].lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{\\rtf"):
        document = _misnamed(read_rtf(source.data, suffix), "RTF", RTF)
    elif source.data.startswith(_OTHER_FORMATS):
        raise InputError(message("reading.name_ends_but_content", suffix=suffix))
    else:
        document = _open_text(source.data, suffix)
    _refuse_endless(document.text)
    _refuse_surrogates(document.text)
    return document


_OTHER_FORMATS = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0")


def _open_text(data: bytes, suffix: str) -> Document:
    text, encoding = decode(data)
    notes = () if encoding == "utf-8" else (f"decoded as {encoding}",)
    if is_rtf(text):
        # RTF is written in ASCII; in UTF-16 its first bytes are not those of RTF.
        if not text.isascii():
            raise InputError(message("reading.readable_rtf_document_open", fault=encoding))
        document = _misnamed(read_rtf(text.encode("ascii"), suffix), "RTF", RTF)
    elif suffix not in HTML and suffix not in _HOLD_MARKUP and is_html(text):
        document = _misnamed(read_html(text, suffix), "HTML", HTML)
    elif suffix in TABLE:
        document = read_csv(text, suffix)
    elif suffix == ".otr":
        document = read_otr(text, suffix)
    elif suffix == ".json":
        document = read_json(text, suffix)
    elif suffix in HTML:
        document = read_html(text, suffix)
    elif suffix in {".txt", ".md", ".markdown", ".text"} and (rows := _bar_table(text)) is not None:
        # A table of bars, as Markdown has it, is a table whatever the file is called.
        document = document_of([("", rows)], ".tsv")
        left = sum(1 for line in text.splitlines() if line.strip() and line.count("|") < 1)
        if left > 3:
            document = replace(document, doubts=(Doubt("text-outside-tables", str(left)),))
    else:
        document = Document(suffix=suffix, text=text)
    return replace(document, notes=(*notes, *document.notes))


def _misnamed(document: Document, what: str, endings: frozenset[str]) -> Document:
    """Return ``document``; where the ending of the file's name is none of ``endings``, its note says so."""
    if document.suffix in endings:
        return document
    own = max(endings, key=len)
    note = (
        f"the name ends in {document.suffix}, but the content is {what}: its words were read and the markup left out; "
        f"check them, and rename the file to {own}"
    )
    return replace(document, notes=(note,))


_RULE_OF_TABLE = re.compile(r"[|\s:\-+]+")


def _bar_table(text: str) -> list[list[str]] | None:
    """Return the rows of a text most of whose lines are cells between bars, all with the same number of bars."""
    if text.count("|") < 6:
        return None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    barred = [line for line in lines if line.count("|") > 1]
    bars = {line.count("|") for line in barred}
    if len(bars) != 1 or len(barred) < 3 or len(barred) * 10 < len(lines) * 6:
        return None
    rows = [line for line in barred if not _RULE_OF_TABLE.fullmatch(line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rows]


def _refuse_endless(text: str) -> None:
    if len(text) > MOST_CHARACTERS or text.count("\n") + text.count("\r") > _MOST_LINES:
        raise InputError(
            message("reading.more_than_characters_lines", most_characters=MOST_CHARACTERS, most_lines=_MOST_LINES)
        )


def _refuse_surrogates(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as fault:
        line = text.count("\n", 0, fault.start) + 1
        raise InputError(message("reading.line_holds_half_character", line=line)) from fault
