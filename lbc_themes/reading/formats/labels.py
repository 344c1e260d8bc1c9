"""Typed by hand: ``访谈者：`` and ``受访者：``, ``问：`` and ``答：``, ``I:`` and ``P:``, or names before a colon."""

import itertools
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from lbc_themes.core.records import Role
from lbc_themes.reading.document import (
    ARROW,
    BLANK,
    CLOCK,
    DATE,
    Document,
    Doubt,
    Form,
    Line,
    Mark,
    Parsed,
    Part,
    PartKind,
    Spoken,
    bare,
    seconds,
    turns_of,
)  # fmt: skip
from lbc_themes.reading.formats.clocks import without_stamps
from lbc_themes.reading.formats.furniture import (
    footer,
    head_kind,
    line_parts,
    number_lines,
    preamble_note,
    section_titles,
)
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

_B = re.escape(BLANK)
_NAME = r"[^\s#:：﹕︰,，。.!！?？;；、…\"“”'‘’<>《》「」『』|\\/*\[\]【】=]"
_NUMBER = rf"(?:[(（]?\d{{1,4}}[.、．)）][{_B}]{{0,2}}|\d{{1,4}}[{_B}]{{1,3}})"
_LEAD = rf"[{_B}]{{0,8}}(?:#{{1,6}}[{_B}]{{1,4}})?[{_B}*_•>-]{{0,12}}(?:{_NUMBER})?[*_]{{0,3}}"
_WHEN = rf"{DATE}(?P<time>{CLOCK})(?:[{_B}]{{0,3}}{ARROW}[{_B}]{{0,3}}{CLOCK})?"
_TIME = rf"(?:(?:[\[【(（<〈{{［]|#)?{_WHEN}(?:[\]】)）>〉}}］]|#)?[*_]{{0,3}}[{_B}]{{0,4}}[*_]{{0,3}})?"
_BOXED = (
    rf"[\[【<＜〈［{{](?P<boxed>{_NAME}{{1,16}}(?: {_NAME}{{1,16}})?)[\]】>＞〉］}}][*_]{{0,3}}[{_B}]{{0,3}}[：:﹕︰∶]?"
)
_ASIDE = rf"(?:[{_B}]?[(（【\[][^()（）【】\[\]:：]{{1,30}}[)）】\]])?"
_LABEL = (
    rf"[「『“\"]?(?P<label>{_NAME}{{1,16}}(?:[ \xa0\u3000]{_NAME}{{1,16}}){{0,2}}{_ASIDE}"
    rf"(?:[/／·-]{_NAME}{{1,10}})?)[」』”\"]?"
)
_COLON = rf"{_LABEL}[*_]{{0,3}}[{_B}]{{0,3}}(?P<mark>[：:﹕︰∶]|\t|[|｜](?!\|))"
_NUMBERED_LABEL = rf"(?P<numbered>(?:Q|A|问|答|問|问题|問題|回答)[{_B}]?\d{{1,3}})[{_B}]{{0,2}}[.．、)）]"
_CANDIDATE = re.compile(rf"{_LEAD}{_TIME}(?:{_BOXED}|{_COLON}|{_NUMBERED_LABEL})[*_]{{0,3}}")
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
    label = bare(match["label"] or match["boxed"] or match["numbered"])
    colon, rest = match["mark"] or match["numbered"] or "", text[match.end() :]
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
        elif len(label) <= 4 and _NUMBERED.fullmatch(plain_label(label)) is None:
            once.append(label)
    return frozenset(labels), tuple(once)


# --- Labels within a line: questions and answers typed one behind the other.

_INSIDE = re.compile(
    r"(?<=[。．.？?！!…；;）)”\"，, \t\xa0\u3000])[*_]{0,3}"
    r"(?P<label>(?=\d{0,3}[^\W\d])(?:[^\s:：,，。.！!？?；;、…()（）“”*\[\]【】<>#]{1,12}"
    r"|[^\s:：,，。.！!？?；;、…()（）“”*\[\]【】<>#\d]{1,10} \d{1,2})(?:[(（][^()（）:：]{1,12}[)）])?)"
    r"[*_]{0,3}\s?[：:]"
)
_NUMBERED_SPEAKER = re.compile(
    r"(?:说话人|說話人|发言人|發言人|讲话人|講話人|受访者|speaker|spk)[\s_-]?(?:\d{1,2}|[A-Z])", re.IGNORECASE
)


