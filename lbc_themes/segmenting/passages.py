"""Passages: cutting what participants say into stretches of a size that a coder would code."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Passage, Role, Transcript, Turn
from lbc_themes.segmenting.boundaries import SizePlan, best_cuts, boundaries, size_of
from lbc_themes.text.words import Lexicon, WordCutter, is_backchannel, is_listening, word_cutter

# --- Stretches: one participant's speech from one question to the next, put together across back-channels.

_ENDS_A_QUESTION = tuple("。！？!?.…吗呢吧嘛么呀嗎麼")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Slices of one participant's speech, in order, and the question before them."""

    speaker: str
    role: Role
    question: str
    spans: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Open:
    turn: Turn
    question: str
    spans: list[tuple[int, int]]

    def continues_with(self, turn: Turn) -> bool:
        mine = self.turn
        return (mine.speaker, mine.role, mine.question) == (turn.speaker, turn.role, turn.question)

    def closed(self) -> Stretch:
        return Stretch(speaker=self.turn.speaker, role=self.turn.role, question=self.question, spans=tuple(self.spans))


@dataclass(slots=True)
class _Question:
    """The interviewer's last speech, put together where the reader or a back-channel cut it."""

    parts: list[str] = field(default_factory=list)
    answered: bool = False

    def hear(self, speech: str, *, straight_on: bool) -> None:
        ended = not straight_on and bool(self.parts) and self.parts[-1].endswith(_ENDS_A_QUESTION)
        if self.answered or ended:
            self.parts = []
        self.parts.append(speech)
        self.answered = False


def stretches(transcript: Transcript) -> Iterator[Stretch]:
    """Yield the stretches of participant speech of ``transcript`` in order.

    A change of participant, a real question of the interviewer and a change of the file's own question each begin a
    new stretch. Turns of nothing but back-channels neither begin nor break one.
    """
    heard, current, before = _Question(), None, None
    for turn in transcript.turns:
        said = transcript.said(turn)
        if turn.role is Role.INTERVIEWER:
            if not is_listening(said):
                if current:
                    yield current.closed()
                current = None
                heard.hear(said.strip(), straight_on=before is Role.INTERVIEWER)
        elif current and current.continues_with(turn):
            current.spans.append((turn.start, turn.end))
        elif not is_backchannel(said):
            if current:
                yield current.closed()
            heard.answered = True
            question = " ".join(heard.parts) if turn.question is None else turn.question
            current = _Open(turn, question, [(turn.start, turn.end)])
        before = turn.role
    if current:
        yield current.closed()


Spans = tuple[tuple[int, int], ...]

_LEADING = re.compile(r"[\s。．｡，、；：！？!?,;:.…—·\-~～”’」』）)】》\]]*")
# Stripped with str.rstrip: a pattern that ends in $ looks at every blank again from each blank before it.
_TRAILING = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + "，、；：,;:—·~～“‘「『（(【《[-"


def segment(
    transcripts: Transcript | Iterable[Transcript],
    *,
    shortest: int = 20,
    longest: int = 120,
    lexicon: Lexicon | None = None,
) -> list[Passage]:
    """Cut what the participants say into passages.

    Interviewer turns are never passages: the last one before a passage that is more than a back-channel becomes its
    ``question``, unless the file itself names a question. Turns of one participant that only back-channels of others
    (嗯, 对, eng) break are one stretch of speech; a passage may have a span in several of them, but never crosses a
    change of participant or a real question. Within a stretch the cuts are the cheapest by dynamic programming over
    sentence ends, clause marks, discourse markers (然后, 但是) and pauses, never inside a word.

    Every character of participant speech that is neither blank nor punctuation is in exactly one passage, except that
    stretches of nothing but back-channels and fillers are left out. Blanks and separating punctuation are trimmed from
    the ends of a passage; sentence marks and closing brackets stay.

    Args:
        transcripts: Transcripts, or one.
        shortest: About the fewest characters of a passage. A shorter answer is still a passage.
        longest: About the most characters. Chinese characters and other words count, fillers do not.
        lexicon: A file or words (see `load_lexicon`) that are to stay whole beside the project's own.

    Returns:
        Passages in the order of the transcripts and of speech, with ids ``<transcript id>:<number>`` from ``0001``.

    Raises:
        InputError: ``shortest`` is below 1 or ``longest`` is below twice ``shortest``.

    >>> from lbc_themes.core.records import Role, Transcript, Turn
    >>> text = "你想家吗？我天天想我妈妈，想得睡不着。"
    >>> turns = (
    ...     Turn(speaker="问", role=Role.INTERVIEWER, start=0, end=5),
    ...     Turn(speaker="小林", role=Role.CHILD, start=5, end=19),
    ... )
    >>> [(p.id, p.text, p.question) for p in segment(Transcript(id="C01", text=text, turns=turns))]
    [('C01:0001', '我天天想我妈妈，想得睡不着。', '你想家吗？')]
    """
    if shortest < 1 or longest < 2 * shortest:
        raise InputError(message("segmenting.shortest_longest_shortest_must", shortest=shortest, longest=longest))
    plan, cutter = SizePlan(shortest=shortest, longest=longest), word_cutter(lexicon)
    every = [transcripts] if isinstance(transcripts, Transcript) else transcripts
    return [passage for transcript in every for passage in _of_transcript(transcript, plan, cutter)]


def _of_transcript(transcript: Transcript, plan: SizePlan, cutter: WordCutter) -> Iterator[Passage]:
    number = 0
    for stretch in stretches(transcript):
        for spans in _cut(transcript.text, stretch, plan, cutter):
            text = "".join(transcript.text[a:b] for a, b in spans)
            if is_backchannel(text):
                continue
            number += 1
            yield Passage(
                id=f"{transcript.id}:{number:04d}", transcript_id=transcript.id, spans=spans, text=text,
                speaker=stretch.speaker, role=stretch.role, question=stretch.question,
            )  # fmt: skip


def _cut(text: str, stretch: Stretch, plan: SizePlan, cutter: WordCutter) -> Iterator[Spans]:
    pieces = [text[a:b] for a, b in stretch.spans]
    ends: list[int] = []
    if size_of("".join(pieces)) > plan.whole:
        found = boundaries(pieces, cutter, plan.longest)
        ends = [found.offsets[i] for i in best_cuts(found.sizes, found.weakness, plan)]
    before = [0, *accumulate(map(len, pieces))]
    whole = before.pop()
    for start, end in zip([0, *ends], [*ends, whole], strict=True):
        spans = _trimmed(text, _slices(stretch.spans, before, start, end))
        if spans:
            yield spans


def _slices(spans: Spans, before: Sequence[int], start: int, end: int) -> list[tuple[int, int]]:
    """Return the slices of the transcript that ``[start, end)`` of the joined ``spans`` covers.

    ``before[i]`` is how many characters of the joined spans stand before the span ``i``.
    """
    found = []
    for at in range(max(0, bisect_right(before, start) - 1), bisect_left(before, end)):
        a, b = spans[at]
        first, last = max(a, a + start - before[at]), min(b, a + end - before[at])
        if first < last:
            found.append((first, last))
    return found


def _trimmed(text: str, spans: list[tuple[int, int]]) -> Spans:
    while spans:
        a, b = spans[0]
        a += _LEADING.match(text[a:b]).end()  # type: ignore[union-attr]
        if a < b:
            spans[0] = (a, b)
            break
        del spans[0]
    while spans:
        a, b = spans[-1]
        b = a + len(text[a:b].rstrip(_TRAILING))
        if a < b:
            spans[-1] = (a, b)
            break
        del spans[-1]
    return tuple(spans)
