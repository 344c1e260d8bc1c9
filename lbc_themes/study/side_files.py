"""What may lie beside a study file: a journal of a write that was cut short, or what belongs to another file.

SQLite takes whatever lies beside a file under the right name for its own: put a backup back while the journal of the
file that it replaces is still there, and the two are mixed without a word. So it is looked at first.
"""

import os
import sqlite3
import struct
import time
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message

SUFFIXES = ("-journal", "-wal", "-shm")
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_HEADER = 100
_TRIES = 40
_kept_open: list[int] = []
"""Closing any descriptor of a file gives up all locks of this process on it (POSIX), SQLite's too: none is closed."""


def refuse_foreign(path: Path) -> None:
    """Refuse to open a study beside which the journal or write-ahead log of another file lies.

    Raises:
        InputError: naming the file beside it.
    """
    log, journal = Path(f"{path}-wal"), Path(f"{path}-journal")
    if _size(log) and not _keeps_write_ahead_log(path):
        raise InputError(message("study.foreign_file", path=path, beside=log))
    for _ in range(_TRIES):  # another process may be in the middle of a write
        if not _size(journal) or _belongs(journal, path):
            return
        time.sleep(0.05)
    raise InputError(message("study.foreign_file", path=path, beside=journal))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _header(path: Path) -> bytes:
    return content(path, _HEADER)


def content(path: Path, size: int = -1) -> bytes:
    """Return the bytes of a file, or the first ``size`` of them, without disturbing SQLite's locks on it."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    _kept_open.append(handle)
    with os.fdopen(handle, "rb", closefd=False) as file:
        return file.read(size)


def _keeps_write_ahead_log(path: Path) -> bool:
    """Say whether the file itself says that it is in write-ahead mode, as files of older releases do."""
    return _header(path)[18:20] == b"\x02\x02"


def _belongs(journal: Path, path: Path) -> bool:
    """Say whether a journal can be of the file: its first page, before the write, is the file's or the one before.

    The layout is that of https://www.sqlite.org/fileformat2.html#the_rollback_journal; each write counts up the number
    at offset 24 of the file.
    """
    try:
        data = journal.read_bytes()
    except OSError:
        return True
    if data[:8] != _JOURNAL_MAGIC or len(data) < 28:
        return True  # not begun, or finished: SQLite leaves it alone
    pages, sector, size = struct.unpack(">III", data[16:28])
    header = _header(path)
    if len(header) < _HEADER or not sector or not size:
        return not len(header)
    for at in range(sector, len(data) - size - 7, size + 8):
        if struct.unpack(">I", data[at : at + 4])[0] == 1:
            before = struct.unpack(">I", data[at + 28 : at + 32])[0]
            return struct.unpack(">I", header[24:28])[0] in {before, before + 1}
    return bool(pages <= struct.unpack(">I", header[28:32])[0])


def refuse_mixed(db: sqlite3.Connection, path: Path) -> None:
    """Refuse a file of an older release in which the log beside it lacks or changes what the file alone holds.

    Files before version 4 have no seals. Their log only grows, so that the lines in the file itself must all be there,
    unchanged, once the write-ahead log is read too, and their numbers have no gaps.
    """
    if not _size(Path(f"{path}-wal")):
        return
    alone = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        for table in ("entry", "decision", "coding", "memo", "retraction", "transcript", "passage"):
            kept = set(db.execute(f"SELECT * FROM {table}"))  # noqa: S608 (own names)
            if not kept.issuperset(alone.execute(f"SELECT * FROM {table}")):  # noqa: S608
                raise InputError(message("study.foreign_file", path=path, beside=f"{path}-wal"))
        count, last = db.execute("SELECT count(*), max(id) FROM entry").fetchone()
        if count != (last or 0):
            raise InputError(message("study.foreign_file", path=path, beside=f"{path}-wal"))
    except sqlite3.DatabaseError as fault:
        raise InputError(message("study.foreign_file", path=path, beside=f"{path}-wal")) from fault
    finally:
        alone.close()
