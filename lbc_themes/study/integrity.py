"""A seal for every record of a study file, and a chain over all seals: damage is noticed, and so is tampering.

Each row of each table has a seal: the SHA-256 of its content with a random salt. Each seal has a link: the SHA-256 of
the link before it and of the seal itself. One flipped bit changes a digest, so that the record is known by name; a
record that was removed, added or changed by another program breaks the chain, so that the audit trail is tamper-evident
as well. Who can write the file can also seal it anew from the start: only against a head of the chain that was noted
elsewhere (``Study.log_head``, printed by ``lbc-themes study check``) can such a thing be proved. A checksum of each
record alone would notice damage too, but neither the removal of a record nor that.

The salt is there for withdrawal: without it, the digest of an erased decision could be matched by trying all codes.
When a record is erased its salt goes too, and what is left of it in the chain says nothing.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

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
Row = Mapping[str, object]


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


def watch(db: sqlite3.Connection) -> None:
    """Let a connection keep a list of the rows it changes, for ``seal_changes``; again once there are more tables."""
    db.execute(
        "CREATE TEMP TABLE IF NOT EXISTS changed (kind TEXT, first TEXT, second TEXT, UNIQUE (kind, first, second))"
    )
    for kind, columns in _held(db):
        for change, side in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            first, second = (*(f'{side}."{column}"' for column in columns), "''")[:2]
            db.execute(
                f"CREATE TEMP TRIGGER IF NOT EXISTS watch_{kind}_{change} AFTER {change} ON main.{kind}"  # noqa: S608 (own names)
                f" BEGIN INSERT OR IGNORE INTO changed VALUES ('{kind}', {first}, {second}); END"
            )


def _held(db: sqlite3.Connection) -> list[tuple[str, tuple[str, ...]]]:
    """Return the tables that a file has by now, with their keys: one of an older version is brought up step by step."""
    there = {str(name) for (name,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
    return [(kind, columns) for kind, columns in KEYS.items() if kind in there]


def seal_changes(db: sqlite3.Connection) -> None:
    """Seal what the transaction changed, as its last step. What was deleted leaves an empty link in the chain."""
    changed = db.execute("SELECT kind, first, second FROM changed ORDER BY rowid").fetchall()
    if not changed:
        return
    number, link = _end(db)
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
        digest = digest_of(kind, key, dict(zip(_names(cursor), values, strict=True)), salt)
        link = _link(link, number, kind, digest)
        db.execute("INSERT INTO seal VALUES (?, ?, ?, ?, ?, ?)", (number, kind, key, salt, digest, link))
    db.execute("DELETE FROM changed")


def seal_everything(db: sqlite3.Connection) -> None:
    """Seal a file of an older version, which has no seals yet."""
    for kind, columns in _held(db):
        first, second = (*(f'"{column}"' for column in columns), "''")[:2]
        db.execute(f"INSERT OR IGNORE INTO changed SELECT '{kind}', {first}, {second} FROM {kind}")  # noqa: S608
    seal_changes(db)


def digest_of(kind: str, key: str, row: Row, salt: bytes) -> bytes:
    """Return the seal of a row; columns without a value are left out, so that a later version may add some."""
    return hashlib.sha256(salt + content_of(kind, key, row)).digest()


def content_of(kind: str, key: str, row: Row) -> bytes:
    """Return the bytes of a row over which its seal is made."""
    held = {
        name: value.hex() if isinstance(value, bytes) else value for name, value in row.items() if value is not None
    }
    content = json.dumps([kind, key, held], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return content.encode("utf-8", "surrogateescape")


def head_of(db: sqlite3.Connection) -> Head:
    """Return where the chain ends."""
    number, link = _end(db)
    return Head(number=number, link=link)


def holds(db: sqlite3.Connection, head: Head) -> bool:
    """Say whether the chain runs through ``head``: whether the file holds all that it held when it ended there."""
    if not head.number:
        return True
    found = db.execute("SELECT link FROM seal WHERE number = ?", (head.number,)).fetchone()
    return found is not None and bytes(found[0]) == head.link


def key_of(kind: str, row: Row) -> str:
    """Return the key of a row, as seals name it."""
    return _APART.join(str(row[column]) for column in KEYS[kind])


def rows_of(db: sqlite3.Connection, kind: str, order: str = "") -> Iterator[dict[str, object]]:
    """Yield the rows of a table as mappings; bytes that are no UTF-8 are kept as Python's surrogates."""
    before, db.text_factory = db.text_factory, _lenient
    try:
        cursor = db.execute(f"SELECT * FROM {kind}{order}")  # noqa: S608 (own names)
        names = _names(cursor)
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
            if not fits(held, kind, key, row):
                found.append(Damage(kind=kind, key=key, fault="seal" if held.number in broken else "changed"))
                broken.pop(held.number, None)
    found += [Damage(kind=kind, key=key, fault="missing") for kind, key in live]
    found += [Damage(kind=seal.kind, key=seal.key or f"#{seal.number}", fault="chain") for seal in broken.values()]
    return found


def fits(seal: Seal, kind: str, key: str, row: Row) -> bool:
    """Say whether a row is what was sealed."""
    return seal.salt is not None and digest_of(kind, key, row, seal.salt) == seal.digest


def mended_row(seal: Seal, kind: str, key: str, row: Row) -> Row | None:
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
            if fits(seal, kind, key, tried):
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
                return _row_of(right, row)
        before.update(content[at : at + 1])
    return _mended_mark(seal, kind, key, row)


_MARKS = frozenset(b'"\\\n\r\t')
_PRINTABLE = 0x20


def _mended_mark(seal: Seal, kind: str, key: str, row: Row) -> Row | None:
    """Try bits that make or unmake a character which JSON writes as two, so that the sealed content moves."""
    for name, value in row.items():
        raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else b""
        for at, byte in enumerate(raw):
            for bit in range(8):
                other = byte ^ 1 << bit
                if byte < _PRINTABLE or byte in _MARKS or other in _MARKS:
                    right = raw[:at] + bytes((other,)) + raw[at + 1 :]
                    tried = {**row, name: right.decode("utf-8", "surrogateescape")}
                    if fits(seal, kind, key, tried):
                        return tried
    return None


def _row_of(content: bytes, like: Row) -> Row | None:
    try:
        held: Row = json.loads(content)[2]
    except ValueError:
        return None
    return {name: bytes.fromhex(str(held[name])) if isinstance(like.get(name), bytes) else held[name] for name in held}


def vouched_for(seal: Seal, kind: str, key: str, row: Row) -> bool:
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


def _end(db: sqlite3.Connection) -> tuple[int, bytes]:
    found = db.execute("SELECT number, link FROM seal ORDER BY number DESC LIMIT 1").fetchone()
    return (int(found[0]), bytes(found[1])) if found else (0, b"")


def _link(before: bytes, number: int, kind: str, digest: bytes) -> bytes:
    place = number.to_bytes(8, "big", signed=True) + kind.encode("utf-8", "surrogateescape")
    return hashlib.sha256(before + place + digest).digest()


def _names(cursor: sqlite3.Cursor) -> list[str]:
    return [str(column[0]) for column in cursor.description]


def _bytes(value: object) -> bytes | None:
    if value is None:
        return None
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


def _lenient(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
