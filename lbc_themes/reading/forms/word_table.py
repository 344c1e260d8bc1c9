"""Word documents whose interview stands in tables of two or three columns: speaker, speech, time."""

from lbc_themes.reading.columns import Columns, turn_columns
from lbc_themes.reading.document import Document, Grid, Parsed
from lbc_themes.reading.forms.form import Form
from lbc_themes.reading.table_turns import Said, in_place, roles, rows_of_speech


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` is a Word file with its speech in tables."""
    if document.suffix not in {".docx", ".docm"} or not document.text:
        return 0.0
    inside = sum(len(cell.value) + 1 for grid, _ in _tables(document) for row in grid.rows for cell in row)
    return 0.9 if inside * 2 > len(document.text) else 0.0


def parse(document: Document) -> Parsed:
    """Read one turn a row. The text is the whole document in its order, one paragraph a line."""
    said = [row for grid, columns in _tables(document) for row in rows_of_speech(grid, columns)]
    apart = _outermost(said)
    return Parsed(text=document.text, turns=in_place(apart), roles=roles(apart))


def _outermost(said: list[Said]) -> list[Said]:
    """Return the rows in the order of the text, without those that stand inside another row's cell."""
    kept: list[Said] = []
    for row in sorted(said, key=lambda row: (row.cell.start, -row.cell.end)):
        if not kept or row.cell.start >= kept[-1].cell.end:
            kept.append(row)
    return kept


def _tables(document: Document) -> list[tuple[Grid, Columns]]:
    return [(grid, columns) for grid in document.grids if (columns := turn_columns(grid)) is not None]


FORM = Form(name="word-table", recognise=recognise, parse=parse)
