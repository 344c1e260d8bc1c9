"""Pieces of Word documents."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lbc_themes.core.errors import InputError
from lbc_themes.exchange.tree import legal


def document(title: str, *, crosswise: bool = False) -> Any:  # noqa: ANN401 (python-docx has no types)
    """Return a new document with a title, in a typeface that has Chinese."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Pt

    made = docx.Document()
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(10.5)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    if crosswise:
        page = made.sections[0]
        page.orientation = WD_ORIENT.LANDSCAPE
        page.page_width, page.page_height = page.page_height, page.page_width
    made.add_heading(legal(title), level=1)
    return made


def table(made: Any, rows: Sequence[Sequence[str]]) -> Any:  # noqa: ANN401
    """Add a table whose first row is its head, and return it."""
    grid = made.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for number, (line, cells) in enumerate(zip(grid.rows, rows, strict=True)):
        for cell, text in zip(line.cells, cells, strict=True):
            cell.paragraphs[0].add_run(legal(text)).bold = number == 0
    return grid


def save(made: Any, path: Path) -> None:  # noqa: ANN401
    """Write a document."""
    try:
        made.save(str(path))
    except OSError as fault:
        raise InputError(
            f"{path}: cannot be written ({fault.strerror}); check the folder and that Word does not hold it open"
        ) from fault
