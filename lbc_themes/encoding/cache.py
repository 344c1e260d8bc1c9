"""Vectors kept on disk, so that a second run of the same study encodes nothing.

The key of a vector is the encoder's versioned name, the kind of text and the text, hashed; no text is stored. The file
is readable by its owner only. Two processes may use one cache: SQLite keeps them apart.
"""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from lbc_themes.core import write_ahead
from lbc_themes.core.assets import codebook_path
from lbc_themes.core.errors import InputError
from lbc_themes.core.files import private_folder, private_new, refuse_special
from lbc_themes.core.messages import message
from lbc_themes.encoding.encoder import Advance, Encoder, TextKind, Vectors, mean_removed_by

LARGEST = 512 * 1024 * 1024
"""Bytes of vectors that a cache keeps; the least recently used tenth goes when there are more."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_use ON vectors (used);
"""
_LONGEST = 4 * 65_536
"""Bytes of the longest vector that is read: a file from a stranger could hold one that fills the memory."""
_ASKED_AT_ONCE = 500
_WAIT_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class CacheInfo:
    """What a cache holds."""

    path: Path
    vectors: int
    bytes: int


def default_cache() -> Path:
    """Return the file in which vectors are kept unless another is named, in the user's own cache folder."""
    from platformdirs import user_cache_path

    return user_cache_path("lbc_themes") / "vectors.sqlite"


def text_key(encoder_name: str, kind: str, text: str) -> bytes:
    """Return the 32 bytes under which a vector is kept."""
    return hashlib.sha256("\0".join((encoder_name, kind, text)).encode("utf-8", "surrogatepass")).digest()


def _numbers(stored: object) -> Vectors | None:
    """Return the vector stored in a cell, or None where it is none: the text is then encoded anew."""
    if not isinstance(stored, bytes) or len(stored) % 4:
        return None
    vector: Vectors = np.frombuffer(stored, np.float32)
    return vector if np.isfinite(vector).all() else None


class VectorCache:
    """Vectors by key in the SQLite file at ``path``, at most ``largest`` bytes of them."""

    def __init__(self, path: Path, largest: int = LARGEST) -> None:
        """Remember the path; the file is made when the first vector is kept."""
        self.path, self.largest = path, largest

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            if not self.path.exists():
                private_folder(self.path.parent)
                try:
                    private_new(self.path)
                except FileExistsError:  # another process was faster, or a link to nothing
                    refuse_special(self.path)
            with closing(sqlite3.connect(self.path, timeout=_WAIT_SECONDS)) as connection, connection:
                write_ahead.switch_on(connection, _WAIT_SECONDS)
                _refuse_programs(connection)
                connection.executescript(_SCHEMA)
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise InputError(message("encoding.vector_cache_used_name", path=self.path, error=error)) from error

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Return the vectors that are there, by key, and mark them as used."""
        if not self.path.exists():
            return {}
        found: dict[bytes, Vectors] = {}
        with self._open() as connection:
            for at in range(0, len(keys), _ASKED_AT_ONCE):
                some = keys[at : at + _ASKED_AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = connection.execute(
                    f"SELECT key, vector FROM vectors WHERE LENGTH(vector) <= {_LONGEST} AND key IN ({marks})",  # noqa: S608 (marks only)
                    some,
                )
                found |= {key: numbers for key, vector in rows if (numbers := _numbers(vector)) is not None}
                connection.execute(
                    f"UPDATE vectors SET used = ? WHERE key IN ({marks})",  # noqa: S608 (marks only)
                    (int(time.time()), *some),
                )
        return found

    def put(self, vectors: dict[bytes, Vectors]) -> None:
        """Keep ``vectors``, and let go of the least recently used where there are too many."""
        if not vectors:
            return
        now = int(time.time())
        with self._open() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                [(key, vector.astype(np.float32).tobytes(), now) for key, vector in vectors.items()],
            )
            count, size = _measure(connection)
            if size > self.largest:
                drop = int(count * (1 - 0.9 * self.largest / size)) + 1
                connection.execute(
                    "DELETE FROM vectors WHERE key IN (SELECT key FROM vectors ORDER BY used, key LIMIT ?)", (drop,)
                )

    def info(self) -> CacheInfo:
        """Return how many vectors there are and how many bytes they take."""
        if not self.path.exists():
            return CacheInfo(path=self.path, vectors=0, bytes=0)
        with self._open() as connection:
            count, size = _measure(connection)
        return CacheInfo(path=self.path, vectors=count, bytes=size)

    def clear(self) -> None:
        """Delete the cache's files."""
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)


def _refuse_programs(connection: sqlite3.Connection) -> None:
    """Refuse a file in which SQLite would run something of its own: views and triggers, which no cache has."""
    connection.execute("PRAGMA trusted_schema = OFF")
    found = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('view', 'trigger')").fetchone()
    if found:
        raise sqlite3.DatabaseError(f"it has a view or trigger, {found[0]!r}, which no cache has")


