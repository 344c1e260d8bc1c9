"""Passages that somebody trained should read first, those of no clear kind apart."""

from dataclasses import dataclass

from lbc_themes.core.records import Passage
from lbc_themes.safeguards.distress import DistressCue, DistressKind, distress_cues

Flagged = tuple[Passage, tuple[DistressCue, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Flags:
    """``plain`` are passages with known turns of phrase; ``unclear`` those with wording that merely resembles it."""

    plain: tuple[Flagged, ...]
    unclear: tuple[Flagged, ...]


def flags_in(passages: tuple[Passage, ...]) -> Flags:
    """Return the passages that may speak of distress, in the order of speech."""
    found = [(passage, cues) for passage in passages if (cues := distress_cues(passage.text))]
    unclear = [(p, cues) for p, cues in found if all(cue.kind is DistressKind.UNCLEAR for cue in cues)]
    plain = [(p, cues) for p, cues in found if any(cue.kind is not DistressKind.UNCLEAR for cue in cues)]
    return Flags(plain=tuple(plain), unclear=tuple(unclear))