def cut_at_labels(lines: Sequence[Line]) -> Sequence[Line]:
    """Return ``lines`` cut before labels within them, where whoever typed them put several turns on a line.

    That is so where lines begin with one side only (问：) and the other stands within them (答：), where labels that
    nobody says in speech (采访者：, 受访者：) stand within lines, and where at least half of the lines hold a label of
    another speaker that the file knows. Elsewhere a label within a line is speech (老师：就这样吧) and nothing is cut.
    """
    found = candidates(lines)
    if not found:
        return lines
    heads = Counter(candidate.label for candidate in found.values())
    inner = [(n, _labels_inside(line, found.get(n))) for n, line in enumerate(lines)]
    inside = Counter(label for _, labels in inner for label in set(labels))
    wanted = _one_sided(set(heads), inside) | {label for label in inside if _is_never_said(label)}
    known = {label for label in inside if _is_name_of_speaker(label, heads[label] + inside[label])}
    holding = sum(1 for n, labels in inner if n in found and any(label in known for label in labels))
    if holding > 1 and holding * 2 >= sum(
        1 for n in found if _is_name_of_speaker(found[n].label, heads[found[n].label])
    ):
        wanted |= known
    if not wanted:
        return lines
    wanted |= {label for label in heads if _side(label) or _NUMBERED_SPEAKER.fullmatch(label)}
    return [part for line in lines for part in _cut_line(line, wanted)]


def _labels_inside(line: Line, head: Candidate | None) -> list[str]:
    if ":" not in line.text and "：" not in line.text:
        return []
    start = head.offset if head is not None else 0
    return [match["label"] for match in _INSIDE.finditer(line.text, max(0, start - 1)) if match.start("label") >= start]


def _one_sided(heads: set[str], inside: Counter[str]) -> set[str]:
    sides = {_side(label) for label in heads if _side(label)}
    if len(sides) != 1:
        return set()
    return {label for label in inside if _side(label) and _side(label) not in sides}


def _is_never_said(label: str) -> bool:
    """Say whether a word of two or more characters names interviewer or respondent, which nobody says in speech."""
    if _NUMBERED_SPEAKER.fullmatch(label) is not None:
        return True
    return len(label) > 1 and _side(label) != "" and not is_code(label)


def has_label_inside(text: str) -> bool:
    """Say whether a label that nobody says in speech (受访者：) stands within a line."""
    return any(_is_never_said(match["label"]) for match in _INSIDE.finditer(text))


def _is_name_of_speaker(label: str, times: int) -> bool:
    if is_metadata_key(label) or speaks_of(label):
        return False
    return bool(_side(label)) or is_speaker_word(label) or (times > 1 and len(label) <= 6)


def _side(label: str) -> str:
    if is_respondent(label):
        return "answers"
    plain = plain_label(label).upper().rstrip("0123456789")
    return "asks" if plain == "I" or role_of_word(label) is Role.INTERVIEWER else ""


def _cut_line(line: Line, labels: set[str]) -> list[Line]:
    cuts = [match.start() for match in _INSIDE.finditer(line.text) if match["label"] in labels]
    edges = [0, *cuts, len(line.text)]
    return [Line(line.start + a, line.text[a:b], line.aside, line.heading) for a, b in itertools.pairwise(edges)]


# --- Typed by hand: labels at the start of lines.

