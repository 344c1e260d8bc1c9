"""The audit that follows every reading: what a suspicious colleague would ask about the result.

A reading can be wrong without an error: answers read as questions are never coded, a clock or a researcher's own code
becomes a child's words, a table's end is missing. The audit looks at the turns, at the text that stands in none, and at
what the reader doubted, and says each with its severity, its place and what to do. It changes nothing.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from lbc_themes.core.records import Bilingual, Finding, Role, Severity, Transcript
from lbc_themes.reading.document import CLOCK, Doubt, Parsed, PartKind, account
from lbc_themes.reading.roles import asks
from lbc_themes.reading.vocabulary import (
    is_code,
    is_metadata_key,
    is_respondent,
    is_speaker_word,
    plain_label,
    role_of_word,
    speaks_of,
)

SERIOUS, CHECK, NOTE = Severity.SERIOUS, Severity.CHECK, Severity.NOTE


class Kind(NamedTuple):
    """A kind of finding: how much it matters as a rule, what it says, and what to do. ``{}`` stands for its details."""

    severity: Severity
    says: Bilingual
    advice: Bilingual


def _kind(severity: Severity, zh: str, en: str, do_zh: str, do_en: str) -> Kind:
    return Kind(severity, Bilingual(zh=zh, en=en), Bilingual(zh=do_zh, en=do_en))


_FORM_ZH, _FORM_EN = "改好文件，或用 --form 指定形式后重读", "mend the file, or read it again with --form"
_ROLES_ZH, _ROLES_EN = "在 study.toml 里写明谁是访谈者", "say in study.toml who the interviewer is"

KINDS: Mapping[str, Kind] = {
    # What is left in speech.
    "timing-in-speech": _kind(SERIOUS, "字幕的时间行混进了话语（{} 处）", "timing lines of cues stand in speech ({} places)", _FORM_ZH, _FORM_EN),
    "clock-in-speech": _kind(CHECK, "话语里有时间戳（{} 处）", "clocks stand in speech ({} places)", "看看是录音时间还是说的话；" + _FORM_ZH, "see whether they are recording times; " + _FORM_EN),
    "numbers-in-speech": _kind(CHECK, "话语里有只含数字的行（{} 处），像字幕序号或行号", "lines of digits alone stand in speech ({}), like cue or line numbers", _FORM_ZH, _FORM_EN),
    "markup-in-speech": _kind(CHECK, "话语里有标记（{}）", "markup stands in speech ({})", "另存为纯文本或 .docx 再读", "save it as plain text or .docx and read it again"),
    "ids-in-speech": _kind(SERIOUS, "话语像是编号、账号或日期（{}）", "what is read as speech looks like ids, accounts or dates ({})", "检查哪一列或哪一层是话语", "see which column or tier holds the speech"),
    "pinyin-in-speech": _kind(CHECK, "话语里有整行拼音（{} 处）", "lines of pinyin stand in speech ({} places)", "删去注音再读", "take the phonetic guide out and read it again"),
    "tier-in-speech": _kind(SERIOUS, "话语里有 CHAT 的附属层或文件头（{} 处）", "dependent tiers or headers of CHAT stand in speech ({} places)", "给文件 .cha 的扩展名再读", "give the file the ending .cha and read it again"),
    "footer-in-speech": _kind(CHECK, "最后一句像是工具的页脚：{}", "the last words look like a tool's footer: {}", "若不是话语，从文件里删去", "if nobody said it, delete it from the file"),
    "hallucination": _kind(CHECK, "识别软件常凭空写出的句子：{}", "a sentence that speech recognisers make up: {}", "对照录音核对", "compare it with the recording"),
    # Labels.
    "label-at-line-start": _kind(CHECK, "话语的行首有说话人标签，没有按标签分开：{}", "labels of speakers stand at line starts within speech: {}", "看看这些行是谁说的；" + _FORM_ZH, "see who says these lines; " + _FORM_EN),
    "label-inside-line": _kind(CHECK, "行内有说话人标签，没有按标签分开：{}", "labels of speakers stand inside lines and were not cut: {}", "让每个标签另起一行再读", "begin a line at each label and read it again"),
    "label-once": _kind(CHECK, "冒号前只出现一次、按话语读的词：{}", "read as speech, for they come only once before a colon: {}", "若是说话人，核对写法是否一致", "if it is a speaker, spell the label alike everywhere"),
    "speaker-once": _kind(CHECK, "只说过一次话的说话人：{}", "speakers who speak only once: {}", "看看是标签写错，还是真有这个人", "see whether the label is misspelt or the person real"),
    "too-many-speakers": _kind(SERIOUS, "说话人太多（{}），像是把标题或话语当成了说话人", "too many speakers ({}): headings or speech may be taken for speakers", _FORM_ZH, _FORM_EN),
    "speaker-changes-unnamed": _kind(SERIOUS, "只标了换人（>> 或破折号），没写是谁：{} 处", "marks say that the speaker changes (>> or a dash), but not who speaks: {} places", "写上说话人再读，否则问句也会被编码", "name the speakers, or questions are coded as well"),
    "answers-unlabelled": _kind(CHECK, "只有提问有标签，下面的 {} 段按受访者的回答读", "only questions are labelled; the {} stretches below them are read as answers", "核对；最好给回答也写上标签", "check them; better, label the answers too"),
    "nobody-named": _kind(CHECK, "没有说话人标签，全部按一个人读，问句也会被编码", "no speaker labels were found: all of it is read as one speaker, so questions are coded", "写上说话人再读", "name the speakers and read it again"),
    # Shape.
    "one-turn-most": _kind(CHECK, "一轮话占了全部话语的 {}", "one turn holds {} of all speech", "看看里面是否还有别人的话", "see whether somebody else speaks in it"),
    "question-holds-answer": _kind(SERIOUS, "访谈者的话里像有回答（{} 轮），这些不会被编码", "the interviewer's turns seem to hold answers ({} turns), which are never coded", "让回答另起一行并写上标签", "begin a labelled line at each answer"),
    "answer-holds-question": _kind(CHECK, "受访者的话里像有编号的提问（{} 处）", "the participants' turns seem to hold numbered questions ({} places)", "给提问写上标签", "label the questions"),
    "no-participant": _kind(SERIOUS, "没有受访者，什么都不会被编码", "no participant speaks: nothing is coded", _ROLES_ZH, _ROLES_EN),
    "no-interviewer": _kind(CHECK, "没有认出访谈者，人人都会被编码", "no interviewer was found: everybody is coded", _ROLES_ZH, _ROLES_EN),
    "interviewer-never-asks": _kind(CHECK, "访谈者（{}）从不提问", "the interviewer ({}) never asks", _ROLES_ZH, _ROLES_EN),
    "interviewer-says-most": _kind(CHECK, "访谈者（{}）说得比受访者多一倍以上", "the interviewer ({}) says more than twice as much as the participants", _ROLES_ZH, _ROLES_EN),
    "role-uncertain": _kind(CHECK, "访谈者靠推断，把握不大：{}", "who interviews was guessed and is uncertain: {}", _ROLES_ZH, _ROLES_EN),
    "role-guessed": _kind(NOTE, "访谈者靠推断：{}", "who interviews was guessed: {}", "核对", "check it"),
    "one-speaker": _kind(NOTE, "只有一个说话人：{}", "there is only one speaker: {}", "若还有别人，核对标签", "if there are others, check the labels"),
    "times-go-back": _kind(CHECK, "时间倒退（{} 处）", "the times go back ({} places)", "看看是否两段录音拼在一起，或顺序乱了", "see whether two recordings are joined or the order is lost"),
    "captions-repeat": _kind(CHECK, "相邻的话重复（{} 处），像滚动字幕或识别循环", "neighbouring turns repeat each other ({} places), as rolling captions or a looping recogniser do", "对照录音，去掉重复", "compare with the recording and take the repeats out"),
    "captions-rolling": _kind(NOTE, "滚动字幕：重复的 {} 行只读一次", "rolling captions: {} repeated lines read once", "抽查几句", "look at a few"),
    "captions-bilingual": _kind(NOTE, "双语字幕：{} 行译文不读", "bilingual cues: {} lines of translation not read", "抽查几句", "look at a few"),
    # What stands in no turn.
    "text-in-no-turn": _kind(CHECK, "有文字不属于任何一轮话（{} 字）", "text of the file stands in no turn ({} characters)", "看看是否漏读了话语", "see whether speech was missed"),
    "text-outside-tables": _kind(CHECK, "表格之外有 {} 行没有读", "{} lines outside the tables were not read", "若是话语，写上标签再读", "if they are speech, label them and read again"),
    "table-left-out": _kind(CHECK, "有一个表格没有读：{}", "a table was not read: {}", "若是话语，把它改成两列（说话人、内容）", "if it is speech, make it two columns (speaker, speech)"),
    "column-left-out": _kind(NOTE, "没有读的列：{}", "columns not read: {}", "若其中有话语，核对列名", "if one holds speech, check the names of the columns"),
    "columns-without-heads": _kind(NOTE, "表格没有表头，按内容认列", "the table has no head row: columns were told by what stands in them", "抽查几行", "look at a few rows"),
    "row-longer-than-head": _kind(CHECK, "有 {} 行的格子比表头多，像是逗号没有加引号；已合回一句", "{} rows have more cells than the head row, as where commas are not quoted; they were joined again", "核对这些行，最好重新导出", "check these rows; better, export the file again"),
    "messages-without-text": _kind(NOTE, "{} 条消息不是文字（图片、语音、卡片），没有读", "{} messages that are no text (pictures, voices, cards) were not read", "若有语音，先转成文字", "have voice messages transcribed first"),
    "formula-without-value": _kind(CHECK, "公式没有算出的值：{}", "formulas without a computed value: {}", "在 Excel 里打开并保存一次", "open the file in Excel and save it once"),
    "sheets-left-out": _kind(CHECK, "没有读的工作表：{}", "sheets that were not read: {}", "若其中有话语，核对表头", "if one holds speech, check its head row"),
    "sheets-hidden": _kind(CHECK, "隐藏的工作表没有读：{}", "hidden sheets were not read: {}", "若其中有话语，取消隐藏再读", "if one holds speech, show it and read again"),
    "tiers-left-out": _kind(NOTE, "没有读的层：{}", "tiers that were not read: {}", "若其中有话语，核对层名", "if one holds speech, check the names of the tiers"),
    "word-hidden": _kind(NOTE, "Word 的隐藏文字没有读（{} 处）", "hidden text of Word was not read ({} stretches)", "打开隐藏文字看看", "show hidden text and look at it"),
    "word-pinyin": _kind(NOTE, "拼音指南没有读（{} 处）", "phonetic guides were not read ({})", "不必处理", "nothing to do"),
    "word-footnotes": _kind(NOTE, "脚注和尾注没有读（{} 处）", "footnotes and endnotes were not read ({})", "若其中有话语，移到正文", "if one holds speech, move it into the text"),
    "word-comments": _kind(NOTE, "批注没有读（{} 处）", "comments were not read ({})", "不必处理", "nothing to do"),
    "word-deleted": _kind(NOTE, "修订中删去的文字没有读（{} 处）", "text deleted under tracked changes was not read ({})", "若不该删，先拒绝修订", "reject the change where it should stay"),
    "word-altchunk": _kind(CHECK, "嵌入的别的文件没有读（{} 处）", "parts embedded from other files were not read ({})", "在 Word 里另存为 .docx 再读", "save it in Word as .docx and read it again"),
    "two-forms-near": _kind(CHECK, "两种读法都说得通：{}", "two ways of reading come near: {}", "用 --form 选定一种", "choose one with --form"),
    "same-interview-twice": _kind(SERIOUS, "和 {} 像是同一份访谈", "seems to be the same interview as {}", "去掉一份，否则每句话算两遍", "take one out, or every word counts twice"),
}  # fmt: skip
"""Every kind of finding, with its words in both languages."""


def message(finding: Finding) -> Bilingual:
    """Return what a finding says, in one line in both languages.

    >>> message(Finding(kind="speaker-once", severity=Severity.CHECK, details="小林"))
    Bilingual(zh='只说过一次话的说话人：小林', en='speakers who speak only once: 小林')
    """
    says = KINDS[finding.kind].says
    return Bilingual(zh=says.zh.replace("{}", finding.details), en=says.en.replace("{}", finding.details))


def advice(finding: Finding) -> Bilingual:
    """Return what to do about a finding, in both languages."""
    return KINDS[finding.kind].advice


def to_check(transcripts: Iterable[Transcript]) -> list[Transcript]:
    """Return the transcripts that have a finding to look at before anything is coded (serious, or to check)."""
    return [t for t in transcripts if any(finding.severity is not NOTE for finding in t.findings)]


def audit(transcript: Transcript, parsed: Parsed | None = None, file_text: str = "") -> tuple[Finding, ...]:
    """Return the findings about a transcript, the most serious first, then in the order of the text.

    Args:
        transcript: A transcript as read.
        parsed: What the reader made of the file: its doubts, and what it took each stretch for. Without it only what
            the transcript itself shows is looked at.
        file_text: The text of the file that the parts of ``parsed`` are slices of.
    """
    speech = _Speech.of(transcript)
    found = [
        *_left_in_speech(speech), *_labels_left(speech), *_shape(speech), *_roles(speech), *_times(speech),
        *(_doubts(parsed, transcript) if parsed is not None else ()),
        *(_unread(parsed, transcript, file_text) if parsed is not None else ()),
    ]  # fmt: skip
    order = {severity: number for number, severity in enumerate(Severity)}
    unique = {(finding.kind, finding.details): finding for finding in reversed(found)}
    return tuple(sorted(unique.values(), key=lambda f: (order[f.severity], -1 if f.start is None else f.start)))


@dataclass(frozen=True, slots=True)
class _Speech:
    """All turns joined with newlines, and where each begins in that and in the transcript."""

    transcript: Transcript
    text: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, transcript: Transcript) -> "_Speech":
        starts, at, pieces = [], 0, []
        for turn in transcript.turns:
            starts.append(at)
            piece = transcript.text[turn.start : turn.end]
            pieces.append(piece)
            at += len(piece) + 1
        return cls(transcript, "\n".join(pieces), tuple(starts))

    def turn_at(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1

    def finding(
        self, kind: str, details: str, span: tuple[int, int] | None, severity: Severity | None = None
    ) -> Finding:
        start = end = line = None
        if span is not None:
            turn = self.turn_at(span[0])
            start = self.transcript.turns[turn].start + span[0] - self.starts[turn]
            end = min(len(self.transcript.text), start + span[1] - span[0])
            line = self.transcript.text.count("\n", 0, start) + 1
        return Finding(
            kind=kind, severity=severity or KINDS[kind].severity, details=details, start=start, end=end, line=line
        )


# --- What is left in speech that nobody says.

_TIMING = re.compile(rf"{CLOCK}[ \t]{{0,3}}(?:-{{1,3}}>|→|⟶)[ \t]{{0,3}}(?:{CLOCK})?")
_STAMPS = re.compile(
    rf"[\[(（【<〈{{［#]\s?\d{{1,3}}[:：]\d\d(?:[:：.,]\d{{1,3}})*(?:-\d)?\s?[\])）】>〉}}］#]"
    rf"|(?<![\d:：])\d{{1,2}}[:：]\d\d[:：]\d\d(?:[.,]\d{{1,3}})?(?!\d)"
    rf"|^[ \t]*(?:{CLOCK})[ \t\u3000\xa0]*$",
    re.MULTILINE,
)
_DIGIT_LINES = re.compile(r"^[ \t]*\d{1,5}[ \t]*$", re.MULTILINE)
_MARKUP = re.compile(
    r"</[A-Za-z]{1,12}>|<(?:br|p|div|span|b|i|u|font|html|body|c|v|td|tr|li|strong|em)\b[^<>\n]{0,60}>|&(?:nbsp|amp|lt|gt|quot|#\d+);|"
    r"\{\\[a-z]{1,12}|\\par\b|<\?xml|<msg\b"
)
_TIERS = re.compile(
    r"^(?:%[a-z]{3,4}:|\*[A-Z0-9]{1,7}:\s|@(?:Begin|End|UTF8|ID:|Languages:|Participants:|Comment:))", re.MULTILINE
)
_PINYIN = re.compile(
    r"^[ \t]*(?=[^\n]*[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ])[A-Za-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü' ,.?!，。？！]{6,}$", re.MULTILINE
)
_MADE_UP = re.compile(
    r"请不吝点赞|點贊訂閱|点赞[ ，,]?订阅|打赏支持|明镜与点点|字幕志愿者|字幕由.{0,12}提供|字幕製作|Amara\.org|謝謝觀看|谢谢观看|感谢观看|感謝觀看|"
    r"thank(?:s| you) for watching|please subscribe",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"[\w@.\-:/+]*\d[\w@.\-:/+]*|wxid_\w+|https?://\S+|[\d\-/年月日 :.TZ+]+", re.ASCII)


def _left_in_speech(speech: _Speech) -> Iterator[Finding]:
    text = speech.text
    has_clock = re.search(r"\d[:：]\d\d", text) is not None
    if has_clock and (timings := list(_TIMING.finditer(text))):
        yield speech.finding("timing-in-speech", str(len(timings)), timings[0].span())
    elif has_clock and (stamps := list(_STAMPS.finditer(text))):
        severity = SERIOUS if len(stamps) > max(3, len(speech.starts) // 5) else None
        yield speech.finding("clock-in-speech", str(len(stamps)), stamps[0].span(), severity)
    numbers = [match for match in _DIGIT_LINES.finditer(text)] if re.search(r"(?m)^\s?\d{1,5}\s?$", text) else []
    if len(numbers) > 1 and sum(int(a[0]) + 1 == int(b[0]) for a, b in pairwise(numbers)) * 2 >= len(numbers) - 1:
        yield speech.finding("numbers-in-speech", str(len(numbers)), numbers[0].span())
    if ("<" in text or "&" in text or "\\" in text) and (match := _MARKUP.search(text)):
        yield speech.finding("markup-in-speech", match[0][:20], match.span())
    if tiers := list(_TIERS.finditer(text)) if "%" in text or "@" in text or "*" in text else []:
        yield speech.finding("tier-in-speech", str(len(tiers)), tiers[0].span())
    if lines := list(_PINYIN.finditer(text)) if re.search("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]", text) else []:
        yield speech.finding("pinyin-in-speech", str(len(lines)), lines[0].span())
    if match := _MADE_UP.search(text):
        yield speech.finding("hallucination", match[0], match.span())
    yield from _accounts(speech)
    yield from _last_words(speech)


def _accounts(speech: _Speech) -> Iterator[Finding]:
    turns = speech.transcript.turns
    ids = [
        n
        for n, turn in enumerate(turns)
        if turn.end - turn.start <= 40 and _ACCOUNT.fullmatch(speech.transcript.said(turn))
    ]
    if len(ids) > 2 and len(ids) * 5 > len(turns):
        first = turns[ids[0]]
        at = speech.starts[ids[0]]
        yield speech.finding("ids-in-speech", speech.transcript.said(first)[:20], (at, at + first.end - first.start))


def _last_words(speech: _Speech) -> Iterator[Finding]:
    from lbc_themes.reading.formats.furniture import is_footer

    if not speech.starts:
        return
    at = max(speech.starts[-1], speech.text.rfind("\n") + 1)
    last = speech.text[at:].strip()
    if last and is_footer(last) and not re.fullmatch(r"[（(]?(?:结束|完)[）)。]?|.*[：:]", last):
        yield speech.finding("footer-in-speech", last[:30], (at, len(speech.text)))


# --- Labels that are left in speech.

_LINE_LABEL = re.compile(
    r"^[ \t*\-•\u3000\xa0]{0,6}([^\s：:，。？！,.?!“”\"；;、（）()]{1,12})[ \t*]{0,3}[：:](?!//)", re.MULTILINE
)
_INNER_LABEL = re.compile(
    r"[。？！?!…；;）)”\"][ \t*\u3000\xa0]{0,3}([^\s：:，。？！,.?!“”\"；;、…（）()]{1,12})[ \t*]{0,3}[：:](?!//)"
)
_MARK_AFTER_NAME = re.compile(r"^[ \t]{0,4}([^\s：:，。？！,.?!“”\"；;、（）()]{2,8})[；;，,、.。][^\n]", re.MULTILINE)


def _labels_left(speech: _Speech) -> Iterator[Finding]:
    text = speech.text
    speakers = {turn.speaker for turn in speech.transcript.turns if turn.speaker}
    if ":" in text or "：" in text:
        lines = [match for match in _LINE_LABEL.finditer(text) if _may_be_label(match[1])]
        times = Counter(match[1] for match in lines)
        bad = [m for m in lines if m[1] in speakers or _names_somebody(m[1]) or times[m[1]] > 2]
        if bad:
            severity = SERIOUS if len(bad) > max(2, len(speech.starts) // 10) else None
            yield speech.finding("label-at-line-start", _some(m[1] for m in bad), bad[0].span(), severity)
        inner = [match for match in _INNER_LABEL.finditer(text) if _may_be_label(match[1])]
        times = Counter(match[1] for match in inner)
        bad = [m for m in inner if m[1] in speakers or is_respondent(m[1]) or role_of_word(m[1]) is Role.INTERVIEWER]
        if bad:
            severity = SERIOUS if len(bad) > max(2, len(speech.starts) // 10) else None
            yield speech.finding("label-inside-line", _some(m[1] for m in bad), bad[0].span(), severity)
    slips = [m for m in _MARK_AFTER_NAME.finditer(text) if m[1] in speakers and len(speakers) > 1] if speakers else []
    if slips and not all(m[1] in {"老师", "妈妈", "爸爸", "奶奶", "爷爷"} for m in slips):
        yield speech.finding("label-at-line-start", _some(m[0].strip()[:-1] for m in slips), slips[0].span())
    boxed = [
        m
        for m in re.finditer(r"^\s{0,3}[【\[（(<]([^\]】）)>\s\d]{1,10}\d{0,2})[】\]）)>]", text, re.MULTILINE)
        if _names_somebody(m[1])
    ]
    if boxed:
        yield speech.finding("label-at-line-start", _some(m[1] for m in boxed), boxed[0].span())


def _may_be_label(word: str) -> bool:
    return (
        not speaks_of(word)
        and not is_metadata_key(word)
        and re.search(r"[^\W\d_]", word) is not None
        and word not in {"http", "https"}
    )


def _names_somebody(word: str) -> bool:
    return is_speaker_word(word) or (is_code(word) and len(word) <= 3 and word.upper() in {"I", "Q", "A", "P", "R"})


def _some(words: Iterable[str]) -> str:
    counted = Counter(words)
    return "、".join(word if number == 1 else f"{word} ×{number}" for word, number in counted.most_common(5))


# --- The shape of the turns, and who has which role.

_NUMBERED_QUESTION = re.compile(
    r"^[ \t]*(?:[(（]?\d{1,3}[)）.、．]|[一二三四五六七八九十]{1,3}、|Q\d{0,3}[.、]?)[^\n]{4,60}[？?][ \t]*$",
    re.MULTILINE,
)
_MANY = 12


def _shape(speech: _Speech) -> Iterator[Finding]:
    turns = speech.transcript.turns
    length = max(1, sum(turn.end - turn.start for turn in turns))
    longest = max(range(len(turns)), key=lambda n: turns[n].end - turns[n].start, default=None)
    if longest is not None and len(turns) > 2 and length > 400:
        share = (turns[longest].end - turns[longest].start) / length
        if share > 0.6:
            at = speech.starts[longest]
            yield speech.finding("one-turn-most", f"{share:.0%}", (at, at + 40))
    times = Counter(turn.speaker for turn in turns)
    if len(times) > _MANY and len(times) * 3 > len(turns) and all(turn.question is None for turn in turns):
        yield speech.finding("too-many-speakers", str(len(times)), None)
    elif len(turns) > 7 and all(turn.question is None for turn in turns):
        once = [name for name, number in times.items() if number == 1 and name]
        if once:
            first = next(n for n, turn in enumerate(turns) if turn.speaker == once[0])
            severity = NOTE if all(map(is_speaker_word, once)) and len(once) < 3 else None
            yield speech.finding(
                "speaker-once", "、".join(once[:6]), (speech.starts[first], speech.starts[first] + 1), severity
            )
    if set(times) == {""}:
        if all(turn.question is None for turn in turns):
            yield speech.finding("nobody-named", "", None)
    elif len(times) == 1 and all(turn.question is None for turn in turns) and len(turns) > 1:
        asking = sum(asks(speech.transcript.said(turn)) for turn in turns)
        severity = CHECK if len(turns) > 3 and asking * 5 > len(turns) else None
        yield speech.finding("one-speaker", next(iter(times)), None, severity)
    held = [
        m for m in _NUMBERED_QUESTION.finditer(speech.text)
        if turns[speech.turn_at(m.start())].role is not Role.INTERVIEWER and m.start() not in speech.starts
    ]  # fmt: skip
    if held and set(times) != {""}:
        yield speech.finding("answer-holds-question", str(len(held)), held[0].span())


def _roles(speech: _Speech) -> Iterator[Finding]:
    turns, said = speech.transcript.turns, speech.transcript.said
    asking = [turn for turn in turns if turn.role is Role.INTERVIEWER]
    if turns and len(asking) == len(turns):
        yield speech.finding("no-participant", "", None)
        return
    names = "、".join(dict.fromkeys(turn.speaker for turn in asking))
    if not asking:
        if len({turn.speaker for turn in turns}) > 1 and any(turn.question is None for turn in turns):
            yield speech.finding("no-interviewer", "", None)
        return
    answered = [turn for turn in turns if turn.role is not Role.INTERVIEWER]
    questions = sum(asks(said(turn)) or "？" in said(turn) or "?" in said(turn) for turn in asking)
    if len(asking) > 4 and questions * 20 < len(asking):
        yield speech.finding("interviewer-never-asks", names, None)
    mine, theirs = (sum(t.end - t.start for t in each) for each in (asking, answered))
    if mine > 2 * theirs and mine > 200:
        yield speech.finding("interviewer-says-most", names, None)
    holding = [turn for turn in asking if turn.end - turn.start > 12 and _holds_an_answer(said(turn))]
    if holding and (len(holding) > 2 or len(holding) * 5 >= len(asking)):
        at = speech.starts[turns.index(holding[0])]
        yield speech.finding("question-holds-answer", str(len(holding)), (at, at + 20))


_FIRST_PERSON = re.compile(r"我(?!们?[想要]?(?:问|再问|了解|知道|看)|们|也?是想问)|俺|咱家")


def _holds_an_answer(said: str) -> bool:
    """Say whether a turn of lines asks on one and, on a line below, speaks of oneself without asking again."""
    lines = [line.strip() for line in said.split("\n") if line.strip()]
    return any(
        before.endswith(("？", "?"))
        and not after.endswith(("？", "?"))
        and (_FIRST_PERSON.search(after) is not None or len(after) > 30)
        for before, after in pairwise(lines)
    )


def _times(speech: _Speech) -> Iterator[Finding]:
    turns = speech.transcript.turns
    timed = [(n, turn.time) for n, turn in enumerate(turns) if turn.time is not None]
    back = [(b, one) for (a, one), (b, two) in pairwise(timed) if two < one - 5]
    if back and len(timed) > 3:
        at = speech.starts[back[0][0]]
        yield speech.finding("times-go-back", str(len(back)), (at, at + 1))
    repeated = [
        n for n, (a, b) in enumerate(pairwise(turns), start=1)
        if b.end - b.start > 5 and a.end - a.start > 3 and _repeats(speech.transcript.said(a), speech.transcript.said(b))
    ]  # fmt: skip
    if len(repeated) > 1 and len(repeated) * 12 > len(turns):
        yield speech.finding(
            "captions-repeat", str(len(repeated)), (speech.starts[repeated[0]], speech.starts[repeated[0]] + 1)
        )


def _repeats(before: str, now: str) -> bool:
    return now.startswith(before) or before.endswith(now) or (len(before) > 7 and now.startswith(before[-8:]))


# --- What the reader doubted, and what it did not read.


def _doubts(parsed: Parsed, transcript: Transcript) -> Iterator[Finding]:
    for doubt in parsed.doubts:
        start = doubt.start if parsed.text == transcript.text else None
        line = transcript.text.count("\n", 0, start) + 1 if start is not None else None
        yield Finding(
            kind=doubt.kind,
            severity=KINDS[doubt.kind].severity,
            details=doubt.details,
            start=start,
            end=start,
            line=line,
        )


_HAN = re.compile(r"[\u3400-\u9fff]")


def _unread(parsed: Parsed, transcript: Transcript, file_text: str) -> Iterator[Finding]:
    if not parsed.parts:
        return
    left = [part for part in account(file_text, parsed.parts) if part.kind is PartKind.UNEXPLAINED]
    wordy = [part for part in left if len(_HAN.findall(file_text[part.start : part.end])) > 3]
    characters = sum(part.end - part.start for part in wordy)
    if characters < 12:
        return
    severity = SERIOUS if characters > 0.15 * len(file_text) or characters > 600 else CHECK
    here = parsed.text == file_text
    start = wordy[0].start if here else None
    line = file_text.count("\n", 0, wordy[0].start) + 1
    yield Finding(
        kind="text-in-no-turn", severity=severity, details=str(characters), start=start,
        end=wordy[0].end if here else None, line=line,
    )  # fmt: skip


# --- The same interview twice.


def with_repeats_marked(transcripts: Sequence[Transcript]) -> list[Transcript]:
    """Return ``transcripts`` with a finding on each that shares most of its speech with another one.

    Lines of at least eight characters are compared, so the same interview under another name or as another kind of file
    is found too. The time is linear in the text.
    """
    lines = [_long_lines(transcript) for transcript in transcripts]
    owners: dict[int, list[int]] = defaultdict(list)
    for number, held in enumerate(lines):
        for line in held:
            owners[line].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for numbers in owners.values():
        # A line that many interviews share is a fixed question; the first few files stand for it.
        shared.update((a, b) for at, a in enumerate(numbers[:6]) for b in numbers[at + 1 : 6])
    twins: dict[int, list[str]] = defaultdict(list)
    for (a, b), number in shared.items():
        if number > 2 and number * 10 >= 7 * min(len(lines[a]), len(lines[b])):
            twins[a].append(transcripts[b].id)
            twins[b].append(transcripts[a].id)
    return [
        replace(t, findings=(_twin(twins[number]), *t.findings)) if number in twins else t
        for number, t in enumerate(transcripts)
    ]


def _twin(others: Sequence[str]) -> Finding:
    kind = "same-interview-twice"
    return Finding(kind=kind, severity=KINDS[kind].severity, details="、".join(others[:5]))


def _long_lines(transcript: Transcript) -> set[int]:
    text = transcript.text
    said = [text[turn.start : turn.end] for turn in transcript.turns if turn.role is not Role.INTERVIEWER]
    return {hash(line.strip()) for piece in said for line in piece.split("\n") if len(line) > 7}


def doubts_of_roles(notes: Iterable[str]) -> tuple[Doubt, ...]:
    """Return as doubts what the finding of roles noted."""
    return tuple(
        Doubt("role-uncertain" if "uncertain" in note else "role-guessed", note.partition(": ")[2].partition(" (")[0])
        for note in notes
        if note.startswith("role by behaviour")
    )


__all__ = ["KINDS", "Kind", "advice", "audit", "message", "plain_label", "to_check", "with_repeats_marked"]
