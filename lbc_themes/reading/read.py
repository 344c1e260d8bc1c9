"""From a path to transcripts."""

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, message
from lbc_themes.core.records import Finding, Role, Transcript, Turn
from lbc_themes.reading.audit import audit, doubts_of_roles, with_repeats_marked, wording_of
from lbc_themes.reading.containers.source import open_document, read_source
from lbc_themes.reading.document import Parsed, account
from lbc_themes.reading.formats import named, read_document
from lbc_themes.reading.participants import Row, attributes, found_rows, given_rows, rows_about, set_roles
from lbc_themes.reading.roles import assign

# --- Which files of a folder are transcripts, and what to call them.

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
        raise InputError(message("reading.no_such_file_folder", path=path))
    found: list[Path] = []
    for folder, below, names in os.walk(path):
        below[:] = sorted(name for name in below if not _hidden(name) and not (Path(folder, name) / _RUN).exists())
        found.extend(Path(folder) / name for name in names if not _beside(name))
    if not found:
        raise InputError(message("reading.folder_holds_no_transcripts", path=path))
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


def _one_line(refusal: InputError) -> Bilingual:
    return Bilingual(zh=" ".join(refusal.said("zh").split()), en=" ".join(refusal.said("en").split()))


def read_transcripts(
    path: str | Path,
    *,
    form: str | None = None,
    participants: Mapping[str, Row] | None = None,
    on_error: Callable[[Path, InputError], None] | None = None,
) -> list[Transcript]:
    r"""Read a transcript, or all transcripts of a folder and the folders below it, in the order of their paths.

    The text of a text file is the text as it stands, without its byte order mark. Of a Word document it is every
    paragraph (those in tables too) in document order, one a line; of a PDF its paragraphs, one a line; of sheets, csv,
    subtitle and ELAN files it is what is said, one turn a line. Turns are slices of it and leave out labels, times,
    headings and footers.

    Args:
        path: A file or a folder. Hidden files, participants.csv, codings.csv, quotes*.csv, study.toml, and files called
            README, CARD, LICENSE or codebook are left out of a folder.
        form: The name of the form of all files, one of `lbc_themes.reading.FORMS`; without it files are recognised.
        participants: Attributes (role, gender, age, ...) by participant or file name. Without it they are taken from a
            participants.csv in the folder of the file or its parent.
        on_error: Called with the path and the refusal of a file that cannot be read, after which reading goes on.
            Without it the first such file ends the reading.

    Returns:
        One transcript a file. Notes say how it was read, and how sure the roles are where no label gave them; findings
        are what a person should look at before coding (see `lbc_themes.reading.audit`).

    Raises:
        InputError: a path that does not exist, an unknown form, a faulty participants.csv or study.toml and, without
            ``on_error``, a file that cannot be read. The text names the file, the place and what to do.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "C01.txt").write_text("访谈者：你想家吗？\n小林：想。\n", encoding="utf-8")
    ...     (transcript,) = read_transcripts(folder)
    >>> [(turn.speaker, turn.role.value) for turn in transcript.turns]
    [('访谈者', 'interviewer'), ('小林', 'child')]
    """
    if form is not None:
        named(form)
    root = Path(path)
    files = transcript_files(root)
    ids = transcript_ids(files, root)
    given = given_rows(participants) if participants is not None else None
    transcripts = []
    for file in files:
        rows = found_rows(file) if given is None else given
        roles = set_roles(file, root if root.is_dir() else root.parent)
        try:
            transcripts.append(_read(file, ids[file], form, rows, roles))
        except InputError as refusal:
            located = InputError(message("reading.refused", file=file, split=_one_line(refusal)))
            if on_error is None:
                raise located from refusal
            on_error(file, located)
    return with_repeats_marked(transcripts)


def explain(path: str | Path, *, form: str | None = None) -> list[tuple[str, str, str]]:
    """Return what the reader takes every stretch of a file for.

    Each stretch is its kind ("speech", "label", "time", "heading", "question", "furniture" or "unexplained"), more
    closely what it is ("footer", "cue number", ...; see docs/formats.md), and its text. Together they are every
    character of the file's text that is no blank, each once.

    Raises:
        InputError: as `read_transcripts`.
    """
    document = open_document(read_source(Path(path)))
    parsed = read_document(document, form).parsed
    return [
        (part.kind.value, part.why, document.text[part.start : part.end])
        for part in account(document.text, parsed.parts)
    ]


def _read(file: Path, name: str, form: str | None, table: Sequence[Row], settings: Mapping[str, Role]) -> Transcript:
    source = read_source(file)
    document = open_document(source)
    reading = read_document(document, form)
    parsed = reading.parsed
    if not parsed.turns:
        raise InputError(message("reading.read_no_speech_was", name=reading.form.name))
    rows = rows_about(table, file, {turn.speaker for turn in parsed.turns})
    roles = assign(parsed, rows, settings)
    parsed = replace(parsed, doubts=(*parsed.doubts, *doubts_of_roles(roles.notes)))
    transcript = Transcript(
        id=name,
        text=parsed.text,
        turns=_turns(parsed, roles.by_speaker),
        form=reading.form.name,
        metadata=attributes(rows),
        source=str(file),
        sha256=source.sha256,
    )
    findings = audit(transcript, parsed, document.text)
    notes = (_summary(reading.form.name, parsed), *document.notes, *parsed.notes, *roles.notes)
    return replace(transcript, findings=findings, notes=(*notes, *_said_in_notes(findings, notes)))


def _said_in_notes(findings: Sequence[Finding], notes: Sequence[str]) -> list[str]:
    """Return what the findings say that the notes do not say yet, in English as all notes."""
    said = " ".join(notes)
    lines = [
        wording_of(finding).en + (f" (line {finding.line})" if finding.line else "")
        for finding in findings
        if finding.kind not in _IN_NOTES
    ]
    return [line for line in lines if line not in said]


# What these findings say stands in a note of the reader or of the roles already.
_IN_NOTES = frozenset({
    "label-once", "role-guessed", "role-uncertain", "word-hidden", "word-pinyin", "word-footnotes", "word-comments",
    "word-deleted", "word-altchunk", "text-outside-tables", "tiers-left-out", "no-interviewer", "captions-bilingual",
})  # fmt: skip


def _turns(parsed: Parsed, roles: Mapping[str, Role]) -> tuple[Turn, ...]:
    return tuple(
        Turn(
            speaker=turn.speaker, role=roles[turn.speaker], start=turn.start, end=turn.end, time=turn.time,
            question=turn.question,
        )
        for turn in parsed.turns
    )  # fmt: skip


def _summary(form: str, parsed: Parsed) -> str:
    speakers, turns = len({turn.speaker for turn in parsed.turns}), len(parsed.turns)
    return f"read as {form}, {speakers} speaker{'s' * (speakers != 1)}, {turns} turn{'s' * (turns != 1)}"
