"""Public-record markdown: a heading names the speaker (``### 問：``), the speech stands below it."""

import re
from collections import Counter
from collections.abc import Sequence

from lbc_themes.reading.document import BLANK, Document, Form, Line, Mark, Parsed, turns_of
from lbc_themes.reading.formats.furniture import footer, preamble_note

_HEADING = re.compile(
    rf"[{re.escape(BLANK)}]{{0,3}}(?P<level>#{{1,6}})(?!#)\s{{0,8}}(?P<speaker>[^:：]{{1,60}}?)\s{{0,3}}(?P<colon>[：:]|$)"
)
_QUOTE = re.compile(r"\s{0,3}>")


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` names its speakers in headings."""
    if "#" not in document.text:
        return 0.0
    marks, others = _marks(document.lines)
    speakers = len({mark.speaker for mark in marks.values()})
    again = speakers < len(marks) or len(marks) < 4
    return 0.95 if len(marks) > 1 and again and len(others) <= len(marks) else 0.0


def parse(document: Document) -> Parsed:
    """Read one turn a heading. Titles and quoted lines (``>``) are not speech."""
    marks, others = _marks(document.lines)
    quotes = {number for number, line in enumerate(document.lines) if _QUOTE.match(line.text)}
    turns = turns_of(document.lines, marks, others | quotes | footer(document.lines, marks))
    return Parsed(text=document.text, turns=turns, notes=preamble_note(document.lines, marks))


def _marks(lines: Sequence[Line]) -> tuple[dict[int, Mark], set[int]]:
    found = {number: match for number, line in enumerate(lines) if (match := _HEADING.match(line.text))}
    with_colon = Counter(match["level"] for match in found.values() if match["colon"])
    levels = with_colon or Counter(match["level"] for match in found.values())
    level = max(levels, key=lambda name: (levels[name], len(name)), default="")
    marks = {
        number: Mark(match["speaker"].strip(BLANK), match.end())
        for number, match in found.items()
        if match["level"] == level and (match["colon"] or not with_colon)
    }
    return marks, set(found) - set(marks)


FORM = Form(name="headings", recognise=recognise, parse=parse)