_NUMBERED = re.compile(r"(问题|問題|回答|[QA问答問])[.\s]?\d{1,3}", re.IGNORECASE)
_QUESTION_NUMBER = re.compile(
    rf"[{_B}*_#]{{0,8}}(?:[(（]?\d{{1,3}}[)）]|\d{{1,3}}[.、．:：](?!\d)|[一二三四五六七八九十]{{1,3}}[、.．]|第?[一二三四五六七八九十\d]{{1,3}}[题題问問]|"
    rf"(?:问题|問題|题目|Q)\s?[一二三四五六七八九十\d]{{1,3}}[.、．:：)）]?)[{_B}*_]{{0,4}}"
)
_ASKS = ("?", "？", "?*", "？*", "?**", "？**", "吗", "呢", "吗。", "呢。", "什么。", "么")
# A question may be set apart by bold type or as a heading, without a number.
_SET_APART = re.compile(rf"[{_B}]{{0,4}}(?:#{{1,6}}[{_B}]{{0,3}}|\*\*(?=[^*]+\*\*[{_B}]*$))")
_SPACED = re.compile(rf"{_LEAD}(?P<label>{_NAME}{{1,12}}(?: ?\d{{1,2}})?)[ \xa0\u3000]{{1,4}}(?=\S)")


class _Marked(NamedTuple):
    """The lines of a document cut at labels, and which of them are marks."""

    lines: Sequence[Line]
    marks: dict[int, Mark]
    once: tuple[str, ...]


