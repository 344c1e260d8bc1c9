"""What holds participants' words is its owner's alone, appears whole or not at all, and is named for every system."""

import csv
import io
import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbc_themes.core import files

posix_only = pytest.mark.skipif(os.name != "posix", reason="rights of a POSIX file system")


@pytest.fixture
def _open_handed():
    """A umask that takes nothing away, as a careless system has it."""
    old = os.umask(0)
    yield
    os.umask(old)


@pytest.fixture
def _windows(monkeypatch):
    monkeypatch.setattr(files, "SYSTEM", "nt")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def by_replace(path: Path) -> None:
    with files.private_replace(path) as beside:
        beside.unlink()  # as a library does that makes its file anew
        beside.write_bytes(b"new")


def by_open(path: Path) -> None:
    with files.private_open(path, "w", encoding="utf-8-sig") as file:
        file.write("新\r\n行\n")


def by_copy(path: Path) -> None:
    source = path.with_name("source")
    source.write_bytes(b"x" * 100_000)
    files.copy_private(source, path)
    source.unlink()


WRITERS = [lambda path: files.write_private(path, "新"), by_replace, by_open, by_copy]


@posix_only
@pytest.mark.usefixtures("_open_handed")
@pytest.mark.parametrize("write", WRITERS)
def test_a_written_file_is_its_owners_alone_and_alone_in_its_folder(write, tmp_path):
    path = tmp_path / "a.csv"
    for _ in range(2):  # made, and replaced
        write(path)
        assert mode(path) == 0o600
        assert list(tmp_path.iterdir()) == [path]


@posix_only
@pytest.mark.usefixtures("_open_handed")
def test_a_file_is_private_while_it_is_being_written(tmp_path):
    with files.private_replace(tmp_path / "a.db") as beside:
        db = sqlite3.connect(beside)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (x)")
        assert {file.suffix for file in tmp_path.iterdir()} >= {".db", ".db-wal", ".db-shm"}
        assert {mode(file) for file in tmp_path.iterdir()} == {0o600}
        db.close()
    assert [file.name for file in tmp_path.iterdir()] == ["a.db"]


@posix_only
@pytest.mark.usefixtures("_open_handed")
def test_sqlite_makes_side_files_as_private_as_the_file(tmp_path):
    db = sqlite3.connect(files.private_new(tmp_path / "study.lbc"))
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE t (x)")
    assert len(list(tmp_path.iterdir())) == 3
    assert {mode(file) for file in tmp_path.iterdir()} == {0o600}
    db.close()


def test_a_new_file_takes_no_place_that_is_taken(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        files.private_new(tmp_path / "link")
    assert not (tmp_path / "nowhere").exists()


@posix_only
@pytest.mark.usefixtures("_open_handed")
def test_new_folders_are_private_and_old_ones_stay_as_they_are(tmp_path):
    (tmp_path / "shared").mkdir(mode=0o755)
    made = files.private_folder(tmp_path / "shared" / "a" / "b")
    assert [mode(folder) for folder in (made, made.parent, tmp_path / "shared")] == [0o700, 0o700, 0o755]
    assert files.private_folder(made) == made
    with files.private_temporary_folder() as folder:
        assert mode(folder) == 0o700
    assert not folder.exists()


def test_a_folder_cannot_stand_where_a_file_is(tmp_path):
    (tmp_path / "a").write_text("x")
    with pytest.raises(NotADirectoryError):
        files.private_folder(tmp_path / "a" / "b")


@pytest.mark.parametrize("write", WRITERS)
def test_nothing_is_written_through_a_link(write, tmp_path):
    victim, link = tmp_path / "victim", tmp_path / "out.csv"
    victim.write_text("theirs")
    link.symlink_to(victim)
    with pytest.raises(OSError, match="written through a link"):
        write(link)
    assert victim.read_text() == "theirs"
    assert link.is_symlink()


@pytest.mark.parametrize("planted", [".a.csv.part", "a.csv.part", ".a.part"])
def test_a_planted_part_file_is_neither_used_nor_touched(planted, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("theirs")
    (tmp_path / planted).symlink_to(victim)
    files.write_private(tmp_path / "a.csv", "mine")
    assert victim.read_text() == "theirs"
    assert (tmp_path / "a.csv").read_text() == "mine"


def test_a_guessed_name_is_passed_over(tmp_path, monkeypatch):
    names = iter(["planted", "planted", "fresh"])
    monkeypatch.setattr(files.secrets, "token_hex", lambda _: next(names))
    victim = tmp_path / "victim"
    victim.write_text("theirs")
    (tmp_path / ".a.planted.part.csv").symlink_to(victim)
    files.write_private(tmp_path / "a.csv", "mine")
    assert victim.read_text() == "theirs"


@posix_only
@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir])
def test_a_pipe_or_a_folder_is_not_replaced(make, tmp_path):
    make(tmp_path / "a")
    with pytest.raises(OSError, match=r"no plain file|[Dd]irectory"):
        files.write_private(tmp_path / "a", "mine")
    assert len(list(tmp_path.iterdir())) == 1


