"""Tables whose rows are turns or answers: which column is the speaker, which the speech, which the time."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from lbc_themes.core.records import Role
from lbc_themes.reading.document import (
    BLANK,
    CLOCK,
    Cell,
    Document,
    Doubt,
    Form,
    Grid,
    Line,
    Parsed,
    Part,
    PartKind,
    Row,
    Spoken,
    bare,
    lines_of,
    seconds,
    trimmed,
)  # fmt: skip
from lbc_themes.reading.formats.clocks import clock_marks
from lbc_themes.reading.formats.labels import candidates, learn
from lbc_themes.reading.formats.subtitles import Cue, joined_voices, labelled_voices
from lbc_themes.reading.vocabulary import is_speaker_word, plain_label, role_of_value

# --- What the header of a column means.

_NAMES: dict[str, str] = {
    "speaker": """说话人 說話人 发言人 發言人 讲话人 讲述人 讲述者 说话者 发言者 对话者 人物 姓名 名字 昵称
        暱稱 受访者 受訪者 被访者 参与者 发送人 发送者 發送者 发信人 发送方 群昵称 speaker speakername speakerid
        speakerlabel who name person participant interlocutor actor nickname sender sendername talker talkername
        from author role1 displayname username speakers 对象 主体""",
    "text": """内容 內容 文本 原文 正文 话语 发言 發言 對話 对话 转写 逐字稿 语料 文字 句子 回答 答案 答复 消息
        訊息 消息内容 聊天内容 原始资料 原始語料 原始语料 原始语句 原始資料 访谈原文 訪談原文 访谈记录 text content
        contents utterance utterancetext utterances speech said words transcript transcription sentence dialogue
        answer answers response responses message msg body strcontent caption segment""",
    "time": """时间 時間 时间戳 時間戳 开始 开始时间 開始時間 起始时间 起始 时间点 时刻 发送时间 消息时间 time
        start starttime begin begintime timestamp timecode onset strtime startms startmilliseconds startmillis
        startseconds 开始毫秒 tstart tmin""",
    "end": "结束 结束时间 結束時間 end endtime stop offset endms endmilliseconds 终止时间 until tend tmax",
    "role": "角色 身份 类别 人群 role identity group speakerrole",
    "question": "问题 問題 提问 题目 題目 访谈问题 question questions prompt item",
    "respondent": """序号 序號 编号 編號 id no number 受访者编号 被试 被试编号 学号 问卷编号 答卷编号 答题序号
        代码 化名 code respondent respondentid participantid subject subjectid caseid case""",
    "codes": """编码 編碼 初始编码 开放编码 开放式编码 開放編碼 一级编码 二级编码 三级编码 主轴编码 选择性编码
        概念 初始概念 概念化 初步概念 范畴 範疇 主范畴 副范畴 子范畴 范畴化 主题 主題 子主题 标签 標籤 节点 節點
        分析 反思 码号 编码结果 初始代码 意义单元 codes coding theme themes category categories concept concepts
        label labels memo memos node nodes subtheme opencode opencodes initialcode initialcodes analysis""",
    "aside": """性别 性別 年龄 年齡 年级 年級 班级 班級 学校 學校 民族 日期 提交时间 提交答卷时间 所用时间 来源
        来源详情 来自ip ip 总分 备注 備註 录音 文件 行号 gender sex age grade class school date duration file
        filename source note notes remark remarks comment comments 注释 註釋 评论 批注 localid talkerid type subtype
        issender createtime status msgsvrid typename src roomname serverid sequence seek tokens temperature
        avglogprob compressionratio nospeechprob confidence score channel index line lang language wxid 类型
        消息类型 状态""",
}
_MEANINGS = {word: name for name, words in _NAMES.items() for word in words.split()}
_SPLIT = re.compile(r"[\s/|()（）\[\]【】]+")
_JOIN = re.compile(r"[\s_\-.:：*]+")
_SPEECH = re.compile(r".{1,4}(?:内容|內容|文本|原文|文字)")
_LONGEST = 40


def meaning(header: str) -> str:
    """Return what a column header means, or "" where nothing is known of it.

    The meanings are speaker, text, time, end, role, question, respondent, codes and aside (what is no speech). Where a
    header gives its name twice, in Chinese and English, both must mean the same.

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
    end: int | None = None
    first: int = 0

    @property
    def read(self) -> set[int]:
        """The columns that are read."""
        every = (self.text, self.speaker, self.time, self.role, self.question, self.end)
        return {column for column in every if column is not None}


