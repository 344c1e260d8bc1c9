"""The opened file that the formats look at: lines, tables, and how marked lines become turns."""

import re
from bisect import bisect_left
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, TypeVar

from lbc_themes.core.records import Role

T = TypeVar("T")

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
# One clock, as tools and typists write it: 02:49, 00:02:49.350, 0:02:49,3, 00:02:49:12 (frames), 2分49秒, 2'49".
CLOCK = (
    r"(?:\d{1,2}:\d{1,2}:\d{1,2}\.\d{1,3}|(?:\d{1,3}[:：])?\d{1,3}[:：]\d{2}(?:[:：]\d{2}(?!\d)|[.,，．]\d{1,6}|-\d(?!\d))?(?![:：]?\d)"
    r"|(?:\d{1,2}(?:小时|小時|时|時)\s?)?\d{1,3}(?:分钟|分鐘|分)\s?\d{1,2}(?:\.\d{1,3})?秒"
    r"|\d{1,3}['′’]\d{2}(?:[\"″”]|''))"
)
DATE = r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[\s\xa0]{0,2}(?:[上下]午)?[\s\xa0]{0,2})?"
ARROW = r"(?:-{1,3}>|[→⟶➔~～至到]|[-–—]{1,2})"
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,6})|-(\d)|:\d{2})?", re.ASCII)
_SPELT_CLOCK = re.compile(
    r"(?:(\d{1,2})(?:小时|小時|时|時)\s?)?(\d{1,3})(?:(?:分钟|分鐘|分)\s?|['′’])(\d{1,2}(?:\.\d{1,3})?)(?:秒|[\"″”]|'')"
)
_WIDE = str.maketrans("：．，０１２３４５６７８９", ":.,0123456789")
_SECONDS = re.compile(r"\d{1,7}(?:\.\d{1,9})?", re.ASCII)


class Line(NamedTuple):
    """One line without its line end, as the slice ``[start, start + len(text))``.

    An ``aside`` line is known to be no part of the talk (a cell of a coding column); its text is given as empty. A line
    is a ``heading`` where the container says so (a paragraph of Word in a heading's style).
    """

    start: int
    text: str
    aside: bool = False
    heading: bool = False


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


class Doubt(NamedTuple):
    """Something in a reading that a person should look at: a kind of `lbc_themes.core.records.Finding`, and where.

    ``start`` is an offset in the text of the transcript where there is one, ``details`` the words or numbers at stake.
    """

    kind: str
    details: str = ""
    start: int | None = None


class PartKind(StrEnum):
    """What a stretch of a file is to its reader."""

    SPEECH = "speech"
    LABEL = "label"
    TIME = "time"
    HEADING = "heading"
    QUESTION = "question"
    FURNITURE = "furniture"
    UNEXPLAINED = "unexplained"


class Part(NamedTuple):
    """A half-open stretch ``[start, end)`` of the file's text, and what its reader takes it for.

    ``why`` says it more closely where the kind alone does not: "footer", "cue number", "column of codes".
    """

    start: int
    end: int
    kind: PartKind
    why: str = ""


def account(text: str, parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return ``parts`` in order, cut where they overlap (the earlier one counts), with what is left as unexplained.

    Together they cover every character of ``text`` that is no blank, each once.
    """
    whole: list[Part] = []
    at = 0
    for part in sorted(parts, key=lambda part: (part.start, -part.end)):
        start, end = max(part.start, at), part.end
        if start >= end:
            continue
        whole += _left_over(text, at, start)
        whole.append(part._replace(start=start))
        at = end
    return (*whole, *_left_over(text, at, len(text)))


def _left_over(text: str, start: int, end: int) -> list[Part]:
    begin, stop = trimmed(text[start:end], start)
    return [Part(begin, stop, PartKind.UNEXPLAINED)] if begin < stop else []


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
    """Return the seconds that ``time`` says (02:49, 00:02:49.350, 2分49秒, 169, 169.5), or None.

    >>> seconds("00:02:49.350"), seconds("2分49秒")
    (169.35, 169.0)
    """
    plain = time.strip().translate(_WIDE)
    found = _CLOCK.fullmatch(plain)
    if found:
        hours, minutes, whole, part, tenth = found.groups()
        return round(int(hours or 0) * 3600 + int(minutes) * 60 + float(f"{whole}.{part or tenth or 0}"), 6)
    spelt = _SPELT_CLOCK.fullmatch(plain)
    if spelt:
        return round(int(spelt[1] or 0) * 3600 + int(spelt[2]) * 60 + float(spelt[3]), 6)
    return float(plain) if _SECONDS.fullmatch(plain) else None


def turns_of(lines: Sequence[Line], marks: Mapping[int, Mark], silent: Container[int] = ()) -> tuple[Spoken, ...]:
    """Return the turns that begin at ``marks`` (by line number) and run until the next.

    Lines before the first mark, aside lines and those in ``silent`` are not speech; such a line within a turn cuts it
    in two.
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
        if number in marks or number in silent or line.aside:
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
    """One table: a sheet, a csv file, a table in a Word document. Rows may differ in length.

    ``delimiter`` is what separates the cells of a csv file, empty elsewhere.
    """

    name: str
    rows: tuple[Row, ...]
    delimiter: str = ""


@dataclass(frozen=True, kw_only=True)
class Document:
    """One opened file.

    ``text`` is the decoded text of a text file, and of other files the text in document order, one paragraph or cell a
    line. ``grids`` are its tables, if it has any; their cells are slices of ``text``. ``suffix`` is lower case with its
    dot. ``asides`` are stretches that the container knows to be no part of the talk, ``doubts`` what a person should
    look at, ``headings`` where paragraphs begin that have a heading's style.
    """

    suffix: str
    text: str
    grids: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = ()
    asides: tuple[Part, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    headings: frozenset[int] = frozenset()

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the text, cut once for all forms that look at them."""
        lines = lines_of(self.text)
        if self.headings:
            lines = [line._replace(heading=True) if line.start in self.headings else line for line in lines]
        if not self.asides:
            return tuple(lines)
        starts = [line.start for line in lines]
        for part in self.asides:
            # An aside ends where a line ends, so only the lines that begin within it are part of it.
            for number in range(bisect_left(starts, part.start), bisect_left(starts, part.end)):
                lines[number] = Line(lines[number].start, "", aside=True)
        return tuple(lines)

    def once(self, key: str, make: Callable[[], T]) -> T:
        """Return what ``make`` returns, made at the first call for ``key`` and kept for the other forms that ask."""
        kept: dict[str, T] = self.__dict__.setdefault("_kept", {})
        if key not in kept:
            kept[key] = make()
        return kept[key]

    @cached_property
    def spoken_lines(self) -> int:
        """How many lines hold more than blank characters; at least 1."""
        return max(1, sum(1 for line in self.lines if bare(line.text)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Parsed:
    """A document as one form reads it.

    ``roles`` are those that the file itself states, by speaker. ``parts`` say of every stretch of the document's text
    what it is (see `account`); ``doubts`` are what a person should look at.
    """

    text: str
    turns: tuple[Spoken, ...]
    roles: Mapping[str, Role] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    doubts: tuple[Doubt, ...] = ()


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
