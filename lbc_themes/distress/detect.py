"""Words in a passage that a person should look at for the sake of the one who spoke them."""

from collections.abc import Iterable, Sequence

from lbc_themes.distress.cue import DistressCue, DistressKind
from lbc_themes.distress.patterns import Match, matches, neutral
from lbc_themes.distress.score import Weights, loudest, score, shipped_weights
from lbc_themes.text.simplify import simplified

_WORDING = 0.2
_SPEECH = 10


def distress_cues(text: str) -> tuple[DistressCue, ...]:
    """Return the words of ``text`` that may speak of suicide, self-harm, violence, abuse or neglect; mostly none.

    It is a prompt for a person, never a diagnosis and no measure of risk. A cue says: somebody trained should read
    this passage and follow the study's safeguarding procedure. No cue says nothing at all: about one passage in ten
    that speaks of such things is missed, so the transcripts must still be read.

    Patterns come first; everyday exaggeration (累死了, 想死我了), denials of being beaten and deaths of relatives or
    animals are passed over, while a denial of suicide is a mention and stays. Where no pattern stands in the text, a
    small linear score of its characters may raise one cue of the kind ``unclear`` with a low strength; its words are
    those that weighed most.

    Args:
        text: One passage, in simplified or traditional characters.

    Returns:
        Cues in the order of the text, as exact slices of it; cues of one kind do not overlap.

    >>> [(cue.kind.value, cue.text) for cue in distress_cues("累死了。我有时候不想活了")]
    [('suicide', '不想活')]
    """
    return cues_with(text, shipped_weights())


def cues_with(text: str, weights: Weights) -> tuple[DistressCue, ...]:
    """Return what `distress_cues` does, scored with other weights."""
    copy = simplified(text)
    found = _without_overlaps(matches(copy)) or _of_wording(copy, weights)
    return tuple(
        DistressCue(kind=m.kind, start=m.start, end=m.end, text=text[m.start : m.end], strength=m.strength)
        for m in found
    )


def _without_overlaps(found: Iterable[Match]) -> list[Match]:
    kept: list[Match] = []
    for match in sorted(found, key=lambda m: (-m.strength, m.start - m.end, m.start)):
        if not any(match.kind == k.kind and match.start < k.end and k.start < match.end for k in kept):
            kept.append(match)
    return sorted(kept, key=lambda m: (m.start, m.end))


def _of_wording(copy: str, weights: Weights) -> Sequence[Match]:
    plain = neutral(copy)
    if _is_idiom_alone(copy, plain) or score(plain, weights) < weights.threshold:
        return ()
    start, end = loudest(plain, weights)
    return (Match(kind=DistressKind.UNCLEAR, strength=_WORDING, start=start, end=end),)


def _is_idiom_alone(copy: str, plain: str) -> bool:
    """Say whether hardly anything is said besides idioms; then the score has nothing to go by."""
    left = sum(character.isalpha() for character in plain)
    return left == 0 or (plain != copy and left < _SPEECH)
