"""What a study's file holds, read once and then kept up with: rows are only ever added, so only new ones are read."""

from dataclasses import replace

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Codebook, Passage, Suggestion, Transcript
from lbc_themes.core.serialisation import from_json, to_json
from lbc_themes.core.study_log import Contents, LogState, Participant, Run, latest
from lbc_themes.study.codebook_versions import CodebookEdit, version_of_row
from lbc_themes.study.records import StudyThemes
from lbc_themes.study.store import (
    ENTRIES,
    Store,
    entry_of,
    first_suggestions,
    participants_of,
    passage_of,
    transcript_of,
    unpacked,
)
from lbc_themes.study.withdrawal import Withdrawal

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
        rows = self._store.read("SELECT record FROM themes ORDER BY number DESC LIMIT 1")
        return from_json(StudyThemes, str(rows[0][0])) if rows else None

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
        self._participants = participants_of(people, spoke)
        return list(self._participants)
