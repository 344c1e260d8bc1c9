"""Distress: words that a person should look at for the sake of the one who spoke them. Never a diagnosis."""

from lbc_themes.safeguards.distress.detection import DistressCue, DistressKind, distress_cues

__all__ = ["DistressCue", "DistressKind", "distress_cues"]
