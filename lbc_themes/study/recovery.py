"""When something happened to a study file: check it, save what is whole in it, put a backup in its place."""

import contextlib
import functools
import json
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import private_temporary_folder, write_private
from lbc_themes.core.messages import message
from lbc_themes.study import side_files, store
from lbc_themes.study.codebook_versions import row_names
from lbc_themes.study.store import KEYS, Cells, Damage, Head, Seal

_PAGE = 4096
"""The size of a page in every study file: SQLite's default since 2016."""
_CARRYING = ("transcript", "passage", "codebook", "participant", "spoke", "run", "about")
"""Tables on which others depend: a row of theirs that was changed is kept, and named in the report."""
_PARENTS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "passage": (("transcript_id", "transcript", "id"),),
    "spoke": (("participant_id", "participant", "id"), ("transcript_id", "transcript", "id")),
    "suggestion": (("run_number", "run", "number"), ("passage_id", "passage", "id")),
    "decision": (("entry_id", "entry", "id"), ("passage_id", "passage", "id"), ("run", "run", "name")),
    "coding": (("entry_id", "entry", "id"), ("transcript_id", "transcript", "id")),
    "memo": (("entry_id", "entry", "id"),),
    "refusal": (("entry_id", "entry", "id"), ("passage_id", "passage", "id")),
    "retraction": (("entry_id", "entry", "id"), ("target", "entry", "id")),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckReport:
    """What a check found.

    ``records`` counts the records that are whole; ``damages`` are those that are not; ``structure`` is what SQLite says
    of the file itself (pages, indexes). ``head`` is where the chain of seals ends: note it, and a later check can tell
    whether the log of that day is still there, unchanged. ``erased`` counts seals whose records were erased or replaced
    by a withdrawal or by a newer state.
    """

    path: Path
    head: Head
    records: int
    damages: tuple[Damage, ...]
    structure: tuple[str, ...]
    erased: int

    @property
    def whole(self) -> bool:
        """Whether nothing is damaged."""
        return not self.damages and not self.structure


@dataclass(frozen=True, kw_only=True, slots=True)
class RescueReport:
    """What was saved of a damaged file into ``path``.

    ``saved`` counts records that are what was stored; ``from_backup`` those of them that a backup gave, and ``mended``
    those in which one flipped bit was put right. ``doubtful``
    are damaged records that were kept because others depend on them: look at them. ``lost`` could not be saved; where
    there are any, ``lost_file`` holds them as far as they can be read.
    """

    path: Path
    saved: int
    from_backup: int
    mended: int
    doubtful: tuple[Damage, ...]
    lost: tuple[Damage, ...]
    lost_file: Path | None


@dataclass(kw_only=True)
class _Examined:
    """All that can be read of a file: rows by table and key, those that fit their seals apart from the others."""

    whole: dict[str, dict[str, Cells]] = field(default_factory=lambda: {kind: {} for kind in KEYS})
    other: dict[str, dict[str, Cells]] = field(default_factory=lambda: {kind: {} for kind in KEYS})
    live: dict[tuple[str, str], Seal] = field(default_factory=dict)
    broken: list[Seal] = field(default_factory=list)
    structure: tuple[str, ...] = ()
    head: Head = field(default_factory=lambda: Head(number=0, link=b""))
    erased: int = 0

    def stray(self, kind: str) -> list[Seal]:
        """Return the seals without a record, among them any whose kind or key is damaged."""
        there = {each: {*self.whole[each], *self.other[each]} for each in KEYS}
        gone = (seal for (of, key), seal in self.live.items() if of == kind and key not in there[of])
        return [*gone, *self.broken]

    def damages(self) -> list[Damage]:
        """Return what is not as it was stored."""
        doubtful = {(seal.kind, seal.key) for seal in self.broken}
        found = []
        for kind, rows in self.other.items():
            for key in rows:
                fault = "unsealed" if (kind, key) not in self.live else "changed"
                found.append(Damage(kind=kind, key=key, fault="seal" if (kind, key) in doubtful else fault))
        found += [
            Damage(kind=kind, key=key, fault="missing")
            for kind, key in self.live
            if key not in self.whole[kind] and key not in self.other[kind]
        ]
        named = {(damage.kind, damage.key) for damage in found}
        found += [
            Damage(kind=seal.kind, key=seal.key or f"#{seal.number}", fault="chain")
            for seal in self.broken
            if (seal.kind, seal.key) not in named
        ]
        return found


