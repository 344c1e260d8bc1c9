"""A page of a PDF, and what of it belongs to the page rather than to the text: running heads, feet and page numbers."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import NamedTuple


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


_NUMBER = re.compile(
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
    text = "0" if _NUMBER.fullmatch(line.text) else _DIGITS.sub("0", line.text).strip()
    return at_top, text, round(line.middle / 10)


def _is_furniture(page: PdfPage, line: PdfLine, size: float, comes_again: bool) -> bool:  # noqa: FBT001
    edge = min(line.middle, page.height - line.middle) < _EDGE * page.height
    small = line.size < _SMALL * size
    if edge and (small or _NUMBER.fullmatch(line.text) is not None):
        return True
    near = min((abs(line.middle - other.middle) for other in page.lines if other is not line), default=page.height)
    return comes_again and (edge or small or near > _APART * size * 1.5)
