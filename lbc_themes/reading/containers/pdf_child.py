"""The program that opens a PDF in a process of its own: lines with their places come out, and nothing else can happen.

PDFium is C++ and PDFs come from strangers. Should one of them crash it, make it swell or never end, the process dies
and the reading goes on.
"""

import ctypes
import json
import statistics
import sys
from collections.abc import Iterator
from typing import Any

MEMORY = 2_000_000_000
SECONDS = 120
_PAGES, _CHARACTERS = 5_000, 10_000_000
_PASSWORD = 4
_FIRST_WIDE = 0x2E80
_GAP = 2.0

Box = tuple[float, float, float, float]


class TooLong(Exception):  # noqa: N818 - a refusal, told in the answer
    """More than one interview can hold."""


def main() -> None:
    """Read a PDF from standard input and write what it holds, or why it is refused, as JSON to standard output."""
    _limit()
    data = sys.stdin.buffer.read()
    sys.stdout.write(json.dumps(answer(data)))


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's clock holds there too
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def answer(data: bytes) -> dict[str, Any]:
    """Return the pages of a PDF, or ``{"refused": reason}``."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as fault:
        return {"refused": "password" if getattr(fault, "err_code", 0) == _PASSWORD else "broken"}
    try:
        return {"pages": list(_pages(document))}
    except TooLong:
        return {"refused": "long"}
    except pypdfium2.PdfiumError:
        return {"refused": "broken"}


def _pages(document: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - pypdfium2 has no types
    if len(document) > _PAGES:
        raise TooLong
    left = _CHARACTERS
    for page in document:
        text = page.get_textpage()
        width, height = page.get_size()
        letters = list(_letters(text.raw, page.get_rotation(), (width, height)))
        left -= len(letters)
        if left < 0:
            raise TooLong
        yield {
            "width": width,
            "height": height,
            "lines": [_line(line) for line in _lines(letters)],
            "unknown": sum(letter[0] in {0, 0xFFFD} or letter[1] for letter in letters),
            "pictures": any(True for _ in page.get_objects(filter=[3], max_depth=2)),
        }
        text.close()
        page.close()


def _letters(text: Any, rotation: int, size: tuple[float, float]) -> Iterator[tuple[int, bool, Box | None]]:  # noqa: ANN401
    """Yield UTF-16 units, whether the font leaves it open which character they are, and where they stand, upright."""
    import pypdfium2.raw as pdfium

    count = pdfium.FPDFText_CountChars(text)
    if count > _CHARACTERS:
        raise TooLong
    box = pdfium.FS_RECTF()
    for at in range(count):
        unit = pdfium.FPDFText_GetUnicode(text, at)
        if pdfium.FPDFText_IsGenerated(text, at) == 1 or unit in {10, 13}:
            yield unit, False, None
        elif pdfium.FPDFText_GetLooseCharBox(text, at, ctypes.byref(box)):
            place = (box.left, box.bottom, box.right, box.top)
            yield unit, pdfium.FPDFText_HasUnicodeMapError(text, at) == 1, _upright(place, rotation, size)


def _upright(box: Box, rotation: int, size: tuple[float, float]) -> Box:
    """Return ``box`` as the page is shown: left, bottom, right, top; ``size`` is that of the shown page."""
    left, bottom, right, top = box
    width, height = size
    if rotation == 90:
        return bottom, height - right, top, height - left
    if rotation == 180:
        return width - right, height - top, width - left, height - bottom
    if rotation == 270:
        return width - top, left, width - bottom, right
    return box


def _lines(letters: list[tuple[int, bool, Box | None]]) -> Iterator[list[tuple[int, Box | None]]]:
    line: list[tuple[int, Box | None]] = []
    for unit, _, box in letters:
        if unit in {10, 13}:
            if line:
                yield line
            line = []
        else:
            line.append((unit, box))
    if line:
        yield line


def _line(line: list[tuple[int, Box | None]]) -> list[Any]:
    """Return text, left, bottom, right, top and size (the width of a Chinese character, or of most that is high)."""
    boxes = [box for unit, box in line if box is not None and unit > 32]
    if not boxes:
        return ["", 0, 0, 0, 0, 0]
    wide = [box[2] - box[0] for unit, box in line if box is not None and unit >= _FIRST_WIDE]
    size = statistics.median(wide or [(box[3] - box[1]) * 0.8 for box in boxes])
    text = bytearray()
    last = None
    for unit, box in line:
        if box is not None and last is not None and box[0] - last[2] > _GAP * size:
            text += "\t".encode("utf-16-le")
        text += (unit if unit not in {0, 2, 0xFFFE} else ord("-") if unit else 0xFFFD).to_bytes(2, "little")
        last = box or last
    edges = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
    return [text.decode("utf-16-le", "replace"), *(round(edge, 2) for edge in edges), round(size, 2)]
