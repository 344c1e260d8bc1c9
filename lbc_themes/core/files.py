r"""Files that hold participants' words, and all that differs between operating systems.

Every file that the library writes goes through this module, for a transcript, a report or a study file is readable by
its owner alone: files have mode 0600 and folders 0700. A file appears at its path whole or not at all, and nothing is
written through a symbolic link or into a file that somebody else put there first.

permissions      POSIX: 0600 and 0700, whatever the umask. Windows: inherited from the folder; in a user's own profile
                 nobody else can read them.
links            a random name made with O_EXCL and, where there is such a thing, O_NOFOLLOW
open elsewhere   Windows refuses to replace a file that another program holds; it is said in plain words.
durability       fsync of the file and, on POSIX, of its folder
long paths       Windows: the prefix ``\\?\`` from 248 characters on
names            no ``<>:"/\|?*``, no CON, NUL or COM1, no dot or blank at the end, no two that differ in case alone
line ends        written as given, never translated
console          what its encoding cannot show is escaped

Names for new files are made by the strictest rules on every system, for a study moves between machines. The library
installs no signal handlers, and takes no locks but those of SQLite, which work on all three systems.
"""

import csv
import errno
import io
import math
import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PureWindowsPath
from typing import IO, Any

SYSTEM = os.name  # "posix" or "nt"; tests set it

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_OTHERS = 0o077
_LONG_WINDOWS_PATH = 248
_LONGEST_NAME = 120  # bytes of UTF-8: file systems take 255, and a folder, a suffix and ".part" must fit too
_SIDE_FILES = ("-journal", "-wal", "-shm")
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)


# Writing


@contextmanager
def private_replace(path: str | Path) -> Iterator[Path]:
    """Yield the path of an empty private file beside ``path``; it takes that name when the block ends well.

    For libraries that want a path. If the block raises, what stood at ``path`` stays and the new file goes. The yielded
    path has a random name and the suffix of ``path``.

    Raises:
        OSError: the folder is missing or full, ``path`` is a folder, a link or a device, or another program holds it.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with private_replace(Path(folder) / "a.txt") as path:
    ...         _ = path.write_text("嗯")
    ...     [(file.name, file.read_text()) for file in Path(folder).iterdir()]
    [('a.txt', '嗯')]
    """
    target = native_path(path)
    refuse_special(target)
    beside = _new_beside(target)
    try:
        yield beside
        make_private(beside)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        _take_the_name(beside, target)
    finally:
        for leftover in (beside, *(Path(f"{beside}{end}") for end in _SIDE_FILES)):
            leftover.unlink(missing_ok=True)
    _sync_folder(target.parent)


@contextmanager
def private_open(
    path: str | Path, mode: str = "wb", *, encoding: str | None = None, newline: str | None = ""
) -> Iterator[IO[Any]]:
    """Open ``path`` for writing as `open` does; the file appears, private and whole, when the block ends well.

    Args:
        path: The file to write or replace.
        mode: "wb" for bytes or "w" for text.
        encoding: Of text; UTF-8 unless given ("utf-8-sig" is what makes a spreadsheet show Chinese).
        newline: As in `open`; nothing is translated unless asked for, so a file is the same on every system.
    """
    if mode not in {"w", "wb"}:
        raise ValueError(f"mode {mode!r}: use 'w' or 'wb'")
    with private_replace(path) as beside:
        if mode == "wb":
            with beside.open("wb") as file:
                yield file
        else:
            with beside.open("w", encoding=encoding or "utf-8", newline=newline) as text:
                yield text


def write_private(path: str | Path, data: str | bytes, *, encoding: str = "utf-8") -> None:
    """Write ``data`` to ``path`` as `private_open` does. Line ends stay as they are in ``data``."""
    with private_open(path) as file:
        file.write(data.encode(encoding) if isinstance(data, str) else data)


def copy_private(source: str | Path, target: str | Path) -> None:
    """Copy the content of a file to ``target``, which only its owner can read."""
    with native_path(source).open("rb") as given, private_open(target) as made:
        shutil.copyfileobj(given, made)


