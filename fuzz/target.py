"""What is done with one input, and what must hold of it whatever it is."""

import io
import json
import tempfile
import zipfile
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Transcript
from lbc_themes.reading import FORMS, read_transcripts
from lbc_themes.reading.containers.pdf import PdfLine, PdfPage, paragraphs
from lbc_themes.reading.document import BLANK
from lbc_themes.segmenting import segment

ENDINGS = (
    ".txt", ".md", ".csv", ".tsv", ".srt", ".vtt", ".eaf", ".docx", ".xlsx", "document", "sheet", "pages",
    ".TextGrid", ".cha", ".exb", ".lrc", ".json", ".rtf", ".odt", ".otr", ".html", ".jsonl",
)  # fmt: skip
_NAMES = (None, *FORMS)
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-officedocument.{kind}.main+xml"/></Types>'
)
_RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="{type}" Target="{target}"/></Relationships>'
)
_FOLDER = Path(tempfile.mkdtemp(prefix="lbc-fuzz-"))


def one_input(data: bytes) -> None:
    """Read ``data`` as its first two bytes say, and check what comes out."""
    if len(data) < 2:
        return
    ending, choice, rest = ENDINGS[data[0] % len(ENDINGS)], data[1], data[2:]
    if ending == "pages":
        _pages(rest)
        return
    if ending in {"document", "sheet"}:
        ending, rest = (".docx", document(rest)) if ending == "document" else (".xlsx", workbook(rest))
    path = _FOLDER / f"稿{ending}"
    path.write_bytes(rest)
    try:
        [transcript] = read_transcripts(path, form=_NAMES[choice % 32 % len(_NAMES)])
    except InputError as refusal:
        assert str(refusal).startswith(str(path)), refusal
        assert "\n" not in str(refusal), refusal
        return
    check(transcript, cut=choice > 191)


def check(transcript: Transcript, *, cut: bool) -> None:
    """Assert that turns and passages are what the documentation says."""
    assert transcript.turns
    transcript.text.encode("utf-8")
    for turn in transcript.turns:
        said = transcript.said(turn)
        assert said, turn
        assert said.strip(BLANK) == said, turn
    for passage in segment(transcript) if cut else ():
        assert "".join(transcript.text[a:b] for a, b in passage.spans) == passage.text


def _pages(data: bytes) -> None:
    """Lay out pages made of ``data``: eight bytes a line, for its words, its place and its size."""
    words = ("问：", "答：", "说话人1 00:01", "2", "— 3 —", "天亮了就走路去学校，", "one two", "⽼", " ", "完。")
    lines = [
        PdfLine(words[a % len(words)] * (1 + b % 3), x, y, x + w, y + s, s)
        for a, b, x, y, w, s in zip(*(data[at::6] for at in range(6)), strict=False)
    ]
    size = 1 + len(lines) // 3
    pages = [PdfPage(width=420, height=300, lines=tuple(lines[at : at + size])) for at in range(0, len(lines), size)]
    if lines:
        text, _ = paragraphs(pages)
        assert len(text) <= sum(len(line.text) + 1 for line in lines)


def document(body: bytes) -> bytes:
    """Return a Word document whose body is ``body``."""
    inner = f"<w:document {_W}><w:body>".encode() + body + b"</w:body></w:document>"
    return _package("word/document.xml", "wordprocessingml.document", {"word/document.xml": inner})


def workbook(rows: bytes) -> bytes:
    """Return a workbook whose only sheet holds ``rows``."""
    book = f'<workbook {_S} xmlns:r="{_R}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>'
    parts = {
        "xl/workbook.xml": book.encode(),
        "xl/_rels/workbook.xml.rels": _RELS.format(type=f"{_R}/worksheet", target="worksheets/s.xml").encode(),
        "xl/worksheets/s.xml": f"<worksheet {_S}><sheetData>".encode() + rows + b"</sheetData></worksheet>",
    }
    return _package("xl/workbook.xml", "spreadsheetml.sheet", parts)


def _package(main: str, kind: str, parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("[Content_Types].xml", _TYPES.format(part=main, kind=kind))
        package.writestr("_rels/.rels", _RELS.format(type=f"{_R}/officeDocument", target=main))
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


def said_of(data: bytes) -> str:
    """Return how the input ``data`` was taken, to look at a finding."""
    return json.dumps({"ending": ENDINGS[data[0] % len(ENDINGS)], "form": _NAMES[data[1] % 32 % len(_NAMES)]})
