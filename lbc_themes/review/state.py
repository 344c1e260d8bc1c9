"""What stands in a study, by passage and by interview, kept up with as the log grows."""

import threading
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lbc_themes.core.records import Coding, Decision, Passage
from lbc_themes.core.study_log import Entry, Memo, Refusal, Retraction, coder_from_label, coder_label
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
