"""The quotations of one code as people take them along: a document, a workbook or a table, each with its position."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import plain_cell
from lbc_themes.core.messages import Language, message, word_table
from lbc_themes.core.records import Role
from lbc_themes.exchange.quotations import document
from lbc_themes.exchange.refi_qda.xml import legal

KINDS: Mapping[str, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8",
}  # fmt: skip
"""The forms, with their media types."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuotationRow:
    """One place that somebody gave a code.

    ``start`` and ``end`` are the half-open slice of the transcript's text in code points; ``other_codes`` are names.
    """

    code: str
    transcript_id: str
    passage_id: str
    participant: str
    speaker: str
    role: Role
    question: str
    quote: str
    start: int
    end: int
    coder: str
    adjudication: bool
    time: str
    memo: str = ""
    other_codes: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


def quotations_file(rows: Iterable[QuotationRow], kind: str, *, title: str, language: Language = "zh") -> bytes:
    """Return quotations as the bytes of a file.

    Args:
        rows: In the order in which they are to stand there.
        kind: "docx" (to read), "xlsx" or "csv" (one row a quotation; UTF-8 with the mark by which Excel knows it).
        title: What stands above them, such as the code's name.
        language: Of heads and words; what was said stays as it is.

    Raises:
        InputError: another kind.
    """
    held = list(rows)
    if kind not in KINDS:
        raise InputError(message("exchange.quotations_kind", kind=kind, allowed=[*KINDS]))
    if kind == "docx":
        return _document(held, title, language)
    attributes = list(dict.fromkeys(name for row in held for name in row.attributes))
    heads = [words.said(language) for words in word_table("exchange.quotation_columns").values()]
    table: list[list[object]] = [[*heads, *attributes], *(_cells(row, attributes, language) for row in held)]
    return table_file(table, kind)


def table_file(table: Sequence[Sequence[object]], kind: str) -> bytes:
    """Return a table whose first row is its head as the bytes of a .csv or .xlsx file; no cell is a formula."""
    return _workbook(table) if kind == "xlsx" else _csv(table)


def _cells(row: QuotationRow, attributes: Sequence[str], language: Language) -> list[object]:
    role = word_table("words.roles")[row.role.value].said(language)
    mark = "、" if language == "zh" else ", "
    adjudicated = message("exchange.quotation_adjudicated").said(language) if row.adjudication else ""
    return [
        row.code, row.transcript_id, row.passage_id, row.participant, row.speaker, role, row.question, row.quote,
        row.start, row.end, row.coder, adjudicated, row.time, mark.join(row.other_codes), row.memo,
        *(row.attributes.get(name, "") for name in attributes),
    ]  # fmt: skip


def _csv(table: Sequence[Sequence[object]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([plain_cell(cell) for cell in row] for row in table)
    return out.getvalue().encode("utf-8-sig", "replace")


def _workbook(table: Sequence[Sequence[object]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(table, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value) if isinstance(value, str) else value  # type: ignore[assignment]
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number == 1:
                cell.font = Font(bold=True)
    for column, width in enumerate((16, 12, 14, 12, 10, 10, 30, 60, 8, 8, 12, 8, 22, 20, 30), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _document(rows: Sequence[QuotationRow], title: str, language: Language) -> bytes:
    from docx.shared import Pt, RGBColor

    made = document(title)
    made.add_paragraph(message("exchange.quotation_count", count=len(rows)).said(language))
    before = None
    for row in rows:
        if row.transcript_id != before:
            made.add_heading(legal(row.transcript_id), 2)
            before = row.transcript_id
        if row.question:
            asked = made.add_paragraph().add_run(legal(row.question))
            asked.italic, asked.font.color.rgb = True, RGBColor(0x5B, 0x62, 0x70)
        made.add_paragraph(legal(row.quote), style="Quote")
        role = word_table("words.roles")[row.role.value].said(language)
        who = " ".join(part for part in (row.participant, role, row.speaker) if part)
        place = f"{row.passage_id} [{row.start}–{row.end})"
        parts = [who, place, row.coder, row.time[:10], *row.attributes.values(), *row.other_codes]
        source = made.add_paragraph().add_run(legal(" · ".join(part for part in parts if part)))
        source.font.size = Pt(9)
        if row.memo:
            made.add_paragraph(legal(row.memo), style="List Bullet")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
