"""Word and OpenDocument texts: paragraphs and tables in the order in which they stand, nested tables too.

What is read and what is not, as docs/formats.md says it: text boxes are read below the paragraph that they hang on;
inserted text is read, deleted text is not; hidden text, the phonetic guide above characters (pinyin), comments,
footnotes, headers and footers are not read. What was left out is noted.
"""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.reading.document import Cell, Document, Doubt, Grid, Row
from lbc_themes.text.safe_xml import parse_xml
from lbc_themes.text.safe_zip import check_package

if TYPE_CHECKING:
    from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)
"""Namespaces of Strict OOXML, which Word writes as «Strict Open XML Document», and those of the usual kind."""
_SPACES = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}ptab": "\t"}
# Deleted text is no longer there; a fallback repeats what stands before it; a field's instruction is not its text.
_UNREAD = {
    f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}rPr", f"{_W}tblPr", f"{_W}tcPr", f"{_W}sectPr", f"{_W}instrText",
    f"{_W}rt", f"{_W}delText",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}  # fmt: skip
_LEFT = {
    f"{_W}footnoteReference": "footnotes", f"{_W}endnoteReference": "footnotes", f"{_W}commentReference": "comments",
    f"{_W}del": "deleted", f"{_W}moveFrom": "deleted", f"{_W}rt": "pinyin", f"{_W}altChunk": "altchunk",
}  # fmt: skip
_DEEPEST = 50


class _Writer:
    """Collects the text of a document and the offset at which it stands."""

    def __init__(self, hidden: frozenset[str] = frozenset(), headings: frozenset[str] = frozenset()) -> None:
        self.pieces: list[str] = []
        self.grids: list[Grid] = []
        self.length = 0
        self.left: Counter[str] = Counter()
        self.hidden = hidden
        self.heading_styles = headings
        self.headings: set[int] = set()

    def line(self, text: str) -> None:
        self.pieces.append(text + "\n")
        self.length += len(text) + 1

    def since(self, piece: int) -> str:
        return "".join(self.pieces[piece:]).removesuffix("\n")

    def document(self, suffix: str) -> Document:
        doubts = tuple(Doubt(f"word-{what}", str(self.left[what])) for what in _TOLD if self.left[what])
        notes = tuple(_TOLD[what].format(self.left[what]) for what in _TOLD if self.left[what])
        return Document(
            suffix=suffix,
            text=self.since(0),
            grids=tuple(self.grids),
            notes=notes,
            doubts=doubts,
            headings=frozenset(self.headings),
        )


_TOLD = {
    "hidden": "hidden text left out ({} stretches)",
    "pinyin": "phonetic guides (pinyin) left out ({})",
    "footnotes": "footnotes and endnotes not read ({})",
    "comments": "comments not read ({})",
    "deleted": "text deleted under tracked changes left out ({} stretches)",
    "altchunk": "parts embedded from other files not read ({})",
}


def read_word(data: bytes, suffix: str) -> Document:
    """Return the text of a Word document, one paragraph a line, and its tables as slices of it.

    Text that was deleted under tracked changes is left out, inserted text is read; hidden text and phonetic guides are
    left out. Strict OOXML is read as the usual kind.
    """
    check_package(data)
    body, hidden, headings = _body(data)
    writer = _Writer(hidden, headings)
    _blocks(body, writer, 0)
    return writer.document(suffix)


def _body(data: bytes) -> tuple["_Element", frozenset[str], frozenset[str]]:
    """Return the body of the document, the styles whose text is hidden, and those of headings."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            main = _main_part(package)
            root = parse_xml(_usual(package.read(main)), f"the part {main}")
            styles = main.rpartition("/")[0] + "/styles.xml"
            listed = styles in package.namelist()
            hidden = _hidden_styles(package, styles) if listed else frozenset()
            headings = _heading_styles(package, styles) if listed else frozenset()
    except (zipfile.BadZipFile, KeyError, ValueError, AttributeError, TypeError) as fault:
        if isinstance(fault, InputError):
            raise
        raise InputError(message("reading.readable_word_document_open", fault=fault)) from fault
    body = root.find(f"{_W}body")
    if body is None:
        raise InputError(message("reading.readable_word_document_no"))
    return body, hidden, headings


def _usual(data: bytes) -> bytes:
    if b"purl.oclc.org" in data[:20_000]:
        for strict, usual in _STRICT:
            data = data.replace(strict, usual)
    return data


def _main_part(package: zipfile.ZipFile) -> str:
    """Return the name of the part that holds the text, as the package's relationships say."""
    relations = parse_xml(package.read("_rels/.rels"), "the part _rels/.rels")
    for relation in relations:
        if (relation.get("Type") or "").endswith("/officeDocument"):
            return (relation.get("Target") or "").lstrip("/")
    raise KeyError("no main part")


