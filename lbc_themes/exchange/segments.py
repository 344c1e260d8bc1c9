"""Tables of document, code and words: what other programs and colleagues write of coded segments, found in the texts.

MAXQDA's coded segments, ATLAS.ti's quotations, Dedoose's excerpts, NVivo's coding summaries (.xlsx, .docx), Taguette's
highlights and anybody's own table say which words carry which code, and not where. The words are looked for in the
transcripts: exactly, then without blanks and punctuation, then nearly. What is found twice or not at all is said.
"""

import re
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal

from lbc_themes.codebook.draft import code_path
from lbc_themes.core.errors import InputError
from lbc_themes.core.files import cell_text
from lbc_themes.core.messages import message
from lbc_themes.core.records import Bilingual, Codebook, Coding, Transcript
from lbc_themes.core.study_log import Contents
from lbc_themes.exchange.losses import Loss
from lbc_themes.text.decoding import decode
from lbc_themes.text.safe_zip import check_package
from lbc_themes.text.tables import read_table

# Besides the programs' English heads: their Chinese and German ones, and what colleagues write.
_HEADS: dict[str, str] = {
    "document": (
        "document documentname documenttitle file filename source sourcename name mediatitle resourcetitle transcript "
        "interview dokument dokumentname datei quelle 文档 文档名 文档名称 文件 文件名 文件名称 材料 资料 资料名称 "
        "来源 访谈 访谈编号 文本 受访者 受访者编号"
    ),
    "code": (
        "code codes codename codenames tag tags node nodes nodename codesapplied codesappliedcombined hierarchicalname "
        "theme themes kode kodes 编码 编码名 编码名称 代码 代码名称 节点 节点名称 标签 主题 主题编码 码"
    ),
    "words": (
        "segment segments codedsegment codedsegments content textcontent quotation quotations quotationcontent "
        "quotationtext quote quotes excerpt excerpts excerptcopy excerpttext text words codedtext highlight highlights "
        "codiertessegment zitat zitatinhalt 片段 编码段 编码片段 编码文本 已编码文本 已编码片段 已编码文本段 文本段 "
        "内容 文本内容 引文 引文内容 引用内容 摘录 摘录内容 原话 原文 原文内容 原始语句 原始资料 文字 语句"
    ),
    "coder": (
        "coder coders createdby author user codedby codedbyinitials excerptcreator creator erstelltvon 编码者 编码员 "
        "编码人 创建者 创建人 作者 用户"
    ),
    "changed_by": "modifiedby bearbeitetvon 修改者 修改人",
    "time": (
        "created createdon creationdate date excerptdate modifiedon erstelltam 创建日期 创建时间 日期 时间 创建于"
    ),
    "memo": "comment comments memo memos note notes kommentar 备忘 备忘录 备注 评论 注释 说明",
    "range": "excerptrange",
}
_HEAD = {word: key for key, words in _HEADS.items() for word in words.split()}
_NEEDED = frozenset({"code", "words"})
_APPLIED = re.compile(r"code: (.+) applied", re.IGNORECASE)
_TRUE = frozenset({"true", "1", "yes", "x", "是", "√"})
_SQUEEZED = re.compile(r"[\W_]+")
_CODE_MARKS = re.compile(r"[\n;；|｜]+")
_COMMAS = re.compile(r"[,，、]+")
_NEAR, _NEXT_BEST, _SEED = 0.85, 0.75, 4
_SOURCE_LINE = re.compile(r"^<?(.+?)>?\s*[-–—]\s*§\s*\d+.*$")
_REFERENCE_LINE = re.compile(r"^(?:reference|参考点|引用)\s*\d+\s*[-–—:：]", re.IGNORECASE)
_CODE_LINE = re.compile(r"^(?:name|code|node|名称|编码|代码|节点)\s*[:：]\s*(.+)$", re.IGNORECASE)
_CODE_PATH = re.compile(r"^(?:codes|nodes|编码|代码|节点)\\+(.+)$", re.IGNORECASE)
_FILE_PATH = re.compile(
    r"^(?:files|internals|externals|memos|文件|材料|内部材料|内部文档|内部资料|外部材料)\\+(.+)$", re.IGNORECASE
)
_DAY = re.compile(r"\d{1,4}[/.年-]\s?\d{1,2}[/.月-]\s?\d{1,4}")
_RANGE = re.compile(r"\s*(\d+)\s*[-–]\s*(\d+)\s*")
_UNIT = re.compile(r"[(（\[【].*?[)）\]】]")

