"""A table of agreement as a data frame, Markdown and Word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.agreement.table import (
    COLUMNS,
    KINDS,
    MEASURES,
    SCOPES,
    UNITS,
    AgreementRow,
    AgreementTable,
    Estimate,
    krippendorff_bar,
    landis_koch,
)
from lbc_themes.core.files import private_replace, write_csv_records
from lbc_themes.core.frames import data_frame
from lbc_themes.core.messages import message
from lbc_themes.core.records import Codebook, Language

if TYPE_CHECKING:
    import pandas as pd


def frame(table: AgreementTable) -> pd.DataFrame:
    """Return one line a row of ``table``."""
    return data_frame([_record(row, table) for row in table.rows], purpose="AgreementTable.to_frame()")


def write_csv(table: AgreementTable, path: str | Path) -> None:
    """Write one line a row of ``table`` as CSV; a figure that the data leave undefined is an empty cell."""
    records = [_record(row, table) for row in table.rows]
    write_csv_records(path, records, list(records[0]))


def _record(row: AgreementRow, table: AgreementTable) -> dict[str, object]:
    record: dict[str, object] = {
        "kind": row.kind, "coders": " × ".join(row.coders), "scope": row.scope, "code": row.code_id, "unit": table.unit,
        "units": row.units, "include_uncoded": table.include_uncoded,
    }  # fmt: skip
    figures = {name: row.measures.get(name, Estimate(value=None)) for name in _shown(table)}
    figures |= {f"prevalence[{coder}]": row.prevalence.get(coder, Estimate(value=None)) for coder in table.coders}
    for name, figure in figures.items():
        record |= {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
    return record


def markdown(table: AgreementTable, language: Language, codebook: Codebook | None) -> str:
    """Return the table as Markdown."""
    head, *body = _cells(table, language, codebook)
    lines = [_line(head), _line(["---"] * len(head)), *(_line(cells) for cells in body)]
    notes = [f"- {text}" for text in _notes(table, language)]
    return "\n".join(
        [
            f"## {COLUMNS['title'].said(language)}",
            "",
            *lines,
            "",
            f"### {COLUMNS['notes'].said(language)}",
            "",
            *notes,
            "",
        ]
    )


def write_docx(table: AgreementTable, path: Path, language: Language, codebook: Codebook | None) -> None:
    """Write the table as a Word document."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.shared import Pt

    document = docx.Document()
    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = page.page_height, page.page_width
    document.add_heading(COLUMNS["title"].said(language), level=1)
    rows = _cells(table, language, codebook)
    grid = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for line, cells in zip(grid.rows, rows, strict=True):
        for cell, text in zip(line.cells, cells, strict=True):
            cell.paragraphs[0].add_run(text).font.size = Pt(8)
    document.add_heading(COLUMNS["notes"].said(language), level=2)
    for text in _notes(table, language):
        document.add_paragraph(text, style="List Bullet")
    with private_replace(path) as beside:
        document.save(str(beside))


def _cells(table: AgreementTable, language: Language, codebook: Codebook | None) -> list[list[str]]:
    many = len({(row.kind, row.coders) for row in table.rows}) > 1
    lead = ["kind", "coders", "code", "units"] if many else ["code", "units"]
    head = [COLUMNS[name].said(language) for name in lead] + [MEASURES[name].said(language) for name in _shown(table)]
    head += [COLUMNS["prevalence"].said(language), COLUMNS["reading"].said(language)]
    return [head, *(_row_cells(row, table, language, codebook)[0 if many else 2 :] for row in table.rows)]


def _row_cells(row: AgreementRow, table: AgreementTable, language: Language, codebook: Codebook | None) -> list[str]:
    present = "; ".join(f"{coder} {_figure(share.value)}" for coder, share in row.prevalence.items())
    measures = [_estimate(row.measures[name]) if name in row.measures else "" for name in _shown(table)]
    lead = [KINDS[row.kind].said(language), " × ".join(row.coders), _code(row, language, codebook), str(row.units)]
    return [*lead, *measures, present, _reading(row, language)]


def _code(row: AgreementRow, language: Language, codebook: Codebook | None) -> str:
    if row.scope != "code":
        return SCOPES[row.scope].said(language)
    return (
        codebook[row.code_id].name.said(language) if codebook is not None and row.code_id in codebook else row.code_id
    )


def _reading(row: AgreementRow, language: Language) -> str:
    kappa, alpha = row.kappa.value, row.measures["alpha"].value
    words = [f"κ {landis_koch(kappa).said(language)}"] if kappa is not None else []
    words += [f"α {krippendorff_bar(alpha).said(language)}"] if alpha is not None else []
    return "; ".join(words)


def _notes(table: AgreementTable, language: Language) -> list[str]:
    counted = message("agreement.unit_and_participants", unit=UNITS[table.unit], participants=table.participants)
    return [counted.said(language), *(notice.text.said(language) for notice in table.notices)]


def _shown(table: AgreementTable) -> list[str]:
    present = {name for row in table.rows for name in row.measures}
    return [name for name in MEASURES if name in present]


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _estimate(figure: Estimate) -> str:
    if figure.low is None or figure.high is None:
        return _figure(figure.value)
    return f"{_figure(figure.value)} [{_figure(figure.low)}, {_figure(figure.high)}]"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
