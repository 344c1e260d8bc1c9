"""One entry of a .yaml codebook, read part by part."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lbc_themes.codebook.naming import Names, found
from lbc_themes.codebook.problem import Problem, error
from lbc_themes.codebook.yaml_tree import Node
from lbc_themes.core.records import Bilingual, Example, Role, Rule
from lbc_themes.reading.vocabulary import role_of_value


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
            self._fault(held, "facets 应是“名称: [值, …]”", "facets is a mapping from a facet to its values")
            return {}
        return {
            name: tuple(self._one(item, name) for item in (node.value if isinstance(node.value, tuple) else (node,)))
            for name, node in held.value.items()
        }

    def _fault(self, node: Node, zh: str, en: str) -> None:
        self.problems.append(error(zh, en, code=self.id, line=node.line))

    def _one(self, node: Node, key: str) -> str:
        if node.value is None or isinstance(node.value, str):
            return (node.value or "").strip()
        self._fault(node, f"{key} 应是一段文字", f"{key} is one text, not a list or mapping")
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
            zh = f"{key} 里有不认识的键：{unknown}；可用 {known}"
            self._fault(node, zh, f"{key} holds {unknown}; allowed are {known}")
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
            zh = f"{key} 是 {word or '空的'}，可用 {allowed}"
            self._fault(node, zh, f"{key} is {word or 'empty'}; allowed are {allowed}")
        return role or Role.OTHER
