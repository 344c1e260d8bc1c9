"""A sheet that a coder filled in, as decisions."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Decision, Verdict
from lbc_themes.core.study_log import Contents, latest
from lbc_themes.exchange.sheet_words import CODES, head_key, verdict_of
from lbc_themes.text.decoding import decode
from lbc_themes.text.safe_zip import check_package

_LABEL = re.compile(r".*\[([^\[\]]+)\]\s*(?:[01]\.\d+)?")
_SEVERAL = re.compile(r"[;；、,，/\n]+")
_BROKEN = (zipfile.BadZipFile, KeyError, ValueError, AttributeError, TypeError, IndexError, SyntaxError)


def read_sheet(path: str | Path, contents: Contents, *, coder: str = "", time: str = "") -> list[Decision]:
    """Return the decisions in a filled-in .xlsx or .csv, in the order of its rows; ``Study.record_all`` stores them.

    A row needs the columns passage, and decision or a column of codes; other columns may be missing or moved. Codes are
    named by id, by a name in either language, or as the lists show them; several in one cell are parted by ``；``.
    "Accept" without codes takes the first suggestion. Codes without a word for the decision are accepted where all of
    them were suggested, and else changed. Rows with neither are passed over. ``coder`` is who decided, where the row
    does not say.

    Raises:
        InputError: naming the first row that cannot be understood, and how many there are.
    """
    file = Path(path)
    decisions, faults = [], []
    suggested: dict[str, list[str]] = {passage.id: [] for passage in contents.passages}
    for passage_id, (_, each) in latest(contents.runs).items():
        suggested[passage_id] = [ranked.code_id for ranked in each.codes]
    for number, row in _rows(file):
        try:
            decision = _decision(row, contents, suggested, (coder, time))
        except InputError as fault:
            faults.append(f"row {number}: {fault}")
            continue
        if decision is not None:
            decisions.append(decision)
    if faults:
        more = f" (and {len(faults) - 1} more rows)" if len(faults) > 1 else ""
        raise InputError(f"{file}, {faults[0]}{more}; nothing was read")
    return decisions


def shows_suggestions(path: str | Path) -> bool:
    """Say whether a sheet has suggestions in it, so that whoever filled it in had them in view."""
    return any(row.get("suggested_1") for _, row in _rows(Path(path)))


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    table = _table(file)
    for first, head in enumerate(table[:10]):
        columns = {column: key for column, cell in enumerate(head) if (key := head_key(cell))}
        if "passage" in columns.values():
            for number, row in enumerate(table[first + 1 :], first + 2):
                yield number, {key: row[column].strip() for column, key in columns.items() if column < len(row)}
            return
    raise InputError(f"{file}: no column is headed 段落编号 or passage; keep the heads of the sheet as they were")


def _table(file: Path) -> list[list[str]]:
    try:
        data = file.read_bytes()
    except OSError as fault:
        raise InputError(f"{file}: cannot be opened ({fault.strerror}); check that it exists") from fault
    if file.suffix.lower() == ".csv":
        return list(csv.reader(io.StringIO(decode(data)[0], newline="")))
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    check_package(data)
    try:
        sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
        return [["" if cell is None else _said(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except (*_BROKEN, InvalidFileException) as fault:
        raise InputError(f"{file}: not a readable workbook ({fault}); save it again as .xlsx") from fault


def _said(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _decision(
    row: Mapping[str, str], contents: Contents, suggested: Mapping[str, Sequence[str]], by: tuple[str, str]
) -> Decision | None:
    passage_id, word = row.get("passage", "").removeprefix("'"), row.get("decision", "")
    codes = tuple(dict.fromkeys(c for key in CODES for c in _codes(row.get(key, ""), contents)))
    if not passage_id or not (word or codes):
        return None
    verdict = verdict_of(word) if word else None
    if word and verdict is None:
        raise InputError(f"decision is {word!r}; allowed are 接受, 改为, 都不合适 (accept, change, reject)")
    if passage_id not in suggested:
        raise InputError(f"no passage {passage_id!r} in the study; take the sheet that this study wrote")
    who = row.get("coder") or by[0]
    if not who:
        raise InputError("it is not said who decided; fill in the column 编码者 (coder), or pass coder=...")
    verdict, codes = _settled(verdict, codes, suggested[passage_id])
    return Decision(
        passage_id=passage_id, verdict=verdict, code_ids=codes, coder=who, time=by[1], memo=row.get("memo", "")
    )


def _settled(
    verdict: Verdict | None, codes: tuple[str, ...], suggested: Sequence[str]
) -> tuple[Verdict, tuple[str, ...]]:
    if verdict is Verdict.REJECTED and codes:
        raise InputError(f"the decision is a rejection, yet it gives {', '.join(codes)}; write 改为 (change) instead")
    if verdict is Verdict.ACCEPTED and not codes:
        if not suggested:
            raise InputError("the decision is to accept, but nothing was suggested; name a code")
        return verdict, (suggested[0],)
    if verdict is Verdict.CHANGED and not codes:
        raise InputError("the decision is to change, but no code is given; name one")
    if verdict is Verdict.REJECTED:
        return verdict, ()
    return (Verdict.ACCEPTED if set(codes) <= set(suggested) else Verdict.CHANGED), codes


def _codes(cell: str, contents: Contents) -> list[str]:
    if not cell:
        return []
    whole = _code(cell, contents)
    if whole:
        return [whole]
    found = []
    for part in filter(None, map(str.strip, _SEVERAL.split(cell))):
        code_id = _code(part, contents)
        if not code_id:
            raise InputError(f"no code {part!r} in the codebook; choose one from the list, by name or id")
        found.append(code_id)
    return found


def _code(text: str, contents: Contents) -> str:
    labelled = _LABEL.fullmatch(text)
    word = labelled[1] if labelled else text.strip()
    if word in contents.codebook:
        return word
    named = [c.id for c in contents.codebook if word.casefold() in {c.name.zh.casefold(), c.name.en.casefold()}]
    return named[0] if len(named) == 1 else ""
