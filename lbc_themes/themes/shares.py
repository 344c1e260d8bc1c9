"""Who speaks of a theme: participants by role and attribute, with intervals."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Transcript
from lbc_themes.themes.intervals import wilson
from lbc_themes.themes.material import Material

if TYPE_CHECKING:
    import pandas as pd

    from lbc_themes.themes.model import ThemeModel

Attributes = Mapping[str, Mapping[str, str]]
COLUMNS = ("theme", "name", "attribute", "value", "participants", "of", "share", "low", "high")
EVERYONE = "all"


def shares_of(
    model: "ThemeModel",
    by: str | Sequence[str] | None = None,
    attributes: Attributes | Iterable[Transcript] | None = None,
) -> "pd.DataFrame":
    """Return, for each theme and each value of each attribute, how many participants speak of it.

    Participants are the groups of ``fit``. ``attributes`` maps each to its attributes ("gender", "age", ...), or are
    the transcripts, whose metadata are taken; "role" comes from the passages where it is not among them. ``by`` is the
    role where nothing else is said and roles are known. The first row of a theme, with the attribute "all", counts
    everyone. ``low`` and ``high`` bound the share at 95 % (Wilson).
    """
    import pandas as pd

    known = attribute_values(model.material_, attributes)
    if isinstance(by, str):
        by = (by,)
    if by is None:
        by = ("role",) if any("role" in own for own in known.values()) else ()
    for name in by:
        if not any(name in own for own in known.values()):
            have = sorted({key for own in known.values() for key in own})
            raise InputError(f"no participant has the attribute {name!r}; known: {', '.join(have) or 'none'}")
    rows = [
        row
        for theme in model.themes_
        for who in [{model.material_.groups[i] for i in theme.passages} - {""}]
        for row in _rows(theme.id, theme.name, who, by, known)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def attribute_values(
    material: Material, attributes: Attributes | Iterable[Transcript] | None
) -> dict[str, dict[str, str]]:
    """Return the attributes of each participant in the material, role included."""
    given: Attributes = (
        attributes
        if isinstance(attributes, Mapping)
        else {
            name: each.metadata for each in attributes or () for name in (each.id, each.metadata.get("participant", ""))
        }
    )
    known: dict[str, dict[str, str]] = {}
    for group, role in zip(material.groups, material.roles, strict=True):
        if group and group not in known:
            known[group] = ({"role": role} if role else {}) | {k: v for k, v in given.get(group, {}).items() if v}
    return known


def _rows(
    theme: int, name: str, who: set[str], by: Sequence[str], known: Mapping[str, Mapping[str, str]]
) -> Iterable[tuple[object, ...]]:
    yield (theme, name, EVERYONE, EVERYONE, len(who), len(known), *wilson(len(who), len(known)))
    for attribute in by:
        for value in sorted({own[attribute] for own in known.values() if attribute in own}):
            people = {person for person, own in known.items() if own.get(attribute) == value}
            yield theme, name, attribute, value, len(who & people), len(people), *wilson(len(who & people), len(people))
