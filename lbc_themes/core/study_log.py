"""All that a study holds, as plain records: what is stored in its file and what travels to other programs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lbc_themes.core.records import Codebook, Coding, Decision, Passage, Suggestion, Transcript, Verdict

MACHINE = "machine"
SETTLED = "settled:"
"""How the names begin under which settled codes are kept: they belong to nobody's own coding."""

About = Literal["study", "transcript", "passage", "code", "participant", "theme"]


NOTHING = "没有合适的编码 No code applies"
"""The memo of a decision that no code applies, which tells it from suggestions that were merely turned down."""


def turned_down(decision: Decision) -> bool:
    """Say whether suggestions were turned down, and neither another code given nor said that none applies."""
    return decision.verdict is Verdict.REJECTED and not decision.code_ids and decision.memo != NOTHING


def is_settled(coder: str) -> bool:
    """Say whether ``coder`` stands for settled codes.

    >>> is_settled("settled:李")
    True
    """
    return coder.startswith(SETTLED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Memo:
    """A note that a person wrote. ``about`` says of what kind of thing, and ``about_id`` of which one."""

    text: str
    coder: str
    about: About = "study"
    about_id: str = ""
    time: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Participant:
    """Somebody who was interviewed, with attributes (role, gender, age, ...) as text and their transcripts."""

    id: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    transcript_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What the machine suggested at one time. ``options`` say how, as text."""

    name: str
    time: str
    suggestions: tuple[Suggestion, ...]
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Retraction:
    """The taking back of an entry of the log, by its number."""

    entry_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """What is left of a line whose participant withdrew: its kind, "decision", "coding", "memo" or "retraction"."""

    kind: str


Recorded = Decision | Coding | Memo | Retraction | Erased


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of a study's log, numbered in the order of writing. ``run`` names the run that was shown."""

    id: int
    coder: str
    time: str
    record: Recorded
    run: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """A whole study. The last of ``codebooks`` is the one in use; ``entries`` are in the order of their numbers."""

    name: str
    transcripts: tuple[Transcript, ...]
    codebooks: tuple[Codebook, ...]
    passages: tuple[Passage, ...] = ()
    participants: tuple[Participant, ...] = ()
    runs: tuple[Run, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def codebook(self) -> Codebook:
        """The codebook in use."""
        return self.codebooks[-1]


# --- What holds of a log in which things are only ever added: later decisions count, and what was taken back does not.


class LogState:
    """The entries that hold, kept up to date as entries are added.

    A decision stands until its coder decides on the same passage again or takes it back; then the one before it stands
    again. ``retracted_`` maps the number of an entry to the entry that took it back.
    """

    def __init__(self) -> None:
        """Begin with an empty log."""
        self.entries_: dict[int, Entry] = {}
        self.retracted_: dict[int, Entry] = {}
        self._decided: dict[tuple[str, str], list[int]] = {}
        self._rest: dict[int, Entry] = {}
        self._by_coder: dict[str, list[int]] = {}

    def add(self, entries: Iterable[Entry]) -> None:
        """Add entries in the order of their numbers."""
        for entry in entries:
            self.entries_[entry.id] = entry
            if isinstance(entry.record, Retraction):
                self._take_back(entry, entry.record.entry_id)
                continue
            if isinstance(entry.record, Erased):
                continue
            self._by_coder.setdefault(entry.coder, []).append(entry.id)
            if isinstance(entry.record, Decision):
                self._decided.setdefault((entry.record.passage_id, entry.coder), []).append(entry.id)
            else:
                self._rest[entry.id] = entry

    def _take_back(self, retraction: Entry, target: int) -> None:
        entry = self.entries_[target]
        self.retracted_[target] = retraction
        self._by_coder[entry.coder].remove(target)
        if isinstance(entry.record, Decision):
            self._decided[entry.record.passage_id, entry.coder].remove(target)
        else:
            del self._rest[target]

    def last_of(self, coder: str) -> Entry | None:
        """Return the coder's last entry that was not taken back."""
        numbers = self._by_coder.get(coder)
        return self.entries_[numbers[-1]] if numbers else None

    def decisions(self) -> list[Decision]:
        """Return the decisions that stand, at most one for each coder and passage, in the order of the log."""
        numbers = sorted(stack[-1] for stack in self._decided.values() if stack)
        return [record for n in numbers if isinstance(record := self.entries_[n].record, Decision)]

    def decision_on(self, passage_id: str, coder: str) -> Decision | None:
        """Return the decision of ``coder`` that stands for a passage."""
        stack = self._decided.get((passage_id, coder))
        record = self.entries_[stack[-1]].record if stack else None
        return record if isinstance(record, Decision) else None

    def codings(self) -> list[Coding]:
        """Return the codings of spans that stand, in the order of the log."""
        return [entry.record for entry in self._rest.values() if isinstance(entry.record, Coding)]

    def memos(self) -> list[Memo]:
        """Return the memos that stand, in the order of the log."""
        return [entry.record for entry in self._rest.values() if isinstance(entry.record, Memo)]


def codings_of(decision: Decision, passage: Passage) -> Iterator[Coding]:
    """Yield a coding of the passage's outer bounds for each code that a decision puts on it."""
    for code_id in decision.code_ids:
        yield Coding(
            transcript_id=passage.transcript_id, start=passage.start, end=passage.end, code_id=code_id,
            coder=decision.coder, time=decision.time, memo=decision.memo,
        )  # fmt: skip


def machine_codings(suggestion: Suggestion, passage: Passage, time: str, top: int | None) -> Iterator[Coding]:
    """Yield the ``top`` suggested codes of a passage (None: all of them) as codings of the machine, with the reason."""
    for ranked in suggestion.codes[:top]:
        why = dict.fromkeys((ranked.evidence.why_zh, ranked.evidence.why_en))
        yield Coding(
            transcript_id=passage.transcript_id, start=passage.start, end=passage.end, code_id=ranked.code_id,
            coder=MACHINE, time=time, memo="\n".join(filter(None, why)),
        )  # fmt: skip


def latest(runs: Iterable[Run]) -> dict[str, tuple[Run, Suggestion]]:
    """Return the newest suggestion for each passage with its run, by passage id; ``runs`` are oldest first."""
    return {suggestion.passage_id: (run, suggestion) for run in runs for suggestion in run.suggestions}


def all_codings(
    standing: LogState,
    newest: Mapping[str, tuple[Run, Suggestion]],
    passages: Mapping[str, Passage],
    order: Sequence[str],
    machine_top: int | None = 1,
    transcript_id: str | None = None,
) -> list[Coding]:
    """Return every coding that stands, of people and of the machine, by transcript, place, code and coder.

    ``order`` are the transcript ids in order; ``transcript_id`` chooses one. The same code on the same slice by the
    same coder comes once.
    """
    here = {i: p for i, p in passages.items() if transcript_id in (None, p.transcript_id)}
    decided = (decision for decision in standing.decisions() if decision.passage_id in here)
    found = [coding for decision in decided for coding in codings_of(decision, here[decision.passage_id])]
    found += [coding for coding in standing.codings() if transcript_id in (None, coding.transcript_id)]
    for passage_id in here if machine_top != 0 else ():
        if passage_id in newest:
            run, suggestion = newest[passage_id]
            found += machine_codings(suggestion, here[passage_id], run.time, machine_top)
    once = {(c.transcript_id, c.start, c.end, c.code_id, c.coder): c for c in reversed(found)}
    place = {transcript_id: number for number, transcript_id in enumerate(order)}
    return sorted(once.values(), key=lambda c: (place[c.transcript_id], c.start, c.end, c.code_id, c.coder))


def contents_codings(contents: Contents, machine_top: int | None = 1) -> list[Coding]:
    """Return every coding that stands in ``contents``, as ``Study.codings`` does."""
    standing = LogState()
    standing.add(contents.entries)
    passages = {passage.id: passage for passage in contents.passages}
    order = [transcript.id for transcript in contents.transcripts]
    return all_codings(standing, latest(contents.runs), passages, order, machine_top)
