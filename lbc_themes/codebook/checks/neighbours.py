"""Which code to take instead."""

from collections.abc import Iterator

from lbc_themes.codebook.draft import Draft
from lbc_themes.codebook.problem import Problem
from lbc_themes.core.records import Code


def _named(code: Code) -> Iterator[tuple[str, str, str]]:
    for part in ("include", "exclude"):
        yield from ((f"{part}.{n}", "use", rule.use) for n, rule in enumerate(getattr(code, part)) if rule.use)
    for part in ("typical", "atypical", "close"):
        yield from ((f"{part}.{n}", "code", example.code) for n, example in enumerate(getattr(code, part)))


def check_named(draft: Draft) -> Iterator[Problem]:
    """Yield rules and examples that name something other than a code of the codebook, or rules that name their own."""
    known = {code.id for code in draft.codes}
    for code, place in draft.numbered():
        for part, key, named in _named(code):
            if named not in known:
                zh = f"{part} 的 {key} 是 {named}，编码本里没有"
                yield place.error(part, zh, f"{key} in {part} is {named}, which is not a code of the codebook")
            elif named == code.id and key == "use":
                zh = f"{part} 的 use 是本编码自己，应写相邻的编码"
                yield place.error(part, zh, f"use in {part} is the code itself; name the neighbour")


def check_unnamed(draft: Draft) -> Iterator[Problem]:
    """Yield rules against using a code, and close examples, that do not name the code to take instead."""
    for code, place in draft.numbered():
        for number, rule in enumerate(code.exclude):
            if rule.use is None:
                en = "a rule against using it does not name the code to use instead (use)"
                yield place.warning(f"exclude.{number}", "排除规则没有说改用哪个编码（use）", en)
        for number, example in enumerate(code.close):
            if example.code == code.id:
                en = "a close example does not name the code it really takes (code)"
                yield place.warning(f"close.{number}", "易混例子没有说它真正属于哪个编码（code）", en)
