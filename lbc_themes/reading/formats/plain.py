"""Text without speakers: everything is said by one person, whom the file does not name."""

from lbc_themes.reading.document import Document, Form, Mark, Parsed, Spoken, bare, trimmed, turns_of


def recognise(document: Document) -> float:
    """Any text with words in it can be read as plain, as the last resort."""
    return 0.05 if bare(document.text) else 0.0


def parse(document: Document) -> Parsed:
    """Read one turn a paragraph: blocks between empty lines or, where there are no empty lines, single lines."""
    full = [start < end for start, end in (trimmed(line.text, line.start) for line in document.lines)]
    last = max((number for number, words in enumerate(full) if words), default=0)
    blocks = not all(full[full.index(True) if True in full else 0 : last])
    starts = [n for n, words in enumerate(full) if words and (not blocks or n == 0 or not full[n - 1])]
    turns: tuple[Spoken, ...] = turns_of(document.lines, {number: Mark("", 0) for number in starts})
    note = "no speaker labels were found: all of it is read as one speaker, one turn a paragraph"
    return Parsed(text=document.text, turns=turns, notes=(note,))


FORM = Form(name="plain", recognise=recognise, parse=parse)
