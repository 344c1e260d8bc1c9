"""The shape that speech-to-text tools share: a speaker and a time on a line of their own, then what was said."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from lbc_themes.reading.document import Document, Parsed
from lbc_themes.reading.edges import footer, preamble_note
from lbc_themes.reading.lines import BLANK, Line, Mark, bare, seconds, turns_of

_WORD = r"[^\s:：,，。!！?？;；、…<>《》\[\]|]{1,20}"
_MARK = re.compile(
    rf"[{re.escape(BLANK)}]{{0,8}}(?P<speaker>{_WORD}(?: {_WORD}){{0,2}}?)"
    r"[ \t\u3000\xa0]{1,8}(?P<time>(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?)"
)
_TIME = re.compile(r"\d:\d\d")
_NUMBERED = re.compile(r"(?:说话人|發言人|发言人|讲话人|說話人|speaker)\s?[\dA-Z]{0,3}", re.IGNORECASE)


def clock_marks(lines: Sequence[Line]) -> dict[int, Mark]:
    """Return by line number the lines that name a speaker and a time and nothing else.

    A speaker that the tool did not number (奶奶 00:12) counts where the line follows an empty one or the name comes
    twice, for speech may end in a time as well (每天早上 07:30).
    """
    found = {number: match for number, line in enumerate(lines) if (match := _MARK.fullmatch(line.text.rstrip(BLANK)))}
    times = Counter(match["speaker"] for match in found.values())

    def is_speaker(number: int, name: str) -> bool:
        apart = number == 0 or not bare(lines[number - 1].text)
        return apart or times[name] > 1 or _NUMBERED.fullmatch(name) is not None

    return {
        number: Mark(match["speaker"], len(lines[number].text), seconds(match["time"]))
        for number, match in found.items()
        if is_speaker(number, match["speaker"])
    }


def share(document: Document, wanted: re.Pattern[str]) -> float:
    """Return how much of the document is marked by a speaker and a time, where ``wanted`` matches most of the marks."""
    if _TIME.search(document.text) is None:
        return 0.0
    marks = clock_marks(document.lines)
    fitting = sum(1 for number in marks if wanted.search(document.lines[number].text[-80:]))
    if not marks or fitting * 2 <= len(marks):
        return 0.0
    return 0.5 + 0.5 * min(1.0, 2 * len(marks) / document.spoken_lines)


def parse_marked(document: Document, marks: Mapping[int, Mark]) -> Parsed:
    """Return the turns that ``marks`` begin, without the heading before them and the footer after them."""
    turns = turns_of(document.lines, marks, footer(document.lines, marks))
    return Parsed(text=document.text, turns=turns, notes=preamble_note(document.lines, marks))


def parse(document: Document) -> Parsed:
    """Read a speaker and a time on one line, then speech until the next such line."""
    return parse_marked(document, clock_marks(document.lines))
