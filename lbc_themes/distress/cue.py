"""A cue of distress: the words that made a passage worth a person's look."""

from dataclasses import dataclass
from enum import StrEnum


class DistressKind(StrEnum):
    """What the words speak of. It says which page of a safeguarding procedure to open, and nothing of the speaker."""

    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    VIOLENCE = "violence"
    ABUSE = "abuse"
    NEGLECT = "neglect"
    UNCLEAR = "unclear"


@dataclass(frozen=True, kw_only=True, slots=True)
class DistressCue:
    """Words that may speak of distress, as the half-open slice ``[start, end)`` of the text they stand in.

    ``strength`` is between 0 and 1: how plainly such words speak of it in general. It is no probability and no measure
    of risk. ``violence`` is the wish or threat to hurt others; hurt that is done to a person is ``abuse``. ``unclear``
    marks wording that resembles such speech without any of the known turns of phrase.
    """

    kind: DistressKind
    start: int
    end: int
    text: str
    strength: float
