"""The shape that speech-to-text tools share: a speaker and a time at the head of a line, then what was said.

The time may follow the speaker or come before, stand in any brackets or none, be a range or follow a date; the line may
be a heading or bold; the speech stands on the same line or below. Files in which only times stand, without anybody
named, are read too.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from lbc_themes.reading.document import (
    ARROW,
    BLANK,
    CLOCK,
    DATE,
    Document,
    Form,
    Line,
    Mark,
    Parsed,
    Part,
    PartKind,
    Spoken,
    bare,
    seconds,
    trimmed,
    turns_of,
)
from lbc_themes.reading.formats.furniture import footer, line_parts, number_lines, preamble_note, section_titles
from lbc_themes.reading.vocabulary import is_metadata_key, is_speaker_word, plain_label

_B = re.escape(BLANK)
_RANGE = rf"{DATE}{CLOCK}(?:[{_B}]{{0,3}}{ARROW}[{_B}]{{0,3}}{DATE}{CLOCK})?"
_LEFT_BRACKETS, _RIGHT_BRACKETS = r"[(（\[【<〈{｛〔［]", r"[)）\]】>〉}｝〕］]"
_BOXED_TIME = rf"(?:{_LEFT_BRACKETS}[{_B}]{{0,2}}{_RANGE}[{_B}]{{0,2}}{_RIGHT_BRACKETS}|#{CLOCK}#)"
_TIME = rf"(?:{_BOXED_TIME}|{_RANGE})"
_WORD = r"[^\s:：,，。!！?？;；、…<>《》\[\]【】|()（）*#]{1,20}"
_ASIDE = rf"(?:[{_B}]?[(（](?!\d{{1,2}}[:：])[^()（）:：]{{1,24}}[)）])?"
_NAME = rf"(?:[【\[「<]{_WORD}(?:[{_B}]{_WORD}){{0,2}}[】\]」>]|{_WORD}(?:[{_B}]{_WORD}){{0,2}}?{_ASIDE})"
_DECOR = (
    rf"[{_B}]{{0,8}}(?:#{{1,6}}[{_B}]{{1,4}}|[-•>][{_B}]{{1,4}}|"
    rf"(?:\d{{1,4}}[.、．)）][{_B}]{{0,2}})?){{0,2}}[*_]{{0,3}}"
)
_END = rf"[*_{_B}]{{0,8}}$"
_COLON = rf"[*_{_B}]{{0,4}}[：:][*_{_B}]{{0,4}}(?!\d)"
_WIDE_GAP = rf"(?:\t|[{_B}]{{2,8}})(?=[^{_B}])"
_NARROW_GAP = rf"[{_B}*_]{{1,3}}(?=[^{_B}])"
# Speaker, then time. A time without brackets stands apart from the name; one in brackets may touch it.
_SPEAKER_FIRST = re.compile(
    rf"{_DECOR}(?P<speaker>{_NAME})[*_]{{0,3}}(?P<colon>[：:]?)[*_]{{0,3}}(?:[{_B}]{{0,8}}(?P<boxed>{_BOXED_TIME})|[{_B}]{{1,8}}(?P<time>{_RANGE}))"
    rf"(?:(?P<end>{_END})|(?P<mark>{_COLON})|(?P<wide>{_WIDE_GAP})|(?P<narrow>{_NARROW_GAP})|(?P<none>))"
)
# Time, then speaker alone or before a gap; before a colon it is a label, which `labels` reads with its time.
_TIME_FIRST = re.compile(
    rf"{_DECOR}(?P<when>{_TIME})[*_]{{0,3}}[{_B}]{{0,8}}[*_]{{0,3}}(?P<speaker>{_NAME})(?:{_END}|{_WIDE_GAP})"
)
# Speaker and time in one pair of brackets: [小林 00:12].
_TOGETHER = re.compile(
    rf"{_DECOR}{_LEFT_BRACKETS}[{_B}]{{0,2}}(?P<speaker>{_WORD}(?:[{_B}]{_WORD}){{0,2}}?)[{_B},，]{{1,3}}(?P<when>{_RANGE})[{_B}]{{0,2}}"
    rf"{_RIGHT_BRACKETS}[*_]{{0,3}}[{_B}]{{0,4}}[：:]?[{_B}]{{0,4}}"
)
_ALONE = re.compile(rf"{_DECOR}(?P<when>{_TIME}){_END}")
_LEADING = re.compile(rf"[{_B}]{{0,8}}(?P<when>{_BOXED_TIME}|{CLOCK})(?:[{_B}]{{1,8}}|(?<=[\])）】#]))(?=[^{_B}])")
_STAMP = rf"(?:{_LEFT_BRACKETS}{_RANGE}{_RIGHT_BRACKETS}|#{CLOCK}#)"
_AT_END = re.compile(rf"[{_B}]{{0,4}}{_STAMP}[{_B}]{{0,4}}$")
_AT_START = re.compile(rf"[{_B}]{{0,4}}{_STAMP}[{_B}]{{0,4}}")
_A_CLOCK = re.compile(CLOCK)
_SHORT_NAME = re.compile(r"(?=.*[^\W\d_])[^。，？！,.?!；;：:]{1,20}")
_LETTER = re.compile(r"[^\W\d_年月日号時时分秒]")
_HAS_CLOCK = re.compile(r"\d[:：]\d\d|:\d{1,2}\.\d|\d分\s?\d|\d['′’]\d\d")
_NUMBERED = re.compile(
    r"(?:说话人|發言人|发言人|讲话人|說話人|講話者|发言者|参会人|嘉宾|speaker|spk|speaker_)[\s_-]?[\dA-Z]{0,3}",
    re.IGNORECASE,
)


class _Head(NamedTuple):
    """The head of one line: who (empty where nobody is named), when, where the speech begins, how surely it is one."""

    speaker: str
    time: float | None
    offset: int
    sure: bool
    apart: bool


def clock_marks(lines: Sequence[Line]) -> dict[int, Mark]:
    """Return by line number the lines that name a speaker and a time.

    A speaker that the tool did not number (奶奶 00:12) counts where the name comes twice, names a role, or stands with
    its time last after an empty line, for speech may hold a time as well (每天早上 07:30). Where only a blank stands
    between time and speech, the times have to go on from line to line.
    """
    found = {n: head for n, line in enumerate(lines) if (head := _head(line.text)) is not None}
    times = Counter(head.speaker for head in found.values())

    def is_speaker(number: int, head: _Head) -> bool:
        if is_metadata_key(head.speaker):
            return False
        if _NUMBERED.fullmatch(plain_label(head.speaker)) is not None:
            return True
        empty_before = number == 0 or not bare(lines[number - 1].text)
        return times[head.speaker] > 1 or (
            head.sure and (is_speaker_word(head.speaker) or (head.apart and empty_before))
        )

    named = {n: head for n, head in found.items() if is_speaker(n, head)}
    if any(not head.sure for head in named.values()):
        named = _without_chance(named)
    return {n: Mark(head.speaker, head.offset, head.time) for n, head in named.items()}


def _head(text: str) -> _Head | None:
    if _HAS_CLOCK.search(text[:90]) is None:
        return None
    match = _SPEAKER_FIRST.match(text)
    if match is not None and not _A_CLOCK.match(match["speaker"]) and _LETTER.search(match["speaker"]):
        boxed = match["boxed"] is not None
        ended = match["end"] is not None or bool(match["mark"])
        sure = ended or match["wide"] is not None or (boxed and (match["narrow"] is not None or bool(match["colon"])))
        if match["none"] is not None and not boxed:
            return None
        when = _A_CLOCK.search(match["boxed"] or match["time"])
        offset = match.end() if match["none"] is None else match.end("boxed")
        return _Head(_name(match["speaker"]), _seconds(when), offset, sure, match["end"] is not None)
    match = _TOGETHER.match(text)
    if match is not None and _LETTER.search(match["speaker"]):
        when = _A_CLOCK.search(match["when"])
        return _Head(_name(match["speaker"]), _seconds(when), match.end(), sure=True, apart=False)
    match = _TIME_FIRST.match(text)
    if match is None or _LETTER.search(match["speaker"]) is None:
        return None
    return _Head(_name(match["speaker"]), _seconds(_A_CLOCK.search(match["when"])), match.end(), sure=True, apart=False)


def _name(speaker: str) -> str:
    return bare(speaker).strip("*_【】[]「」<>")


def _seconds(clock: re.Match[str] | None) -> float | None:
    return seconds(clock[0]) if clock is not None else None


def _without_chance(named: Mapping[int, _Head]) -> dict[int, _Head]:
    """Drop unsure heads unless they are numbered speakers or most of their times go on."""
    unsure = {n: head for n, head in named.items() if not head.sure}
    times = [head.time for head in unsure.values() if head.time is not None]
    on = sum(a <= b for a, b in pairwise(times)) >= 0.8 * (len(times) - 1)
    if len(unsure) > 1 and on and len(unsure) * 2 > len(named):
        return dict(named)
    return {
        n: head for n, head in named.items() if head.sure or (on and _NUMBERED.fullmatch(plain_label(head.speaker)))
    }


def stamps_alone(lines: Sequence[Line]) -> tuple[dict[int, Mark], bool]:
    """Return by line number the times that nobody is named beside, and whether they make up the form of the file.

    They stand alone on their lines or before speech. They count where there are at least two and most go on in time.
    """
    found: dict[int, Mark] = {}
    for number, line in enumerate(lines):
        if _HAS_CLOCK.search(line.text[:60]) is None:
            continue
        match = _ALONE.match(line.text) or _LEADING.match(line.text)
        if match is not None:
            found[number] = Mark("", match.end(), _seconds(_A_CLOCK.search(match["when"])))
    times = [mark.time for mark in found.values() if mark.time is not None]
    spoken = sum(1 for line in lines if bare(line.text))
    going_on = sum(a <= b for a, b in pairwise(times)) >= 0.8 * (len(times) - 1)
    return found, len(times) > 1 and going_on and len(times) * 6 > spoken


def share(document: Document, wanted: re.Pattern[str]) -> float:
    """Return how much of the document is marked by a speaker and a time, where ``wanted`` matches most of the marks."""
    marks = _marks_of(document)
    fitting = sum(1 for number, mark in marks.items() if wanted.search(document.lines[number].text[: mark.offset]))
    if not marks or fitting * 2 <= len(marks):
        return 0.0
    return 0.5 + 0.5 * min(1.0, 2 * len(marks) / document.spoken_lines)


def _marks_of(document: Document) -> dict[int, Mark]:
    """Return the marks of a document, found once for all the tools that are told apart."""
    return document.once("clock marks", lambda: clock_marks(document.lines) if _HAS_CLOCK.search(document.text) else {})


def names_beside_times(lines: Sequence[Line]) -> tuple[dict[int, Mark], dict[int, str]]:
    """Return the marks of a file in which the time and the speaker each have a line, and the lines of the times.

    The name stands below the time (Teams) or above it. It is short, ends in no punctuation, and comes again or names a
    role.
    """
    full = [n for n, line in enumerate(lines) if bare(line.text)]
    place = {n: at for at, n in enumerate(full)}
    times = {n: _seconds(_A_CLOCK.search(lines[n].text)) for n in full if _ALONE.match(lines[n].text)}
    for step in (1, -1):
        beside = {
            n: full[place[n] + step]
            for n in times
            if 0 <= place[n] + step < len(full) and full[place[n] + step] not in times
        }
        words = Counter(bare(lines[name].text) for name in beside.values())
        named = {
            n: name
            for n, name in beside.items()
            if _SHORT_NAME.fullmatch(word := bare(lines[name].text).strip("*【】[]"))
            and (words[bare(lines[name].text)] > 1 or is_speaker_word(word))
        }
        if len(named) > 1 and len(named) * 5 >= len(times) * 4:
            marks = {
                name: Mark(bare(lines[name].text).strip("*【】[]"), len(lines[name].text), times[n])
                for n, name in named.items()
            }
            return marks, dict.fromkeys(times, "clock")
    return {}, {}


def parse_clocks(document: Document) -> Parsed:
    """Read a speaker and a time at the head of a line, then speech until the next; without speakers, times alone."""
    marks, silent = _marks_of(document), dict[int, str]()
    if not marks:
        marks, silent = names_beside_times(document.lines)
    return parse_marked(document, marks or stamps_alone(document.lines)[0], silent)


def parse_marked(document: Document, marks: Mapping[int, Mark], silent: Mapping[int, str] | None = None) -> Parsed:
    """Return the turns that ``marks`` begin, without the heading before them and the footer after them."""
    lines = document.lines
    apart = {
        **dict.fromkeys(section_titles(lines, marks), "heading"),
        **dict.fromkeys(footer(lines, marks), "footer"),
        **dict.fromkeys(number_lines(lines, marks), "page"),
        **(silent or {}),
    }
    turns = turns_of(lines, marks, apart)
    parts = [*line_parts(lines, marks, turns, apart), *document.asides]
    turns, stamps = without_stamps(document.text, turns)
    return Parsed(text=document.text, turns=turns, notes=preamble_note(lines, marks), parts=(*stamps, *parts))


def without_stamps(text: str, turns: Sequence[Spoken]) -> tuple[tuple[Spoken, ...], list[Part]]:
    """Cut the times that a tool wrote into speech: in brackets or hash signs, at the ends of lines, or alone on one.

    They count as such where there are at least two and most go on in time. What follows one at the head of a line is a
    turn of its own with that time; one at the end of a line is left out.
    """
    found = [(turn, list(_stamps_in(text, turn))) for turn in turns]
    times = [time for _, stamps in found for _, _, time, _ in stamps if time is not None]
    if len(times) < 2 or sum(a <= b for a, b in pairwise(times)) < 0.7 * (len(times) - 1):
        return tuple(turns), []
    kept: list[Spoken] = []
    parts: list[Part] = []
    for turn, stamps in found:
        at, time = turn.start, turn.time
        for start, end, when, leads in stamps:
            parts.append(Part(start, end, PartKind.TIME, "clock"))
            kept += _piece(text, turn, at, start, time)
            at = end
            time = when if leads else None
        kept += _piece(text, turn, at, turn.end, time)
    return tuple(kept), parts


def _piece(text: str, turn: Spoken, start: int, end: int, time: float | None) -> list[Spoken]:
    begin, stop = trimmed(text[start:end], start)
    if begin >= stop:
        return []
    return [Spoken(speaker=turn.speaker, start=begin, end=stop, time=time, question=turn.question)]


def _stamps_in(text: str, turn: Spoken) -> list[tuple[int, int, float | None, bool]]:
    said = text[turn.start : turn.end]
    if _HAS_CLOCK.search(said) is None:
        return []
    found, start = [], turn.start
    for row in said.split("\n"):
        alone = _ALONE.match(row)
        first = _AT_START.match(row)
        last = _AT_END.search(row)
        if alone:
            found.append((start, start + len(row), _seconds(_A_CLOCK.search(row)), True))
        else:
            if first:
                found.append((start, start + first.end(), _seconds(_A_CLOCK.search(first[0])), True))
            if last:
                found.append((start + last.start(), start + len(row), _seconds(_A_CLOCK.search(last[0])), False))
        start += len(row) + 1
    return found


# --- The tools, told apart by how they write the time and name the speakers.

_MILLISECONDS = re.compile(r"[:：]\d{2}[.,]\d{1,3}")
_ANY = re.compile(r"")
_BLOCK = re.compile(r"[#\s]*(?:文字记录|文字記錄)\s*[：:]?\s*")
_ITS_WORD = re.compile(r"^(?!.*:\d{2}[.,]\d).*[发發]言人")
_WITHOUT_MILLISECONDS = re.compile(r"^(?!.*[发發]言人)(?!.*[(（\[]\d{1,3}[:：])(?!.*:\d{2}[.,]\d).*:\d{2}")
_BRACKETED = re.compile(rf"^(?![{_B}*_]*[\[【<(（])[^:：]*[(（\[]{CLOCK}[)）\]]|[^:：]*\s{CLOCK}\s?[：:]")


def recognise_feishu(document: Document) -> float:
    """Say how sure it is that ``document`` came from 飞书妙记."""
    blocks = any(_BLOCK.fullmatch(line.text) for line in document.lines[:60])
    return share(document, _ANY if blocks else _MILLISECONDS)


def recognise_tingwu(document: Document) -> float:
    """Say how sure it is that ``document`` came from 通义听悟."""
    return share(document, _ITS_WORD)


def recognise_iflytek(document: Document) -> float:
    """Say how sure it is that ``document`` came from 讯飞听见."""
    return share(document, _WITHOUT_MILLISECONDS)


def recognise_tencent(document: Document) -> float:
    """Say how sure it is that ``document`` came from 腾讯会议."""
    return min(1.0, share(document, _BRACKETED) * 1.01)


def recognise_clocks(document: Document) -> float:
    """Say how sure it is that lines of ``document`` begin with times, whoever or nobody is named beside them."""
    if _marks_of(document):
        return 0.99 * share(document, _ANY)
    if _HAS_CLOCK.search(document.text) is None:
        return 0.0
    if names_beside_times(document.lines)[0]:
        return 0.7
    marks, regular = stamps_alone(document.lines)
    return 0.15 if marks and regular else 0.0


FEISHU = Form(name="feishu", recognise=recognise_feishu, parse=parse_clocks)
TINGWU = Form(name="tingwu", recognise=recognise_tingwu, parse=parse_clocks)
IFLYTEK = Form(name="iflytek", recognise=recognise_iflytek, parse=parse_clocks)
TENCENT = Form(name="tencent", recognise=recognise_tencent, parse=parse_clocks)
CLOCKS = Form(name="clocks", recognise=recognise_clocks, parse=parse_clocks)