def check_study(path: str | Path, *, since: str = "") -> CheckReport:
    """Check every record of a study file against its seal, and the file itself. Nothing is changed.

    Args:
        path: The study file, damaged or not.
        since: A head that an earlier check printed, such as ``812:1f3a…``: whether the chain still runs through it.

    Raises:
        InputError: there is no such file, it is of a release before seals, or the chain does not run through ``since``.

    >>> check_study("study.lbc").whole  # doctest: +SKIP
    True
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(message("study.no_file", path=file))
    side_files.refuse_foreign(file)
    found = _examined(file)
    if since and not _runs_through(file, since):
        raise InputError(message("study.other_chain", path=file, since=since))
    return CheckReport(
        path=file, head=found.head, records=sum(map(len, found.whole.values())), damages=tuple(found.damages()),
        structure=found.structure, erased=found.erased,
    )  # fmt: skip


def rescue_study(path: str | Path, out: str | Path, *, backup: str | Path | None = None) -> RescueReport:
    """Write everything that is whole in a damaged study file to a new file.

    Records that are damaged or gone are taken from ``backup`` where it holds them as they were sealed. The damaged file
    stays as it is. The new file has a chain of seals of its own.

    Raises:
        InputError: there is no such file, nothing in it can be read, or there is a file at ``out``.
    """
    file, made = Path(path), Path(out)
    if not file.is_file():
        raise InputError(message("study.no_file", path=file))
    if made.exists():
        raise InputError(message("study.exists", path=made))
    found = _examined(file)
    helped = _helped(found, _examined(Path(backup))) if backup is not None else 0
    mended = _mended(found)
    if not found.whole["transcript"] and not found.other["transcript"]:
        raise InputError(message("study.nothing_to_save", path=file))
    damages = found.damages()
    rows = {kind: dict(each) for kind, each in found.whole.items()}
    doubtful = [d for d in damages if d.kind in _CARRYING and d.key in found.other[d.kind] and _parses(d, found)]
    for damage in doubtful:
        rows[damage.kind][damage.key] = found.other[damage.kind][damage.key]
    orphans = _without_orphans(rows)
    _write(rows, made, found, len(damages))
    kept = {(damage.kind, damage.key) for damage in doubtful}
    lost = [d for d in damages if d.fault != "chain" and (d.kind, d.key) not in kept]
    lost += [Damage(kind=kind, key=key, fault="orphan") for kind, key in orphans]
    lost_file = made.with_name(f"{made.name}.lost.jsonl") if lost else None
    if lost_file is not None:
        write_private(lost_file, "".join(_lost_line(damage, found, orphans) for damage in lost))
    return RescueReport(
        path=made, saved=sum(map(len, rows.values())) - len(doubtful), from_backup=helped, mended=mended,
        doubtful=tuple(doubtful),
        lost=tuple(lost), lost_file=lost_file,
    )  # fmt: skip


def restore_study(backup: str | Path, path: str | Path) -> Path | None:
    """Put a backup in the place of a study, and return where what it replaced is kept (None where there was nothing).

    The backup is checked first. What lies beside the replaced file (a journal, a write-ahead log) goes with it, so that
    it cannot be mixed up with the backup. The backup itself stays as it is.

    Raises:
        LbcError: the backup is no study or is damaged, or another program is writing to the study.
    """
    source, target = Path(backup), Path(path)
    if not source.is_file():
        raise InputError(message("study.no_file", path=source))
    if target.exists() and source.samefile(target):
        raise InputError(message("study.same_file", path=source))
    with store.unfinished(target) as part:
        for suffix in ("", *side_files.SUFFIXES):
            if Path(f"{source}{suffix}").is_file():
                write_private(f"{part}{suffix}", side_files.content(Path(f"{source}{suffix}")))
        store.Store(part).close()
        _refuse_busy(target)
        return _moved_away(target)


def _refuse_busy(path: Path) -> None:
    if not path.is_file():
        return
    db = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        db.execute("BEGIN EXCLUSIVE")
        db.execute("ROLLBACK")
    except sqlite3.OperationalError as fault:
        if fault.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise InputError(message("study.busy", path=path)) from fault
    except sqlite3.DatabaseError:
        return  # damaged: that is why a backup is put back
    finally:
        db.close()


def _moved_away(path: Path) -> Path | None:
    there = [suffix for suffix in ("", *side_files.SUFFIXES) if Path(f"{path}{suffix}").exists()]
    if not there:
        return None
    moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    number, kept = 1, path.with_name(f"{path.stem}.replaced-{moment}{path.suffix}")
    while any(Path(f"{kept}{suffix}").exists() for suffix in ("", *side_files.SUFFIXES)):
        number += 1
        kept = path.with_name(f"{path.stem}.replaced-{moment}-{number}{path.suffix}")
    for suffix in there:
        Path(f"{path}{suffix}").replace(f"{kept}{suffix}")
    return kept


# --- Reading whatever can be read.


def _examined(path: Path) -> _Examined:
    """Read a file through SQLite and, where that fails or lacks records, page by page."""
    found = _Examined()
    data = side_files.content(path)
    with private_temporary_folder() as folder:
        copy = folder / "copy.lbc"
        write_private(copy, data)
        for suffix in side_files.SUFFIXES:
            if Path(f"{path}{suffix}").is_file():
                write_private(f"{copy}{suffix}", side_files.content(Path(f"{path}{suffix}")))
        found.structure = _structure(copy, path)
        data = copy.read_bytes()  # with a write that was cut short rolled back
        if found.structure:
            write_private(copy, _mended_header(data))
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as db:
            db.execute("PRAGMA writable_schema = ON")
            seals = [dict(row) for row in _readable(db, "seal")]
            rows = {kind: list(_readable(db, kind)) for kind in KEYS}
    if found.structure:
        known = {row["number"] for row in seals}
        seals += [row for row in _scanned_seals(data) if row["number"] not in known]
    _take_seals(found, seals)
    for kind, listed in rows.items():
        for row in listed:
            key = store.key_of(kind, row)
            seal = found.live.get((kind, key))
            fits = seal is not None and store.fits_seal(seal, kind, key, row)
            (found.whole if fits else found.other)[kind][key] = row
    missing = {each for each in found.live if each[1] not in found.whole[each[0]]}
    if missing:
        _take_scanned(found, data, missing)
    return found


def _structure(copy: Path, path: Path) -> tuple[str, ...]:
    """Return what SQLite finds wrong with a file. Raises InputError where it is whole and of a release before seals."""
    try:
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as db:
            marks = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
            wrong = [str(row[0]) for row in db.execute("PRAGMA integrity_check(20)")]
            if wrong == ["ok"] and marks[0] == store.APPLICATION_ID and 0 < marks[1] < store.VERSION:
                raise InputError(message("study.no_seals", path=path))
            found = [] if wrong == ["ok"] else wrong
            found += [f"foreign key: {row}" for row in db.execute("PRAGMA foreign_key_check").fetchmany(20)]
            if marks != [store.APPLICATION_ID, store.VERSION]:
                found.append(f"header: {marks}")
            if store.schema_of(db) != store.expected_schema():
                found.append("schema")
            return tuple(found)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as fault:
        return (str(fault),)


def _mended_header(data: bytes) -> bytes:
    """Return a file with those parts of its header that are the same in every study file put right."""
    header = bytearray(data[:100].ljust(100, b"\0"))
    header[:16] = b"SQLite format 3\0"
    header[16:18] = struct.pack(">H", _PAGE)
    header[18:24] = bytes((1, 1, 0, 64, 32, 32))
    header[28:32] = struct.pack(">I", max(1, len(data) // _PAGE))
    header[44:48], header[56:60] = struct.pack(">I", 4), struct.pack(">I", 1)
    header[60:64] = struct.pack(">I", store.VERSION)
    header[68:72] = struct.pack(">I", store.APPLICATION_ID)
    header[92:96] = header[24:28]
    return bytes(header[:100]) + data[100:]


def _readable(db: sqlite3.Connection, table: str) -> Iterator[dict[str, object]]:
    """Yield the rows of a table up to where it cannot be read, and from its other end up to there too."""
    seen = set()
    names = ("number", "kind", "key", "salt", "digest", "link") if table == "seal" else _columns()[table]
    for direction in ("", " DESC"):
        order = ", ".join(f'"{column}"{direction}' for column in KEYS.get(table, ("number",)))
        try:
            for row in store.rows_of(db, table, f" ORDER BY {order}"):
                values = tuple(row.values())
                if len(values) != len(names):
                    return  # the statement that made the table is damaged; its pages are read one by one
                if values not in seen:
                    seen.add(values)
                    yield dict(zip(names, values, strict=True))
        except (sqlite3.DatabaseError, KeyError, UnicodeDecodeError):
            continue
        else:
            return


def _take_seals(found: _Examined, rows: Iterable[Cells]) -> None:
    columns = ("number", "kind", "key", "salt", "digest", "link")
    ordered = sorted(rows, key=lambda row: int(str(row["number"])))
    for seal in store.seals_of([row[column] for column in columns] for row in ordered):
        found.head = Head(number=seal.number, link=seal.link)
        if not seal.follows:
            found.broken.append(seal)
        if seal.key is None:
            found.erased += 1
        elif seal.kind in KEYS:
            found.live[seal.kind, seal.key] = seal


def _take_scanned(found: _Examined, data: bytes, missing: set[tuple[str, str]]) -> None:
    """Look for missing records in the pages themselves: what fits a seal is that record, wherever it stands.

    A record whose own header has one flipped bit is found too: each bit of it is tried, in the cells that are nothing
    known.
    """
    unknown = []
    for page, at, table in _cells(data):
        row = _candidate(found, data, page, at, table=table, wanted=missing)
        if row is None:
            unknown.append((page, at, table))
    for page, at, table in unknown if len(unknown) <= _MOST_UNKNOWN else ():
        for bit in range(8 * _CELL_HEAD):
            if not missing:
                return
            place = page * _PAGE + at + bit // 8
            if place >= len(data):
                break
            tried = (
                data[page * _PAGE : place] + bytes((data[place] ^ 1 << bit % 8,)) + data[place + 1 : (page + 1) * _PAGE]
            )
            if _candidate(found, data, page, at, table=table, wanted=missing, instead=tried):
                break


def _said(row: Cells) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None}


_MOST_UNKNOWN = 2000
_ADDED: Mapping[str, int] = {"entry": 4, "decision": 1, "memo": 2, "codebook": 1}
"""Columns that later versions added: a row written before then is shorter."""

_CELL_HEAD = 24
"""Bytes at the start of a cell in which its sizes and the types of its values stand."""


def _candidate(
    found: _Examined, data: bytes, page: int, at: int, *, table: bool, wanted: set[tuple[str, str]],
    instead: bytes | None = None,
) -> bool | None:  # fmt: skip
    """Take what a cell holds where it is a wanted record; None where it is nothing that is known."""
    content = data[page * _PAGE : (page + 1) * _PAGE] if instead is None else instead
    try:
        rowid, values = _cell(data, content, at, table=table)
    except (IndexError, struct.error, ValueError):
        return None
    for kind, names in _columns().items():
        if not len(names) - _ADDED.get(kind, 0) <= len(values) <= len(names):
            continue
        row = dict(zip(names, [*values, *[None] * (len(names) - len(values))], strict=True))
        if rowid is not None and names[0] in {"number", "id", "entry_id"} and values[0] is None:
            row[names[0]] = rowid
        key = store.key_of(kind, row)
        known = found.whole[kind].get(key)
        if known is not None and _said(known) == _said(row):
            return False
        if (kind, key) in wanted and store.fits_seal(found.live[kind, key], kind, key, row):
            found.whole[kind][key] = row
            found.other[kind].pop(key, None)
            wanted.discard((kind, key))
            return True
    return None


def _scanned_seals(data: bytes) -> Iterator[dict[str, object]]:
    for rowid, values in scanned_records(data):
        if rowid is not None and len(values) == 6 and values[1] in KEYS and isinstance(values[5], bytes):
            names = ("number", "kind", "key", "salt", "digest", "link")
            yield dict(zip(names, (rowid, *values[1:]), strict=True))


@functools.cache
def _columns() -> dict[str, tuple[str, ...]]:
    """Return the columns of each table in the order of storage: the primary key first where there is no rowid."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        store.make_tables(db)
        found = {}
        for kind, keys in KEYS.items():
            names = [str(row[1]) for row in db.execute(f'PRAGMA table_info("{kind}")')]
            ordered = [*keys, *(name for name in names if name not in keys)]
            found[kind] = tuple(ordered if kind in {"about", "participant", "spoke", "suggestion"} else names)
        return found


