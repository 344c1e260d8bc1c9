"""All that a study holds, as plain records: what is stored in its file and what travels to other programs."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from lbc_themes.core.records import Codebook, Coding, Decision, Passage, Suggestion, Transcript, Verdict

MACHINE = "machine"
About = Literal["study", "transcript", "passage", "span", "code", "participant", "theme"]


ADJUDICATION_LABEL = "adjudication:"
_LABELS = (ADJUDICATION_LABEL, "settled:")
_NO_CODE_MEMO = "没有合适的编码 No code applies"


def only_rejected(decision: Decision) -> bool:
    """Say whether suggestions were turned down, and neither another code given nor said that none applies."""
    return decision.verdict is Verdict.REJECTED and not decision.code_ids and not decision.no_code


def coder_label(record: Decision | Coding) -> str:
    """Return the name under which other programs and flat tables know who coded.

    They have user names and nothing else, so that an adjudicated coding goes by a name of its own.

    >>> coder_label(Coding(transcript_id="K01", start=0, end=2, code_id="a", coder="李", adjudication=True))
    'adjudication:李'
    """
    return f"{ADJUDICATION_LABEL if record.adjudication else ''}{record.coder}"


def coder_from_label(label: str) -> tuple[str, bool]:
    """Return the coder behind a label of `coder_label`, and whether they coded in adjudication.

    >>> coder_from_label("adjudication:李"), coder_from_label("李"), coder_from_label("settled:李")
    (('李', True), ('李', False), ('李', True))
    """
    for prefix in _LABELS:  # "settled:" is what releases before version 3 of the file wrote
        if label.startswith(prefix) and label != prefix:
            return label.removeprefix(prefix), True
    return label, False


@dataclass(frozen=True, kw_only=True, slots=True)
class Memo:
    """A note that a person wrote. ``about`` says of what kind of thing, and ``about_id`` of which one.

    A memo about a "span" names its transcript, and ``start`` and ``end`` are the half-open slice in code points.
    """

    text: str
    coder: str
    about: About = "study"
    about_id: str = ""
    time: str = ""
    start: int | None = None
    end: int | None = None


THEME_EDIT = "edit:"
"""How ``about_id`` begins in a memo about a theme that is a step on the board of themes, with the step behind it."""


def is_theme_edit(memo: Memo) -> bool:
    """Say whether a memo is a step on the board of themes and no note of a person."""
    return memo.about == "theme" and memo.about_id.startswith(THEME_EDIT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A person says that one code does not belong on a passage that was proposed for it. It decides nothing else."""

    passage_id: str
    code_id: str
    coder: str
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
    """What is left of a line whose participant withdrew: its kind, "decision", "coding", "memo" or "retraction".

    A refusal is a kind of decision.
    """

    kind: str


