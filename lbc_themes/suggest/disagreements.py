"""Where coder and machine disagree: likely slips of the coder, and codes that are mixed up. Nothing is changed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Coding, Passage
from lbc_themes.suggest.calibration import sigmoid
from lbc_themes.suggest.features import Floats
from lbc_themes.suggest.learner import Learner

SURE = 0.5
LEAST_HALF = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Slip:
    """A passage whose coding looks unlike the coder's other codings.

    ``given`` are the codes it has and ``expected`` the code that its neighbours speak for. ``doubt``, from 0 to 1, is
    the probability of ``expected`` less that of the least likely code given (0 where none is given).
    """

    passage_id: str
    given: tuple[str, ...]
    expected: str
    doubt: float


@dataclass(frozen=True, kw_only=True, slots=True)
class MixedUp:
    """Two codes that passages go back and forth between: their definitions may not tell them apart.

    ``passages`` are those coded with the one where the other is expected; ``share`` is how many that is of the passages
    that have either.
    """

    codes: tuple[str, str]
    passages: tuple[str, ...]
    share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Disagreements:
    """A worklist for a person: ``slips``, the most doubtful first, and ``mixed_up`` codes, the most mixed up first."""

    slips: tuple[Slip, ...]
    mixed_up: tuple[MixedUp, ...]


def coded_sets(codings: Sequence[Coding], passages: Sequence[Passage]) -> list[set[str]]:
    """Return the codes on each passage: a coding counts where it overlaps half of the passage or half of itself.

    Refuses codings of several coders: each has slips of their own.
    """
    coders = sorted({coding.coder for coding in codings})
    if len(coders) != 1:
        raise InputError(
            message("suggest.one_coder_for_disagreements", count=len(coders), coders=[*coders] or message("core.none"))
        )
    by_transcript: dict[str, list[Coding]] = {}
    for coding in codings:
        by_transcript.setdefault(coding.transcript_id, []).append(coding)
    return [{c.code_id for c in by_transcript.get(p.transcript_id, []) if _counts(c, p)} for p in passages]


def _counts(coding: Coding, passage: Passage) -> bool:
    shared = sum(max(0, min(end, coding.end) - max(start, coding.start)) for start, end in passage.spans)
    return shared > 0 and shared >= LEAST_HALF * min(coding.end - coding.start, len(passage.text))


def disagreements_of(
    passages: Sequence[Passage], codes: Sequence[str], targets: Floats, learner: Learner | None
) -> Disagreements:
    """Compare each passage's codes with left-out probabilities.

    A passage is a likely slip where a code that was not given is likelier than not and likelier than a code that was
    given (self-confidence of labels, as in Northcutt et al. 2021, "Confident Learning", with left-out probabilities).
    """
    if learner is None:
        return Disagreements(slips=(), mixed_up=())
    probabilities = sigmoid(learner.left_out_)
    slips: list[Slip] = []
    pairs: dict[tuple[int, ...], list[str]] = {}
    for row, passage in enumerate(passages):
        given = np.flatnonzero(targets[row]).tolist()
        others = np.where(targets[row] > 0, -np.inf, probabilities[row])
        expected = int(np.argmax(others))
        least = float(probabilities[row, given].min()) if len(given) else 0.0
        if others[expected] > SURE and others[expected] > least:
            names = tuple(codes[i] for i in given)
            doubt = float(others[expected]) - least
            slips.append(Slip(passage_id=passage.id, given=names, expected=codes[expected], doubt=doubt))
        if len(given) and others[expected] > least:
            weakest = given[int(np.argmin(probabilities[row, given]))]
            pairs.setdefault(tuple(sorted((weakest, expected))), []).append(passage.id)
    mixed = [_mixed_up(codes, pair, ids, targets) for pair, ids in pairs.items() if len(ids) > 1]
    return Disagreements(
        slips=tuple(sorted(slips, key=lambda slip: -slip.doubt)),
        mixed_up=tuple(sorted(mixed, key=lambda found: (-found.share, found.codes))),
    )


def _mixed_up(codes: Sequence[str], pair: tuple[int, ...], ids: list[str], targets: Floats) -> MixedUp:
    either = int((targets[:, list(pair)].sum(axis=1) > 0).sum())
    return MixedUp(codes=(codes[pair[0]], codes[pair[1]]), passages=tuple(ids), share=len(ids) / either)
