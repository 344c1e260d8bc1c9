"""The table of participants that stands beside the transcripts."""

import csv
import io
import re
import tomllib
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Role
from lbc_themes.reading.vocabulary import role_of_value
from lbc_themes.text.decoding import decode

Row = Mapping[str, str]
_COLUMNS = {
    "受访者": "participant", "参与者": "participant", "编号": "participant", "受访者编号": "participant",
    "化名": "participant",
    "文件": "file", "文件名": "file", "录音": "file", "transcript": "file", "filename": "file",
    "角色": "role", "身份": "role", "性别": "gender", "sex": "gender", "年龄": "age",
}  # fmt: skip
_WORDS = re.compile(r"[\s_\-.、，()（）]+")


def given_rows(participants: Mapping[str, Row]) -> tuple[Row, ...]:
    """Return the rows of a mapping from participant or file name to attributes."""
    return tuple({"participant": name, **_named(row.items())} for name, row in participants.items())


def found_rows(file: Path) -> tuple[Row, ...]:
    """Return the rows of the ``participants.csv`` in the folder of ``file`` or in its parent, if there is one."""
    for folder in (file.parent, file.parent.parent):
        table = folder / "participants.csv"
        if table.is_file():
            return _read_table(table, table.stat().st_mtime_ns)
    return ()


@lru_cache(maxsize=64)
def _read_table(table: Path, _changed: int) -> tuple[Row, ...]:
    try:
        text, _ = decode(table.read_bytes())
        rows = tuple(
            _named((k, v) for k, v in row.items() if k) for row in csv.DictReader(io.StringIO(text, newline=""))
        )
    except (OSError, csv.Error, InputError) as fault:
        raise InputError(message("reading.table_participants_cannot_read", table=table, fault=fault)) from fault
    if rows and not rows[0].keys() & {"participant", "file"}:
        raise InputError(message("reading.no_column_called_participant", table=table, rows=[*(rows[0])]))
    return rows


def _named(items: Iterable[tuple[str, object]]) -> dict[str, str]:
    named = {}
    for key, value in items:
        name = str(key).strip().lower()
        named[_COLUMNS.get(name, name)] = str(value or "").strip()
    return named


def rows_about(rows: Sequence[Row], file: Path, speakers: Container[str]) -> tuple[Row, ...]:
    """Return the rows about ``file``.

    These are the rows that name it in their column ``file`` or, where none does, the rows without a file whose
    participant is its name, one of its speakers, or a word of its name, in this order.
    """
    names = {file.name.lower(), file.stem.lower()}
    words = set(_WORDS.split(file.stem.lower()))
    whose = [(row, row.get("file", "").lower(), row.get("participant", "")) for row in rows]
    free = [(row, participant) for row, named, participant in whose if not named and participant]
    return (
        tuple(row for row, named, _ in whose if named in names)
        or tuple(row for row, participant in free if participant.lower() in names)
        or tuple(row for row, participant in free if participant in speakers)
        or tuple(row for row, participant in free if participant.lower() in words)
    )


def attributes(rows: Sequence[Row]) -> dict[str, str]:
    """Return the columns of ``rows`` as one mapping; the values of several rows are joined with ``; ``."""
    keys = dict.fromkeys(key for row in rows for key in row)
    return {key: "; ".join(value for row in rows if (value := row.get(key, ""))) for key in keys}


# --- The settings of a study, in ``study.toml`` beside the transcripts: who has which role.


def set_roles(file: Path, root: Path) -> dict[str, Role]:
    """Return the roles that ``study.toml`` sets for the speakers of ``file``, by label.

    The nearest ``study.toml`` counts, from the folder of ``file`` up to ``root``. Its table ``[roles]`` holds for all
    files, ``[files."C04.txt".roles]`` for one, where it goes before the other.
    """
    for folder in _folders(file, root):
        settings = folder / "study.toml"
        if settings.is_file():
            return _roles_for(settings, file, folder)
    return {}


def _folders(file: Path, root: Path) -> list[Path]:
    above = [file.parent, *file.parent.parents]
    return above[: above.index(root) + 1] if root in above else above[:1]


def _roles_for(settings: Path, file: Path, folder: Path) -> dict[str, Role]:
    study = _read(settings, settings.stat().st_mtime_ns)
    roles = dict(_table(study, "roles", settings))
    for name in dict.fromkeys((file.stem, file.name, file.relative_to(folder).as_posix())):
        roles |= _table(_table(_table(study, "files", settings), name, settings), "roles", settings)
    return {label: _role(settings, label, role) for label, role in roles.items()}


@lru_cache(maxsize=64)
def _read(settings: Path, _changed: int) -> dict[str, Any]:
    try:
        return tomllib.loads(settings.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as fault:
        raise InputError(message("reading.readable_settings_file", settings=settings, fault=fault)) from fault


def _table(settings: Mapping[str, Any], key: str, where: Path) -> Mapping[str, Any]:
    table = settings.get(key, {})
    if not isinstance(table, dict):
        raise InputError(message("reading.must_table_write", where=where, key_=key, table=table))
    return table


def _role(settings: Path, label: str, role: object) -> Role:
    known = role_of_value(role) if isinstance(role, str) else None
    if known is None:
        raise InputError(
            message("reading.role_known_choose_one", settings=settings, label=label, role=role, role_2=[*Role])
        )
    return known