Recorded = Decision | Coding | Memo | Refusal | Retraction | Erased


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of a study's log, numbered in the order of writing.

    ``run`` names the run that was shown. ``by`` is the person who wrote the line in the coder's name, when codes were
    merged or split; it is empty where the coder wrote it. ``step`` is the number of the first line of the step that
    this one belongs to (0: a step of its own), and ``undoes`` the step that this step took back (0: none).
    """

    id: int
    coder: str
    time: str
    record: Recorded
    run: str = ""
    by: str = ""
    step: int = 0
    undoes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """A whole study. The last of ``codebooks`` is the one in use; ``entries`` are in the order of their numbers.

    ``codebook_changes`` say as JSON who made each version of the codebook and why, "" where nobody edited it; there are
    as many as codebooks, or none.
    """

    name: str
    transcripts: tuple[Transcript, ...]
    codebooks: tuple[Codebook, ...]
    passages: tuple[Passage, ...] = ()
    participants: tuple[Participant, ...] = ()
    runs: tuple[Run, ...] = ()
    entries: tuple[Entry, ...] = ()
    codebook_changes: tuple[str, ...] = ()

    @property
    def codebook(self) -> Codebook:
        """The codebook in use."""
        return self.codebooks[-1]


# --- What holds of a log in which things are only ever added: later decisions count, and what was taken back does not.


class LogState:
    """The entries that hold, kept up to date as entries are added.

    A decision stands until its coder decides on the same passage again or takes it back; then the one before it stands
    again. What a coder decides in adjudication stands beside their own coding of the passage. ``retracted_`` maps the
    number of an entry to the entry that took it back.

    What a person did in one act is a step, known by the number of its first line. Steps that can be taken back and
    those that can be done again follow from the log alone, so that they outlive the program.
    """

    def __init__(self) -> None:
        """Begin with an empty log."""
        self.entries_: dict[int, Entry] = {}
        self.retracted_: dict[int, Entry] = {}
        self._decided: dict[tuple[str, str, bool], list[int]] = {}
        self._rest: dict[int, Entry] = {}
        self._theme_steps: dict[int, Entry] = {}
        self._steps: dict[int, list[int]] = {}
        self._undo: dict[tuple[str, bool], list[int]] = {}
        self._redo: dict[tuple[str, bool], list[int]] = {}
        self._heirs: dict[int, int] = {}
        self._said: dict[tuple[object, ...], int] = {}

    def add(self, entries: Iterable[Entry]) -> None:
        """Add entries in the order of their numbers."""
        for entry in entries:
            self.entries_[entry.id] = entry
            if not entry.by:
                self._take_step(entry)
            if isinstance(entry.record, Retraction):
                self._take_back(entry, entry.record.entry_id)
            elif isinstance(entry.record, Decision):
                self._decided.setdefault(_slot(entry.record), []).append(entry.id)
            elif not isinstance(entry.record, Erased):
                self._rest[entry.id] = entry
                if isinstance(entry.record, Memo) and is_theme_edit(entry.record):
                    self._theme_steps[entry.id] = entry
                if isinstance(entry.record, Coding | Refusal):
                    self._said[_key(entry.record)] = entry.id

    def _take_back(self, retraction: Entry, target: int) -> None:
        entry = self.entries_[target]
        self.retracted_[target] = retraction
        if isinstance(entry.record, Decision):
            self._decided[_slot(entry.record)].remove(target)
        else:
            self._rest.pop(target, None)
            self._theme_steps.pop(target, None)
            if isinstance(entry.record, Coding | Refusal) and self._said.get(_key(entry.record)) == target:
                del self._said[_key(entry.record)]

    def _take_step(self, entry: Entry) -> None:
        step = entry.step or entry.id
        record = entry.record
        if isinstance(record, Erased):
            return
        target = self.entries_[record.entry_id] if isinstance(record, Retraction) else entry
        mode = entry.coder, bool(getattr(target.record, "adjudication", False))
        undo, redo = self._undo.setdefault(mode, []), self._redo.setdefault(mode, [])
        if isinstance(record, Retraction) and not entry.step:  # before version 6 of the file, taking back was no step
            before = target.step or target.id
            if before in undo:
                undo.remove(before)
            return
        if step in self._steps:
            self._steps[step].append(entry.id)
        else:
            self._steps[step] = [entry.id]
            if not entry.undoes:
                undo.append(step)
                redo.clear()
            elif entry.undoes in undo:
                undo.remove(entry.undoes)
                redo.append(step)
            elif entry.undoes in redo:
                redo.remove(entry.undoes)
                undo.append(step)
        if entry.undoes and not isinstance(record, Retraction):
            self._inherit(entry)

    def _inherit(self, entry: Entry) -> None:
        """Remember of which entry, once taken back, this one is the renewal."""
        for number in self._steps.get(entry.undoes, ()):
            record = self.entries_[number].record
            if isinstance(record, Retraction) and record.entry_id not in self._heirs:
                before = self.entries_[record.entry_id].record
                if not isinstance(before, Retraction | Erased) and _alike(before, entry.record):
                    self._heirs[record.entry_id] = entry.id
                    return

    def alive(self, number: int) -> int:
        """Return the number under which an entry that was taken back and renewed stands now, or its own."""
        while number in self._heirs:
            number = self._heirs[number]
        return number

    def last_step(self, coder: str, *, adjudication: bool | None = None, again: bool = False) -> int | None:
        """Return the coder's last step that can be taken back or, with ``again``, done again (None: there is none).

        ``adjudication`` chooses steps of adjudication (True) or others (False); by default either.
        """
        held = self._redo if again else self._undo
        modes = (False, True) if adjudication is None else (adjudication,)
        last = [stack[-1] for mode in modes if (stack := held.get((coder, mode)))]
        return max(last, default=None)

    def lines_of(self, step: int) -> list[Entry]:
        """Return the lines of a step, in the order of the log."""
        return [self.entries_[number] for number in self._steps.get(step, [])]

    def decisions(self) -> list[Decision]:
        """Return the decisions that stand, in the order of the log.

        Of each coder there is at most one on a passage, and one more in adjudication.
        """
        numbers = sorted(stack[-1] for stack in self._decided.values() if stack)
        return [record for n in numbers if isinstance(record := self.entries_[n].record, Decision)]

    def decision_on(self, passage_id: str, coder: str, *, adjudication: bool = False) -> Decision | None:
        """Return the decision of ``coder`` that stands for a passage: their own, or the one in adjudication."""
        stack = self._decided.get((passage_id, coder, adjudication))
        record = self.entries_[stack[-1]].record if stack else None
        return record if isinstance(record, Decision) else None

    def standing_entries(self) -> list[Entry]:
        """Return the lines that stand, in the order of the log."""
        numbers = {stack[-1] for stack in self._decided.values() if stack} | self._rest.keys()
        return [self.entries_[number] for number in sorted(numbers)]

    def theme_steps(self) -> list[Entry]:
        """Return the steps on the board of themes that stand, in the order of the log."""
        return list(self._theme_steps.values())

    def recoded_from(self, entry: Entry) -> list[Entry]:
        """Return the lines that others wrote in the coder's name over a decision, newest first."""
        stack = self._decided.get(_slot(entry.record), []) if isinstance(entry.record, Decision) else []
        later = stack[stack.index(entry.id) + 1 :] if entry.id in stack else []
        return [self.entries_[n] for n in reversed(later) if self.entries_[n].by]

    def uncovered(self, gone: Container[int]) -> list[Entry]:
        """Return the decisions that stand once those numbered ``gone`` are taken back and did not stand before."""
        found = []
        for stack in self._decided.values():
            if stack and stack[-1] in gone:
                rest = [number for number in stack if number not in gone]
                found += [self.entries_[number] for number in rest[-1:]]
        return found

    def codings(self) -> list[Coding]:
        """Return the codings of spans that stand, in the order of the log."""
        return [entry.record for entry in self._rest.values() if isinstance(entry.record, Coding)]

    def memos(self) -> list[Memo]:
        """Return the memos that stand, in the order of the log."""
        return [entry.record for entry in self._rest.values() if isinstance(entry.record, Memo)]

    def refusals(self) -> list[Refusal]:
        """Return the refusals of single codes that stand, in the order of the log."""
        return [entry.record for entry in self._rest.values() if isinstance(entry.record, Refusal)]

    def standing_as(self, record: Coding | Refusal) -> int | None:
        """Return the number of the line that says the same as ``record`` already, whenever it was written."""
        return self._said.get(_key(record))


