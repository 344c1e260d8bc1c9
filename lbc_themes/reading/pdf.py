"""PDF files: the text of their pages, as paragraphs.

The text is PDFium's (package pypdfium2). Of the readers tried it alone gave every character of GB 2312 back from pages
that a browser had printed; pypdf and pdfminer.six gave two hundred common ones (小, 日, 老) as the radicals that look
like them.
"""

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.reading.document import Document
from lbc_themes.reading.pdf_layout import paragraphs
from lbc_themes.reading.pdf_page import PdfLine, PdfPage

_START = "import sys; sys.path[:] = sys.argv[1:]; from lbc_themes.reading.pdf_child import main; main()"
_SECONDS = 180
_UNKNOWN = 0.005
_REFUSALS = {
    "password": "the PDF is protected by a password; save it without one",
    "broken": "not a readable PDF file; open it where it was made and export it again, or take the .docx or .txt",
    "long": "the PDF holds more than 5,000 pages or 10,000,000 characters, which is the most allowed; split it",
}


def read_pdf(data: bytes, suffix: str) -> Document:
    """Return the text of a PDF, one paragraph a line.

    Lines that the page wraps are put together again, without a blank between Chinese characters. Page numbers and what
    stands at the head or foot of page after page is left out, with a note. Refused are scans (pictures of text), files
    with a password, and files whose fonts do not say which characters they draw. The file is opened in a process of its
    own with at most 2 GB of memory and two minutes of processor time.
    """
    pages = [_page(page) for page in _pages(data)]
    characters = sum(len(line.text) for page in pages for line in page.lines)
    if not characters:
        pictures = " but pictures, so it is a scan" if any(page.pictures for page in pages) else ""
        raise InputError(
            f"the PDF holds no text{pictures}; take the .docx or .txt that it was made from, or have a program "
            "recognise the characters"
        )
    _refuse_unknown(pages, characters)
    text, notes = paragraphs(pages)
    return Document(suffix=suffix, text=text, notes=(*_bare_pages(pages), *notes))


def _pages(data: bytes) -> list[dict[str, Any]]:
    if find_spec("pypdfium2") is None:
        # An InputError, so that the other files of a folder are still read.
        raise InputError(str(MissingExtraError(package="pypdfium2", extra="pdf", purpose="reading a PDF")))
    try:
        done = subprocess.run(  # noqa: S603 - this Python and a fixed program
            [sys.executable, "-c", _START, *sys.path], input=data, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as fault:
        raise InputError(
            f"the PDF was not read within {_SECONDS} seconds; export it again where it was made"
        ) from fault
    if done.returncode != 0:
        raise InputError(
            "the PDF breaks the program that opens it, or needs more than 2 GB of memory; export it again where it was "
            "made"
        )
    answer: dict[str, Any] = json.loads(done.stdout)
    if "refused" in answer:
        raise InputError(_REFUSALS[answer["refused"]])
    pages: list[dict[str, Any]] = answer["pages"]
    return pages


def _page(page: dict[str, Any]) -> PdfPage:
    lines = [PdfLine(*line) for line in page["lines"]]
    return PdfPage(
        width=page["width"], height=page["height"], lines=tuple(line for line in lines if line.text.strip()),
        unknown=page["unknown"], pictures=page["pictures"],
    )  # fmt: skip


def _refuse_unknown(pages: list[PdfPage], characters: int) -> None:
    unknown = sum(page.unknown for page in pages)
    if unknown > _UNKNOWN * characters:
        first = next(number for number, page in enumerate(pages, 1) if page.unknown)
        raise InputError(
            f"page {first}: the fonts of the PDF do not say which characters they draw ({unknown:,} of "
            f"{characters:,}); take the .docx or .txt that it was made from"
        )


def _bare_pages(pages: list[PdfPage]) -> tuple[str, ...]:
    bare = [str(number) for number, page in enumerate(pages, 1) if not page.lines and page.pictures]
    unknown = [str(number) for number, page in enumerate(pages, 1) if page.unknown]
    notes = []
    if bare:
        notes.append(f"pictures without text on page {', '.join(bare[:20])}: what stands in them was not read")
    if unknown:
        notes.append(f"characters that the font does not name stand as � on page {', '.join(unknown[:20])}")
    return tuple(notes)
