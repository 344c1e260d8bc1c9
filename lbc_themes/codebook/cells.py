"""One code as named pieces of text, the way a row of a table or a labelled description holds it."""

import re
from collections.abc import Mapping

from lbc_themes.codebook.colours import colour_of
from lbc_themes.codebook.items import (
    clean,
    example_items,
    example_of,
    is_numbered,
    items_of,
    paired,
    rule_items,
    rule_of,
    text_of,
)
from lbc_themes.codebook.naming import Names, found
from lbc_themes.codebook.words import BILINGUAL
from lbc_themes.core.records import Bilingual, Code, Example, Role, Rule
from lbc_themes.reading.vocabulary import role_of_value

Cells = Mapping[str, str]
_LIST = re.compile(r"\s*[,，、;；\n]\s*")
FIELDS = (
    "id", "parent", "name", "brief", "definition", "include", "exclude", "typical", "atypical", "close", "indicators",
    "speakers", "facets", "colour", "source",
)  # fmt: skip


def both(cells: Cells, field: str) -> tuple[str, str]:
    """Return a field in Chinese and English. A field that names no language stands for both."""
    plain = clean(cells.get(field, ""))
    return clean(cells.get(f"{field}_zh", "")) or plain, clean(cells.get(f"{field}_en", "")) or plain


def wording(cells: Cells, field: str) -> Bilingual:
    """Return a field as one wording in both languages."""
    zh, en = both(cells, field)
    return Bilingual(zh=zh, en=en)


def code_of(cells: Cells, code_id: str, parent: str | None, names: Names) -> Code:
    """Return the code that the cells tell of. Neighbours may be named by id or by name."""
    speakers = tuple(role for word in _words(cells, "speakers") if (role := role_of_value(word)))
    usual = speakers[0] if len(speakers) == 1 else Role.OTHER
    examples = {kind: _examples(cells, kind, code_id, usual, names) for kind in ("typical", "atypical", "close")}
    return Code(
        id=code_id, parent=found(parent, names) if parent else None, name=_name(cells, code_id),
        brief=wording(cells, "brief"), definition=wording(cells, "definition"),
        include=_rules(cells, "include", names), exclude=_rules(cells, "exclude", names), **examples,
        indicators=_words(cells, "indicators"), speakers=speakers, facets=_facets(cells),
        colour=colour_of(cells.get("colour", "")), source=clean(cells.get("source", "")),
    )  # fmt: skip


def _name(cells: Cells, code_id: str) -> Bilingual:
    name = wording(cells, "name")
    return name if name.zh or name.en else Bilingual(zh=code_id, en=code_id)


def unknown_speakers(cells: Cells) -> tuple[str, ...]:
    """Return the words among the speakers that name no role."""
    return tuple(word for word in _words(cells, "speakers") if role_of_value(word) is None)


def _words(cells: Cells, field: str) -> tuple[str, ...]:
    text = clean(cells.get(field, ""))
    return tuple(items_of(text) if is_numbered(text) else (word for word in _LIST.split(text) if word))


def _rules(cells: Cells, field: str, names: Names) -> tuple[Rule, ...]:
    return tuple(rule_of(zh, en, names) for zh, en in paired(*both(cells, field)))


def _examples(cells: Cells, field: str, own: str, usual: Role, names: Names) -> tuple[Example, ...]:
    return tuple(example_of(zh, en, own, usual, names) for zh, en in paired(*both(cells, field)))


def _facets(cells: Cells) -> dict[str, tuple[str, ...]]:
    facets: dict[str, tuple[str, ...]] = {}
    for line in re.split(r"[\n;；]", clean(cells.get("facets", ""))):
        name, mark, values = line.partition("=")
        if mark:
            facets[name.strip()] = tuple(value for value in _LIST.split(values.strip()) if value)
    return facets


def cells_of(code: Code) -> dict[str, str]:
    """Return a code as cells, fields with words in both languages under ``field_zh`` and ``field_en``."""
    cells = {
        "id": code.id, "parent": code.parent or "", "indicators": _listed(code.indicators),
        "speakers": "、".join(code.speakers), "facets": facets_text(code.facets), "colour": code.colour,
        "source": code.source,
    }  # fmt: skip
    for language in ("zh", "en"):
        for field in ("name", "brief", "definition"):
            cells[f"{field}_{language}"] = getattr(code, field).said(language)
        for field in ("include", "exclude"):
            cells[f"{field}_{language}"] = rule_items(getattr(code, field), language)
        for field in ("typical", "atypical", "close"):
            cells[f"{field}_{language}"] = example_items(getattr(code, field), code.id, language)
    return cells


def _listed(words: tuple[str, ...]) -> str:
    text = "、".join(words)
    return text if tuple(_LIST.split(text)) == words else text_of(words)


def facets_text(facets: Mapping[str, tuple[str, ...]]) -> str:
    """Return facets as one line: ``level=micro, meso; maslow=safety``."""
    return "; ".join(f"{name}={', '.join(values)}" for name, values in facets.items())


def columns() -> list[str]:
    """Return the keys of ``cells_of`` in the order in which a table shows them."""
    return [key for field in FIELDS for key in ((f"{field}_zh", f"{field}_en") if field in BILINGUAL else (field,))]
