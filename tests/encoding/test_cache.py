"""Vectors kept on disk: nothing is encoded twice, and nobody else reads them."""

import os
import sqlite3
import stat
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from conftest import FakeEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from lbc_themes.codebook import load_codebook
from lbc_themes.core.assets import codebook_names
from lbc_themes.core.errors import InputError
from lbc_themes.encoding import VectorCache, Vectors, WorkAhead, cache, default_cache, load_encoder, work_ahead
from lbc_themes.encoding.cache import SHIPPED, CachedEncoder, shipped_vectors, text_key, write_shipped
from lbc_themes.suggest.features import texts_to_encode

TEXTS = ["我想妈妈。", "家里没钱。", "", "我想妈妈。"]


@pytest.fixture
def kept(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "deep" / "vectors.sqlite")


def vector(number: float) -> Vectors:
    return np.full(4, number, np.float32)


def key(number: int) -> bytes:
    return text_key("fake.v1", "passage", str(number))


def test_a_second_call_encodes_nothing_and_gives_the_same_bits(fake_encoder: FakeEncoder, kept: VectorCache) -> None:
    first = CachedEncoder(fake_encoder, kept).encode(TEXTS)
    assert fake_encoder.encoded == ["我想妈妈。", "家里没钱。", ""]
    second = CachedEncoder(fake_encoder, VectorCache(kept.path)).encode(TEXTS)
    assert len(fake_encoder.encoded) == 3
    assert first.tobytes() == second.tobytes() == FakeEncoder().encode(TEXTS).tobytes()


