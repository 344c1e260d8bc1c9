"""The words by which people head the columns of a codebook and the parts of a description."""

import re
import unicodedata
from typing import NamedTuple

_FIELDS: dict[str, str] = {
    "id": "id 编号 代号 代码 编码 code codeid 编码编号 代码编号 节点 node",
    "name": "名称 编码名称 代码名称 节点名称 编码名 代码名 名字 标签 name codename nodename title label",
    "parent": (
        "上级 上级编码 上级代码 上位编码 上位 父级 父编码 父代码 父节点 所属 所属编码 parent parentcode parentid "
        "parentnode broader"
    ),
    "brief": "简述 简介 简要定义 简短定义 概要 摘要 一句话 brief briefdefinition short shortdefinition summary",
    "definition": (
        "定义 完整定义 操作定义 操作性定义 描述 说明 解释 含义 内涵 definition fulldefinition description meaning"
    ),
    "include": (
        "纳入 纳入标准 纳入规则 何时用 何时使用 适用 适用情形 包括 包含 include includes inclusion "
        "inclusioncriteria inclusioncriterion whentouse usewhen"
    ),
    "exclude": (
        "排除 排除标准 排除规则 何时不用 不适用 不包括 不包含 exclude excludes exclusion exclusioncriteria "
        "exclusioncriterion whennottouse notusewhen"
    ),
    "rules": "规则 应用规则 编码规则 使用规则 适用规则 rules rule applicationrules codingrules",
    "typical": (
        "例子 例句 示例 样例 举例 范例 典型 典型例子 典型例句 典型示例 原话示例 typical typicalexample "
        "typicalexamples example examples"
    ),
    "atypical": "非典型 非典型例子 非典型例句 非典型示例 atypical atypicalexample atypicalexamples",
    "close": (
        "易混 易混例子 易混淆 易混淆例子 近似反例 反例 似是而非 close closebutno closebutnoexample "
        "closebutnoexamples counterexample counterexamples nonexample nonexamples"
    ),
    "indicators": "线索词 线索 关键词 提示词 指示词 indicators indicator keywords keyword cues",
    "speakers": "说话人 适用说话人 适用对象 谁说 speakers speaker spokenby",
    "facets": "属性 维面 面向 分面 facets facet attributes",
    "colour": "颜色 色彩 colour color",
    "source": "来源 出处 文献来源 source reference origin",
    "group": "维度 主题 类别 大类 主范畴 主类目 父类 theme category group dimension domain",
    "subgroup": "子主题 子类别 子类 小类 副范畴 次主题 subtheme subcategory subgroup",
    "book": "编码本 codebook codebookid",
    "book_version": "版本 编码本版本 version codebookversion",
    "book_name": "编码本名称 codebookname",
    "book_source": "编码本来源 codebooksource",
}
FIELD_OF_WORD = {word: field for field, words in _FIELDS.items() for word in words.split()}
BILINGUAL = frozenset(
    {"name", "brief", "definition", "include", "exclude", "rules", "typical", "atypical", "close", "book_name"}
)
TITLES: dict[str, str] = {
    "id": "编码 id",
    "parent": "上级 parent",
    "name": "名称 name",
    "brief": "简述 brief",
    "definition": "定义 definition",
    "include": "何时用 include",
    "exclude": "何时不用 exclude",
    "typical": "典型例子 typical",
    "atypical": "非典型例子 atypical",
    "close": "易混例子 close",
    "indicators": "线索词 indicators",
    "speakers": "说话人 speakers",
    "facets": "属性 facets",
    "colour": "颜色 colour",
    "source": "来源 source",
    "book": "编码本 codebook",
    "book_version": "编码本版本 codebook-version",
    "book_name": "编码本名称 codebook-name",
    "book_source": "编码本来源 codebook-source",
}
_LANGUAGE = re.compile(r"(?:[_\s\-(\[]+(zh|en|cn|chinese|english)|[_\s\-(\[]*(中文|汉语|英文|英语))[)\]]?\s*$")
_CHINESE = frozenset({"zh", "cn", "chinese", "中文", "汉语"})
_LEVEL = re.compile(r"(?:^|\b)(?:([一二三四五1-5])级|level\s*([1-5])\b|l([1-5])\b)")
_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
_OF_CODE = re.compile(r"^(?:编码|代码|节点|code|node)(?:的)?")
_APART = re.compile(r"[\s/|()\[\]【】]+")
_JOINED = re.compile(r"[\s_\-.:*]+")


class Heading(NamedTuple):
    """What a heading means: a field, the language it names if any, and for a column of levels which level, from 1."""

    field: str
    language: str = ""
    level: int = 0


def heading(words: str) -> Heading | None:
    """Return what a column head means, or None where it means nothing known.

    >>> heading("定义（英文）"), heading("二级编码 (Level 2 Code)"), heading("频次")
    (Heading(field='definition', language='en', level=0), Heading(field='level', language='', level=2), None)
    """
    text = _plain(words)
    level = _LEVEL.search(text)
    if level:
        digit = next(group for group in level.groups() if group)
        return Heading("level", level=_DIGITS.get(digit) or int(digit))
    body, language = _parted(text)
    parts = [_joined(part) for part in (body, *_APART.split(body))]
    tried = [form for part in parts for form in (part, _OF_CODE.sub("", part))]
    field = next((FIELD_OF_WORD[word] for word in tried if word in FIELD_OF_WORD), None)
    return Heading(field, language) if field else None


def label(words: str) -> Heading | None:
    """Return what the label before a colon means. Every word of it must be known: definitions have colons of their own.

    >>> label("何时用 include (zh)"), label("常见的说法")
    (Heading(field='include', language='zh', level=0), None)
    """
    body, language = _parted(_plain(words))
    parts = [_joined(part) for part in _APART.split(body) if part]
    known = [FIELD_OF_WORD.get(word) for word in ([_joined(body)] if _joined(body) in FIELD_OF_WORD else parts)]
    field = known[0] if known and all(known) else None
    return Heading(field, language) if field in TITLES and field else None


def _plain(words: str) -> str:
    return unicodedata.normalize("NFKC", words).replace("\ufeff", "").strip().lower()


def _parted(text: str) -> tuple[str, str]:
    mark = _LANGUAGE.search(text)
    if mark is None:
        return text, ""
    return text[: mark.start()], "zh" if (mark[1] or mark[2]) in _CHINESE else "en"


def _joined(part: str) -> str:
    return _JOINED.sub("", part)
