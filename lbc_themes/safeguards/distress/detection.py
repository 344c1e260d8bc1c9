"""Words in a passage that a person should look at for the sake of the one who spoke them."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from lbc_themes.core.records import Suggestion
from lbc_themes.text.words import lines_of_file, simplified

# Cues


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
    of risk. ``violence`` is the wish or the threat to hurt others, or that the speaker hit them; hurt that others do
    to a person is ``abuse``. ``unclear`` marks a death by accident, and wording that resembles such speech without
    any of the known turns of phrase.
    """

    kind: DistressKind
    start: int
    end: int
    text: str
    strength: float


# Patterns: turns of phrase that speak of distress (cues.tsv), and those that only sound like it (guards.tsv)

_DATA = Path(__file__).parent / "data"
_MASK = "□"


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Where a pattern stands in a text of simplified characters."""

    kind: DistressKind
    strength: float
    start: int
    end: int


@cache
def _rows(name: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split("\t")) for _, line in lines_of_file(_DATA / name))


@cache
def _guards() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((row[0], re.compile(row[1])) for row in _rows("guards.tsv"))


@cache
def _cues() -> tuple[tuple[DistressKind, float, re.Pattern[str]], ...]:
    return tuple((DistressKind(kind), float(strength), re.compile(rule)) for kind, strength, rule in _rows("cues.tsv"))


def masked(text: str) -> str:
    """Return ``text`` of the same length with idioms, degrees and denials struck out.

    >>> masked("累死了，也想死")
    '□□□，也想死'
    """
    kept = [match.span() for kind, rule in _guards() if kind == "keep" for match in rule.finditer(text)]
    characters = list(text)
    for kind, rule in _guards():
        for match in rule.finditer(text) if kind != "keep" else ():
            # "不是死了，是走了" says what happened instead, whoever stands before it.
            if kind == "corrected" or not any(start < match.end() and match.start() < end for start, end in kept):
                characters[match.start() : match.end()] = _MASK * (match.end() - match.start())
    return "".join(characters)


def neutral(text: str) -> str:
    """Return ``text`` with what `masked` strikes out made commas, as the linear score reads it."""
    return masked(text).replace(_MASK, "，")


def matches(text: str) -> Iterator[Match]:
    """Yield where the patterns of ``data/cues.tsv`` stand in ``text`` (simplified characters), rule by rule."""
    plain = masked(text)
    for kind, strength, rule in _cues():
        for match in rule.finditer(plain):
            own = kind is DistressKind.ABUSE and _by_the_speaker(plain, match)
            yield Match(
                kind=DistressKind.VIOLENCE if own else kind, strength=strength, start=match.start(), end=match.end()
            )


_BY_ME = "[被让遭](?:我|俺|咱)(?:们|俩)?"
_BY_ME_BEFORE = re.compile(rf"{_BY_ME}[^，。！？；：、\s爸妈爹娘爷奶哥姐弟妹叔伯舅姑姨婶嫂公婆老继后]{{0,2}}$")
_HIT_BY_ME = re.compile(rf"{_BY_ME}(?![爸妈爹娘爷奶哥姐弟妹叔伯舅姑姨婶嫂公婆老继后班家的])")
_MY_KIN = "爸妈爹娘爷奶哥姐弟妹叔伯舅姑姨婶嫂公婆老继后班家的"
_I_HIT = re.compile(
    rf"(?<![打揍骂踢抽扇推拿让叫被给挨遭怕对跟和拉逼吼])(?:我|俺|咱)(?:们|俩)?(?![{_MY_KIN}])"
    r"[^，。！？；：、\s被让给挨遭叫怕看见听他她谁人爸妈爷奶哥姐弟妹叔]{0,8}$"
)
_AT_ME = re.compile(r"(?:我|俺|咱)(?:们)?(?![弟妹哥姐爸妈爹娘爷奶儿女娃孩侄同班])")
_HIT = re.compile("[打揍踢砸推掐抽捶扇踹砍捅咬]")


_BACK = 80  # characters in which who hit whom is looked for
_ME = "(?:我|俺|咱)(?:们|俩)?"
_NEAR = "(?:弟弟?|妹妹?|同学|同桌)"
_OTHER = f"(?:他|她|它|人家|别人|对方|那(?:个|家伙|小子|人)|[我俺]?{_NEAR})(?:们)?"
_SAID = r"[^，。！？；：、\s]"
_HITS = "(?:打|揍|踢|砸|推|掐|抽|捶|扇|踹|咬|撞|挠|动(?:了|的)?手)"
# Who hit whom in a clause before: 我打他, 我把他打, 是我先动的手; 他打我, 他把我打, 我被打, 我挨打.
_I_HIT_BEFORE = re.compile(
    rf"(?<![被让叫给挨遭对跟和]){_ME}(?![{_MY_KIN}])(?:忍不住|气不过|(?![被让叫挨遭不没他她]){_SAID})*?"
    rf"(?:{_HITS}(?!不过|架)|[把将]{_OTHER}{_SAID}{{0,6}}?{_HITS})(?!{_ME}(?!弟|妹|同))"
)
_I_WAS_HIT = re.compile(
    rf"{_HITS}(?:了|过|的|得|着|破|伤)*{_ME}(?![弟妹同])|[把将被对给]{_ME}{_SAID}{{0,6}}?{_HITS}"
    rf"|{_ME}(?:(?![打揍]){_SAID}){{0,4}}[被挨遭]"
)
_DONE_TO_OTHERS = re.compile(rf"[给把将]{_OTHER}")
_TO_OTHERS_BEFORE = re.compile(rf"{_DONE_TO_OTHERS.pattern}{_SAID}{{0,6}}$")
_I_DO_TO_OTHERS = re.compile(rf"{_ME}(?![{_MY_KIN}])(?:(?![他她爸妈]){_SAID}){{0,6}}{_TO_OTHERS_BEFORE.pattern}")
_I_ACTED = re.compile(rf"(?:^|[，。！？；：、\s]){_ME}(?![{_MY_KIN}])(?:(?![看听说他她]){_SAID})*[，。！？；：、\s]+$")


def _by_the_speaker(text: str, match: re.Match[str]) -> bool:
    """Say whether the speaker is who hits: 我打同学, 被我打哭; not 我爸打我, 我被打, 我怕他打人.

    给他打 and 把他打 have no subject of their own: the last clause before that says who hit whom decides.
    """
    if not _HIT.search(match[0]):
        return False
    start = max(0, match.start() - _BACK)
    if match[0][0] in "被让遭":
        return _HIT_BY_ME.match(match[0]) is not None
    if match[0][0] in "给把将" and _DONE_TO_OTHERS.match(match[0]):
        return _last_hit_was_mine(text, match.start())
    if match[0][0] in "挨给叫把将":
        return False
    if _BY_ME_BEFORE.search(text, start, match.start()):
        return True
    others = _TO_OTHERS_BEFORE.search(text, start, match.start())
    if others is not None and (not others.start() or text[others.start() - 1] in "，。！？；：、 "):
        return _last_hit_was_mine(text, others.start())
    if match[0][-1] == "血":
        mine = _I_DO_TO_OTHERS.search(text, start, match.start()) is not None
        return mine or _last_hit_was_mine(text, match.start())
    hits = _I_HIT.search(text, start, match.start()) is not None
    return hits and _AT_ME.search(text, match.start(), min(match.end() + 1, len(text))) is None


def _last_hit_was_mine(text: str, end: int) -> bool:
    """Say whether, of the blows told of before ``end``, the last was the speaker's."""
    mine = max((match.end() for match in _I_HIT_BEFORE.finditer(text, max(0, end - _BACK), end)), default=-1)
    theirs = max((match.end() for match in _I_WAS_HIT.finditer(text, max(0, end - _BACK), end)), default=-1)
    acted = text[end] in "把将" and _I_ACTED.search(text, max(0, end - _BACK), end) is not None
    return acted if mine == theirs else mine > theirs


