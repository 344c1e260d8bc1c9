"""The audit that follows every reading: what a suspicious colleague would ask about the result.

A reading can be wrong without an error: answers read as questions are never coded, a clock or a researcher's own code
becomes a child's words, a table's end is missing. The audit looks at the turns, at the text that stands in none, and at
what the reader doubted, and says each with its severity, its place and what to do. It changes nothing.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lbc_themes.core.messages import word_table
from lbc_themes.core.records import Bilingual, Finding, Role, Severity, Transcript
from lbc_themes.reading.document import CLOCK, Doubt, Parsed, PartKind, account
from lbc_themes.reading.roles import SURE_OF_ROLE, asks
from lbc_themes.reading.vocabulary import (
    is_code,
    is_metadata_key,
    is_respondent,
    is_speaker_word,
    role_of_word,
    speaks_of,
)

SERIOUS, CHECK, NOTE = Severity.SERIOUS, Severity.CHECK, Severity.NOTE

_SEVERITIES = {
    SERIOUS: """timing-in-speech ids-in-speech tier-in-speech too-many-speakers speaker-changes-unnamed
        question-holds-answer no-participant same-interview-twice""",
    CHECK: """translation-in-speech code-in-speech clock-in-speech numbers-in-speech markup-in-speech
        pinyin-in-speech footer-in-speech hallucination label-at-line-start label-inside-line label-once
        speaker-once answers-unlabelled nobody-named one-turn-most answer-holds-question no-interviewer
        interviewer-never-asks interviewer-says-most role-uncertain times-go-back captions-repeat
        text-in-no-turn text-outside-tables table-left-out row-longer-than-head formula-without-value
        sheets-left-out sheets-hidden word-altchunk two-forms-near""",
    NOTE: """role-guessed one-speaker captions-rolling captions-bilingual column-left-out columns-without-heads
        messages-without-text tiers-left-out word-hidden word-pinyin word-footnotes word-comments
        word-deleted""",
}
KINDS: Mapping[str, Severity] = {kind: severity for severity, kinds in _SEVERITIES.items() for kind in kinds.split()}
"""Every kind of finding, and how much it matters as a rule. Its words stand in the catalogue ``reading``."""


def wording_of(finding: Finding) -> Bilingual:
    """Return what a finding says, in one line in both languages.

    >>> wording_of(Finding(kind="speaker-once", severity=Severity.CHECK, details="小林"))
    Bilingual(zh='只说过一次话的说话人：小林', en='speakers who speak only once: 小林')
    """
    said = word_table("reading.findings")[finding.kind]
    return Bilingual(zh=said.zh.format(details=finding.details), en=said.en.format(details=finding.details))


def advice(finding: Finding) -> Bilingual:
    """Return what to do about a finding, in both languages."""
    return word_table("reading.advice")[finding.kind]


def line_in_question(transcript: Transcript, finding: Finding) -> str:
    """Return the line of the transcript at which a finding shows, at most 60 characters, or nothing."""
    if finding.start is None:
        return ""
    begin = transcript.text.rfind("\n", 0, finding.start) + 1
    end = transcript.text.find("\n", finding.start)
    begin = max(begin, finding.start - 20)
    return transcript.text[begin : end if end >= 0 else len(transcript.text)][:60].strip()


def to_check(transcripts: Iterable[Transcript]) -> list[Transcript]:
    """Return the transcripts that have a finding to look at before anything is coded (serious, or to check)."""
    return [t for t in transcripts if any(finding.severity is not NOTE for finding in t.findings)]


def audit(transcript: Transcript, parsed: Parsed | None = None, file_text: str = "") -> tuple[Finding, ...]:
    """Return the findings about a transcript, the most serious first, then in the order of the text.

    Args:
        transcript: A transcript as read.
        parsed: What the reader made of the file: its doubts, and what it took each stretch for. Without it only what
            the transcript itself shows is looked at.
        file_text: The text of the file that the parts of ``parsed`` are slices of.
    """
    speech = _Speech.of(transcript)
    found = [
        *_left_in_speech(speech), *_labels_left(speech), *_shape(speech), *_roles(speech), *_times(speech),
        *(_doubts(parsed, transcript) if parsed is not None else ()),
        *(_unread(parsed, file_text) if parsed is not None else ()),
    ]  # fmt: skip
    order = {severity: number for number, severity in enumerate(Severity)}
    unique = {(finding.kind, finding.details): finding for finding in reversed(found)}
    return tuple(sorted(unique.values(), key=lambda f: (order[f.severity], -1 if f.start is None else f.start)))


@dataclass(frozen=True, slots=True)
class _Speech:
    """All turns joined with newlines, and where each begins in that and in the transcript."""

    transcript: Transcript
    text: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, transcript: Transcript) -> "_Speech":
        starts, at, pieces = [], 0, []
        for turn in transcript.turns:
            starts.append(at)
            piece = transcript.text[turn.start : turn.end]
            pieces.append(piece)
            at += len(piece) + 1
        return cls(transcript, "\n".join(pieces), tuple(starts))

    def turn_at(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1

    def finding(
        self, kind: str, details: str, span: tuple[int, int] | None, severity: Severity | None = None
    ) -> Finding:
        start = end = line = None
        if span is not None:
            turn = self.turn_at(span[0])
            start = self.transcript.turns[turn].start + span[0] - self.starts[turn]
            end = min(len(self.transcript.text), start + span[1] - span[0])
            line = self.transcript.text.count("\n", 0, start) + 1
        return Finding(kind=kind, severity=severity or KINDS[kind], details=details, start=start, end=end, line=line)


# --- What is left in speech that nobody says.

_TIMING = re.compile(rf"{CLOCK}[ \t]{{0,3}}(?:-{{1,3}}>|→|⟶)[ \t]{{0,3}}(?:{CLOCK})?")
_STAMPS = re.compile(
    rf"[\[(（【<〈{{［#]\s?\d{{1,3}}[:：]\d\d(?:[:：.,]\d{{1,3}})*(?:-\d)?\s?[\])）】>〉}}］#]"
    rf"|(?<![\d:：])\d{{1,2}}[:：]\d\d[:：]\d\d(?:[.,]\d{{1,3}})?(?!\d)"
    rf"|^[ \t]*(?:{CLOCK})[ \t\u3000\xa0]*$",
    re.MULTILINE,
)
_DIGIT_LINES = re.compile(r"^[ \t]*\d{1,5}[ \t]*$", re.MULTILINE)
_MARKUP = re.compile(
    r"</[A-Za-z]{1,12}>|<(?:br|p|div|span|b|i|u|font|html|body|c|v|td|tr|li|strong|em)\b[^<>\n]{0,60}>|&(?:nbsp|amp|lt|gt|quot|#\d+);|"
    r"\{\\[a-z]{1,12}|\\par\b|<\?xml|<msg\b"
)
_TIERS = re.compile(
    r"^(?:%[a-z]{3,4}:|\*[A-Z0-9]{1,7}:\s|@(?:Begin|End|UTF8|ID:|Languages:|Participants:|Comment:))", re.MULTILINE
)
_PINYIN = re.compile(
    r"^[ \t]*(?=[^\n]*[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ])[A-Za-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü' ,.?!，。？！]{6,}$", re.MULTILINE
)
_MADE_UP = re.compile(
    r"请不吝点赞|點贊訂閱|点赞[ ，,]?订阅|打赏支持|明镜与点点|字幕志愿者|字幕由.{0,12}提供|字幕製作|"
    r"Amara\.org|謝謝觀看|谢谢观看|感谢观看|感謝觀看|"
    r"thank(?:s| you) for watching|please subscribe",
    re.IGNORECASE,
)
_FOREIGN = re.compile(r"^[ \t]*(?=[^\n]*[A-Za-z]{2})[A-Za-z][A-Za-z0-9 ,.'’?!;:\"-]{7,}$", re.MULTILINE)
_BOXED_WORDS = re.compile(r"[【\[]([\u3400-\u9fff][\u3400-\u9fff、，：:/-]{1,14})[】\]](?!\()")
_SOUND = re.compile(
    "笑|哭|停|沉默|叹|嘆|咳|听不|聽不|模糊|哽|声|聲|无|無|点头|點頭|摇头|低头|动作|方言|注|化名|地名|人名|某|插话|打断|\\d"
)
_ACCOUNT = re.compile(r"[\w@.\-:/+]*\d[\w@.\-:/+]*|wxid_\w+|https?://\S+|[\d\-/年月日 :.TZ+]+", re.ASCII)


def _left_in_speech(speech: _Speech) -> Iterator[Finding]:
    text = speech.text
    has_clock = re.search(r"\d[:：]\d\d", text) is not None
    if has_clock and (timings := list(_TIMING.finditer(text))):
        yield speech.finding("timing-in-speech", str(len(timings)), timings[0].span())
    elif has_clock and (stamps := list(_STAMPS.finditer(text))):
        severity = SERIOUS if len(stamps) > max(3, len(speech.starts) // 5) else None
        yield speech.finding("clock-in-speech", str(len(stamps)), stamps[0].span(), severity)
    numbers = list(_DIGIT_LINES.finditer(text))
    if len(numbers) > 1 and sum(int(a[0]) + 1 == int(b[0]) for a, b in pairwise(numbers)) * 2 >= len(numbers) - 1:
        yield speech.finding("numbers-in-speech", str(len(numbers)), numbers[0].span())
    if ("<" in text or "&" in text or "\\" in text) and (match := _MARKUP.search(text)):
        yield speech.finding("markup-in-speech", match[0][:20], match.span())
    if tiers := list(_TIERS.finditer(text)) if "%" in text or "@" in text or "*" in text else []:
        yield speech.finding("tier-in-speech", str(len(tiers)), tiers[0].span())
    if lines := list(_PINYIN.finditer(text)) if re.search("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]", text) else []:
        yield speech.finding("pinyin-in-speech", str(len(lines)), lines[0].span())
    foreign = [m for m in _FOREIGN.finditer(text) if m.start() not in speech.starts] if _FOREIGN.search(text) else []
    if len(foreign) > 1 and len(foreign) * 4 >= len(speech.starts):
        yield speech.finding("translation-in-speech", str(len(foreign)), foreign[0].span())
    notes = [m for m in _BOXED_WORDS.finditer(text) if not _SOUND.search(m[1])] if "【" in text or "[" in text else []
    if len(notes) > 1:
        yield speech.finding("code-in-speech", _some(m[1] for m in notes), notes[0].span())
    if match := _MADE_UP.search(text):
        yield speech.finding("hallucination", match[0], match.span())
    yield from _accounts(speech)
    yield from _last_words(speech)


def _accounts(speech: _Speech) -> Iterator[Finding]:
    turns = speech.transcript.turns
    ids = [
        n
        for n, turn in enumerate(turns)
        if turn.end - turn.start <= 40 and _ACCOUNT.fullmatch(speech.transcript.said(turn))
    ]
    if len(ids) > 2 and len(ids) * 5 > len(turns):
        first = turns[ids[0]]
        at = speech.starts[ids[0]]
        yield speech.finding("ids-in-speech", speech.transcript.said(first)[:20], (at, at + first.end - first.start))


def _last_words(speech: _Speech) -> Iterator[Finding]:
    from lbc_themes.reading.formats.furniture import is_footer

    if not speech.starts:
        return
    at = max(speech.starts[-1], speech.text.rfind("\n") + 1)
    last = speech.text[at:].strip()
    if last and is_footer(last) and not re.fullmatch(r"[（(]?(?:结束|完)[）)。]?|.*[：:]", last):
        yield speech.finding("footer-in-speech", last[:30], (at, len(speech.text)))


# --- Labels that are left in speech.

_LINE_LABEL = re.compile(
    r"^[ \t*\-•\u3000\xa0]{0,6}([^\s：:，。？！,.?!“”\"；;、（）()]{1,12})[ \t*]{0,3}[：:](?!//)", re.MULTILINE
)
_INNER_LABEL = re.compile(
    r"[。？！?!…；;）)”\"][ \t*\u3000\xa0]{0,3}([^\s：:，。？！,.?!“”\"；;、…（）()]{1,12})[ \t*]{0,3}[：:](?!//)"
)
_MARK_AFTER_NAME = re.compile(r"^[ \t]{0,4}([^\s：:，。？！,.?!“”\"；;、（）()]{2,8})[；;][^\n]", re.MULTILINE)


def _labels_left(speech: _Speech) -> Iterator[Finding]:
    text = speech.text
    speakers = {turn.speaker for turn in speech.transcript.turns if turn.speaker}
    if ":" in text or "：" in text:
        lines = [match for match in _LINE_LABEL.finditer(text) if _may_be_label(match[1])]
        times = Counter(match[1] for match in lines)
        bad = [m for m in lines if m[1] in speakers or _names_somebody(m[1]) or times[m[1]] > 2]
        if bad:
            severity = SERIOUS if len(bad) > max(2, len(speech.starts) // 10) else None
            yield speech.finding("label-at-line-start", _some(m[1] for m in bad), bad[0].span(), severity)
        inner = [match for match in _INNER_LABEL.finditer(text) if _may_be_label(match[1])]
        times = Counter(match[1] for match in inner)
        bad = [m for m in inner if m[1] in speakers or is_respondent(m[1]) or role_of_word(m[1]) is Role.INTERVIEWER]
        if bad:
            severity = SERIOUS if len(bad) > max(2, len(speech.starts) // 10) else None
            yield speech.finding("label-inside-line", _some(m[1] for m in bad), bad[0].span(), severity)
    slips = [m for m in _MARK_AFTER_NAME.finditer(text) if m[1] in speakers and len(speakers) > 1] if speakers else []
    if slips and not all(m[1] in {"老师", "妈妈", "爸爸", "奶奶", "爷爷"} for m in slips):
        yield speech.finding("label-at-line-start", _some(m[1] for m in slips), slips[0].span())
    boxed = [
        m
        for m in re.finditer(r"^\s{0,3}[【\[（(<]([^\]】）)>\s\d]{1,10}\d{0,2})[】\]）)>]", text, re.MULTILINE)
        if _names_somebody(m[1])
    ]
    if boxed:
        yield speech.finding("label-at-line-start", _some(m[1] for m in boxed), boxed[0].span())


def _may_be_label(word: str) -> bool:
    return (
        not speaks_of(word)
        and not is_metadata_key(word)
        and re.search(r"[^\W\d_]", word) is not None
        and word not in {"http", "https"}
    )


def _names_somebody(word: str) -> bool:
    return is_speaker_word(word) or (is_code(word) and len(word) <= 3 and word.upper() in {"I", "Q", "A", "P", "R"})


def _some(words: Iterable[str]) -> str:
    counted = Counter(words)
    return "、".join(word if number == 1 else f"{word} ×{number}" for word, number in counted.most_common(5))


# --- The shape of the turns, and who has which role.

_NUMBERED_QUESTION = re.compile(
    r"^[ \t]*(?:[(（]?\d{1,3}[)）.、．]|[一二三四五六七八九十]{1,3}、|Q\d{0,3}[.、]?)[^\n]{4,60}[？?][ \t]*$",
    re.MULTILINE,
)
_MANY = 12


def _shape(speech: _Speech) -> Iterator[Finding]:
    turns = speech.transcript.turns
    length = max(1, sum(turn.end - turn.start for turn in turns))
    longest = max(range(len(turns)), key=lambda n: turns[n].end - turns[n].start, default=None)
    if longest is not None and len(turns) > 2 and length > 400:
        share = (turns[longest].end - turns[longest].start) / length
        if share > 0.6:
            at = speech.starts[longest]
            yield speech.finding("one-turn-most", f"{share:.0%}", (at, at + 40))
    times = Counter(turn.speaker for turn in turns)
    if len(times) > _MANY and len(times) * 3 > len(turns) and all(turn.question is None for turn in turns):
        yield speech.finding("too-many-speakers", str(len(times)), None)
    elif len(turns) > 7 and all(turn.question is None for turn in turns):
        once = [name for name, number in times.items() if number == 1 and name]
        if once:
            first = next(n for n, turn in enumerate(turns) if turn.speaker == once[0])
            severity = NOTE if all(map(is_speaker_word, once)) and len(once) < 3 else None
            yield speech.finding(
                "speaker-once", "、".join(once[:6]), (speech.starts[first], speech.starts[first] + 1), severity
            )
    if set(times) == {""}:
        if all(turn.question is None for turn in turns):
            yield speech.finding("nobody-named", "", None)
    elif len(times) == 1 and all(turn.question is None for turn in turns) and len(turns) > 1:
        asking = sum(asks(speech.transcript.said(turn)) for turn in turns)
        severity = CHECK if len(turns) > 3 and asking * 5 > len(turns) else None
        yield speech.finding("one-speaker", next(iter(times)), None, severity)
    held = [
        m for m in _NUMBERED_QUESTION.finditer(speech.text)
        if turns[speech.turn_at(m.start())].role is not Role.INTERVIEWER and m.start() not in speech.starts
    ]  # fmt: skip
    held = held or list(_asked_between(speech))
    if held and set(times) != {""}:
        yield speech.finding("answer-holds-question", str(len(held)), held[0].span())


_LAST_LINE_ASKS = re.compile(r"\n[^\n]{3,80}[？?][ \t]*$")


def _asked_between(speech: _Speech) -> Iterator[re.Match[str]]:
    """Yield the questions that end a participant's turn on a line of their own where the same one speaks next."""
    turns = speech.transcript.turns
    for n, (turn, after) in enumerate(pairwise(turns)):
        if turn.role is Role.INTERVIEWER or turn.speaker != after.speaker or not turn.speaker:
            continue
        end = speech.starts[n] + turn.end - turn.start
        match = _LAST_LINE_ASKS.search(speech.text[:end], speech.starts[n])
        if match is not None and match.end() == end:
            yield match


