"""Codebooks as .yaml, read with the line of every value and written to be edited by people."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.codebook.draft import Draft, Names, Problem, colour_of, error, found, id_of, names_of, warning
from lbc_themes.core.errors import InputError
from lbc_themes.core.files import write_private
from lbc_themes.core.messages import message
from lbc_themes.core.records import Bilingual, Code, Codebook, Example, Role, Rule
from lbc_themes.reading.vocabulary import role_of_value

if TYPE_CHECKING:
    import yaml


# --- YAML as plain values that know their line.

_DEEPEST = 50
_DEEP = "lists and mappings are nested too deep for a codebook; four levels are enough"


@dataclass(frozen=True, slots=True)
class Node:
    """A text, a list or a mapping, or None for nothing. ``twice`` has the lines of keys that a mapping holds again."""

    line: int
    value: "str | tuple[Node, ...] | Mapping[str, Node] | None"
    twice: Mapping[str, int] = field(default_factory=dict)

    def get(self, key: str) -> "Node":
        """Return what a mapping holds under ``key``, or an empty node at its own line."""
        return self.value.get(key, Node(self.line, None)) if isinstance(self.value, Mapping) else Node(self.line, None)


def tree_of(text: str) -> Node:
    """Return the one document of a YAML text. Scalars stay the text they are: 1.0 is "1.0". Aliases are refused."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(text, Loader=loader)
        return Node(1, None) if root is None else _node(root, set())
    except RecursionError as fault:
        raise InputError(_DEEP) from fault
    except yaml.MarkedYAMLError as fault:
        if _is_deep(text):
            raise InputError(_DEEP) from fault
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        raise InputError(message("codebook.line_readable_yaml_check", line=line, problem=fault.problem)) from fault
    except yaml.YAMLError as fault:
        raise InputError(message("codebook.readable_yaml_save_again", splitlines=str(fault).splitlines()[0])) from fault


def _is_deep(text: str) -> bool:
    """Say whether brackets are nested deeper than any codebook needs: parsers refuse that, each in its own words."""
    depth = 0
    for bracket in re.findall(r"[][{}]", text):
        depth += 1 if bracket in "[{" else -1
        if depth > _DEEPEST:
            return True
    return False


def _node(node: "yaml.Node", seen: set[int]) -> Node:
    import yaml

    line = node.start_mark.line + 1
    if id(node) in seen:
        raise InputError(message("codebook.line_anchors_aliases_read", line=line))
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return Node(line, None if node.tag == "tag:yaml.org,2002:null" else node.value)
    if isinstance(node, yaml.SequenceNode):
        return Node(line, tuple(_node(item, seen) for item in node.value))
    held: dict[str, Node] = {}
    twice: dict[str, int] = {}
    for key, value in node.value:
        word = str(key.value)
        if word in held:
            twice[word] = key.start_mark.line + 1
        held[word] = _node(value, seen)
    return Node(line, held, twice)


# --- One entry of a .yaml codebook, read part by part.