def _alike(one: Recorded, other: Recorded) -> bool:
    """Say whether two records say the same of the same thing, at whatever time."""
    if type(one) is not type(other) or isinstance(one, Retraction | Erased) or isinstance(other, Retraction | Erased):
        return False
    return replace(one, time="") == replace(other, time="")


def _key(record: Coding | Refusal) -> tuple[object, ...]:
    if isinstance(record, Refusal):
        return record.passage_id, record.code_id, record.coder
    place = record.transcript_id, record.start, record.end
    return *place, record.code_id, record.coder, record.adjudication


def _slot(decision: Decision) -> tuple[str, str, bool]:
    return decision.passage_id, decision.coder, decision.adjudication


def codings_of(decision: Decision, passage: Passage) -> Iterator[Coding]:
    """Yield a coding of the passage's outer bounds for each code that a decision puts on it."""
    for code_id in decision.code_ids:
        yield Coding(
            transcript_id=passage.transcript_id, start=passage.start, end=passage.end, code_id=code_id,
            coder=decision.coder, time=decision.time, memo=decision.memo, adjudication=decision.adjudication,
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
    codes: Container[str] | None = None,
) -> list[Coding]:
    """Return every coding that stands, of people and of the machine, by transcript, place, code and coder.

    Where ``codes`` are given, the machine's codings with others are left out: codes that were merged or retired since.

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
            made = machine_codings(suggestion, here[passage_id], run.time, machine_top)
            found += [coding for coding in made if codes is None or coding.code_id in codes]
    once = {(c.transcript_id, c.start, c.end, c.code_id, c.coder, c.adjudication): c for c in reversed(found)}
    place = {transcript_id: number for number, transcript_id in enumerate(order)}
    return sorted(
        once.values(), key=lambda c: (place[c.transcript_id], c.start, c.end, c.code_id, c.coder, c.adjudication)
    )


def contents_codings(contents: Contents, machine_top: int | None = 1) -> list[Coding]:
    """Return every coding that stands in ``contents``, as ``Study.codings`` does."""
    standing = LogState()
    standing.add(contents.entries)
    passages = {passage.id: passage for passage in contents.passages}
    order = [transcript.id for transcript in contents.transcripts]
    return all_codings(standing, latest(contents.runs), passages, order, machine_top, codes=set(contents.codebook.ids))


def labelled_codings(contents: Contents, machine_top: int | None = 1) -> list[Coding]:
    """Return what ``contents_codings`` does, with the label of ``coder_label`` in place of each coder's name.

    For flat tables and other programs: what was adjudicated is there a coder of its own. `unlabelled` is the way back.
    """
    return list(map(labelled, contents_codings(contents, machine_top)))


def labelled(coding: Coding) -> Coding:
    """Return a coding with the label of `coder_label` as its coder; one that was not adjudicated stays as it is."""
    return replace(coding, coder=coder_label(coding), adjudication=False) if coding.adjudication else coding


def unlabelled(coding: Coding) -> Coding:
    """Return a coding that another program or a table gave back, with the person as coder."""
    coder, adjudication = coder_from_label(coding.coder)
    return replace(coding, coder=coder, adjudication=adjudication)


def upgraded(contents: Contents) -> Contents:
    """Return the contents of a study that a release before version 3 of the file wrote, with today's fields.

    Those releases kept "no code applies" as the text of a memo, and adjudication as "settled:" before a coder's name.
    """
    return replace(contents, entries=tuple(map(_upgraded, contents.entries)))


def _upgraded(entry: Entry) -> Entry:
    coder, adjudication = coder_from_label(entry.coder)
    record = entry.record
    if isinstance(record, Decision):
        bare = not record.code_ids and (
            record.memo == _NO_CODE_MEMO or adjudication or record.verdict is not Verdict.REJECTED
        )
        memo = "" if bare and record.memo == _NO_CODE_MEMO else record.memo
        record = replace(record, coder=coder, adjudication=adjudication, no_code=bare, memo=memo)
    elif isinstance(record, Coding):
        record = replace(record, coder=coder, adjudication=adjudication)
    elif isinstance(record, Memo):
        record = replace(record, coder=coder)
    return replace(entry, coder=coder, record=record)
