"""Tables whose rows are turns or answers: which column is the speaker, which the speech, which the time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from lbc_themes.core.records import Role
from lbc_themes.reading.document import Cell, Document, Form, Grid, Parsed, Row, Spoken, bare, seconds, trimmed
from lbc_themes.reading.vocabulary import is_speaker_word, plain_label, role_of_value

# --- What the header of a column means.

_NAMES: dict[str, str] = {
    "speaker": """说话人 說話人 发言人 發言人 讲话人 讲述人 讲述者 说话者 发言者 对话者 人物 姓名 名字 昵称
        受访者 受訪者 被访者 参与者 speaker speakername speakerid speakerlabel who name person participant
        interlocutor actor""",
    "text": """内容 內容 文本 原文 正文 话语 发言 發言 對話 对话 转写 逐字稿 语料 文字 句子 回答 答案 答复 text
        content contents utterance utterancetext utterances speech said words transcript transcription sentence
        dialogue answer answers response responses""",
    "time": """时间 時間 时间戳 時間戳 开始 开始时间 開始時間 起始时间 起始 时间点 时刻 time start starttime
        begin begintime timestamp timecode onset from""",
    "role": "角色 身份 类别 人群 role identity group speakerrole",
    "question": "问题 問題 提问 题目 題目 访谈问题 question questions prompt item",
    "respondent": """序号 序號 编号 編號 id no number 受访者编号 被试 被试编号 学号 问卷编号 答卷编号 答题序号
        代码 化名 code respondent respondentid participantid subject subjectid caseid case""",
    "aside": """性别 性別 年龄 年齡 年级 年級 班级 班級 学校 學校 民族 日期 提交时间 提交答卷时间 所用时间 来源
        来源详情 来自ip ip 总分 备注 備註 录音 文件 gender sex age grade class school date duration file
        filename source note notes remark remarks comment comments 注释 註釋 评论 批注""",
}
_MEANINGS = {word: name for name, words in _NAMES.items() for word in words.split()}
_SPLIT = re.compile(r"[\s/|()（）\[\]【】]+")
_JOIN = re.compile(r"[\s_\-.:：*]+")
_SPEECH = re.compile(r".{1,4}(?:内容|內容|文本|原文|文字)")
_LONGEST = 40


def meaning(header: str) -> str:
    """Return what a column header means: speaker, text, time, role, question, respondent, aside, or nothing known ("").

    Where a header gives its name twice, in Chinese and English, both must mean the same.

    >>> meaning("说话人 (Speaker)"), meaning("start_time"), meaning("你想妈妈吗？")
    ('speaker', 'time', '')
    """
    if len(header) > _LONGEST:
        return ""
    label = plain_label(header).lower()
    whole = _MEANINGS.get(_JOIN.sub("", label), "")
    parts = {_MEANINGS.get(_JOIN.sub("", part), "") for part in _SPLIT.split(label) if part}
    both = parts.pop() if len(parts) == 1 else ""
    if both == "aside" and "/" in label:
        # 性别/年龄 asks for two things at once, and what is said to it is an answer.
        both = ""
    return whole or both or ("text" if _SPEECH.fullmatch(label) else "")


_HEAD = 5
_SAMPLE = 400
_WIDEST = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Column numbers of a table whose rows are turns; ``first`` is the number of its first row of speech."""

    text: int
    speaker: int | None = None
    time: int | None = None
    role: int | None = None
    question: int | None = None
    first: int = 0


def turn_columns(grid: Grid) -> Columns | None:
    """Return the columns of a table of turns, from its header or, without one, from what stands in the columns."""
    return _by_header(grid) or _by_content(grid)


def places(row: Row) -> dict[str, int]:
    """Return the first column of every meaning that the headers in ``row`` have."""
    found: dict[str, int] = {}
    for column, cell in enumerate(row[:_WIDEST]):
        found.setdefault(meaning(cell.value), column)
    return found


def _by_header(grid: Grid) -> Columns | None:
    for number, row in enumerate(grid.rows[:_HEAD]):
        found = places(row)
        if "text" in found and found.keys() & {"speaker", "role", "time", "question", "respondent"}:
            speaker = next((found[name] for name in ("speaker", "respondent", "role") if name in found), None)
            others = {name: found.get(name) for name in ("time", "role", "question")}
            return Columns(text=found["text"], speaker=speaker, first=number + 1, **others)
    return None


def _by_content(grid: Grid) -> Columns | None:
    rows = grid.rows[:_SAMPLE]
    width = max(map(len, rows), default=0)
    if len(rows) < 2 or not 2 <= width <= 4:
        return None
    times = [column for column in range(width) if _share_of_times(rows, column) > 0.6]
    names = [column for column in range(width) if column not in times and _names_people(rows, column)]
    name = max(names, key=lambda column: _again(rows, column), default=None)
    left = [column for column in range(width) if column not in times and column != name]
    if name is None or not left:
        return None
    text = max(left, key=lambda column: _characters(rows, column))
    return _below_header(Columns(text=text, speaker=name, time=times[0] if times else None), rows[0], name)


