"""Tables in .csv and .xlsx files as rows of text, whatever program saved them."""

import csv
import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, message
from lbc_themes.text.decoding import decode
from lbc_themes.text.safe_zip import check_package

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_DELIMITERS = ",\t;"
_CELL = 10_000_000
_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")
# A broken part surfaces from openpyxl as whatever its parser stumbled over; an XML error is a SyntaxError.
_FAULTS = (zipfile.BadZipFile, KeyError, ValueError, AttributeError, TypeError, IndexError, SyntaxError, OSError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """The rows of one sheet, each as wide as its cells go; ``name`` is "" for a .csv file.

    ``unreliable`` says of cells, by row and column from 0, why the text in ``rows`` is not what a person sees there: a
    formula that was never computed, or a cell merged over several rows.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    unreliable: dict[tuple[int, int], Bilingual]


def read_table(path: str | Path) -> list[Sheet]:
    """Return the sheets of a .csv, .tsv or .xlsx file: known by what is inside, not by the ending of its name.

    A .csv may be in UTF-8, UTF-16, GB18030 or Big5, with commas, tabs or semicolons. Of a workbook the visible sheets
    are read, with the values that Excel or WPS last saved.

    Raises:
        InputError: if the file cannot be opened, is a .xls, is protected by a password, or is broken.
    """
    file = Path(path)
    try:
        data = file.read_bytes()
    except OSError as fault:
        raise InputError(message("text.cannot_opened_check_exists", file=file, strerror=fault.strerror)) from fault
    try:
        return _workbook(data) if data.startswith(b"PK\x03\x04") else [_csv(data)]
    except InputError as fault:
        raise InputError(message("text.refused_2", file=file, fault=fault)) from fault


def _csv(data: bytes) -> Sheet:
    if data.startswith(_OLD_OFFICE):
        raise InputError(message("text.old_xls_file_password"))
    text, _ = decode(data)
    before = csv.field_size_limit(_CELL)
    try:
        rows = tuple(tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as fault:
        raise InputError(message("text.readable_csv_file_save", fault=fault)) from fault
    finally:
        csv.field_size_limit(before)
    if text.count('"') % 2 and rows and rows[-1] and "\n" in rows[-1][-1]:
        line = text.count("\n", 0, text.rindex('"')) + 1
        raise InputError(message("text.line_quote_opened_never", line=line))
    return Sheet(name="", rows=rows, unreliable={})


def _delimiter(text: str) -> str:
    lines = (line for line in text[:20_000].splitlines() if any(mark in line for mark in _DELIMITERS))
    return max(_DELIMITERS, key=next(lines, "").count)


def _workbook(data: bytes) -> list[Sheet]:
    import openpyxl

    check_package(data)
    try:
        with warnings.catch_warnings():
            # What openpyxl misses in a workbook (styles, extensions) says nothing about its cells.
            warnings.simplefilter("ignore", UserWarning)
            written = openpyxl.load_workbook(io.BytesIO(data))
            has_formulas = any(cell.data_type == "f" for sheet in written.worksheets for cell in _cells(sheet))
            shown = openpyxl.load_workbook(io.BytesIO(data), data_only=True) if has_formulas else written
            pairs = zip(written.worksheets, shown.worksheets, strict=True)
            return [_sheet(a, b) for a, b in pairs if a.sheet_state == "visible"]
    except _FAULTS as fault:
        raise InputError(message("text.readable_workbook_open_excel", fault=fault)) from fault


def _cells(sheet: "Worksheet") -> Iterator[Any]:
    return (cell for row in sheet.iter_rows() for cell in row)


def _sheet(written: "Worksheet", shown: "Worksheet") -> Sheet:
    rows = tuple(tuple(cell_text(value) for value in row) for row in shown.iter_rows(values_only=True))
    unreliable = {
        (cell.row - 1, cell.column - 1): message("text.never_computed")
        for cell in _cells(written)
        if cell.data_type == "f" and not rows[cell.row - 1][cell.column - 1]
    }
    for merged in written.merged_cells.ranges:
        if merged.max_row > merged.min_row:
            why = message("text.merged", first=merged.min_row, last=merged.max_row)
            spots = (
                (row - 1, column - 1)
                for row in range(merged.min_row, merged.max_row + 1)
                for column in range(merged.min_col, merged.max_col + 1)
            )
            if rows[merged.min_row - 1][merged.min_col - 1]:
                unreliable |= dict.fromkeys(spots, why)
    return Sheet(name=str(written.title), rows=rows, unreliable=unreliable)


def cell_text(value: object) -> str:
    """Return the value of a workbook's cell as text: whole numbers without a point, "" where there is none."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat(" ") if isinstance(value, dt.datetime) else str(value)
