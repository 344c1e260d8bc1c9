"""Tables of suggestions that a coder fills in: the sheet of a study, and the suggestions.csv of a run, read alike."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import cell_text, private_replace
from lbc_themes.core.messages import message, word_table
from lbc_themes.core.records import Bilingual, Codebook, Decision, Language, Passage, Suggestion, Verdict
from lbc_themes.core.study_log import Contents, LogState, Memo, latest
from lbc_themes.exchange.refi_qda.xml import legal
from lbc_themes.safeguards.distress import distress_cues, reason_given
from lbc_themes.text.tables import read_table

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


HEADS = word_table("exchange.sheet_heads")
FILLED = ("decision", "code_1", "code_2", "code_3", "decided_codes", "memo", "coder")
"""The columns that a person fills in; all others are the machine's."""
CODES = ("code_1", "code_2", "code_3", "decided_codes")
_ALIASES = {
    "段落": "passage", "最终编码": "decided_codes", "定稿编码": "decided_codes", "判断": "decision",
    "passage_id": "passage", "decided_codes": "decided_codes", "编码结果": "decided_codes", "code": "code_1",
    "codes": "decided_codes", "编码": "decided_codes", "verdict": "decision", "备注": "memo", "note": "memo",
}  # fmt: skip
VERDICTS = word_table("exchange.sheet_verdicts")
NO_CODE = message("exchange.no_code_applies")
"""The decision that a passage takes no code, which is more than turning suggestions down."""
_NO_CODE_SAID = frozenset(
    {"没有合适的编码", "没有编码适用", "无合适编码", "无编码", "不编码", "no code applies", "no code", "nocode"}
)
_SAID = {
    Verdict.ACCEPTED: "接受 采纳 采用 同意 认可 是 对 accept accepted agree yes y ok ✓ √ ✔ 1",
    Verdict.CHANGED: "改为 修改 更改 改 另选 change changed",
    Verdict.REJECTED: "都不合适 否决 拒绝 不采纳 不接受 不同意 不合适 无 否 reject rejected no none n x × ✗ 0",
}
_VERDICT = {word: verdict for verdict, words in _SAID.items() for word in words.split()}
_BLANK = re.compile(r"[\s_]+")
_FRAME = " \t\r\n'\"。.!！,，;；:："


def head_key(text: str) -> str:
    """Return which column a head names, or "".

    >>> head_key("编码 1"), head_key("decided_codes"), head_key("Passage"), head_key("x")
    ('code_1', 'decided_codes', 'passage', '')
    """
    plain = _BLANK.sub("", unicodedata.normalize("NFKC", text).strip(_FRAME).lower())
    known = {_BLANK.sub("", word): key for key, words in HEADS.items() for word in (key, words.zh, words.en)}
    aliases = {_BLANK.sub("", word): key for word, key in _ALIASES.items()}
    return known.get(plain) or aliases.get(plain, "")


def verdict_of(text: str) -> Verdict | None:
    """Return the verdict that a word means, or None where it means none.

    >>> verdict_of("接受"), verdict_of("X"), verdict_of("?")
    (<Verdict.ACCEPTED: 'accepted'>, <Verdict.REJECTED: 'rejected'>, None)
    """
    plain = unicodedata.normalize("NFKC", text).strip(_FRAME).casefold()
    return _VERDICT.get(re.sub(r"^([01])\.0+$", r"\1", plain))


def verdicts(language: Language) -> list[str]:
    """Return the words offered in the sheet."""
    return [words.said(language) for words in (*VERDICTS.values(), NO_CODE)]


def says_no_code(text: str) -> bool:
    """Say whether a word means that no code applies.

    >>> says_no_code("没有合适的编码"), says_no_code("都不合适")
    (True, False)
    """
    return unicodedata.normalize("NFKC", text).strip(_FRAME).casefold() in _NO_CODE_SAID


# --- A sheet with the suggestions for every passage, for a coder to fill in.

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
        with private_replace(file) as beside:
            book.save(beside)
    except OSError as fault:
        raise InputError(
            message("exchange.cannot_written_check_folder_5", file=file, strerror=fault.strerror)
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
            *_suggested(contents, passage, suggestion, language), *_decision_cells(contents, decision, language),
        ]  # fmt: skip


