"""The file under a study: opened with care, written in short transactions, its refusals put into words."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from lbc_themes.core import write_ahead
from lbc_themes.core.errors import InputError, LbcError
from lbc_themes.study import schema

_WAIT_SECONDS = 30.0
_SAID = {
    sqlite3.SQLITE_FULL: "the disk is full, and nothing of this step was stored; make room and do it again",
    sqlite3.SQLITE_IOERR: "the disk refused to read or write, and this step was not stored; check space and disk",
    sqlite3.SQLITE_BUSY: "another program has been writing to the study for too long; close it and try again",
    sqlite3.SQLITE_READONLY: "the file or its folder may not be written; check their permissions",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened; check that its folder exists, may be written and has room",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; go back to a backup",
    sqlite3.SQLITE_NOTADB: "this is not a study file; give the path of a study (.lbc)",
}


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what SQLite says into one clear line."""
    try:
        yield
    except sqlite3.Error as fault:
        said = _SAID.get(getattr(fault, "sqlite_errorcode", 0) & 0xFF, f"the study file refused ({fault})")
        raise LbcError(f"{path}: {said}") from fault


class Store:
    """One connection to a study file. Threads take turns on it; other processes may hold their own."""

    def __init__(self, path: Path) -> None:
        """Open the file and check it."""
        self.path = path
        self.lock = threading.RLock()
        if not path.is_file():
            raise InputError(
                f"{path}: no such study; make one with lbc-themes study new or Study.create, or check the path"
            )
        with told(path):
            self._db = _connected(path)
            try:
                _checked(self._db, path)
            except BaseException:
                self._db.close()
                raise

    def read(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """Return the rows of one query."""
        with self.lock, told(self.path):
            return self._db.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Hold one transaction: all of it is stored when the block ends, or nothing where it raises."""
        with self.lock, told(self.path), transaction(self._db):
            yield self._db

    @contextlib.contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """Hold the file for oneself for one transaction whose old content is not to be found in the file afterwards.

        Freed pages are overwritten, the file is written anew without gaps, and no write-ahead log is left.
        """
        with self.lock, told(self.path):
            self._db.execute("PRAGMA busy_timeout = 0")
            try:
                self._leave_log()
                self._db.execute("PRAGMA secure_delete = ON")
                with transaction(self._db):
                    yield self._db
                self._db.execute("VACUUM")
            finally:
                self._db.execute(f"PRAGMA busy_timeout = {int(1000 * _WAIT_SECONDS)}")
                with contextlib.suppress(sqlite3.OperationalError):
                    write_ahead.switch_on(self._db, 0)

    def _leave_log(self) -> None:
        """Fold the write-ahead log into the file and leave it: SQLite does so for the only connection alone."""
        try:
            mode = self._db.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        except sqlite3.OperationalError:
            mode = "wal"
        if mode != "delete":
            raise InputError(f"{self.path}: is open elsewhere; close the review page and other programs, and try again")

    def backup(self, path: Path) -> None:
        """Copy the file as it is at one moment, while others may write."""
        if path.exists():
            raise InputError(f"{path}: already exists; give the backup a name of its own")
        with told(path), unfinished(path) as copy:
            target = sqlite3.connect(copy)
            try:
                with self.lock:
                    self._db.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")
            finally:
                target.close()

    def close(self) -> None:
        """Close the connection. The last one to close folds the write-ahead log into the file."""
        with self.lock, told(self.path):
            self._db.close()


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Begin at once, so that two writers wait for each other instead of failing at the end."""
    db.execute("BEGIN IMMEDIATE")
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
    """Give the name of a file beside ``path`` that takes its name when the block ends well."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        yield part
        part.rename(path)
    except OSError as fault:
        raise InputError(
            f"{path}: cannot be written ({fault.strerror or fault}); check that the folder exists and has room"
        ) from fault
    finally:
        for leftover in (part, Path(f"{part}-journal"), Path(f"{part}-wal"), Path(f"{part}-shm")):
            leftover.unlink(missing_ok=True)


def new_file(path: Path, about: Mapping[str, str]) -> sqlite3.Connection:
    """Make the tables of an empty study at ``path``."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA foreign_keys = ON")
    with transaction(db):
        for statement in schema.CREATE:
            db.execute(statement)
        db.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {schema.VERSION}")
    return db


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        for setting in ("foreign_keys = ON", "recursive_triggers = ON", "synchronous = FULL", "trusted_schema = OFF"):
            db.execute(f"PRAGMA {setting}")
    except BaseException:
        db.close()
        raise
    return db


def _checked(db: sqlite3.Connection, path: Path) -> None:
    if _pragma(db, "application_id") != schema.APPLICATION_ID:
        raise InputError(f"{path}: this is not a study file; give the path of a study (.lbc)")
    version = _pragma(db, "user_version")
    if not isinstance(version, int) or version > schema.VERSION or version < min({schema.VERSION, *schema.MIGRATIONS}):
        raise InputError(
            f"{path}: the file has version {version} and this release reads up to {schema.VERSION}; update lbc_themes"
        )
    found = _pragma(db, "quick_check(1)")
    strays = db.execute("PRAGMA foreign_key_check").fetchone()
    if found != "ok" or strays:
        raise LbcError(f"{path}: the file is damaged ({found if found != 'ok' else strays}); go back to a backup")
    _migrate(db)
    write_ahead.switch_on(db, _WAIT_SECONDS)


def _migrate(db: sqlite3.Connection) -> None:
    while _pragma(db, "user_version") != schema.VERSION:
        with transaction(db):
            # Another process may have been first.
            version = int(_pragma(db, "user_version"))
            for statement in schema.MIGRATIONS.get(version, ()):
                db.execute(statement)
            if version in schema.MIGRATIONS:
                db.execute(f"PRAGMA user_version = {version + 1}")


def _pragma(db: sqlite3.Connection, name: str) -> int | str:
    value: int | str = db.execute(f"PRAGMA {name}").fetchone()[0]
    return value
