"""What a run is asked for and what it gives."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.core.records import Codebook, Passage, Suggestion, Transcript

if TYPE_CHECKING:
    from lbc_themes.safeguards.distress import DistressCue
    from lbc_themes.themes import ThemeMap, ThemeModel


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The choices of a run. ``cache`` is the file of the vector cache; None keeps no vectors."""

    source: Path
    codebook: str
    out: Path
    seed: int = 0
    encoder: str = "e5-small-zh.v1"
    top: int = 3
    form: str | None = None
    cache: Path | None = None
    pictures: str = "none"
    force: bool = False


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A file that could not be read, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """Everything a run found; ``distress`` is aligned with ``passages``."""

    options: RunOptions
    codebook: Codebook
    transcripts: list[Transcript]
    unread: list[Unread]
    passages: list[Passage]
    suggestions: list[Suggestion]
    distress: list[tuple["DistressCue", ...]]
    themes: "ThemeModel"
    theme_map: "ThemeMap"
    seconds: dict[str, float]
