"""A study: one file with everything that is coded, everything that was decided, and by whom."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from lbc_themes.core.errors import InputError
from lbc_themes.core.frames import data_frame
from lbc_themes.core.messages import Bilingual, message
from lbc_themes.core.records import Code, Codebook, Coding, Decision, Passage, Suggestion, Transcript, Verdict
from lbc_themes.core.serialisation import from_json, to_json
from lbc_themes.core.study_log import (
    MACHINE,
    Contents,
    Entry,
    Erased,
    LogState,
    Memo,
    Participant,
    Refusal,
    Retraction,
    Run,
    all_codings,
    coder_from_label,
    latest,
)
from lbc_themes.study.codebook_versions import CodebookEdit, changed_parts, version_of_row
from lbc_themes.study.living_codebook import StudyCodebook, bound
from lbc_themes.study.records import CoderStatus, Status, StudyThemes
from lbc_themes.study.store import (
    ENTRIES,
    Store,
    add_codebook,
    add_transcripts,
    entry_of,
    first_suggestions,
    fresh,
    make_file,
    next_entry,
    now,
    participants_of,
    passage_of,
    transcript_of,
    unpacked,
    write_entry,
    write_run,
)
from lbc_themes.study.withdrawal import Withdrawal, chosen, erase, mentions, names_in

if TYPE_CHECKING:
    import sqlite3

    import pandas as pd

    from lbc_themes.exchange.losses import Loss


# --- What a study's file holds, read once and then kept up with.

_PASSAGES = (
    "SELECT number, id, transcript_id, spans, speaker, role, question FROM passage WHERE number > ? ORDER BY number"
)


class StudyReader:
    """Records read from a store. What is handed out belongs to the study and is not to be changed.

    ``lock`` is the store's own: one lock for both, so that two threads never wait for each other's.
    """

    def __init__(self, store: Store) -> None:
        """Read nothing yet."""
        self._store = store
        self.lock = store.lock
        self._last: dict[str, int] = {}
        self._transcripts: dict[str, Transcript] = {}
        self._passages: dict[str, Passage] = {}
        self._codebooks: list[Codebook] = []
        self._edits: list[CodebookEdit | None] = []
        self._runs: list[Run] = []
        self._newest: dict[str, tuple[Run, Suggestion]] = {}
        self._standing = LogState()
        self._participants: list[Participant] = []
        self._participant_rows: object = None
        self._themes: StudyThemes | None = None

    def _new(self, table: str, sql: str) -> list[tuple[object, ...]]:
        return self._store.read(sql, (self._last.get(table, 0),))

    def _taken(self, table: str, rows: list[tuple[object, ...]]) -> None:
        """Remember that rows were understood. One that was not is met again, and so never hides those after it."""
        if rows:
            self._last[table] = int(str(rows[-1][0]))

    def transcripts(self) -> dict[str, Transcript]:
        """Return the transcripts by id, in the order in which they were added."""
        with self.lock:
            sql = "SELECT number, id, record FROM transcript WHERE number > ? ORDER BY number"
            rows = self._new("transcript", sql)
            new = {str(key): transcript_of(record) for _, key, record in rows}
            self._taken("transcript", rows)
            self._transcripts = {**self._transcripts, **new} if new else self._transcripts
            return self._transcripts

    def passages(self) -> dict[str, Passage]:
        """Return the passages by id, in the order of transcripts and speech."""
        with self.lock:
            rows = self._new("passage", _PASSAGES)
            transcripts = self.transcripts() if rows else {}
            new = {str(row[1]): passage_of(row, transcripts) for row in rows}
            self._taken("passage", rows)
            self._passages = {**self._passages, **new} if new else self._passages
            return self._passages

    def codebooks(self) -> list[Codebook]:
        """Return the versions of the codebook, the one in use last."""
        with self.lock:
            rows = self._new(
                "codebook", "SELECT number, record, added, change FROM codebook WHERE number > ? ORDER BY number"
            )
            for _, record, added, change in rows:
                book, edit = version_of_row(str(record), self._codebooks[-1] if self._codebooks else None)
                if change is not None:
                    edit = from_json(CodebookEdit, str(change))
                    edit = replace(edit, version=book.version, time=edit.time or str(added))
                self._codebooks.append(book)
                self._edits.append(edit)
            self._taken("codebook", rows)
            return self._codebooks

    def edits_by_version(self) -> list[CodebookEdit | None]:
        """Return for each version of the codebook the change that made it, None where there was none."""
        with self.lock:
            self.codebooks()
            return list(self._edits)

    def codebook_edits(self) -> list[CodebookEdit]:
        """Return the changes that people made to the codebook, oldest first."""
        with self.lock:
            self.codebooks()
            return [edit for edit in self._edits if edit is not None]

    def runs(self) -> list[Run]:
        """Return the runs of the machine, oldest first."""
        with self.lock:
            sql = "SELECT number, name, time, options FROM run WHERE number > ? ORDER BY number"
            for row in self._new("run", sql):
                number, name, time, options = row
                self._runs.append(self._run(str(name), str(time), str(options), self._suggested(int(str(number)))))
                self._newest = {**self._newest, **latest(self._runs[-1:])}
                self._taken("run", [row])
            return self._runs

    def _suggested(self, number: int) -> dict[str, Suggestion]:
        rows = self._store.read("SELECT passage_id, record FROM suggestion WHERE run_number = ?", (number,))
        pressed = [str(key) for key, record in rows if isinstance(record, bytes)]
        first = first_suggestions(self._store.read, pressed, number)
        return {str(key): from_json(Suggestion, unpacked(record, first.get(str(key)))) for key, record in rows}

    def _run(self, name: str, time: str, options: str, found: dict[str, Suggestion]) -> Run:
        order = [passage_id for passage_id in self.passages() if passage_id in found]
        return Run(
            name=name, time=time, options=from_json(dict[str, str], options),
            suggestions=tuple(found[passage_id] for passage_id in order),
        )  # fmt: skip

    def run(self, name: str) -> Run:
        """Return the run called ``name``."""
        found = next((run for run in self.runs() if run.name == name), None)
        if found is None:
            raise InputError(
                message(
                    "study.no_run_runs",
                    name=name,
                    runs=", ".join(run.name for run in self.runs()) or message("core.none"),
                )
            )
        return found

    def newest(self) -> dict[str, tuple[Run, Suggestion]]:
        """Return the newest suggestion for each passage with its run."""
        with self.lock:
            self.runs()
            return self._newest

    def standing(self) -> LogState:
        """Return the log and what holds of it."""
        with self.lock:
            rows = self._new("entry", ENTRIES)
            self._standing.add([entry_of(row) for row in rows])
            self._taken("entry", rows)
            return self._standing

    def themes(self) -> StudyThemes | None:
        """Return the themes found last."""
        with self.lock:
            rows = self._new(
                "themes", "SELECT number, record FROM themes WHERE number > ? ORDER BY number DESC LIMIT 1"
            )
            if rows:
                self._themes = from_json(StudyThemes, str(rows[0][1]))
                self._taken("themes", rows)
            return self._themes

    def withdrawals(self) -> list[Withdrawal]:
        """Return what was taken out because participants withdrew."""
        rows = self._store.read("SELECT record FROM withdrawal ORDER BY number")
        return [from_json(Withdrawal, str(record)) for (record,) in rows]

    def remembered(self, name: str) -> Contents:
        """Return what was read so far, without looking at the file."""
        with self.lock:
            return Contents(
                name=name, transcripts=tuple(self._transcripts.values()), codebooks=tuple(self._codebooks),
                passages=tuple(self._passages.values()), participants=tuple(self._participants),
                runs=tuple(self._runs), entries=tuple(self._standing.entries_.values()),
                codebook_changes=tuple(to_json(edit) if edit else "" for edit in self._edits),
            )  # fmt: skip

    def participants(self) -> list[Participant]:
        """Return the participants as they are now, in order of id."""
        people = self._store.read("SELECT id, attributes FROM participant ORDER BY id")
        spoke = self._store.read(
            "SELECT s.participant_id, s.transcript_id FROM spoke s JOIN transcript t ON t.id = s.transcript_id"
            " ORDER BY t.number"
        )
        with self.lock:
            if self._participant_rows != (people, spoke):
                self._participants, self._participant_rows = participants_of(people, spoke), (people, spoke)
            return list(self._participants)


# --- What may be recorded in a study, and what is refused.


def check_decision(decision: Decision, passages: Mapping[str, Passage], codebook: Codebook) -> None:
    """Refuse a decision of the machine, on no passage, with unknown codes, or a rejection that gives codes."""
    _check_passage(decision.passage_id, passages)
    what = message("study.decision_on", passage_id=decision.passage_id)
    check_person(decision.coder, what)
    _check_codes(decision.code_ids, codebook, what)
    if len(set(decision.code_ids)) < len(decision.code_ids):
        raise InputError(message("study.code_comes_twice_name", what=what, code_ids=[*decision.code_ids]))
    if decision.verdict is Verdict.REJECTED and decision.code_ids:
        raise InputError(message("study.verdict_rejected_codes_rejection", what=what, code_ids=[*decision.code_ids]))
    if decision.no_code and decision.code_ids:
        raise InputError(message("study.says_no_code_applies", what=what, code_ids=[*decision.code_ids]))
    if not (decision.code_ids or decision.no_code) and decision.verdict is not Verdict.REJECTED:
        raise InputError(message("study.verdict_without_code_name", what=what, value=decision.verdict.value))


def check_coding(coding: Coding, transcripts: Mapping[str, Transcript], codebook: Codebook) -> None:
    """Refuse a coding that is no slice of a transcript of the study, or has an unknown code."""
    transcript = transcripts.get(coding.transcript_id)
    if transcript is None:
        raise InputError(message("study.coding_no_transcript_study", transcript_id=coding.transcript_id))
    what = message("study.coding_of", transcript_id=coding.transcript_id)
    _check_name(coding.coder, what)
    _check_codes((coding.code_id,), codebook, what)
    if not 0 <= coding.start < coding.end <= len(transcript.text):
        raise InputError(
            message(
                "study.slice_characters_end_must",
                what=what,
                start=coding.start,
                end=coding.end,
                count=len(transcript.text),
            )
        )


def check_memo(memo: Memo, known: Mapping[str, Iterable[str]], transcripts: Mapping[str, Transcript]) -> None:
    """Refuse a memo without words or coder, or about something that is not in the study."""
    check_person(memo.coder, "memo")
    if not memo.text.strip():
        raise InputError(message("study.memo_no_words_write"))
    if memo.about not in {"study", "theme", *known}:
        raise InputError(message("study.memo_about_allowed_study", about=memo.about, known=[*known]))
    if memo.about in known and memo.about_id not in known[memo.about]:
        raise InputError(message("study.memo_no_study", about=memo.about, about_id=memo.about_id))
    if memo.about == "span":
        length = len(transcripts[memo.about_id].text)
        if memo.start is None or memo.end is None or not 0 <= memo.start < memo.end <= length:
            raise InputError(message("study.span_memo_slice", id=memo.about_id, start=memo.start, end=memo.end))


def check_suggestions(ids: Iterable[str], passages: Mapping[str, Passage]) -> None:
    """Refuse suggestions for passages that are not in the study."""
    for passage_id in ids:
        _check_passage(passage_id, passages)


def check_person(coder: str, what: str | Bilingual) -> None:
    """Refuse a coder without a name, and the machine, which never decides."""
    _check_name(coder, what)
    if coder == MACHINE:
        raise InputError(message("study.machine_only_suggests_give", what=what, machine=MACHINE))


def _check_name(coder: str, what: str | Bilingual) -> None:
    if not coder.strip():
        raise InputError(message("study.coder_no_name_give", what=what))
    person, labelled = coder_from_label(coder)
    if labelled:
        raise InputError(message("study.coder_give_name_adjudication", what=what, coder=coder, person=person))


def _check_passage(passage_id: str, passages: Mapping[str, Passage]) -> None:
    if passage_id not in passages:
        raise InputError(
            message("study.no_passage_study_ids", passage_id=passage_id, next=next(iter(passages), "<id>:0001"))
        )


def _check_codes(code_ids: Iterable[str], codebook: Codebook, what: str | Bilingual) -> None:
    unknown = [code_id for code_id in code_ids if code_id not in codebook]
    if unknown:
        raise InputError(
            message(
                "study.no_code_codebook_take",
                what=what,
                unknown=[*map(repr, unknown)],
                id=codebook.id,
                version=codebook.version,
            )
        )


Person = Decision | Coding | Memo | Refusal
"""What a person records."""


class Study:
    """A study file, open for work. Use it in a ``with`` block, or close it.

    Threads may share one; several processes may hold the same file open, and each sees what the others stored. What
    people record is only ever added: a later decision of a coder on a passage takes the place of the one before, and
    ``undo`` adds a line that takes the last one back.

    >>> from tempfile import TemporaryDirectory
    >>> from lbc_themes import Decision, Role, Turn, Verdict, load_codebook
    >>> turn = Turn(speaker="小林", role=Role.CHILD, start=0, end=14)
    >>> interview = Transcript(id="C01", text="我天天想我妈妈，想得睡不着。", turns=(turn,))
    >>> folder = TemporaryDirectory()
    >>> book = load_codebook("left-behind-children")
    >>> with Study.create(Path(folder.name) / "study.lbc", interview, book) as study:
    ...     passage, code = study.passages[0], study.codebook.ids[0]
    ...     decision = Decision(
    ...         passage_id=passage.id, verdict=Verdict.CHANGED, code_ids=(code,), coder="li", time="2026-05-04T09:00Z"
    ...     )
    ...     _ = study.record(decision)
    ...     decided = len(study.decisions())
    ...     _ = study.undo("li")
    ...     print(decided, len(study.decisions()), len(study.history()))
    1 0 2
    >>> folder.cleanup()
    """

    def __init__(self, path: str | Path) -> None:
        """Open the file; ``Study.open`` says the same."""
        self.path = Path(path)
        self._store = Store(self.path)
        self._reader = StudyReader(self._store)
        self._editable: tuple[Codebook, StudyCodebook] | None = None

    @classmethod
    def create(
        cls,
        path: str | Path,
        transcripts: Transcript | Iterable[Transcript],
        codebook: Codebook,
        *,
        passages: Iterable[Passage] | None = None,
    ) -> Study:
        """Make a study file and open it. Without ``passages`` the transcripts are segmented.

        Raises:
            InputError: the file exists, an id comes twice, or a passage does not belong to the transcripts.
        """
        added = (transcripts,) if isinstance(transcripts, Transcript) else tuple(transcripts)
        name = Path(path).stem
        make_file(Path(path), fresh(name, added, codebook, passages))
        return cls(path)

    @classmethod
    def open(cls, path: str | Path) -> Study:
        """Open a study file. It is checked first, and brought up to date where an older release made it.

        Raises:
            LbcError: the file is missing, is no study, is damaged, or comes from a newer release.
        """
        return cls(path)

    @classmethod
    def from_contents(cls, path: str | Path, contents: Contents) -> Study:
        """Make a study file of ``contents``, which another study or a file of another program gave, and open it."""
        make_file(Path(path), contents)
        return cls(path)

    @classmethod
    def from_qdpx(cls, qdpx: str | Path, path: str | Path, *, positions: str = "") -> Study:
        """Make a study file of a REFI-QDA project (.qdpx or .qde); ``losses`` says what did not come along.

        Codings keep their coders, codes what can be read of their descriptions. ``positions`` says how positions are
        counted ("utf-16", "code-points", ...), where what the file shows does not decide it.

        Raises InputError for what cannot be read.
        """
        from lbc_themes.exchange.refi_qda.project import read_qdpx

        contents, losses = read_qdpx(qdpx, positions=positions)
        study = cls.from_contents(path, contents)
        study.losses = losses
        return study

    losses: tuple[Loss, ...] = ()

    def to_qdpx(self, path: str | Path) -> tuple[Loss, ...]:
        """Write the study as a REFI-QDA project, and return what another program will not see of it.

        People and the machine are users of their own. Every code that the machine suggested is a coding of the
        machine, its reason in the description of the selection. The file also holds the whole study for ``from_qdpx``,
        the log with what was taken back too: think of that before you pass it on.
        """
        from lbc_themes.exchange.refi_qda.project import write_qdpx

        return write_qdpx(self.contents(), path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def add(
        self, transcripts: Transcript | Iterable[Transcript], *, passages: Iterable[Passage] | None = None
    ) -> tuple[str, ...]:
        """Add transcripts and return the ids of those that are new. Those that are in the study already stay.

        Raises:
            InputError: a transcript of the study has the same id and another text.
        """
        given = (transcripts,) if isinstance(transcripts, Transcript) else tuple(transcripts)
        held = self._reader.transcripts()
        for transcript in given:
            if transcript.id in held and held[transcript.id].text != transcript.text:
                raise InputError(message("study.transcript_study_already_another", id=transcript.id))
        new = tuple(transcript for transcript in given if transcript.id not in held)
        wanted = None if passages is None else [p for p in passages if p.transcript_id not in held]
        contents = fresh("", new, self.codebook, wanted)
        with self._store.write() as db:
            add_transcripts(db, contents.transcripts, contents.passages, now())
        return tuple(transcript.id for transcript in new)

    @property
    def transcripts(self) -> tuple[Transcript, ...]:
        """The transcripts, in the order in which they were added."""
        return tuple(self._reader.transcripts().values())

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages, in the order of transcripts and speech."""
        return tuple(self._reader.passages().values())

    def transcript(self, transcript_id: str) -> Transcript:
        """Return one transcript.

        Raises InputError where the study has none of that id.
        """
        found = self._reader.transcripts().get(transcript_id)
        if found is None:
            raise InputError(
                message(
                    "study.no_transcript_study", transcript_id=transcript_id, transcripts=[*self._reader.transcripts()]
                )
            )
        return found

    def passage(self, passage_id: str) -> Passage:
        """Return one passage.

        Raises InputError where the study has none of that id.
        """
        check_suggestions((passage_id,), self._reader.passages())
        return self._reader.passages()[passage_id]

    @property
    def codebook(self) -> StudyCodebook:
        """The codebook in use. It can be edited: ``study.codebook.add("怕黑", by="李")``; see `StudyCodebook`."""
        current = self._reader.codebooks()[-1]
        if self._editable is None or self._editable[0] is not current:
            self._editable = (current, bound(current, self))
        return self._editable[1]

    def codebook_history(self) -> list[CodebookEdit]:
        """Return every change made by editing the codebook, oldest first: who made it, when and why."""
        return self._reader.codebook_edits()

    def codebook_at(self, time: str) -> Codebook:
        """Return the codebook as it was at a time in UTC, such as ``2026-03-01`` or ``2026-03-01T08:00:00Z``.

        Raises:
            InputError: there was no codebook yet.
        """
        rows = self._store.read("SELECT count(*) FROM codebook WHERE added <= ?", (time,))
        count = int(str(rows[0][0]))
        if not count:
            raise InputError(message("study.no_codebook_yet", time=time))
        return self.codebooks[count - 1]

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Store what several calls record in the block all at once when it ends, or nothing of it where it raises."""
        try:
            with self._store.write():
                yield
        except BaseException:
            self._reader = StudyReader(self._store)  # it may have read what was never stored
            raise

    @contextlib.contextmanager
    def editing(self) -> Iterator[tuple[sqlite3.Connection, Codebook, LogState]]:
        """Hold one transaction with the codebook and the log as they are in it, for `StudyCodebook`."""
        with self._store.write() as db:
            yield db, self._reader.codebooks()[-1], self._reader.standing()

    @property
    def codebooks(self) -> tuple[Codebook, ...]:
        """Every version of the codebook, the one in use last."""
        return tuple(self._reader.codebooks())

    def add_codebook(self, codebook: Codebook) -> None:
        """Put another version of the codebook in use; earlier versions stay. Nothing happens where it is the same.

        Raises:
            InputError: a code that a coding uses is missing from it.
        """
        used = {coding.code_id for coding in self.codings(machine_top=0)}
        missing = sorted(used - set(codebook.ids))
        if missing:
            raise InputError(
                message("study.codebook_codings_use_keep", id=codebook.id, version=codebook.version, missing=[*missing])
            )
        if codebook != self.codebook:
            with self._store.write() as db:
                add_codebook(db, codebook, now(), before=self._reader.codebooks()[-1])

    def add_code(self, name: str, *, coder: str, parent: str | None = None, reason: str = "") -> Code:
        """Add a code of that name to the codebook in use, below ``parent`` if one is given, and return it.

        This is ``study.codebook.add``. A name is enough; `edit_code` gives it a definition.

        Raises InputError if a code has the name already.
        """
        check_person(coder, "add_code")
        code_id = self.codebook.add(name, by=coder, why=reason, parent=parent)
        return self.codebook[code_id]

    def edit_code(self, code: Code, *, coder: str, reason: str = "") -> None:
        """Put ``code`` in place of the one with its id: renamed, defined, recoloured or moved. Its codings stay.

        This is ``study.codebook.edit`` with the parts that differ.

        Raises InputError if the codebook has no code of that id, or if it would stand below itself.
        """
        check_person(coder, "edit_code")
        parts = changed_parts(self.codebook[code.id], code)
        self.codebook.edit(code.id, by=coder, why=reason, **{part: getattr(code, part) for part in parts})

    @property
    def codebook_changes(self) -> tuple[CodebookEdit, ...]:
        """What people did to the codebook in this study, oldest first: ``codebook_history`` under its old name."""
        return tuple(self.codebook_history())

    @property
    def participants(self) -> tuple[Participant, ...]:
        """The participants in order of id, as the metadata of the transcripts name them."""
        return tuple(self._reader.participants())

    def set_participant(self, participant_id: str, attributes: Mapping[str, str]) -> None:
        """Set attributes (gender, age, ...) of a participant; others that they have stay.

        Raises InputError where the study has no such participant.
        """
        found = next((each for each in self.participants if each.id == participant_id), None)
        if found is None:
            raise InputError(
                message(
                    "study.no_participant",
                    participant_id=participant_id,
                    participants=[p.id for p in self.participants],
                )
            )
        with self._store.write() as db:
            values = to_json({**found.attributes, **attributes})
            db.execute("UPDATE participant SET attributes = ? WHERE id = ?", (values, participant_id))

    def record(self, decision: Decision, *, run: str = "") -> int:
        """Store a person's decision on a passage and return its number in the log. When this returns, it is on disk.

        ``run`` names the run whose suggestion the person saw, where they saw one. An empty time is filled in.

        Raises:
            InputError: an unknown passage, code or run, or a coder who is the machine or has no name.
        """
        return self.record_all([decision], run=run)[0]

    def record_all(self, decisions: Iterable[Decision], *, run: str = "") -> list[int]:
        """Store decisions, all or none, and return their numbers.

        Raises InputError if ``record`` would refuse one of them.
        """
        given = [replace(decision, time=decision.time or now()) for decision in decisions]
        if run:
            self._reader.run(run)
        for decision in given:
            check_decision(decision, self._reader.passages(), self.codebook)
        with self._store.write() as db:
            return [write_entry(db, each, coder=each.coder, time=each.time, run=run) for each in given]

    def record_coding(self, coding: Coding) -> int:
        """Store a code on any slice of a transcript and return its number in the log. An empty time is filled in.

        Where the coder has this code on this slice already, nothing is stored and its number returned.

        Raises InputError for an unknown transcript or code, a slice that is none, and a coder who is no person.
        """
        check_coding(coding, self._reader.transcripts(), self.codebook)
        same = self._reader.standing().standing_as(coding)
        return self.record_step([coding], coder=coding.coder)[0] if same is None else same

    def record_step(self, records: Sequence[Person | Retraction], *, coder: str, run: str = "") -> list[int]:
        """Store what a person did in one act and return the numbers in the log; ``undo`` takes all of it back at once.

        A `Retraction` takes back one of the coder's own entries. Empty times are filled in.

        Raises:
            InputError: one of the records is refused, as by `record`; then nothing is stored.
        """
        check_person(coder, "record_step")
        if run:
            self._reader.run(run)
        standing = self._reader.standing()
        for record in records:
            self._check(record, coder, standing)
        time = now()
        with self._store.write() as db:
            step = next_entry(db) if len(records) > 1 else 0
            return [
                write_entry(
                    db, each if isinstance(each, Retraction) else replace(each, time=each.time or time), coder=coder,
                    time=getattr(each, "time", "") or time, run=run if isinstance(each, Decision) else "", step=step,
                )
                for each in records
            ]  # fmt: skip

    def _check(
        self, record: Person | Retraction, coder: str, standing: LogState
    ) -> None:  # fmt: skip
        if isinstance(record, Retraction):
            entry = standing.entries_.get(record.entry_id)
            if entry is None:
                raise InputError(message("study.undo_no_entry_log", entry_id=record.entry_id))
            if entry.coder != coder or isinstance(entry.record, Retraction | Erased) or entry.id in standing.retracted_:
                raise InputError(message("study.undo_entry_decision_coding", id=entry.id, coder=coder))
            return
        if record.coder != coder:
            raise InputError(message("study.step_of_one_coder", coder=coder, other=record.coder))
        if isinstance(record, Decision):
            check_decision(record, self._reader.passages(), self.codebook)
        elif isinstance(record, Coding):
            check_coding(record, self._reader.transcripts(), self.codebook)
        elif isinstance(record, Memo):
            check_memo(record, self._memo_places(), self._reader.transcripts())
        else:
            _check_passage(record.passage_id, self._reader.passages())
            _check_codes((record.code_id,), self.codebook, message("study.decision_on", passage_id=record.passage_id))

    def _memo_places(self) -> dict[str, Iterable[str]]:
        return {
            "transcript": self._reader.transcripts(), "span": self._reader.transcripts(),
            "passage": self._reader.passages(), "code": self.codebook.ids,
            "participant": [each.id for each in self.participants],
        }  # fmt: skip

    def record_memo(self, memo: Memo) -> int:
        """Store a memo and return its number in the log. An empty time is filled in.

        Raises InputError if it is about something that the study lacks, is empty, or its coder is no person.
        """
        memo = replace(memo, time=memo.time or now())
        check_memo(memo, self._memo_places(), self._reader.transcripts())
        with self._store.write() as db:
            return write_entry(db, memo, coder=memo.coder, time=memo.time)

    def undo(self, coder: str, entry_id: int | None = None, *, adjudication: bool | None = None) -> Entry | None:
        """Take back the coder's last step, or the entry named, by new lines in the log.

        A step is one decision, coding or memo, or all that was changed in one act (``record_step``); `redo` does it
        again. Taking back a named entry is a step of its own. ``adjudication`` chooses the last step of adjudication
        (True) or another (False); by default either.

        Returns the first entry that was taken back or stands again, or None where there is nothing to take back.
        Nobody takes back the work of others.

        Raises InputError for a ``coder`` who is no person, and for an entry that is not in the log or not theirs.
        """
        check_person(coder, "undo")
        with self._store.write() as db:
            standing = self._reader.standing()
            if entry_id is None:
                return self._reversed(db, standing, standing.last_step(coder, adjudication=adjudication))
            if entry_id not in standing.entries_:
                raise InputError(message("study.undo_no_entry_log", entry_id=entry_id))
            named = standing.entries_[entry_id]
            if named.id in standing.retracted_:
                return None
            if named.coder != coder or isinstance(named.record, Retraction | Erased):
                raise InputError(message("study.undo_entry_decision_coding", id=named.id, coder=coder))
            self._write_reversal(db, standing, [named], coder, undoes=0)
        return named

    def redo(self, coder: str, *, adjudication: bool | None = None) -> Entry | None:
        """Do again what the coder's last ``undo`` took back; None where it took nothing back or they went on since.

        Raises InputError for a ``coder`` who is no person.
        """
        check_person(coder, "redo")
        with self._store.write() as db:
            standing = self._reader.standing()
            step = standing.last_step(coder, adjudication=adjudication, again=True)
            return self._reversed(db, standing, step)

    def _reversed(self, db: sqlite3.Connection, standing: LogState, step: int | None) -> Entry | None:
        if step is None:
            return None
        lines = standing.lines_of(step)
        self._write_reversal(db, standing, lines, lines[0].coder, undoes=step)
        record = lines[0].record
        return standing.entries_[record.entry_id] if isinstance(record, Retraction) else lines[0]

    def _write_reversal(
        self, db: sqlite3.Connection, standing: LogState, lines: Sequence[Entry], coder: str, *, undoes: int
    ) -> None:
        """Write the lines that take ``lines`` back: what they recorded goes, what they took back stands again."""
        time, step = now(), next_entry(db)
        gone: set[int] = set()
        for line in reversed(lines):
            if isinstance(line.record, Retraction):
                before = standing.entries_[line.record.entry_id]
                if isinstance(before.record, Erased | Retraction):
                    continue
                renewed = self._with_codes_of_today(replace(before.record, time=time))
                if not isinstance(renewed, Coding | Refusal) or standing.standing_as(renewed) is None:
                    write_entry(db, renewed, coder=coder, time=time, run=before.run, step=step, undoes=undoes)
                continue
            entry = standing.entries_[standing.alive(line.id)]
            if entry.id in standing.retracted_ or isinstance(entry.record, Erased):
                continue
            for each in (*standing.recoded_from(entry), entry):
                write_entry(db, Retraction(entry_id=each.id), coder=coder, time=time, step=step, undoes=undoes)
                gone.add(each.id)
        for below in standing.uncovered(gone):
            assert isinstance(below.record, Decision)
            renewed = self._with_codes_of_today(below.record)
            if renewed != below.record:
                write_entry(db, renewed, coder=coder, time=time, run=below.run, step=step, undoes=undoes)

    def _with_codes_of_today(self, record: Person) -> Person:
        """Return a record that stands again, with the codes into which its own were merged since.

        Raises InputError where a code is gone for good.
        """
        book = self.codebook
        used = record.code_ids if isinstance(record, Decision) else (getattr(record, "code_id", ""),)
        if all(not code_id or code_id in book for code_id in used):
            return record
        undone = {edit.undoes for edit in self.codebook_history()}
        merges = [e for e in self.codebook_history() if e.action == "merge" and e.version not in undone]
        now_ = {code_id: code_id for code_id in used}
        for merge in merges:
            now_ = {code: merge.into if held in merge.code_ids else held for code, held in now_.items()}
        missing = [code_id for code_id, held in now_.items() if held not in book]
        if missing:
            raise InputError(message("study.undo_code_gone", codes=missing))
        if isinstance(record, Decision):
            return replace(record, code_ids=tuple(dict.fromkeys(now_[code_id] for code_id in record.code_ids)))
        if isinstance(record, Coding | Refusal):
            return replace(record, code_id=now_[record.code_id])
        return record

    def decisions(
        self, *, coder: str | None = None, standing: bool = True, adjudication: bool | None = None
    ) -> list[Decision]:
        """Return decisions in the order of the log: those that stand, or with ``standing=False`` all ever recorded.

        ``adjudication`` chooses those made in adjudication (True) or the coders' own (False); by default both.
        """
        with self._reader.lock:
            log = self._reader.standing()
            every = [entry.record for entry in log.entries_.values() if isinstance(entry.record, Decision)]
            found = log.decisions() if standing else every
        return [d for d in found if coder in (None, d.coder) and adjudication in (None, d.adjudication)]

    def decision_on(self, passage_id: str, coder: str, *, adjudication: bool = False) -> Decision | None:
        """Return the decision of ``coder`` that stands for a passage: their own, or the one in adjudication."""
        with self._reader.lock:
            return self._reader.standing().decision_on(passage_id, coder, adjudication=adjudication)

    def codings(
        self,
        *,
        coder: str | None = None,
        transcript_id: str | None = None,
        machine_top: int | None = 1,
        adjudication: bool | None = None,
    ) -> list[Coding]:
        """Return the codings that stand, by transcript, place, code and coder.

        A decision gives one for each of its codes, over the passage's outer bounds. The machine is the coder "machine":
        the best ``machine_top`` codes of its newest suggestion for each passage (None: all, 0: none).
        ``adjudication`` chooses what was given in adjudication (True) or not (False); by default both.
        """
        reader = self._reader
        with reader.lock:
            order = list(reader.transcripts())
            found = all_codings(
                reader.standing(),
                reader.newest(),
                reader.passages(),
                order,
                machine_top,
                transcript_id,
                self.codebook,
            )
        return [c for c in found if coder in (None, c.coder) and adjudication in (None, c.adjudication)]

    def memos(self, about: str | None = None, about_id: str | None = None) -> list[Memo]:
        """Return the memos that stand, in the order of the log."""
        with self._reader.lock:
            every = self._reader.standing().memos()
        return [memo for memo in every if about in (None, memo.about) and about_id in (None, memo.about_id)]

    def refusals(self, *, coder: str | None = None) -> list[Refusal]:
        """Return the refusals of single codes that stand, in the order of the log."""
        with self._reader.lock:
            every = self._reader.standing().refusals()
        return [refusal for refusal in every if coder in (None, refusal.coder)]

    def standing(self) -> list[Entry]:
        """Return the lines of the log that stand: decisions, codings, memos and refusals, with their numbers."""
        with self._reader.lock:
            return self._reader.standing().standing_entries()

    def theme_steps(self) -> list[Entry]:
        """Return the steps on the board of themes that stand, in the order of the log; see `theme_board`."""
        with self._reader.lock:
            return self._reader.standing().theme_steps()

    def history(self) -> list[Entry]:
        """Return every line of the log, what was taken back and the takings back too."""
        with self._reader.lock:
            return list(self._reader.standing().entries_.values())

    def add_suggestions(
        self, suggestions: Sequence[Suggestion], *, run: str = "", options: Mapping[str, str] | None = None
    ) -> str:
        """Store what the machine suggests as a run, and return the run's name (by default its number and time).

        Raises InputError for a passage that the study lacks, one that comes twice, and a name that a run has already.
        """
        check_suggestions([each.passage_id for each in suggestions], self._reader.passages())
        time = now()
        with self._store.write() as db:
            count = db.execute("SELECT count(*) FROM run").fetchone()[0]
            name = run or f"run-{count + 1} {time}"
            if db.execute("SELECT 1 FROM run WHERE name = ?", (name,)).fetchone():
                raise InputError(message("study.run_already_give_another", name=name))
            rows = {each.passage_id: to_json(each) for each in suggestions}
            write_run(db, name, time, dict(options or {}), rows.items())
        return name

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs of the machine, oldest first."""
        return tuple(self._reader.runs())

    def suggestions(self, run: str | None = None) -> list[Suggestion]:
        """Return the suggestions of a run or, without a name, the newest for each passage, in the order of passages.

        Raises InputError if there is no run of that name.
        """
        if run is not None:
            return list(self._reader.run(run).suggestions)
        newest = self._reader.newest()
        return [newest[passage_id][1] for passage_id in self._reader.passages() if passage_id in newest]

    def suggestion_for(self, passage_id: str) -> Suggestion | None:
        """Return the newest suggestion for a passage."""
        found = self._reader.newest().get(passage_id)
        return found[1] if found else None

    def add_themes(self, found: StudyThemes) -> StudyThemes:
        """Keep candidate themes and return them with the time; ``found_themes.find_themes`` finds and keeps them."""
        kept = replace(found, time=found.time or now())
        inside = [i for theme in kept.themes for i in theme.passages]
        check_suggestions([*inside, *kept.set_aside], self._reader.passages())
        with self._store.write() as db:
            db.execute("INSERT INTO themes (time, record) VALUES (?, ?)", (kept.time, to_json(kept)))
        return kept

    def themes(self) -> StudyThemes | None:
        """Return the candidate themes found last, or None. They may be of fewer passages than there are now."""
        return self._reader.themes()

    def withdraw(self, participant_id: str, *, by: str, whole_interviews: bool = False) -> Withdrawal:
        """Take a participant who withdrew out of the file, for good, and return what was taken out, in numbers.

        Their interviews, passages, suggestions, decisions, codings and memos go; where eight or more characters of
        theirs in a row are quoted elsewhere (memos and remarks of others, reasons of suggestions, examples of codes),
        they are blanked. Found themes go too; find them anew. Lines of the log stay with number, coder and time, and
        say nothing else. Freed pages are overwritten, and the file is written anew without gaps where the disk has
        room for it. Names of people and places that others mention too are listed in what is returned, for a person to
        decide. Backups, exports, sheets, the interviews' own files and the vector cache are elsewhere: they are the
        task of the person who does this.

        Args:
            participant_id: The participant, as ``participants`` names them.
            by: The person who does this.
            whole_interviews: Whether interviews with several participants are taken out whole; else they are refused.

        Raises:
            InputError: an unknown participant, an interview shared with others, or another program is writing.
            LbcError: the disk is full, and nothing was taken out.
        """
        check_person(by, "withdraw")
        ids = chosen(self.participants, participant_id, whole_interviews=whole_interviews)
        texts = self._reader.transcripts()
        kept = [transcript for transcript in texts.values() if transcript.id not in ids]
        gone = [texts[i] for i in ids]
        words = names_in(gone, participant_id)
        with self._store.alone() as db:
            done = erase(db, participant_id, gone, kept, by, now())
        self._reader = StudyReader(self._store)
        return replace(done, compacted=self._store.compact(), remaining=tuple(mentions(words, self._texts_of_people())))

    def _texts_of_people(self) -> Iterator[tuple[str, str, str]]:
        """Yield all that people said or wrote, as kind, id or number, and text."""
        for transcript in self.transcripts:
            yield "transcript", transcript.id, "\n".join((transcript.text, *transcript.metadata.values()))
        for entry in self.history():
            if isinstance(entry.record, Memo):
                yield "memo", str(entry.id), entry.record.text
            elif isinstance(entry.record, Decision | Coding) and entry.record.memo:
                yield type(entry.record).__name__.lower(), str(entry.id), entry.record.memo
        for person in self.participants:
            yield "participant", person.id, "\n".join((person.id, *person.attributes.values()))
        for book in self.codebooks:
            yield "codebook", f"{book.id} {book.version}", to_json(book)
        for edit in self.codebook_history():
            yield "codebook", f"{self.codebook.id} {edit.version}", edit.why

    @property
    def withdrawals(self) -> tuple[Withdrawal, ...]:
        """What was taken out because participants withdrew, oldest first."""
        return tuple(self._reader.withdrawals())

    def contents(self) -> Contents:
        """Return everything in the study as plain records."""
        return Contents(
            name=self.path.stem, transcripts=self.transcripts, codebooks=self.codebooks, passages=self.passages,
            participants=self.participants, runs=self.runs, entries=tuple(self.history()),
            codebook_changes=tuple(to_json(edit) if edit else "" for edit in self._reader.edits_by_version()),
        )  # fmt: skip

    def backup(self, path: str | Path) -> Path:
        """Copy the study to a new file, as it is at this moment, while others may go on working.

        Raises LbcError if there is a file at ``path``, or it cannot be written.
        """
        self._store.backup(Path(path))
        return Path(path)

    def check_in_place(self) -> None:
        """Make sure that the file at the path is still this study.

        Raises:
            StudyReplacedError: it was moved or removed, or another one stands there: what is decided could not be kept.
        """
        self._store.check_in_place()

    def save_copy(self, path: str | Path) -> Path:
        """Write what this open study holds to a new file, also where its own file was moved, removed or replaced.

        Where the open file can still be read, all of it is copied; otherwise what was read of it so far is written.

        Raises:
            LbcError: there is a file at ``path``, or it cannot be written.
        """
        copy = Path(path)
        if self._store.intact():
            self._store.backup(copy)
        else:
            make_file(copy, self._reader.remembered(copy.stem))
        return copy

    @property
    def log_head(self) -> str:
        """Where the chain over all records ends now, such as ``812:1f3a…``.

        Note it where nobody can change it later (a protocol, a preregistration): ``check_study(path, since=...)`` then
        proves that everything stored until now is still there as it was.
        """
        return str(self._store.head)

    def status(self) -> Status:
        """Return how far the study has come."""
        return status_of(self)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a coding, with the participant, role, quote, code, coder, and whether adjudicated."""
        return frame_of(self)


# --- A study counted, and its codings as a data frame.

_COLUMNS = (
    "participant", "role", "transcript", "start", "end", "quote", "code", "code_zh", "code_en", "coder", "time", "memo",
    "adjudication",
)  # fmt: skip


def status_of(study: Study) -> Status:
    """Return a study in numbers."""
    decided = Counter(decision.coder for decision in study.decisions(adjudication=False))
    coded = Counter(coding.coder for coding in study.codings(machine_top=0, adjudication=False))
    noted = Counter(memo.coder for memo in study.memos())
    names = sorted({*decided, *coded, *noted} - {MACHINE})
    adjudicated = {decision.passage_id for decision in study.decisions(adjudication=True)}
    book = study.codebook
    return Status(
        path=study.path, transcripts=len(study.transcripts), participants=len(study.participants),
        passages=len(study.passages), codebook=book.id, codebook_version=book.version, codes=len(book),
        coders=tuple(CoderStatus(coder=n, passages=decided[n], codings=coded[n], memos=noted[n]) for n in names),
        decisions=len(study.decisions(standing=False)), memos=sum(noted.values()),
        retractions=sum(isinstance(entry.record, Retraction) for entry in study.history()),
        runs=tuple(run.name for run in study.runs), suggested=len(study.suggestions()),
        adjudicated=len(adjudicated), withdrawals=len(study.withdrawals),
    )  # fmt: skip


def frame_of(study: Study) -> pd.DataFrame:
    """Return one row a coding that stands."""
    transcripts = {transcript.id: transcript for transcript in study.transcripts}
    people = {t: person.id for person in study.participants for t in person.transcript_ids}
    names = {code.id: code.name for book in study.codebooks for code in book}
    rows = []
    for c in study.codings():
        text, turns = transcripts[c.transcript_id].text, transcripts[c.transcript_id].turns
        role = next((turn.role.value for turn in turns if turn.start <= c.start < turn.end), "")
        name = names[c.code_id]
        rows.append((
            people.get(c.transcript_id, ""), role, c.transcript_id, c.start, c.end, text[c.start : c.end], c.code_id,
            name.zh, name.en, c.coder, c.time, c.memo, c.adjudication,
        ))  # fmt: skip
    return data_frame(rows, columns=list(_COLUMNS), purpose="Study.to_frame()")