def _roles(speech: _Speech) -> Iterator[Finding]:
    turns, said = speech.transcript.turns, speech.transcript.said
    asking = [turn for turn in turns if turn.role is Role.INTERVIEWER]
    if turns and len(asking) == len(turns):
        yield speech.finding("no-participant", "", None)
        return
    names = "、".join(dict.fromkeys(turn.speaker for turn in asking))
    if not asking:
        if len({turn.speaker for turn in turns}) > 1 and any(turn.question is None for turn in turns):
            yield speech.finding("no-interviewer", "", None)
        return
    answered = [turn for turn in turns if turn.role is not Role.INTERVIEWER]
    questions = sum(asks(said(turn)) or "？" in said(turn) or "?" in said(turn) for turn in asking)
    asked_back = sum(1 for turn in answered if said(turn).rstrip().endswith(("？", "?")))
    if len(asking) > 4 and questions * 20 < len(asking) and asked_back > 2:
        yield speech.finding("interviewer-never-asks", names, None)
    mine, theirs = (sum(t.end - t.start for t in each) for each in (asking, answered))
    if mine > 2 * theirs and mine > 200:
        yield speech.finding("interviewer-says-most", names, None)
    holding = [turn for turn in asking if turn.end - turn.start > 12 and _holds_an_answer(said(turn))]
    if len(holding) * 6 >= len(asking) and holding:
        at = speech.starts[turns.index(holding[0])]
        severity = None if len(holding) * 3 >= len(asking) else CHECK
        yield speech.finding("question-holds-answer", str(len(holding)), (at, at + 20), severity)


