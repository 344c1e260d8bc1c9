"""The first inputs: the samples of docs/formats.md, each as its own form and in other encodings, and small packages."""

import re
from collections.abc import Iterator
from pathlib import Path

from fuzz.target import ENDINGS

_FORMATS = Path(__file__).parent.parent / "docs" / "formats.md"
_SAMPLE = re.compile(r"^````\w+ (?P<name>\S+)\n(?P<text>.*?)^````$", re.DOTALL | re.MULTILINE)
_ROW = b'<row><c t="inlineStr"><is><t>%s</t></is></c><c t="inlineStr"><is><t>%s</t></is></c></row>'
_CELL = "<w:tc><w:p><w:r><w:t>{}</w:t><w:tab/></w:r></w:p></w:tc>"
_WORDS = (
    "访谈者：", "受访者：", "问：", "答：", "A：", "B：", "Q1", "说话人1 00:01", "发言人2 00:00:02.5", "(00:02:49): ",
    "<S00> ", "<N05> ", "### 問：", "WEBVTT", " --> ", "00:00:01,000", "<v 奶奶>", "关键词", "文字记录",
    "说话人,内容\n", "编号", "姓名：", "\r\n", "\u200b", "\ufeff", "\u2028", "𠮷", "嗯", "然后", "。", "，", "”",
    "<ANNOTATION_DOCUMENT>", '<TIER TIER_ID="a">', "TIME_SLOT_REF1", "<w:p>", "<w:tbl>", "<w:tr>", "<w:tc>", "<w:t>",
    "</w:t>", "<row>", '<c t="s">', "<v>1</v>", "&#x20000;",
)  # fmt: skip


def write_seeds(folder: Path) -> None:
    """Write the first inputs to ``folder``, unless there are inputs already."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        return
    for number, data in enumerate(_seeds()):
        (folder / f"seed-{number:03}").write_bytes(data)


def write_words(path: Path) -> Path:
    """Write the words that the fuzzer puts in here and there, as libFuzzer reads them."""
    encoded = ("".join(f"\\x{byte:02X}" for byte in word.encode()) for word in _WORDS)
    path.write_text("".join(f'"{word}"\n' for word in encoded), encoding="ascii")
    return path


def _seeds() -> Iterator[bytes]:
    for match in _SAMPLE.finditer(_FORMATS.read_text(encoding="utf-8")):
        ending = bytes([ENDINGS.index(Path(match["name"]).suffix)])
        for encoding in ("utf-8", "gb18030", "utf-16", "utf-8-sig"):
            yield ending + b"\xe0" + match["text"].encode(encoding)
    talk = [("说话人", "内容"), ("问", "好吗？"), ("答", "好。")]
    table = "".join(f"<w:tr>{''.join(map(_CELL.format, row))}</w:tr>" for row in talk)
    yield bytes([ENDINGS.index("document")]) + b"\0" + f"<w:p/><w:tbl>{table}</w:tbl>".encode()
    yield bytes([ENDINGS.index("sheet")]) + b"\0" + b"".join(_ROW % tuple(c.encode() for c in row) for row in talk)
    yield bytes([ENDINGS.index("pages")]) + b"\0" + bytes(range(10, 250, 3)) * 3