def scanned_records(data: bytes) -> Iterator[tuple[int | None, list[object]]]:
    """Yield every record on any page of an SQLite file, with its rowid where the table has one.

    The layout is that of https://www.sqlite.org/fileformat2.html (b-tree pages, cells, overflow, record format). What
    cannot be read is passed over.
    """
    for page, at, table in _cells(data):
        with contextlib.suppress(IndexError, struct.error, ValueError):
            yield _cell(data, data[page * _PAGE : (page + 1) * _PAGE], at, table=table)


def _cells(data: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield the page, the offset and whether it has a rowid of every cell that holds a record."""
    for number in range(len(data) // _PAGE):
        page = data[number * _PAGE : (number + 1) * _PAGE]
        at = 100 if number == 0 else 0
        kind = page[at]
        if kind not in {2, 10, 13}:
            continue
        count = struct.unpack(">H", page[at + 3 : at + 5])[0]
        first = at + (12 if kind == 2 else 8)
        for cell in range(min(count, (_PAGE - first) // 2)):
            (start,) = struct.unpack(">H", page[first + 2 * cell : first + 2 * cell + 2])
            yield number, start + (4 if kind == 2 else 0), kind == 13


def _cell(data: bytes, page: bytes, at: int, *, table: bool) -> tuple[int | None, list[object]]:
    size, at = _varint(page, at)
    rowid = None
    if table:
        rowid, at = _varint(page, at)
    most = _PAGE - 35 if table else (_PAGE - 12) * 64 // 255 - 23
    local = size
    if size > most:
        least = (_PAGE - 12) * 32 // 255 - 23
        local = least + (size - least) % (_PAGE - 4)
        local = local if local <= most else least
    payload = page[at : at + local]
    if size > local:
        (following,) = struct.unpack(">I", page[at + local : at + local + 4])
        while following and len(payload) < size:
            start = (following - 1) * _PAGE
            payload += data[start + 4 : start + min(_PAGE, 4 + size - len(payload))]
            (following,) = struct.unpack(">I", data[start : start + 4])
    if len(payload) != size:
        raise ValueError("a record that is cut off")
    return rowid, _values(payload)


def _values(payload: bytes) -> list[object]:
    end, at = _varint(payload, 0)
    types = []
    while at < end:
        kind, at = _varint(payload, at)
        types.append(kind)
    found: list[object] = []
    for kind in types:
        size = _width(kind)
        raw = payload[end : end + size]
        end += size
        if kind == 0:
            found.append(None)
        elif kind == 7:
            found.append(struct.unpack(">d", raw)[0])
        elif kind <= 9:
            found.append(kind - 8 if kind in {8, 9} else int.from_bytes(raw, "big", signed=True))
        else:
            found.append(raw if kind % 2 == 0 else raw.decode("utf-8", "surrogateescape"))
    return found


def _width(kind: int) -> int:
    if kind in {10, 11}:
        raise ValueError("a type that is not in use")
    return {0: 0, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}.get(kind, kind) if kind < 12 else (kind - 12) // 2


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(9):
        byte = data[at + place]
        if place == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    raise ValueError("a number without end")


# --- Writing what was read.


def _mended(found: _Examined) -> int:
    """Put single flipped bits right, in records and in seals; return in how many records."""
    count = 0
    for kind, rows in found.other.items():
        for key, row in list(rows.items()):
            seal = found.live.get((kind, key))
            right = store.mended_cells(seal, kind, key, row) if seal else None
            if seal is None and any(store.fits_seal(each, kind, key, row) for each in found.stray(kind)):
                right = row  # the seal's own key is damaged
            if seal is not None and right is None and store.vouched_for(seal, kind, key, row):
                right = row
            if right is not None:
                found.whole[kind][key] = right
                del rows[key]
                count += 1
    return count


def _helped(found: _Examined, backup: _Examined) -> int:
    """Take from a backup what is damaged or gone here and there as it was sealed; return how much."""
    count = 0
    for kind, key in list(found.live):
        row = backup.whole[kind].get(key)
        if key not in found.whole[kind] and row and store.fits_seal(found.live[kind, key], kind, key, row):
            found.whole[kind][key] = row
            found.other[kind].pop(key, None)
            count += 1
    return count


def _parses(damage: Damage, found: _Examined) -> bool:
    """Say whether a damaged row on which others depend can still be read as what it is."""
    row = found.other[damage.kind][damage.key]
    try:
        if damage.kind == "transcript":
            return store.transcript_of(str(row["record"])).id == row["id"]
        if damage.kind == "codebook":
            return row_names(str(row["record"])) == row["id"]
        for name in ("spans", "attributes", "options"):
            if name in row:
                json.loads(str(row[name]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return all(str(value).isprintable() or "\n" in str(value) for value in row.values())


def _without_orphans(rows: dict[str, dict[str, Cells]]) -> dict[tuple[str, str], Cells]:
    """Take out, and return, rows whose parent is gone; a run that decisions name is made anew, without suggestions."""
    known = {row["name"] for row in rows["run"].values()}
    used = {row["run"] for row in rows["decision"].values() if row.get("run")} - known
    last = max((int(str(row["number"])) for row in rows["run"].values()), default=0)
    for number, name in enumerate(sorted(map(str, used)), last + 1):
        rows["run"][str(number)] = {"number": number, "name": name, "time": "", "options": "{}"}
    gone: dict[tuple[str, str], Cells] = {}
    for kind, parents in _PARENTS.items():
        for column, parent, name in parents:
            there = {row[name] for row in rows[parent].values()}
            for key, row in list(rows[kind].items()):
                if row.get(column) is not None and row[column] not in there:
                    gone[kind, key] = rows[kind].pop(key)
    gone |= _unreadable_suggestions(rows["suggestion"])
    texts = {row["id"]: store.transcript_of(str(row["record"])).text for row in rows["transcript"].values()}
    for key, row in list(rows["passage"].items()):
        if any(end > len(texts[row["transcript_id"]]) for _, end in json.loads(str(row["spans"]))):
            gone["passage", key] = rows["passage"].pop(key)
    return gone


def _unreadable_suggestions(rows: dict[str, Cells]) -> dict[tuple[str, str], Cells]:
    """Take out, and return, suggestions that were compressed with one that is lost."""
    first: dict[object, str] = {}
    gone: dict[tuple[str, str], Cells] = {}
    for key, row in sorted(rows.items(), key=lambda each: int(str(each[1]["run_number"]))):
        try:
            text = store.unpacked(row["record"], first.get(row["passage_id"]))
        except ValueError:
            gone["suggestion", key] = rows.pop(key)
        else:
            if isinstance(row["record"], str):
                first.setdefault(row["passage_id"], text)
    return gone


def _write(rows: Mapping[str, Mapping[str, Cells]], path: Path, found: _Examined, damages: int) -> None:
    with store.told(path), store.unfinished(path) as part:
        db = store.new_file(part, {})
        try:
            db.execute("PRAGMA foreign_keys = OFF")
            with store.transaction(db):
                for kind in KEYS:
                    for row in rows[kind].values():
                        held = {name: _text(value) for name, value in row.items() if value is not None}
                        columns = ", ".join(f'"{name}"' for name in held)
                        marks = ", ".join("?" * len(held))
                        db.execute(f"INSERT INTO {kind} ({columns}) VALUES ({marks})", tuple(held.values()))  # noqa: S608
                said = json.dumps({"from": str(found.head), "damages": damages, "time": datetime.now(UTC).isoformat()})
                db.execute("INSERT OR REPLACE INTO about VALUES ('rescued', ?)", (said,))
                store.seal_changes(db)
        finally:
            db.close()


def _text(value: object) -> object:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _lost_line(damage: Damage, found: _Examined, orphans: Mapping[tuple[str, str], Cells]) -> str:
    row = orphans.get((damage.kind, damage.key)) or found.other[damage.kind].get(damage.key)
    entry = None
    if damage.kind in {"decision", "coding", "memo", "retraction"}:
        entry = found.whole["entry"].get(damage.key) or found.other["entry"].get(damage.key)
    said = {"kind": damage.kind, "key": damage.key, "fault": damage.fault, "as_read": row, "entry": entry}
    text = json.dumps(said, ensure_ascii=False, default=repr)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _runs_through(path: Path, since: str) -> bool:
    number, _, link = since.partition(":")
    if not number.isdecimal() or not link:
        raise InputError(message("study.bad_head", since=since))
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        return store.chain_holds(db, Head(number=int(number), link=_hex(link, since)))


def _hex(text: str, since: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as fault:
        raise InputError(message("study.bad_head", since=since)) from fault