def _hidden_styles(package: zipfile.ZipFile, name: str) -> frozenset[str]:
    """Return the ids of the styles that hide their text, by themselves or by the style that they are based on."""
    styles = {
        style.get(f"{_W}styleId", ""): style
        for style in parse_xml(_usual(package.read(name)), f"the part {name}").iter(f"{_W}style")
    }
    hidden = {name for name, style in styles.items() if _vanishes(style.find(f"{_W}rPr"))}
    for _ in range(10):
        based = {
            name for name, style in styles.items()
            if (base := style.find(f"{_W}basedOn")) is not None and base.get(f"{_W}val") in hidden
            and not _is_shown(style.find(f"{_W}rPr"))
        }  # fmt: skip
        if based <= hidden:
            break
        hidden |= based
    return frozenset(hidden)


def _heading_styles(package: zipfile.ZipFile, name: str) -> frozenset[str]:
    root = parse_xml(_usual(package.read(name)), f"the part {name}")
    found = set()
    for style in root.iter(f"{_W}style"):
        called = style.find(f"{_W}name")
        if called is not None and _HEADING_NAME.match(called.get(f"{_W}val", "")):
            found.add(style.get(f"{_W}styleId", ""))
    return frozenset(found)


_HEADING_NAME = re.compile(r"(?:heading|title|subtitle|标题|副标题)", re.IGNORECASE)


def _vanishes(properties: "_Element | None") -> bool:
    vanish = properties.find(f"{_W}vanish") if properties is not None else None
    return vanish is not None and vanish.get(f"{_W}val", "1") not in {"0", "false", "off", "none"}


def _is_shown(properties: "_Element | None") -> bool:
    vanish = properties.find(f"{_W}vanish") if properties is not None else None
    return vanish is not None and not _vanishes(properties)


def _blocks(parent: "_Element", writer: _Writer, depth: int) -> None:
    if depth > _DEEPEST:
        raise InputError(message("reading.tables_nested_more_than", deepest=_DEEPEST))
    for child in _children(parent, writer):
        if child.tag == f"{_W}p":
            _paragraph(child, writer, depth)
        elif child.tag == f"{_W}tbl":
            _table(child, writer, depth)
        else:
            _blocks(child, writer, depth + 1)


def _children(parent: "_Element", writer: _Writer | None = None) -> Iterator["_Element"]:
    for child in parent:
        if not isinstance(child.tag, str):
            continue
        if writer is not None and child.tag in _LEFT and _has_content(child):
            writer.left[_LEFT[child.tag]] += 1
        if child.tag not in _UNREAD:
            yield child


def _has_content(element: "_Element") -> bool:
    if element.tag in {f"{_W}del", f"{_W}moveFrom"}:
        return any((text.text or "").strip() for tag in ("delText", "t") for text in element.iter(f"{_W}{tag}"))
    return True


def _paragraph(paragraph: "_Element", writer: _Writer, depth: int) -> None:
    boxes: list[_Element] = []
    properties = paragraph.find(f"{_W}pPr")
    style = properties.find(f"{_W}pStyle") if properties is not None else None
    hidden = style is not None and style.get(f"{_W}val") in writer.hidden
    if style is not None and style.get(f"{_W}val") in writer.heading_styles:
        writer.headings.add(writer.length)
    writer.line("".join(_runs(paragraph, boxes, writer, hidden=hidden)))
    for box in boxes:
        _blocks(box, writer, depth + 1)


def _runs(element: "_Element", boxes: list["_Element"], writer: _Writer, *, hidden: bool = False) -> Iterator[str]:
    for child in _children(element, writer):
        if child.tag == f"{_W}r" and _is_hidden(child, writer, hidden=hidden):
            if any((text.text or "").strip() for text in child.iter(f"{_W}t")):
                writer.left["hidden"] += 1
            continue
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _SPACES:
            yield _SPACES[child.tag]
        elif child.tag == f"{_W}txbxContent":
            boxes.append(child)
        else:
            yield from _runs(child, boxes, writer, hidden=hidden)


