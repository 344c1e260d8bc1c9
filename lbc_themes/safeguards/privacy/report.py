"""What a person should check after de-identification. It holds pseudonyms and what still stands in the texts."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from lbc_themes.core.messages import message, word_table
from lbc_themes.core.records import Transcript
from lbc_themes.safeguards.privacy.candidates import Evidence, may_name_somebody, nicknames_of, place_uses, weighed
from lbc_themes.safeguards.privacy.deidentify import moved, restored
from lbc_themes.safeguards.privacy.entities import (
    Kind,
    Method,
    finder_of,
    frequency_of,
    is_place_tagged,
    word_bounds,
)
from lbc_themes.safeguards.privacy.key import Key
from lbc_themes.safeguards.privacy.people import Dictionary, doubtful_edges, is_han, surname_of
from lbc_themes.safeguards.privacy.places import is_generic
from lbc_themes.safeguards.privacy.tagger import inside, suspected
from lbc_themes.text.names import plain_surnames, words_of
from lbc_themes.text.words import simplified, word_cutter

_DIGITS = re.compile(r"[0-9０-９](?:[ \-]?[0-9０-９]){4,}|[零〇一二三四五六七八九幺]{6,}")
_LATIN = re.compile(
    r"(?<![A-Za-z])[A-Z][a-z]{2,}(?: [A-Z][a-z]+)*|(?<![A-Za-z])[a-z]{2,6} ?[a-z]{2,6}(?=老师|同学|妈妈|爸爸)"
)
_SHOWN = 40
_BESIDE = 8
_NUMBERED = frozenset({"number_school", "number_group"})
_RARELY, _RARE = 300, 30
_AGAIN = 0.1
_OF_WORDS = frozenset({
    "tagger", "with", "does", "kin", "called", "listed", "as", "naming", "named", "form", "model", "surname", "place",
    "land", "number_school",
})  # fmt: skip
_EDGE = 0.01
# What rules a doubt by the words beside it out. Below these the list of ordinary talk grows by a tenth or more, and no
# further name of the sets for development is listed.
_LEAST_LIKELY = {
    "place": 0.14, "with": 0.05, "does": 0.024, "form": 0.09, "land": 0.08, "called": 0.03, "listed": 0.03,
    "surname": 0.09, "kin": 0.02, "as": 0.01, "naming": 0.01, "named": 0.01,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One pseudonym, and how often it was put into the texts."""

    kind: Kind
    pseudonym: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """A string that still stands in the texts and may point to somebody: why, how often, and where it stands first.

    ``reason`` is a key of ``messages/privacy.toml`` under ``doubt``, where it is put in words.
    """

    reason: str
    text: str
    count: int
    transcript_id: str
    start: int
    around: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivacyReport:
    """What was changed, and what to look at by eye. It names no real person, so it may travel with the texts."""

    changes: tuple[Change, ...]
    looks: tuple[Look, ...]
    transcripts: int


def privacy_report(transcripts: Iterable[Transcript], key: Key, *, method: Method = "patterns") -> PrivacyReport:
    """Return what `deidentify` changed in ``transcripts`` (its result), and what a person should look at.

    An empty list of looks does not mean that nothing is left: somebody who knows the place must read the texts.

    Args:
        transcripts: What `deidentify` returned, all of it: a word is weighed by all its uses.
        key: The key that `deidentify` returned.
        method: "lac" also lists what the model takes for a name and the library does not; "patterns" does without.

    Raises:
        MissingExtraError: method "lac", and the model is not installed.
        InputError: an unknown method, or a transcript that the key does not know.
    """
    given = list(transcripts)
    counted = Counter(
        (span.kind, transcript.text[span.start : span.end])
        for transcript in given
        for span in key.of(transcript.id).spans
    )
    changes = [Change(kind=k, pseudonym=p, count=n) for (k, p), n in counted.items()]
    return PrivacyReport(
        changes=tuple(sorted(changes, key=lambda c: (c.kind, -c.count, c.pseudonym))),
        looks=tuple(_looks(given, key, method)),
        transcripts=len(given),
    )


