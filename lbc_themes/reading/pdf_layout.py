"""From the lines of pages to paragraphs: what the page wrapped is put together again."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median, mode

from lbc_themes.reading.labelset import candidates, learn
from lbc_themes.reading.lines import Line
from lbc_themes.reading.pdf_page import PdfLine, PdfPage, without_furniture

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
