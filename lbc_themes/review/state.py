"""What stands in a study, kept up with as the log grows: by passage, by interview, and on the text around a passage."""

import threading
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lbc_themes.core.records import Coding, Decision, Passage, Role, Transcript, Turn
from lbc_themes.core.study_log import Entry, Memo, Refusal, Retraction, coder_from_label, coder_label, only_rejected
from lbc_themes.study import Study


@dataclass(frozen=True, kw_only=True, slots=True)
class MemoEntry:
    """A memo with its number in the log."""

    entry_id: int
    memo: Memo


@dataclass(frozen=True, kw_only=True, slots=True)
class SpanEntry:
    """A code on a slice of a transcript with its number in the log."""

    entry_id: int
    coding: Coding


class StudyState:
    """Reads only the lines that the log has gained: a page costs the same in a large study as in a small one."""

    def __init__(self, study: Study) -> None:
        """Remember the study; everything is read when first request for."""
        self._study = study
        self._lock = threading.RLock()
        self._seen = 0
        self._entries: dict[int, Entry] = {}
        self._decided: dict[str, dict[str, Decision]] = defaultdict(dict)
        self._spans: dict[str, dict[int, SpanEntry]] = defaultdict(dict)
        self._memos: dict[str, dict[int, MemoEntry]] = defaultdict(dict)
        self._refusals: dict[str, dict[int, Refusal]] = defaultdict(dict)
        self._quoted: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
        self._span_quoted: dict[str, dict[int, SpanEntry]] = defaultdict(dict)
        self._touched: dict[str, Counter[str]] = defaultdict(Counter)
        self._changes: list[str] = []
        self._contested: set[str] = set()
        self._adjudicated: set[str] = set()
        self._passages: tuple[Passage, ...] = ()
        self._place: dict[str, int] = {}
        self._by_id: dict[str, Passage] = {}
        self._by_transcript: dict[str, list[Passage]] = {}
        self._roles: tuple[str, ...] = ()

    def catch_up(self) -> int:
        """Take in what is new, whoever wrote it, and return the length of the log."""
        with self._lock:
            passages = self._study.passages
            if len(passages) != len(self._passages):
                self._take_passages(passages)
            log = self._study.history()
            for entry in log[self._seen :]:
                self._take(entry)
            self._seen = len(log)
            return self._seen

    def _take_passages(self, passages: tuple[Passage, ...]) -> None:
        self._passages = passages
        self._place = {passage.id: number for number, passage in enumerate(passages)}
        self._by_id = {passage.id: passage for passage in passages}
        grouped: dict[str, list[Passage]] = defaultdict(list)
        for passage in passages:
            grouped[passage.transcript_id].append(passage)
        self._by_transcript = dict(grouped)
        self._roles = tuple(sorted({passage.role.value for passage in passages}))

    def _take(self, entry: Entry) -> None:
        self._entries[entry.id] = entry
        record = entry.record
        if isinstance(record, Decision):
            self._set(record, record)
        elif isinstance(record, Coding):
            span = SpanEntry(entry_id=entry.id, coding=record)
            self._spans[record.transcript_id][entry.id] = span
            self._span_quoted[record.code_id][entry.id] = span
            self._touched[coder_label(record)].update(p.id for p in self.overlapping(record))
        elif isinstance(record, Memo):
            self._memos[record.about_id][entry.id] = MemoEntry(entry_id=entry.id, memo=record)
        elif isinstance(record, Refusal):
            self._refusals[record.passage_id][entry.id] = record
        elif isinstance(record, Retraction):
            self._take_back(record)

    def _take_back(self, retraction: Retraction) -> None:
        target = self._entries[retraction.entry_id]
        record = target.record
        if isinstance(record, Decision):
            before = self._study.decision_on(record.passage_id, record.coder, adjudication=record.adjudication)
            self._set(record, before)
        elif isinstance(record, Coding):
            if self._spans[record.transcript_id].pop(target.id, None) is not None:
                self._touched[coder_label(record)].subtract(p.id for p in self.overlapping(record))
            self._span_quoted[record.code_id].pop(target.id, None)
        elif isinstance(record, Memo):
            self._memos[record.about_id].pop(target.id, None)
        elif isinstance(record, Refusal):
            self._refusals[record.passage_id].pop(target.id, None)

    def _set(self, record: Decision, stands: Decision | None) -> None:
        """Let ``stands`` be what a coder decided on the passage of ``record``, and index it by its codes."""
        label, passage_id = coder_label(record), record.passage_id
        self._changes.append(passage_id)
        held = self._decided[label]
        for code_id in held[passage_id].code_ids if passage_id in held else ():
            self._quoted[code_id].pop((label, passage_id), None)
        if stands is None:
            held.pop(passage_id, None)
        else:
            held[passage_id] = stands
            for code_id in stands.code_ids:
                self._quoted[code_id][label, passage_id] = None
        self._weigh(passage_id)

    def _weigh(self, passage_id: str) -> None:
        """See anew whether people differ on a passage and whether it is adjudicated."""
        given = [(coder, held[passage_id]) for coder, held in self._decided.items() if passage_id in held]
        sets = {frozenset(decision.code_ids) for coder, decision in given if not coder_from_label(coder)[1]}
        marks = (
            (self._contested, len(sets) > 1),
            (self._adjudicated, any(coder_from_label(coder)[1] for coder, _ in given)),
        )
        for marked, holds in marks:
            (marked.add if holds else marked.discard)(passage_id)

    def decided_since(self, number: int) -> tuple[list[str], int]:
        """Return the passages on which something was decided or taken back since, and the ``number`` to ask with next.

        The first time ask with 0.
        """
        with self._lock:
            return list(dict.fromkeys(self._changes[number:])), len(self._changes)

    def differing(self) -> list[str]:
        """Return the passages to which two or more people gave different codes, in the order of speech."""
        with self._lock:
            return sorted(self._contested, key=self.place)

    def adjudicated(self) -> frozenset[str]:
        """Return the passages with a decision in adjudication."""
        with self._lock:
            return frozenset(self._adjudicated)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages, in the order of transcripts and speech."""
        return self._passages

    @property
    def passages_by_id(self) -> Mapping[str, Passage]:
        """The passages by their ids."""
        return self._by_id

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles of those who speak, by their values."""
        return self._roles

    def coders(self) -> list[str]:
        """Return the labels of those who gave a code to a passage or a slice."""
        with self._lock:
            whole = {label for held in self._quoted.values() for label, _ in held}
            parts = (coder_label(each.coding) for held in self._spans.values() for each in held.values())
            return sorted(whole.union(parts))

    def place(self, passage_id: str) -> int:
        """Return the number of a passage, from 0; -1 where there is none of that id."""
        return self._place.get(passage_id, -1)

    def within(self, transcript_id: str) -> list[Passage]:
        """Return the passages of one interview."""
        return self._by_transcript.get(transcript_id, [])

    def decided(self, coder: str) -> dict[str, Decision]:
        """Return a copy of what stands of one coder, by passage."""
        with self._lock:
            return dict(self._decided.get(coder, {}))

    def decision(self, passage_id: str, coder: str) -> Decision | None:
        """Return what stands of one coder on one passage."""
        return self._decided[coder].get(passage_id) if coder in self._decided else None

    def decided_by(self, label: str, passage_id: str) -> Decision | None:
        """Return what stands on a passage under the label of a coder, see ``coder_label``."""
        return self._decided[label].get(passage_id) if label in self._decided else None

    def entries_of(self, coder: str, passage_ids: set[str]) -> list[int]:
        """Return the numbers of all that a coder decided on passages and did not take back, the newest first."""
        gone = {e.record.entry_id for e in self._entries.values() if isinstance(e.record, Retraction)}
        own = (
            entry.id
            for entry in self._entries.values()
            if isinstance(entry.record, Decision) and entry.record.coder == coder and not entry.record.adjudication
            and entry.record.passage_id in passage_ids and entry.id not in gone
        )  # fmt: skip
        return sorted(own, reverse=True) if passage_ids else []

    def code_counts(self, coder: str | None = None) -> Counter[str]:
        """Return how many quotations each code has; with ``coder``, how many of theirs."""
        with self._lock:
            found = Counter[str]()
            for code_id, held in self._quoted.items():
                found[code_id] += len(held) if coder is None else sum(label == coder for label, _ in held)
            for code_id, spans in self._span_quoted.items():
                found[code_id] += sum(coder in (None, s.coding.coder) for s in spans.values())
            return found

    def decisions_on(self, passage_id: str) -> list[Decision]:
        """Return what stands of everyone on one passage, by name."""
        with self._lock:
            return [d for _, held in sorted(self._decided.items()) if (d := held.get(passage_id)) is not None]

    def count(self, coder: str) -> int:
        """Return how many passages a coder has worked on, see `worked_on`."""
        return len(self.worked_on(coder))

    def people(self) -> list[str]:
        """Return the names of those who have decided something, adjudication apart."""
        with self._lock:
            return sorted(coder for coder, held in self._decided.items() if held and not coder_from_label(coder)[1])

    def adjudicators(self) -> list[str]:
        """Return the labels (see ``coder_label``) of those who adjudicated."""
        with self._lock:
            return sorted(coder for coder, held in self._decided.items() if held and coder_from_label(coder)[1])

    def spans(self, transcript_id: str) -> list[SpanEntry]:
        """Return the codes on slices of one interview."""
        with self._lock:
            return list(self._spans.get(transcript_id, {}).values())

    def spans_in(self, passage: Passage) -> list[SpanEntry]:
        """Return the codes on slices that share words with a passage, everybody's."""
        spans = self.spans(passage.transcript_id)
        return [s for s in spans if s.coding.start < passage.end and s.coding.end > passage.start]

    def overlapping(self, coding: Coding) -> list[Passage]:
        """Return the passages that share words with a coding of a slice."""
        inside = self._by_transcript.get(coding.transcript_id, [])
        first = bisect_right(inside, coding.start, key=lambda p: p.end)
        found = []
        for passage in inside[first:]:
            if passage.start >= coding.end:
                break
            found.append(passage)
        return found

    def quoted(self, code_id: str) -> list[tuple[str, str]]:
        """Return who gave a code to which passage: labels of coders with ids of passages."""
        with self._lock:
            return list(self._quoted.get(code_id, ()))

    def spans_with(self, code_id: str) -> list[SpanEntry]:
        """Return the slices that have a code."""
        with self._lock:
            return list(self._span_quoted.get(code_id, {}).values())

    def worked_on(self, coder: str) -> set[str]:
        """Return the passages that a coder has decided on or coded a part of."""
        with self._lock:
            return {
                *self._decided.get(coder, {}),
                *(i for i, n in self._touched.get(coder, Counter()).items() if n > 0),
            }

    def refused(self, passage_id: str) -> list[Refusal]:
        """Return the single codes that people refused on a passage."""
        with self._lock:
            return list(self._refusals.get(passage_id, {}).values())

    def refusals(self) -> Iterable[Refusal]:
        """Return all refusals of single codes."""
        with self._lock:
            return [refusal for held in self._refusals.values() for refusal in held.values()]

    def memos(self, about_id: str, about: str = "passage") -> list[MemoEntry]:
        """Return the memos about one thing, by default a passage."""
        with self._lock:
            return [each for each in self._memos.get(about_id, {}).values() if each.memo.about == about]

    def all_memos(self) -> list[MemoEntry]:
        """Return every memo that stands, in the order of the log."""
        with self._lock:
            every = [each for held in self._memos.values() for each in held.values()]
        return sorted(every, key=lambda each: each.entry_id)

    def adjudicated_on(self, passage_id: str) -> Decision | None:
        """Return the adjudicated decision on a passage: the newest, where several people adjudicated."""
        found = [d for d in self.decisions_on(passage_id) if d.adjudication]
        return max(found, key=lambda d: d.time, default=None)


