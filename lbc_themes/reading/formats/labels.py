"""Typed by hand: ``访谈者：`` and ``受访者：``, ``问：`` and ``答：``, ``I:`` and ``P:``, or names before a colon."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from lbc_themes.core.records import Role
from lbc_themes.reading.document import BLANK, Document, Form, Line, Mark, Parsed, bare, seconds, turns_of
from lbc_themes.reading.formats.furniture import footer, preamble_note, section_titles
from lbc_themes.reading.vocabulary import (
    is_code,
    is_metadata_key,
    is_respondent,
    is_speaker_word,
    plain_label,
    role_of_word,
    speaks_of,
)

# --- Learning which words before a colon are the speakers of a file.

_NAME = r"[^\s#:：﹕︰,，。.!！?？;；、…\"“”'‘’<>《》「」『』|\\/*\[\]【】=]"
_NUMBER = r"(?:[(（]?\d{1,4}[.、．)）][ \u3000]{0,2}|\d{1,4}[ \t\u3000]{1,3})"
_LEAD = rf"[{re.escape(BLANK)}*•-]{{0,12}}(?:{_NUMBER})?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
_TIME = rf"(?:[\[【(（]?(?P<time>{_CLOCK})(?: ?(?:-->|[-–—~～至到]) ?{_CLOCK})?[\]】)）]?[ \u3000]{{0,4}})?"
_BOXED = rf"[\[【<＜〈](?P<boxed>{_NAME}{{1,16}})[\]】>＞〉][*]{{0,2}}[ \u3000]{{0,3}}[：:﹕︰]?"
_ASIDE = r"(?: ?[(（][^()（）:：]{1,30}[)）])?"
_LABEL = rf"[「『]?(?P<label>{_NAME}{{1,16}}(?: {_NAME}{{1,16}}){{0,2}}{_ASIDE})[」』]?"
_COLON = rf"{_LABEL}[*]{{0,2}}[ \u3000]{{0,3}}(?P<mark>[：:﹕︰]|\t)"
_CANDIDATE = re.compile(rf"{_LEAD}{_TIME}(?:{_BOXED}|{_COLON})[*]{{0,2}}")
_MINUTES = re.compile(r"\d\d(?!\d)")
_LETTER = re.compile(r"[^\W\d_]")
_IN_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_LONGEST = 20
_MOSTLY = 0.6
_HEAD = 40
_SHORT = 14


class Candidate(NamedTuple):
    """Something that stands before a colon at the start of a line; the speech begins ``offset`` characters in."""

    label: str
    offset: int
    time: float | None
    sure: bool


def candidates(lines: Sequence[Line]) -> dict[int, Candidate]:
    """Return by line number what might be a speaker."""
    found = {}
    for number, line in enumerate(lines):
        candidate = _candidate(line.text)
        if candidate is not None:
            found[number] = candidate
    return found


def _candidate(text: str) -> Candidate | None:
    match = _CANDIDATE.match(text)
    if match is None:
        return None
    label = bare(match["label"] or match["boxed"])
    colon, rest = match["mark"] or "", text[match.end() :]
    if not _LETTER.search(label) or len(_IN_BRACKETS.sub("", label)) > _LONGEST:
        return None
    if rest.startswith("//") or _is_clock(label, rest):
        return None
    if label.count("(") + label.count("（") != label.count(")") + label.count("）"):
        return None
    return Candidate(label, match.end(), seconds(match["time"] or ""), sure=bool(colon.strip()))


def _is_clock(label: str, rest: str) -> bool:
    return label[-1].isdigit() and _MINUTES.match(rest) is not None and not is_code(label)


def metadata_end(lines: Sequence[Line], found: Mapping[int, Candidate]) -> int:
    """Return the number of the first line after a block of keys and values (姓名：…) at the head of a file.

    The block may name the interviewer and the respondent too (访谈者：某). It ends at an empty line, at the first line
    that is no short label and value, and where a label comes again.
    """
    last, seen, apart = -1, set[str](), False
    for number, line in enumerate(lines[:_HEAD]):
        candidate = found.get(number)
        if not bare(line.text):
            apart = last >= 0
        elif candidate is None:
            if last >= 0:
                break
        elif is_metadata_key(candidate.label):
            last, apart = number, False
        elif apart or candidate.label in seen or _is_said(line, candidate):
            break
        else:
            seen.add(candidate.label)
    return _closed(lines, found, last + 1) if last >= 0 else 0


def _closed(lines: Sequence[Line], found: Mapping[int, Candidate], end: int) -> int:
    """Return the end of the block where short labels go on after its last key and an empty line ends them."""
    after, seen = end, set[str]()
    while after in found and found[after].label not in seen and not _is_said(lines[after], found[after]):
        seen.add(found[after].label)
        after += 1
    return after if after < len(lines) and not bare(lines[after].text) else end


def _is_said(line: Line, candidate: Candidate) -> bool:
    value = bare(line.text[candidate.offset :])
    return len(value) > _SHORT or value.endswith(("。", "？", "！", "?", "!", "，", "…"))


def learn(found: Iterable[Candidate], lines: int = 0) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the labels that are speakers, and those that look like names but come only once.

    A word that names a speaker (访谈者, 奶奶, 王老师) is a label wherever it comes. A code in Latin letters (I, C01) is
    one where codes come at least twice, and any other short word where it comes at least twice and is not itself
    speech (我妈说, 比如). What stands in brackets or before a tab may be no label at all ([笑]): it is counted where it
    is a word that names a speaker or where most of the ``lines`` of the file begin so.
    """
    held = list(found)
    unsure = [candidate.label for candidate in held if not candidate.sure]
    mostly = lines > 0 and len(unsure) >= _MOSTLY * lines and len(set(unsure)) > 1
    times = Counter(
        candidate.label for candidate in held if candidate.sure or mostly or is_speaker_word(candidate.label)
    )
    codes = sum(times[label] for label in times if is_code(label))
    labels, once = set(), []
    for label, count in times.items():
        if is_metadata_key(label) or (speaks_of(label) and not is_code(label)):
            continue
        if is_speaker_word(label) or (codes > 1 and is_code(label)) or count > 1:
            labels.add(label)
        elif len(label) <= 4:
            once.append(label)
    return frozenset(labels), tuple(once)