def _is_hidden(run: "_Element", writer: _Writer, *, hidden: bool) -> bool:
    properties = run.find(f"{_W}rPr")
    if properties is None:
        return hidden
    if _vanishes(properties):
        return True
    if _is_shown(properties):
        return False
    style = properties.find(f"{_W}rStyle")
    return hidden or (style is not None and style.get(f"{_W}val") in writer.hidden)


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


# --- OpenDocument texts (.odt) of LibreOffice and WPS.

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_ODT_UNREAD = {
    f"{_TEXT}tracked-changes": "deleted", f"{_OFFICE}annotation": "comments", f"{_OFFICE}annotation-end": "",
    f"{_TEXT}note": "footnotes", f"{_TEXT}ruby-text": "pinyin", f"{_TEXT}hidden-text": "hidden",
    f"{_TEXT}hidden-paragraph": "hidden", f"{_TEXT}sequence-decls": "", f"{_OFFICE}forms": "",
    f"{_TEXT}table-of-content": "",
}  # fmt: skip


def read_odt(data: bytes, suffix: str) -> Document:
    """Return the text of an OpenDocument text, one paragraph a line, and its tables as slices of it."""
    check_package(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            root = parse_xml(package.read("content.xml"), "the part content.xml")
    except KeyError as fault:
        raise InputError(message("reading.readable_opendocument_text_open")) from fault
    text = root.find(f"{_OFFICE}body/{_OFFICE}text")
    if text is None:
        raise InputError(message("reading.text_opendocument_but_sheet"))
    hidden = {
        style.get("{urn:oasis:names:tc:opendocument:xmlns:style:1.0}name", "")
        for style in root.iter("{urn:oasis:names:tc:opendocument:xmlns:style:1.0}style")
        if any(part.get("{urn:oasis:names:tc:opendocument:xmlns:text:1.0}display") == "none" for part in style.iter())
    }
    writer = _Writer(frozenset(hidden))
    _odt_blocks(text, writer, 0)
    return writer.document(suffix)


def _odt_blocks(parent: "_Element", writer: _Writer, depth: int) -> None:
    if depth > _DEEPEST:
        raise InputError(message("reading.parts_nested_more_than", deepest=_DEEPEST))
    for child in _odt_children(parent, writer):
        if child.tag in {f"{_TEXT}p", f"{_TEXT}h"}:
            boxes: list[_Element] = []
            writer.line("".join(_odt_runs(child, boxes, writer)))
            for box in boxes:
                _odt_blocks(box, writer, depth + 1)
        elif child.tag == f"{_TABLE}table":
            rows = tuple(_odt_row(row, writer, depth) for row in child.iter(f"{_TABLE}table-row"))
            writer.grids.append(Grid(name=f"table {len(writer.grids) + 1}", rows=rows))
        else:
            _odt_blocks(child, writer, depth + 1)


def _odt_row(row: "_Element", writer: _Writer, depth: int) -> Row:
    cells = []
    for cell in row.iter(f"{_TABLE}table-cell"):
        start, piece = writer.length, len(writer.pieces)
        _odt_blocks(cell, writer, depth + 1)
        cells.append(Cell(value=writer.since(piece), start=start))
    return tuple(cells)


def _odt_children(parent: "_Element", writer: _Writer) -> Iterator["_Element"]:
    for child in parent:
        if not isinstance(child.tag, str):
            continue
        if child.tag in _ODT_UNREAD:
            if _ODT_UNREAD[child.tag]:
                writer.left[_ODT_UNREAD[child.tag]] += 1
            continue
        yield child


def _odt_runs(element: "_Element", boxes: list["_Element"], writer: _Writer) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            if child.tag in _ODT_UNREAD:
                if _ODT_UNREAD[child.tag]:
                    writer.left[_ODT_UNREAD[child.tag]] += 1
            elif child.get(f"{_TEXT}style-name", "") in writer.hidden and child.tag == f"{_TEXT}span":
                writer.left["hidden"] += 1
            elif child.tag == f"{_TEXT}s":
                yield " " * min(200, int(child.get(f"{_TEXT}c", "1") or 1))
            elif child.tag == f"{_TEXT}tab":
                yield "\t"
            elif child.tag == f"{_TEXT}line-break":
                yield "\n"
            elif child.tag.endswith("}text-box"):
                boxes.append(child)
            else:
                yield from _odt_runs(child, boxes, writer)
        yield child.tail or ""
