"""Learning which words before a colon are the speakers of a file."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from lbc_themes.reading.lines import BLANK, Line, bare, seconds
from lbc_themes.reading.vocabulary import is_code, is_metadata_key, is_speaker_word, speaks_of

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