def _below_header(columns: Columns, row: Row, name: int) -> Columns | None:
    """Return the columns for a table whose first row may be a header, or None where that header asks a question."""
    found = places(row)
    if not found.keys() - {"", "text", "time"}:
        return columns
    asks = columns.text < len(row) and bare(row[columns.text].value).endswith(("?", "？"))
    headed = name in (found.get("speaker"), found.get("role")) and not asks
    return replace(columns, first=1) if headed else None


def _values(rows: Sequence[Row], column: int) -> list[str]:
    return [value for row in rows if column < len(row) and (value := bare(row[column].value))]


def _characters(rows: Sequence[Row], column: int) -> int:
    return sum(map(len, _values(rows, column)))


def _share_of_times(rows: Sequence[Row], column: int) -> float:
    values = _values(rows, column)
    return sum(1 for value in values if ":" in value and seconds(value) is not None) / max(1, len(values))


def _again(rows: Sequence[Row], column: int) -> int:
    values = _values(rows, column)
    return len(values) - len(set(values))


def _names_people(rows: Sequence[Row], column: int) -> bool:
    values, again = _values(rows, column), _again(rows, column)
    short = max(map(len, values), default=99) <= 20
    comes_back = again * 2 >= len(values) or (again > 0 and len(values) < 6)
    return short and (comes_back or (bool(values) and all(map(is_speaker_word, values))))


# --- Turns from the rows of a table.


def value_at(row: Row, column: int | None) -> str:
    """Return the bare value of a cell, empty where there is no such column or cell."""
    return bare(row[column].value) if column is not None and column < len(row) else ""


class Said(NamedTuple):
    """One row of speech: who, the cell that holds the words, when, and to which question."""

    speaker: str
    cell: Cell
    time: float | None
    question: str | None
    role: Role | None


def rows_of_speech(grid: Grid, columns: Columns) -> Iterator[Said]:
    """Yield the rows of ``grid`` that hold words. An empty speaker cell carries on the speaker above it."""
    speaker = ""
    for row in grid.rows[columns.first :]:
        speaker = value_at(row, columns.speaker).rstrip(":：") or speaker
        if value_at(row, columns.text):
            role = role_of_value(value_at(row, columns.role)) if columns.role is not None else None
            question = value_at(row, columns.question) or None
            yield Said(speaker, row[columns.text], seconds(value_at(row, columns.time)), question, role)


def in_place(said: list[Said]) -> tuple[Spoken, ...]:
    """Return turns that are slices of the document's own text."""
    return tuple(_row_turn(row, row.cell.start) for row in said)


def joined(said: list[Said]) -> tuple[str, tuple[Spoken, ...]]:
    """Return the cells of speech joined with newlines, and turns that are slices of that."""
    turns, start = [], 0
    for row in said:
        turns.append(_row_turn(row, start))
        start += len(row.cell.value) + 1
    return "\n".join(row.cell.value for row in said), tuple(turns)


def roles(said: list[Said]) -> dict[str, Role]:
    """Return the roles that a role column states, by speaker; the first one where a speaker has several."""
    stated: dict[str, Role] = {}
    for row in said:
        if row.role is not None:
            stated.setdefault(row.speaker, row.role)
    return stated


def _row_turn(row: Said, at: int) -> Spoken:
    start, end = trimmed(row.cell.value, at)
    return Spoken(speaker=row.speaker, start=start, end=end, time=row.time, question=row.question)


# --- Sheets and csv files with one row a turn: speaker, speech, time, in any order, with or without a header.

SUFFIXES = frozenset({".csv", ".tsv", ".xlsx", ".xlsm"})


def recognise_turn_table(document: Document) -> float:
    """Say how sure it is that the rows of ``document`` are turns."""
    return 0.9 if document.suffix in SUFFIXES and _turn_tables(document) else 0.0


def parse_turn_table(document: Document) -> Parsed:
    """Read one turn a row. The text is the cells of speech of all sheets in order, one a line."""
    tables = _turn_tables(document)
    said = [row for grid, columns in tables for row in rows_of_speech(grid, columns)]
    text, turns = joined(said)
    read = [grid for grid, _ in tables]
    left = [grid.name for grid in document.grids if grid not in read and any(grid.rows)]
    notes = (f"sheets without turns were not read: {', '.join(left)}",) if left else ()
    return Parsed(text=text, turns=turns, roles=roles(said), notes=notes)


def _turn_tables(document: Document) -> list[tuple[Grid, Columns]]:
    return [(grid, columns) for grid in document.grids if (columns := turn_columns(grid)) is not None]


