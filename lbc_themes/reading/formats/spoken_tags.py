"""Spoken corpora: every line begins with a tag of its speaker, ``<S00> `` or ``<N05> ``; often without punctuation."""

import re
from collections.abc import Sequence

from lbc_themes.reading.document import BLANK, Document, Form, Line, Mark, Parsed, turns_of
from lbc_themes.reading.formats.furniture import footer, line_parts, preamble_note

# Digits are asked for because placeholders (<name>, <city>) may begin a line too.
_TAG = re.compile(rf"[{re.escape(BLANK)}]{{0,4}}<(?P<speaker>[A-Za-z]{{1,12}}[-_ ]?\d{{1,4}}[A-Za-z]?)\s?>")


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` is a spoken corpus file."""
    tagged = len(_marks(document.lines)) if "<" in document.text else 0
    return 0.5 + 0.5 * tagged / document.spoken_lines if tagged * 4 > document.spoken_lines or tagged > 3 else 0.0


def parse(document: Document) -> Parsed:
    """Read one turn a tagged line; a line without a tag carries on the turn before it."""
    lines = document.lines
    marks = _marks(lines)
    silent = dict.fromkeys(footer(lines, marks), "footer")
    turns = turns_of(lines, marks, silent)
    parts = [*line_parts(lines, marks, turns, silent), *document.asides]
    return Parsed(text=document.text, turns=turns, notes=preamble_note(lines, marks), parts=tuple(parts))


def _marks(lines: Sequence[Line]) -> dict[int, Mark]:
    found = ((number, _TAG.match(line.text)) for number, line in enumerate(lines))
    return {number: Mark(match["speaker"], match.end()) for number, match in found if match}


FORM = Form(name="spoken-tags", recognise=recognise, parse=parse)
