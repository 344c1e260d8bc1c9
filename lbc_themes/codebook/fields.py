"""The fields of a code as text: names of columns, lists of rules and examples, and the labelled description."""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from lbc_themes.codebook.draft import Names, colour_of, found
from lbc_themes.core.records import Bilingual, Code, Example, Language, Role, Rule
from lbc_themes.reading.vocabulary import role_of_value

# --- The words by which people head the columns of a codebook and the parts of a description.

_FIELDS: dict[str, str] = {
    "id": "id 编号 代号 代码 编码 code codeid 编码编号 代码编号 节点 node tag",
    "name": "名称 编码名称 代码名称 节点名称 编码名 代码名 名字 标签 name codename nodename title label",
    "parent": (
        "上级 上级编码 上级代码 上位编码 上位 父级 父编码 父代码 父节点 所属 所属编码 parent parentcode parentid "
        "parentnode broader"
    ),
    "brief": "简述 简介 简要定义 简短定义 概要 摘要 一句话 brief briefdefinition short shortdefinition summary",
    "definition": (
        "备忘 备忘录 编码备忘 代码备忘录 评论 注释 memo codememo comment comments codecomment "
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
_PROGRAM_HEADS: dict[str, str] = {
    "counts": (
        "grounded density codegroups groups files sources references numberofhighlights numberofdocuments depth "
        "weighted weightminimum weightmaximum weightdefault codedsegments codseg codsegalldocuments documents "
        "memocount createdon createdby created modifiedon modifiedby modified 扎根度 密度 编码组 代码组 文件 参考点 "
        "材料来源 引用 文档数 编码段 已编码文本段 创建日期 创建者 创建人 修改日期 修改者 修改人"
    ),
    "notes": "备忘 备忘录 编码备忘 代码备忘录 评论 注释 memo codememo comment comments codecomment",
}
_IN_PROGRAMS = frozenset(word for words in _PROGRAM_HEADS.values() for word in words.split())
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


def is_program_head(words: str) -> bool:
    """Say whether a column head is one of those that other programs put beside their codes.

    >>> is_program_head("Grounded"), is_program_head("number of highlights"), is_program_head("Comment")
    (True, True, True)
    """
    joined = _joined(_APART.sub("", _plain(words)))
    return joined in _IN_PROGRAMS


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


# --- Several rules or examples in one piece of text: taken apart, and put together.

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_NUMBER = re.compile(r"\s*(?:\(?\d{1,2}\s?[.、．)）](?!\d)|[-•·*●]\s)\s*")
_ARROW = re.compile(r"\s*→\s*([^\s→]+)\s*$")
_SENT = re.compile(
    r"[（(](?:请|应|改)?(?:归入|归到|编入|编为|改用|用|见|use|see|coded? (?:as|under))[:：]?\s*([^（()）]+)[)）]",
    re.IGNORECASE,
)
_OR = re.compile(r"\s*(?:或者|或|、|,|，|/|\bor\b)\s*")
_TAIL = re.compile(r"\s*\[([^\[\]]*)\]\s*$")


def clean(text: str) -> str:
    """Return a cell's text with its line breaks as line breaks and its entities as characters."""
    return _BREAK.sub("\n", html.unescape(text)).replace("\r\n", "\n").strip()


def items_of(text: str) -> list[str]:
    r"""Return the items of a cell: its numbered lines, else its lines, else what semicolons part.

    >>> items_of("1. 想家；哭\n2. 盼过年"), items_of("想家；盼过年")
    (['想家；哭', '盼过年'], ['想家', '盼过年'])
    """
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        return []
    if is_numbered(lines[0]):
        return _numbered(text.split("\n"))
    pieces = lines if len(lines) > 1 else re.split(r"[；;]", lines[0])
    return [piece.strip() for piece in pieces if piece.strip()]


def is_numbered(text: str) -> bool:
    """Say whether a cell's items are numbered or have bullets."""
    return _NUMBER.match(text) is not None


def _numbered(lines: Iterable[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        mark = _NUMBER.match(line)
        if mark:
            items.append(line[mark.end() :])
        elif items:
            items[-1] += f"\n{line}"
    return [item.strip() for item in items if item.strip()]


def text_of(items: Sequence[str]) -> str:
    """Return items as numbered lines."""
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, 1))


def paired(zh: str, en: str) -> list[tuple[str, str]]:
    """Return the items of two cells side by side; where one cell has fewer, the missing ones are empty."""
    left, right = items_of(zh), items_of(en)
    size = max(len(left), len(right))
    return list(zip(left + [""] * (size - len(left)), right + [""] * (size - len(right)), strict=True))


def rule_of(zh: str, en: str, names: Names) -> Rule:
    """Return a rule. The neighbour is named after an arrow, or in brackets after words such as 归入 and use."""
    arrow = _ARROW.search(zh) or _ARROW.search(en)
    text = Bilingual(zh=_ARROW.sub("", zh), en=_ARROW.sub("", en))
    if arrow:
        return Rule(text=text, use=names.get(arrow[1].casefold(), arrow[1]))
    sent = [word for each in (zh, en) for hit in _SENT.finditer(each) for word in _OR.split(hit[1].strip())]
    return Rule(text=text, use=next((names[word.casefold()] for word in sent if word.casefold() in names), None))


def rule_items(rules: Iterable[Rule], language: str) -> str:
    """Return rules as numbered lines in one language, each with its neighbour after an arrow."""
    return text_of([rule_item(rule, language) for rule in rules])


def rule_item(rule: Rule, language: str) -> str:
    """Return one rule in one language."""
    said = rule.text.zh if language == "zh" else rule.text.en
    return f"{said} → {rule.use}" if rule.use else said


def example_of(zh: str, en: str, own: str, usual: Role, names: Names) -> Example:
    """Return an example. Its end may say in square brackets who speaks and, after an arrow, which code it takes."""
    tail = _TAIL.search(zh) or _TAIL.search(en)
    who, _, taken = tail[1].partition("→") if tail else ("", "", "")
    role = role_of_value(who.strip()) if who.strip() else usual
    if tail and role is None:
        tail, role, taken = None, usual, ""
    text = Bilingual(zh=_TAIL.sub("", zh), en=_TAIL.sub("", en)) if tail else Bilingual(zh=zh, en=en)
    taken = taken.strip() or _arrow(text)
    text = Bilingual(zh=_ARROW.sub("", text.zh), en=_ARROW.sub("", text.en))
    return Example(text=text, speaker=role or usual, code=names.get(taken.casefold(), taken) if taken else own)


def _arrow(text: Bilingual) -> str:
    arrow = _ARROW.search(text.zh) or _ARROW.search(text.en)
    return arrow[1] if arrow else ""


def example_items(examples: Iterable[Example], own: str, language: str) -> str:
    """Return examples as numbered lines in one language, each with its speaker and, where it is another, its code."""
    return text_of([example_item(example, own, language) for example in examples])


def example_item(example: Example, own: str, language: str) -> str:
    """Return one example in one language."""
    said = example.text.zh if language == "zh" else example.text.en
    taken = f" → {example.code}" if example.code != own else ""
    return f"{said} [{example.speaker.value}{taken}]"


Cells = Mapping[str, str]
_LIST = re.compile(r"\s*[,，、;；\n]\s*")
FIELDS = (
    "id", "parent", "name", "brief", "definition", "include", "exclude", "typical", "atypical", "close", "indicators",
    "speakers", "facets", "colour", "source",
)  # fmt: skip


def both(cells: Cells, field: str) -> tuple[str, str]:
    """Return a field in Chinese and English. A field that names no language stands for both."""
    plain = clean(cells.get(field, ""))
    return clean(cells.get(f"{field}_zh", "")) or plain, clean(cells.get(f"{field}_en", "")) or plain


def wording(cells: Cells, field: str) -> Bilingual:
    """Return a field as one wording in both languages."""
    zh, en = both(cells, field)
    return Bilingual(zh=zh, en=en)


def code_of(cells: Cells, code_id: str, parent: str | None, names: Names) -> Code:
    """Return the code that the cells tell of. Neighbours may be named by id or by name."""
    speakers = tuple(role for word in _words(cells, "speakers") if (role := role_of_value(word)))
    usual = speakers[0] if len(speakers) == 1 else Role.OTHER
    examples = {kind: _examples(cells, kind, code_id, usual, names) for kind in ("typical", "atypical", "close")}
    return Code(
        id=code_id, parent=found(parent, names) if parent else None, name=_name(cells, code_id),
        brief=wording(cells, "brief"), definition=wording(cells, "definition"),
        include=_rules(cells, "include", names), exclude=_rules(cells, "exclude", names), **examples,
        indicators=_words(cells, "indicators"), speakers=speakers, facets=_facets(cells),
        colour=colour_of(cells.get("colour", "")), source=clean(cells.get("source", "")),
    )  # fmt: skip


def _name(cells: Cells, code_id: str) -> Bilingual:
    name = wording(cells, "name")
    return name if name.zh or name.en else Bilingual(zh=code_id, en=code_id)


def unknown_speakers(cells: Cells) -> tuple[str, ...]:
    """Return the words among the speakers that name no role."""
    return tuple(word for word in _words(cells, "speakers") if role_of_value(word) is None)


def _words(cells: Cells, field: str) -> tuple[str, ...]:
    text = clean(cells.get(field, ""))
    return tuple(items_of(text) if is_numbered(text) else (word for word in _LIST.split(text) if word))


def _rules(cells: Cells, field: str, names: Names) -> tuple[Rule, ...]:
    return tuple(rule_of(zh, en, names) for zh, en in paired(*both(cells, field)))


def _examples(cells: Cells, field: str, own: str, usual: Role, names: Names) -> tuple[Example, ...]:
    return tuple(example_of(zh, en, own, usual, names) for zh, en in paired(*both(cells, field)))


def _facets(cells: Cells) -> dict[str, tuple[str, ...]]:
    facets: dict[str, tuple[str, ...]] = {}
    for line in re.split(r"[\n;；]", clean(cells.get("facets", ""))):
        name, mark, values = line.partition("=")
        if mark:
            facets[name.strip()] = tuple(value for value in _LIST.split(values.strip()) if value)
    return facets


def cells_of(code: Code) -> dict[str, str]:
    """Return a code as cells, fields with words in both languages under ``field_zh`` and ``field_en``."""
    cells = {
        "id": code.id, "parent": code.parent or "", "indicators": _listed(code.indicators),
        "speakers": "、".join(code.speakers), "facets": facets_text(code.facets), "colour": code.colour,
        "source": code.source,
    }  # fmt: skip
    for language in ("zh", "en"):
        for field in ("name", "brief", "definition"):
            cells[f"{field}_{language}"] = getattr(code, field).said(language)
        for field in ("include", "exclude"):
            cells[f"{field}_{language}"] = rule_items(getattr(code, field), language)
        for field in ("typical", "atypical", "close"):
            cells[f"{field}_{language}"] = example_items(getattr(code, field), code.id, language)
    return cells


def _listed(words: tuple[str, ...]) -> str:
    text = "、".join(words)
    return text if tuple(_LIST.split(text)) == words else text_of(words)


def facets_text(facets: Mapping[str, tuple[str, ...]]) -> str:
    """Return facets as one line: ``level=micro, meso; maslow=safety``."""
    return "; ".join(f"{name}={', '.join(values)}" for name, values in facets.items())


def columns() -> list[str]:
    """Return the keys of ``cells_of`` in the order in which a table shows them."""
    return [key for field in FIELDS for key in ((f"{field}_zh", f"{field}_en") if field in BILINGUAL else (field,))]


# --- A code as one labelled text, for programs whose codes have a description and nothing else; and back.

_LABEL = re.compile(r"([^\n:：]{1,40})[:：][ \t]*(.*)")
_LEFT_OUT = frozenset({"parent", "colour"})


def code_description(code: Code, languages: Sequence[Language] = ("zh", "en")) -> str:
    """Return everything a coder needs to apply ``code``, in labelled sections that ``load_codebook`` reads back.

    Parent and colour are left out: programs that hold a description hold those in their own places.
    """
    cells = cells_of(code)
    return "\n\n".join(
        f"{TITLES[field]}{f' ({language})' if language else ''}:{_body(cells[key])}"
        for field, language, key in _keys(languages)
        if cells[key]
    )


def _body(text: str) -> str:
    return f"\n{text}" if "\n" in text or text.startswith("1. ") else f" {text}"


def _keys(languages: Sequence[Language]) -> Iterator[tuple[str, str, str]]:
    for field in FIELDS:
        if field in BILINGUAL:
            yield from ((field, language, f"{field}_{language}") for language in languages)
        elif field not in _LEFT_OUT:
            yield field, "", field


def sections_of(text: str, usual: str = "definition") -> dict[str, str]:
    r"""Return the labelled sections of a text as cells. What stands before the first label goes under ``usual``.

    >>> sections_of("纳入: 说想家；盼回来\n排除: 只说没人管（归入family）", "include")
    {'include': '说想家；盼回来', 'exclude': '只说没人管（归入family）'}
    """
    cells: dict[str, str] = {}
    key = usual
    for line in clean(text).split("\n"):
        parts = _LABEL.fullmatch(line)
        known = label(parts[1]) if parts else None
        if parts and known:
            key = f"{known.field}_{known.language}" if known.language else known.field
        said = parts[2] if parts and known else line
        cells[key] = f"{cells[key]}\n{said}" if key in cells else said
    return {key: value.strip() for key, value in cells.items() if value.strip()}
