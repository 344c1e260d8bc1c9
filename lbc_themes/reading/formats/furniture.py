"""Lines that nobody said: titles and keyword blocks before a transcript, titles within it, a footer after it."""

import re
from collections.abc import Container, Iterable, Sequence

from lbc_themes.reading.document import Line, bare

_TAIL = 8
_LONGEST = 100
_TOOL = re.compile(
    r"讯飞|听见|訊飛|飞书|妙记|腾讯会议|通义|听悟|钉钉|机器|機器|智能|语音识别|語音辨識|自动|自動|\bAI\b", re.IGNORECASE
)
_MAKING = re.compile(
    r"转写|轉寫|转录|識別|识别|生成|导出|匯出|仅供参考|僅供參考|provided by|generated|transcri", re.IGNORECASE
)
_CREDIT = re.compile(r"(?:转写|转录|记录|整理|校对|誊录|录入|轉寫|記錄|校對)(?:人|者|员|時間|时间|日期)?\s?[：:]")
_SECTION = re.compile(
    r"[#*\s]{0,6}(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|第[一二三四五六七八九十\d]{1,2}部分)"
    r"[^，。！？；,.!?;：:]{0,20}"
)
_THE_END = re.compile(
    r"[（(【\[—\-=*\s]*(?:本次|全文)?(?:访谈|采访|录音|訪談|採訪|錄音)?(?:到此|至此)?(?:结束|結束|完|终|終)[）)】\]—\-=*\s。]*"
)


def is_footer(text: str) -> bool:
    """Say whether a line near the end is a note of the tool or of the typist."""
    line = bare(text)
    if len(line) > _LONGEST:
        return False
    made = _TOOL.search(line) is not None and _MAKING.search(line) is not None
    return made or _CREDIT.match(line) is not None or _THE_END.fullmatch(line) is not None


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
    """Return the numbers of lines between an empty line and a marked one that number a section (二、家庭)."""
    found, follows = set[int](), False
    for number in range(len(lines) - 1, 0, -1):
        text = bare(lines[number].text)
        apart = not bare(lines[number - 1].text)
        if text and follows and apart and number not in marks and _SECTION.fullmatch(text):
            found.add(number)
        if text:
            follows = number in marks
    return found


def preamble_note(lines: Sequence[Line], marks: Iterable[int]) -> tuple[str, ...]:
    """Return a note on the lines before the first speaker, if there are any."""
    first = min(marks, default=0)
    before = sum(1 for line in lines[:first] if bare(line.text))
    return (f"{before} line{'s' * (before != 1)} before the first speaker not read as speech",) if before else ()