def test_only_what_is_new_is_encoded(fake_encoder: FakeEncoder, kept: VectorCache) -> None:
    encoder = CachedEncoder(fake_encoder, kept)
    encoder.encode(["我想妈妈。"])
    encoder.encode(["腿疼。", "我想妈妈。", "书包坏了。"])
    assert fake_encoder.encoded == ["我想妈妈。", "腿疼。", "书包坏了。"]


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.text("妈书钱疼 ", max_size=4), max_size=6), max_size=4))
def test_whatever_is_cached_already_the_rows_are_those_of_the_encoder(calls: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        encoder = CachedEncoder(FakeEncoder(), VectorCache(Path(folder) / "v.sqlite"))
        for texts in calls:
            np.testing.assert_array_equal(encoder.encode(texts), FakeEncoder().encode(texts))


def test_progress_counts_the_found_the_made_and_the_repeated(fake_encoder: FakeEncoder, kept: VectorCache) -> None:
    encoder, done = CachedEncoder(fake_encoder, kept), list[int]()
    encoder.encode(["我想妈妈。"])
    encoder.encode([*TEXTS, "家里没钱。"], advance=done.append)
    assert sum(done) == 5


@pytest.mark.parametrize(
    ("name", "kind", "text"), [("fake.v2", "passage", "好"), ("fake.v1", "query", "好"), ("fake.v1", "passage", "好 ")]
)
def test_another_encoder_kind_or_text_has_another_key(name: str, kind: str, text: str) -> None:
    assert text_key(name, kind, text) != text_key("fake.v1", "passage", "好")


def test_a_text_that_no_file_can_hold_has_a_key_all_the_same() -> None:
    assert len(text_key("fake.v1", "passage", "坏\ud800")) == 32


def test_no_text_is_stored(fake_encoder: FakeEncoder, kept: VectorCache) -> None:
    CachedEncoder(fake_encoder, kept).encode(["阿旺说他想妈妈。"])
    written = b"".join(path.read_bytes() for path in kept.path.parent.iterdir())
    assert all("阿旺".encode(form) not in written for form in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"))


def test_the_file_is_its_owners_alone_whatever_the_umask(fake_encoder: FakeEncoder, kept: VectorCache) -> None:
    before = os.umask(0)
    try:
        CachedEncoder(fake_encoder, kept).encode(["好"])
    finally:
        os.umask(before)
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700


@pytest.mark.slow
def test_the_least_recently_used_go_where_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bounded = VectorCache(tmp_path / "v.sqlite", largest=20 * 16)
    for now in range(20):
        monkeypatch.setattr(cache.time, "time", lambda now=now: now)
        bounded.put({key(now): vector(now)})
    monkeypatch.setattr(cache.time, "time", lambda: 100)
    bounded.get([key(0)])
    monkeypatch.setattr(cache.time, "time", lambda: 101)
    bounded.put({key(20): vector(20)})
    left = sorted(number for number in range(21) if bounded.get([key(number)]))
    assert left == [0, *range(5, 21)]
    assert bounded.info().bytes <= bounded.largest


def test_one_call_with_more_than_the_bound_leaves_no_more_than_the_bound(tmp_path: Path) -> None:
    bounded = VectorCache(tmp_path / "v.sqlite", largest=10 * 16)
    bounded.put({key(number): vector(number) for number in range(100)})
    assert 0 < bounded.info().bytes <= bounded.largest


def test_more_keys_than_one_query_takes_are_found(tmp_path: Path) -> None:
    many = VectorCache(tmp_path / "v.sqlite")
    many.put({key(number): vector(number) for number in range(1203)})
    found = many.get([key(number) for number in range(1300)])
    assert len(found) == 1203
    assert (found[key(1200)] == vector(1200)).all()


WRITER = """
import sys
from pathlib import Path
import numpy as np
from lbc_themes.encoding.cache import VectorCache, text_key
kept = VectorCache(Path(sys.argv[1]))
for number in range(40):
    keys = [text_key("fake.v1", "passage", f"{who} {number}") for who in (sys.argv[2], "both")]
    kept.put({key: np.full(4, number, np.float32) for key in keys})
    assert len(kept.get(keys)) == 2
"""


@pytest.mark.slow
def test_two_processes_use_one_cache_at_the_same_time(kept: VectorCache) -> None:
    commands = [[sys.executable, "-c", WRITER, str(kept.path), who] for who in ("one", "other")]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]
    errors = [process.communicate(timeout=60)[1] for process in running]
    assert errors == ["", ""]
    assert kept.info().vectors == 120


def broken(path: Path) -> None:
    path.write_bytes(b"this is no database, whatever its name says" * 40)


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("spoil", [broken, folder])
@pytest.mark.parametrize("use", [lambda kept: kept.get([key(1)]), lambda kept: kept.put({key(1): vector(1)})])
def test_a_file_that_is_no_cache_is_refused_in_one_line(
    tmp_path: Path, spoil: Callable[[Path], None], use: Callable[[VectorCache], object]
) -> None:
    path = tmp_path / "vectors.sqlite"
    spoil(path)
    with pytest.raises(InputError) as caught:
        use(VectorCache(path))
    line = str(caught.value)
    assert line.startswith(f"the vector cache {path} can't be used (")
    assert line.endswith("); name another file with --cache, delete it, or run with --no-cache")
    assert "\n" not in line


def planted(path: Path, *statements: str) -> VectorCache:
    with closing(sqlite3.connect(path)) as file:
        for statement in statements:
            file.execute(statement)
        file.commit()
    return VectorCache(path)


TABLE = "CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID"


@pytest.mark.slow
@pytest.mark.parametrize(
    "stored",
    [np.zeros(4), np.full(4, np.nan), np.full(4, np.inf), np.ones(3), np.ones(4096), np.ones(0)],
    ids=["zeros", "nan", "infinite", "short", "long", "empty"],
)
def test_what_the_encoder_cannot_have_made_is_made_anew(
    fake_encoder: FakeEncoder, tmp_path: Path, stored: np.ndarray
) -> None:
    there = VectorCache(tmp_path / "v.sqlite")
    there.put({text_key(fake_encoder.name, "passage", "我想妈妈。"): stored.astype(np.float32)})
    made = CachedEncoder(fake_encoder, there).encode(["我想妈妈。"])
    assert (made == fake_encoder.encode(["我想妈妈。"])).all()


@pytest.mark.slow
def test_a_vector_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    there = planted(tmp_path / "v.sqlite", TABLE)
    with closing(sqlite3.connect(there.path)) as file:
        file.execute("INSERT INTO vectors VALUES (?, zeroblob(300000000), 0)", (key(1),))
        file.commit()
    tracemalloc.start()
    assert there.get([key(1)]) == {}
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS key, i AS vector, 0 AS used FROM n"
)


@pytest.mark.parametrize(
    "statements",
    [
        (f"CREATE VIEW vectors AS {ENDLESS}",),
        (TABLE, "CREATE TRIGGER t AFTER UPDATE ON vectors BEGIN DELETE FROM vectors; END"),
        ("CREATE TABLE vectors (key TEXT)",),
    ],
    ids=["view", "trigger", "another table"],
)
def test_a_cache_from_a_stranger_runs_nothing_of_its_own(tmp_path: Path, statements: tuple[str, ...]) -> None:
    there = planted(tmp_path / "v.sqlite", *statements)
    with pytest.raises(InputError, match=r"^the vector cache .* can't be used") as refused:
        there.get([key(1)])
    assert "\n" not in str(refused.value)


