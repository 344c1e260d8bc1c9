"""Switching on the write-ahead log waits for others, which SQLite by itself does not."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lbc_themes.core import write_ahead


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "file.sqlite")) as db, db:
        db.execute("CREATE TABLE words (word TEXT)")
    return tmp_path / "file.sqlite"


@pytest.fixture
def holder(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that is reading, so that nobody else may change how the file is written."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as db:
        db.execute("BEGIN")
        db.execute("SELECT * FROM words").fetchall()
        yield db


def test_the_switch_waits_until_another_connection_lets_go(path: Path, holder: sqlite3.Connection) -> None:
    release = threading.Timer(0.2, lambda: holder.execute("COMMIT"))
    release.start()
    with closing(sqlite3.connect(path, timeout=0)) as db:
        write_ahead.switch_on(db, wait_seconds=30)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    release.join()


@pytest.mark.usefixtures("holder")
def test_the_switch_gives_up_when_its_time_is_over(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=0)) as db:
        before = time.monotonic()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            write_ahead.switch_on(db, wait_seconds=0.1)
        assert 0.1 <= time.monotonic() - before < 10


def test_what_is_no_matter_of_waiting_is_told_at_once(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN")
        before = time.monotonic()
        with pytest.raises(sqlite3.OperationalError, match="within a transaction"):
            write_ahead.switch_on(db, wait_seconds=30)
        assert time.monotonic() - before < 10