# --- Labels within a line: questions and answers typed one behind the other.

_INSIDE = re.compile(r"(?<=[。．.？?！!…；;）)” \t\u3000])(?P<label>[^\s:：,，。.！!？?；;、…()（）“”]{1,8})[：:]")


def cut_at_labels(lines: Sequence[Line]) -> Sequence[Line]:
    """Return ``lines`` cut before labels within them, where only one side has labels at the head of lines.

    Where lines begin with 问： only and 答： stands within them, the answer is on the line of its question. Where both
    sides stand at the head of lines, a label within a line is speech (老师：就这样吧) and nothing is cut.
    """
    heads = {candidate.label for candidate in candidates(lines).values() if _side(candidate.label)}
    if len({_side(label) for label in heads}) != 1:
        return lines
    wanted = _inside(lines, {_side(label) for label in heads})
    return [part for line in lines for part in _parts(line, heads | wanted)] if wanted else lines


def _inside(lines: Sequence[Line], heads: set[str]) -> set[str]:
    found = Counter(match["label"] for line in lines for match in _INSIDE.finditer(line.text))
    return {label for label in found if _side(label) and _side(label) not in heads}


def _side(label: str) -> str:
    if is_respondent(label):
        return "answers"
    return "asks" if role_of_word(label) is Role.INTERVIEWER else ""


def _parts(line: Line, labels: set[str]) -> list[Line]:
    cuts = [match.start() for match in _INSIDE.finditer(line.text) if match["label"] in labels]
    edges = [0, *cuts, len(line.text)]
    return [Line(line.start + a, line.text[a:b]) for a, b in itertools.pairwise(edges)]


_NUMBERED = re.compile(r"([QA问答問])[.\s]?\d{1,3}", re.IGNORECASE)


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` labels its speakers at the start of lines."""
    lines = cut_at_labels(document.lines)
    marks, _ = _marks(lines)
    if not marks or (len(marks) == 1 and document.spoken_lines > 1):
        return 0.0
    speakers = {mark.speaker for mark in marks.values()}
    known = any(map(is_speaker_word, speakers))
    one = len(speakers) == 1 and not known
    dense = min(1.0, 3 * len(marks) / document.spoken_lines)
    return dense * 0.3 if one else 0.3 + 0.4 * dense + 0.1 * known


def parse(document: Document) -> Parsed:
    """Read speech after each label, until the next label.

    Which words are labels is learned from the file (see `learn`). The numbers of numbered
    questions and answers (Q1, A1) are not part of the speaker's name. A time on a line of its own before a label is the
    time of what that label says.
    """
    lines = cut_at_labels(document.lines)
    marks, once = _marks(lines)
    marks, clocks = _timed(lines, marks)
    doubts = (f"read as speech, for they come only once before a colon: {', '.join(once[:5])}",) if once else ()
    turns = turns_of(lines, marks, footer(lines, marks) | clocks | section_titles(lines, marks))
    return Parsed(text=document.text, turns=turns, notes=(*preamble_note(lines, clocks | set(marks)), *doubts))


def _marks(lines: Sequence[Line]) -> tuple[dict[int, Mark], tuple[str, ...]]:
    found = candidates(lines)
    first = metadata_end(lines, found)
    found = {number: candidate for number, candidate in found.items() if number >= first}
    labels, once = learn(found.values(), sum(1 for line in lines[first:] if bare(line.text)))
    marks = {n: Mark(c.label, c.offset, c.time) for n, c in found.items() if c.label in labels}
    return _unnumbered(marks) if marks else _alone(lines), once


def _timed(lines: Sequence[Line], marks: dict[int, Mark]) -> tuple[dict[int, Mark], set[int]]:
    timed, clocks = dict(marks), set[int]()
    for number, mark in marks.items():
        above = next((n for n in range(number - 1, max(-1, number - 3), -1) if bare(lines[n].text)), None)
        word = bare(lines[above].text).strip("[]【】()（）") if above is not None and above not in marks else ""
        if above is not None and mark.time is None and ":" in word and seconds(word) is not None:
            timed[number] = mark._replace(time=seconds(word))
            clocks.add(above)
    return timed, clocks


def _unnumbered(marks: dict[int, Mark]) -> dict[int, Mark]:
    speakers = {mark.speaker for mark in marks.values()}
    letters = {speaker: match[1] for speaker in speakers if (match := _NUMBERED.fullmatch(plain_label(speaker)))}
    if len({letter.upper() for letter in letters.values()}) < 2:
        return marks
    return {n: mark._replace(speaker=letters.get(mark.speaker, mark.speaker)) for n, mark in marks.items()}


def _alone(lines: Sequence[Line]) -> dict[int, Mark]:
    plain = {number: bare(line.text) for number, line in enumerate(lines)}
    bold = {number: word.strip("*") for number, word in plain.items() if word.startswith("**") and word.endswith("**")}
    words = bold or {number: word for number, word in plain.items() if 1 < len(word) <= 8}
    times = Counter(word for word in words.values() if is_speaker_word(word))
    if len(times) < 2 or min(times.values()) < 2:
        return {}
    return {number: Mark(word, len(lines[number].text)) for number, word in words.items() if word in times}


FORM = Form(name="labels", recognise=recognise, parse=parse)
