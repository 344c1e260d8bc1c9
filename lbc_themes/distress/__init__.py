"""Distress: words that a person should look at for the sake of the one who spoke them. Never a diagnosis."""

from lbc_themes.distress.cue import DistressCue, DistressKind
from lbc_themes.distress.detect import distress_cues

__all__ = ["DistressCue", "DistressKind", "distress_cues"]
