"""Tables of codes as .csv and .xlsx files."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from lbc_themes.codebook.cells import cells_of, columns
from lbc_themes.codebook.draft import Draft
from lbc_themes.codebook.heads import heads_of
from lbc_themes.codebook.table import draft_of_rows
from lbc_themes.codebook.words import BILINGUAL, TITLES
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook
from lbc_themes.text.decoding import decode
from lbc_themes.text.safe_zip import check_package

_BOOK = ("book", "book_version", "book_name_zh", "book_name_en", "book_source")
_WIDTHS = {"definition": 60, "include": 50, "exclude": 50, "typical": 60, "atypical": 40, "close": 40, "brief": 30}
_BROKEN = (zipfile.BadZipFile, KeyError, ValueError, AttributeError, TypeError, IndexError, SyntaxError)
_CELL = 10_000_000


def read_csv(data: bytes, stem: str) -> Draft:
    """Return the codes of a .csv file in UTF-8, GB18030 or UTF-16, parted by commas, tabs or semicolons."""
    text, _ = decode(data)
    head = next((line for line in text[:20_000].split("\n") if any(mark in line for mark in ",\t;")), "")
    csv.field_size_limit(_CELL)
    parted_by = max(",\t;", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=parted_by))
    except csv.Error as fault:
        raise InputError(
            f"not a readable csv file ({fault}); save it again as csv from the program it comes from"
        ) from fault
    return draft_of_rows(rows, stem)


def read_xlsx(data: bytes, stem: str) -> Draft:
    """Return the codes of the first visible sheet of an .xlsx file whose columns are headed as a codebook's."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    check_package(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [_rows(each.iter_rows(values_only=True)) for each in book.worksheets if each.sheet_state == "visible"]
    except (*_BROKEN, InvalidFileException) as fault:
        raise InputError(f"not a readable workbook ({fault}); open it in Excel and save it again as .xlsx") from fault
    headed = [rows for rows in sheets if any(heads_of(row) for row in rows[:5])]
    return draft_of_rows((headed or sheets or [[]])[0], stem)


def _rows(rows: Iterable[Sequence[object]]) -> list[list[str]]:
    return [["" if value is None else str(value) for value in row] for row in rows]


def table_of(codebook: Codebook) -> list[list[str]]:
    """Return a codebook as rows, the heads first. What belongs to the whole codebook stands with its first code."""
    keys = columns()
    book = [codebook.id, codebook.version, codebook.name.zh, codebook.name.en, codebook.source]
    rows = [[cells_of(code)[key] for key in keys] for code in codebook]
    return [
        [_title(key) for key in (*keys, *_BOOK)],
        *([*row, *(book if number == 0 else [""] * len(book))] for number, row in enumerate(rows)),
    ]


def _title(key: str) -> str:
    field, _, language = key.rpartition("_")
    return f"{TITLES[field]}_{language}" if field in BILINGUAL else TITLES[key]


def write_csv(codebook: Codebook, path: Path) -> None:
    """Write a codebook as .csv in UTF-8 with the mark by which Excel knows it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(table_of(codebook))


def write_xlsx(codebook: Codebook, path: Path) -> None:
    """Write a codebook as .xlsx, one row a code, with the head row frozen and each code in its colour."""
    import openpyxl
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    rows = table_of(codebook)
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "codebook"
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column, value)
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 1)
    for number, code in enumerate(codebook, 2):
        sheet.cell(number, 1).fill = PatternFill("solid", fgColor=code.colour.removeprefix("#"))
    for column, key in enumerate((*columns(), *_BOOK), 1):
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS.get(key.rpartition("_")[0], 18)
    sheet.freeze_panes = "B2"
    book.save(path)