def turn_columns(grid: Grid) -> Columns | None:
    """Return the columns of a table of turns, from its header or, without one, from what stands in the columns."""
    return _by_header(grid) or _of_export(grid) or _by_content(grid)


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
            below = grid.rows[number + 1 : number + 1 + _SAMPLE]
            speaker = _speaker_column(row, below, found)
            others = {name: found.get(name) for name in ("time", "role", "question", "end")}
            if speaker is None and all(column is None for column in others.values()):
                continue
            return Columns(text=found["text"], speaker=speaker, first=number + 1, **others)
    return None


def _speaker_column(header: Row, below: Sequence[Row], found: dict[str, int]) -> int | None:
    """Return the column that names speakers: words before account numbers, and no running number of rows."""
    named = [column for column, cell in enumerate(header[:_WIDEST]) if meaning(cell.value) == "speaker"]
    if named:
        return max(named, key=lambda column: (_share_of_ids(below, column) < 0.5, -column))
    for name in ("respondent", "role"):
        column = found.get(name)
        if column is not None and not (name == "respondent" and "time" in found and _counts_rows(below, column)):
            return column
    return None


def _by_content(grid: Grid) -> Columns | None:
    rows = grid.rows[:_SAMPLE]
    width = max(map(len, rows), default=0)
    if len(rows) < 2 or not 2 <= width <= 4:
        return None
    times = [column for column in range(width) if _share_of_times(rows, column) > 0.6]
    names = [column for column in range(width) if column not in times and _names_people(rows, column)]
    name = max(names, key=lambda column: (_known(rows, column), _again(rows, column)), default=None)
    left = [column for column in range(width) if column not in times and column != name]
    left = [column for column in left if _share_of_ids(rows, column) < 0.5] or left
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


_IDENTIFIER = re.compile(r"[A-Za-z_][\w.\- ]{0,30}", re.ASCII)


def _of_export(grid: Grid) -> Columns | None:
    """Return the columns of a program's export: headers are identifiers, one column holds words, another names."""
    if len(grid.rows) < 3:
        return None
    header, rows = grid.rows[0], grid.rows[1 : 1 + _SAMPLE]
    heads = [bare(cell.value) for cell in header]
    if len(heads) < 3 or not all(_IDENTIFIER.fullmatch(head) for head in heads if head):
        return None
    wordy = [c for c in range(len(heads)) if _mean_of_han(rows, c) >= 4]
    if len(wordy) != 1:
        return None
    people = [
        c for c in range(len(heads))
        if c not in wordy and _share_of_ids(rows, c) < 0.5 and _again(rows, c) * 2 >= len(rows) - 1
        and max(map(len, _values(rows, c)), default=99) <= 20 and len(set(_values(rows, c))) > 1
    ]  # fmt: skip
    times = [c for c in range(len(heads)) if _share_of_times(rows, c) > 0.6]
    if not people and not times:
        return None
    return Columns(text=wordy[0], speaker=people[0] if people else None, time=times[0] if times else None, first=1)


def _values(rows: Sequence[Row], column: int) -> list[str]:
    return [value for row in rows if column < len(row) and (value := bare(row[column].value))]


def _characters(rows: Sequence[Row], column: int) -> int:
    return sum(map(len, _values(rows, column)))


_HAN = re.compile(r"[\u3400-\u9fff]")
_ID = re.compile(r"[\w@.\-:/+]*\d[\w@.\-:/+]*|wxid_\w+|\d+(?:\.\d+)?|[\d\-/年月日 :.TZ+]+|https?://\S+", re.ASCII)
_EMPTY_CELL = frozenset({"nan", "none", "null", "n/a", "-", "—", "/"})


