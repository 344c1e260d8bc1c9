"""Candidate themes as a study keeps them: plain records with passages by id."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundTheme:
    """A candidate theme.

    ``participants`` says how many speak of it, ``stability`` is from 0 to 1; ``status`` is "covered", "splits",
    "merges", "mixed" or "new" beside the codebook, with the codes it stands beside, and "" where nothing is coded or
    suggested.
    """

    id: int
    name: str
    keywords: tuple[str, ...]
    passages: tuple[str, ...]
    typical: tuple[str, ...]
    participants: int
    stability: float | None = None
    status: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StudyThemes:
    """Themes found at one time among ``passages`` passages, largest first."""

    encoder: str
    seed: int
    passages: int
    themes: tuple[FoundTheme, ...]
    time: str = ""
