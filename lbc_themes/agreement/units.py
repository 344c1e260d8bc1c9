"""What is counted: passages, turns, sentences or characters that a coder could have coded."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding, Passage, Role, Transcript

UnitKind = Literal["character", "sentence", "passage", "turn"]
Span = tuple[int, int]

_SENTENCE = re.compile(r"[^。！？!?…\n]*(?:[。！？!?…]+[”’』」）)\"']*|\n|$)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """One thing that coders agree or disagree on.

    ``spans`` are half-open slices of the transcript in code points. ``size`` says how many units it stands for: 1,
    except that a run of characters which every coder treats alike stands for all its characters.
    """

    id: str
    transcript_id: str
    spans: tuple[Span, ...]
    size: int = 1


def units_of(
    unit: UnitKind,
    *,
    codings: Sequence[Coding],
    passages: Sequence[Passage] | None,
    transcripts: Sequence[Transcript] | None,
) -> tuple[Unit, ...]:
    """Return the units in the order of the text; refuse a unit whose source is not given."""
    if unit not in get_args(UnitKind):
        raise InputError(f"unit {unit!r} is not known; choose one of {', '.join(get_args(UnitKind))}")
    if unit == "passage":
        if passages is None:
            raise InputError(
                'unit "passage" needs passages: pass passages=..., or choose unit="turn", "sentence" or "character"'
            )
        return tuple(Unit(id=p.id, transcript_id=p.transcript_id, spans=p.spans) for p in passages)
    if transcripts is None:
        raise InputError(
            f'unit "{unit}" needs transcripts: pass transcripts=..., or choose unit="passage" with passages'
        )
    if unit == "character":
        return tuple(_runs(transcripts, codings))
    return tuple(u for t in transcripts for u in (_turns(t) if unit == "turn" else _sentences(t)))


def codable(transcript: Transcript) -> tuple[Span, ...]:
    """Return the slices that may be coded: turns of everyone but the interviewer; all of a text without turns."""
    turns = [(t.start, t.end) for t in transcript.turns if t.role is not Role.INTERVIEWER]
    spans = turns if transcript.turns else [(0, len(transcript.text))]
    return tuple((a, b) for a, b in spans if transcript.text[a:b].strip())


def codable_by_transcript(
    passages: Sequence[Passage] | None, transcripts: Sequence[Transcript] | None, unit: UnitKind
) -> dict[str, tuple[Span, ...]]:
    """Return the codable slices of each transcript, ordered and without overlap, as the units see them."""
    if unit != "passage":
        return {t.id: _merged(codable(t)) for t in transcripts or ()}
    spans: dict[str, list[Span]] = defaultdict(list)
    for passage in passages or ():
        spans[passage.transcript_id].extend(passage.spans)
    return {transcript_id: _merged(found) for transcript_id, found in spans.items()}


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for a, b in sorted(spans):
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        elif b > a:
            merged.append((a, b))
    return tuple(merged)


def _turns(transcript: Transcript) -> Iterable[Unit]:
    for a, b in codable(transcript):
        yield Unit(id=f"{transcript.id}:{a}-{b}", transcript_id=transcript.id, spans=((a, b),))


def _sentences(transcript: Transcript) -> Iterable[Unit]:
    for start, end in codable(transcript):
        for match in _SENTENCE.finditer(transcript.text, start, end):
            if match.group().strip():
                a, b = match.span()
                yield Unit(id=f"{transcript.id}:{a}-{b}", transcript_id=transcript.id, spans=((a, b),))


def _runs(transcripts: Sequence[Transcript], codings: Sequence[Coding]) -> Iterable[Unit]:
    edges: dict[str, set[int]] = defaultdict(set)
    for coding in codings:
        edges[coding.transcript_id] |= {coding.start, coding.end}
    for transcript in transcripts:
        for start, end in _merged(codable(transcript)):
            cuts = [start, *sorted(e for e in edges[transcript.id] if start < e < end), end]
            for a, b in pairwise(cuts):
                yield Unit(id=f"{transcript.id}:{a}-{b}", transcript_id=transcript.id, spans=((a, b),), size=b - a)