def test_a_cache_in_a_place_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"^the vector cache .* can't be used"):
        VectorCache(tmp_path / "file" / "v.sqlite").put({key(1): vector(1)})


def test_looking_makes_no_file_and_clearing_leaves_none(fake_encoder: FakeEncoder, kept: VectorCache) -> None:
    assert (kept.info().vectors, kept.info().bytes, kept.get([key(1)])) == (0, 0, {})
    assert not kept.path.exists()
    CachedEncoder(fake_encoder, kept).encode(["好", "我想妈妈。"])
    assert (kept.info().vectors, kept.info().bytes) == (2, 2 * 5 * 4)
    kept.clear()
    assert list(kept.path.parent.iterdir()) == []


def test_without_a_cache_nothing_is_written(fake_encoder: FakeEncoder, tmp_path: Path) -> None:
    CachedEncoder(fake_encoder, None).encode(TEXTS)
    assert list(tmp_path.iterdir()) == []


def test_the_usual_cache_lies_in_the_users_own_folder() -> None:
    assert default_cache().name == "vectors.sqlite"
    assert default_cache().parent.name == "lbc_themes"


# Vectors that travel with the library


@pytest.mark.parametrize("name", codebook_names())
def test_every_text_of_a_codebook_has_its_vector_in_the_shipped_file(name: str) -> None:
    encoder = load_encoder()
    texts = [(kind, text) for kind, some in texts_to_encode(load_codebook(name)).items() for text in some]
    known = shipped_vectors([text_key(encoder.name, kind, text) for kind, text in texts])
    missing = [text for kind, text in texts if text_key(encoder.name, kind, text) not in known]
    assert not missing, "run models/build_codebook_vectors.py"


def test_the_shipped_file_holds_nothing_else() -> None:
    encoder, keys = load_encoder(), set[bytes]()
    for name in codebook_names():
        for kind, texts in texts_to_encode(load_codebook(name)).items():
            keys |= {text_key(encoder.name, kind, text) for text in texts}
    with np.load(SHIPPED) as file:
        assert {found.tobytes() for found in file["keys"]} == keys


@pytest.mark.slow
def test_shipped_vectors_are_what_the_encoder_makes() -> None:
    from lbc_themes.core.assets import model_folder
    from lbc_themes.encoding.encoder import OnnxEncoder

    encoder = OnnxEncoder(model_folder("e5-small-zh"))
    for kind, texts in texts_to_encode(load_codebook(codebook_names()[0])).items():
        some = texts[:: len(texts) // 5]
        known = shipped_vectors([text_key(encoder.name, kind, text) for text in some])
        rows = np.stack([known[text_key(encoder.name, kind, text)] for text in some])
        # Processors round int8 sums differently, so the last bits may not be the same.
        assert (rows * encoder.encode(some, kind)).sum(axis=1).min() > 0.995


def test_what_is_written_to_travel_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_shipped(tmp_path / SHIPPED.name, {key(2): vector(2), key(1): vector(1)})
    monkeypatch.setattr("lbc_themes.encoding.cache.SHIPPED", tmp_path / SHIPPED.name)
    found = shipped_vectors([key(3), key(1)])
    assert list(found) == [key(1)]
    assert (found[key(1)] == vector(1)).all()


def test_without_the_shipped_file_vectors_are_simply_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lbc_themes.encoding.cache.SHIPPED", tmp_path / SHIPPED.name)
    assert shipped_vectors([key(1)]) == {}


@pytest.mark.slow
def test_the_work_ahead_counts_what_the_cache_lacks_and_keeps_what_it_tried(tmp_path: Path) -> None:
    texts = [f"第{number}段，我想家" for number in range(100)]
    encoder = load_encoder(cache=tmp_path / "v.sqlite")
    encoder.encode(texts[:30])
    ahead = work_ahead(encoder, [*texts, *texts])
    assert ahead.texts == 70 - 8
    assert ahead.seconds > 0
    assert VectorCache(tmp_path / "v.sqlite").info().vectors == 38
    encoder.encode(texts)
    assert work_ahead(encoder, texts) == WorkAhead(texts=0, seconds=0.0)
