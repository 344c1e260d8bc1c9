"""A .yaml codebook as a draft."""

import difflib
from collections.abc import Iterable, Mapping

from lbc_themes.codebook.colours import colour_of
from lbc_themes.codebook.draft import Draft
from lbc_themes.codebook.entry import Entry
from lbc_themes.codebook.naming import Names, found, id_of, names_of
from lbc_themes.codebook.problem import Problem, error, warning
from lbc_themes.codebook.yaml_tree import Node, tree_of
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Code

SCHEMA = "lbc-codebook/1"
_HEAD = ("schema", "id", "version", "name", "source", "codes")
_KEYS = (
    "id", "parent", "name", "brief", "definition", "include", "exclude", "typical", "atypical", "close", "indicators",
    "speakers", "facets", "colour", "source",
)  # fmt: skip


def read_yaml(text: str, stem: str) -> Draft:
    """Return the codes of a .yaml file: a mapping with ``codes`` in it, or only the list of codes."""
    root = tree_of(text)
    top = root if isinstance(root.value, Mapping) else Node(root.line, {"codes": root})
    problems = [*_unknown(top, _HEAD, None), *_schema(top)]
    entries = top.get("codes").value
    if not isinstance(entries, tuple):
        raise InputError(
            f"line {top.get('codes').line}: codes: must be a list of codes, each with an id and a definition"
        )
    codes, lines = [], []
    names = _names(entries)
    for node in entries:
        if not isinstance(node.value, Mapping):
            problems.append(
                error("每个编码都应写成“键: 值”", "a code is a mapping, with id: and definition:", line=node.line)
            )
            continue
        entry = Entry(node=node, id=_id(node), names=names)
        codes.append(_code(entry))
        lines.append(entry.lines)
        problems += [*_unknown(node, _KEYS, entry.id), *entry.problems]
    return Draft(
        id=_word(top, "id") or id_of(stem), version=_word(top, "version") or "1", name=_name(top, stem),
        source=_word(top, "source"), codes=tuple(codes), lines=tuple(lines), problems=tuple(problems),
    )  # fmt: skip


def _schema(top: Node) -> list[Problem]:
    schema = _word(top, "schema")
    if schema in {"", SCHEMA}:
        return []
    zh, en = f"schema 是 {schema}，本版只读 {SCHEMA}", f"the schema is {schema}; this version reads {SCHEMA}"
    return [error(zh, en, line=top.get("schema").line)]


def _unknown(node: Node, keys: tuple[str, ...], code: str | None) -> Iterable[Problem]:
    for key, line in node.twice.items():
        yield error(f"{key} 写了两次，只留一个", f"{key} stands twice; keep one", code=code, line=line)
    for key, value in node.value.items() if isinstance(node.value, Mapping) else ():
        if key not in keys:
            near = difflib.get_close_matches(key, keys, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(keys)}"
            zh = f"{key} 不是已知的键，没有读取" + (f"；是不是 {near[0]}？" if near else "")
            yield warning(zh, f"{key} is not a known key and is not read{hint}", code=code, line=value.line)


def _word(node: Node, key: str) -> str:
    value = node.get(key).value
    return value.strip() if isinstance(value, str) else ""


def _name(node: Node, instead: str) -> Bilingual:
    held = node.get("name")
    if isinstance(held.value, Mapping):
        return Bilingual(zh=_word(held, "zh"), en=_word(held, "en"))
    word = _word(node, "name") or instead
    return Bilingual(zh=word, en=word)


def _id(node: Node) -> str:
    name = _name(node, "")
    return _word(node, "id") or id_of(name.en or name.zh)


def _names(entries: tuple[Node, ...]) -> Names:
    return names_of((_id(node), _name(node, "")) for node in entries)


def _code(entry: Entry) -> Code:
    parent = entry.text("parent")
    return Code(
        id=entry.id, parent=found(parent, entry.names) if parent else None, name=_name(entry.node, entry.id),
        brief=entry.wording("brief"), definition=entry.wording("definition"),
        include=entry.rules("include"), exclude=entry.rules("exclude"), typical=entry.examples("typical"),
        atypical=entry.examples("atypical"), close=entry.examples("close"), indicators=entry.words("indicators"),
        speakers=entry.roles("speakers"), facets=entry.facets(), colour=colour_of(entry.text("colour")),
        source=entry.text("source"),
    )  # fmt: skip
