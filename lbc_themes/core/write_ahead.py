"""SQLite's write-ahead log, switched on patiently.

With the log, readers do not stop the writer and a crash loses no committed transaction. A file stays in it once one
connection has switched. SQLite's own time-out does not cover the switch: of two connections that switch at once, one
is refused on the spot (https://www.sqlite.org/pragma.html#pragma_journal_mode).
"""

import sqlite3
import time

_BETWEEN_TRIES = 0.01


def switch_on(db: sqlite3.Connection, wait_seconds: float) -> None:
    """Put the file behind ``db`` into write-ahead mode; while another holds it, try again for ``wait_seconds``.

    Raises what SQLite raises: that the file is locked where it still is at the end, any other fault at once.
    """
    end = time.monotonic() + wait_seconds
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                raise
            time.sleep(_BETWEEN_TRIES)
        else:
            return