def _suggested(contents: Contents, passage: Passage, suggestion: Suggestion | None, language: Language) -> list[str]:
    if suggestion is None:
        return [""] * 4
    codes = [c for c in suggestion.codes if c.code_id in contents.codebook][:3]
    cells = [f"{code_label(contents, c.code_id, language)} {c.probability:.2f}" for c in codes]
    why = [f"{n}. {c.evidence.why_zh if language == 'zh' else c.evidence.why_en}" for n, c in enumerate(codes, 1)]
    return [*cells, *[""] * (3 - len(cells)), "\n".join(why) or reason_given(suggestion, distress_cues(passage.text))]


def _decision_cells(contents: Contents, decision: Decision | None, language: Language) -> list[str]:
    if decision is None:
        return [""] * 6
    words = dict(zip(("accepted", "changed", "rejected", "no code"), verdicts(language), strict=True))
    labels = [code_label(contents, code_id, language) for code_id in decision.code_ids]
    first, rest = labels[:2], "；".join(labels[2:])
    codes = [*first, *[""] * (2 - len(first)), rest]
    return [words["no code" if decision.no_code else decision.verdict.value], *codes, decision.memo, decision.coder]


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


# --- A table that a coder filled in, as decisions: the sheet of a study, and the suggestions.csv of a run.

_LABEL = re.compile(r"(?:.*\[([^\[\]]+)\]|.*\(([^()]+)\))\s*(?:[01]?\.\d+|\d+%)?")
_RUN_MARK = re.compile(r"decidedcodes|nosuggestion|(?:probability|why)\d+|name\d+(?:zh|en)")
_MACHINE_CODE = re.compile(r"code_(\d+)")
_EMPTY = frozenset({"nan", "null", "nat", "<na>", "#n/a"})
"""What other programs write into a cell that is empty."""
_NO_CODE = frozenset({"-", "--", "—", "——", "/", "无", "没有", "none", "n/a", "na"})
_HEAD_ROWS = 10
_Found = TypeVar("_Found")


@dataclass(frozen=True, kw_only=True, slots=True)
class DecidedRow:
    """What a person decided in one row of a table of suggestions.

    ``suggested`` are the codes that the row shows as suggestions, best first, and None where the table has no columns
    for suggestions. ``text`` and ``participant`` are as the table has them, "" where it does not. ``where`` names the
    row in messages.
    """

    where: str
    passage_id: str
    verdict: Verdict
    code_ids: tuple[str, ...]
    coder: str
    memo: str
    suggested: tuple[str, ...] | None
    text: str
    participant: str
    no_code: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """The cells of a row by column key; ``unreliable`` are those whose text is not what a person sees, with why."""

    where: str
    cells: Mapping[str, str]
    unreliable: Mapping[str, Bilingual]
    has_suggestions: bool

    def cell(self, key: str) -> str:
        text = cell_text(self.cells.get(key, "")).strip()
        return "" if text.casefold() in _EMPTY else text


class _CodeNames:
    """Finds the code that a person means by an id, a name in either language, or a label as the lists show it."""

    def __init__(self, codebook: Codebook) -> None:
        self._ids = {_plain(code.id): code.id for code in codebook}
        self._names: dict[str, set[str]] = {}
        for code in codebook:
            for name in filter(None, (code.name.zh, code.name.en)):
                self._names.setdefault(_plain(name), set()).add(code.id)

    def one(self, text: str) -> str:
        """Return the id of the one code that all of ``text`` names, or ""."""
        plain = _plain(text)
        if plain in self._ids:
            return self._ids[plain]
        named = self._names.get(plain, set())
        if len(named) > 1:
            raise InputError(
                message("exchange.name_codes_give_id", text=text, count=len(named), named=[*sorted(named)])
            )
        if named:
            return next(iter(named))
        labelled = _LABEL.fullmatch(plain)
        return self._ids.get((labelled[1] or labelled[2]).strip(), "") if labelled else ""

    def several(self, cell: str) -> tuple[str, ...]:
        """Return the ids of the codes in a cell, each once.

        Raises:
            InputError: if a part of the cell names no code, or several.
        """
        return tuple(dict.fromkeys(code_id for part in _parts(cell, ";|\n\t") for code_id in self._part(part)))

    def _part(self, text: str) -> list[str]:
        whole = self.one(text)
        if whole:
            return [whole]
        parts = _parts(text, "、,/")
        ids = text.split()
        if len(ids) > 1 and all(_plain(each) in self._ids for each in ids):
            return [self._ids[_plain(each)] for each in ids]
        if parts == [text.strip()]:
            raise InputError(message("exchange.no_code_codebook_choose", strip=text.strip()))
        return [code_id for part in parts for code_id in self._part(part)]


