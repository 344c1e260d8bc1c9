"""What the opening of a file hands to the forms, and what a form hands back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lbc_themes.core.records import Role
from lbc_themes.reading.lines import Line, Spoken, bare, lines_of


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
