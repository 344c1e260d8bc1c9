"""The file under a study: opened with care, sealed, written in short transactions, its refusals put into words.

Each row of each table has a seal: the SHA-256 of its content with a random salt. Each seal has a link: the SHA-256 of
the link before it and of the seal itself. One flipped bit changes a digest, so that the record is known by name; a
record that was removed, added or changed by another program breaks the chain, so that the audit trail is tamper-evident
as well. Who can write the file can also seal it anew from the start: only against a head of the chain that was noted
elsewhere (``Study.log_head``, printed by ``lbc-themes study check``) can such a thing be proved. A checksum of each
record alone would notice damage too, but neither the removal of a record nor that.

The salt is there for withdrawal: without it, the digest of an erased decision could be matched by trying all codes.
When a record is erased its salt goes too, and what is left of it in the chain says nothing.
"""

import contextlib
import functools
import hashlib
import json
import os
import sqlite3
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from lbc_themes.core.errors import InputError, LbcError
from lbc_themes.core.files import private_replace
from lbc_themes.core.messages import Bilingual, message
from lbc_themes.core.records import Codebook, Coding, Decision, Passage, Role, Transcript, Verdict
from lbc_themes.core.serialisation import from_json, to_json
from lbc_themes.core.study_log import Contents, Entry, Erased, Memo, Participant, Recorded, Refusal, Retraction
from lbc_themes.study import side_files
from lbc_themes.study.codebook_versions import row_of

# --- Integrity: a seal for every record, and a chain over all seals.

KEYS: Mapping[str, tuple[str, ...]] = {
    "about": ("key",), "transcript": ("number",), "passage": ("number",), "participant": ("id",),
    "spoke": ("participant_id", "transcript_id"), "codebook": ("number",), "run": ("number",),
    "suggestion": ("run_number", "passage_id"), "entry": ("id",), "decision": ("entry_id",), "coding": ("entry_id",),
    "memo": ("entry_id",), "refusal": ("entry_id",), "retraction": ("entry_id",), "themes": ("number",),
    "withdrawal": ("number",),
}  # fmt: skip
"""The columns by which a row of each table is known, in an order in which rows can be put in again."""

SEAL_TABLE = (
    "CREATE TABLE seal (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT, salt BLOB, digest BLOB NOT NULL,"
    " link BLOB NOT NULL)",
    "CREATE INDEX seal_of ON seal (kind, key)",
    "CREATE TRIGGER seal_not_updated BEFORE UPDATE ON seal WHEN NEW.number <> OLD.number OR NEW.kind <> OLD.kind"
    " OR NEW.digest <> OLD.digest OR NEW.link <> OLD.link OR NEW.key IS NOT NULL OR NEW.salt IS NOT NULL"
    " BEGIN SELECT RAISE(ABORT, 'append-only: seals are never changed or removed'); END",
    "CREATE TRIGGER seal_not_deleted BEFORE DELETE ON seal"
    " BEGIN SELECT RAISE(ABORT, 'append-only: seals are never changed or removed'); END",
    "CREATE TRIGGER seal_not_replaced BEFORE INSERT ON seal WHEN EXISTS (SELECT 1 FROM seal WHERE number = NEW.number)"
    " BEGIN SELECT RAISE(ABORT, 'append-only: seals are never changed or removed'); END",
)
_APART = "\x1f"
_SALT = 16
_LONGEST_MENDED = 100_000
Cells = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """Where the chain ends: how many seals, and the last link. Written as ``812:1f3a…``, in hexadecimal."""

    number: int
    link: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.link.hex()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Damage:
    """A record that is not what was stored. ``key`` is the number or id by which its table ``kind`` knows it.

    ``fault`` is "changed" (its content does not fit its seal), "missing" (there is a seal and no record), "unsealed"
    (there is a record and no seal), "seal" (the seal is damaged and the record is whole) or "chain" (the seal does not
    follow the one before it: one was changed, or seals were taken out).
    """

    kind: str
    key: str
    fault: str


def watch_changes(db: sqlite3.Connection) -> None:
    """Let a connection keep a list of the rows it changes, for ``seal_changes``; again once there are more tables."""
    db.execute(
        "CREATE TEMP TABLE IF NOT EXISTS changed (kind TEXT, first TEXT, second TEXT, UNIQUE (kind, first, second))"
    )
    for kind, columns in _noted_changes(db):
        for change, side in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            first, second = (*(f'{side}."{column}"' for column in columns), "''")[:2]
            db.execute(
                f"CREATE TEMP TRIGGER IF NOT EXISTS watch_{kind}_{change} AFTER {change} ON main.{kind}"  # noqa: S608 (own names)
                f" BEGIN INSERT OR IGNORE INTO changed VALUES ('{kind}', {first}, {second}); END"
            )