TURN_TABLE = Form(name="turn-table", recognise=recognise_turn_table, parse=parse_turn_table)


# --- Sheets and csv files with one row a respondent and one column a question, as questionnaires are exported.

_ASKED = frozenset({"", "question", "text"})


def recognise_answer_table(document: Document) -> float:
    """Say how sure it is that the rows of ``document`` are respondents and its columns questions."""
    return 0.8 if document.suffix in SUFFIXES and any(_is_table(grid) for grid in document.grids) else 0.0


def parse_answer_table(document: Document) -> Parsed:
    """Read one turn an answer, respondent by respondent, question by question.

    The whole file is one transcript. A turn's ``question`` is the header of its column, its speaker the respondent's id
    or, where no column holds one, the number of the row. Columns of attributes (gender, age, date) are not answers. The
    text is the answers in that order, one a line. A sheet whose rows are the questions (the header of its first column
    is 问题) and whose columns are the respondents is read the same way.
    """
    tables = [_upright(grid) for grid in document.grids if _is_table(grid)]
    said = [row for grid in tables for row in _answers(grid)]
    text, turns = joined(said)
    headers = [bare(cell.value) for grid in tables for cell in grid.rows[0]]
    aside = dict.fromkeys(header for header in headers if meaning(header) not in _ASKED)
    notes = (f"columns not read as answers: {', '.join(aside)}",) if aside else ()
    return Parsed(text=text, turns=turns, roles=roles(said), notes=notes)


def _is_table(grid: Grid) -> bool:
    headers = [cell for cell in grid.rows[0] if bare(cell.value)] if grid.rows else []
    return len(grid.rows) > 1 and len(headers) > 1 and bool(_questions(grid))


def _upright(grid: Grid) -> Grid:
    """Return a table whose rows are questions with its rows and columns exchanged, any other as it is."""
    found = [meaning(bare(cell.value)) for cell in grid.rows[0]]
    others = [bare(cell.value) for cell in grid.rows[0][1:]]
    if found[0] != "question" or any(found[1:]) or not all(others) or any(h.endswith(("?", "？")) for h in others):
        return grid
    width, edge = len(found), grid.rows[0][0]
    rows = [(*row, *[Cell(value="", start=edge.start)] * width)[:width] for row in grid.rows]
    columns = list(zip(*rows, strict=True))
    head = (Cell(value="受访者", start=edge.start), *columns[0][1:])
    return Grid(name=grid.name, rows=(head, *columns[1:]))


def _questions(grid: Grid) -> dict[int, str]:
    headers = ((column, bare(cell.value)) for column, cell in enumerate(grid.rows[0]))
    return {column: header for column, header in headers if header and meaning(header) in _ASKED}


def _answers(grid: Grid) -> Iterator[Said]:
    found, asked = places(grid.rows[0]), _questions(grid)
    who = next((found[name] for name in ("respondent", "speaker") if name in found), None)
    if who is None and is_speaker_word(bare(grid.rows[0][0].value)):
        who = 0
        asked.pop(0, None)
    for number, row in enumerate(grid.rows[1:], start=1):
        speaker = value_at(row, who) or str(number)
        role = role_of_value(value_at(row, found.get("role")))
        for column, question in asked.items():
            if value_at(row, column):
                yield Said(speaker, row[column], None, question, role)


ANSWER_TABLE = Form(name="answer-table", recognise=recognise_answer_table, parse=parse_answer_table)


# --- Word documents whose interview stands in tables of two or three columns: speaker, speech, time.


def recognise_word_table(document: Document) -> float:
    """Say how sure it is that ``document`` is a Word file with its speech in tables."""
    if document.suffix not in {".docx", ".docm"} or not document.text:
        return 0.0
    inside = sum(len(cell.value) + 1 for grid, _ in _word_tables(document) for row in grid.rows for cell in row)
    return 0.9 if inside * 2 > len(document.text) else 0.0


def parse_word_table(document: Document) -> Parsed:
    """Read one turn a row. The text is the whole document in its order, one paragraph a line."""
    said = [row for grid, columns in _word_tables(document) for row in rows_of_speech(grid, columns)]
    apart = _outermost(said)
    return Parsed(text=document.text, turns=in_place(apart), roles=roles(apart))


def _outermost(said: list[Said]) -> list[Said]:
    """Return the rows in the order of the text, without those that stand inside another row's cell."""
    kept: list[Said] = []
    for row in sorted(said, key=lambda row: (row.cell.start, -row.cell.end)):
        if not kept or row.cell.start >= kept[-1].cell.end:
            kept.append(row)
    return kept


def _word_tables(document: Document) -> list[tuple[Grid, Columns]]:
    return [(grid, columns) for grid in document.grids if (columns := turn_columns(grid)) is not None]


WORD_TABLE = Form(name="word-table", recognise=recognise_word_table, parse=parse_word_table)
