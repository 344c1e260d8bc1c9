"""What stands in a transcript without being said: titles, keyword blocks, heads of keys and values, footers of tools.

The page docs/formats.md names each kind in one table (`KINDS`).
"""

import itertools
import re
from collections.abc import Container, Iterable, Mapping, Sequence

from lbc_themes.core.messages import word_table
from lbc_themes.core.records import Bilingual
from lbc_themes.reading.document import ARROW, CLOCK, Line, Mark, Part, PartKind, Spoken, bare, seconds
from lbc_themes.reading.vocabulary import is_metadata_key

KINDS: Mapping[str, Bilingual] = word_table("reading.furniture")
"""Every kind of furniture, by the name that `Part.why` gives it."""

_TAIL = 8
_LONGEST_TITLE = 40
_CHINESE = "一二三四五六七八九十"
_NUMERAL = re.compile(r"[一二三四五六七八九十]{1,3}|\d{1,3}")
_LONGEST = 120
_TOOL = re.compile(
    r"讯飞|听见|訊飛|飞书|妙记|腾讯会议|騰訊會議|通义|听悟|聽悟|钉钉|闪记|豆包|剪映|网易见外|百度|搜狗|夸克|印象笔记|录音笔|"
    r"語音|语音|录音转|机器|機器|智能|人工智慧|自动|自動|字幕组|大模型|转写助手|字幕志愿者|"
    r"(?<![A-Za-z])(?:A\.?I\.?|ASR|Whisper(?:X)?|otter|zoom|teams|notta|sonix|trint|descript|"
    r"turboscribe|rev\.com|happy ?scribe|"
    r"chatgpt|deepseek|kimi|google|amara|microsoft|azure|openai|buzz|noscribe)(?![A-Za-z])",
    re.IGNORECASE,
)
_MAKING = re.compile(
    r"转写|轉寫|转录|轉錄|識別|辨識|识别|生成|产生|產生|导出|匯出|輸出|输出|仅供参考|僅供參考|甄别|甄別|整理|纪要|紀要|制作|製作|创建|提供|"
    r"核对|校对|请以|為準|为准|provided by|generated|transcri|powered by|created (?:with|by|using)|"
    r"exported|produced|caption",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"[（(【\[—\-=*\s]*(?:(?:文字|录音|錄音|资料|資料|文稿|逐字稿)?(?:转写|转录|记录|整理|校对|誊录|录入|轉寫|轉錄|記錄|校對|審校|审校|审核|打字|听写|聽打|誊写|謄寫)"
    r"(?:人|者|员|員|時間|时间|日期)?|编辑|排版|責編|责编|transcribed by|transcriber|typed by|checked by)\s?[：:]",
    re.IGNORECASE,
)
_SECTION = re.compile(
    r"[#*\s]{0,6}(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|第[一二三四五六七八九十\d]{1,2}部分)"
    r"[^，。！？；,.!?;：:]{0,20}"
)
_PART_OF_FILE = re.compile(
    r"(?:第?\s?(?:访谈|采访|訪談|採訪|录音|個案|个案|案例|附录|受访者|片段)\s?[一二三四五六七八九十\dA-Z]{1,3}|"
    r"第[一二三四五六七八九十\d]{1,3}[次位场份段](?:访谈|采访|訪談|录音)?)(?:\s?[：:（(].{0,30})?"
)
_THE_END = re.compile(
    r"[（(【\[—\-=*~·.…#\s]*(?:(?:本次|本|全文|此次|整个)?(?:访谈|采访|录音|錄音|訪談|採訪|对话|對話|记录|記錄|正文|会议|會議|文字记录)?"
    r"(?:到此|至此|已)?(?:结束|結束|完毕|完畢|完|终|終|止)|the end|end(?: of (?:the )?(?:interview|"
    r"transcript|recording))?|fin)"
    r"(?:[，,。！!\s]*(?:谢谢|感谢|謝謝|感謝).{0,12})?[）)】\]—\-=*~·.…#\s。!！]*",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"[（(【\[*\s]*以上(?:即|就|便)?(?:为|是|為).{0,8}(?:访谈|采访|录音|对话|訪談|採訪|錄音).{0,4}(?:内容|內容|记录|記錄|实录)|"
    r"[（(【\[*\s]*(?:以上|本|该|此|上述|如上)?(?:内容|文本|文稿|文字|记录|紀錄|结果|逐字稿|全文|稿件)(?:均|皆|全部|系|係|为|為|是|仅|僅|由)?.{0,20}"
    r"(?:生成|转写|轉寫|转录|轉錄|识别|識別|仅供参考|僅供參考|产生|產生)"
)
_LINK = re.compile(r"(?:https?://|www\.)\S{3,200}", re.IGNORECASE)
_MARKDOWN = re.compile(r"\s{0,3}#{1,6}(?!#)\s*\S")
_RULE = re.compile(r"[-=*_—–~·.•#]{3,}")
_KEYWORDS = re.compile(
    r"[#*\s【\[（(]*(?:会议|會議|全文|内容|本次)?(?:关键词|關鍵詞|關鍵字|关键字|摘要|概要|总结|總結|要点|要點|待办|待辦|待办事项|章节|章节速览|章節|"
    r"智能(?:总结|章节|纪要)|发言总结|议程|标签|標籤|问答回顾|金句|文字记录|文字記錄|转写内容|转写文本|原文|全文记录|发言人|参会人|參會人|与会者|参与者|keywords?|summary|"
    r"action items|attendees|chapters)[】\]）)]?\s*(?:[：:]|$)",
    re.IGNORECASE,
)
_TYPE_LINE = re.compile(
    r"[\d\s年月日号时分秒點点上下午早晚:：./|｜,，\-—~～至到周星期一二三四五六日天AaPpMm()（）时长時長共约hHmMsS小钟]+"
)
_KEY = re.compile(r"[*\s\-•【\[]*(?P<key>[^\s：:*【】]{1,12})[*】\]]*\s?[：:][*\s]*(?P<value>.{0,200})")
_NUMBER_LINE = re.compile(r"[-—–\s·.|]*\d{1,5}[-—–\s·.|]*")
_PAGE = re.compile(
    r"[-—–\s]*(?:第\s*\d{1,4}\s*[页頁](?:[\s/，,]*共\s*\d{1,4}\s*[页頁])?|page \d{1,4}(?: of \d{1,4})?)[-—–\s]*",
    re.IGNORECASE,
)