def _plain(text: str) -> str:
    """Return text in one width and case: full-width letters and signs are those of a Chinese input method."""
    return unicodedata.normalize("NFKC", text).strip(" \n\t'\"。.").casefold()


def _parts(text: str, marks: str) -> list[str]:
    wide = {";": ";；", "|": "|｜", ",": ",，﹐", "/": "/／", "、": "、﹑"}
    found = re.split(f"[{re.escape(''.join(wide.get(mark, mark) for mark in marks))}]", text)
    return [part.strip() for part in found if part.strip()]


def read_decisions(path: str | Path, codebook: Codebook, *, coder: str = "") -> list[DecidedRow]:
    """Return what a person decided in a table of suggestions: a run's suggestions.csv, or the sheet of a study.

    A row is decided where a person filled in its decision or its codes; nothing that the machine wrote counts. Codes
    are named by id, by name in either language, or as the lists show them, with ``;``, ``；``, ``，`` or ``、`` between
    them. "Accepted" without codes means the first suggestion as the row shows it. Codes without a decision are
    accepted where the row suggests all of them, else changed. Rows and columns may be moved, left out or filtered.

    Args:
        path: A .csv in any usual encoding, or an .xlsx, as Excel and WPS save them.
        codebook: The codes that may be named.
        coder: Who decided, where a row does not say; may be "".

    Raises:
        InputError: naming the first row that cannot be understood and how many there are: an unknown code or word, an
            acceptance of nothing, a rejection or change that contradicts its codes, one passage decided twice.

    Example:
        >>> import csv, tempfile
        >>> from lbc_themes.codebook import load_codebook
        >>> rows = [["passage", "code_1", "decision", "decided_codes"], ["A:1", "health", "accepted", ""]]
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with (Path(folder) / "s.csv").open("w", newline="") as file:
        ...         csv.writer(file).writerows([*rows, ["A:2", "need", "", ""]])
        ...     decided = read_decisions(Path(folder) / "s.csv", load_codebook("left-behind-children"))
        >>> [(row.passage_id, row.code_ids) for row in decided]
        [('A:1', ('health',))]
    """
    return _decided(path, codebook, coder, None)


def is_decision_table(path: str | Path) -> bool:
    """Say whether a table has a column of passages, as sheets and tables of suggestions have."""
    if Path(path).suffix.lower() == ".docx":
        return False
    return any("passage" in map(head_key, head) for sheet in read_table(path) for head in sheet.rows[:_HEAD_ROWS])


def read_sheet(path: str | Path, contents: Contents, *, coder: str = "", time: str = "") -> list[Decision]:
    """Return the decisions in a filled-in .xlsx or .csv, in the order of its rows; ``Study.record_all`` stores them.

    Rows are read as by ``read_decisions``. ``coder`` is who decided, where the row does not say; ``time`` is given to
    every decision.

    Raises:
        InputError: as ``read_decisions``, and for passages that the study lacks, rows without a coder, and rows whose
            words are those of another passage (a table that was sorted in part).
    """
    return [decision for decision, _ in read_sheet_runs(path, contents, coder=coder, time=time)]


def read_sheet_runs(
    path: str | Path, contents: Contents, *, coder: str = "", time: str = ""
) -> list[tuple[Decision, str]]:
    """Return the decisions as ``read_sheet`` does, each with the name of the run whose suggestions the row shows.

    The name is "" where the table shows no suggestions at all: they were not in view. Where no run of the study
    suggested exactly what the row shows, it is that of the newest.
    """
    study = _InStudy(contents)
    in_view = any(key.startswith("suggested_") and row.cell(key) for row in _rows_of(Path(path)) for key in row.cells)
    return [
        (
            Decision(
                passage_id=row.passage_id, verdict=row.verdict, code_ids=row.code_ids, coder=row.coder, time=time,
                memo=row.memo, no_code=row.no_code,
            ),
            study.run_shown(row) if in_view else "",
        )
        for row in _decided(path, contents.codebook, coder, study)
    ]  # fmt: skip


