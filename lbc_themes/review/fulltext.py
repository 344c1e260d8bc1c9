"""Full text of a study's passages, held in memory: SQLite FTS5 over single characters, simplified and in lower case.

Chinese has no blanks between words, and the trigram tokenizer of FTS5 finds no word of two characters, which most
Chinese words have. So every character is a token of its own, written as its code point, and a word or phrase is a
phrase of tokens: any run of characters is found exactly, in any script. The index is made anew whenever a study is
served and lies in memory alone, so that no file beside the study can hold what somebody withdrew.
"""

import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence

from lbc_themes.core.records import Passage


class TextIndex:
    """Finds passages by what was said or asked in them. Threads take turns on it."""

    def __init__(self, passages: Iterable[Passage], simplified: Callable[[str], str]) -> None:
        """Index the passages by their place; ``simplified`` returns a text in simplified characters."""
        self._simplified = simplified
        self._lock = threading.Lock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        weakref.finalize(self, self._db.close)  # with the study that is served; Python 3.13 warns of one left open
        self._db.execute("CREATE VIRTUAL TABLE passage USING fts5(said, asked, content='', tokenize='ascii')")
        self._db.execute("BEGIN")
        rows = ((n, self._tokens(p.text), self._tokens(p.question)) for n, p in enumerate(passages))
        self._db.executemany("INSERT INTO passage (rowid, said, asked) VALUES (?, ?, ?)", rows)
        self._db.execute("COMMIT")

    def _tokens(self, text: str) -> str:
        return " ".join(f"{ord(char):x}" for char in self._simplified(text).casefold() if not char.isspace())

    def find(self, words: Sequence[str], *, any_of: bool = False) -> list[int]:
        """Return the places of the passages in which all words and phrases stand, or any of them, in order."""
        phrases = [f'"{tokens}"' for word in words if (tokens := self._tokens(word))]
        if not phrases:
            return []
        with self._lock:
            said = "SELECT rowid FROM passage WHERE passage MATCH ? ORDER BY rowid"
            rows = self._db.execute(said, ((" OR " if any_of else " AND ").join(phrases),)).fetchall()
        return [int(row[0]) for row in rows]
