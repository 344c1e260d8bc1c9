"""A sheet with the suggestions for every passage, for a coder to fill in."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Decision, Language, Suggestion
from lbc_themes.core.study_log import Contents, LogState, latest
from lbc_themes.exchange.sheet_words import FILLED, HEADS, verdicts
from lbc_themes.exchange.tree import legal

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_WIDTHS = {"passage": 13, "question": 28, "text": 60, "why": 36, "memo": 28, "decision": 10}
_MOST = 32_000


def write_sheet(contents: Contents, path: str | Path, *, coder: str = "", language: Language = "zh") -> None:
    """Write a .xlsx with one row a passage: what was said, up to three suggestions, and columns to fill in.

    The columns for the decision and for codes offer lists. What ``coder`` decided already stands there, and rows left
    empty mean nothing decided. ``read_sheet`` reads the file back.
    """
    import openpyxl

    file = Path(path)
    book = openpyxl.Workbook()
    sheet, codes = book.worksheets[0], book.create_sheet("codes")
    sheet.title = "suggestions"
    for number, code in enumerate(contents.codebook, 1):
        said = (code_label(contents, code.id, language), code.id, code.brief.said(language))
        for column, text in enumerate(said, 1):
            _put(codes, number, column, text)
    for column, key in enumerate(HEADS, 1):
        _put(sheet, 1, column, HEADS[key].said(language))
    rows = 1
    for rows, cells in enumerate(_rows(contents, coder, language), 2):
        for column, text in enumerate(cells, 1):
            _put(sheet, rows, column, text)
    _dress(sheet, rows, len(contents.codebook), language)
    try:
        book.save(file)
    except OSError as fault:
        raise InputError(
            f"{file}: cannot be written ({fault.strerror}); check the folder and that Excel does not hold it open"
        ) from fault


def code_label(contents: Contents, code_id: str, language: Language) -> str:
    """Return a code as the lists show it: name and id."""
    return f"{contents.codebook[code_id].name.said(language)} [{code_id}]"


def _put(sheet: "Worksheet", row: int, column: int, text: str) -> None:
    cell = sheet.cell(row, column, legal(text)[:_MOST])
    # Words that begin with = are words, not formulas.
    cell.data_type = "s"


def _rows(contents: Contents, coder: str, language: Language) -> Iterator[list[str]]:
    newest, standing = latest(contents.runs), LogState()
    standing.add(contents.entries)
    people = {t: person.id for person in contents.participants for t in person.transcript_ids}
    for passage in contents.passages:
        suggestion = newest[passage.id][1] if passage.id in newest else None
        decision = standing.decision_on(passage.id, coder)
        who = people.get(passage.transcript_id, "")
        yield [
            passage.id, who, passage.role.value, passage.question, passage.text,
            *_suggested(contents, suggestion, language), *_decided(contents, decision, language),
        ]  # fmt: skip


def _suggested(contents: Contents, suggestion: Suggestion | None, language: Language) -> list[str]:
    if suggestion is None:
        return [""] * 4
    codes = suggestion.codes[:3]
    cells = [
        f"{code_label(contents, c.code_id, language)} {c.probability:.2f}"
        for c in codes
        if c.code_id in contents.codebook
    ]
    why = [f"{n}. {c.evidence.why_zh if language == 'zh' else c.evidence.why_en}" for n, c in enumerate(codes, 1)]
    return [*cells, *[""] * (3 - len(cells)), "\n".join(why) or suggestion.reason]


def _decided(contents: Contents, decision: Decision | None, language: Language) -> list[str]:
    if decision is None:
        return [""] * 6
    words = dict(zip(("accepted", "changed", "rejected"), verdicts(language), strict=True))
    labels = [code_label(contents, code_id, language) for code_id in decision.code_ids]
    first, rest = labels[:2], "；".join(labels[2:])
    codes = [*first, *[""] * (2 - len(first)), rest]
    return [words[decision.verdict.value], *codes, decision.memo, decision.coder]


def _dress(sheet: "Worksheet", rows: int, codes: int, language: Language) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    offered = ",".join(verdicts(language))
    lists = {"decision": f'"{offered}"'} | {f"code_{n}": f"codes!$A$1:$A${max(1, codes)}" for n in (1, 2, 3)}
    for column, key in enumerate(HEADS, 1):
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = _WIDTHS.get(key, 22 if "code" in key or "sugg" in key else 12)
        sheet.cell(1, column).font = Font(bold=True)
        if key in FILLED:
            sheet.cell(1, column).fill = PatternFill("solid", fgColor="FFF2CC")
        if key in lists and rows > 1:
            # Several codes in one cell are allowed, so the list advises and does not forbid.
            rule = DataValidation("list", formula1=lists[key], allow_blank=True, showErrorMessage=key == "decision")
            rule.add(f"{letter}2:{letter}{rows}")
            sheet.add_data_validation(rule)
        for row in range(2, rows + 1):
            sheet.cell(row, column).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "B2"
