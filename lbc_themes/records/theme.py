"""A candidate theme: passages that belong together, for a person to judge."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Theme:
    """One candidate theme.

    ``id`` is its label in ``ThemeModel.labels_``; ``passages`` are positions in the input to ``fit``; ``keywords`` are
    its most telling words, best first; ``typical`` are the positions of the passages nearest its centre, best first.
    """

    id: int
    name: str
    passages: tuple[int, ...]
    keywords: tuple[str, ...]
    typical: tuple[int, ...]
    parent: int | None = None
    stability: float | None = None