def read_sheet_memos(path: str | Path, contents: Contents, *, coder: str = "", time: str = "") -> list[Memo]:
    """Return the memos in rows in which nothing was decided, as memos on their passages."""
    study = _InStudy(contents)

    def noted(row: _Row) -> Memo | None:
        text, who = row.cell("memo"), row.cell("coder") or coder
        if not text or row.cell("decision") or any(row.cell(key) for key in CODES):
            return None
        if not who:
            raise InputError(message("exchange.said_who_wrote_memo"))
        return Memo(text=text, coder=who, about="passage", about_id=study.passage_id(row), time=time)

    return _each(path, noted)


def _each(path: str | Path, read: Callable[[_Row], _Found | None]) -> list[_Found]:
    """Read each row of a table; refuse the whole table where some cannot be understood."""
    found, faults = [], []
    for row in _rows_of(Path(path)):
        try:
            each = read(row)
        except InputError as fault:
            faults.append(message("exchange.row_fault", where=row.where, fault=fault))
            continue
        if each is not None:
            found.append(each)
    if faults:
        more = message("exchange.more_rows", count=len(faults) - 1) if len(faults) > 1 else ""
        raise InputError(message("exchange.nothing_was_read", path=path, faults=faults[0], more=more))
    return found


def _decided(path: str | Path, codebook: Codebook, coder: str, study: "_InStudy | None") -> list[DecidedRow]:
    names = _CodeNames(codebook)
    first: dict[tuple[str, str], DecidedRow] = {}

    def decided(row: _Row) -> DecidedRow | None:
        found = _decided_row(row, names, coder, study)
        if found is None:
            return None
        before = first.setdefault((found.passage_id, found.coder), found)
        if (before.verdict, before.code_ids, before.memo) != (found.verdict, found.code_ids, found.memo):
            raise InputError(
                message("exchange.decided_differently_keep_one", passage_id=found.passage_id, where=before.where)
            )
        return found if before is found else None

    return _each(path, decided)


def _decided_row(row: _Row, names: _CodeNames, coder: str, study: "_InStudy | None") -> DecidedRow | None:
    """Return what a person decided in a row, or None where they filled in neither a decision nor codes."""
    for key in FILLED:
        if key in row.unreliable:
            raise InputError(message("exchange.cell", key_=key, unreliable=row.unreliable[key]))
    word, given = row.cell("decision"), [row.cell(key) for key in CODES]
    if not word and not any(given):
        return None
    no_code = says_no_code(word)
    verdict = Verdict.REJECTED if no_code else verdict_of(word) if word else None
    if word and verdict is None:
        raise InputError(message("exchange.decision_allowed_accept_change", word=word))
    if verdict is Verdict.REJECTED:
        given = [cell for cell in given if _plain(cell) not in _NO_CODE]
    codes = tuple(dict.fromkeys(code_id for cell in given for code_id in names.several(cell)))
    suggested = _suggestions(row, names) if row.has_suggestions else None
    passage_id = study.passage_id(row) if study else row.cell("passage")
    if not passage_id:
        raise InputError(message("exchange.something_decided_but_row"))
    offered = suggested if suggested is not None or study is None else study.newest.get(passage_id, ())
    verdict, codes = _verdict(verdict, codes, offered, suggested)
    if no_code and suggested is not None and not suggested:
        verdict = Verdict.ACCEPTED  # As on the page: nothing was suggested, and that was right.
    who = row.cell("coder") or coder
    if study and not who:
        raise InputError(message("exchange.said_who_decided_fill"))
    return DecidedRow(
        where=row.where, passage_id=passage_id, verdict=verdict, code_ids=codes, coder=who, memo=row.cell("memo"),
        suggested=suggested, text=cell_text(row.cells.get("text", "")),
        participant=cell_text(row.cells.get("participant", "")), no_code=no_code,
    )  # fmt: skip


def _suggestions(row: _Row, names: _CodeNames) -> tuple[str, ...]:
    """Return the suggested codes as the row shows them; one that the codebook lacks stands as it is written."""
    keys = sorted((key for key in row.cells if key.startswith("suggested_")), key=lambda key: int(key[10:]))
    return tuple(names.one(cell) or cell for key in keys if (cell := row.cell(key)))