_TO_SOMEBODY = re.compile(r"[你您妳]|请问|請問|谢谢|謝謝|咱们|我们")


def _holds_an_answer(said: str) -> bool:
    """Say whether a turn asks on one line and, on a line below, says something that is not to anybody (no 你)."""
    lines = [line.strip() for line in said.split("\n") if line.strip()]
    return any(
        before.endswith(("？", "?"))
        and len(after) > 3
        and not (after[0] in "（(【[" and after[-1] in "）)】]")
        and not after.endswith(("？", "?"))
        and _TO_SOMEBODY.search(after) is None
        for before, after in pairwise(lines)
    )


def _times(speech: _Speech) -> Iterator[Finding]:
    turns = speech.transcript.turns
    timed = [(n, turn.time) for n, turn in enumerate(turns) if turn.time is not None]
    back = [(b, one) for (a, one), (b, two) in pairwise(timed) if two < one - 5]
    if back and len(timed) > 3:
        at = speech.starts[back[0][0]]
        yield speech.finding("times-go-back", str(len(back)), (at, at + 1))
    repeated = [
        n for n, (a, b) in enumerate(pairwise(turns), start=1)
        if b.end - b.start > 5 and a.end - a.start > 3 and _repeats(speech.transcript.said(a),
        speech.transcript.said(b))
    ]  # fmt: skip
    if len(repeated) > 1 and len(repeated) * 12 > len(turns):
        yield speech.finding(
            "captions-repeat", str(len(repeated)), (speech.starts[repeated[0]], speech.starts[repeated[0]] + 1)
        )