def test_what_stood_there_stays_where_writing_fails(tmp_path):
    (tmp_path / "a.csv").write_text("old")

    def fail():
        with files.private_open(tmp_path / "a.csv") as file:
            file.write(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        fail()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.csv", "old")]


def test_line_ends_and_marks_are_written_as_given(tmp_path):
    by_open(tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_bytes() == "\ufeff新\r\n行\n".encode()


@pytest.mark.parametrize("name", ["访" * 80, "a" * 250, "." + "b" * 100, "x." + "y" * 200])
def test_long_names_leave_room_for_the_name_beside_them(name, tmp_path):
    files.write_private(tmp_path / name, "x")
    assert [file.name for file in tmp_path.iterdir()] == [name]


# Windows, simulated


@pytest.mark.usefixtures("_windows")
def test_windows_has_no_modes_and_no_open_folders(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "chmod", lambda *_: pytest.fail("no modes on Windows"))
    monkeypatch.setattr(os, "umask", lambda *_: pytest.fail("no umask on Windows"))
    folder = files.private_folder(tmp_path / "a")
    files.keep_process_private()
    files.write_private(folder / "a.txt", "x")
    assert (folder / "a.txt").read_text() == "x"
    assert not files.open_to_others(folder / "a.txt")


@pytest.mark.usefixtures("_windows")
def test_windows_refuses_to_replace_what_a_spreadsheet_has_open(tmp_path, monkeypatch):
    def in_use(*_):
        raise PermissionError(13, "Access is denied")

    (tmp_path / "a.xlsx").write_text("old")
    monkeypatch.setattr(os, "replace", in_use)
    with pytest.raises(PermissionError, match="open in another program"):
        files.write_private(tmp_path / "a.xlsx", "new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.xlsx", "old")]


@pytest.mark.usefixtures("_windows")
def test_windows_opens_a_long_path_with_a_prefix():
    assert str(files.native_path("/" + "a" * 300)).startswith("\\\\?\\")
    assert str(files.native_path("/short")) == "/short"


NAMES = [
    ("K01", "K01.txt"), ("K01:王/李", "K01-王-李.txt"), ("CON", "_CON.txt"), ("nul.tar", "_nul.tar.txt"),
    ("com1", "_com1.txt"), ("LPT¹", "_LPT¹.txt"), ("console", "console.txt"), ("", "_.txt"), ("..", "_.txt"),
    (".hidden", "_.hidden.txt"),
    ("end. ", "end.txt"), ("a\x00b\nc", "a-b-c.txt"), ("\ud800", "-.txt"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), NAMES)
def test_names_are_ones_that_every_system_takes(text, name):
    assert files.file_name(text, ".txt") == name


@given(st.lists(st.text(max_size=300), max_size=8))
def test_names_are_different_in_a_folder_without_case_and_fit(texts):
    names = files.file_names(texts, ".txt")
    assert len({name.casefold() for name in names}) == len(texts)
    assert all(name.endswith(".txt") and len(name.encode()) <= 140 and "/" not in name for name in names)


def test_names_that_differ_in_case_or_in_composition_alone_are_numbered():
    assert files.file_names(["A", "a", "é", "e\u0301", "a-2"]) == ["A", "a-2", "é", "é-2", "a-2-2"]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp936", "utf-8"])
def test_a_console_that_knows_no_chinese_shows_escapes(encoding):
    raw = io.BytesIO()
    console = io.TextIOWrapper(raw, encoding=encoding)
    files.prepare_console([console])
    console.write("编码 \U0001f600\n")
    console.flush()
    shown = raw.getvalue().decode(encoding)
    assert shown == "编码 \U0001f600\n" if encoding == "utf-8" else "\\U0001f600" in shown


def test_a_stream_that_is_no_console_is_left_alone():
    files.prepare_console([io.StringIO()])


@pytest.mark.slow
@given(st.lists(st.text(alphabet="=+-@\t\r\n＝'嗯a,\"", max_size=6), min_size=2, max_size=4))
def test_no_cell_of_a_table_begins_as_a_formula_and_all_come_back(tmp_path_factory, row):
    path = tmp_path_factory.mktemp("table") / "a.csv"
    with files.private_csv(path) as write_row:
        write_row(row)
    with path.open(encoding="utf-8-sig", newline="") as file:
        (cells,) = csv.reader(file)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝")) for cell in cells)
    assert [files.cell_text(cell) for cell in cells] == [files.cell_text(text) for text in row]
