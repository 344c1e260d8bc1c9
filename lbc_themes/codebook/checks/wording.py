"""Definitions and languages."""

from collections.abc import Iterator

from lbc_themes.codebook.draft import Draft
from lbc_themes.codebook.problem import Problem
from lbc_themes.core.records import Bilingual, Code

SHORTEST = 12


def check_definitions(draft: Draft) -> Iterator[Problem]:
    """Yield codes with neither a definition nor a brief: errors, or warnings where the form allows such codes."""
    for code, place in draft.numbered():
        if any((code.definition.zh, code.definition.en, code.brief.zh, code.brief.en)):
            continue
        zh, en = "没有定义，也没有简述；写明什么算、什么不算", "it has neither a definition nor a brief; write one"
        if draft.bare:
            yield place.warning("", f"{zh}，现在以名称代替", f"{en}, for now its name stands in")
        else:
            yield place.error("", zh, en)


def check_lengths(draft: Draft) -> Iterator[Problem]:
    """Yield definitions too short to tell the code from its neighbours."""
    for code, place in draft.numbered():
        words = code.definition if code.definition.zh or code.definition.en else code.brief
        if 0 < max(_size(words.zh), _size(words.en)) < SHORTEST:
            zh = "定义太短，两个编码员难以据此判断一致；写明什么算、什么不算"
            en = "the definition is too short for two coders to agree by it; say what belongs and what does not"
            yield place.warning("definition", zh, en)


def _size(text: str) -> int:
    """Return how much a text says: a Chinese character counts one, a word in another script two."""
    ideographs = [letter for letter in text if "\u3400" <= letter <= "\u9fff"]
    others = "".join(" " if letter in ideographs else letter for letter in text)
    return len(ideographs) + 2 * sum(any(letter.isalnum() for letter in word) for word in others.split())


def check_languages(draft: Draft) -> Iterator[Problem]:
    """Yield wordings that stand in one language only."""
    for code, place in draft.numbered():
        for part, words in _wordings(code):
            if bool(words.zh) != bool(words.en):
                zh, en = ("英文", "English") if words.zh else ("中文", "Chinese")
                yield place.warning(
                    part, f"{part} 没有{zh}，以另一种文字代替", f"{part} has no {en}; the other language stands in"
                )


def _wordings(code: Code) -> Iterator[tuple[str, Bilingual]]:
    yield from (("name", code.name), ("brief", code.brief), ("definition", code.definition))
    for part in ("include", "exclude", "typical", "atypical", "close"):
        yield from ((f"{part}.{number}", item.text) for number, item in enumerate(getattr(code, part)))