@dataclass(kw_only=True, slots=True)
class Entry:
    """The node of one code. Reading it collects the ``lines`` of its parts and the ``problems`` of their form."""

    node: Node
    id: str
    names: Names
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note the lines of the parts."""
        self.lines[""] = self.node.line
        for key, part in self.node.value.items() if isinstance(self.node.value, Mapping) else ():
            self.lines[key] = part.line
            for number, item in enumerate(part.value if isinstance(part.value, tuple) else ()):
                self.lines[f"{key}.{number}"] = item.line

    def text(self, key: str) -> str:
        """Return a part that is one text in no language."""
        return self._one(self.node.get(key), key)

    def wording(self, key: str) -> Bilingual:
        """Return a part in both languages."""
        return self._bilingual(self.node.get(key), key)

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; a single text is a list of one."""
        return tuple(word for node in self._list(key) if (word := self._one(node, key)))

    def roles(self, key: str) -> tuple[Role, ...]:
        """Return a list of speakers."""
        return tuple(self._role(node, key) for node in self._list(key))

    def rules(self, key: str) -> tuple[Rule, ...]:
        """Return a list of rules. A rule is a text, or ``{zh, en, use}``."""
        return tuple(
            Rule(text=self._bilingual(node, key, ("use",)), use=self._code(node.get("use"), "use") or None)
            for node in self._list(key)
        )

    def examples(self, key: str) -> tuple[Example, ...]:
        """Return a list of examples. An example is a text, or ``{zh, en, speaker, code}``."""
        speakers = [word for node in self._list("speakers") if isinstance(word := node.value, str)]
        usual = role_of_value(speakers[0]) if len(speakers) == 1 else None
        return tuple(
            Example(
                text=self._bilingual(node, key, ("speaker", "code")),
                speaker=self._role(said, "speaker") if (said := node.get("speaker")).value else usual or Role.OTHER,
                code=self._code(node.get("code"), "code") or self.id,
            )
            for node in self._list(key)
        )

    def facets(self) -> dict[str, tuple[str, ...]]:
        """Return the facets, each with its values."""
        held = self.node.get("facets")
        if held.value is None:
            return {}
        if not isinstance(held.value, Mapping):
            self._fault(held, message("codebook.facets_expected"))
            return {}
        return {
            name: tuple(self._one(item, name) for item in (node.value if isinstance(node.value, tuple) else (node,)))
            for name, node in held.value.items()
        }

    def _fault(self, node: Node, words: Bilingual) -> None:
        self.problems.append(error(words, code=self.id, line=node.line))

    def _one(self, node: Node, key: str) -> str:
        if node.value is None or isinstance(node.value, str):
            return (node.value or "").strip()
        self._fault(node, message("codebook.text_expected", name=key))
        return ""

    def _list(self, key: str) -> tuple[Node, ...]:
        held = self.node.get(key)
        if held.value is None:
            return ()
        return held.value if isinstance(held.value, tuple) else (held,)

    def _bilingual(self, node: Node, key: str, more: tuple[str, ...] = ()) -> Bilingual:
        if not isinstance(node.value, Mapping):
            word = self._one(node, key)
            return Bilingual(zh=word, en=word)
        unknown = ", ".join(sorted(set(node.value) - {"zh", "en", "text", *more}))
        if unknown:
            known = ", ".join(("zh", "en", *more))
            self._fault(node, message("codebook.unknown_keys", name=key, unknown=unknown, known=known))
        plain = self._one(node.get("text"), "text")
        return Bilingual(zh=self._one(node.get("zh"), "zh") or plain, en=self._one(node.get("en"), "en") or plain)

    def _code(self, node: Node, key: str) -> str:
        word = self._one(node, key)
        return found(word, self.names) if word else ""

    def _role(self, node: Node, key: str) -> Role:
        word = self._one(node, key)
        role = role_of_value(word) if word else None
        if role is None:
            allowed = ", ".join(Role)
            shown = word or message("codebook.empty_cell")
            self._fault(node, message("codebook.unknown_role", name=key, word=shown, allowed=allowed))
        return role or Role.OTHER


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
        raise InputError(message("codebook.line_codes_must_list", line=top.get("codes").line))
    codes, lines = [], []
    names = _names(entries)
    for node in entries:
        if not isinstance(node.value, Mapping):
            problems.append(error(message("codebook.code_mapping_expected"), line=node.line))
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
    return [error(message("codebook.unknown_schema", schema=schema, known=SCHEMA), line=top.get("schema").line)]


def _unknown(node: Node, keys: tuple[str, ...], code: str | None) -> Iterable[Problem]:
    for key, line in node.twice.items():
        yield error(message("codebook.key_twice", name=key), code=code, line=line)
    for key, value in node.value.items() if isinstance(node.value, Mapping) else ():
        if key not in keys:
            near = difflib.get_close_matches(key, keys, 1)
            said = (
                message("codebook.unknown_key_near", name=key, near=near[0])
                if near
                else message("codebook.unknown_key", name=key, known=", ".join(keys))
            )
            yield warning(said, code=code, line=value.line)


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


# --- A codebook as .yaml, laid out to be read and edited by people.

WIDTH = 118
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003fffd]"
)
_PLAIN = re.compile(r"[\w.\-]+(?: [\w.\-]+)*")
_PIECE = re.compile(r" ?(?:[\u3400-\u9fff]+[^\u3400-\u9fff ]*|[^\u3400-\u9fff ]+| )")
_RESERVED = re.compile(r"(?:null|true|false|yes|no|on|off|[\d.\-_+:]+|-.*)", re.IGNORECASE)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def write_yaml(codebook: Codebook, path: Path, head: str = "") -> None:
    """Write a codebook as .yaml. ``head`` is a comment to stand first, one line of it a line of comment."""
    write_private(path, "".join(f"{line}\n" for line in yaml_lines(codebook, head)))