def _repeats(before: str, now: str) -> bool:
    return now.startswith(before) or before.endswith(now) or (len(before) > 7 and now.startswith(before[-8:]))


# --- What the reader doubted, and what it did not read.


def _doubts(parsed: Parsed, transcript: Transcript) -> Iterator[Finding]:
    for doubt in parsed.doubts:
        start = doubt.start if parsed.text == transcript.text else None
        line = transcript.text.count("\n", 0, start) + 1 if start is not None else None
        yield Finding(
            kind=doubt.kind,
            severity=KINDS[doubt.kind],
            details=doubt.details,
            start=start,
            end=start,
            line=line,
        )


_HAN = re.compile(r"[\u3400-\u9fff]")


def _unread(parsed: Parsed, file_text: str) -> Iterator[Finding]:
    if not parsed.parts:
        return
    left = [part for part in account(file_text, parsed.parts) if part.kind is PartKind.UNEXPLAINED]
    wordy = [part for part in left if len(_HAN.findall(file_text[part.start : part.end])) > 3]
    characters = sum(part.end - part.start for part in wordy)
    if characters < 12:
        return
    severity = SERIOUS if characters > 0.15 * len(file_text) or characters > 600 else CHECK
    here = parsed.text == file_text
    start = wordy[0].start if here else None
    line = file_text.count("\n", 0, wordy[0].start) + 1
    yield Finding(
        kind="text-in-no-turn", severity=severity, details=str(characters), start=start,
        end=wordy[0].end if here else None, line=line,
    )  # fmt: skip


