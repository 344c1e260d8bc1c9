"""The zip package of a REFI-QDA project, from whatever program: measured, never unpacked to disk."""

import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message

_PART, _COUNT = 200_000_000, 100_000
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, LookupError)


@dataclass(frozen=True, kw_only=True)
class Package:
    """A project's XML, and its other files by lower-case name without folder, each read when asked for."""

    name: str
    where: str
    project: bytes
    files: Mapping[str, Callable[[], bytes]]

    def read(self, name: str) -> bytes | None:
        """Return the bytes of a file, or None where there is none."""
        found = self.files.get(name.replace("\\", "/").rpartition("/")[2].lower())
        return found() if found else None


def open_package(path: Path) -> Package:
    """Open a .qdpx, or a .qde with a folder ``sources`` beside it."""
    try:
        if not zipfile.is_zipfile(path):
            beside = [*path.parent.glob("[sS]ources/*")] if path.suffix.lower() == ".qde" else []
            files = {file.name.lower(): file.read_bytes for file in beside if file.is_file()}
            return Package(name=path.stem, where=str(path), project=path.read_bytes(), files=files)
        with zipfile.ZipFile(path) as package:
            return _zipped(path, package)
    except OSError as fault:
        raise InputError(
            message("exchange.cannot_opened_check_exists_2", path=path, strerror=fault.strerror)
        ) from fault
    except _FAULTS as fault:
        raise InputError(message("exchange.readable_project_export_again", path=path, fault=fault)) from fault


def _zipped(path: Path, package: zipfile.ZipFile) -> Package:
    parts = [part for part in package.infolist() if not part.is_dir()]
    if len(parts) > _COUNT:
        raise InputError(message("exchange.package_holds_files_most", path=path, count=len(parts), count_2=_COUNT))
    projects = [part for part in parts if part.filename.lower().endswith(".qde")]
    if len(projects) != 1:
        raise InputError(message("exchange.package_holds_qde_files", path=path, count=len(projects)))
    files = {part.filename.replace("\\", "/").rpartition("/")[2].lower(): partial(_bytes, path, part) for part in parts}
    return Package(name=path.stem, where=str(path), project=_bytes(path, projects[0]), files=files)


def _bytes(path: Path, part: zipfile.ZipInfo) -> bytes:
    if part.flag_bits & 1:
        raise InputError(message("exchange.package_protected_password_export", path=path))
    try:
        # Opened anew for each part, so that nothing stays open between them.
        with zipfile.ZipFile(path) as package, package.open(part) as stream:
            data = stream.read(_PART + 1)
    except _FAULTS as fault:
        raise InputError(
            message("exchange.cannot_unpacked_export_project", path=path, filename=part.filename, fault=fault)
        ) from fault
    if len(data) > _PART:
        raise InputError(
            message("exchange.unpacks_more_than_mb", path=path, filename=part.filename, part=_PART // 1000000)
        )
    return data
