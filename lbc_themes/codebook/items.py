"""Several rules or examples in one piece of text: taken apart, and put together."""

import html
import re
from collections.abc import Iterable, Sequence

from lbc_themes.codebook.naming import Names
from lbc_themes.core.records import Bilingual, Example, Role, Rule
from lbc_themes.reading.vocabulary import role_of_value

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