def is_footer(text: str) -> bool:
    """Say whether a line near the end is a note of the tool or of the typist."""
    line = bare(text)
    if not line or len(line) > _LONGEST:
        return False
    made = _TOOL.search(line) is not None and _MAKING.search(line) is not None
    shapes = (_CREDIT.match, _THE_END.fullmatch, _NOTICE.match, _LINK.fullmatch, _PAGE.fullmatch, _RULE.fullmatch)
    return made or any(shape(line) is not None for shape in shapes)


def footer(lines: Sequence[Line], marks: Iterable[int] = ()) -> set[int]:
    """Return the numbers of the last lines that are notes rather than speech. A line in ``marks`` is always speech."""
    marked, found, seen = set(marks), set[int](), 0
    for number in range(len(lines) - 1, -1, -1):
        if not bare(lines[number].text):
            continue
        seen += 1
        if number in marked or seen > _TAIL:
            break
        if is_footer(lines[number].text):
            found.add(number)
    return found


def section_titles(lines: Sequence[Line], marks: Container[int]) -> set[int]:
    """Return the numbers of lines that head a section of the talk.

    These are headings by their style or in Markdown wherever they stand, the caption of a table that is no talk, and
    lines before a marked one that number a section (二、家庭): after an empty line, or where at least two of them count
    upwards.
    """
    found, numbered = set[int](), dict[int, int]()
    follows, before_table = False, False
    for number in range(len(lines) - 1, -1, -1):
        line, text = lines[number], bare(lines[number].text)
        apart = number > 0 and not bare(lines[number - 1].text) and not lines[number - 1].aside
        if number not in marks and text:
            short = len(text) <= _LONGEST_TITLE and not text.endswith(("。", "？", "！", "，", "?", "!"))
            is_section = follows and (_SECTION.fullmatch(text) or _PART_OF_FILE.fullmatch(text)) is not None
            if _MARKDOWN.match(line.text) or (short and (line.heading or before_table)) or (is_section and apart):
                found.add(number)
            elif is_section and (numeral := _NUMERAL.search(text)) is not None:
                numbered[number] = _CHINESE.find(numeral[0][-1]) + 1 or int(re.sub(r"\D", "", numeral[0]) or 0)
        if text or line.aside:
            follows, before_table = number in marks, line.aside
    in_order = [numbered[number] for number in sorted(numbered)]
    if len(in_order) > 1 and all(a < b for a, b in itertools.pairwise(in_order)):
        found |= set(numbered)
    return found


