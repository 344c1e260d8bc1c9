"""A passage with its codes in colours, for Jupyter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from lbc_themes.codebook.draft import GREY, is_colour
from lbc_themes.core.records import Codebook, Coding, Language, Passage

_VEIL = "55"
_BOX = 'style="max-width:60em;line-height:1.9;overflow-wrap:anywhere"'
_SWATCH = "display:inline-block;width:.8em;height:.8em;margin-right:.4em;border:1px solid #8888"


@dataclass(frozen=True, slots=True)
class CodeExample:
    """Something to look at: ``html`` in a notebook, ``text`` in a terminal."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    coding: Coding


def show(passage: Passage, codings: Iterable[Coding], codebook: Codebook, *, language: Language = "zh") -> CodeExample:
    """Return a passage as a notebook shows it: coded words in the colours of their codes, and who gave which.

    ``codings`` may be those of a whole study: those that do not touch the passage are passed over. Words with several
    codes have the colours of all, one above the other. Text is escaped.
    """
    marks = [mark for coding in codings if (mark := _mark(coding, passage)) is not None]
    head = f"{passage.id} · {passage.speaker}"
    said = "".join(_pieces(passage.text, marks, codebook, language))
    rows = _legend(marks, codebook, language)
    swatches = "".join(
        f'<li><span style="{_SWATCH};background:{colour}"></span>{escape(line)}</li>' for colour, line in rows
    )
    question = f"<p><small>{escape(passage.question)}</small></p>" if passage.question else ""
    html = (
        f'<div {_BOX}><p><small>{escape(head)}</small></p>{question}<p lang="zh">{said}</p>'
        f'<ul style="list-style:none;padding:0">{swatches}</ul></div>'
    )
    return CodeExample(html=html, text="\n".join([head, passage.text, *(f"  {line}" for _, line in rows)]))


def _mark(coding: Coding, passage: Passage) -> _Mark | None:
    """Return where a coding is in the passage's own text, which has no place for what stands between its slices."""
    if coding.transcript_id != passage.transcript_id:
        return None
    start, end = (_within(offset, passage.spans) for offset in (coding.start, coding.end))
    return _Mark(start, end, coding) if start < end else None


def _within(offset: int, spans: Sequence[tuple[int, int]]) -> int:
    return sum(min(max(offset, a), b) - a for a, b in spans)


def _pieces(text: str, marks: Sequence[_Mark], book: Codebook, language: Language) -> Iterable[str]:
    edges = sorted({0, len(text), *(edge for mark in marks for edge in (mark.start, mark.end))})
    for a, b in pairwise(edges):
        code_ids = list(dict.fromkeys(m.coding.code_id for m in marks if m.start <= a and b <= m.end))
        words = escape(text[a:b])
        if not code_ids:
            yield words
            continue
        names = escape(" · ".join(_name(code_id, book, language) for code_id in code_ids))
        veils = [f"{_colour(code_id, book)}{_VEIL}" for code_id in code_ids]
        yield f'<mark title="{names}" style="color:inherit;background:{_bands(veils)}">{words}</mark>'


def _bands(colours: Sequence[str]) -> str:
    step = 100 / len(colours)
    bands = ",".join(f"{each} {n * step:.0f}% {(n + 1) * step:.0f}%" for n, each in enumerate(colours))
    return f"linear-gradient({bands})"


def _legend(marks: Sequence[_Mark], book: Codebook, language: Language) -> list[tuple[str, str]]:
    """Return each code's colour, and its name with those who gave it."""
    comma, colon = ("、", "：") if language == "zh" else (", ", ": ")
    rows = []
    for code_id in dict.fromkeys(mark.coding.code_id for mark in marks):
        coders = dict.fromkeys(mark.coding.coder for mark in marks if mark.coding.code_id == code_id)
        rows.append((_colour(code_id, book), f"{_name(code_id, book, language)}{colon}{comma.join(coders)}"))
    return rows


def _name(code_id: str, book: Codebook, language: Language) -> str:
    return book[code_id].name.said(language) if code_id in book else code_id


def _colour(code_id: str, book: Codebook) -> str:
    colour = book[code_id].colour if code_id in book else GREY
    return colour if is_colour(colour) else GREY
