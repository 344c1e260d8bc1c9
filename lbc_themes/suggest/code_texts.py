"""What is known of the codes before anything is coded: their descriptions and their examples, by language."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Code, Codebook, Language
from lbc_themes.encoding import TextKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """One code in one language: ``label`` for the dense view, ``words`` for the lexical view."""

    label: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """An example of codes: positions in the codes, the main one first; none for small talk.

    ``own`` means that it stands in the codebook's entry itself, and may be quoted to a coder as such.
    """

    text: str
    language: Language
    codes: tuple[int, ...]
    own: bool


def described(codebook: Codebook | None, names: Sequence[str] | None, language: Language) -> list[Described]:
    """Return what describes each code in ``language``; a bare name describes itself in both."""
    if codebook is None:
        return [Described(label=name, words=name) for name in names or ()]
    return [_described(code, language) for code in codebook]


def _described(code: Code, language: Language) -> Described:
    name, brief, definition = (part.said(language) for part in (code.name, code.brief, code.definition))
    included = [rule.text.said(language) for rule in code.include]
    examples = [example.text.said(language) for example in (*code.typical, *code.atypical)]
    indicators = code.indicators if language == "zh" else ()
    return Described(
        label=f"{name}：{brief}{definition}",
        words="\n".join([name, name, name, brief, definition, *included, *examples, *indicators]),
    )


def shown(codebook: Codebook | None) -> list[Shown]:
    """Return every example of the codebook in its language, its entries' own first."""
    if codebook is None:
        return []
    position = {code_id: i for i, code_id in enumerate(codebook.ids)}
    languages: tuple[Language, ...] = ("zh", "en")
    own = [
        Shown(text=example.text.said(language), language=language, codes=(position[code.id],), own=True)
        for language in languages
        for code in codebook
        for example in (*code.typical, *code.atypical)
        if language == "zh" or example.text.en != example.text.zh
    ]
    further = [
        Shown(text=u.text, language=u.language, codes=tuple(position[i] for i in u.code_ids), own=False)
        for u in codebook.utterances
    ]
    return own + further


def code_ids(codebook: Codebook | None, names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the codes' ids, after checking that one of codebook and names is given, and that no id comes twice."""
    if (codebook is None) == (names is None):
        raise InputError("CodeSuggester takes a codebook or codes=[...], exactly one of the two")
    ids = _names(names) if names is not None else _ids(codebook)
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if len(ids) < 2 or twice:
        raise InputError(f"CodeSuggester needs two or more codes, none of them twice; got {len(ids)}, twice: {twice}")
    return ids


def bare_names(codebook: Codebook | None, names: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the names that stand in place of a codebook, checked as ``code_ids`` does; None where there is one."""
    ids = code_ids(codebook, names)
    return ids if codebook is None else None


def _ids(codebook: object) -> tuple[str, ...]:
    if not isinstance(codebook, Codebook):
        raise InputError(f"codebook must be a Codebook, such as load_codebook(...) returns, not {codebook!r:.60}")
    return codebook.ids


def _names(names: object) -> tuple[str, ...]:
    if isinstance(names, str | AbstractSet | Mapping) or not isinstance(names, Iterable):
        raise InputError(f"codes must be a list of names, in the order that columns are to have, not {names!r:.60}")
    found = tuple(names)
    for place, name in enumerate(found):
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"codes[{place}] is {name!r}; a code's name is a string that is not blank")
    return tuple(str(name) for name in found)


def texts_to_encode(codebook: Codebook) -> dict[TextKind, list[str]]:
    """Return every text of the codebook that is encoded to rank by it, by kind."""
    languages: tuple[Language, ...] = ("zh", "en")
    labels = [code.label for language in languages for code in described(codebook, None, language)]
    return {"query": labels, "passage": [example.text for example in shown(codebook)]}