def _measure(connection: sqlite3.Connection) -> tuple[int, int]:
    count, size = connection.execute("SELECT COUNT(*), COALESCE(SUM(LENGTH(vector)), 0) FROM vectors").fetchone()
    return int(count), int(size)


class CachedEncoder:
    """An encoder that asks ``look_ups`` for vectors first, in order, and keeps what it had to make in ``cache``."""

    def __init__(
        self,
        encoder: Encoder,
        cache: VectorCache | None,
        look_ups: Sequence[Callable[[Sequence[bytes]], dict[bytes, Vectors]]] = (),
    ) -> None:
        """Remember the encoder, where it keeps vectors and where else it looks."""
        self.encoder, self.cache = encoder, cache
        self.look_ups = (*look_ups, cache.get) if cache else tuple(look_ups)

    @property
    def name(self) -> str:
        """The name of the encoder behind the cache: where vectors come from does not change them."""
        return self.encoder.name

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self.encoder.dimensions

    @property
    def mean_removed(self) -> float:
        """The share of a corpus's mean vector that is taken off the encoder's vectors before they are compared."""
        return mean_removed_by(self.encoder)

    def encode(self, texts: Sequence[str], kind: TextKind = "passage", advance: Advance | None = None) -> Vectors:
        """Return what the encoder would, shape ``(len(texts), dimensions)``; equal texts are encoded once.

        Refuses one bare string, which would be taken for a list of its characters.
        """
        if isinstance(texts, str):
            raise InputError(message("encoding.texts_must_list_strings"))
        keys = [text_key(self.name, kind, text) for text in texts]
        missing = dict(zip(keys, texts, strict=True))
        found: dict[bytes, Vectors] = {}
        for look_up in self.look_ups:
            there = look_up(list(missing))
            found |= {key: vector for key, vector in there.items() if self._can_be(vector, missing[key])}
            missing = {key: text for key, text in missing.items() if key not in found}
        if advance:
            advance(len(keys) - len(missing))
        if missing:
            made = self.encoder.encode(list(missing.values()), kind, advance)
            new = dict(zip(missing, made, strict=True))
            found |= new
            if self.cache:
                self.cache.put(new)
        if not keys:
            return np.zeros((0, self.dimensions), np.float32)
        return np.stack([found[key] for key in keys])

    def _can_be(self, vector: Vectors, text: str) -> bool:
        """Say whether the encoder can have made ``vector`` of ``text``: one of zeros is for blank text alone."""
        return vector.shape == (self.dimensions,) and (bool(vector.any()) or not text.strip())


PROBE = 8
"""So many texts are encoded to learn how fast an encoder is here."""


@dataclass(frozen=True, kw_only=True)
class WorkAhead:
    """How many texts are still to be encoded, and about how many seconds that takes on this machine."""

    texts: int
    seconds: float


def work_ahead(encoder: Encoder, texts: Sequence[str], kind: TextKind = "passage") -> WorkAhead:
    """Return what is to be done before all ``texts`` have vectors.

    Eight of the texts that are not in the cache yet are encoded (and kept there), and the time of the rest is taken
    from theirs by its characters. Of fewer than 64 nothing is tried: they take 0.0 seconds.
    """
    missing = list(dict.fromkeys(texts))
    if isinstance(encoder, CachedEncoder):
        keys = {text_key(encoder.name, kind, text): text for text in missing}
        for look_up in encoder.look_ups:
            there = look_up(list(keys))
            keys = {key: text for key, text in keys.items() if key not in there}
        missing = list(keys.values())
    if len(missing) < PROBE * PROBE:
        return WorkAhead(texts=len(missing), seconds=0.0)
    tried = missing[:: len(missing) // PROBE][:PROBE]
    encoder.encode(tried[:1], kind)  # reads the weights, which is no part of the speed
    begun = time.perf_counter()
    encoder.encode(tried[1:], kind)
    speed = (time.perf_counter() - begun) / max(1, sum(map(len, tried[1:])))
    rest = sum(map(len, missing)) - sum(map(len, tried))
    return WorkAhead(texts=len(missing) - len(tried), seconds=speed * rest)


# Vectors that travel with the library: those of its own codebooks, so that a first run need not make them.

SHIPPED = codebook_path("vectors.e5-small-zh.v1.npz")


@cache
def _read(path: Path) -> dict[bytes, Vectors]:
    with np.load(path) as file:
        keys, vectors = file["keys"], file["vectors"]
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}


def shipped_vectors(keys: Sequence[bytes]) -> dict[bytes, Vectors]:
    """Return the vectors that are among ``keys``, by key; a text that was changed since is simply not there."""
    known = _read(SHIPPED) if SHIPPED.is_file() else {}
    return {key: known[key] for key in keys if key in known}


def write_shipped(path: Path, vectors: dict[bytes, Vectors]) -> None:
    """Write vectors as ``shipped_vectors`` reads them, in the order of their keys."""
    ordered = sorted(vectors)
    keys = np.array([np.frombuffer(key, np.uint8) for key in ordered])
    with path.open("wb") as file:
        np.savez(file, keys=keys, vectors=np.stack([vectors[key] for key in ordered]))
