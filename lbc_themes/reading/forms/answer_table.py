"""Sheets and csv files with one row a respondent and one column a question, as questionnaires are exported."""

from collections.abc import Iterator

from lbc_themes.reading.columns import places
from lbc_themes.reading.document import Cell, Document, Grid, Parsed
from lbc_themes.reading.forms.form import Form
from lbc_themes.reading.forms.turn_table import SUFFIXES
from lbc_themes.reading.headers import meaning
from lbc_themes.reading.lines import bare
from lbc_themes.reading.table_turns import Said, joined, roles, value_at
from lbc_themes.reading.vocabulary import is_speaker_word, role_of_value

_ASKED = frozenset({"", "question", "text"})


def recognise(document: Document) -> float:
    """Say how sure it is that the rows of ``document`` are respondents and its columns questions."""
    return 0.8 if document.suffix in SUFFIXES and any(_is_table(grid) for grid in document.grids) else 0.0


def parse(document: Document) -> Parsed:
    """Read one turn an answer, respondent by respondent, question by question.

    The whole file is one transcript. A turn's ``question`` is the header of its column, its speaker the respondent's id
    or, where no column holds one, the number of the row. Columns of attributes (gender, age, date) are not answers. The
    text is the answers in that order, one a line. A sheet whose rows are the questions (the header of its first column
    is 问题) and whose columns are the respondents is read the same way.
    """
    tables = [_upright(grid) for grid in document.grids if _is_table(grid)]
    said = [row for grid in tables for row in _answers(grid)]
    text, turns = joined(said)
    headers = [bare(cell.value) for grid in tables for cell in grid.rows[0]]
    aside = dict.fromkeys(header for header in headers if meaning(header) not in _ASKED)
    notes = (f"columns not read as answers: {', '.join(aside)}",) if aside else ()
    return Parsed(text=text, turns=turns, roles=roles(said), notes=notes)


def _is_table(grid: Grid) -> bool:
    headers = [cell for cell in grid.rows[0] if bare(cell.value)] if grid.rows else []
    return len(grid.rows) > 1 and len(headers) > 1 and bool(_questions(grid))


def _upright(grid: Grid) -> Grid:
    """Return a table whose rows are questions with its rows and columns exchanged, any other as it is."""
    found = [meaning(bare(cell.value)) for cell in grid.rows[0]]
    others = [bare(cell.value) for cell in grid.rows[0][1:]]
    if found[0] != "question" or any(found[1:]) or not all(others) or any(h.endswith(("?", "？")) for h in others):
        return grid
    width, edge = len(found), grid.rows[0][0]
    rows = [(*row, *[Cell(value="", start=edge.start)] * width)[:width] for row in grid.rows]
    columns = list(zip(*rows, strict=True))
    head = (Cell(value="受访者", start=edge.start), *columns[0][1:])
    return Grid(name=grid.name, rows=(head, *columns[1:]))


def _questions(grid: Grid) -> dict[int, str]:
    headers = ((column, bare(cell.value)) for column, cell in enumerate(grid.rows[0]))
    return {column: header for column, header in headers if header and meaning(header) in _ASKED}


def _answers(grid: Grid) -> Iterator[Said]:
    found, asked = places(grid.rows[0]), _questions(grid)
    who = next((found[name] for name in ("respondent", "speaker") if name in found), None)
    if who is None and is_speaker_word(bare(grid.rows[0][0].value)):
        who = 0
        asked.pop(0, None)
    for number, row in enumerate(grid.rows[1:], start=1):
        speaker = value_at(row, who) or str(number)
        role = role_of_value(value_at(row, found.get("role")))
        for column, question in asked.items():
            if value_at(row, column):
                yield Said(speaker, row[column], None, question, role)


FORM = Form(name="answer-table", recognise=recognise, parse=parse)
