"""Public-record markdown: a heading names the speaker (``### 問：``), the speech stands below it."""

import re
from collections import Counter
from collections.abc import Sequence

from lbc_themes.reading.document import BLANK, CLOCK, Document, Form, Line, Mark, Parsed, turns_of
from lbc_themes.reading.formats.furniture import footer, head_kind, line_parts, preamble_note
from lbc_themes.reading.vocabulary import is_metadata_key, is_speaker_word, speaks_of

_HEADING = re.compile(
    rf"[{re.escape(BLANK)}]{{0,3}}(?P<level>#{{1,6}})(?!#)\s{{0,8}}[*_]{{0,3}}(?P<speaker>[^:：*]{{1,60}}?)[*_]{{0,3}}\s{{0,3}}(?P<colon>[：:]|$)[*_]{{0,3}}"
)
_QUOTE = re.compile(r"\s{0,3}>")
_SECTION = re.compile(
    r"(?:第?[一二三四五六七八九十\d]{1,3}(?:、|[.．]|部分|章|节|節|讲|場|场|段)|[（(][一二三四五六七八九十\d]{1,3}[）)]).*|"
    r".*(?:部分|内容|內容|情况|情況|生活|背景|问题|問題|信息|资料|資料|记录|記錄|实录|正文|提纲|大纲|主题|主題|小结|总结|附录|附件|说明|說明)"
)
_A_CLOCK = re.compile(CLOCK)


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` names its speakers in headings."""
    if "#" not in document.text:
        return 0.0
    marks, others = _marks(document.lines)
    times = Counter(mark.speaker for mark in marks.values())
    known = sum(times[speaker] for speaker in times if is_speaker_word(speaker))
    again = len(times) < len(marks) or (len(marks) < 4 and known > 0) or known == len(marks)
    sections = sum(times[speaker] for speaker in times if _is_section(speaker))
    if len(marks) < 2 or not again or sections * 3 > len(marks) or len(others) > len(marks):
        return 0.0
    return 0.95


def _is_section(heading: str) -> bool:
    if is_speaker_word(heading):
        return False
    return _SECTION.fullmatch(heading) is not None or head_kind(heading) == "keywords" or is_metadata_key(heading)


def parse(document: Document) -> Parsed:
    """Read one turn a heading. Titles and quoted lines (``>``) are not speech."""
    lines = document.lines
    marks, others = _marks(lines)
    silent = {
        **dict.fromkeys(others, "heading"),
        **{number: "quote" for number, line in enumerate(lines) if _QUOTE.match(line.text)},
        **dict.fromkeys(footer(lines, marks), "footer"),
    }
    turns = turns_of(lines, marks, silent)
    parts = [*line_parts(lines, marks, turns, silent), *document.asides]
    return Parsed(text=document.text, turns=turns, notes=preamble_note(lines, marks), parts=tuple(parts))


def _marks(lines: Sequence[Line]) -> tuple[dict[int, Mark], set[int]]:
    found = {number: match for number, line in enumerate(lines) if (match := _HEADING.match(line.text))}
    with_colon = Counter(match["level"] for match in found.values() if match["colon"])
    levels = with_colon or Counter(match["level"] for match in found.values())
    level = max(levels, key=lambda name: (levels[name], len(name)), default="")
    marks = {
        number: Mark(match["speaker"].strip(BLANK), match.end())
        for number, match in found.items()
        if match["level"] == level and (match["colon"] or not with_colon) and not _cuts_a_clock(lines[number], match)
    }
    times = Counter(mark.speaker for mark in marks.values())
    once = {
        n
        for n, mark in marks.items()
        if times[mark.speaker] == 1 and (_is_section(mark.speaker) or speaks_of(mark.speaker))
    }
    marks = {number: mark for number, mark in marks.items() if number not in once}
    return marks, set(found) - set(marks)


def _cuts_a_clock(line: Line, heading: re.Match[str]) -> bool:
    """Say whether the colon that ends the heading's name is that of a clock (### 小林 (00:12))."""
    clock = _A_CLOCK.search(line.text)
    return clock is not None and bool(heading["colon"]) and clock.start() < heading.end("colon") <= clock.end()


FORM = Form(name="headings", recognise=recognise, parse=parse)
