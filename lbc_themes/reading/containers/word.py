"""Word documents: paragraphs and tables in the order in which they stand, nested tables too."""

import io
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError
from lbc_themes.reading.document import Cell, Document, Grid, Row
from lbc_themes.text.safe_zip import check_package

if TYPE_CHECKING:
    from lxml.etree import _Element


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACES = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
# Deleted text is no longer there; a fallback repeats what stands before it; a field's instruction is not its text.
_UNREAD = {
    f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}rPr", f"{_W}tblPr", f"{_W}tcPr", f"{_W}sectPr", f"{_W}instrText",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}  # fmt: skip
_DEEPEST = 50


class _Writer:
    """Collects the text of a document and the offset at which it stands."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.grids: list[Grid] = []
        self.length = 0

    def line(self, text: str) -> None:
        self.pieces.append(text + "\n")
        self.length += len(text) + 1

    def since(self, piece: int) -> str:
        return "".join(self.pieces[piece:]).removesuffix("\n")


def read_word(data: bytes, suffix: str) -> Document:
    """Return the text of a Word document, one paragraph a line, and its tables as slices of it.

    Text that was deleted under tracked changes is left out, inserted text is read.
    """
    check_package(data)
    writer = _Writer()
    _blocks(_body(data), writer, 0)
    return Document(suffix=suffix, text=writer.since(0), grids=tuple(writer.grids))


def _body(data: bytes) -> "_Element":
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        return docx.Document(io.BytesIO(data)).element.body
    except (OpcError, LxmlError, zipfile.BadZipFile, KeyError, ValueError, AttributeError, TypeError) as fault:
        raise InputError(
            f"not a readable Word document ({fault}); open it in Word and save it again as .docx"
        ) from fault


def _blocks(parent: "_Element", writer: _Writer, depth: int) -> None:
    if depth > _DEEPEST:
        raise InputError(
            f"tables are nested more than {_DEEPEST} deep; put the interview in plain paragraphs or one table"
        )
    for child in _children(parent):
        if child.tag == f"{_W}p":
            _paragraph(child, writer, depth)
        elif child.tag == f"{_W}tbl":
            _table(child, writer, depth)
        else:
            _blocks(child, writer, depth + 1)


def _children(parent: "_Element") -> Iterator["_Element"]:
    return (child for child in parent if isinstance(child.tag, str) and child.tag not in _UNREAD)


def _paragraph(paragraph: "_Element", writer: _Writer, depth: int) -> None:
    boxes: list[_Element] = []
    writer.line("".join(_runs(paragraph, boxes)))
    for box in boxes:
        _blocks(box, writer, depth + 1)


def _runs(element: "_Element", boxes: list["_Element"]) -> Iterator[str]:
    for child in _children(element):
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _SPACES:
            yield _SPACES[child.tag]
        elif child.tag == f"{_W}txbxContent":
            boxes.append(child)
        else:
            yield from _runs(child, boxes)


def _table(table: "_Element", writer: _Writer, depth: int) -> None:
    rows = tuple(_row(row, writer, depth) for row in _inside(table, f"{_W}tr"))
    writer.grids.append(Grid(name=f"table {len(writer.grids) + 1}", rows=rows))


def _row(row: "_Element", writer: _Writer, depth: int) -> Row:
    cells = []
    for cell in _inside(row, f"{_W}tc"):
        start, piece = writer.length, len(writer.pieces)
        _blocks(cell, writer, depth + 1)
        cells.append(Cell(value=writer.since(piece), start=start))
    return tuple(cells)


def _inside(parent: "_Element", tag: str) -> Iterator["_Element"]:
    for child in _children(parent):
        if child.tag == tag:
            yield child
        elif child.tag not in {f"{_W}p", f"{_W}tbl", f"{_W}tr", f"{_W}tc"}:
            yield from _inside(child, tag)
