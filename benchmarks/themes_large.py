"""The comparison of the benchmark themes on two larger sets.

Truths: the first theme that the researchers gave to a review (hlcta-appreviews); the recording that a passage comes
from (spoken-l1: weak, for people change the subject). All else is as in the benchmark themes.
"""

from pathlib import Path
from typing import Any

from benchmarks.themes import PACKAGES as USED
from benchmarks.themes import compared

NAME = "themes_large"
QUESTION = "Do candidate themes of larger sets agree with what is known, and stay the same?"
DATA = ("hlcta-appreviews", "spoken-l1")
SEED = 0
PACKAGES = USED


def main(data: Path) -> dict[str, Any]:
    """Return, for each set, one row a method."""
    return compared(data, DATA)
