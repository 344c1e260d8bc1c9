"""The settings of a study, in ``study.toml`` beside the transcripts: who has which role."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Role
from lbc_themes.reading.vocabulary import role_of_value


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
        raise InputError(f"{settings}: not a readable settings file ({fault})") from fault


def _table(settings: Mapping[str, Any], key: str, where: Path) -> Mapping[str, Any]:
    table = settings.get(key, {})
    if not isinstance(table, dict):
        raise InputError(f"{where}: {key} must be a table, not {table!r}; write it as [{key}]")
    return table


def _role(settings: Path, label: str, role: object) -> Role:
    known = role_of_value(role) if isinstance(role, str) else None
    if known is None:
        raise InputError(
            f"{settings}: {label} has the role {role!r}, which is not known; choose one of {', '.join(Role)}"
        )
    return known