How = Literal["exact", "squeezed", "near"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """One row: the document as named there ("" where no column says), the codes' names, and the words they are on.

    ``nth`` is how often the same words stand before these in the document, and ``start`` the position of the first of
    them, where the program says, else None. It only chooses between places where the words stand.
    """

    where: str
    document: str
    codes: tuple[str, ...]
    words: str
    coder: str = ""
    time: str = ""
    memo: str = ""
    nth: int | None = None
    start: int | None = None


def has_segments(path: str | Path) -> bool:
    """Say whether a file is a table of codes and words, or a coding summary of NVivo's."""
    try:
        return next(iter(_segments(Path(path))), None) is not None
    except InputError:
        return False


def read_segments(path: str | Path, contents: Contents, *, coder: str = "") -> tuple[list[Coding], tuple[Loss, ...]]:
    """Return the codings that a table of document, code and words means, and what of it was not found for certain.

    Words are looked for in the transcript that the row names, or in all of them where the table has no column for
    documents. Words that occur several times are coded only where the table has them as often with that code, for then
    every place is meant. Codes are known by id, by name in either language, or by a path (``A > B``, ``A.B``).

    Args:
        path: A .csv, .tsv or .xlsx, or what NVivo writes of a code's references or of its coding summary as .docx,
            .xlsx or .txt.
        contents: The study whose transcripts and codes are meant.
        coder: Who coded, where the table does not say.

    Raises:
        InputError: if the file has no columns for codes and words, or nobody is named who coded.
    """
    file = Path(path)
    segments = list(_segments(file))
    if not segments:
        raise InputError(_nothing_in(file))
    return place_segments(segments, contents, coder=coder, name=str(file))


def _nothing_in(file: Path) -> Bilingual:
    """Return which column a table lacks, and the heads that it has."""
    sheets = [] if file.suffix.lower() in {".docx", ".txt"} else read_table(file)
    heads = [max(sheet.rows[:10], key=lambda row: len(_columns(row)), default=()) for sheet in sheets]
    head = max(heads, key=lambda row: len(_columns(row)), default=())
    found = _columns(head)
    if not found:
        return message("exchange.segments_none", file=file)
    missing = message("exchange.segments_rows")
    if "code" not in found:
        missing = message("exchange.column_code")
    elif "words" not in found:
        missing = message("exchange.column_words")
    seen = [cell.strip()[:20] for cell in head if cell.strip()]
    return message("exchange.segments_lacking", file=file, missing=missing, heads=seen[:20])


def place_segments(
    segments: Iterable[Segment], contents: Contents, *, coder: str = "", name: str = ""
) -> tuple[list[Coding], tuple[Loss, ...]]:
    """Return the codings that segments mean, as ``read_segments`` does; ``name`` is the file's, for messages."""
    file = name
    finder, codes = _Finder(contents.transcripts), Codes(contents.codebook)
    losses: list[Loss] = []
    rows: list[tuple[Segment, str, str, str]] = []
    found_any = False
    for segment in segments:
        found_any = True
        if not segment.codes or not segment.words:
            losses.append(_loss("segment-half", "half", segment, segment.words or " ".join(segment.codes)))
            continue
        who = segment.coder or coder
        if not who:
            raise InputError(message("exchange.segment_coder", file=file, where=segment.where))
        transcript_ids = finder.documents(segment.document)
        if not transcript_ids:
            losses.append(_loss("segment-documents", "document", segment, segment.document))
            continue
        for code_name in (part for cell in segment.codes for part in codes.parted(cell)):
            code_id = codes.find(code_name)
            if code_id:
                rows.append((segment, who, code_id, "\n".join(transcript_ids)))
            else:
                losses.append(_loss("segment-codes", "code", segment, code_name))
    if not found_any:
        raise InputError(message("exchange.segments_none", file=file))
    return _placed(rows, finder, losses), tuple(losses)


def _placed(rows: Sequence[tuple[Segment, str, str, str]], finder: "_Finder", losses: list[Loss]) -> list[Coding]:
    times = Counter((ids, segment.words, code_id, who) for segment, who, code_id, ids in rows)
    placed: dict[tuple[object, ...], Coding] = {}
    told: set[tuple[object, ...]] = set()
    for segment, who, code_id, ids in rows:
        key = (ids, segment.words, code_id, who)
        places, how = finder.find(segment.words, tuple(ids.split("\n")))
        if segment.nth is not None and segment.nth < len(places) and "\n" not in ids:
            places = [places[segment.nth]]
        elif len(places) > 1 and "\n" not in ids:
            places = [place for place in places if place[1] == segment.start] or places
        if not places:
            losses.append(_loss("segment-missing", "missing", segment, segment.words))
        elif len(places) > 1 and times[key] != len(places):
            if key not in told:
                losses.append(_loss("segment-twice", "twice", segment, segment.words, times[key]))
            told.add(key)
        else:
            if how == "near":
                losses.append(_loss("segment-near", "near", segment, segment.words))
            for transcript_id, start, end in places:
                coding = Coding(
                    transcript_id=transcript_id, start=start, end=end, code_id=code_id, coder=who, time=segment.time,
                    memo=segment.memo,
                )  # fmt: skip
                spot = transcript_id, start, end, code_id, who
                before = placed.setdefault(spot, coding)
                if coding.memo not in before.memo:
                    placed[spot] = replace(before, memo=f"{before.memo}\n{coding.memo}".strip())
    return list(placed.values())


def _loss(topic: str, kind: str, segment: Segment, what: str, count: int = 1) -> Loss:
    texts = {
        "document": message("exchange.segment_documents"),
        "code": message("exchange.segment_codes"),
        "missing": message("exchange.segment_missing"),
        "twice": message("exchange.segment_twice"),
        "near": message("exchange.segment_near"),
        "half": message("exchange.segment_half"),
    }
    where = f"{segment.where} {segment.document} {what[:30]}".replace("\n", " ")
    return Loss(topic=topic, text=texts[kind], count=count, where=" ".join(where.split()))


# --- Reading the rows.


def _segments(file: Path) -> Iterator[Segment]:
    if file.suffix.lower() == ".docx":
        yield from _docx_segments(file)
    elif file.suffix.lower() == ".txt":
        yield from _report_segments((line.strip() for line in decode(file.read_bytes())[0].splitlines()), file.stem)
    else:
        for sheet in read_table(file):
            yield from _rows_segments(sheet.rows, f"{sheet.name} " if sheet.name else "")


def _rows_segments(rows: Sequence[Sequence[str]], name: str) -> Iterator[Segment]:
    """Yield what a table means: by its heads, or as a coding summary of NVivo's, which has none for codes and words."""
    found = False
    for segment in _sheet_segments(rows, name):
        found = True
        yield segment
    if not found:
        yield from _summary_segments(rows, name)


def _sheet_segments(rows: Sequence[Sequence[str]], name: str) -> Iterator[Segment]:
    for first, head in enumerate(rows[:10]):
        columns = _columns(head)
        applied = {column: hit[1] for column, cell in enumerate(head) if (hit := _APPLIED.fullmatch(cell.strip()))}
        if not ("words" in columns and ("code" in columns or applied)):
            continue
        for number, row in enumerate(rows[first + 1 :], first + 2):
            cells = {key: cell_text(row[column]).strip() for key, column in columns.items() if column < len(row)}
            # Dedoose names codes twice: by their last names in one cell, and by their paths in columns of their own.
            names = tuple(n for c, n in applied.items() if c < len(row) and row[c].strip().casefold() in _TRUE)
            codes = (*names, *filter(None, [_without(cells.get("code", ""), names)]))
            span = _RANGE.fullmatch(cells.get("range", ""))
            if cells.get("words") or codes:
                yield Segment(
                    where=f"{name}row {number}", document=cells.get("document", ""), codes=codes,
                    words=cells.get("words", ""), coder=cells.get("coder", "") or cells.get("changed_by", ""),
                    time=cells.get("time", ""), memo=cells.get("memo", ""), start=int(span[1]) if span else None,
                )  # fmt: skip
        return


def _without(cell: str, paths: Sequence[str]) -> str:
    """Return the names in a cell, separated by commas, but for the last names of ``paths``."""
    lasts = {re.split(r"[\\\\>/]", path)[-1].strip() for path in paths}
    parts = [part.strip() for part in cell.split(",")]
    return cell if not paths else ", ".join(part for part in parts if part not in lasts)


def _summary_segments(rows: Sequence[Sequence[str]], name: str) -> Iterator[Segment]:
    r"""Yield the references of a coding summary of NVivo's, by code or by file.

    Code and file stand in rows of their own (``Codes\\A\\B``, ``Files\\A``). A reference is a row with its number,
    who coded and when, and below it the words, in one row or several.
    """
    code = source = coder = time = ""
    words: list[str] = []
    began = 0
    for number, row in enumerate([*rows, ("Codes\\",)], 1):
        cells = [cell.strip() for cell in dict.fromkeys(row) if cell.strip()]
        alone = cells[0] if len(cells) == 1 else ""
        coded, filed = _CODE_PATH.match(alone), _FILE_PATH.match(alone)
        day = next((cell for cell in cells if _DAY.match(cell)), "")
        numbered = bool(day) and any(cell.isdecimal() for cell in cells)
        if (coded or filed or numbered or number > len(rows)) and words:
            yield Segment(
                where=f"{name}row {began}",
                document=source,
                codes=(code,),
                words="\n".join(words),
                coder=coder,
                time=time,
            )
        if coded or filed or numbered:
            words, began = [], number if numbered else 0
        if coded:
            code = coded[1]
        elif filed:
            source = re.split(r"[\\/]+", filed[1])[-1]
        elif numbered:
            coder = next((c for c in cells if c != day and not re.fullmatch(r"[\d.,%]+", c) and len(c) < 40), "")
            time = day
        elif began and code and source and alone:
            words.append(alone)


def _columns(head: Sequence[str]) -> dict[str, int]:
    """Return the column of each kind, the first that is headed so."""
    found: dict[str, int] = {}
    for column, cell in enumerate(head):
        key = next((_HEAD[plain] for plain in (_bare(cell), _bare(_UNIT.sub("", cell))) if plain in _HEAD), None)
        if key is not None:
            found.setdefault(key, column)
    exact = {re.sub(r"[\s_]+", "", cell.casefold()): column for column, cell in enumerate(head)}
    for better in ("document", "documentname", "textcontent", "quotationcontent", "excerptcopy", "codedtext", "segment",
                   "hierarchicalname"):  # fmt: skip
        if better in exact:
            found[_HEAD[better]] = exact[better]
    return found


def _bare(head: str) -> str:
    return re.sub(r"[\s_\-.:*]+", "", unicodedata.normalize("NFKC", head).casefold())


def _docx_segments(file: Path) -> Iterator[Segment]:
    """Yield the references that NVivo writes: tables as in the workbook, or text below each source."""
    import docx

    try:
        check_package(file.read_bytes())
        document = docx.Document(str(file))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as fault:
        raise InputError(message("exchange.readable_word_document_save", file=file, fault=fault)) from fault
    for number, table in enumerate(document.tables, 1):
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        yield from _rows_segments(rows, f"table {number} ")
    yield from _report_segments((paragraph.text.strip() for paragraph in document.paragraphs), file.stem)


def _report_segments(lines: Iterable[str], stem: str) -> Iterator[Segment]:
    """Yield the references of one or several codes; where the text names no code, the file is named after it."""
    code, source = stem, ""
    words: list[str] = []
    began = 0
    number = 0

    def held() -> Iterator[Segment]:
        if code and source and words:
            yield Segment(where=f"line {began}", document=source, codes=(code,), words="\n".join(words))

    reading = False
    for number, line in enumerate(lines, 1):
        named, sourced = _CODE_LINE.match(line), _SOURCE_LINE.match(line)
        if sourced or _REFERENCE_LINE.match(line) or (named and not reading):
            yield from held()
            words, began = [], number
            reading = bool(_REFERENCE_LINE.match(line))
            if sourced:
                source = re.split(r"[\\/]+", sourced[1])[-1]
            elif named and not reading:
                code = named[1].strip()
        elif reading and line:
            words.append(line)
    yield from held()


# --- Finding documents, codes and words.


class Codes:
    """The codes of a codebook by id, name and path of names."""

    def __init__(self, codebook: Codebook) -> None:
        """Learn the names of a codebook."""
        self._known: dict[str, set[str]] = defaultdict(set)
        self._names = {name for code in codebook for name in (code.name.zh, code.name.en)}
        for code in codebook:
            self._known[_plain(code.id)].add(code.id)
            for language in ("zh", "en"):
                self._known[_plain(code.name.said(language))].add(code.id)
                path = [codebook[i].name.said(language) for i in (*reversed(codebook.ancestors(code.id)), code.id)]
                self._known[_plain(">".join(path))].add(code.id)

    def parted(self, cell: str) -> list[str]:
        """Return the names in a cell: all of it where it is one name, else the parts between ``;``, lines or commas."""
        if self.find(cell):
            return [cell]
        parts = [part.strip() for part in _CODE_MARKS.split(cell) if part.strip()]
        return [
            each
            for part in parts
            for each in ([part] if self.find(part) else [p.strip() for p in _COMMAS.split(part) if p.strip()])
        ]

    def find(self, name: str) -> str:
        """Return the id of the one code that a name means, or ""."""
        path = code_path(name, self._names)
        for tried in (name, ">".join(path), path[-1]):
            found = self._known.get(_plain(tried), set())
            if len(found) == 1:
                return next(iter(found))
        return ""


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


class _Finder:
    """Finds documents by name and words in their texts."""

    def __init__(self, transcripts: Sequence[Transcript]) -> None:
        self._texts = {transcript.id: transcript.text for transcript in transcripts}
        self._ids: dict[str, list[str]] = defaultdict(list)
        for transcript in transcripts:
            names = {transcript.id, re.sub(r"\.\w{2,5}$", "", transcript.id), Path(transcript.source).stem}
            for name in names - {""}:
                self._ids[_plain(name)].append(transcript.id)
        self._squeezed: dict[str, tuple[str, list[int]]] = {}
        self._found: dict[tuple[str, tuple[str, ...]], tuple[list[tuple[str, int, int]], How]] = {}

    def documents(self, name: str) -> tuple[str, ...]:
        """Return the transcripts that a document's name means; all of them where the table names none."""
        if not name:
            return tuple(self._texts)
        last = re.split(r"[\\/]+", name)[-1]
        # ATLAS.ti puts the document's number before its name.
        for tried in (name, last, re.sub(r"\.\w{2,5}$", "", last), re.sub(r"^[DP]?\s*\d+\s*:\s*", "", last)):
            found = dict.fromkeys(self._ids.get(_plain(tried), ()))
            if len(found) == 1:
                return tuple(found)
        return ()

    def find(self, words: str, ids: tuple[str, ...]) -> tuple[list[tuple[str, int, int]], How]:
        """Return every place at which words stand, found in the strictest way in which they are found at all."""
        key = (words, ids)
        if key not in self._found:
            self._found[key] = self._find(words, ids)
        return self._found[key]

    def _find(self, words: str, ids: tuple[str, ...]) -> tuple[list[tuple[str, int, int]], How]:
        exact = [(i, at, at + len(words)) for i in ids for at in _all_of(self._texts[i], words)]
        if exact:
            return exact, "exact"
        plain = _SQUEEZED.sub("", unicodedata.normalize("NFKC", words)).casefold()
        if not plain:
            return [], "exact"
        squeezed = [self._place(i, at, len(plain)) for i in ids for at in _all_of(self._squeeze(i)[0], plain)]
        if squeezed:
            return squeezed, "squeezed"
        return self._near(plain, ids), "near"

    def _squeeze(self, transcript_id: str) -> tuple[str, list[int]]:
        """Return a text without blanks and punctuation, in one width and case, and where each character was."""
        if transcript_id not in self._squeezed:
            letters, places = [], []
            for at, letter in enumerate(self._texts[transcript_id]):
                for each in unicodedata.normalize("NFKC", letter).casefold():
                    if not _SQUEEZED.fullmatch(each):
                        letters.append(each)
                        places.append(at)
            self._squeezed[transcript_id] = "".join(letters), places
        return self._squeezed[transcript_id]

    def _place(self, transcript_id: str, at: int, length: int) -> tuple[str, int, int]:
        places = self._squeeze(transcript_id)[1]
        return transcript_id, places[at], places[at + length - 1] + 1

    def _near(self, words: str, ids: tuple[str, ...]) -> list[tuple[str, int, int]]:
        """Return the one place whose words are nearly these, if no other place comes close."""
        if len(words) < 2 * _SEED:
            return []
        scored = sorted(
            ((score, i, at, end) for i in ids for score, at, end in _windows(self._squeeze(i)[0], words)), reverse=True
        )
        if not scored or scored[0][0] < _NEAR:
            return []
        _, best, at, end = scored[0]
        apart = [score for score, i, a, b in scored[1:] if i != best or b <= at or a >= end]
        return [] if apart and apart[0] >= _NEXT_BEST else [self._place(best, at, end - at)]


def _all_of(text: str, words: str) -> Iterator[int]:
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + len(words))


def _windows(text: str, words: str) -> Iterator[tuple[float, int, int]]:
    """Yield places of a text that share some characters in a row with ``words``, with how alike they are."""
    starts = Counter(
        max(0, at - offset) // 4 * 4
        for offset in range(0, len(words) - _SEED + 1, 2)
        for at in _all_of(text, words[offset : offset + _SEED])
    )
    for start, _ in starts.most_common(20):
        window = text[max(0, start - 8) : start + len(words) + 12]
        blocks = [b for b in SequenceMatcher(None, window, words, autojunk=False).get_matching_blocks() if b.size]
        if blocks:
            first, last = blocks[0], blocks[-1]
            a = max(0, first.a - first.b)
            b = min(len(window), last.a + last.size + len(words) - last.b - last.size)
            score = SequenceMatcher(None, window[a:b], words, autojunk=False).ratio()
            yield score, max(0, start - 8) + a, max(0, start - 8) + b