# --- The same interview twice.


def with_repeats_marked(transcripts: Sequence[Transcript]) -> list[Transcript]:
    """Return ``transcripts`` with a finding on each that shares most of its speech with another one.

    Lines of at least eight characters are compared, so the same interview under another name or as another kind of file
    is found too. The time is linear in the text.
    """
    lines = [_long_lines(transcript) for transcript in transcripts]
    owners: dict[int, list[int]] = defaultdict(list)
    for number, held in enumerate(lines):
        for line in held:
            owners[line].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for numbers in owners.values():
        # A line that many interviews share is a fixed question; the first few files stand for it.
        shared.update((a, b) for at, a in enumerate(numbers[:6]) for b in numbers[at + 1 : 6])
    twins: dict[int, list[str]] = defaultdict(list)
    for (a, b), number in shared.items():
        if number > 4 and number * 10 >= 7 * min(len(lines[a]), len(lines[b])):
            twins[a].append(transcripts[b].id)
            twins[b].append(transcripts[a].id)
    return [
        replace(t, findings=(_twin(twins[number]), *t.findings)) if number in twins else t
        for number, t in enumerate(transcripts)
    ]


def _twin(others: Sequence[str]) -> Finding:
    kind = "same-interview-twice"
    return Finding(kind=kind, severity=KINDS[kind], details="、".join(others[:5]))


def _long_lines(transcript: Transcript) -> set[int]:
    text = transcript.text
    said = [text[turn.start : turn.end] for turn in transcript.turns if turn.role is not Role.INTERVIEWER]
    return {hash(line.strip()) for piece in said for line in piece.split("\n") if len(line) > 7}


def doubts_of_roles(notes: Iterable[str]) -> tuple[Doubt, ...]:
    """Return as doubts what the finding of roles noted."""
    found = (re.match(r"role by behaviour: (.+) is the interviewer, confidence ([\d.]+)", note) for note in notes)
    return tuple(
        Doubt("role-uncertain" if float(match[2]) < SURE_OF_ROLE else "role-guessed", f"{match[1]} ({match[2]})")
        for match in found
        if match is not None
    )


__all__ = [
    "KINDS",
    "advice",
    "audit",
    "doubts_of_roles",
    "line_in_question",
    "to_check",
    "with_repeats_marked",
    "wording_of",
]