def _mean_of_han(rows: Sequence[Row], column: int) -> float:
    values = _values(rows, column)
    return sum(len(_HAN.findall(value[:200])) for value in values) / max(1, len(values))


def _share_of_ids(rows: Sequence[Row], column: int) -> float:
    """Return the share of values that are numbers, dates, clocks, account names or addresses of pages."""
    values = _values(rows, column)
    return sum(1 for value in values if _ID.fullmatch(value) is not None) / max(1, len(values))


def _counts_rows(rows: Sequence[Row], column: int) -> bool:
    values = _values(rows, column)
    return all(value.isdigit() for value in values) and len(set(values)) == len(values)


def _share_of_times(rows: Sequence[Row], column: int) -> float:
    values = _values(rows, column)
    return sum(1 for value in values if re.search("[:：]", value) and _when(value) is not None) / max(1, len(values))


_FIRST_CLOCK = re.compile(rf"[\[(（【<]?\s?({CLOCK})")


def _when(value: str) -> float | None:
    """Return the seconds of a cell: a clock, the first of a range, or a number of seconds."""
    clock = _FIRST_CLOCK.match(value)
    return seconds(clock[1]) if clock else seconds(value)


def _again(rows: Sequence[Row], column: int) -> int:
    values = _values(rows, column)
    return len(values) - len(set(values))


def _known(rows: Sequence[Row], column: int) -> float:
    values = _values(rows, column)
    return sum(1 for value in values if is_speaker_word(value.rstrip(":："))) / max(1, len(values))


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
    """Yield the rows of ``grid`` that hold words. An empty speaker cell carries on the speaker above it.

    A row with more cells than the head row, of a file whose cells are not quoted, was cut at a comma in the speech: the
    cells are put together again.
    """
    speaker = ""
    unit = _unit(grid, columns)
    for row in map(_mender(grid, columns), grid.rows[columns.first :]):
        speaker = value_at(row, columns.speaker).rstrip(":：") or speaker
        said = value_at(row, columns.text)
        if said and said.lower() not in _EMPTY_CELL and not is_markup(said):
            role = role_of_value(value_at(row, columns.role)) if columns.role is not None else None
            question = value_at(row, columns.question) or None
            when = _when(value_at(row, columns.time))
            yield Said(speaker, row[columns.text], when if when is None else round(when * unit, 6), question, role)


_XML = re.compile(r"\s*<(?:\?xml|msg|voicemsg|sysmsg|img|appmsg)\b", re.IGNORECASE)


def is_markup(said: str) -> bool:
    """Say whether a cell holds a message that is no text: the markup of a picture, a voice, a card."""
    return _XML.match(said) is not None


def _mender(grid: Grid, columns: Columns) -> Callable[[Row], Row]:
    """Return what puts a row together again that holds more cells than the others."""
    width = _width(grid, columns)

    def mend(row: Row) -> Row:
        more = len(row) - width
        if not grid.delimiter or more <= 0 or not any(bare(cell.value) for cell in row[width:]):
            return row
        first = row[columns.text]
        words = grid.delimiter.join(cell.value for cell in row[columns.text : columns.text + more + 1])
        return (*row[: columns.text], Cell(value=words, start=first.start), *row[columns.text + more + 1 :])

    return mend


def _width(grid: Grid, columns: Columns) -> int:
    if columns.first:
        return len(grid.rows[columns.first - 1])
    widths = Counter(map(len, grid.rows[:_SAMPLE]))
    return widths.most_common(1)[0][0]


def longer_rows(grid: Grid, width: int) -> int:
    """Return how many rows of a table without quotes hold words beyond its ``width``."""
    return sum(1 for row in grid.rows if len(row) > width and any(bare(cell.value) for cell in row[width:]))


