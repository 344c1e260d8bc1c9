"""A code and a codebook, with everything a coder needs to apply it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from lbc_themes.errors import InputError
from lbc_themes.records.bilingual import Bilingual, Language
from lbc_themes.records.transcript import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """When to use a code, or when not to; then ``use`` names the neighbouring code to take instead."""

    text: Bilingual
    use: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A sentence written for the codebook. ``code`` is the code it really takes."""

    text: Bilingual
    speaker: Role
    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """One code of a codebook. ``indicators`` are words and turns of phrase that often carry it in speech."""

    id: str
    name: Bilingual
    brief: Bilingual
    definition: Bilingual
    include: tuple[Rule, ...] = ()
    exclude: tuple[Rule, ...] = ()
    typical: tuple[Example, ...] = ()
    atypical: tuple[Example, ...] = ()
    close: tuple[Example, ...] = ()
    indicators: tuple[str, ...] = ()
    parent: str | None = None
    speakers: tuple[Role, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    colour: str = "#888888"
    source: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Utterance:
    """One more way in which codes are voiced: a sentence with its codes, the main one first; none means small talk."""

    text: str
    language: Language
    speaker: Role
    code_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Codebook:
    """Codes in their order. Ids are unique and parents form a forest.

    ``utterances`` are further invented sentences, kept apart from the codes because there are too many to read while
    coding; the suggester learns from them before anything is coded by hand.

    >>> book = Codebook(id="b", version="1", name=Bilingual(zh="书", en="book"), codes=())
    >>> len(book)
    0
    """

    id: str
    version: str
    name: Bilingual
    codes: tuple[Code, ...]
    source: str = ""
    utterances: tuple[Utterance, ...] = ()

    def __post_init__(self) -> None:
        """Refuse ids that come twice, parents that are missing, and parents that go round in a circle."""
        ids = [code.id for code in self.codes]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise InputError(f"codebook {self.id}: code ids must be unique; these come twice: {', '.join(twice)}")
        for code in self.codes:
            if code.parent is not None and code.parent not in self._by_id:
                raise InputError(
                    f"codebook {self.id}: code {code.id} names the parent {code.parent}, which is not in it; "
                    "name one of its codes, or none"
                )
            self._walk_up(code.id)
        strangers = sorted({i for u in self.utterances for i in u.code_ids if i not in self._by_id})
        if strangers:
            raise InputError(
                f"codebook {self.id}: its utterances name codes that are not in it: {', '.join(strangers)}; "
                "add the codes, or leave these utterances out"
            )

    @cached_property
    def _by_id(self) -> dict[str, Code]:
        return {code.id: code for code in self.codes}

    def _walk_up(self, code_id: str) -> list[str]:
        path, parent = [code_id], self._by_id[code_id].parent
        while parent is not None:
            if parent in path:
                circle = " > ".join([*path, parent])
                raise InputError(
                    f"codebook {self.id}: parents go round in a circle: {circle}; give one of them no parent"
                )
            path.append(parent)
            parent = self._by_id[parent].parent
        return path[1:]

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def __contains__(self, code_id: object) -> bool:
        return code_id in self._by_id

    def __getitem__(self, code_id: str) -> Code:
        if code_id not in self._by_id:
            raise InputError(f"codebook {self.id} has no code {code_id!r}; its codes are {', '.join(self._by_id)}")
        return self._by_id[code_id]

    @property
    def ids(self) -> tuple[str, ...]:
        """Code ids in codebook order."""
        return tuple(code.id for code in self.codes)

    def ancestors(self, code_id: str) -> tuple[str, ...]:
        """Return the parent of ``code_id``, its parent, and so on to the root."""
        return tuple(self._walk_up(self[code_id].id))

    def children(self, code_id: str) -> tuple[Code, ...]:
        """Return the codes directly below ``code_id``."""
        return tuple(code for code in self.codes if code.parent == self[code_id].id)

    def subset(self, code_ids: Iterable[str]) -> "Codebook":
        """Return a codebook of the named codes and everything below them, in codebook order."""
        wanted = {self[code_id].id for code_id in code_ids}
        kept = [code for code in self.codes if wanted & {code.id, *self._walk_up(code.id)}]
        ids = {code.id for code in kept}
        codes = tuple(c if c.parent in ids else replace(c, parent=None) for c in kept)
        return replace(self, codes=codes, utterances=tuple(_within(self.utterances, ids)))


def _within(utterances: Iterable[Utterance], ids: set[str]) -> Iterator[Utterance]:
    for utterance in utterances:
        code_ids = tuple(i for i in utterance.code_ids if i in ids)
        if code_ids or not utterance.code_ids:
            yield replace(utterance, code_ids=code_ids)
