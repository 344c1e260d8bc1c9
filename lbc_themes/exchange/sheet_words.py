"""The words of the sheet that a coder fills in, and every way in which they come back."""

import re

from lbc_themes.core.records import Bilingual, Language, Verdict

HEADS = {
    "passage": Bilingual(zh="段落编号", en="passage"),
    "participant": Bilingual(zh="受访者", en="participant"),
    "role": Bilingual(zh="角色", en="role"),
    "question": Bilingual(zh="问题", en="question"),
    "text": Bilingual(zh="原话", en="text"),
    "suggested_1": Bilingual(zh="建议1", en="suggestion 1"),
    "suggested_2": Bilingual(zh="建议2", en="suggestion 2"),
    "suggested_3": Bilingual(zh="建议3", en="suggestion 3"),
    "why": Bilingual(zh="理由", en="why"),
    "decision": Bilingual(zh="决定", en="decision"),
    "code_1": Bilingual(zh="编码1", en="code 1"),
    "code_2": Bilingual(zh="编码2", en="code 2"),
    "code_3": Bilingual(zh="编码3", en="code 3"),
    "memo": Bilingual(zh="备忘", en="memo"),
    "coder": Bilingual(zh="编码者", en="coder"),
}
FILLED = ("decision", "code_1", "code_2", "code_3", "memo", "coder")
CODES = ("code_1", "code_2", "code_3", "decided_codes")
_ALIASES = {
    "passage_id": "passage", "decided_codes": "decided_codes", "编码结果": "decided_codes", "code": "code_1",
    "codes": "decided_codes", "编码": "decided_codes", "verdict": "decision", "备注": "memo", "note": "memo",
}  # fmt: skip
VERDICTS = {
    Verdict.ACCEPTED: Bilingual(zh="接受", en="accept"),
    Verdict.CHANGED: Bilingual(zh="改为", en="change"),
    Verdict.REJECTED: Bilingual(zh="都不合适", en="reject"),
}
_SAID = {
    Verdict.ACCEPTED: "接受 采纳 同意 是 对 accept accepted yes y ok ✓ √ 1",
    Verdict.CHANGED: "改为 修改 更改 改 change changed",
    Verdict.REJECTED: "都不合适 否决 拒绝 不采纳 不合适 无 否 reject rejected no none n x × 0",
}
_VERDICT = {word: verdict for verdict, words in _SAID.items() for word in words.split()}
_BLANK = re.compile(r"[\s_]+")


def head_key(text: str) -> str:
    """Return which column a head names, or "".

    >>> head_key("编码 1"), head_key("decided_codes"), head_key("Passage"), head_key("x")
    ('code_1', 'decided_codes', 'passage', '')
    """
    plain = _BLANK.sub("", text.strip().lower())
    known = {_BLANK.sub("", word): key for key, words in HEADS.items() for word in (key, words.zh, words.en)}
    aliases = {_BLANK.sub("", word): key for word, key in _ALIASES.items()}
    return known.get(plain) or aliases.get(plain, "")


def verdict_of(text: str) -> Verdict | None:
    """Return the verdict that a word means, or None where it means none.

    >>> verdict_of("接受"), verdict_of("X"), verdict_of("?")
    (<Verdict.ACCEPTED: 'accepted'>, <Verdict.REJECTED: 'rejected'>, None)
    """
    return _VERDICT.get(text.strip().lower())


def verdicts(language: Language) -> list[str]:
    """Return the words offered in the sheet."""
    return [words.said(language) for words in VERDICTS.values()]
