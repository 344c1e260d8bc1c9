"""Which files of a folder are transcripts, and what to call them."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from lbc_themes.core.errors import InputError

_BESIDE = ("readme", "card", "license", "licence", "codebook", "sha256sums")
_RUN = "run.json"
_TABLES = frozenset({"readme-deidentified.md", "participants.csv", "codings.csv", "study.toml"})


def transcript_files(path: Path) -> list[Path]:
    """Return ``path`` itself if it is a file, or the files below it in the order of their paths.

    Hidden files, lock files of Office (``~$``), ``participants.csv``, ``codings.csv``, ``quotes*.csv``, ``study.toml``
    and files called README, CARD, LICENSE, SHA256SUMS or codebook stand beside transcripts and are left out; so are
    folders below that hold the results of a run (``run.json``).
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputError(f"{path}: no such file or folder; give the path of a transcript or of a folder of transcripts")
    found: list[Path] = []
    for folder, below, names in os.walk(path):
        below[:] = sorted(name for name in below if not _hidden(name) and not (Path(folder, name) / _RUN).exists())
        found.extend(Path(folder) / name for name in names if not _beside(name))
    if not found:
        raise InputError(
            f"{path}: the folder holds no transcripts; "
            "put .txt, .md, .docx, .pdf, .xlsx, .csv, .srt, .vtt or .eaf there"
        )
    return sorted(found, key=lambda file: file.relative_to(path).parts)


def _hidden(name: str) -> bool:
    return name.startswith((".", "~$", "__MACOSX"))


def _beside(name: str) -> bool:
    low = name.lower()
    quotes = low.startswith("quotes") and low.endswith(".csv")
    return _hidden(name) or quotes or low in _TABLES or low.partition(".")[0] in _BESIDE


def transcript_ids(files: Sequence[Path], root: Path) -> dict[Path, str]:
    """Return an id for every file: its stem or, where stems come twice, its path below ``root`` with dashes.

    An id depends only on the names of the files, not on the order in which they are read.
    """
    stems = Counter(file.stem for file in files)
    wanted = {file: file.stem if stems[file.stem] == 1 else _path_id(file, root, file.stem) for file in files}
    taken = Counter(wanted.values())
    return {file: name if taken[name] == 1 else _path_id(file, root, file.name) for file, name in wanted.items()}


def _path_id(file: Path, root: Path, last: str) -> str:
    above = file.relative_to(root).parts[:-1] if file.is_relative_to(root) else ()
    return "-".join((*above, last))
