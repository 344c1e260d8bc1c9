"""Zip packages (.docx, .xlsx) from strangers: measured before anything opens them."""

import io
import zipfile
import zlib

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.text.safe_xml import refuse_entities

LIMIT = 200_000_000
MOST_CHARACTERS = 50_000_000
_XML_LIMIT = 60_000_000
_CHUNK = 1 << 20
_PARTS = 10_000
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


def check_package(data: bytes) -> None:
    """Refuse a package that is broken, encrypted, holds XML with entities, or swells.

    It may unpack to at most 200 MB, and one XML part of it to 60 MB. Both the sizes that the package declares and the
    sizes that come out are counted, in pieces of 1 MB.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check_declared(package.infolist())
            _check_actual(package)
    except InputError:
        raise
    except _FAULTS as fault:
        raise InputError(message("text.readable_office_file_open", fault=fault)) from fault


def _check_declared(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > _PARTS:
        raise InputError(message("text.package_holds_parts_most", count=len(parts), parts=_PARTS))
    if any(part.flag_bits & 1 for part in parts):
        raise InputError(message("text.file_protected_password_save"))
    _check_size("the package", sum(part.file_size for part in parts), LIMIT)


def _check_size(what: str, size: int, limit: int) -> None:
    if size > limit:
        raise InputError(message("text.unpacks_mb_more_most", what=what, size=size // 1000000, limit=limit // 1000000))


def _check_actual(package: zipfile.ZipFile) -> None:
    total = 0
    for part in package.infolist():
        total += _check_part(package, part, LIMIT - total)


def _check_part(package: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    is_xml = part.filename.lower().endswith((".xml", ".rels"))
    size, seam = 0, b""
    with package.open(part) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            _check_size("the package", size + LIMIT - left, LIMIT)
            if is_xml:
                _check_size(f"the part {part.filename}", size, _XML_LIMIT)
                refuse_entities(seam + piece, f"the part {part.filename}")
                seam = piece[-64:]
    return size
