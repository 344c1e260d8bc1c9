"""The pages of a study file read one by one give what SQLite itself reads, whatever the values and their sizes."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbc_themes.study.recovery import scanned_records

EDGES = [0, 1, -1, 2, 127, 128, -128, -129, 2**15 - 1, 2**15, 2**23 - 1, 2**23, -(2**23) - 1, 2**31 - 1, 2**31,
         2**47 - 1, 2**47, -(2**47) - 1, 2**63 - 1, -(2**63)]  # fmt: skip
"""Integers at the edges of SQLite's widths: 1, 2, 3, 4, 6 and 8 bytes, and 0 and 1, which take none."""

SIZES = [*range(8), 115, 116, 127, 128, *range(960, 1010), *range(4030, 4070), *range(5070, 5100), *range(8130, 8165),
         16_400, 70_000]  # fmt: skip
"""Bytes of a value: where a record's own size needs more bytes, and where it goes over to further pages."""

KINDS = pytest.mark.parametrize("ending", ["", " WITHOUT ROWID"], ids=["table", "index"])


def pages(tmp_path, rows, ending=""):
    """The bytes of an SQLite file with one table of these rows of three values."""
    path = tmp_path / "pages.db"
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path)
    db.execute("PRAGMA page_size = 4096")
    db.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, a, b){ending}")
    db.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    db.commit()
    assert db.execute("SELECT count(*) FROM t").fetchone() == (len(rows),)
    db.close()
    return path.read_bytes()


def read(data):
    """What the pages hold, without SQLite's own record of the table."""
    return sorted(
        ((rowid, *values) for rowid, values in scanned_records(data) if values[:1] != ["table"]), key=repr
    )  # fmt: skip


def expected(rows, ending):
    """A rowid stands beside the record, where SQLite leaves the column empty."""
    return sorted(((None, *row) if ending else (row[0], None, *row[1:]) for row in rows), key=repr)


@KINDS
def test_integers_of_every_width_and_numbers_with_fractions_are_read(tmp_path, ending):
    rows = [(n, value, float(n) / 3) for n, value in enumerate(EDGES)]
    rows += [(value, None, "") for value in EDGES if value >= len(EDGES)]  # a study's keys are never negative
    assert read(pages(tmp_path, rows, ending)) == expected(rows, ending)


@KINDS
def test_values_of_every_size_are_read_also_where_they_go_over_to_further_pages(tmp_path, ending):
    rows = [(n, bytes((n % 251,)) * size, "字" * (size // 3)) for n, size in enumerate(SIZES)]
    rows += [(1000 + n, "x" * size, None) for n, size in enumerate(SIZES)]
    assert read(pages(tmp_path, rows, ending)) == expected(rows, ending)


@KINDS
def test_many_rows_on_many_pages_are_each_read_once(tmp_path, ending):
    rows = [(n, f"第 {n} 行", n * 7) for n in range(3000)]
    assert read(pages(tmp_path, rows, ending)) == expected(rows, ending)


def test_words_that_are_no_utf_8_are_kept_byte_by_byte(tmp_path):
    data = pages(tmp_path, [(1, "abcdef", None)])
    ((_, _, word, _),) = read(data.replace(b"abcdef", b"ab\xffdef"))
    assert word.encode("utf-8", "surrogateescape") == b"ab\xffdef"


def test_a_record_whose_further_pages_are_gone_is_passed_over_and_the_others_read(tmp_path):
    rows = [(1, b"a" * 20_000, None), (2, "b", None)]
    data = pages(tmp_path, rows)
    assert read(data[: 2 * 4096]) == expected(rows[1:], "")


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3 * 4096 - 1), st.integers(0, 255)), max_size=30))
def test_whatever_is_damaged_nothing_is_raised(tmp_path_factory, changes):
    rows = [(n, f"{n}" * 40, bytes(n)) for n in range(60)]
    data = bytearray(pages(tmp_path_factory.mktemp("pages"), rows))
    for place, byte in changes:
        data[place % len(data)] = byte
    for rowid, values in scanned_records(bytes(data)):
        assert rowid is None or isinstance(rowid, int)
        assert isinstance(values, list)
