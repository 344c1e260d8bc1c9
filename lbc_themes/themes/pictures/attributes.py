"""Who voices which code: codes by an attribute of the participants."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import word_table
from lbc_themes.core.records import Bilingual, Codebook, Language
from lbc_themes.themes.pictures.style import heatmap, laid_out

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_TITLE = Bilingual(
    zh="编码与受访者属性：提到该编码的受访者比例", en="Codes by attribute: share of participants who voice each"
)


def code_attribute_matrix(
    codes: Mapping[str, Iterable[str]],
    attributes: Mapping[str, Mapping[str, str]],
    by: str | Sequence[str],
    codebook: Codebook,
    language: Language = "zh",
) -> "Figure":
    """Return codes (rows, those that were seen) by the values of one attribute, or of several side by side.

    ``codes`` are the codes of each participant, ``attributes`` their attributes; ``by`` names one ("role", "gender") or
    several. A cell is the share of the participants with that value who voice the code; the column says how many they
    are.
    """
    own = {person: set(said) for person, said in codes.items()}
    seen = set().union(*own.values())
    rows = [code for code in codebook if code.id in seen]
    columns: list[tuple[str, list[str]]] = []
    for name in [by] if isinstance(by, str) else by:
        columns += [("", [])] * bool(columns) + _columns(name, own, attributes, language)
    values = [[sum(c.id in own[p] for p in who) / len(who) if who else None for _, who in columns] for c in rows]
    hover = "%{customdata[0]}<br>%{customdata[1]}<br>%{z:.0%}<extra></extra>"
    labels = [f"{value}（{len(who)}）" if who else "" for value, who in columns]
    figure = heatmap(values, [code.name.said(language) for code in rows], labels, hover=hover, percent=True)
    return laid_out(figure, _TITLE, language, margin={"t": 90})


def _columns(
    by: str, codes: Mapping[str, set[str]], attributes: Mapping[str, Mapping[str, str]], language: Language
) -> list[tuple[str, list[str]]]:
    people: dict[str, list[str]] = {}
    for person in codes:
        if value := attributes.get(person, {}).get(by, ""):
            people.setdefault(value, []).append(person)
    if not people:
        have = sorted({key for own in attributes.values() for key in own})
        raise InputError(f"no participant has the attribute {by!r}; known: {', '.join(have) or 'none'}")
    return [(_said(by, value, language), people[value]) for value in sorted(people)]


def _said(by: str, value: str, language: Language) -> str:
    roles = word_table("words.roles")
    if by == "role" and value in roles:
        return roles[value].said(language)
    return f"{by} {value}" if value.isdecimal() else value
