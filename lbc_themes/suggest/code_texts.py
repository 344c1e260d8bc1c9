"""What is known of the codes before anything is coded: their descriptions and their examples, by language."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.assets import codebook_path
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Code, Codebook, Language
from lbc_themes.encoding import TextKind


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeDescription:
    """One code in one language: ``label`` for the dense view, ``words`` for the lexical view."""

    label: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeExample:
    """An example of codes: positions in the codes, the main one first; none for small talk.

    ``own`` means that it stands in the codebook's entry itself, and may be quoted to a coder as such.
    """

    text: str
    language: Language
    codes: tuple[int, ...]
    own: bool


def code_descriptions(
    codebook: Codebook | None, names: Sequence[str] | None, language: Language
) -> list[CodeDescription]:
    """Return what describes each code in ``language``; a bare name describes itself in both."""
    if codebook is None:
        return [CodeDescription(label=name, words=name) for name in names or ()]
    return [_described(code, language) for code in codebook]


def _described(code: Code, language: Language) -> CodeDescription:
    name, brief, definition = (part.said(language) for part in (code.name, code.brief, code.definition))
    included = [rule.text.said(language) for rule in code.include]
    examples = [example.text.said(language) for example in (*code.typical, *code.atypical)]
    indicators = code.indicators if language == "zh" else ()
    return CodeDescription(
        label=f"{name}：{brief}{definition}",
        words="\n".join([name, name, name, brief, definition, *included, *examples, *indicators]),
    )


def code_examples(codebook: Codebook | None) -> list[CodeExample]:
    """Return every example of the codebook in its language, its entries' own first."""
    if codebook is None:
        return []
    position = {code_id: i for i, code_id in enumerate(codebook.ids)}
    languages: tuple[Language, ...] = ("zh", "en")
    own = [
        CodeExample(text=example.text.said(language), language=language, codes=(position[code.id],), own=True)
        for language in languages
        for code in codebook
        for example in (*code.typical, *code.atypical)
        if language == "zh" or example.text.en != example.text.zh
    ]
    further = [
        CodeExample(text=u.text, language=u.language, codes=tuple(position[i] for i in u.code_ids), own=False)
        for u in codebook.utterances
    ]
    return own + further


def code_ids(codebook: Codebook | None, names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the codes' ids, after checking that one of codebook and names is given, and that no id comes twice."""
    if (codebook is None) == (names is None):
        raise InputError(message("suggest.codebook_or_codes"))
    ids = _names(names) if names is not None else _ids(codebook)
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if len(ids) < 2 or twice:
        raise InputError(message("suggest.two_codes_or_more", count=len(ids), twice=twice))
    return ids


def bare_names(codebook: Codebook | None, names: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the names that stand in place of a codebook, checked as ``code_ids`` does; None where there is one."""
    ids = code_ids(codebook, names)
    return ids if codebook is None else None


def _ids(codebook: object) -> tuple[str, ...]:
    if not isinstance(codebook, Codebook):
        raise InputError(message("suggest.codebook_type", codebook=codebook))
    return codebook.ids


def _names(names: object) -> tuple[str, ...]:
    if isinstance(names, str | AbstractSet | Mapping) or not isinstance(names, Iterable):
        raise InputError(message("suggest.codes_type", names=names))
    found = tuple(names)
    for place, name in enumerate(found):
        if not isinstance(name, str) or not name.strip():
            raise InputError(message("suggest.code_name", place=place, name=name))
    return tuple(str(name) for name in found)


def texts_to_encode(codebook: Codebook) -> dict[TextKind, list[str]]:
    """Return every text of the codebook that is encoded to rank by it, by kind."""
    languages: tuple[Language, ...] = ("zh", "en")
    labels = [code.label for language in languages for code in code_descriptions(codebook, None, language)]
    return {"query": labels, "passage": [example.text for example in code_examples(codebook)]}


# --- What depends on a codebook alone and travels with the library for its own: words of its codes, what it teaches.
#
# Each part lies under a digest of all that it was made from. A codebook that was changed, or is another, is simply not
# there, and the part is worked out anew.

PREPARED_NAME = "prepared.v1.npz"

Arrays = dict[str, NDArray[Any]]


def digest(*made_from: object) -> str:
    """Return 32 hexadecimal digits that stand for ``made_from``, which must be of texts, numbers and lists of them."""
    return hashlib.sha256(json.dumps(made_from, ensure_ascii=True).encode()).hexdigest()[:32]


@cache
def _read(path: Path) -> Arrays:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def prepared(key: str, parts: Sequence[str]) -> list[NDArray[Any]] | None:
    """Return the arrays ``parts`` that were made from what ``key`` stands for, or None where they were not."""
    path = codebook_path(PREPARED_NAME)
    names = [f"{key}.{part}" for part in parts]
    known = _read(path) if path.is_file() else {}
    return [known[name] for name in names] if all(name in known for name in names) else None


def write_prepared(path: Path, parts: dict[str, Arrays]) -> None:
    """Write arrays by name, under the key of what they were made from, as ``prepared`` reads them."""
    arrays: Any = {f"{key}.{name}": part[name] for key, part in sorted(parts.items()) for name in sorted(part)}
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)
