"""How far a study has come."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class CoderStatus:
    """What one coder has done so far: passages decided on, codings that stand (codes given), memos that stand."""

    coder: str
    passages: int
    codings: int
    memos: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """A study in numbers. ``decisions`` counts every decision ever recorded, ``retractions`` every one taken back.

    ``coders`` are people at their own coding; ``adjudicated`` counts passages with a decision in adjudication.
    """

    path: Path
    transcripts: int
    participants: int
    passages: int
    codebook: str
    codebook_version: str
    codes: int
    coders: tuple[CoderStatus, ...]
    decisions: int
    retractions: int
    memos: int
    runs: tuple[str, ...]
    suggested: int
    adjudicated: int = 0
    withdrawals: int = 0


# --- Candidate themes as a study keeps them: plain records with passages by id.


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
