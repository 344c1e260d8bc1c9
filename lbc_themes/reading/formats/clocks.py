"""The shape that speech-to-text tools share: a speaker and a time at the head of a line, then what was said."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from lbc_themes.reading.document import BLANK, Document, Form, Line, Mark, Parsed, bare, seconds, turns_of
from lbc_themes.reading.formats.furniture import footer, preamble_note

_WORD = r"[^\s:：,，。!！?？;；、…<>《》\[\]|]{1,20}"
_GAP = r"[ \t\u3000\xa0]"
CLOCK = r"(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
_DATE = rf"(?:\d{{4}}[-/.年]\d{{1,2}}[-/.月]\d{{1,2}}日?{_GAP}{{1,2}})?"
_TIMES = rf"{_DATE}(?P<time>{CLOCK})(?:{_GAP}?(?:-->|[-–—~～至到]){_GAP}?{CLOCK})?"
_SPEAKER = rf"(?P<speaker>{_WORD}(?: {_WORD}){{0,2}}?)"
_LEFT, _RIGHT = rf"[{re.escape(BLANK)}]{{0,8}}", rf"(?:\t| {{2,8}}(?=\S)|[{re.escape(BLANK)}]*$)"
_MARK = re.compile(rf"{_LEFT}{_SPEAKER}{_GAP}{{1,8}}{_TIMES}{_RIGHT}")
_TIME_FIRST = re.compile(rf"{_LEFT}{_TIMES}{_GAP}{{1,8}}{_SPEAKER}{_RIGHT}")
_TIME = re.compile(r"\d:\d\d")
_NUMBERED = re.compile(r"(?:说话人|發言人|发言人|讲话人|說話人|speaker)[\s_]?[\dA-Z]{0,3}", re.IGNORECASE)


def clock_marks(lines: Sequence[Line]) -> dict[int, Mark]:
    """Return by line number the lines that name a speaker and a time and nothing else, or speech after a gap.

    The gap is a tab or two spaces. The time may be a range or follow a date; it may also stand first. A speaker that
    the tool did not number (奶奶 00:12) counts where the name comes twice or the line has its time last and follows an
    empty one, for speech may hold a time as well (每天早上 07:30).
    """
    found = {number: match for number, line in enumerate(lines) if (match := _mark(line.text))}
    times = Counter(match["speaker"] for match in found.values())

    def is_speaker(number: int, match: re.Match[str]) -> bool:
        apart = match.re is _MARK and (number == 0 or not bare(lines[number - 1].text))
        return apart or times[match["speaker"]] > 1 or _NUMBERED.fullmatch(match["speaker"]) is not None

    return {
        number: Mark(match["speaker"].strip("*"), match.end(), seconds(match["time"]))
        for number, match in found.items()
        if is_speaker(number, match)
    }


def _mark(line: str) -> re.Match[str] | None:
    return _MARK.match(line) or _TIME_FIRST.match(line)


def share(document: Document, wanted: re.Pattern[str]) -> float:
    """Return how much of the document is marked by a speaker and a time, where ``wanted`` matches most of the marks."""
    if _TIME.search(document.text) is None:
        return 0.0
    marks = clock_marks(document.lines)
    fitting = sum(1 for number, mark in marks.items() if wanted.search(document.lines[number].text[: mark.offset]))
    if not marks or fitting * 2 <= len(marks):
        return 0.0
    return 0.5 + 0.5 * min(1.0, 2 * len(marks) / document.spoken_lines)


def parse_marked(document: Document, marks: Mapping[int, Mark]) -> Parsed:
    """Return the turns that ``marks`` begin, without the heading before them and the footer after them."""
    turns = turns_of(document.lines, marks, footer(document.lines, marks))
    return Parsed(text=document.text, turns=turns, notes=preamble_note(document.lines, marks))


def parse_clocks(document: Document) -> Parsed:
    """Read a speaker and a time on one line, then speech until the next such line."""
    return parse_marked(document, clock_marks(document.lines))


# --- 飞书妙记: ``说话人1 00:00:02.350`` on a line, the speech below it; may begin with keywords.

_MILLISECONDS = re.compile(r":\d{2}[.,]\d{1,3}")
_ANY = re.compile(r"")
_BLOCK = re.compile(r"(?:文字记录|文字記錄)\s*[：:]?\s*")


def recognise_feishu(document: Document) -> float:
    """Say how sure it is that ``document`` came from 飞书妙记."""
    blocks = any(_BLOCK.fullmatch(line.text) for line in document.lines[:60])
    return share(document, _ANY if blocks else _MILLISECONDS)


FEISHU = Form(name="feishu", recognise=recognise_feishu, parse=parse_clocks)


# --- 讯飞听见: ``说话人1 00:00`` on a line, the speech below it, a footer that says the text is machine-made.

_WITHOUT_MILLISECONDS = re.compile(r"^(?!.*[发發]言人)(?!.*:\d{2}[.,]\d).*:\d{2}")


def recognise_iflytek(document: Document) -> float:
    """Say how sure it is that ``document`` came from 讯飞听见."""
    return share(document, _WITHOUT_MILLISECONDS)


IFLYTEK = Form(name="iflytek", recognise=recognise_iflytek, parse=parse_clocks)


# --- 通义听悟: ``发言人1 00:56`` on a line and the speech below it.

_ITS_WORD = re.compile(r"^(?!.*:\d{2}[.,]\d).*[发發]言人")


def recognise_tingwu(document: Document) -> float:
    """Say how sure it is that ``document`` came from 通义听悟."""
    return share(document, _ITS_WORD)


TINGWU = Form(name="tingwu", recognise=recognise_tingwu, parse=parse_clocks)


# --- 腾讯会议: ``张老师(00:02:49): `` before the speech, on the same line or above it.

_BRACKETED = re.compile(
    rf"[{re.escape(BLANK)}]{{0,8}}(?P<speaker>[^:：,，。!！?？;；]{{1,40}}?)\s{{0,3}}"
    rf"(?:[(（\[](?P<time>{CLOCK})[)）\]]\s{{0,3}}(?:[：:]|$)|(?<=\s)(?P<bare>{CLOCK})\s{{0,3}}[：:](?!\d))"
)
_BRACKETED_TIME = re.compile(r"[(（\[]\d{1,2}:\d\d|\s\d{1,2}:\d\d[：:\s]")


def recognise_tencent(document: Document) -> float:
    """Say how sure it is that ``document`` came from 腾讯会议."""
    marks = _bracketed_marks(document.lines) if _BRACKETED_TIME.search(document.text) else {}
    return 0.5 + 0.5 * min(1.0, 2 * len(marks) / document.spoken_lines) if marks else 0.0


def parse_tencent(document: Document) -> Parsed:
    """Read a speaker and a time in brackets before a colon, then speech until the next."""
    return parse_marked(document, _bracketed_marks(document.lines))


def _bracketed_marks(lines: Sequence[Line]) -> dict[int, Mark]:
    found = ((number, _BRACKETED.match(line.text)) for number, line in enumerate(lines))
    return {
        number: Mark(bare(match["speaker"]), match.end(), seconds(match["time"] or match["bare"]))
        for number, match in found
        if match and bare(match["speaker"])
    }


TENCENT = Form(name="tencent", recognise=recognise_tencent, parse=parse_tencent)