def _verdict(
    verdict: Verdict | None, codes: tuple[str, ...], offered: Sequence[str] | None, suggested: Sequence[str] | None
) -> tuple[Verdict, tuple[str, ...]]:
    """Return the decision and its codes; ``offered`` decides whether codes without a word were accepted."""
    if verdict is Verdict.REJECTED:
        if codes:
            raise InputError(message("exchange.decision_rejection_yet_gives", codes=[*codes]))
        return verdict, ()
    if verdict is Verdict.CHANGED:
        if not codes:
            raise InputError(message("exchange.decision_change_but_no"))
        return verdict, codes
    if codes:
        if offered is None:
            return verdict or Verdict.CHANGED, codes
        return (Verdict.ACCEPTED if set(codes) <= set(offered) else Verdict.CHANGED), codes
    if suggested is None:
        raise InputError(message("exchange.decision_accept_but_table"))
    if not suggested:
        raise InputError(message("exchange.decision_accept_but_nothing"))
    return Verdict.ACCEPTED, (suggested[0],)


class _InStudy:
    """What of a table has to fit a study: passages, their words, and the runs that suggested what a row shows."""

    def __init__(self, contents: Contents) -> None:
        self._ids = {_plain(passage.id): passage.id for passage in contents.passages}
        self._words = {passage.id: _words(passage.text) for passage in contents.passages}
        self._passages = {words: passage_id for passage_id, words in self._words.items()}
        self._runs = [
            (run.name, {each.passage_id: tuple(code.code_id for code in each.codes) for each in run.suggestions})
            for run in reversed(contents.runs)
        ]
        self.newest = {
            passage_id: tuple(code.code_id for code in each.codes)
            for passage_id, (_, each) in latest(contents.runs).items()
        }

    def passage_id(self, row: _Row) -> str:
        """Return the passage of a row.

        Raises:
            InputError: if the study lacks it, or the words in the row are those of another of its passages.
        """
        named = row.cell("passage")
        if not named:
            raise InputError(message("exchange.something_filled_but_row"))
        passage_id = self._ids.get(_plain(named))
        if passage_id is None:
            raise InputError(message("exchange.no_passage_study_take", named=named))
        words = _words(cell_text(row.cells.get("text", "")))
        other = self._passages.get(words, passage_id)
        if words and words != self._words[passage_id] and other != passage_id:
            raise InputError(message("exchange.row_says_but_words", passage_id=passage_id, other=other))
        return passage_id

    def run_shown(self, row: DecidedRow) -> str:
        """Return the name of the newest run that suggested what a row shows, or else of the newest run, if any."""
        shown = row.suggested or ()
        if not self._runs:
            return ""
        same = (name for name, codes in self._runs if codes.get(row.passage_id, ())[: len(shown)] == shown)
        return next(same, self._runs[0][0])


def _words(text: str) -> str:
    return "".join(text.split())


def _rows_of(file: Path) -> Iterator[_Row]:
    """Yield the rows below the heads of each sheet that has them."""
    headed = False
    sheets = read_table(file)
    for sheet in sheets:
        for first, head in enumerate(sheet.rows[:_HEAD_ROWS]):
            columns = _columns(head)
            if "passage" not in columns.values():
                continue
            headed = True
            place = f"sheet {sheet.name}, " if sum(len(each.rows) > 1 for each in sheets) > 1 else ""
            for number, cells in enumerate(sheet.rows[first + 1 :], first + 1):
                held = {key: cells[column] for column, key in columns.items() if column < len(cells)}
                doubt = {key: why for c, key in columns.items() if (why := sheet.unreliable.get((number, c)))}
                yield _Row(
                    where=f"{place}row {number + 1}", cells=held, unreliable=doubt,
                    has_suggestions=any(key.startswith("suggested_") for key in columns.values()),
                )  # fmt: skip
            break
    if not headed:
        raise InputError(message("exchange.no_column_headed_passage", file=file))


def _columns(head: Sequence[str]) -> dict[int, str]:
    """Return what the columns hold, by number.

    The table of a run heads the machine's codes ``code_1``; the sheet of a study heads those of the coder ``编码1`` or
    ``code 1``.
    """
    keys = {column: key for column, cell in enumerate(head) if (key := head_key(cell))}
    machine = {c: found[1] for c, cell in enumerate(head) if (found := _MACHINE_CODE.fullmatch(cell.strip().lower()))}
    of_run = any(_RUN_MARK.fullmatch(_BLANK.sub("", cell.lower())) for cell in head)
    if of_run:
        keys |= {column: f"suggested_{number}" for column, number in machine.items()}
    elif machine and not any(key.startswith("suggested_") for key in keys.values()):
        raise InputError(message("exchange.column_code_may_hold"))
    for key in ("passage", *FILLED):
        if [*keys.values()].count(key) > 1:
            raise InputError(message("exchange.two_columns_headed_keep", key_=key))
    return keys
