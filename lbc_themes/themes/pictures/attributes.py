"""Who voices which code: codes by an attribute of the participants."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from lbc_themes.errors import InputError
from lbc_themes.records import Bilingual, Codebook, Language
from lbc_themes.themes.pictures.style import heatmap, laid_out

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_TITLE = Bilingual(
    zh="编码与受访者属性：提到该编码的受访者比例", en="Codes by attribute: share of participants who voice each"
)


def code_attribute_matrix(
    codes: Mapping[str, Iterable[str]],
    attributes: Mapping[str, Mapping[str, str]],
    by: str,
    codebook: Codebook,
    language: Language = "zh",
) -> "Figure":
    """Return codes (rows, those that were seen) by the values of an attribute.

    ``codes`` are the codes of each participant, ``attributes`` their attributes; ``by`` names one ("role", "gender").
    A cell is the share of the participants with that value who voice the code; the column says how many they are.
    """
    people: dict[str, list[str]] = {}
    for person in codes:
        if value := attributes.get(person, {}).get(by, ""):
            people.setdefault(value, []).append(person)
    if not people:
        have = sorted({key for own in attributes.values() for key in own})
        raise InputError(f"no participant has the attribute {by!r}; known: {', '.join(have) or 'none'}")
    own = {person: set(said) for person, said in codes.items()}
    seen = set().union(*own.values())
    rows = [code for code in codebook if code.id in seen]
    values = [[sum(c.id in own[p] for p in people[v]) / len(people[v]) for v in sorted(people)] for c in rows]
    columns = [f"{value}（{len(people[value])}）" for value in sorted(people)]
    hover = "%{customdata[0]}<br>%{customdata[1]}<br>%{z:.0%}<extra></extra>"
    figure = heatmap(values, [code.name.said(language) for code in rows], columns, hover=hover, percent=True)
    return laid_out(figure, _TITLE, language)