def _looks(transcripts: Sequence[Transcript], key: Key, method: Method) -> Iterator[Look]:
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], tuple[Transcript, int]] = {}
    by_id = {transcript.id: transcript for transcript in transcripts}
    for doubt in doubtful(transcripts, key, method=method):
        transcript = by_id[doubt.transcript_id]
        what = doubt.reason, transcript.text[doubt.start : doubt.end]
        counts[what] += 1
        first.setdefault(what, (transcript, doubt.start))
    for (reason, text), number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        transcript, start = first[reason, text]
        around = transcript.text[max(start - _BESIDE, 0) : start + len(text) + _BESIDE].replace("\n", " ")
        yield Look(
            reason=reason, text=text, count=number, transcript_id=transcript.id, start=start, around=around
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """A slice of a de-identified transcript that may still point to somebody, and the reason (see `Look`)."""

    transcript_id: str
    start: int
    end: int
    reason: str


def doubtful(transcripts: Sequence[Transcript], key: Key, *, method: Method = "patterns") -> list[Doubt]:
    """Return the places of ``transcripts`` that `privacy_report` lists, in order, the longest of those that overlap."""
    find = finder_of(method)
    copies = {transcript.id: simplified(transcript.text) for transcript in transcripts}
    pieces = {t.id: [(turn.start, copies[t.id][turn.start : turn.end]) for turn in t.turns] for t in transcripts}
    said = {piece for each in pieces.values() for _, piece in each}
    evidence = {**weighed(_real_turns(transcripts, key)), **weighed(said)}
    namesakes = _namesakes(key)
    words = Dictionary({*evidence, *namesakes})
    tagged = suspected(said)
    gone = {t.id: {at for span in key.of(t.id).spans for at in range(span.start, span.end)} for t in transcripts}
    doubts: dict[str, list[Doubt]] = {}
    for transcript in transcripts:
        copy = copies[transcript.id]
        found = [*_edges(transcript, key), *_by_form(transcript.text)]
        found += [(_reason(copy[a:b], evidence, namesakes), a, b) for a, b in words.find(copy)]
        for start, piece in pieces[transcript.id]:
            found += [(use.reason, start + use.start, start + use.end) for use in place_uses(piece)]
            found += [("surname", start + a, start + b) for a, b in _like_names(piece)]
            runs = [(start + a, start + b) for a, b in (_whole_words(piece, *run) for run in tagged[piece])]
            found += [
                ("tagger", a, b)
                for run in runs
                for a, b in _left(run, gone[transcript.id])
                if _may_be(copy[a:b]) and copy[b : b + 1] != "族"
            ]
            found += [("model", start + a, start + b) for a, b, _ in find(piece) if _is_doubt(piece[a:b])]
        likely = (doubt for doubt in found if _is_likely(doubt, pieces[transcript.id]))
        doubts[transcript.id] = list(_kept(transcript, likely, gone[transcript.id]))
    return _with_others(doubts, pieces, gone, copies)


def _with_others(
    doubts: Mapping[str, Sequence[Doubt]],
    pieces: Mapping[str, Sequence[tuple[int, str]]],
    gone: Mapping[str, Collection[int]],
    copies: Mapping[str, str],
) -> list[Doubt]:
    """Return ``doubts`` and the other places of their words, for the same reason: a name here may be one there.

    All are by transcript: ``pieces`` are turns with where they begin, ``gone`` the places that were replaced, and
    ``copies`` the simplified texts.
    """
    reasons: dict[str, str] = {}
    for doubt in chain.from_iterable(doubts.values()):
        word = copies[doubt.transcript_id][doubt.start : doubt.end]
        if doubt.reason in _OF_WORDS and len(word) > 1 and is_han(word.replace("·", "")):
            reasons.setdefault(word, doubt.reason)
    words = Dictionary(reasons)
    every: list[Doubt] = []
    for transcript_id, listed in doubts.items():
        own = list(listed)
        taken = {*gone[transcript_id], *(at for doubt in listed for at in range(doubt.start, doubt.end))}
        for start, piece in pieces[transcript_id]:
            for a, b in words.find(piece):
                likely = frequency_of(piece[a:b]) < _RARE or max(inside(piece, a, b)) >= _AGAIN
                if likely and taken.isdisjoint(range(start + a, start + b)):
                    reason = reasons[piece[a:b]]
                    own.append(Doubt(transcript_id=transcript_id, start=start + a, end=start + b, reason=reason))
        every += sorted(own, key=lambda doubt: doubt.start)
    return every


def _real_turns(transcripts: Sequence[Transcript], key: Key) -> Iterator[str]:
    """Yield the turns as they were said: who stands in a list with names that were replaced is known by them."""
    for transcript in transcripts:
        entry = key.of(transcript.id)
        real = simplified(restored(transcript.text, entry))
        for turn in transcript.turns:
            yield real[entry.real_offset(turn.start) : entry.real_offset(turn.end)]


def _edges(transcript: Transcript, key: Key) -> Iterator[tuple[str, int, int]]:
    """Yield names of lists of which it is not sure where they begin or end: by the words beside them as they were."""
    entry = key.of(transcript.id)
    real = simplified(restored(transcript.text, entry))
    spans = [(at, at + len(span.real), span.kind) for span in entry.spans for at in [entry.real_offset(span.start)]]
    for turn in transcript.turns:
        start, end = entry.real_offset(turn.start), entry.real_offset(turn.end)
        known = [(a - start, b - start) for a, b, kind in spans if kind is Kind.PERSON and start <= a and b <= end]
        for edge in doubtful_edges(real[start:end], known):
            first, last = start + edge[0], start + edge[1]
            if not any(first < b and a < last for a, b, _ in spans):
                places = moved((first, last), entry.spans)
                yield "edge", places[0], places[1]


def _whole_words(piece: str, start: int, end: int) -> tuple[int, int]:
    """Return a run with the rest of the words that it begins and ends inside of (豆腐巷 for 腐巷)."""
    cuts = word_bounds(piece)
    return max(at for at in cuts if at <= start), min(at for at in cuts if at >= end)


def _left(run: tuple[int, int], gone: Collection[int]) -> Iterator[tuple[int, int]]:
    """Yield what is left of a run beside what was replaced, where it has two characters or more."""
    start = run[0]
    for at in range(run[0], run[1] + 1):
        if at == run[1] or at in gone:
            if at - start > 1:
                yield start, at
            start = at + 1


def _is_likely(doubt: tuple[str, int, int], pieces: Sequence[tuple[int, str]]) -> bool:
    """Say whether the tagger does not rule out a doubt that goes by the words beside it alone."""
    reason, start, end = doubt
    if reason not in _LEAST_LIKELY:
        return True
    number = bisect_right(pieces, start, key=lambda piece: piece[0]) - 1
    first, piece = pieces[max(number, 0)]
    inner = first <= start < end <= first + len(piece)
    word = piece[start - first : end - first]
    rare = reason == "place" and len(word) == 2 and frequency_of(word) == 0
    if not inner or word in words_of("words_as_names.txt") or is_place_tagged(word) or rare:
        return True
    return float(max(inside(piece, start - first, end - first))) >= _LEAST_LIKELY[reason]


def _kept(transcript: Transcript, found: Iterable[tuple[str, int, int]], gone: Collection[int]) -> Iterator[Doubt]:
    taken = set(gone)
    kept = []
    for reason, start, end in sorted(found, key=_priority):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            kept.append(Doubt(transcript_id=transcript.id, start=start, end=end, reason=reason))
    yield from sorted(kept, key=lambda doubt: doubt.start)


def _priority(doubt: tuple[str, int, int]) -> tuple[bool, int, int, bool]:
    """Return which of two overlapping doubts comes first: a number, the longer, what says more than "place"."""
    reason, start, end = doubt
    return reason not in _NUMBERED, start - end, start, reason == "place"


def _namesakes(key: Key) -> frozenset[str]:
    """Return the names in the key, and what else those people may be called."""
    names = {simplified(entry.real) for entry in key.entries if entry.kind is Kind.PERSON}
    names = {name for name in names if len(name) > 1 and is_han(name)}
    givens = {name[len(surname_of(name)) :] for name in names if len(name) > 2 and surname_of(name)}
    likely = {given for given in givens if len(given) == 2 and frequency_of(given) < _RARELY}
    return frozenset(names.union(likely, *(nicknames_of(name) for name in names)))


def _reason(word: str, evidence: Mapping[str, Evidence], namesakes: Collection[str]) -> str:
    return evidence[word].reason if word in evidence and word not in namesakes else "namesake"


def _is_doubt(word: str) -> bool:
    """Say whether what the model saw is worth a look: no kin, no role, no big city, no word that everybody says."""
    known = any(word in words_of(name) for name in ("no_names.txt", "titles.txt", "kept_places.txt", "no_places.txt"))
    return len(word) > 1 and is_han(word) and not known and not is_generic(word, words_of("kept_places.txt"))


_TIME = re.compile(
    r"(?:[一二三四五六七八九十两几\d]+|上|下)个?(?:月份?|周|号|点|级|本|环|室).?|(?:周|星期|礼拜|研|大|高|初)[一二三四五六日天]+.?"
)


def _may_be(word: str) -> bool:
    """Say whether what the tagger takes for a name may be one: no kin or role, no big place, no time."""
    lists = ("no_names.txt", "titles.txt", "no_places.txt", "empty_names.txt")
    kept = word in words_of("kept_places.txt") and word not in words_of("words_as_names.txt")
    never = kept or any(word in words_of(name) for name in lists) or not is_han(word.replace("·", ""))
    return not never and may_name_somebody(word) and _TIME.fullmatch(word) is None


def _by_form(text: str) -> Iterator[tuple[str, int, int]]:
    for reason, rule in (("digits", _DIGITS), ("latin", _LATIN)):
        yield from ((reason, match.start(), match.end()) for match in rule.finditer(text))


def _like_names(copy: str) -> Iterator[tuple[int, int]]:
    """Yield words of two or three characters that begin with a surname and stand in no dictionary."""
    at = 0
    for word in word_cutter().cut(copy):
        if 2 <= len(word) <= 3 and word[0] in plain_surnames() and is_han(word) and frequency_of(word) < 3:
            yield at, _longer_reading(copy, at, at + len(word))
        at += len(word)


def _longer_reading(copy: str, start: int, end: int) -> int:
    """Return where an unknown word ends that begins with a surname, read as long as it may be (柏有 of 柏有田)."""
    further = copy[end : end + 1]
    return end + 1 if end - start == 2 and is_han(further) and float(inside(copy, end, end + 1)[0]) >= _EDGE else end


def report_text(report: PrivacyReport) -> str:
    """Return the report as Markdown, in Chinese and English."""
    words = word_table("privacy.report")
    lines = [
        f"# {words['title'].in_both(' / ')}",
        "",
        message("privacy.report.read_all", count=report.transcripts).in_both("\n"),
        "",
        f"## {words['replaced'].in_both(' / ')}",
        "",
        _heads("kind", "pseudonym", "times"),
        "|---|---|---|",
        *(f"| {change.kind.value} | {change.pseudonym} | {change.count} |" for change in report.changes),
        "",
        f"## {words['look'].in_both(' / ')}",
        "",
        _heads("why", "text", "times", "first_in", "at", "around"),
        "|---|---|---|---|---|---|",
        *(_row(look) for look in report.looks),
        "",
    ]
    return "\n".join(lines)


def _heads(*names: str) -> str:
    return "".join(f"| {word_table('privacy.report')[name].in_both()} " for name in names) + "|"


def _row(look: Look) -> str:
    why = word_table("privacy.doubt")[look.reason]
    cells = (
        why.in_both(),
        look.text,
        str(look.count),
        look.transcript_id,
        str(look.start),
        look.around[:_SHOWN],
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