# --- The text of an interview, cut into pieces at every edge of a passage or coding.

AROUND = 5000
"""Characters shown before and after a passage: a page stays small in an interview of any length."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A slice of the text from ``start``, the passage it belongs to, and the codes on it, as ids in order.

    ``whole`` are the codes of the whole passage, ``spans`` the codings of slices that run over this piece, the longest
    first, and ``closing`` those of them that end with it. ``ends`` names the passage that ends with this piece.
    ``read`` says what a person decided on the passage without giving a code: "nothing" where no code applies, "reject"
    where only the suggestions were turned down, else "".
    """

    start: int
    text: str
    passage_id: str
    code_ids: tuple[str, ...]
    ends: str
    read: str = ""
    whole: tuple[str, ...] = ()
    spans: tuple[SpanEntry, ...] = ()
    closing: tuple[SpanEntry, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One turn, or the part of it that is near enough. ``speaker`` is empty where the file names none."""

    speaker: str
    role: Role
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Blocks in order, and whether there is more before and after."""

    blocks: tuple[Block, ...]
    more_before: bool
    more_after: bool


def window(
    transcript: Transcript,
    passages: Sequence[Passage],
    around: tuple[int, int],
    decided: Mapping[str, Decision],
    spans: Sequence[SpanEntry],
) -> Window:
    """Return what stands within ``AROUND`` characters of the slice ``around``.

    ``decided`` are a person's decisions by passage id, ``spans`` are codings of slices.
    """
    low, high = max(0, around[0] - AROUND), min(len(transcript.text), around[1] + AROUND)
    blocks = blocks_of(transcript, passages, (low, high), decided, spans)
    return Window(blocks=tuple(blocks), more_before=low > 0, more_after=high < len(transcript.text))


def blocks_of(
    transcript: Transcript,
    passages: Sequence[Passage],
    limits: tuple[int, int],
    decided: Mapping[str, Decision],
    spans: Sequence[SpanEntry],
) -> list[Block]:
    """Return the turns within ``limits``, cut into pieces; ``decided`` and ``spans`` as for `window`."""
    low, high = limits
    near = [p for p in passages if p.start < high and p.end > low]
    marks = [s for s in spans if s.coding.start < high and s.coding.end > low]
    cuts = sorted(_edges(near, marks))
    turns = transcript.turns or (Turn(speaker="", role=Role.OTHER, start=0, end=len(transcript.text)),)
    blocks = []
    for turn in turns:
        start, end = max(turn.start, low), min(turn.end, high)
        if start < end:
            pieces = tuple(_pieces(transcript, (start, end), cuts, (near, decided, marks)))
            blocks.append(Block(speaker=turn.speaker, role=turn.role, pieces=pieces))
    return blocks


def _edges(passages: Iterable[Passage], spans: Iterable[SpanEntry]) -> set[int]:
    return {edge for p in passages for span in p.spans for edge in span} | {
        edge for s in spans for edge in (s.coding.start, s.coding.end)
    }


def _pieces(
    transcript: Transcript,
    limits: tuple[int, int],
    cuts: Sequence[int],
    marks: tuple[Sequence[Passage], Mapping[str, Decision], Sequence[SpanEntry]],
) -> Iterable[Piece]:
    passages, decided, spans = marks
    inner = cuts[bisect_right(cuts, limits[0]) : bisect_left(cuts, limits[1])]
    edges = [limits[0], *inner, limits[1]]
    here = [p for p in passages if p.start < limits[1] and p.end > limits[0]]
    over = [s for s in spans if s.coding.start < limits[1] and s.coding.end > limits[0]]
    for start, end in pairwise(edges):
        passage = next((p for p in here if any(a <= start < b for a, b in p.spans)), None)
        decision = decided.get(passage.id) if passage else None
        own = decision.code_ids if decision else ()
        added = [s for s in over if s.coding.start <= start < s.coding.end]
        added.sort(key=lambda s: (s.coding.start - s.coding.end, s.entry_id))
        yield Piece(
            start=start, text=transcript.text[start:end], passage_id=passage.id if passage else "",
            code_ids=tuple(dict.fromkeys([*own, *(s.coding.code_id for s in added)])),
            ends=passage.id if passage and passage.end == end else "", read=_read_without_code(decision), whole=own,
            spans=tuple(added), closing=tuple(s for s in added if s.coding.end == end),
        )  # fmt: skip


def _read_without_code(decision: Decision | None) -> str:
    if decision is None or decision.code_ids:
        return ""
    return "reject" if only_rejected(decision) else "nothing"


def matches_slice(text: str, start: int, end: int, *, head: str, tail: str) -> bool:
    """Say whether the slice begins with ``head`` and ends with ``tail``, which a browser has sent along.

    Browsers may turn a carriage return or a null character of the text into something else.

    >>> matches_slice("我想我妈。", 1, 4, head="想", tail="我妈")
    True
    >>> matches_slice("我想我妈。", 1, 4, head="我", tail="妈")
    False
    """
    if not (0 <= start < end <= len(text)) or not head or not tail:
        return False
    here = text[start:end]
    return _alike(here[: len(head)], head) and _alike(here[-len(tail) :], tail)


def _alike(one: str, other: str) -> bool:
    table = str.maketrans({"\r": "\n", "\0": "\ufffd"})
    return one.translate(table) == other.translate(table)