def yaml_lines(codebook: Codebook, head: str = "") -> Iterator[str]:
    """Yield the lines of the file. The same codebook gives the same lines."""
    yield from (f"# {line}".rstrip() for line in head.splitlines())
    yield f"schema: {SCHEMA}"
    yield f"id: {_scalar(codebook.id)}"
    yield f"version: {quoted(codebook.version)}"
    yield from _bilingual("name", codebook.name, 0)
    yield from _text("source", codebook.source, 0)
    yield "codes:"
    for code in codebook:
        yield ""
        yield from _entry(code)


def _entry(code: Code) -> Iterator[str]:
    yield f"  - id: {_scalar(code.id)}"
    yield f"    parent: {_scalar(code.parent) if code.parent else 'null'}"
    yield from _bilingual("name", code.name, 4)
    yield from _bilingual("brief", code.brief, 4)
    yield from _bilingual("definition", code.definition, 4)
    yield from _rules("include", code.include)
    yield from _rules("exclude", code.exclude)
    for key in ("typical", "atypical", "close"):
        yield from _examples(key, getattr(code, key), code.id)
    yield from _list("indicators", code.indicators, 4)
    yield from _list("speakers", code.speakers, 4)
    if code.facets:
        yield "    facets:"
        for name, values in code.facets.items():
            yield from _list(_scalar(name), values, 6)
    yield f"    colour: {quoted(code.colour)}"
    yield from _text("source", code.source, 4)


def _bilingual(key: str, words: Bilingual, indent: int) -> Iterator[str]:
    yield f"{' ' * indent}{key}:"
    yield from _text("zh", words.zh, indent + 2)
    yield from _text("en", words.en, indent + 2)


def _rules(key: str, rules: Sequence[Rule]) -> Iterator[str]:
    if rules:
        yield f"    {key}:"
    for rule in rules:
        yield from _item([("zh", rule.text.zh), ("en", rule.text.en), *([("use", rule.use)] if rule.use else [])])


def _examples(key: str, examples: Sequence[Example], own: str) -> Iterator[str]:
    if examples:
        yield f"    {key}:"
    for each in examples:
        code = [("code", each.code)] if each.code != own else []
        yield from _item([("zh", each.text.zh), ("en", each.text.en), ("speaker", each.speaker.value), *code])


def _item(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    mark = "-"
    for key, value in pairs:
        lines = [f"{key}: {_scalar(value)}"] if key in {"use", "speaker", "code"} else list(_text(key, value, 8))
        yield f"      {mark} {lines[0].strip()}"
        yield from lines[1:]
        mark = " "


def _list(key: str, values: Sequence[str], indent: int) -> Iterator[str]:
    pieces = [f"{_scalar(value)}, " for value in values]
    if pieces:
        pieces[-1] = pieces[-1].removesuffix(", ") + "]"
        yield from _wrapped(f"{' ' * indent}{key}: [", pieces, indent + 2)


def _wrapped(line: str, pieces: Iterable[str], indent: int) -> Iterator[str]:
    for piece in pieces:
        if width(line) + width(piece.rstrip()) > WIDTH and line.strip():
            yield line.rstrip()
            line = " " * indent
        line += piece
    yield line.rstrip()


def _text(key: str, text: str, indent: int) -> Iterator[str]:
    """Yield a text in double quotes. Lines are joined with a space, or without one after a backslash."""
    whole = f"{' ' * indent}{key}: {quoted(text)}"
    if width(whole) <= WIDTH:
        yield whole
        return
    line = f'{" " * indent}{key}: "'
    for piece in _PIECE.findall(escaped(text)):
        if width(line) + width(piece) >= WIDTH:
            folds = len(piece) > 1 and piece[0] == " " and not line.endswith(" ")
            yield line if folds else f"{line}\\"
            line = " " * (indent + 2) + ("\\" if piece[0] == " " and not folds else "")
            line += piece[1:] if folds else piece
        else:
            line += piece
    yield f'{line}"'


def _scalar(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and not _RESERVED.fullmatch(text) else quoted(text)


def quoted(text: str) -> str:
    """Return ``text`` in double quotes."""
    return f'"{escaped(text)}"'


def escaped(text: str) -> str:
    """Return ``text`` as it stands between double quotes."""
    plain = "".join(_ESCAPES.get(letter, letter) for letter in text)
    return _UNPRINTED.sub(lambda hit: f"\\u{ord(hit[0]):04x}", plain)


def width(text: str) -> int:
    """Return how many columns ``text`` takes on a screen: a Chinese character takes two."""
    return len(text) + len(_WIDE.findall(text))
