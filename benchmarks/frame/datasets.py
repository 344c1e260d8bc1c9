"""Data sets as declared facts: where each comes from, under which licence, and the checksums of its files."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lbc_themes.core.assets import sha256_of
from lbc_themes.core.errors import InputError

DECLARED = Path(__file__).parent.parent / "datasets"


@dataclass(frozen=True, kw_only=True)
class DataFile:
    """One file of a set: its path in the set's folder, its checksum and its size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """A set that somebody else made. None of it is part of this project."""

    name: str
    title: str
    address: str
    commit: str
    licence: str
    note: str
    files: tuple[DataFile, ...]

    @property
    def source(self) -> str:
        """The address, and the commit where there is one."""
        return f"{self.address} at commit {self.commit}" if self.commit else self.address


def declared(name: str, folder: Path = DECLARED) -> DataSet:
    """Return the facts in ``folder/name.toml``."""
    path = folder / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(other.stem for other in folder.glob("*.toml")))
        raise InputError(f"no data set {name!r} is declared in {folder.name}/; declared: {known}")
    facts = tomllib.loads(path.read_text(encoding="utf-8"))
    files = tuple(DataFile(**file) for file in facts.pop("files"))
    return DataSet(name=name, files=files, **{"note": "", **facts})


def all_declared(folder: Path = DECLARED) -> list[DataSet]:
    """Return every declared set, by name."""
    return [declared(path.stem, folder) for path in sorted(folder.glob("*.toml"))]


def checked(sets: Iterable[DataSet], data: Path) -> dict[str, str]:
    """Return, by name, what is to be said of each set in the folder ``data``: "as declared" or how it differs.

    A set that is not there is refused. One that differs is said and recorded, not refused: the same question may be
    put to other files of the same form.
    """
    return {one.name: _differences(one, data) for one in sets}


def _differences(one: DataSet, data: Path) -> str:
    present = [file for file in one.files if (data / one.name / file.path).is_file()]
    if not (data / one.name).is_dir():
        raise InputError(
            f"the data set {one.name} is not in {data}: get it from {one.source} (licence: {one.licence}), "
            f"put its files into {data / one.name}, and name {data} with --data or LBC_BENCH_DATA"
        )
    lacking = [file.path for file in one.files if file not in present]
    changed = [file.path for file in present if sha256_of(data / one.name / file.path) != file.sha256]
    parts = [
        f"{_listed(lacking)} not there" if lacking else "",
        f"checksum of {_listed(changed)} differs" if changed else "",
    ]
    return "; ".join(filter(None, parts)) or "as declared"


def _listed(paths: list[str], most: int = 3) -> str:
    return ", ".join(paths[:most]) + (f" and {len(paths) - most} more" if len(paths) > most else "")