def private_new(path: str | Path) -> Path:
    """Make an empty private file at ``path`` and return it; for SQLite, whose -wal and -shm take over its mode.

    Raises:
        FileExistsError: something stands at ``path``, be it a link to nothing.
    """
    target = native_path(path)
    os.close(os.open(target, _NEW, PRIVATE_FILE))
    make_private(target)
    return target


def private_folder(path: str | Path) -> Path:
    """Make the folder ``path`` and those above it that are missing, for their owner alone; return it.

    A folder that exists stays as it is: it is its owner's to share.
    """
    folder = native_path(path)
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    for new in reversed(missing):
        with suppress(FileExistsError):
            new.mkdir(mode=PRIVATE_FOLDER)
            make_private(new)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    return folder


@contextmanager
def private_temporary_folder() -> Iterator[Path]:
    """Yield a folder that only its owner can enter and that goes when the block ends."""
    with tempfile.TemporaryDirectory(prefix="lbc-themes-") as name:
        yield make_private(Path(name))


_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def _new_beside(target: Path) -> Path:
    stem = _cut(target.name.removesuffix(target.suffix), 80)
    while True:
        beside = target.with_name(f".{stem}.{secrets.token_hex(6)}.part{_cut(target.suffix, 40)}")
        with suppress(FileExistsError):
            os.close(os.open(beside, _NEW, PRIVATE_FILE))
            return beside