# A linear score for wordings that no pattern foresees, learned from characters and character pairs

_WEIGHTS = Path(__file__).parent / "data" / "weights.json"
_LONGEST_NGRAM = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """Weights of characters and character pairs: ``ngrams`` maps each to its inverse document frequency and weight."""

    ngrams: Mapping[str, tuple[float, float]]
    intercept: float
    threshold: float


@cache
def shipped_weights() -> Weights:
    """Return the weights that travel with the library (see ``data/weights.md``)."""
    raw = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    ngrams = {ngram: (float(idf), float(weight)) for ngram, (idf, weight) in raw["ngrams"].items()}
    return Weights(ngrams=ngrams, intercept=raw["intercept"], threshold=raw["threshold"])


def _ngrams(text: str, weights: Weights) -> Iterator[tuple[int, str]]:
    for size in range(1, _LONGEST_NGRAM + 1):
        for start in range(len(text) - size + 1):
            ngram = text[start : start + size]
            if ngram in weights.ngrams:
                yield start, ngram


def _parts(text: str, weights: Weights) -> dict[str, float]:
    counts = Counter(ngram for _, ngram in _ngrams(text, weights))
    values = {ngram: (1 + math.log(count)) * weights.ngrams[ngram][0] for ngram, count in counts.items()}
    length = math.sqrt(sum(value * value for value in values.values())) or 1.0
    return {ngram: value / length * weights.ngrams[ngram][1] for ngram, value in values.items()}


