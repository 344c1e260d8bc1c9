"""Codings as a table: one row a coding, for spreadsheets, R and our own way back."""

import csv
import io
from collections.abc import Collection, Mapping
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import cell_text, private_csv
from lbc_themes.core.messages import message
from lbc_themes.core.records import Coding, Transcript
from lbc_themes.core.study_log import Contents, labelled_codings, unlabelled
from lbc_themes.text.decoding import decode

COLUMNS = ("transcript", "start", "end", "code", "coder", "quote", "code_zh", "code_en", "time", "memo")
NEEDED = frozenset({"transcript", "start", "end", "code"})


def write_codings(contents: Contents, path: str | Path, *, coders: Collection[str] | None = None) -> None:
    """Write the codings that stand as .csv, in UTF-8 with the mark by which Excel knows it.

    Positions are half-open and in code points. ``coders`` chooses whose; by default everybody's, and the machine's
    first suggestions. A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    texts = {transcript.id: transcript.text for transcript in contents.transcripts}
    names = {code.id: code.name for book in contents.codebooks for code in book}
    try:
        with private_csv(path) as write_row:
            write_row(COLUMNS)
            for c in labelled_codings(contents):
                if coders is None or c.coder in coders:
                    name, quote = names[c.code_id], texts[c.transcript_id][c.start : c.end]
                    cells = (c.code_id, c.coder, quote, name.zh, name.en, c.time, c.memo)
                    write_row([c.transcript_id, c.start, c.end, *cells])
    except OSError as fault:
        raise InputError(message("exchange.cannot_written_check_folder", path=path, strerror=fault.strerror)) from fault


def has_codings(path: str | Path) -> bool:
    """Say whether a .csv file has the columns of a table of codings."""
    rows = _table(Path(path))
    return bool(rows) and set(rows[0]) >= NEEDED


def read_codings(path: str | Path, contents: Contents, *, coder: str = "") -> list[Coding]:
    """Return the codings of a .csv table, for ``Study.record_coding``.

    It needs the columns transcript, start, end and code; coder, quote, time and memo may be there too. ``coder`` is
    who coded, where a row does not say. Refuses the whole table where a row has an unknown transcript or code, no
    coder, or a quote that is not what stands there.
    """
    transcripts = {transcript.id: transcript for transcript in contents.transcripts}
    found = []
    for number, row in enumerate(_table(Path(path)), 2):
        try:
            found.append(_coding(row, transcripts, contents, coder))
        except InputError as fault:
            raise InputError(message("exchange.row_nothing_was_read", path=path, number=number, fault=fault)) from fault
    return found


def _table(file: Path) -> list[dict[str, str]]:
    try:
        text = decode(file.read_bytes())[0]
    except OSError as fault:
        raise InputError(message("exchange.cannot_opened_check_exists", file=file, strerror=fault.strerror)) from fault
    return [{key: value or "" for key, value in row.items() if key} for row in csv.DictReader(io.StringIO(text))]


def _coding(row: Mapping[str, str], transcripts: Mapping[str, Transcript], contents: Contents, coder: str) -> Coding:
    transcript = transcripts.get(_said(row, "transcript"))
    if transcript is None:
        raise InputError(message("exchange.no_transcript_study", get=row.get("transcript"), transcripts=[*transcripts]))
    if row.get("code") not in contents.codebook:
        raise InputError(message("exchange.no_code_codebook_codes", get=row.get("code")))
    who = _said(row, "coder") or coder
    if not who:
        raise InputError(message("exchange.said_who_coded_add"))
    if not (row.get("start", "").isdecimal() and row.get("end", "").isdecimal()):
        raise InputError(message("exchange.start_end_they_must", get=row.get("start"), get_2=row.get("end")))
    start, end = int(row["start"]), int(row["end"])
    there, quote = transcript.text[start:end], row.get("quote", "")
    if not there or cell_text(quote) not in {"", cell_text(there)}:
        raise InputError(
            message("exchange.check_positions", id=transcript.id, start=start, end=end, there=there, quote=quote)
        )
    return unlabelled(Coding(
        transcript_id=transcript.id, start=start, end=end, code_id=row["code"], coder=who, time=row.get("time", ""),
        memo=_said(row, "memo"),
    ))  # fmt: skip


def _said(row: Mapping[str, str], key: str) -> str:
    return cell_text(row.get(key, ""))
