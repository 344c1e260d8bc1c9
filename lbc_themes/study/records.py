"""How far a study has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


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
    """Themes found at one time among ``passages`` passages, largest first.

    ``set_aside`` are the ids of passages taken to be small talk or logistics and set aside before, in their order.
    """

    encoder: str
    seed: int
    passages: int
    themes: tuple[FoundTheme, ...]
    time: str = ""
    set_aside: tuple[str, ...] = ()


# --- What people do with candidate themes: steps on the board, each a line of the log.

ThemeAction = Literal["rename", "move", "merge", "split", "map", "take"]


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptTheme:
    """A theme as the machine had found it when a person first did something with it; the most typical come first."""

    name: str
    passages: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    stability: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ThemeEdit:
    """One step on the board.

    ``theme`` is the key of the theme that was changed or made, where ``others`` were merged and ``passages`` moved to.
    ``name`` is its new name, ``code`` the code that it belongs to. ``kept`` are the machine's themes that this step
    touched first.
    """

    action: ThemeAction
    theme: str
    others: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    name: str = ""
    code: str = ""
    why: str = ""
    kept: Mapping[str, KeptTheme] = field(default_factory=dict)
