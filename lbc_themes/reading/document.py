"""The opened file that the formats look at: lines, tables, and how marked lines become turns."""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from lbc_themes.core.records import Role

# --- Lines of a text with their offsets, and the one way in which marked lines become turns.

# What may stand around speech without being part of it: white space, control characters, and characters with no width.
_BLANKS = (
    (0x00, 0x20),
    (0x7F, 0xA0),
    (0x2000, 0x200F),
    (0x2028, 0x202F),
    (0x205F, 0x2064),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
)
BLANK = "".join(chr(code) for first, last in _BLANKS for code in range(first, last + 1))

_LINE_END = re.compile(r"\r\n|\r|\n")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d{1,6})?)", re.ASCII)
_SECONDS = re.compile(r"\d{1,7}(?:\.\d{1,9})?", re.ASCII)


class Line(NamedTuple):
    """One line without its line end, as the slice ``[start, start + len(text))``."""

    start: int
    text: str


class Mark(NamedTuple):
    """A line that names a speaker; the speech, if any stands on the same line, begins ``offset`` characters into it."""

    speaker: str
    offset: int
    time: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """One turn before anyone knows its role: a speaker's slice ``[start, end)`` of the text."""

    speaker: str
    start: int
    end: int
    time: float | None = None
    question: str | None = None


def lines_of(text: str) -> list[Line]:
    r"""Return the lines of ``text``, which end in \n, \r\n or \r only."""
    lines, start = [], 0
    for end in _LINE_END.finditer(text):
        lines.append(Line(start, text[start : end.start()]))
        start = end.end()
    lines.append(Line(start, text[start:]))
    return lines


def bare(text: str) -> str:
    """Return ``text`` without the blank and invisible characters at its ends."""
    return text.strip(BLANK)


def trimmed(text: str, start: int) -> tuple[int, int]:
    """Return the slice of what `bare` leaves of ``text``, which stands at ``start``; empty where nothing is left."""
    left = text.lstrip(BLANK)
    begin = start + len(text) - len(left)
    return begin, begin + len(left.rstrip(BLANK))


def seconds(time: str) -> float | None:
    """Return the seconds that ``time`` says (02:49, 00:02:49, 00:02:49.350, 169, 169.5), or None.

    >>> seconds("00:02:49.350")
    169.35
    """
    found = _CLOCK.fullmatch(time.strip())
    if found:
        hours, minutes, rest = found.groups()
        return round(int(hours or 0) * 3600 + int(minutes) * 60 + float(rest.replace(",", ".")), 6)
    return float(time) if _SECONDS.fullmatch(time.strip()) else None


def turns_of(lines: Sequence[Line], marks: Mapping[int, Mark], silent: Container[int] = ()) -> tuple[Spoken, ...]:
    """Return the turns that begin at ``marks`` (by line number) and run until the next.

    Lines before the first mark and the lines in ``silent`` are not speech; a silent line within a turn cuts it in two.
    A mark that nothing follows makes no turn.
    """
    turns: list[Spoken] = []
    mark: Mark | None = None
    span: tuple[int, int] | None = None

    def close() -> None:
        if mark is not None and span is not None:
            turns.append(Spoken(speaker=mark.speaker, start=span[0], end=span[1], time=mark.time))

    for number, line in enumerate(lines):
        skip = 0
        if number in marks or number in silent:
            close()
            mark, span, skip = (
                marks.get(number, mark),
                None,
                marks[number].offset if number in marks else len(line.text),
            )
        start, end = trimmed(line.text[skip:], line.start + skip)
        if mark is not None and start < end:
            span = (span[0] if span else start, end)
    close()
    return tuple(turns)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One cell of a table: ``value`` stands in the document's text from ``start`` on, in code points."""

    value: str
    start: int

    @property
    def end(self) -> int:
        """The offset after the last character."""
        return self.start + len(self.value)


Row = tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """One table: a sheet, a csv file, a table in a Word document. Rows may differ in length."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """One opened file.

    ``text`` is the decoded text of a text file, and of other files the text in document order, one paragraph or cell a
    line. ``grids`` are its tables, if it has any; their cells are slices of ``text``. ``suffix`` is lower case with its
    dot.
    """

    suffix: str
    text: str
    grids: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the text, cut once for all forms that look at them."""
        return tuple(lines_of(self.text))

    @cached_property
    def spoken_lines(self) -> int:
        """How many lines hold more than blank characters; at least 1."""
        return max(1, sum(1 for line in self.lines if bare(line.text)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Parsed:
    """A document as one form reads it. ``roles`` are those that the file itself states, by speaker."""

    text: str
    turns: tuple[Spoken, ...]
    roles: Mapping[str, Role] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


# --- What a file form is.


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One form that transcripts come in.

    ``recognise`` says how sure it is, from 0 (not this form) to 1, that a document has this form; ``parse`` reads the
    document as this form and is called only where the form was recognised or asked for by name.
    """

    name: str
    recognise: Callable[[Document], float]
    parse: Callable[[Document], Parsed]
