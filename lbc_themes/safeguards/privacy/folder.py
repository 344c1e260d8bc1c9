"""A folder of transcripts in, a folder of de-identified text files out, and the key elsewhere."""

import csv
import io
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import file_names, private_folder, write_private
from lbc_themes.core.messages import message
from lbc_themes.core.records import Transcript
from lbc_themes.reading import read_transcripts
from lbc_themes.safeguards.privacy.deidentify import deidentify
from lbc_themes.safeguards.privacy.entities import Method
from lbc_themes.safeguards.privacy.key import Key, read_key, refuse_inside, write_key
from lbc_themes.safeguards.privacy.report import PrivacyReport, privacy_report, report_text

_TABLE = "participants.csv"
_REPORT = "README-deidentified.md"


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What `deidentify_folder` wrote: the files in order, the report and the key."""

    files: tuple[Path, ...]
    report: PrivacyReport
    key: Key


def deidentify_folder(
    source: str | Path,
    out: str | Path,
    key_path: str | Path,
    *,
    method: Method = "lac",
    keep: Collection[str] | None = None,
    form: str | None = None,
    on_error: Callable[[Path, InputError], None] | None = None,
) -> Written:
    """De-identify a file or folder of transcripts into text files, a participants table and a report in ``out``.

    A text file whose labels stand in the text stays as it is but for the pseudonyms; of sheets, subtitles and ELAN
    files each turn becomes a line ``speaker：speech``. A ``key_path`` that exists is read and carried on, so that the
    files of a second visit get the pseudonyms of the first.

    Args:
        source: What `read_transcripts` takes.
        out: A folder that does not exist yet or is empty.
        key_path: Where the key goes, outside ``out``; the file is readable by its owner alone.
        method: As in `deidentify`.
        keep: As in `deidentify`.
        form: As in `read_transcripts`.
        on_error: As in `read_transcripts`.

    Raises:
        InputError: ``out`` is not empty, the key would lie in it, or nothing could be read.
    """
    folder, key_file = Path(out), Path(key_path)
    refuse_inside(key_file, folder)
    _refuse_full(folder)
    transcripts = read_transcripts(source, form=form, on_error=on_error)
    if not transcripts:
        raise InputError(message("safeguards.no_transcript_could_read", source=source))
    known = read_key(key_file) if key_file.exists() else None
    hidden, key = deidentify(transcripts, known, method=method, keep=keep)
    write_key(key, key_file, out=folder, overwrite=known is not None)
    report = privacy_report(hidden, key, method=method)
    return Written(files=_write(hidden, report, folder), report=report, key=key)


def _refuse_full(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(message("safeguards.empty_folder_give_one", folder=folder))


def _write(transcripts: Sequence[Transcript], report: PrivacyReport, folder: Path) -> tuple[Path, ...]:
    private_folder(folder)
    names = file_names((transcript.id for transcript in transcripts), ".txt")
    contents = [_content(transcript) for transcript in transcripts]
    for name, content in (*zip(names, contents, strict=True), (_REPORT, report_text(report))):
        write_private(folder / name, content.encode("utf-8", "replace"))
    write_private(folder / _TABLE, _participants(transcripts, names).encode("utf-8", "replace"))
    return tuple(folder / name for name in (*names, _TABLE, _REPORT))


def _content(transcript: Transcript) -> str:
    """Return the text, with labels put before the turns where the text itself has none."""
    at, between = 0, []
    for turn in transcript.turns:
        between.append(transcript.text[at : turn.start])
        at = turn.end
    if "".join(between).strip() or transcript.form == "plain":
        return transcript.text
    lines = (f"{turn.speaker or '说话人'}：{transcript.said(turn)}".replace("\n", " ") for turn in transcript.turns)
    return "\n".join(lines) + "\n"


def _participants(transcripts: Sequence[Transcript], names: Sequence[str]) -> str:
    columns = dict.fromkeys(["participant", "file", *(column for t in transcripts for column in t.metadata)])
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(columns), lineterminator="\n")
    writer.writeheader()
    for transcript, name in zip(transcripts, names, strict=True):
        writer.writerow({"participant": transcript.id, **transcript.metadata, "file": name})
    return out.getvalue()
