"""Taguette's project file: read as it is, and a stranger's database refused in one line."""

import os
import sqlite3

import pytest
from study_samples import CHILD, made

from lbc_themes.core.errors import InputError
from lbc_themes.exchange import taguette_segments
from lbc_themes.study.import_export import Import, import_into

TABLES = """
CREATE TABLE documents (id INTEGER PRIMARY KEY, name TEXT, contents TEXT);
CREATE TABLE tags (id INTEGER PRIMARY KEY, path TEXT);
CREATE TABLE highlights (id INTEGER PRIMARY KEY, document_id INTEGER, start_offset INTEGER, end_offset INTEGER,
  snippet TEXT);
CREATE TABLE highlight_tags (highlight_id INTEGER, tag_id INTEGER);
CREATE TABLE commands (id INTEGER PRIMARY KEY, user_login TEXT, date TEXT, payload TEXT);
"""
WORDS = "有时候想我妈"
START = len(CHILD[: CHILD.index(WORDS)].encode())


def database(path, *more, tables=TABLES):
    db = sqlite3.connect(path)
    db.executescript(tables)
    db.execute("INSERT INTO documents VALUES (1, 'K01', ?)", (f"<p>{CHILD}</p>",))
    db.execute("INSERT INTO tags VALUES (1, '想念')")
    db.execute("INSERT INTO highlights VALUES (1, 1, ?, ?, ?)", (START, START + len(WORDS.encode()), WORDS))
    db.execute("INSERT INTO highlight_tags VALUES (1, 1)")
    payload = '{"type": "highlight_add", "highlight_id": 1}'
    db.execute("INSERT INTO commands VALUES (1, 'li', '2025-03-01 08:00:00', ?)", (payload,))
    for statement in more:
        db.execute(statement)
    db.commit()
    db.close()
    return path


def taken(folder, path):
    with made(folder, "t.lbc") as study:
        found = import_into(study, Import(file=path, coder="", language="zh"))
        return study.codings(), {loss.topic: loss.count for loss in found.losses}


def test_a_highlight_is_a_coding_of_who_made_it(tmp_path):
    (coding,), losses = taken(tmp_path, database(tmp_path / "p.sqlite3"))
    assert (CHILD[coding.start : coding.end], coding.code_id, coding.coder) == (WORDS, "longing", "li")
    assert losses == {}


def test_a_highlight_without_a_tag_is_counted(tmp_path):
    path = database(tmp_path / "p.sqlite3", "INSERT INTO highlights VALUES (2, 1, 0, 9, '访谈者')")
    codings, losses = taken(tmp_path, path)
    assert (len(codings), losses) == (1, {"segment-half": 1})


def refused(path):
    with pytest.raises(InputError) as fault:
        taguette_segments(path)
    said = str(fault.value)
    assert "\n" not in said
    assert path.name in said
    return said


@pytest.mark.slow
@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE highlights SET start_offset = NULL"], ["UPDATE highlights SET end_offset = 'x'"],
        ["UPDATE highlights SET start_offset = -5"], ["UPDATE documents SET contents = NULL"],
        ["UPDATE documents SET contents = x'ff00fe'"], ["UPDATE documents SET contents = CAST(x'ff00fe' AS TEXT)"],
        ["UPDATE commands SET payload = '{'"], ["UPDATE highlights SET start_offset = 9, end_offset = 3"],
        ["UPDATE documents SET contents = zeroblob(60000000)"],
        ["DROP TABLE tags", "CREATE VIEW tags AS SELECT 1 AS id, '想念' AS path"],
        ["DROP TABLE documents", "CREATE VIRTUAL TABLE documents USING fts5(name, contents)"],
        ["DROP TABLE highlights"],
        [
            "DROP TABLE documents",
            "CREATE TABLE documents (id, name, contents AS (CAST(zeroblob(400000000) AS TEXT)))",
            "INSERT INTO documents VALUES (1, 'K01')",
        ],
    ],
)  # fmt: skip
def test_strange_tables_and_cells_are_refused_in_one_line(tmp_path, statements):
    assert "no project file of Taguette's" in refused(database(tmp_path / "p.sqlite3", *statements))


def test_triggers_and_views_of_a_stranger_do_nothing(tmp_path):
    path = database(
        tmp_path / "p.sqlite3",
        "CREATE TRIGGER t AFTER INSERT ON tags BEGIN DELETE FROM highlights; END",
        "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
    )
    before = path.read_bytes()
    assert len(taguette_segments(path)) == 1
    assert path.read_bytes() == before


def test_what_computes_without_end_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr("lbc_themes.exchange.taguette._STEPS", 3)
    rows = (
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) SELECT i, 1, 0, 9, '' FROM n"
    )
    assert "no project file" in refused(database(tmp_path / "p.sqlite3", f"INSERT INTO highlights {rows}"))


def test_more_highlights_than_a_project_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("lbc_themes.exchange.taguette._HIGHLIGHTS", 1)
    refused(database(tmp_path / "p.sqlite3", "INSERT INTO highlights VALUES (2, 1, 0, 9, '')"))


@pytest.mark.slow
@pytest.mark.parametrize("cut", [100, 4096, 9000])
def test_a_file_cut_short_is_refused(tmp_path, cut):
    path = database(tmp_path / "p.sqlite3")
    path.write_bytes(path.read_bytes()[:cut])
    refused(path)


@pytest.mark.slow
def test_a_file_with_bytes_overwritten_is_read_or_refused(tmp_path):
    path = database(tmp_path / "p.sqlite3")
    data = path.read_bytes()
    for at in range(16, len(data), 97):
        path.write_bytes(data[:at] + b"\xff\x00\xff" * 5 + data[at + 15 :])
        try:
            taguette_segments(path)
        except InputError as fault:
            assert "\n" not in str(fault)


def test_a_huge_file_is_refused_unread(tmp_path):
    path = database(tmp_path / "p.sqlite3")
    with path.open("r+b") as file:
        file.truncate(600_000_000)  # a hole, not blocks
    assert "more than 500 MB" in refused(path)


def test_a_file_that_taguette_has_open_is_refused(tmp_path):
    path = database(tmp_path / "p.sqlite3")
    (tmp_path / "p.sqlite3-wal").write_bytes(b"x")
    assert "Taguette has it open" in refused(path)


@pytest.mark.parametrize("data", [b"", b"SQLite format 3\0", b"PK\x03\x04", "标签".encode()])
def test_other_files_are_refused(tmp_path, data):
    (tmp_path / "p.sqlite3").write_bytes(data)
    refused(tmp_path / "p.sqlite3")
    with pytest.raises(InputError, match="no project file of Taguette's"):
        taken(tmp_path, tmp_path / "p.sqlite3")


@pytest.mark.skipif(os.name == "nt", reason="links and pipes need rights there")
def test_links_to_nowhere_in_circles_and_to_pipes_are_refused(tmp_path):
    for name, target in (("nowhere.sqlite3", "none"), ("circle.sqlite3", "circle.sqlite3"), ("folder.sqlite3", ".")):
        (tmp_path / name).symlink_to(target)
        refused(tmp_path / name)
    os.mkfifo(tmp_path / "pipe.sqlite3")
    refused(tmp_path / "pipe.sqlite3")
    database(tmp_path / "p.db")
    (tmp_path / "link.sqlite3").symlink_to("p.db")
    assert len(taguette_segments(tmp_path / "link.sqlite3")) == 1
