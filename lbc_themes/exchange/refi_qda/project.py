"""REFI-QDA projects (.qdpx), written and read."""

import hashlib
import json
import zipfile
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import private_replace
from lbc_themes.core.messages import message
from lbc_themes.core.records import Coding, Decision, Language
from lbc_themes.core.serialisation import from_plain, plain
from lbc_themes.core.study_log import MACHINE, Contents, Entry, Retraction, coder_label, upgraded
from lbc_themes.exchange.losses import Loss, gathered
from lbc_themes.exchange.refi_qda.package import Package, open_package
from lbc_themes.exchange.refi_qda.read import contents_of
from lbc_themes.exchange.refi_qda.write import drafted, export_losses, project_of
from lbc_themes.exchange.refi_qda.xml import moment, written

_OWN, _SCHEMA, _FIRST_SCHEMA = "lbc_themes.json", "lbc-study/2", "lbc-study/1"


Suggestions = Literal["codings", "set", "none"]


def write_qdpx(
    contents: Contents,
    path: str | Path,
    *,
    language: Language = "zh",
    coders: Collection[str] | None = None,
    suggestions: Suggestions = "codings",
) -> tuple[Loss, ...]:
    r"""Write a study as a REFI-QDA project, and return what another program will not see of it.

    Texts are UTF-8 with "\n" line ends, positions half-open and in code points. Beside the standard's parts the file
    holds ``lbc_themes.json``, which other programs pass over: from it ``read_qdpx`` restores the study to the last
    line of its log, as long as the rest of the file is as it was written.

    Args:
        contents: The study.
        path: The file to write.
        language: That of code names.
        coders: Whose work goes out, in ``lbc_themes.json`` too; by default everybody's, and the machine's.
        suggestions: What becomes of the machine's suggestions: "codings" of a user named machine, a "set" of codes of
            their own below one heading, or "none". With ``coders`` they go out only if the machine is among them.

    Raises:
        InputError: if the file cannot be written.
    """
    file = Path(path)
    if coders is not None:
        contents = work_of(contents, coders)
    if suggestions == "none":
        unseen = tuple(replace(entry, run="") for entry in contents.entries)
        contents = replace(contents, runs=(), entries=unseen)
    draft = drafted(contents, language, moment(datetime.now(UTC).isoformat()), apart=suggestions == "set")
    project = written(project_of(draft))
    own = {
        "schema": _SCHEMA,
        "project": _sum(project),
        "texts": {n: _sum(t.encode()) for n, t in draft.files.items()},
        "contents": plain(contents),
    }
    try:
        with private_replace(file) as beside, zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("project.qde", project)
            for name, text in draft.files.items():
                package.writestr(f"sources/{name}", text.encode())
            package.writestr(_OWN, json.dumps(own, ensure_ascii=False))
    except OSError as fault:
        raise InputError(
            message("exchange.cannot_written_check_folder_4", file=file, strerror=fault.strerror)
        ) from fault
    return gathered(export_losses(contents, draft))


def work_of(contents: Contents, coders: Collection[str]) -> Contents:
    """Return a study with the entries of ``coders`` alone, and the machine's runs only where it is one of them.

    "adjudication:李" is what 李 settled in adjudication, "李" the rest of her work.
    """
    entries = tuple(entry for entry in contents.entries if _label(entry) in coders)
    kept = {entry.id for entry in entries}
    taken_back = (e for e in contents.entries if isinstance(e.record, Retraction) and e.record.entry_id in kept)
    worked = (e for e in entries if not isinstance(e.record, Retraction))
    entries = tuple(sorted((*worked, *taken_back), key=lambda entry: entry.id))
    runs = contents.runs if MACHINE in coders else ()
    names = {run.name for run in runs}
    entries = tuple(each if each.run in names else replace(each, run="") for each in entries)
    return replace(contents, entries=entries, runs=runs)


def _label(entry: Entry) -> str:
    return coder_label(entry.record) if isinstance(entry.record, (Decision, Coding)) else entry.coder


def read_qdpx(path: str | Path, *, positions: str = "") -> tuple[Contents, tuple[Loss, ...]]:
    """Read a REFI-QDA project (.qdpx, or a .qde with its sources beside it), and return what did not come along.

    Positions are counted as the program counts them, which is decided from where the file comes from and from what its
    selections would cover (``positions.decide``); texts for which that leaves more than one way are named among what
    did not come along. ``positions`` says the way instead: "code-points", "utf-16", either with "-lf" or "-crlf" where
    a line end counts as one or two whatever the file holds, "-bom" where a byte order mark counts, and "-inclusive"
    where the end is the last character. Turns and roles are found as in any transcript. A .qdpx of our own, unchanged,
    comes back whole.

    Raises:
        InputError: the file is no project, is broken or too large, or holds neither texts nor codes; ``positions`` is
            no way of counting.
    """
    package = open_package(Path(path))
    own = package.read(_OWN)
    if own is not None:
        contents = _restored(own, package)
        if contents is not None:
            return contents, ()
    contents, losses = contents_of(package, positions)
    changed = [_changed()] if own is not None else []
    return contents, gathered([*changed, *losses])


def _restored(own: bytes, package: Package) -> Contents | None:
    try:
        held = json.loads(own)
        same = held["project"] == _sum(package.project) and held["schema"] in {_SCHEMA, _FIRST_SCHEMA}
        whole = same and all(_sum(package.read(name) or b"") == sum_ for name, sum_ in held["texts"].items())
        if not whole:
            return None
        contents = from_plain(Contents, held["contents"])
        return upgraded(contents) if held["schema"] == _FIRST_SCHEMA else contents
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return None


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _changed() -> Loss:
    return Loss(topic="changed-elsewhere", text=message("exchange.changed_elsewhere"))
