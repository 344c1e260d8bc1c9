"""Sheets and csv files as grids of text."""

import contextlib
import csv
import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.reading.document import Cell, Document, Doubt, Grid, Row
from lbc_themes.text.safe_zip import MOST_CHARACTERS, check_package

_WIDEST = 16_384
_MOST_CELLS = 3_000_000
_DELIMITERS = ",\t;|"
_CELL = 10_000_000
# A broken part surfaces from openpyxl as whatever its parser stumbled over; an XML error is a SyntaxError.
_FAULTS = (zipfile.BadZipFile, KeyError, ValueError, AttributeError, TypeError, IndexError, SyntaxError, OSError)


def read_csv(text: str, suffix: str) -> Document:
    """Return the cells of a csv file, whatever separates them: comma, tab, semicolon or bar."""
    before = csv.field_size_limit(_CELL)
    try:
        delimiter = _delimiter(text, suffix)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        document = document_of([("", reader)], suffix, delimiter)
    except csv.Error as fault:
        raise InputError(message("reading.readable_csv_file_save", fault=fault)) from fault
    finally:
        csv.field_size_limit(before)
    _refuse_open_quote(text, document)
    return document


def _refuse_open_quote(text: str, document: Document) -> None:
    """Refuse a file whose last cell swallows the lines after it because a quote was never closed."""
    rows = document.grids[0].rows
    if text.count('"') % 2 and rows and "\n" in rows[-1][-1].value:
        line = text.count("\n", 0, text.rindex('"')) + 1
        raise InputError(message("reading.line_quote_opened_never", line=line))


def _delimiter(text: str, suffix: str) -> str:
    if suffix == ".tsv" and "\t" in text[:20_000]:
        return "\t"
    head = text[:20_000].partition("\n")[0]
    return max(_DELIMITERS, key=head.count)


def read_workbook(data: bytes, suffix: str) -> Document:
    """Return the cells of the visible sheets of a workbook, as Excel last saved their values."""
    check_package(data)
    try:
        with warnings.catch_warnings():
            # What openpyxl misses in a workbook (styles, extensions) says nothing about its cells.
            warnings.simplefilter("ignore", UserWarning)
            return _read_book(data, suffix)
    except InputError:
        raise
    except _FAULTS as fault:
        raise InputError(message("reading.readable_workbook_open_excel", fault=fault)) from fault


def _read_book(data: bytes, suffix: str) -> Document:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    with contextlib.closing(book):
        shown = [(sheet.title, _rows(sheet)) for sheet in book.worksheets if sheet.sheet_state == "visible"]
        hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
        document = document_of(shown, suffix)
    doubts = [Doubt("sheets-hidden", "、".join(hidden[:10]))] if hidden else []
    if bare := _formulas_without_value(data):
        doubts.append(Doubt("formula-without-value", ", ".join(bare[:10])))
    return replace(document, doubts=tuple(doubts))


_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")


def _formulas_without_value(data: bytes) -> list[str]:
    """Return the cells whose formula was never computed, so that no value is stored (sheet!B2)."""
    import openpyxl

    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheets = [name for name in package.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
        if not any(_FORMULA.search(package.read(name)) for name in sheets):
            return []
    found = []
    values = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    with contextlib.closing(values), contextlib.closing(formulas):
        for valued, written in zip(values.worksheets, formulas.worksheets, strict=True):
            for value_row, formula_row in zip(valued.iter_rows(), written.iter_rows(), strict=False):
                found += [
                    f"{written.title}!{formula.coordinate}"
                    for value, formula in zip(value_row, formula_row, strict=False)
                    if value.value is None and formula.value is not None
                ]
    return found


def _rows(sheet: object) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # type: ignore[attr-defined]
    for row in sheet.iter_rows(values_only=True):  # type: ignore[attr-defined]
        yield [_text(value) for value in row]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.timedelta):
        return f"{value.total_seconds():g}"
    return value.isoformat(" ") if isinstance(value, dt.datetime) else str(value)


def document_of(sheets: Iterable[tuple[str, Iterable[Sequence[str]]]], suffix: str, delimiter: str = "") -> Document:
    """Return a document of all cells, one a line, sheet by sheet and row by row; rows without words are left out.

    ``delimiter`` is what separated the cells where they come from a csv file.
    """
    values: list[str] = []
    grids, length = [], 0
    for name, rows in sheets:
        kept: list[Row] = []
        for row in rows:
            if not any(value.strip() for value in row):
                continue
            if len(row) > _WIDEST:
                raise InputError(message("reading.row_holds_cells_most", count=len(row), widest=_WIDEST))
            cells = []
            for value in row:
                cells.append(Cell(value=value, start=length))
                length += len(value) + 1
            values.extend(row)
            kept.append(tuple(cells))
            _refuse_endless(len(values), length)
        grids.append(Grid(name=name, rows=tuple(kept), delimiter=delimiter))
    return Document(suffix=suffix, text="\n".join(values), grids=tuple(grids))


def _refuse_endless(cells: int, characters: int) -> None:
    if cells > _MOST_CELLS or characters > MOST_CHARACTERS:
        raise InputError(
            message("reading.more_than_cells_characters", most_cells=_MOST_CELLS, most_characters=MOST_CHARACTERS)
        )
