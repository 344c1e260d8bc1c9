"""Ids and parents."""

from collections.abc import Iterator

from lbc_themes.codebook.draft import Draft
from lbc_themes.codebook.naming import id_of, is_id
from lbc_themes.codebook.problem import Problem, error


def check_ids(draft: Draft) -> Iterator[Problem]:
    """Yield codes without an id, ids of a wrong form, ids that stand twice; and say where there are no codes at all."""
    seen: dict[str, str] = {}
    for code, place in draft.numbered():
        line = place.of("id")
        if not code.id:
            yield place.error("id", "没有 id，也没有名称；至少写一个", "it has neither an id nor a name; give one")
        elif not is_id(code.id):
            zh = f"id {code.id} 只能用文字、数字、点、横线和下划线，如 {id_of(code.id)}"
            en = f"an id is of letters, digits, points, hyphens and underscores; {id_of(code.id)} would do"
            yield place.error("id", zh, en)
        elif code.id in seen:
            yield place.error(
                "id", "id 重复；每个 id 只能用一次", f"the id stands{seen[code.id]} already; ids must be unique"
            )
        seen.setdefault(code.id, f" at {draft.unit} {line}" if line else " before")
    if not draft.codes:
        yield error("编码本里没有编码", "there are no codes in it; a codebook holds at least one")


def check_parents(draft: Draft) -> Iterator[Problem]:
    """Yield parents that are no codes of the codebook."""
    known = {code.id for code in draft.codes}
    for code, place in draft.numbered():
        if code.parent is not None and code.parent not in known:
            en = f"its parent {code.parent} is not in the codebook; name a code of it or leave parent empty"
            yield place.error("parent", f"上级 {code.parent} 不在编码本里；改成已有的编码，或留空", en)


def check_circles(draft: Draft) -> Iterator[Problem]:
    """Yield circles of parents, each once, at its first code."""
    above = {code.id: code.parent for code in draft.codes}
    told: set[str] = set()
    for code, place in draft.numbered():
        path, parent = [code.id], code.parent
        while parent is not None and parent not in path:
            path.append(parent)
            parent = above.get(parent)
        if parent == code.id and not told & set(path):
            told |= set(path)
            way = " > ".join([*path, code.id])
            yield place.error("parent", f"上级绕成了圈：{way}", f"parents go round in a circle: {way}")