def _take_the_name(beside: Path, target: Path) -> None:
    try:
        os.replace(beside, target)  # noqa: PTH105 (in one step on every system)
    except PermissionError as error:
        if SYSTEM == "nt":
            raise PermissionError(error.errno, "is open in another program; close it there", str(target)) from error
        raise


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut; Windows knows no such thing."""
    if SYSTEM != "posix":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


# Permissions and links


def make_private(path: Path) -> Path:
    """Take all rights of others to a file or folder away, where the file system has such rights; return ``path``."""
    if SYSTEM == "posix":
        with suppress(PermissionError):  # not ours, as a folder on a memory stick may be
            path.chmod(PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE)
    return path


def open_to_others(path: str | Path) -> bool:
    """Say whether other users of the machine may read or write a file or enter a folder.

    On Windows the answer is always no: rights are inherited from the folder there, and are not looked into.
    """
    return SYSTEM == "posix" and bool(Path(path).stat().st_mode & _OTHERS)


def keep_process_private() -> None:
    """Let this process make files for their owner alone: what other libraries write on their own too (SQLite, numpy).

    For the command line; a library does not change the settings of a script that imports it.
    """
    if SYSTEM == "posix":
        os.umask(_OTHERS)


def refuse_special(path: Path) -> None:
    """Refuse to write to what is there and is no plain file: a folder, a device, a link to somewhere else.

    Raises:
        OSError: with what stands there as its ``strerror``.
    """
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, "is a link to another place, and nothing is written through a link", str(path))
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "is no plain file", str(path))


# Names and paths


def native_path(path: str | Path) -> Path:
    """Return ``path`` in the form in which this system opens it: Windows needs a prefix before a long path."""
    if SYSTEM != "nt":
        return Path(path)
    return Path(long_windows_path(str(Path(path).absolute())))


def long_windows_path(path: str) -> str:
    r"""Return an absolute Windows path so that it may be longer than 260 characters.

    >>> long_windows_path("C:/data/a.txt")
    'C:/data/a.txt'
    >>> long_windows_path("C:/" + "a" * 300)[:8], long_windows_path("//server/share/" + "a" * 300)[:20]
    ('\\\\?\\C:\\a', '\\\\?\\UNC\\server\\share')
    """
    if len(path) < _LONG_WINDOWS_PATH or path.startswith("\\\\?\\"):
        return path
    plain = str(PureWindowsPath(path))
    return f"\\\\?\\UNC\\{plain[2:]}" if plain.startswith("\\\\") else f"\\\\?\\{plain}"


def file_name(text: str, suffix: str = "", *, taken: Iterable[str] = ()) -> str:
    """Return a name for a file that every system takes, made of ``text``.

    Characters that Windows refuses become "-", reserved names and hidden ones get a "_" before them, long ones are cut,
    and a number parts those that a case-insensitive folder would hold for one.

    Args:
        text: What the name should say, such as the id of a transcript.
        suffix: What it ends in, such as ".txt".
        taken: Names that are in use already.

    >>> file_name("K01/小雨", ".txt"), file_name("con", ".txt"), file_name("a", ".txt", taken=["A.txt"])
    ('K01-小雨.txt', '_con.txt', 'a-2.txt')
    """
    written = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    plain = _FORBIDDEN.sub("-", written).strip().rstrip(". ")
    plain = _cut(plain, _LONGEST_NAME - len(suffix.encode())).rstrip(". ")
    if not plain or plain.startswith(".") or _RESERVED.fullmatch(plain):
        plain = f"_{plain}"
    return _numbered(plain, suffix, {_folded(name) for name in taken})


def file_names(texts: Iterable[str], suffix: str = "") -> list[str]:
    """Return a name for each text, as `file_name` makes them, no two the same in any folder."""
    names: list[str] = []
    used: set[str] = set()
    for text in texts:
        names.append(_numbered(file_name(text, suffix).removesuffix(suffix), suffix, used))
        used.add(_folded(names[-1]))
    return names


def _numbered(plain: str, suffix: str, used: Collection[str]) -> str:
    name, number = f"{plain}{suffix}", 1
    while _folded(name) in used:
        number += 1
        name = f"{plain}-{number}{suffix}"
    return name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _cut(text: str, size: int) -> str:
    """Cut ``text`` to ``size`` bytes of UTF-8 without cutting a character."""
    return text.encode("utf-8", "replace")[: max(size, 1)].decode("utf-8", "ignore")


# The console


def prepare_console(streams: Iterable[IO[str]] | None = None) -> None:
    r"""Let streams show what their encoding cannot: a console that knows no Chinese gets \u escapes, not a traceback.

    Args:
        streams: Standard output and error unless given.
    """
    for stream in (sys.stdout, sys.stderr) if streams is None else streams:
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


# Tables that a spreadsheet opens

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@contextmanager
def private_csv(path: str | Path) -> Iterator[Callable[[Iterable[object]], object]]:
    r"""Yield what writes a row of a CSV file: private, UTF-8 with the mark by which Excel knows it, CRLF line ends.

    Text that a spreadsheet would take for a formula gets an apostrophe (`plain_cell`); `cell_text` takes it off again.
    ``None`` and NaN leave their cell empty.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with private_csv(Path(folder) / "a.csv") as write_row:
    ...         _ = write_row(["K01:0001", 3, "=1+1"])
    ...     (Path(folder) / "a.csv").read_text(encoding="utf-8-sig")
    "K01:0001,3,'=1+1\n"
    """
    with private_open(path, "w", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        yield lambda row: writer.writerow([_csv_cell(value) for value in row])


def write_csv_records(path: str | Path, records: Iterable[Mapping[str, object]], columns: Sequence[str]) -> None:
    """Write records as such a CSV file (`private_csv`): a line of names, then ``columns`` of each record."""
    with private_csv(path) as write_row:
        write_row(columns)
        for record in records:
            write_row(record[name] for name in columns)


def _csv_cell(value: object) -> object:
    return "" if isinstance(value, float) and math.isnan(value) else plain_cell(value)


def plain_cell(value: object) -> object:
    """Return ``value``; text that a spreadsheet would take for a formula with an apostrophe before it.

    >>> plain_cell("=1+1"), plain_cell(-1), plain_cell("嗯")
    ("'=1+1", -1, '嗯')
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_SIGNS) else value


def cell_text(cell: str) -> str:
    """Return a cell without the apostrophe that `plain_cell` put before it.

    >>> cell_text("'=1+1"), cell_text("'嗯"), cell_text("嗯")
    ('=1+1', "'嗯", '嗯')
    """
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA_SIGNS) else cell
