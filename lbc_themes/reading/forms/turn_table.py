"""Sheets and csv files with one row a turn: speaker, speech, time, in any order, with or without a header."""

from lbc_themes.reading.columns import Columns, turn_columns
from lbc_themes.reading.document import Document, Grid, Parsed
from lbc_themes.reading.forms.form import Form
from lbc_themes.reading.table_turns import joined, roles, rows_of_speech

SUFFIXES = frozenset({".csv", ".tsv", ".xlsx", ".xlsm"})


def recognise(document: Document) -> float:
    """Say how sure it is that the rows of ``document`` are turns."""
    return 0.9 if document.suffix in SUFFIXES and _tables(document) else 0.0


def parse(document: Document) -> Parsed:
    """Read one turn a row. The text is the cells of speech of all sheets in order, one a line."""
    tables = _tables(document)
    said = [row for grid, columns in tables for row in rows_of_speech(grid, columns)]
    text, turns = joined(said)
    read = [grid for grid, _ in tables]
    left = [grid.name for grid in document.grids if grid not in read and any(grid.rows)]
    notes = (f"sheets without turns were not read: {', '.join(left)}",) if left else ()
    return Parsed(text=text, turns=turns, roles=roles(said), notes=notes)


def _tables(document: Document) -> list[tuple[Grid, Columns]]:
    return [(grid, columns) for grid in document.grids if (columns := turn_columns(grid)) is not None]


FORM = Form(name="turn-table", recognise=recognise, parse=parse)
