"""The readers' notes in Chinese; they are written in English."""

import re

from lbc_themes.core.messages import recognised, word_table
from lbc_themes.core.records import Bilingual

_RULES = tuple(
    (re.compile(rule), said)
    for rule, said in (
        (r"read as ([\w-]+), (\d+) speakers?, (\d+) turns?", r"按“\1”读取：\2 位说话人，\3 个话轮"),
        (
            r"role by behaviour: (.+) is the interviewer, confidence (\d\.\d+) "
            r"\(asks at the end of (\d+%) of turns\)(; uncertain: set it in study\.toml)?",
            r"按说话方式推断：\1 是访谈者，把握 \2（\3 的话轮以提问结束）\4",
        ),
        (
            r"no interviewer was found \((.+) asks most, at the end of (\d+%) of turns\): set the roles in "
            r"study\.toml, or every speaker is coded",
            r"没有找到访谈者（\1 问得最多，\2 的话轮以提问结束）：请在 study.toml 里写明角色，否则每个人的话都会编码",
        ),
        (
            r"the participants' table says (.+), which is none of .+: taken as other",
            r"受访者表里的角色“\1”不认识，按“其他”处理",
        ),
        (
            r"no speaker labels were found: all of it is read as one speaker, one turn a paragraph",
            "没有找到说话人标签：全文当作一个人说的，一段一个话轮",
        ),
        (r"(\d+) lines? before the first speaker not read as speech", r"第一位说话人之前的 \1 行没有当作话语"),
        (r"read as speech, for they come only once before a colon: (.+)", r"冒号前只出现过一次，当作话语：\1"),
        (r"decoded as (.+)", r"字符编码识别为 \1"),
        (r"columns not read as answers: (.+)", r"没有当作回答的列：\1"),
        (r"sheets without turns were not read: (.+)", r"没有话轮、没有读取的工作表：\1"),
        (r"tiers that hang on another tier were not read: (.+)", r"依附于别层、没有读取的层：\1"),
        (r"(\d+) lines? of page headers, footers and page numbers left out", r"略去 \1 行页眉、页脚和页码"),
        (
            r"pictures without text on page (.+): what stands in them was not read",
            r"第 \1 页只有图片，图里的字没有读取",
        ),
        (r"characters that the font does not name stand as � on page (.+)", r"第 \1 页有字体没有说明的字，记作 �"),
    )
)
_UNCERTAIN = "; uncertain: set it in study.toml"


def in_both(note: str) -> Bilingual:
    """Return a reader's note in Chinese and English; a note that is not known stays English in both.

    >>> in_both("read as iflytek, 2 speakers, 143 turns").zh
    '按“讯飞听见”读取：2 位说话人，143 个话轮'
    """
    for rule, said in _RULES:
        if match := rule.fullmatch(note):
            zh = match.expand(said).replace(_UNCERTAIN, "；把握不大，请在 study.toml 里写明")
            form = match[1] if match.re.groups else ""
            name = word_table("words.forms").get(form)
            return Bilingual(zh=zh.replace(f"“{form}”", f"“{name.zh if name else form}”"), en=note)
    bare, line = re.fullmatch(r"(.+?)(?: \(line (\d+)\))?", note, re.DOTALL).groups()  # type: ignore[union-attr]
    for prefix in ("reading.findings", "reading.notes"):
        found = recognised(bare, prefix)
        if found.zh != found.en:
            return Bilingual(zh=f"{found.zh}（第 {line} 行）" if line else found.zh, en=note)
    return Bilingual(zh=note, en=note)
