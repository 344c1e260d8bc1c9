"""Themes as a table."""

from collections.abc import Sequence

import pandas as pd

from lbc_themes.core.records import Theme
from lbc_themes.themes.intervals import wilson
from lbc_themes.themes.material import Material

COLUMNS = (
    "theme", "name", "parent", "passages", "share", "participants", "participants_share", "participants_low",
    "participants_high", "stability", "keywords", "typical", "speaker",
)  # fmt: skip


def frame_of(material: Material, themes: Sequence[Theme]) -> pd.DataFrame:
    """Return one row a theme, with a 95 % Wilson interval of the share of participants who speak of it."""
    return pd.DataFrame([_row(material, theme) for theme in themes], columns=list(COLUMNS))


def _row(material: Material, theme: Theme) -> dict[str, object]:
    people = {group for group in material.groups if group}
    who = {material.groups[i] for i in theme.passages} - {""}
    share, low, high = wilson(len(who), len(people))
    best = theme.typical[0]
    return {
        "theme": theme.id,
        "name": theme.name,
        "parent": theme.parent,
        "passages": len(theme.passages),
        "share": len(theme.passages) / len(material),
        "participants": len(who),
        "participants_share": share,
        "participants_low": low,
        "participants_high": high,
        "stability": theme.stability,
        "keywords": "、".join(theme.keywords),
        "typical": material.texts[best],
        "speaker": material.passages[best].speaker if material.passages else material.groups[best],
    }
