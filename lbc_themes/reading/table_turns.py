"""Turns from the rows of a table."""

from collections.abc import Iterator
from typing import NamedTuple

from lbc_themes.core.records import Role
from lbc_themes.reading.columns import Columns
from lbc_themes.reading.document import Cell, Grid, Row
from lbc_themes.reading.lines import Spoken, bare, seconds, trimmed
from lbc_themes.reading.vocabulary import role_of_value


def value_at(row: Row, column: int | None) -> str:
    """Return the bare value of a cell, empty where there is no such column or cell."""
    return bare(row[column].value) if column is not None and column < len(row) else ""


class Said(NamedTuple):
    """One row of speech: who, the cell that holds the words, when, and to which question."""

    speaker: str
    cell: Cell
    time: float | None
    question: str | None
    role: Role | None


def rows_of_speech(grid: Grid, columns: Columns) -> Iterator[Said]:
    """Yield the rows of ``grid`` that hold words. An empty speaker cell carries on the speaker above it."""
    speaker = ""
    for row in grid.rows[columns.first :]:
        speaker = value_at(row, columns.speaker).rstrip(":：") or speaker
        if value_at(row, columns.text):
            role = role_of_value(value_at(row, columns.role)) if columns.role is not None else None
            question = value_at(row, columns.question) or None
            yield Said(speaker, row[columns.text], seconds(value_at(row, columns.time)), question, role)


def in_place(said: list[Said]) -> tuple[Spoken, ...]:
    """Return turns that are slices of the document's own text."""
    return tuple(_turn(row, row.cell.start) for row in said)


def joined(said: list[Said]) -> tuple[str, tuple[Spoken, ...]]:
    """Return the cells of speech joined with newlines, and turns that are slices of that."""
    turns, start = [], 0
    for row in said:
        turns.append(_turn(row, start))
        start += len(row.cell.value) + 1
    return "\n".join(row.cell.value for row in said), tuple(turns)


def roles(said: list[Said]) -> dict[str, Role]:
    """Return the roles that a role column states, by speaker; the first one where a speaker has several."""
    stated: dict[str, Role] = {}
    for row in said:
        if row.role is not None:
            stated.setdefault(row.speaker, row.role)
    return stated


def _turn(row: Said, at: int) -> Spoken:
    start, end = trimmed(row.cell.value, at)
    return Spoken(speaker=row.speaker, start=start, end=end, time=row.time, question=row.question)
