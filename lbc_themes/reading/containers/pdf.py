"""PDF files: the text of their pages, as paragraphs.

The text is PDFium's (package pypdfium2). Of the readers tried it alone gave every character of GB 2312 back from pages
that a browser had printed; pypdf and pdfminer.six gave two hundred common ones (小, 日, 老) as the radicals that look
like them.
"""

import json
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import pairwise
from statistics import median, mode
from typing import Any, NamedTuple

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.reading.document import Document, Line
from lbc_themes.reading.formats.labels import candidates, learn

# --- A page of a PDF, and what of it belongs to the page rather than to the text: running heads, feet and page numbers.


class PdfLine(NamedTuple):
    """One line of a page, upright: its text, its edges in points from the lower left corner, its size (an em)."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return (self.bottom + self.top) / 2


@dataclass(frozen=True, kw_only=True, slots=True)
class PdfPage:
    """One page; ``unknown`` counts characters that its fonts do not name."""

    width: float
    height: float
    lines: tuple[PdfLine, ...]
    unknown: int = 0
    pictures: bool = False


_PAGE_NUMBER = re.compile(
    r"[\s\-—–·.|]*(?:第\s*|page\s*|p\.\s*)?\d{1,4}(?:\s*[页頁])?"
    r"(?:\s*(?:[/／|，,]|of|共)\s*共?\s*\d{1,4}\s*[页頁]?)?[\s\-—–·.|]*",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_EDGE, _SMALL, _OFTEN, _APART = 0.09, 0.85, 0.3, 1.6


def without_furniture(pages: Sequence[PdfPage]) -> tuple[list[PdfPage], int]:
    """Return the pages without running heads, feet and page numbers, and how many lines those were.

    Such a line is among the outermost of its page. It is a number or comes again on other pages, and stands apart; or
    it is small print at the very edge.
    """
    size = median(line.size for page in pages for line in page.lines)
    outer = [list(_outermost(page)) for page in pages]
    again = Counter(key for lines in outer for key in {_key(line, at_top=top) for line, top in lines})
    often = max(2, round(_OFTEN * len(pages)))
    kept, dropped = [], 0
    for page, lines in zip(pages, outer, strict=True):
        gone = {line for line, top in lines if _is_furniture(page, line, size, again[_key(line, at_top=top)] >= often)}
        kept.append(replace(page, lines=tuple(line for line in page.lines if line not in gone)))
        dropped += len(gone)
    return kept, dropped


def _outermost(page: PdfPage) -> Iterator[tuple[PdfLine, bool]]:
    """Yield the two highest and the two lowest lines, and whether they are high; of few lines, fewer."""
    down = sorted(page.lines, key=lambda line: -line.middle)
    few = min(2, len(down) // 2)
    yield from ((line, True) for line in down[:few])
    yield from ((line, False) for line in down[len(down) - few :])


def _key(line: PdfLine, *, at_top: bool) -> tuple[bool, str, int]:
    text = "0" if _PAGE_NUMBER.fullmatch(line.text) else _DIGITS.sub("0", line.text).strip()
    return at_top, text, round(line.middle / 10)


def _is_furniture(page: PdfPage, line: PdfLine, size: float, comes_again: bool) -> bool:  # noqa: FBT001
    edge = min(line.middle, page.height - line.middle) < _EDGE * page.height
    small = line.size < _SMALL * size
    if edge and (small or _PAGE_NUMBER.fullmatch(line.text) is not None):
        return True
    near = min((abs(line.middle - other.middle) for other in page.lines if other is not line), default=page.height)
    return comes_again and (edge or small or near > _APART * size * 1.5)


# --- From the lines of pages to paragraphs: what the page wrapped is put together again.

_MARKED = re.compile(
    r"\s*<[A-Za-z]{1,12}\d{0,4}>|#{1,6}\s|.{1,40}[(（\[]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?[)）\]]?\s*[：:]?\s*$"
)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'’.,%+-]*")
_LATIN_END = re.compile(r"[A-Za-z0-9,.;:!?%)\"']$")
_FAR, _SLACK, _INDENT = 1.35, 2.2, 1.0
_JUSTIFIED = 3
_RADICALS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}


def paragraphs(pages: Sequence[PdfPage]) -> tuple[str, tuple[str, ...]]:
    """Return the paragraphs of ``pages``, one a line, and a note on what was left out.

    A line goes on in the next where it fills its column, and the next is neither indented nor apart from it and does
    not begin with a speaker (a label that comes back, a tag, a time). Paragraphs may run on over the end of a page.
    """
    kept, dropped = without_furniture(pages)
    layout = _Layout(kept)
    lines = [(number, line) for number, page in enumerate(kept) for line in page.lines]
    pieces = [lines[0][1].text.strip()] if lines else []
    for (page, before), (next_page, line) in pairwise(lines):
        on = layout.goes_on(page, before, line, turned=next_page > page)
        pieces += [_seam(before.text, line.text) if on else "\n", line.text.strip()]
    note = f"{dropped} line{'s' * (dropped != 1)} of page headers, footers and page numbers left out"
    return "".join(pieces).translate(_RADICALS), (note,) if dropped else ()


def _seam(before: str, after: str) -> str:
    """Return what stands between two lines put together: nothing beside Chinese or a hyphen, else a blank."""
    return " " if _LATIN_END.search(before.rstrip()) and _WORD.match(after.lstrip()) else ""


class _Layout:
    """What the lines of a document have in common: their margins, their distance and the labels of speakers."""

    def __init__(self, pages: Sequence[PdfPage]) -> None:
        lines = [line for page in pages for line in page.lines]
        self.right = [self._margin(page, lines) for page in pages]
        after_full = [
            (number, before, line)
            for number, page in enumerate(pages)
            for before, line in pairwise(page.lines)
            if self._fills(number, before, line)
        ]
        self.left = [self._left(number, after_full) for number in range(len(pages))]
        drops = [before.middle - line.middle for _, before, line in after_full if before.middle > line.middle]
        self.leading = median(drops) if drops else 0.0
        texts = [Line(0, line.text) for line in lines]
        found = candidates(texts)
        labels, _ = learn(found.values())
        self.speaking = {texts[number].text for number, candidate in found.items() if candidate.label in labels}

    @staticmethod
    def _margin(page: PdfPage, every: Sequence[PdfLine]) -> float:
        """Return the right margin: where several lines end or, without such, as far from the edge as the left one."""
        for lines in (page.lines, every):
            ends = [line.right for line in lines if line.right <= page.width]
            if ends and sum(end > max(ends) - 1.2 * lines[0].size for end in ends) >= _JUSTIFIED:
                return max(ends)
        return max((page.width - min(line.left for line in page.lines), *ends)) if page.lines and ends else page.width

    def _left(self, number: int, after_full: Iterable[tuple[int, PdfLine, PdfLine]]) -> float | None:
        """Return where lines begin that go on from a full one, on this page or, for want of such, on any."""
        every = [(page, round(line.left)) for page, _, line in after_full]
        here = [left for page, left in every if page == number]
        chosen = here if len(here) >= _JUSTIFIED else [left for _, left in every]
        return float(mode(sorted(chosen))) if chosen else None

    def _fills(self, page: int, line: PdfLine, after: PdfLine) -> bool:
        """Say whether what ``after`` begins with had no room on ``line``."""
        word = _WORD.match(after.text.lstrip())
        room = _SLACK * line.size + (0.6 * line.size * len(word[0]) if word else 0)
        return line.right > self.right[page] - room

    def goes_on(self, page: int, before: PdfLine, line: PdfLine, *, turned: bool) -> bool:
        """Say whether ``line`` goes on with the paragraph of ``before``; ``turned`` where it is on the next page."""
        if not self._fills(page, before, line) or line.text in self.speaking or _MARKED.match(line.text):
            return False
        if abs(before.size - line.size) > 0.15 * before.size:
            return False
        left = self.left[page + turned] if turned else self.left[page]
        if left is not None and abs(line.left - left) > _INDENT * line.size:
            return False
        return turned or 0 < before.middle - line.middle < _FAR * self.leading


_START = "import sys; sys.path[:] = sys.argv[1:]; from lbc_themes.reading.containers.pdf_child import main; main()"
_SECONDS = 180
_UNKNOWN = 0.005
_REFUSALS = {
    "password": "the PDF is protected by a password; save it without one",
    "broken": "not a readable PDF file; open it where it was made and export it again, or take the .docx or .txt",
    "long": "the PDF holds more than 5,000 pages or 10,000,000 characters, which is the most allowed; split it",
}


def read_pdf(data: bytes, suffix: str) -> Document:
    """Return the text of a PDF, one paragraph a line.

    Lines that the page wraps are put together again, without a blank between Chinese characters. Page numbers and what
    stands at the head or foot of page after page is left out, with a note. Refused are scans (pictures of text), files
    with a password, and files whose fonts do not say which characters they draw. The file is opened in a process of its
    own with at most 2 GB of memory and two minutes of processor time.
    """
    pages = [_page(page) for page in _pages(data)]
    characters = sum(len(line.text) for page in pages for line in page.lines)
    if not characters:
        pictures = message("reading.only_pictures") if any(page.pictures for page in pages) else ""
        raise InputError(message("reading.pdf_holds_no_text", pictures=pictures))
    _refuse_unknown(pages, characters)
    text, notes = paragraphs(pages)
    return Document(suffix=suffix, text=text, notes=(*_bare_pages(pages), *notes))


def _pages(data: bytes) -> list[dict[str, Any]]:
    if find_spec("pypdfium2") is None:
        # An InputError, so that the other files of a folder are still read.
        raise InputError(
            message("core.missing_extra", package="pypdfium2", extra="pdf", purpose=message("reading.purpose_pdf"))
        )
    try:
        done = subprocess.run(  # noqa: S603 - this Python and a fixed program
            [sys.executable, "-c", _START, *sys.path], input=data, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as fault:
        raise InputError(message("reading.pdf_was_read_within", seconds=_SECONDS)) from fault
    if done.returncode != 0:
        raise InputError(message("reading.pdf_breaks_program_opens"))
    answer: dict[str, Any] = json.loads(done.stdout)
    if "refused" in answer:
        raise InputError(_REFUSALS[answer["refused"]])
    pages: list[dict[str, Any]] = answer["pages"]
    return pages


def _page(page: dict[str, Any]) -> PdfPage:
    lines = [PdfLine(*line) for line in page["lines"]]
    return PdfPage(
        width=page["width"], height=page["height"], lines=tuple(line for line in lines if line.text.strip()),
        unknown=page["unknown"], pictures=page["pictures"],
    )  # fmt: skip


def _refuse_unknown(pages: list[PdfPage], characters: int) -> None:
    unknown = sum(page.unknown for page in pages)
    if unknown > _UNKNOWN * characters:
        first = next(number for number, page in enumerate(pages, 1) if page.unknown)
        raise InputError(message("reading.page_fonts_pdf_do", first=first, unknown=unknown, characters=characters))


def _bare_pages(pages: list[PdfPage]) -> tuple[str, ...]:
    bare = [str(number) for number, page in enumerate(pages, 1) if not page.lines and page.pictures]
    unknown = [str(number) for number, page in enumerate(pages, 1) if page.unknown]
    notes = []
    if bare:
        notes.append(f"pictures without text on page {', '.join(bare[:20])}: what stands in them was not read")
    if unknown:
        notes.append(f"characters that the font does not name stand as � on page {', '.join(unknown[:20])}")
    return tuple(notes)