def _noted_changes(db: sqlite3.Connection) -> list[tuple[str, tuple[str, ...]]]:
    """Return the tables that a file has by now, with their keys: one of an older version is brought up step by step."""
    there = {str(name) for (name,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
    return [(kind, columns) for kind, columns in KEYS.items() if kind in there]


def seal_changes(db: sqlite3.Connection) -> None:
    """Seal what the transaction changed, as its last step. What was deleted leaves an empty link in the chain."""
    changed = db.execute("SELECT kind, first, second FROM changed ORDER BY rowid").fetchall()
    if not changed:
        return
    number, link = _chain_end(db)
    for kind, *parts in changed:
        columns = KEYS[kind]
        key = _APART.join(str(part) for part in parts[: len(columns)])
        where = " AND ".join(f'"{column}" = ?' for column in columns)
        cursor = db.execute(f"SELECT * FROM {kind} WHERE {where}", parts[: len(columns)])  # noqa: S608 (own names)
        values = cursor.fetchone()
        db.execute("UPDATE seal SET key = NULL, salt = NULL WHERE kind = ? AND key = ?", (kind, key))
        if values is None:
            continue
        salt, number = os.urandom(_SALT), number + 1
        digest = digest_of(kind, key, dict(zip(_column_names(cursor), values, strict=True)), salt)
        link = _link(link, number, kind, digest)
        db.execute("INSERT INTO seal VALUES (?, ?, ?, ?, ?, ?)", (number, kind, key, salt, digest, link))
    db.execute("DELETE FROM changed")


def seal_everything(db: sqlite3.Connection) -> None:
    """Seal a file of an older version, which has no seals yet."""
    for kind, columns in _noted_changes(db):
        first, second = (*(f'"{column}"' for column in columns), "''")[:2]
        db.execute(f"INSERT OR IGNORE INTO changed SELECT '{kind}', {first}, {second} FROM {kind}")  # noqa: S608
    seal_changes(db)


def digest_of(kind: str, key: str, row: Cells, salt: bytes) -> bytes:
    """Return the seal of a row; columns without a value are left out, so that a later version may add some."""
    return hashlib.sha256(salt + content_of(kind, key, row)).digest()


def content_of(kind: str, key: str, row: Cells) -> bytes:
    """Return the bytes of a row over which its seal is made."""
    held = {
        name: value.hex() if isinstance(value, bytes) else value for name, value in row.items() if value is not None
    }
    content = json.dumps([kind, key, held], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return content.encode("utf-8", "surrogateescape")


def head_of(db: sqlite3.Connection) -> Head:
    """Return where the chain ends."""
    number, link = _chain_end(db)
    return Head(number=number, link=link)


def chain_holds(db: sqlite3.Connection, head: Head) -> bool:
    """Say whether the chain runs through ``head``: whether the file holds all that it held when it ended there."""
    if not head.number:
        return True
    found = db.execute("SELECT link FROM seal WHERE number = ?", (head.number,)).fetchone()
    return found is not None and bytes(found[0]) == head.link


def key_of(kind: str, row: Cells) -> str:
    """Return the key of a row, as seals name it."""
    return _APART.join(str(row[column]) for column in KEYS[kind])


def rows_of(db: sqlite3.Connection, kind: str, order: str = "") -> Iterator[dict[str, object]]:
    """Yield the rows of a table as mappings; bytes that are no UTF-8 are kept as Python's surrogates."""
    before, db.text_factory = db.text_factory, _lenient
    try:
        cursor = db.execute(f"SELECT * FROM {kind}{order}")  # noqa: S608 (own names)
        names = _column_names(cursor)
        for values in cursor:
            yield dict(zip(names, values, strict=True))
    finally:
        db.text_factory = before


@dataclass(frozen=True, kw_only=True, slots=True)
class Seal:
    """One seal; ``key`` and ``salt`` are None where its record was erased or sealed anew.

    ``before`` is the link of the seal before it, and ``follows`` says whether it fits that one.
    """

    number: int
    kind: str
    key: str | None
    salt: bytes | None
    digest: bytes
    link: bytes
    before: bytes
    follows: bool


def seals_of(rows: Iterable[Sequence[object]]) -> Iterator[Seal]:
    """Yield the seals of rows of the table ``seal`` in order; ``follows`` says whether each fits the one before."""
    before, expected = b"", 1
    for number, kind, key, salt, digest, link in rows:
        held = Seal(
            number=int(str(number)), kind=str(kind), key=None if key is None else str(key), salt=_bytes(salt),
            digest=_bytes(digest) or b"", link=_bytes(link) or b"", before=before, follows=True,
        )  # fmt: skip
        follows = held.number == expected and _link(before, held.number, held.kind, held.digest) == held.link
        before, expected = held.link, held.number + 1
        yield held if follows else replace(held, follows=False)


def damages(db: sqlite3.Connection) -> list[Damage]:
    """Return what is not as it was stored; nothing where the file is whole.

    Raises sqlite3.DatabaseError where the file is too damaged to be read through.
    """
    found: list[Damage] = []
    live: dict[tuple[str, str], Seal] = {}
    broken: dict[int, Seal] = {}
    for seal in seals_of(_seal_rows(db)):
        if not seal.follows:
            broken[seal.number] = seal
        if seal.key is not None:
            live[seal.kind, seal.key] = seal
    if not live:
        return [Damage(kind="seal", key="", fault="missing")]
    for kind in KEYS:
        for row in rows_of(db, kind):
            key = key_of(kind, row)
            if (kind, key) not in live:
                found.append(Damage(kind=kind, key=key, fault="unsealed"))
                continue
            held = live.pop((kind, key))
            if not fits_seal(held, kind, key, row):
                found.append(Damage(kind=kind, key=key, fault="seal" if held.number in broken else "changed"))
                broken.pop(held.number, None)
    found += [Damage(kind=kind, key=key, fault="missing") for kind, key in live]
    found += [Damage(kind=seal.kind, key=seal.key or f"#{seal.number}", fault="chain") for seal in broken.values()]
    return found


def fits_seal(seal: Seal, kind: str, key: str, row: Cells) -> bool:
    """Say whether a row is what was sealed."""
    return seal.salt is not None and digest_of(kind, key, row, seal.salt) == seal.digest


def mended_cells(seal: Seal, kind: str, key: str, row: Cells) -> Cells | None:
    """Return the row in which one flipped bit is put right, known by its seal; None where that is not what happened.

    Every bit of its content is tried, which for a transcript of 20,000 characters takes some ten seconds.
    """
    if seal.salt is None:
        return None
    for name, value in row.items():
        if not isinstance(value, int):
            continue
        for bit in range(63):
            tried = {**row, name: value ^ 1 << bit}
            if fits_seal(seal, kind, key, tried):
                return tried
    content = memoryview(content_of(kind, key, row))
    if len(content) > _LONGEST_MENDED:
        return None
    before = hashlib.sha256(seal.salt)
    for at, byte in enumerate(content):
        for bit in range(8):
            tried_digest = before.copy()
            tried_digest.update(bytes((byte ^ 1 << bit,)))
            tried_digest.update(content[at + 1 :])
            if tried_digest.digest() == seal.digest:
                right = bytes(content[:at]) + bytes((byte ^ 1 << bit,)) + bytes(content[at + 1 :])
                return _cells_of(right, row)
        before.update(content[at : at + 1])
    return _mended_mark(seal, kind, key, row)


_MARKS = frozenset(b'"\\\n\r\t')
_PRINTABLE = 0x20


def _mended_mark(seal: Seal, kind: str, key: str, row: Cells) -> Cells | None:
    """Try bits that make or unmake a character which JSON writes as two, so that the sealed content moves."""
    for name, value in row.items():
        raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else b""
        for at, byte in enumerate(raw):
            for bit in range(8):
                other = byte ^ 1 << bit
                if byte < _PRINTABLE or byte in _MARKS or other in _MARKS:
                    right = raw[:at] + bytes((other,)) + raw[at + 1 :]
                    tried = {**row, name: right.decode("utf-8", "surrogateescape")}
                    if fits_seal(seal, kind, key, tried):
                        return tried
    return None


def _cells_of(content: bytes, like: Cells) -> Cells | None:
    try:
        held: Cells = json.loads(content)[2]
    except ValueError:
        return None
    return {name: bytes.fromhex(str(held[name])) if isinstance(like.get(name), bytes) else held[name] for name in held}


def vouched_for(seal: Seal, kind: str, key: str, row: Cells) -> bool:
    """Say whether a row is what was sealed although its seal itself has one flipped bit, in the digest or the salt."""
    if seal.salt is None:
        return False
    digest = digest_of(kind, key, row, seal.salt)
    if digest == seal.digest or _link(seal.before, seal.number, kind, digest) == seal.link:
        return True
    salts = (
        bytes((*seal.salt[:at], seal.salt[at] ^ 1 << bit, *seal.salt[at + 1 :]))
        for at in range(len(seal.salt)) for bit in range(8)
    )  # fmt: skip
    return any(digest_of(kind, key, row, salt) == seal.digest for salt in salts)


def _seal_rows(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    before, db.text_factory = db.text_factory, _lenient
    try:
        return db.execute("SELECT number, kind, key, salt, digest, link FROM seal ORDER BY number").fetchall()
    finally:
        db.text_factory = before


def _chain_end(db: sqlite3.Connection) -> tuple[int, bytes]:
    found = db.execute("SELECT number, link FROM seal ORDER BY number DESC LIMIT 1").fetchone()
    return (int(found[0]), bytes(found[1])) if found else (0, b"")


def _link(before: bytes, number: int, kind: str, digest: bytes) -> bytes:
    place = number.to_bytes(8, "big", signed=True) + kind.encode("utf-8", "surrogateescape")
    return hashlib.sha256(before + place + digest).digest()


def _column_names(cursor: sqlite3.Cursor) -> list[str]:
    return [str(column[0]) for column in cursor.description]


def _bytes(value: object) -> bytes | None:
    if value is None:
        return None
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


def _lenient(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


# --- The tables of a study file, by version.

APPLICATION_ID = 0x4C424354
VERSION = 6
_FIRST_SEALED = 4

_TABLES = (
    "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE transcript (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL,"
    " added TEXT NOT NULL)",
    "CREATE TABLE passage (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    " transcript_id TEXT NOT NULL REFERENCES transcript (id), spans TEXT NOT NULL, speaker TEXT NOT NULL,"
    " role TEXT NOT NULL, question TEXT NOT NULL)",
    "CREATE INDEX passage_of ON passage (transcript_id)",
    "CREATE TABLE participant (id TEXT PRIMARY KEY, attributes TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE spoke (participant_id TEXT NOT NULL REFERENCES participant (id),"
    " transcript_id TEXT NOT NULL REFERENCES transcript (id), PRIMARY KEY (participant_id, transcript_id))"
    " WITHOUT ROWID",
    "CREATE TABLE codebook (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, version TEXT NOT NULL,"
    " record TEXT NOT NULL, added TEXT NOT NULL)",
    "CREATE TABLE run (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, time TEXT NOT NULL,"
    " options TEXT NOT NULL)",
    "CREATE TABLE suggestion (run_number INTEGER NOT NULL REFERENCES run (number),"
    " passage_id TEXT NOT NULL REFERENCES passage (id), record TEXT NOT NULL, PRIMARY KEY (run_number, passage_id))"
    " WITHOUT ROWID",
    "CREATE TABLE entry (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " kind TEXT NOT NULL CHECK (kind IN ('decision', 'coding', 'memo', 'retraction')), coder TEXT NOT NULL,"
    " time TEXT NOT NULL)",
    "CREATE TABLE decision (entry_id INTEGER PRIMARY KEY REFERENCES entry (id),"
    " passage_id TEXT NOT NULL REFERENCES passage (id),"
    " verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'changed', 'rejected')), codes TEXT NOT NULL,"
    " memo TEXT NOT NULL, run TEXT REFERENCES run (name))",
    "CREATE TABLE coding (entry_id INTEGER PRIMARY KEY REFERENCES entry (id),"
    ' transcript_id TEXT NOT NULL REFERENCES transcript (id), start INTEGER NOT NULL, "end" INTEGER NOT NULL,'
    ' code_id TEXT NOT NULL, memo TEXT NOT NULL, CHECK (0 <= start AND start < "end"))',
    "CREATE TABLE memo (entry_id INTEGER PRIMARY KEY REFERENCES entry (id), about TEXT NOT NULL,"
    " about_id TEXT NOT NULL, text TEXT NOT NULL)",
    "CREATE TABLE retraction (entry_id INTEGER PRIMARY KEY REFERENCES entry (id),"
    " target INTEGER NOT NULL UNIQUE REFERENCES entry (id))",
)
_SECOND = (
    "CREATE TABLE themes (number INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, record TEXT NOT NULL)",
    "CREATE TABLE withdrawal (number INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, coder TEXT NOT NULL,"
    " record TEXT NOT NULL)",
)
_APPEND_ONLY = {
    "transcript": ("id",), "passage": ("id",), "codebook": ("number",), "run": ("name",),
    "suggestion": ("run_number", "passage_id"), "entry": ("id",), "decision": ("entry_id",), "coding": ("entry_id",),
    "memo": ("entry_id",), "retraction": ("entry_id", "target"), "themes": ("number",), "withdrawal": ("number",),
    "refusal": ("entry_id",),
}  # fmt: skip


def _guards(*tables: str) -> tuple[str, ...]:
    """Return triggers that refuse every UPDATE, DELETE and INSERT OR REPLACE of what may only be added to."""
    found = []
    for table in tables:
        key = _APPEND_ONLY[table]
        refuse = f"BEGIN SELECT RAISE(ABORT, 'append-only: rows of {table} are never changed or removed'); END"
        joined = " OR " if table == "retraction" else " AND "
        same = joined.join(f"{column} = NEW.{column}" for column in key)
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 (names from this file)
        found += [
            f"CREATE TRIGGER {table}_not_updated BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table} WHEN {taken} {refuse}",
        ]
    return tuple(found)


def _unguard(*tables: str) -> tuple[str, ...]:
    changes = ("updated", "deleted", "replaced")
    return tuple(f"DROP TRIGGER {table}_not_{change}" for table in tables for change in changes)


GUARDS = _guards(*_APPEND_ONLY)
UNGUARD = _unguard(*_APPEND_ONLY)
"""What takes the guards away, for the withdrawal of a participant alone; ``GUARDS`` puts them back."""

_BEFORE_SIXTH = tuple(table for table in _APPEND_ONLY if table != "refusal")
_THIRD = (
    "ALTER TABLE entry ADD COLUMN adjudication INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE decision ADD COLUMN no_code INTEGER NOT NULL DEFAULT 0",
    *_unguard(*_BEFORE_SIXTH),
    # Version 2 kept "no code applies" as the text of a memo, and adjudication as "settled:" before a coder's name.
    "UPDATE decision SET no_code = 1 WHERE codes = '[]' AND (verdict <> 'rejected'"
    " OR memo = '没有合适的编码 No code applies'"
    " OR entry_id IN (SELECT id FROM entry WHERE substr(coder, 1, 8) = 'settled:'))",
    "UPDATE decision SET memo = '' WHERE no_code = 1 AND memo = '没有合适的编码 No code applies'",
    "UPDATE entry SET adjudication = 1, coder = substr(coder, 9)"
    " WHERE substr(coder, 1, 8) = 'settled:' AND length(coder) > 8",
    *_guards(*_BEFORE_SIXTH),
)
_SIXTH = (
    "ALTER TABLE entry ADD COLUMN step INTEGER", "ALTER TABLE entry ADD COLUMN undoes INTEGER",
    "ALTER TABLE memo ADD COLUMN start INTEGER", 'ALTER TABLE memo ADD COLUMN "end" INTEGER',
    "CREATE TABLE refusal (entry_id INTEGER PRIMARY KEY REFERENCES entry (id),"
    " passage_id TEXT NOT NULL REFERENCES passage (id), code_id TEXT NOT NULL)",
    *_guards("refusal"),
)  # fmt: skip

# From each older version, the statements that lead to the next one. A new file is made by the same steps.
MIGRATIONS: dict[int, tuple[str, ...]] = {
    1: (*_SECOND, *_guards("themes", "withdrawal")), 2: _THIRD, 3: SEAL_TABLE,
    4: ("ALTER TABLE codebook ADD COLUMN change TEXT", 'ALTER TABLE entry ADD COLUMN "by" TEXT'), 5: _SIXTH,
}  # fmt: skip
CREATE = (*_TABLES, *_guards(*(table for table in _BEFORE_SIXTH if table not in {"themes", "withdrawal"})))
"""The tables of version 1; ``MIGRATIONS`` make of them those of today."""


_WAIT_SECONDS = 30.0
_MISSING_SECONDS = 2.0
"""So long a sync client may take to put the file back under its name."""
_SAID = {
    sqlite3.SQLITE_FULL: message("study.disk_full"),
    sqlite3.SQLITE_IOERR: message("study.disk_fault"),
    sqlite3.SQLITE_BUSY: message("study.busy_long"),
    sqlite3.SQLITE_READONLY: message("study.read_only"),
    sqlite3.SQLITE_CANTOPEN: message("study.cannot_open"),
    sqlite3.SQLITE_NOTADB: message("study.not_a_study"),
}


class DamagedStudyError(LbcError):
    """The file is damaged, or parts of two files are mixed in it. ``check_study`` and ``rescue_study`` help."""


class StudyReplacedError(LbcError):
    """The file at the path is not the one that was opened: it was moved, removed or replaced.

    ``Study.save_copy`` writes what the open study holds to another file.
    """


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what SQLite says into one clear line."""
    try:
        yield
    except sqlite3.Error as fault:
        code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_CORRUPT:
            raise DamagedStudyError(message("study.damaged", path=path, what=str(fault))) from fault
        raise LbcError(
            message("study.refused", path=path, get=_SAID.get(code, message("study.sqlite_refused", fault=fault)))
        ) from fault
    except UnicodeDecodeError as fault:  # what SQLite says of a damaged schema need not be text
        raise DamagedStudyError(message("study.damaged", path=path, what="schema")) from fault


class Store:
    """One connection to a study file. Threads take turns on it; other processes may hold their own.

    The file is kept in SQLite's rollback mode: what is committed is in the one file at once, so that a plain copy of it
    loses nothing, and at rest no other file lies beside it that a copy, a restore or a sync client could mix up with
    another. Each write first makes sure that the file at the path is still this study, and afterwards that the step is
    in it.
    """

    def __init__(self, path: Path) -> None:
        """Open the file and check it."""
        self.path = path
        self.lock = threading.RLock()
        if not path.is_file():
            raise InputError(message("study.no_such_study_make", path=path))
        side_files.refuse_foreign(path)
        with told(path):
            self._db = _connected(path)
            try:
                _checked(self._db, path)
                self._head = head_of(self._db)
                self._withdrawals = _withdrawals(self._db)
            except BaseException:
                self._db.close()
                raise
        self._signature = self._look()

    def read(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """Return the rows of one query. What other processes stored is seen; a replaced file is refused."""
        with self.lock, told(self.path):
            self._follow(missing_is_fine=True)
            return self._db.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Hold one transaction: all of it is stored when the block ends, or nothing where it raises.

        Within another one of the same thread it is a part of that one.

        Raises:
            StudyReplacedError: the file at the path is another one, or none; nothing was stored there.
        """
        with self.lock, told(self.path):
            if self._db.in_transaction:
                yield self._db
                return
            self._follow()
            with transaction(self._db):
                if not chain_holds(self._db, self._head):
                    raise StudyReplacedError(message("study.replaced", path=self.path))
                yield self._db
                seal_changes(self._db)
                head = head_of(self._db)
            self._confirm(head)

    @contextlib.contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """Hold the file for oneself for one transaction whose old content is not to be found in the file afterwards.

        Freed pages are overwritten. Other connections are told to open the study anew.
        """
        with self.lock, told(self.path):
            self._follow()
            self._db.execute("PRAGMA busy_timeout = 0")
            try:
                self._db.execute("PRAGMA secure_delete = ON")
                with transaction(self._db, "EXCLUSIVE"):
                    yield self._db
                    seal_changes(self._db)
                    head = head_of(self._db)
                self._withdrawals = _withdrawals(self._db)
                self._confirm(head)
            except sqlite3.OperationalError as fault:
                code = fault.sqlite_errorcode & 0xFF
                if code == sqlite3.SQLITE_BUSY:
                    raise InputError(message("study.busy", path=self.path)) from fault
                if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
                    raise LbcError(message("study.nothing_erased", path=self.path)) from fault
                raise
            finally:
                self._db.execute(f"PRAGMA busy_timeout = {int(1000 * _WAIT_SECONDS)}")

    def compact(self) -> bool:
        """Write the file anew without gaps; say whether there was room for it."""
        with self.lock:
            try:
                self._db.execute("VACUUM")
            except sqlite3.OperationalError:
                return False
            self._signature = self._look()
            return True

    @property
    def head(self) -> Head:
        """Where the chain of seals ended when this store last wrote or read."""
        with self.lock, told(self.path):
            self._follow(missing_is_fine=True)
            return head_of(self._db)

    def _look(self) -> tuple[int, ...] | None:
        """Return what tells the file at the path from another, and from itself after a change; None where none is."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

    def _follow(self, *, missing_is_fine: bool = False) -> None:
        """Make sure that the file at the path is still this study; where it was changed, read it by a new connection.

        A new connection, because the old one may hold pages of a file that somebody copied another one over.
        """
        if self._db.in_transaction:
            return
        seen = self._look()
        if seen is None and missing_is_fine:
            return
        end = time.monotonic() + _MISSING_SECONDS
        while seen is None and time.monotonic() < end:
            time.sleep(0.05)
            seen = self._look()
        if seen is None:
            raise StudyReplacedError(message("study.gone", path=self.path))
        if seen == self._signature:
            return
        fresh = _connected(self.path)
        try:
            refusal = self._refusal_of(fresh)
            head = head_of(fresh) if refusal is None else self._head
        except sqlite3.OperationalError:
            fresh.close()
            raise
        except sqlite3.DatabaseError:
            refusal, head = message("study.replaced", path=self.path), self._head
        if refusal is not None:
            fresh.close()
            raise StudyReplacedError(refusal)
        self._db.close()
        self._db, self._signature, self._head = fresh, seen, head

    def _refusal_of(self, fresh: sqlite3.Connection) -> Bilingual | None:
        """Return why what now stands at the path is not this study, or None where it is."""
        same = _pragma(fresh, "application_id") == APPLICATION_ID and _pragma(fresh, "user_version") == VERSION
        if not same or not chain_holds(fresh, self._head):
            return message("study.replaced", path=self.path)
        if _withdrawals(fresh) != self._withdrawals:
            return message("study.withdrawn_meanwhile", path=self.path)
        return None

    def _confirm(self, head: Head) -> None:
        """Make sure that what was just committed is in the file at the path, as whoever opens it will find it."""
        seen = self._look()
        try:
            db = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=rw", uri=True, timeout=_WAIT_SECONDS)
            try:
                there = chain_holds(db, head)
            finally:
                db.close()
        except sqlite3.Error:
            there = False
        if not there:
            raise StudyReplacedError(message("study.not_in_file", path=self.path))
        self._head, self._signature = head, seen

    def check_in_place(self) -> None:
        """Make sure that this study is still the file at the path, which reading alone does without.

        Raises:
            StudyReplacedError: the file at the path is another one, or none.
        """
        with self.lock, told(self.path):
            self._follow()

    def intact(self) -> bool:
        """Say whether the connection still reads the study as it was last seen, wherever its file is now."""
        with self.lock:
            try:
                return chain_holds(self._db, self._head) and _pragma(self._db, "quick_check(1)") == "ok"
            except sqlite3.Error:
                return False

    def backup(self, path: Path) -> None:
        """Copy the file as it is at one moment, while others may write; also where it was moved or replaced."""
        if path.exists():
            raise InputError(message("study.already_exists_give_backup", path=path))
        with told(path), unfinished(path) as copy:
            target = sqlite3.connect(copy)
            try:
                with self.lock:
                    self._db.backup(target)
            finally:
                target.close()

    def close(self) -> None:
        """Close the connection."""
        with self.lock, told(self.path):
            self._db.close()


@contextlib.contextmanager
def transaction(db: sqlite3.Connection, kind: Literal["IMMEDIATE", "EXCLUSIVE"] = "IMMEDIATE") -> Iterator[None]:
    """Begin at once, so that two writers wait for each other instead of failing at the end."""
    db.execute(f"BEGIN {kind}")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                db.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """Give the path of a private file beside ``path`` that takes its name when the block ends well."""
    try:
        with private_replace(path) as part:
            yield part
    except OSError as fault:
        raise InputError(
            message("study.cannot_written_check_folder", path=path, strerror=fault.strerror or fault)
        ) from fault


def new_file(path: Path, about: Mapping[str, str]) -> sqlite3.Connection:
    """Make the tables of an empty study at ``path``."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA foreign_keys = ON")
    with transaction(db):
        make_tables(db)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {VERSION}")
    watch_changes(db)
    with transaction(db):
        db.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        seal_changes(db)
    return db


def make_tables(db: sqlite3.Connection) -> None:
    """Make the tables of an empty study: those of version 1, brought up to today's."""
    for statement in (*CREATE, *(each for version in sorted(MIGRATIONS) for each in MIGRATIONS[version])):
        db.execute(statement)


@functools.cache
def expected_schema() -> frozenset[tuple[str, str]]:
    """Return the names of all that a file of today has, with the statements that made them."""
    db = sqlite3.connect(":memory:")
    try:
        make_tables(db)
        return schema_of(db)
    finally:
        db.close()


def schema_of(db: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    """Return what a file has, as ``expected_schema`` does."""
    said = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    return frozenset((str(name), str(sql)) for name, sql in db.execute(said))


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        # EXTRA: a journal whose removal was not yet on disk does not roll a committed step back after a power cut.
        for setting in (
            "foreign_keys = ON",
            "recursive_triggers = ON",
            "synchronous = EXTRA",
            "trusted_schema = OFF",
            "temp_store = MEMORY",
        ):
            db.execute(f"PRAGMA {setting}")
        if _pragma(db, "user_version") == VERSION and _pragma(db, "application_id") == APPLICATION_ID:
            watch_changes(db)
    except BaseException:
        db.close()
        raise
    return db


def _checked(db: sqlite3.Connection, path: Path) -> None:
    if _pragma(db, "application_id") != APPLICATION_ID:
        raise InputError(message("study.study_file_give_path", path=path))
    version = _pragma(db, "user_version")
    if not isinstance(version, int) or version > VERSION or version < min({VERSION, *MIGRATIONS}):
        raise InputError(message("study.file_version_release_reads", path=path, version=version, version_2=VERSION))
    if version != VERSION:
        _check_structure(db, path)
        side_files.refuse_mixed(db, path)
    _leave_write_ahead(db, path)
    _migrate(db)
    db.execute("BEGIN")  # all of it as it is at one moment, while others may write
    try:
        _check_structure(db, path)
        if schema_of(db) != expected_schema():
            raise DamagedStudyError(message("study.damaged", path=path, what="schema"))
        bad = damages(db)
        if bad:
            more = f" (+{len(bad) - 1})" if len(bad) > 1 else ""
            what = f"{bad[0].kind} {bad[0].key}: {bad[0].fault}{more}"
            raise DamagedStudyError(message("study.damaged", path=path, what=what))
    finally:
        db.execute("ROLLBACK")


def _check_structure(db: sqlite3.Connection, path: Path) -> None:
    found = _pragma(db, "integrity_check(1)")
    strays = db.execute("PRAGMA foreign_key_check").fetchone()
    if found != "ok" or strays:
        raise DamagedStudyError(message("study.damaged", path=path, what=str(found if found != "ok" else strays)))


def _leave_write_ahead(db: sqlite3.Connection, path: Path) -> None:
    """Fold the write-ahead log that older releases kept into the file, and leave that mode."""
    end = time.monotonic() + _WAIT_SECONDS
    while _pragma(db, "journal_mode") == "wal":
        try:
            db.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        if _pragma(db, "journal_mode") == "wal":
            if time.monotonic() >= end:
                raise InputError(message("study.open_in_old_release", path=path))
            time.sleep(0.05)


def _migrate(db: sqlite3.Connection) -> None:
    while _pragma(db, "user_version") != VERSION:
        with transaction(db):
            # Another process may have been first.
            version = int(_pragma(db, "user_version"))
            for statement in MIGRATIONS.get(version, ()):
                db.execute(statement)
            if version in MIGRATIONS:
                db.execute(f"PRAGMA user_version = {version + 1}")
            if version + 1 == _FIRST_SEALED:
                watch_changes(db)
                seal_everything(db)
    watch_changes(db)


def _withdrawals(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM withdrawal").fetchone()[0])


def _pragma(db: sqlite3.Connection, name: str) -> int | str:
    value: int | str = db.execute(f"PRAGMA {name}").fetchone()[0]
    return value


# --- The log of a study: what people decided, coded and noted, line after line.

_KINDS: dict[type, str] = {
    Decision: "decision", Coding: "coding", Memo: "memo", Retraction: "retraction", Refusal: "decision",
}  # fmt: skip
ENTRIES = (
    "SELECT e.id, e.kind, e.coder, e.time, e.adjudication, e.[by], d.passage_id, d.verdict, d.codes, d.memo, d.run,"
    ' d.no_code, c.transcript_id, c.start, c."end", c.code_id, c.memo, m.about, m.about_id, m.text, m.start, m."end",'
    " r.target, f.passage_id, f.code_id, e.step, e.undoes"
    " FROM entry e LEFT JOIN decision d ON d.entry_id = e.id LEFT JOIN coding c ON c.entry_id = e.id"
    " LEFT JOIN memo m ON m.entry_id = e.id LEFT JOIN retraction r ON r.entry_id = e.id"
    " LEFT JOIN refusal f ON f.entry_id = e.id WHERE e.id > ? ORDER BY e.id"
)


def next_entry(db: sqlite3.Connection) -> int:
    """Return the number that the next line will have, within a transaction."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entry'").fetchone()
    return int(row[0]) + 1 if row else 1


def write_entry(
    db: sqlite3.Connection, record: Recorded, *, coder: str, time: str, run: str = "", by: str = "", step: int = 0,
    undoes: int = 0,
) -> int:  # fmt: skip
    """Add one line and return its number. ``by`` wrote it in the coder's name, in ``step``, which takes one back."""
    kind = record.kind if isinstance(record, Erased) else _KINDS[type(record)]
    adjudication = getattr(record, "adjudication", False)
    if isinstance(record, Retraction) and not step:
        step = next_entry(db)
    cursor = db.execute(
        'INSERT INTO entry (kind, coder, time, adjudication, "by", step, undoes) VALUES (?, ?, ?, ?, ?, ?, ?)',
        (kind, coder, time, adjudication, by or None, step or None, undoes or None),
    )
    number = cursor.lastrowid
    assert number is not None
    if isinstance(record, Decision):
        codes = json.dumps(record.code_ids, ensure_ascii=False)
        row = (number, record.passage_id, record.verdict.value, codes, record.memo, run or None, record.no_code)
        db.execute("INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    elif isinstance(record, Coding):
        place = (record.transcript_id, record.start, record.end)
        db.execute("INSERT INTO coding VALUES (?, ?, ?, ?, ?, ?)", (number, *place, record.code_id, record.memo))
    elif isinstance(record, Memo):
        noted = (number, record.about, record.about_id, record.text, record.start, record.end)
        db.execute("INSERT INTO memo VALUES (?, ?, ?, ?, ?, ?)", noted)
    elif isinstance(record, Refusal):
        db.execute("INSERT INTO refusal VALUES (?, ?, ?)", (number, record.passage_id, record.code_id))
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
        step = numbers.get(entry.step, next_entry(db)) if entry.step else 0
        numbers[entry.id] = write_entry(
            db, record, coder=entry.coder, time=entry.time, run=entry.run, by=entry.by, step=step,
            undoes=numbers.get(entry.undoes, 0),
        )  # fmt: skip


def entry_of(row: tuple[object, ...]) -> Entry:
    """Return the entry of a row of ``ENTRIES``."""
    number, kind, coder, time, adjudication, by, *parts, step, undoes = row
    who = (str(coder or ""), str(time or ""), bool(adjudication))
    record = Erased(kind=str(kind)) if all(part is None for part in parts) else _record_of(str(kind), who, parts)
    return Entry(
        id=int(str(number)), coder=who[0], time=who[1], record=record, run=str(parts[4] or ""), by=str(by or ""),
        step=int(str(step or 0)), undoes=int(str(undoes or 0)),
    )  # fmt: skip


def _record_of(kind: str, who: tuple[str, str, bool], parts: list[object]) -> Recorded:
    coder, time, adjudication = who
    refused, code = parts[17:19]
    if refused is not None:
        return Refusal(passage_id=str(refused), code_id=str(code), coder=coder, time=time)
    if kind == "decision":
        passage_id, verdict, codes, remark, _, no_code = parts[:6]
        return Decision(
            passage_id=str(passage_id), verdict=Verdict(str(verdict)), code_ids=tuple(json.loads(str(codes))),
            coder=coder, time=time, memo=str(remark), no_code=bool(no_code), adjudication=adjudication,
        )  # fmt: skip
    if kind == "coding":
        transcript_id, start, end, code_id, note = parts[6:11]
        return Coding(
            transcript_id=str(transcript_id), start=int(str(start)), end=int(str(end)), code_id=str(code_id),
            coder=coder, time=time, memo=str(note), adjudication=adjudication,
        )  # fmt: skip
    if kind == "memo":
        about, about_id, text, *slice_ = parts[11:16]
        start, end = (None if offset is None else int(str(offset)) for offset in slice_)
        return Memo(
            text=str(text), coder=coder, about=str(about), about_id=str(about_id), time=time,  # type: ignore[arg-type]
            start=start, end=end,
        )  # fmt: skip
    return Retraction(entry_id=int(str(parts[16])))


def write_run(
    db: sqlite3.Connection, name: str, time: str, options: dict[str, str], rows: Iterable[tuple[str, str]]
) -> None:
    """Store what the machine suggested at one time; ``rows`` are passage ids with suggestions as JSON.

    The first suggestion for a passage is kept as text. Later ones differ from it by little while a suggester learns, so
    that they are compressed with the first as their dictionary: a run of the page for every few decisions would let the
    file grow to many times its size.
    """
    done = db.execute("INSERT INTO run (name, time, options) VALUES (?, ?, ?)", (name, time, to_json(options)))
    number = int(done.lastrowid or 0)
    given = dict(rows)
    first = first_suggestions(lambda sql, values: db.execute(sql, values).fetchall(), given, number)
    held = [(number, passage_id, packed(record, first.get(passage_id))) for passage_id, record in given.items()]
    db.executemany("INSERT INTO suggestion VALUES (?, ?, ?)", held)


Query = Callable[[str, tuple[object, ...]], list[tuple[object, ...]]]
_FEW = 50


def first_suggestions(query: Query, passage_ids: Collection[str], before: int) -> dict[str, str]:
    """Return by passage the suggestion, as JSON, that is kept as text in the runs before ``before``."""
    found: dict[str, str] = {}
    wanted = set(passage_ids)
    for (number,) in query("SELECT number FROM run WHERE number < ? ORDER BY number", (before,)):
        if not wanted:
            break
        if len(wanted) <= _FEW:
            said = "SELECT passage_id, record FROM suggestion WHERE run_number = ? AND passage_id = ?"
            rows = [row for each in wanted for row in query(said, (number, each))]
        else:
            rows = query("SELECT passage_id, record FROM suggestion WHERE run_number = ?", (number,))
        texts = {str(key): record for key, record in rows if isinstance(record, str) and key in wanted}
        found |= texts
        wanted -= texts.keys()
    return found


def packed(text: str, first: str | None) -> str | bytes:
    """Return a suggestion as it is stored, compressed where the first one for the passage is known."""
    if first is None:
        return text
    press = zlib.compressobj(9, zdict=first.encode()[-_WINDOW:])
    small = press.compress(text.encode()) + press.flush()
    return small if len(small) < len(text.encode()) else text


def unpacked(record: object, first: str | None) -> str:
    """Return a stored suggestion as JSON.

    Raises ValueError where it is compressed with another one than ``first``.
    """
    if not isinstance(record, bytes):
        return str(record)
    try:
        return zlib.decompressobj(zdict=(first or "").encode()[-_WINDOW:]).decompress(record).decode()
    except zlib.error as fault:
        raise ValueError("a suggestion was compressed with another one than the first for its passage") from fault


_WINDOW = 32_768
"""As far as deflate looks back (RFC 1951)."""


# --- What is coded and with what: transcripts, passages, participants and codebooks in and out of the tables.

Row = tuple[object, ...]
_NAMING = ("participant", "file")
Spans = tuple[tuple[int, int], ...]


def add_transcripts(
    db: sqlite3.Connection, transcripts: Sequence[Transcript], passages: Iterable[Passage], time: str
) -> None:
    """Store transcripts, who spoke in them, and their passages."""
    by_id = {transcript.id: transcript for transcript in transcripts}
    for transcript in transcripts:
        db.execute(
            "INSERT INTO transcript (id, record, added) VALUES (?, ?, ?)",
            (transcript.id, _transcript_json(transcript), time),
        )
        for name in participants_in(transcript):
            attributes = {key: value for key, value in transcript.metadata.items() if value and key not in _NAMING}
            db.execute("INSERT OR IGNORE INTO participant VALUES (?, ?)", (name, to_json(attributes)))
            db.execute("INSERT OR IGNORE INTO spoke VALUES (?, ?)", (name, transcript.id))
    rows = [_passage_row(passage, by_id) for passage in passages]
    db.executemany(
        "INSERT INTO passage (id, transcript_id, spans, speaker, role, question) VALUES (?, ?, ?, ?, ?, ?)", rows
    )


def _transcript_json(transcript: Transcript) -> str:
    text = to_json(transcript)
    try:
        text.encode()
    except UnicodeEncodeError as fault:
        raise InputError(
            message("study.transcript_character_half_pair", id=transcript.id, start=fault.start)
        ) from fault
    return text


def _passage_row(passage: Passage, transcripts: dict[str, Transcript]) -> Row:
    source = transcripts.get(passage.transcript_id)
    if source is None:
        raise InputError(
            message("study.passage_transcript_among_those", id=passage.id, transcript_id=passage.transcript_id)
        )
    if "".join(source.text[a:b] for a, b in passage.spans) != passage.text:
        raise InputError(message("study.passage_text_what_stands", id=passage.id, spans=passage.spans, id_2=source.id))
    spans = to_json(passage.spans)
    return passage.id, passage.transcript_id, spans, passage.speaker, passage.role.value, passage.question


def participants_in(transcript: Transcript) -> tuple[str, ...]:
    """Return the participants of a transcript: those its metadata name, parted by semicolons, or else its own id."""
    named = transcript.metadata.get("participant", "").replace("；", ";").split(";")
    return tuple(name.strip() for name in named if name.strip()) or (transcript.id,)


def refuse_twice(ids: Iterable[str], what: str | Bilingual) -> None:
    """Refuse ids that come twice."""
    twice = [each for each, count in Counter(ids).items() if count > 1]
    if twice:
        raise InputError(message("study.ids_must_unique_these", what=what, twice=[*(twice[:5])]))


def transcript_of(record: object) -> Transcript:
    """Return the transcript of a row."""
    return from_json(Transcript, str(record))


def passage_of(row: Row, transcripts: dict[str, Transcript]) -> Passage:
    """Return the passage of a row; its text is cut out of its transcript."""
    _, passage_id, transcript_id, held, speaker, role, question = row
    text = transcripts[str(transcript_id)].text
    spans = from_json(Spans, str(held))
    return Passage(
        id=str(passage_id), transcript_id=str(transcript_id), spans=spans,
        text="".join(text[a:b] for a, b in spans), speaker=str(speaker), role=Role(str(role)), question=str(question),
    )  # fmt: skip


def participants_of(people: Iterable[Row], spoke: Iterable[Row]) -> list[Participant]:
    """Return the participants of the rows of two tables."""
    transcripts: dict[str, list[str]] = {}
    for name, transcript_id in spoke:
        transcripts.setdefault(str(name), []).append(str(transcript_id))
    return [
        Participant(
            id=str(name),
            attributes=from_json(dict[str, str], str(attributes)),
            transcript_ids=tuple(transcripts.get(str(name), ())),
        )
        for name, attributes in people
    ]


def now() -> str:
    """Return the time in UTC, as ``2025-01-31T08:15:30.123Z``."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def add_codebook(
    db: sqlite3.Connection, codebook: Codebook, time: str, change: str | None = None, before: Codebook | None = None
) -> None:
    """Store a version of the codebook, which is then the one in use; ``change`` says as JSON who made it and why.

    With the version ``before`` it, only what differs from that one is stored.
    """
    db.execute(
        "INSERT INTO codebook (id, version, record, added, change) VALUES (?, ?, ?, ?, ?)",
        (codebook.id, codebook.version, row_of(codebook, before), time, change),
    )


# --- A new study file: made beside its place, and put there when it is whole.


def fresh(
    name: str, transcripts: tuple[Transcript, ...], codebook: Codebook, passages: Iterable[Passage] | None
) -> Contents:
    """Return the contents of a study in which nobody has decided anything; without passages, they are segmented."""
    refuse_twice((transcript.id for transcript in transcripts), message("study.twice_transcript"))
    if passages is None:
        from lbc_themes.segmenting import segment

        passages = segment(transcripts) if transcripts else ()
    held = tuple(passages)
    refuse_twice((passage.id for passage in held), message("study.twice_passage"))
    return Contents(name=name, transcripts=transcripts, codebooks=(codebook,), passages=held)


def make_file(path: Path, contents: Contents) -> None:
    """Write ``contents`` as a study file; refuse a path at which there is a file."""
    if path.exists():
        raise InputError(message("study.already_exists_open_give", path=path))
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    with told(path), unfinished(path) as part:
        db = new_file(part, {"name": contents.name, "created": time})
        try:
            with transaction(db):
                changes = contents.codebook_changes or ("",) * len(contents.codebooks)
                versions = zip((None, *contents.codebooks), contents.codebooks, changes, strict=False)
                for before, codebook, change in versions:
                    add_codebook(db, codebook, time, change or None, before=before)
                add_transcripts(db, contents.transcripts, contents.passages, time)
                for person in contents.participants:
                    db.execute(
                        "INSERT OR REPLACE INTO participant VALUES (?, ?)", (person.id, to_json(person.attributes))
                    )
                    rows = [(person.id, transcript_id) for transcript_id in person.transcript_ids]
                    db.executemany("INSERT OR IGNORE INTO spoke VALUES (?, ?)", rows)
                for run in contents.runs:
                    suggested = [(each.passage_id, to_json(each)) for each in run.suggestions]
                    write_run(db, run.name, run.time, dict(run.options), suggested)
                write_log(db, contents.entries)
                seal_changes(db)
        finally:
            db.close()