def _unit(grid: Grid, columns: Columns) -> float:
    """Return what one unit of the time column is in seconds: 1, or a thousandth where only that fits the speech.

    Nobody takes more than about eight seconds for a character of speech, turn after turn.
    """
    if columns.time is None:
        return 1.0
    header = value_at(grid.rows[columns.first - 1], columns.time).lower() if columns.first else ""
    if re.search(r"ms\b|milli|毫秒|_ms|\(ms", header):
        return 0.001
    rows = grid.rows[columns.first : columns.first + _SAMPLE]
    values = [value_at(row, columns.time) for row in rows]
    numbers = [float(value) for value in values if re.fullmatch(r"\d{1,9}(?:\.0+)?", value, re.ASCII)]
    if len(numbers) < 2 or len(numbers) < 0.9 * sum(map(bool, values)):
        return 1.0
    ends = [float(v) for row in rows if re.fullmatch(r"\d{1,9}(?:\.0+)?", v := value_at(row, columns.end), re.ASCII)]
    letters = [len(value_at(row, columns.text)) for row in rows]
    if len(ends) == len(numbers):
        rates = sorted((b - a) / max(1, n) for a, b, n in zip(numbers, ends, letters, strict=False))
    else:
        rates = sorted((b - a) / max(1, n) for (a, b), n in zip(pairwise(numbers), letters, strict=False))
    return 0.001 if rates and rates[len(rates) // 2] > 8 else 1.0


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


def table_parts(grid: Grid, columns: Columns) -> list[Part]:
    """Return what the cells of a table of turns are."""
    kinds = {columns.text: PartKind.SPEECH, columns.question: PartKind.QUESTION}
    kinds |= {columns.time: PartKind.TIME, columns.end: PartKind.TIME}
    kinds |= {columns.speaker: PartKind.LABEL, columns.role: PartKind.LABEL}
    parts = []
    width = _width(grid, columns)
    for number, row in enumerate(grid.rows):
        more = max(0, len(row) - width) if grid.delimiter else 0
        for column, cell in enumerate(row):
            if cell.start < cell.end:
                own = column if column <= columns.text else max(columns.text, column - more)
                kind = PartKind.FURNITURE if number < columns.first else kinds.get(own, PartKind.FURNITURE)
                why = "" if kind is not PartKind.FURNITURE else "column heads" if number < columns.first else "column"
                parts.append(Part(cell.start, cell.end, kind, why))
    return parts


def left_out(grid: Grid, columns: Columns) -> list[str]:
    """Return the heads (or numbers) of columns with words that are not read, codes above all."""
    header = grid.rows[columns.first - 1] if columns.first else ()
    rows = grid.rows[columns.first :]
    return [
        value_at(header, column) or f"column {column + 1}"
        for column in range(min(_WIDEST, _width(grid, columns)))
        if column not in columns.read
        and _mean_of_han(rows[:_SAMPLE], column) > 0
        and meaning(value_at(header, column)) != "aside"
    ]


# --- What is no talk: columns of codes beside it, other tables in a Word document.


def set_aside(document: Document) -> Document:
    """Return ``document`` with the parts of its tables set aside that are no talk.

    Where the cells of one column begin with labels (访谈者：…), the other columns are codes or notes on it. A
    table in a
    Word document that holds no turns, or whose cells repeat what stands outside it, is set aside where the rest of the
    document holds the talk.
    """
    asides: list[Part] = []
    doubts: list[Doubt] = []
    # A table in a Word document comes after those inside it, and a cell of speech may hold a table.
    for grid in document.grids:
        column = _labelled_column(grid)
        if column is not None:
            asides += _cells_beside(grid, column)
            heads = [
                value_at(grid.rows[0], c) or f"column {c + 1}" for c in range(max(map(len, grid.rows))) if c != column
            ]
            if any(bare(cell.value) for row in grid.rows for c, cell in enumerate(row) if c != column):
                doubts.append(Doubt("column-left-out", "、".join(heads[:6])))
        elif document.suffix in WORDS and _is_other_table(grid, document):
            rows = [cell for row in grid.rows for cell in row]
            asides += [Part(cell.start, cell.end, PartKind.FURNITURE, "other table") for cell in rows if cell.value]
            if sum(len(cell.value) for cell in rows) > 150:
                doubts.append(Doubt("table-left-out", f"{grid.name}: {bare(rows[0].value)[:12]}", rows[0].start))
    if not asides:
        return document
    return replace(document, asides=(*document.asides, *asides), doubts=(*document.doubts, *doubts))


def _labelled_column(grid: Grid) -> int | None:
    """Return the column whose cells begin with the labels of at least two speakers, if there is one."""
    rows = grid.rows
    width = max(map(len, rows), default=0)
    if not 2 <= width <= 12 or len(rows) < 2:
        return None
    for column in range(width):
        cells = [row[column] for row in rows if column < len(row) and bare(row[column].value)]
        firsts = [Line(0, cell.value.lstrip(BLANK).partition("\n")[0]) for cell in cells]
        found = candidates(firsts)
        every = [line for cell in cells for line in lines_of(cell.value)]
        labels, _ = learn(candidates(every).values(), len(every))
        speaking = [
            c.label for n, c in found.items() if c.label in labels and bare(cells[n].value.lstrip(BLANK)[c.offset :])
        ]
        inside = {c.label for cell in cells for c in candidates(lines_of(cell.value)).values() if c.label in labels}
        if len(speaking) * 2 >= len(cells) and len(inside) > 1:
            return column
    return None


def _cells_beside(grid: Grid, column: int) -> list[Part]:
    parts = []
    for number, row in enumerate(grid.rows):
        for at, cell in enumerate(row):
            head = number == 0 and meaning(bare(cell.value)) != "" and "\n" not in cell.value
            if cell.value and (at != column or head):
                parts.append(
                    Part(cell.start, cell.end, PartKind.FURNITURE, "column heads" if number == 0 else "column")
                )
    return parts


WORDS = frozenset({".docx", ".docm", ".odt"})


def _is_other_table(grid: Grid, document: Document) -> bool:
    if not grid.rows:
        return False
    cells = [cell for row in grid.rows for cell in row]
    start, end = cells[0].start, cells[-1].end
    outside = document.text[:start] + document.text[end:]
    found = candidates(lines_of(outside))
    labels, _ = learn(found.values())
    talk = sum(1 for candidate in found.values() if candidate.label in labels)
    clocked = clock_marks(lines_of(outside))
    if talk < 2 and len(clocked) < 2 and not any(turn_columns(other) for other in document.grids if other is not grid):
        return False
    columns = turn_columns(grid)
    if columns is not None:
        said = [value for row in grid.rows[columns.first :] if len(value := value_at(row, columns.text)) > 5]
        return bool(said) and sum(value in outside for value in said) * 2 > len(said)
    inside = [line for cell in cells for line in lines_of(cell.value)]
    marked = candidates(inside)
    own, _ = learn(marked.values())
    return not any(c.label in own | labels for c in marked.values()) and not clock_marks(inside)


# --- Sheets and csv files with one row a turn: speaker, speech, time, in any order, with or without a header.

SUFFIXES = frozenset({".csv", ".tsv", ".xlsx", ".xlsm", ".json"})


def recognise_turn_table(document: Document) -> float:
    """Say how sure it is that the rows of ``document`` are turns."""
    return 0.9 if document.suffix in SUFFIXES and not document.asides and _turn_tables(document) else 0.0


def parse_turn_table(document: Document) -> Parsed:
    """Read one turn a row. The text is the cells of speech of all sheets in order, one a line.

    Where no column names a speaker, labels at the head of the cells do.
    """
    tables = _turn_tables(document)
    said = [row for grid, columns in tables for row in rows_of_speech(grid, columns)]
    read = [grid for grid, _ in tables]
    left = [grid.name for grid in document.grids if grid not in read and any(grid.rows)]
    notes = (f"sheets without turns were not read: {', '.join(left)}",) if left else ()
    doubts = [Doubt("sheets-left-out", "、".join(left))] if any(map(_has_words, left_grids(document, read))) else []
    parts = [part for grid, columns in tables for part in table_parts(grid, columns)]
    for grid, columns in tables:
        if codes := left_out(grid, columns):
            doubts.append(Doubt("column-left-out", "、".join(codes[:6])))
        if more := longer_rows(grid, _width(grid, columns)) if grid.delimiter else 0:
            doubts.append(Doubt("row-longer-than-head", str(more)))
        if markup := sum(1 for row in grid.rows[columns.first :] if is_markup(value_at(row, columns.text))):
            doubts.append(Doubt("messages-without-text", str(markup)))
        elif columns.first == 0:
            doubts.append(Doubt("columns-without-heads", ""))
    if said and all(row.speaker == "" for row in said) and all(row.question is None for row in said):
        cues = [Cue(row.time, row.cell.value) for row in said]
        voices, more_doubts = labelled_voices(cues)
        text, turns = joined_voices(voices)
        return Parsed(text=text, turns=turns, notes=notes, parts=tuple(parts), doubts=(*doubts, *more_doubts))
    text, turns = joined(said)
    return Parsed(text=text, turns=turns, roles=roles(said), notes=notes, parts=tuple(parts), doubts=tuple(doubts))


def left_grids(document: Document, read: Sequence[Grid]) -> list[Grid]:
    """Return the tables of a document that were not read."""
    return [grid for grid in document.grids if grid not in read]


def _has_words(grid: Grid) -> bool:
    return sum(len(_HAN.findall(cell.value)) for row in grid.rows[:_SAMPLE] for cell in row) > 60


def _turn_tables(document: Document) -> list[tuple[Grid, Columns]]:
    return document.once(
        "turn tables",
        lambda: [(grid, columns) for grid in document.grids if (columns := turn_columns(grid)) is not None],
    )


TURN_TABLE = Form(name="turn-table", recognise=recognise_turn_table, parse=parse_turn_table)


# --- Sheets and csv files with one row a respondent and one column a question, as questionnaires are exported.

_ASKED = frozenset({"", "question", "text"})


def recognise_answer_table(document: Document) -> float:
    """Say how sure it is that the rows of ``document`` are respondents and its columns questions."""
    return 0.8 if document.suffix in SUFFIXES and any(_is_table(grid) for grid in document.grids) else 0.0


def parse_answer_table(document: Document) -> Parsed:
    """Read one turn an answer, respondent by respondent, question by question.

    The whole file is one transcript. A turn's ``question`` is the header of its column, its speaker the respondent's id
    or, where no column holds one, the number of the row. Columns of attributes (gender, age, date) are not answers, nor
    are columns of numbers, dates and account names below a header that is no question. The text is the answers in that
    order, one a line. A sheet whose rows are the questions (the header of its first column is 问题) and whose
    columns are
    the respondents is read the same way.
    """
    tables = [_upright(grid) for grid in document.grids if _is_table(grid)]
    said = [row for grid in tables for row in _answers(grid)]
    text, turns = joined(said)
    kept = {(n, c) for n, grid in enumerate(tables) for c in _questions(grid)}
    aside = dict.fromkeys(
        header
        for n, grid in enumerate(tables)
        for c, cell in enumerate(grid.rows[0])
        if (header := bare(cell.value)) and (n, c) not in kept
    )
    notes = (f"columns not read as answers: {', '.join(aside)}",) if aside else ()
    more = sum(longer_rows(grid, len(grid.rows[0])) for grid in tables)
    doubts = (Doubt("row-longer-than-head", str(more)),) if more else ()
    read = {row.cell.start for row in said}
    parts = []
    for grid in document.grids:
        for number, row in enumerate(grid.rows):
            for cell in row:
                kind = (
                    PartKind.SPEECH if cell.start in read else PartKind.QUESTION if not number else PartKind.FURNITURE
                )
                parts.append(Part(cell.start, cell.end, kind, "column" if kind is PartKind.FURNITURE else ""))
    return Parsed(text=text, turns=turns, roles=roles(said), notes=notes, parts=tuple(parts), doubts=doubts)


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
    return Grid(name=grid.name, rows=(head, *columns[1:]), delimiter=grid.delimiter)


def _questions(grid: Grid) -> dict[int, str]:
    headers = ((column, bare(cell.value)) for column, cell in enumerate(grid.rows[0]))
    asked = {column: header for column, header in headers if header and meaning(header) in _ASKED}
    rows = grid.rows[1 : 1 + _SAMPLE]
    return {
        column: header
        for column, header in asked.items()
        if header.endswith(("?", "？")) or not (_share_of_ids(rows, column) > 0.8 and _IDENTIFIER.fullmatch(header))
    }


def _answers(grid: Grid) -> Iterator[Said]:
    found, asked = places(grid.rows[0]), _questions(grid)
    who = next((found[name] for name in ("respondent", "speaker") if name in found), None)
    if who is None and is_speaker_word(bare(grid.rows[0][0].value)):
        who = 0
        asked.pop(0, None)
    last = max(asked, default=0)
    for number, row in enumerate(grid.rows[1:], start=1):
        speaker = value_at(row, who) or str(number)
        role = role_of_value(value_at(row, found.get("role")))
        for column, question in asked.items():
            cells = row[column : len(row) if column == last and last == len(grid.rows[0]) - 1 else column + 1]
            words = grid.delimiter.join(cell.value for cell in cells) if len(cells) > 1 else value_at(row, column)
            if grid.delimiter and len(cells) > 1:
                words = words.rstrip(grid.delimiter)
            if bare(words) and bare(words).lower() not in _EMPTY_CELL:
                yield Said(speaker, Cell(value=words, start=row[column].start), None, question, role)


ANSWER_TABLE = Form(name="answer-table", recognise=recognise_answer_table, parse=parse_answer_table)


# --- Word documents whose interview stands in tables of two or three columns: speaker, speech, time.


def recognise_word_table(document: Document) -> float:
    """Say how sure it is that ``document`` is a Word file with speech in tables."""
    if document.suffix not in WORDS or not document.text:
        return 0.0
    tables = _word_tables(document)
    if not tables:
        return 0.0
    inside = sum(len(cell.value) + 1 for grid, _ in tables for row in grid.rows for cell in row)
    speakers = {row.speaker for grid, columns in tables for row in rows_of_speech(grid, columns)}
    known = any(map(is_speaker_word, speakers)) or len(speakers) > 1
    return 1.3 if inside * 2 > len(document.text) or known else 0.0


def word_table_turns(document: Document) -> Parsed:
    """Return the turns in the tables of a Word document, one a row, as slices of the whole document's text."""
    tables = _word_tables(document)
    said = [row for grid, columns in tables for row in rows_of_speech(grid, columns)]
    apart = _outermost(said)
    parts = [part for grid, columns in tables for part in table_parts(grid, columns)]
    codes = [head for grid, columns in tables for head in left_out(grid, columns)]
    doubts = (Doubt("column-left-out", "、".join(dict.fromkeys(codes))),) if codes else ()
    return Parsed(
        text=document.text, turns=in_place(apart), roles=roles(apart), parts=(*parts, *document.asides), doubts=doubts
    )


def outside_tables(document: Document) -> Document:
    """Return ``document`` with its tables of turns set aside, so that only what stands around them is left."""
    spans = [
        Part(cell.start, cell.end, PartKind.SPEECH)
        for grid, _ in _word_tables(document)
        for row in grid.rows
        for cell in row
        if cell.value
    ]
    return Document(
        suffix=document.suffix, text=document.text, asides=(*document.asides, *spans), headings=document.headings
    )


def _outermost(said: list[Said]) -> list[Said]:
    """Return the rows in the order of the text, without those that stand inside another row's cell."""
    kept: list[Said] = []
    for row in sorted(said, key=lambda row: (row.cell.start, -row.cell.end)):
        if not kept or row.cell.start >= kept[-1].cell.end:
            kept.append(row)
    return kept


def _word_tables(document: Document) -> list[tuple[Grid, Columns]]:
    gone = {part.start for part in document.asides}
    return [
        (grid, columns)
        for grid in document.grids
        if (columns := turn_columns(grid)) is not None
        and not any(cell.start in gone and cell.value for row in grid.rows for cell in row)
    ]