def number_lines(lines: Sequence[Line], marks: Container[int] = ()) -> set[int]:
    """Return the numbers of lines that hold the number of a page or a line (— 3 —, 第3页, 12) and count upwards."""
    found = {
        number: int(digits[0])
        for number, line in enumerate(lines)
        if number not in marks and (_NUMBER_LINE.fullmatch(line.text) or _PAGE.fullmatch(line.text))
        if (digits := re.findall(r"\d{1,5}", line.text))
    }
    numbers = list(found.values())
    if len(numbers) < 2 or any(b - a not in {1, 2} for a, b in itertools.pairwise(numbers)):
        return set()
    return set(found)


def is_markdown_heading(text: str) -> bool:
    """Say whether a line is a heading of Markdown."""
    return _MARKDOWN.match(text) is not None


def head_kind(text: str) -> str:
    """Return what a line before the first speaker is, by the names of `KINDS`, or nothing where it may be speech."""
    line = bare(text)
    if _KEYWORDS.match(line):
        return "keywords"
    if is_markdown_heading(text) or _TYPE_LINE.fullmatch(line) or _RULE.fullmatch(line):
        return "title"
    key = _KEY.fullmatch(line)
    if key and (is_metadata_key(key["key"]) or not key["value"].rstrip("*").endswith(("。", "？", "?", "！"))):
        return "key and value"
    if is_footer(text):
        return "footer"
    return "title" if len(line) <= 40 and not line.endswith(("。", "？", "?", "！", "!", "，")) else ""


def preamble_note(lines: Sequence[Line], marks: Iterable[int]) -> tuple[str, ...]:
    """Return a note on the lines before the first speaker, if there are any."""
    first = min(marks, default=0)
    before = sum(1 for line in lines[:first] if bare(line.text))
    return (f"{before} line{'s' * (before != 1)} before the first speaker not read as speech",) if before else ()


def line_parts(
    lines: Sequence[Line], marks: Mapping[int, Mark], turns: Iterable[Spoken], silent: Mapping[int, str]
) -> list[Part]:
    """Return what the lines of a text are: labels, speech, and ``silent`` lines by the names of `KINDS`."""
    parts = [Part(turn.start, turn.end, PartKind.SPEECH) for turn in turns]
    for number, mark in marks.items():
        parts.append(Part(lines[number].start, lines[number].start + mark.offset, PartKind.LABEL))
    for number, why in silent.items():
        kind = PartKind.HEADING if why == "heading" else PartKind.TIME if why == "clock" else PartKind.FURNITURE
        parts.append(Part(lines[number].start, lines[number].start + len(lines[number].text), kind, why))
    block = ""
    for line in lines[: min(marks, default=0)]:
        word = bare(line.text)
        # What stands below 关键词 belongs to it until an empty line.
        why = head_kind(line.text) if word else ""
        block = "keywords" if why == "keywords" else block if word else ""
        if word and (why or block):
            parts.append(Part(line.start, line.start + len(line.text), PartKind.FURNITURE, why or block))
    return parts


__all__ = [
    "ARROW", "CLOCK", "KINDS", "footer", "head_kind", "is_footer", "is_markdown_heading", "line_parts",
    "number_lines", "preamble_note",
    "seconds", "section_titles",
]  # fmt: skip