def _marked(document: Document) -> _Marked:
    def make() -> _Marked:
        lines = cut_at_labels(document.lines)
        return _Marked(lines, *_marks(lines))

    return document.once("labels", make)


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` labels its speakers at the start of lines."""
    marks = _marked(document).marks
    if not marks or (len(marks) == 1 and document.spoken_lines > 1):
        return 0.0
    speakers = {mark.speaker for mark in marks.values()}
    known = any(map(is_speaker_word, speakers))
    one = len(speakers) == 1 and not known
    dense = min(1.0, 3 * len(marks) / document.spoken_lines)
    return dense * 0.3 if one else 0.3 + 0.4 * dense + 0.1 * known


def parse(document: Document) -> Parsed:
    """Read speech after each label, until the next label.

    Which words are labels is learned from the file (see `learn`). The numbers of numbered questions and answers
    (Q1, A1) are not part of the speaker's name. A time on a line of its own before a label is the time of what that
    label says. Where only answers are labelled, the numbered or asking lines before them are the questions that they
    answer; where only questions are, what stands below each is an answer of somebody whom the file does not name.
    """
    lines, marks, once = _marked(document)
    marks, clocks = _timed(lines, marks)
    silent = {
        **dict.fromkeys(section_titles(lines, marks), "heading"),
        **dict.fromkeys(footer(lines, marks), "footer"),
        **dict.fromkeys(number_lines(lines, marks), "page"),
        **dict.fromkeys(clocks, "clock"),
    }
    asked = _questions_before(lines, marks, silent)
    turns = turns_of(lines, marks, {**silent, **asked})
    turns = _with_questions(turns, lines, marks, asked)
    doubts = [Doubt("label-once", "、".join(once[:5]))] if once else []
    parts = [*line_parts(lines, marks, turns, silent), *document.asides]
    parts += [Part(lines[n].start, lines[n].start + len(lines[n].text), PartKind.QUESTION) for n in asked]
    if not asked and _only_asks(marks):
        turns = _answers_below(lines, marks, silent)
        doubts.append(Doubt("answers-unlabelled", str(sum(turn.speaker == "" for turn in turns))))
    turns, stamps = without_stamps(document.text, turns)
    notes = [*preamble_note(lines, clocks | set(marks) | set(asked))]
    if once:
        notes.append(f"read as speech, for they come only once before a colon: {', '.join(once[:5])}")
    return Parsed(text=document.text, turns=turns, notes=tuple(notes), parts=(*stamps, *parts), doubts=tuple(doubts))


def _questions_before(lines: Sequence[Line], marks: Mapping[int, Mark], silent: Mapping[int, str]) -> dict[int, str]:
    """Return by line number the unlabelled questions that stand before labelled answers, if the file is made so."""
    speakers = {mark.speaker for mark in marks.values()}
    if not marks or any(_side(speaker) == "asks" for speaker in speakers):
        return {}
    if len(speakers) > 1 and not all(_side(speaker) == "answers" for speaker in speakers):
        return {}
    asked: dict[int, str] = {}
    having = 0
    for mark in marks:
        block = _block_above(lines, mark, marks, silent)
        first = next((n for n in block if _QUESTION_NUMBER.match(lines[n].text)), None)
        if first is None and block and bare(lines[block[-1]].text).endswith(_ASKS):
            first = block[-1]
        if first is not None:
            having += 1
            asked |= {n: "question" for n in block if n >= first}
    return asked if having * 2 >= len(marks) else {}


def _block_above(lines: Sequence[Line], mark: int, marks: Mapping[int, Mark], silent: Mapping[int, str]) -> list[int]:
    """Return the unlabelled lines directly above a mark, at most four; one empty line may stand between."""
    block: list[int] = []
    for n in range(mark - 1, max(-1, mark - 7), -1):
        if n in marks or n in silent or len(block) == 4:
            break
        if bare(lines[n].text):
            block.append(n)
            if _QUESTION_NUMBER.match(lines[n].text):
                break
        elif block:
            break
    return block[::-1]


def _with_questions(
    turns: Sequence[Spoken], lines: Sequence[Line], marks: Mapping[int, Mark], asked: Mapping[int, str]
) -> tuple[Spoken, ...]:
    if not asked:
        return tuple(turns)
    starts = sorted(lines[n].start for n in marks)
    questions: dict[int, str] = {}
    held: list[str] = []
    for n, line in enumerate(lines):
        if n in asked:
            held.append(bare(line.text).strip("*_"))
        elif n in marks:
            questions[line.start] = "\n".join(held)
            held = []
    return tuple(
        Spoken(
            speaker=turn.speaker, start=turn.start, end=turn.end, time=turn.time,
            question=questions.get(starts[bisect_right(starts, turn.start) - 1]) or None,
        )
        for turn in turns
    )  # fmt: skip


def _only_asks(marks: Mapping[int, Mark]) -> bool:
    return len(marks) > 1 and all(_side(mark.speaker) == "asks" for mark in marks.values())


def _answers_below(lines: Sequence[Line], marks: Mapping[int, Mark], silent: Mapping[int, str]) -> tuple[Spoken, ...]:
    """Return the labelled questions, and the lines below each as an answer of somebody without a name."""
    every = dict(marks)
    asking = False
    for n, line in enumerate(lines):
        if n in marks:
            asking = not bare(line.text[marks[n].offset :])
        elif bare(line.text) and n not in silent:
            if (n - 1 in every and not asking) or (not asking and n not in every and not bare(lines[n - 1].text)):
                every[n] = Mark("", 0)
            asking = False
    return turns_of(lines, every, silent)


def _marks(lines: Sequence[Line]) -> tuple[dict[int, Mark], tuple[str, ...]]:
    found = candidates(lines)
    first = metadata_end(lines, found)
    found = {number: candidate for number, candidate in found.items() if number >= first}
    labels, once = learn(found.values(), sum(1 for line in lines[first:] if bare(line.text)))
    marks = {n: Mark(c.label, c.offset, c.time) for n, c in found.items() if c.label in labels}
    marks = _without_preface(lines, marks)
    return (_unnumbered(marks) if marks else _alone(lines) or _spaced(lines)), once


def _without_preface(lines: Sequence[Line], marks: dict[int, Mark]) -> dict[int, Mark]:
    """Drop a label of the head that comes only once, before the others, where it is no speaker (访谈对象：小林，女)."""
    times = Counter(mark.speaker for mark in marks.values())
    first = min(marks, default=0)
    if not marks or times[marks[first].speaker] > 1 or len(times) < 3:
        return marks
    apart = first + 1 < len(lines) and not bare(lines[first + 1].text)
    value = bare(lines[first].text[marks[first].offset :])
    if apart and head_kind(lines[first].text) and not value.endswith(("？", "?")) and _side(marks[first].speaker):
        return {n: mark for n, mark in marks.items() if n != first}
    return marks


def _timed(lines: Sequence[Line], marks: dict[int, Mark]) -> tuple[dict[int, Mark], set[int]]:
    timed, clocks = dict(marks), set[int]()
    for number, mark in marks.items():
        above = next((n for n in range(number - 1, max(-1, number - 3), -1) if bare(lines[n].text)), None)
        word = bare(lines[above].text).strip("[]【】()（）#<>*") if above is not None and above not in marks else ""
        word = re.split(rf"\s*{ARROW}\s*", word)[0] if word else ""
        if above is not None and mark.time is None and (":" in word or "：" in word) and seconds(word) is not None:
            timed[number] = mark._replace(time=seconds(word))
            clocks.add(above)
    return timed, clocks


def _unnumbered(marks: dict[int, Mark]) -> dict[int, Mark]:
    speakers = {mark.speaker for mark in marks.values()}
    letters = {speaker: match[1] for speaker in speakers if (match := _NUMBERED.fullmatch(plain_label(speaker)))}
    if len({letter.upper() for letter in letters.values()}) < 2 and len(letters) < max(2, len(speakers) - 1):
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


def _spaced(lines: Sequence[Line]) -> dict[int, Mark]:
    """Return marks of a file whose lines begin with a speaker and a blank, without a colon (问　你跟谁住？)."""
    found = {n: match for n, line in enumerate(lines) if (match := _SPACED.match(line.text))}
    times = Counter(match["label"] for match in found.values())
    known = {label for label in times if times[label] > 1 and (is_speaker_word(label) or is_code(label))}
    marks = {n: Mark(match["label"], match.end()) for n, match in found.items() if match["label"] in known}
    spoken = sum(1 for line in lines if bare(line.text))
    return marks if len(known) > 1 and len(marks) * 10 >= spoken * 7 else {}


FORM = Form(name="labels", recognise=recognise, parse=parse)


# --- Numbered questions with answers below them, and no label at all.


def _numbered_questions(lines: Sequence[Line]) -> dict[int, int]:
    """Return by line number where the question begins on its line, of lines that are numbered and ask."""
    found = {}
    for n, line in enumerate(lines):
        match = _QUESTION_NUMBER.match(line.text) or _SET_APART.match(line.text)
        if match is not None and bare(line.text).rstrip("*_#").endswith(_ASKS):
            found[n] = match.end()
    return found


def recognise_questions(document: Document) -> float:
    """Say how sure it is that ``document`` is numbered questions, each with its answer below and no labels."""
    lines = document.lines
    asked = _numbered_questions(lines)
    if len(asked) < 2:
        return 0.0
    full = [n for n, line in enumerate(lines) if bare(line.text)]
    below = sum(1 for a, b in itertools.pairwise(full) if a in asked and b not in asked)
    numbered = sum(1 for n in full if n in asked or _QUESTION_NUMBER.match(lines[n].text))
    return 0.25 if below * 5 >= len(asked) * 4 and len(asked) * 2 >= numbered else 0.0


def parse_questions(document: Document) -> Parsed:
    """Read one turn an answer; the numbered question above it is its question."""
    lines = document.lines
    asked = _numbered_questions(lines)
    marks = {n: Mark("", len(lines[n].text)) for n in asked}
    silent = {
        **dict.fromkeys(section_titles(lines, marks), "heading"),
        **dict.fromkeys(footer(lines, marks), "footer"),
        **dict.fromkeys(number_lines(lines, marks), "page"),
    }
    found = turns_of(lines, marks, silent)
    starts = [lines[n].start for n in sorted(asked)]
    texts = [bare(lines[n].text[asked[n] :]).strip("*_") for n in sorted(asked)]
    turns = tuple(
        Spoken(speaker="", start=turn.start, end=turn.end, question=texts[bisect_right(starts, turn.start) - 1])
        for turn in found
    )
    parts = [*line_parts(lines, {}, turns, silent), *document.asides]
    parts += [Part(lines[n].start, lines[n].start + len(lines[n].text), PartKind.QUESTION) for n in asked]
    first = min(asked, default=0)
    parts += line_parts(lines[: first + 1], {first: Mark("", 0)}, (), {})
    return Parsed(text=document.text, turns=turns, notes=preamble_note(lines, asked), parts=tuple(parts))


QUESTIONS = Form(name="numbered-questions", recognise=recognise_questions, parse=parse_questions)
