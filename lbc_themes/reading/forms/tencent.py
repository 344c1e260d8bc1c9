"""腾讯会议: ``张老师(00:02:49): `` before the speech, on the same line or above it."""

import re
from collections.abc import Sequence

from lbc_themes.reading.document import Document, Parsed
from lbc_themes.reading.forms.clock_marks import parse_marked
from lbc_themes.reading.forms.form import Form
from lbc_themes.reading.lines import BLANK, Line, Mark, bare, seconds

_MARK = re.compile(
    rf"[{re.escape(BLANK)}]{{0,8}}(?P<speaker>[^:：,，。!！?？;；]{{1,40}}?)\s{{0,3}}"
    r"[(（\[](?P<time>(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?)[)）\]]\s{0,3}(?:[：:]|$)"
)
_TIME = re.compile(r"[(（\[]\d{1,2}:\d\d")


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` came from 腾讯会议."""
    marks = _marks(document.lines) if _TIME.search(document.text) else {}
    return 0.5 + 0.5 * min(1.0, 2 * len(marks) / document.spoken_lines) if marks else 0.0


def parse(document: Document) -> Parsed:
    """Read a speaker and a time in brackets before a colon, then speech until the next."""
    return parse_marked(document, _marks(document.lines))


def _marks(lines: Sequence[Line]) -> dict[int, Mark]:
    found = ((number, _MARK.match(line.text)) for number, line in enumerate(lines))
    return {n: Mark(bare(m["speaker"]), m.end(), seconds(m["time"])) for n, m in found if m and bare(m["speaker"])}


FORM = Form(name="tencent", recognise=recognise, parse=parse)
