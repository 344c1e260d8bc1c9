"""The log of a study: what people decided, coded and noted, line after line."""

import json
import sqlite3
from collections.abc import Iterable

from lbc_themes.core.records import Coding, Decision, Verdict
from lbc_themes.core.serialisation import to_json
from lbc_themes.core.study_log import Entry, Erased, Memo, Recorded, Retraction

_KINDS: dict[type, str] = {Decision: "decision", Coding: "coding", Memo: "memo", Retraction: "retraction"}
ENTRIES = (
    "SELECT e.id, e.kind, e.coder, e.time, d.passage_id, d.verdict, d.codes, d.memo, d.run,"
    ' c.transcript_id, c.start, c."end", c.code_id, c.memo, m.about, m.about_id, m.text, r.target FROM entry e'
    " LEFT JOIN decision d ON d.entry_id = e.id LEFT JOIN coding c ON c.entry_id = e.id"
    " LEFT JOIN memo m ON m.entry_id = e.id LEFT JOIN retraction r ON r.entry_id = e.id WHERE e.id > ? ORDER BY e.id"
)


def write_entry(db: sqlite3.Connection, record: Recorded, *, coder: str, time: str, run: str = "") -> int:
    """Add one line and return its number."""
    kind = record.kind if isinstance(record, Erased) else _KINDS[type(record)]
    row = db.execute("INSERT INTO entry (kind, coder, time) VALUES (?, ?, ?)", (kind, coder, time))
    number = row.lastrowid
    assert number is not None
    if isinstance(record, Decision):
        codes = json.dumps(record.code_ids, ensure_ascii=False)
        held = (number, record.passage_id, record.verdict.value, codes, record.memo, run or None)
        db.execute("INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?)", held)
    elif isinstance(record, Coding):
        held = (number, record.transcript_id, record.start, record.end, record.code_id, record.memo)  # type: ignore[assignment]
        db.execute("INSERT INTO coding VALUES (?, ?, ?, ?, ?, ?)", held)
    elif isinstance(record, Memo):
        db.execute("INSERT INTO memo VALUES (?, ?, ?, ?)", (number, record.about, record.about_id, record.text))
    elif isinstance(record, Retraction):
        db.execute("INSERT INTO retraction VALUES (?, ?)", (number, record.entry_id))
    return number


def write_log(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Write a whole log into an empty one; numbers are given anew, and what was taken back is taken back again."""
    numbers: dict[int, int] = {}
    for entry in entries:
        record = entry.record
        if isinstance(record, Retraction):
            record = Retraction(entry_id=numbers[record.entry_id])
        numbers[entry.id] = write_entry(db, record, coder=entry.coder, time=entry.time, run=entry.run)


def entry_of(row: tuple[object, ...]) -> Entry:
    """Return the entry of a row of ``ENTRIES``."""
    number, kind, coder, time, *rest = row
    said = [str(part or "") for part in (coder, time)]
    return Entry(
        id=int(str(number)), coder=said[0], time=said[1], record=_record(str(kind), said[0], said[1], rest),
        run=str(rest[4] or ""),
    )  # fmt: skip


def _record(kind: str, coder: str, time: str, rest: list[object]) -> Recorded:
    if all(part is None for part in rest):
        return Erased(kind=kind)
    if kind == "decision":
        passage_id, verdict, codes, remark = rest[:4]
        return Decision(
            passage_id=str(passage_id), verdict=Verdict(str(verdict)), code_ids=tuple(json.loads(str(codes))),
            coder=coder, time=time, memo=str(remark),
        )  # fmt: skip
    if kind == "coding":
        transcript_id, start, end, code_id, note = rest[5:10]
        return Coding(
            transcript_id=str(transcript_id), start=int(str(start)), end=int(str(end)), code_id=str(code_id),
            coder=coder, time=time, memo=str(note),
        )  # fmt: skip
    if kind == "memo":
        about, about_id, text = rest[10:13]
        return Memo(text=str(text), coder=coder, about=str(about), about_id=str(about_id), time=time)  # type: ignore[arg-type]
    return Retraction(entry_id=int(str(rest[13])))


def write_run(
    db: sqlite3.Connection, name: str, time: str, options: dict[str, str], rows: Iterable[tuple[str, str]]
) -> None:
    """Store what the machine suggested at one time; ``rows`` are passage ids with suggestions as JSON."""
    done = db.execute("INSERT INTO run (name, time, options) VALUES (?, ?, ?)", (name, time, to_json(options)))
    held = [(done.lastrowid, passage_id, record) for passage_id, record in rows]
    db.executemany("INSERT INTO suggestion VALUES (?, ?, ?)", held)
