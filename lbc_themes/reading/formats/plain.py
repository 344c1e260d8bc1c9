"""Text without speakers: everything is said by one person, whom the file does not name."""

from lbc_themes.reading.document import Document, Form, Mark, Parsed, Spoken, bare, trimmed, turns_of
from lbc_themes.reading.formats.furniture import footer, is_markdown_heading, line_parts, number_lines


def recognise(document: Document) -> float:
    """Any text with words in it can be read as plain, as the last resort."""
    return 0.05 if bare(document.text) else 0.0


def parse(document: Document) -> Parsed:
    """Read one turn a paragraph: blocks between empty lines or, where there are no empty lines, single lines.

    Headings of Markdown and the footer of a tool are left out.
    """
    lines = document.lines
    silent = {
        **{number: "heading" for number, line in enumerate(lines) if is_markdown_heading(line.text)},
        **dict.fromkeys(footer(lines), "footer"),
        **dict.fromkeys(number_lines(lines), "page"),
    }
    if all(number in silent or not bare(line.text) for number, line in enumerate(lines)):
        silent = {}
    full = [
        number not in silent and start < end
        for number, (start, end) in enumerate(trimmed(line.text, line.start) for line in lines)
    ]
    last = max((number for number, words in enumerate(full) if words), default=0)
    blocks = not all(full[full.index(True) if True in full else 0 : last])
    starts = [n for n, words in enumerate(full) if words and (not blocks or n == 0 or not full[n - 1])]
    marks = {number: Mark("", 0) for number in starts}
    turns: tuple[Spoken, ...] = turns_of(lines, marks, silent)
    parts = [*line_parts(lines, marks, turns, silent), *document.asides]
    return Parsed(text=document.text, turns=turns, parts=tuple(parts))


FORM = Form(name="plain", recognise=recognise, parse=parse)
