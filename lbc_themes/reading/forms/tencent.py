"""腾讯会议: ``张老师(00:02:49): `` before the speech, on the same line or above it."""

import re
from collections.abc import Sequence

from lbc_themes.reading.document import Document, Parsed
from lbc_themes.reading.forms.clock_marks import CLOCK, parse_marked
from lbc_themes.reading.forms.form import Form
from lbc_themes.reading.lines import BLANK, Line, Mark, bare, seconds

_MARK = re.compile(
    rf"[{re.escape(BLANK)}]{{0,8}}(?P<speaker>[^:：,，。!！?？;；]{{1,40}}?)\s{{0,3}}"
    rf"(?:[(（\[](?P<time>{CLOCK})[)）\]]\s{{0,3}}(?:[：:]|$)|(?<=\s)(?P<bare>{CLOCK})\s{{0,3}}[：:](?!\d))"
)
_TIME = re.compile(r"[(（\[]\d{1,2}:\d\d|\s\d{1,2}:\d\d[：:\s]")


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` came from 腾讯会议."""
    marks = _marks(document.lines) if _TIME.search(document.text) else {}
    return 0.5 + 0.5 * min(1.0, 2 * len(marks) / document.spoken_lines) if marks else 0.0


def parse(document: Document) -> Parsed:
    """Read a speaker and a time in brackets before a colon, then speech until the next."""
    return parse_marked(document, _marks(document.lines))


def _marks(lines: Sequence[Line]) -> dict[int, Mark]:
    found = ((number, _MARK.match(line.text)) for number, line in enumerate(lines))
    return {
        number: Mark(bare(match["speaker"]), match.end(), seconds(match["time"] or match["bare"]))
        for number, match in found
        if match and bare(match["speaker"])
    }


FORM = Form(name="tencent", recognise=recognise, parse=parse)
