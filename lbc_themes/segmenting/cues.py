"""Cues: words in a passage that help a coder see why a code was suggested."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Literal, cast

from lbc_themes.text.words import negated, simplified, table, word_cutter

CueKind = Literal["negation", "hedge", "emotion", "kin", "quote", "question"]

_NO_CUE = "-"
_QUOTES = re.compile(r"\s*[：:，,]?\s*[“\"「『][^”\"」』]{0,1000}[”\"」』]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cue:
    """A slice ``[start, end)`` of a text that carries a meaning of its own.

    ``kind`` is "negation" (with the word it negates), "hedge", "emotion", "kin", "quote" (who said it, with the quoted
    words where they stand in quotation marks) or "question". ``group`` says more: which emotion ("not joy" where it is
    negated), which side of the family, who is quoted.
    """

    kind: CueKind
    start: int
    end: int
    text: str
    group: str = ""


def cues(text: str) -> tuple[Cue, ...]:
    """Return the cues of ``text`` in order. Cues of one kind never overlap; offsets are code points of ``text``.

    >>> [(cue.kind, cue.text) for cue in cues("奶奶说没人管我，我可能想家")]
    [('kin', '奶奶'), ('quote', '奶奶说'), ('negation', '没人管'), ('hedge', '可能'), ('emotion', '想家')]
    """
    copy = simplified(text)
    words = word_cutter().cut(copy)
    starts = [0, *accumulate(map(len, words))]
    found = [("negation", "", starts[a], starts[b]) for a, b in negated(words)]
    negations = [(a, b) for _, _, a, b in found]
    for kind, group, start, end in _from_table(copy, set(starts)):
        inside = kind == "emotion" and any(a < start and end <= b for a, b in negations)
        found.append((kind, f"not {group}" if inside else group, start, end))
    ordered = sorted(found, key=lambda item: (item[2], item[3], item[0]))
    return tuple(
        Cue(kind=cast("CueKind", kind), start=a, end=b, text=text[a:b], group=group) for kind, group, a, b in ordered
    )


def _from_table(copy: str, edges: set[int]) -> Iterator[tuple[str, str, int, int]]:
    for kind, (pattern, groups) in _patterns().items():
        at = 0
        while match := pattern.search(copy, at):
            start, end = match.span()
            group = groups[match["word"]]
            if not {start, end} <= edges and kind != "quote":
                at = start + 1
                continue
            at = end
            if group == _NO_CUE:
                continue
            quoted = _QUOTES.match(copy, end) if kind == "quote" else None
            yield kind, group, start, quoted.end() if quoted else end


@cache
def _patterns() -> dict[str, tuple[re.Pattern[str], dict[str, str]]]:
    groups: dict[str, dict[str, str]] = {}
    for kind, group, words in table("cues.tsv"):
        groups.setdefault(kind, {}).update(dict.fromkeys(words.split(), group))
    verbs = _any_of(groups.pop("saying verb"))
    groups["quote"] = groups.pop("speaker") | dict.fromkeys(groups["kin"], "family")
    owner = "(?:[我俺咱恁你他她](?:们)?)?"
    before = {"kin": owner, "quote": owner}
    after = {"quote": rf"(?:(?![不没])[\u4e00-\u9fff]){{0,4}}?(?:{verbs})(?![不得话起法出的])"}
    patterns = {
        kind: f"{before.get(kind, '')}(?P<word>{_any_of(words)}){after.get(kind, '')}" for kind, words in groups.items()
    }
    return {kind: (re.compile(pattern), groups[kind]) for kind, pattern in patterns.items()}


def _any_of(words: dict[str, str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
