"""YAML as plain values that know their line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError

if TYPE_CHECKING:
    import yaml

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
        raise InputError(
            f"line {line}: not readable as YAML ({fault.problem}); check indents, colons and quotes there"
        ) from fault
    except yaml.YAMLError as fault:
        raise InputError(f"not readable as YAML ({str(fault).splitlines()[0]}); save it again as UTF-8 text") from fault


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
        raise InputError(f"line {line}: anchors and aliases (& and *) are not read in a codebook; write the text out")
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