def score(text: str, weights: Weights) -> float:
    """Return the decision value of ``text``: logistic regression on TF-IDF with sublinear counts, length one."""
    return sum(_parts(text, weights).values()) + weights.intercept


def loudest(text: str, weights: Weights) -> tuple[int, int]:
    """Return the slice of ``text`` whose characters add most to its score (the largest sum of any run)."""
    parts = _parts(text, weights)
    shares = [0.0] * len(text)
    for start, ngram in _ngrams(text, weights):
        for at in range(start, start + len(ngram)):
            shares[at] += parts[ngram] / len(ngram)
    best, span, total, start = 0.0, (0, len(text)), 0.0, 0
    for at, share in enumerate(shares):
        if total <= 0:
            total, start = 0.0, at
        total += share
        if total > best:
            best, span = total, (start, at + 1)
    return span


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


# Suggestions

DISTRESS = "distress"
"""Why a passage with words of distress gets no suggestion, in place of being called small talk or too short."""
_DISMISSED = ("nothing-fits", "too-short", "other-topic")


def reason_given(suggestion: Suggestion, cues: Sequence[DistressCue]) -> str:
    """Return why a passage gets no suggestion, "distress" where it holds ``cues`` and would be dismissed."""
    return DISTRESS if cues and suggestion.reason in _DISMISSED else suggestion.reason


def without_small_talk(suggestions: Sequence[Suggestion], cues: Sequence[Sequence[DistressCue]]) -> list[Suggestion]:
    """Return ``suggestions`` where no passage with words of distress is called small talk, too short or off the topic.

    Args:
        suggestions: One for each passage.
        cues: What `distress_cues` found in the passages, in the same order.
    """
    return [
        replace(suggestion, reason=reason_given(suggestion, found))
        for suggestion, found in zip(suggestions, cues, strict=True)
    ]


def status_given(status: str, cues: Iterable[Sequence[DistressCue]]) -> str:
    """Return what is said of a candidate theme, a key of ``words.status``.

    A "new" theme in which some passage holds words of distress is "new-distress": it is not said to be small talk.

    Args:
        status: How the theme stands beside the codebook.
        cues: What `distress_cues` found in each passage of the theme.
    """
    return "new-distress" if status == "new" and any(cues) else status
