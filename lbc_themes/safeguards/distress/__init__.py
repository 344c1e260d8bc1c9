"""Distress: words that a person should look at for the sake of the one who spoke them. Never a diagnosis."""

from lbc_themes.safeguards.distress.detection import (
    DISTRESS,
    DistressCue,
    DistressKind,
    distress_cues,
    reason_given,
    status_given,
    without_small_talk,
)

__all__ = [
    "DISTRESS",
    "DistressCue",
    "DistressKind",
    "distress_cues",
    "reason_given",
    "status_given",
    "without_small_talk",
]
