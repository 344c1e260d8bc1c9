"""Ratings: the units that coders could have coded, and who put which code on which unit, as one array."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np

from lbc_themes.agreement.coefficients import Bools, Floats, Ints
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Coding, Passage, Role, Transcript
from lbc_themes.core.study_log import coder_from_label, labelled

# --- Units: passages, turns, sentences or characters that a coder could have coded.

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
        raise InputError(message("agreement.unit_known_choose_one", unit=unit, get_args=[*get_args(UnitKind)]))
    if unit == "passage":
        if passages is None:
            raise InputError(message("agreement.unit_passage_needs_passages"))
        return tuple(Unit(id=p.id, transcript_id=p.transcript_id, spans=p.spans) for p in passages)
    if transcripts is None:
        raise InputError(message("agreement.unit_needs_transcripts_pass", unit=unit))
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


class NothingSharedError(InputError):
    """No unit that two of the coders worked through."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Grid:
    """Codes on units.

    ``marks`` is (units, coders, codes): the coder put the code on the unit. ``read`` is (units, coders): the coder
    worked through the unit's transcript. ``size`` and ``participant`` are (units,); ``participant`` holds positions in
    ``participants``. ``dropped`` counts, for each coder, the codings that count for no unit.
    """

    units: tuple[Unit, ...]
    coders: tuple[str, ...]
    codes: tuple[str, ...]
    participants: tuple[str, ...]
    marks: Bools
    read: Bools
    size: Floats
    participant: Ints
    dropped: Mapping[str, int]


def build_grid(
    codings: Sequence[Coding],
    units: Sequence[Unit],
    *,
    coders: Sequence[str],
    codes: Sequence[str],
    read: Mapping[str, Collection[str]],
    participants: Mapping[str, str] | None,
    include_uncoded: bool,
) -> Grid:
    """Mark codes on units and keep the units that at least two coders worked through.

    A coding counts for a unit when it covers at least half of the unit, or at least half of the coding lies in it. All
    ``codings`` are of these coders and codes.
    """
    marks, dropped = _marks(codings, units, coders, codes)
    seen = np.array([[u.transcript_id in read[coder] for coder in coders] for u in units], dtype=bool).reshape(
        len(units), len(coders)
    )
    marks &= seen[:, :, None]
    kept = seen.sum(1) >= 2
    if not include_uncoded:
        kept &= marks.any((1, 2))
    units = [u for u, keep in zip(units, kept, strict=True) if keep]
    if not units:
        if include_uncoded:
            raise NothingSharedError(message("agreement.no_unit_worked_through", coders=[*coders]))
        raise NothingSharedError(message("agreement.no_unit_worked_through_and_coded", coders=[*coders]))
    names = [_participant(u.transcript_id, participants) for u in units]
    order = sorted(set(names))
    return Grid(
        units=tuple(units), coders=tuple(coders), codes=tuple(codes), participants=tuple(order), marks=marks[kept],
        read=seen[kept], size=np.array([u.size for u in units], dtype=np.float64),
        participant=np.array([order.index(name) for name in names], dtype=np.int64), dropped=dropped,
    )  # fmt: skip


def _participant(transcript_id: str, participants: Mapping[str, str] | None) -> str:
    if participants is None:
        return transcript_id
    if transcript_id not in participants:
        raise InputError(message("agreement.participants_no_entry_transcript", transcript_id=transcript_id))
    return participants[transcript_id]


def _marks(
    codings: Sequence[Coding], units: Sequence[Unit], coders: Sequence[str], codes: Sequence[str]
) -> tuple[Bools, Mapping[str, int]]:
    marks = np.zeros((len(units), len(coders), len(codes)), dtype=bool)
    place = _Places(units)
    coder_at = {coder: i for i, coder in enumerate(coders)}
    code_at = {code: i for i, code in enumerate(codes)}
    dropped: Counter[str] = Counter()
    for coding in codings:
        hit = place.counts_for(coding)
        marks[hit, coder_at[coding.coder], code_at[coding.code_id]] = True
        dropped[coding.coder] += len(hit) == 0
    return marks, {coder: n for coder, n in dropped.items() if n}


class _Places:
    """Slices of the units of each transcript, as arrays."""

    def __init__(self, units: Sequence[Unit]) -> None:
        rows: dict[str, list[tuple[int, int, int, int]]] = defaultdict(list)
        for number, unit in enumerate(units):
            length = sum(b - a for a, b in unit.spans)
            rows[unit.transcript_id].extend((a, b, number, length) for a, b in unit.spans)
        self._rows = {key: np.array(found, dtype=np.int64).T for key, found in rows.items()}

    def counts_for(self, coding: Coding) -> Ints:
        """Return the positions of the units that the coding counts for."""
        if coding.transcript_id not in self._rows:
            return np.array([], dtype=np.int64)
        start, end, number, length = self._rows[coding.transcript_id]
        overlap = np.clip(np.minimum(end, coding.end) - np.maximum(start, coding.start), 0, None)
        touched = overlap > 0
        which, at = np.unique(number[touched], return_inverse=True)
        shared = np.bincount(at, weights=overlap[touched], minlength=len(which))
        whole = np.zeros(len(which))
        whole[at] = length[touched]
        found: Ints = which[(2 * shared >= whole) | (2 * shared >= coding.end - coding.start)]
        return found


# --- The checked input of every figure.


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """The checked input: codings of the chosen coders, the grid of units, and the codable slices of each transcript.

    ``read`` gives each coder the transcripts that they worked through.
    """

    codings: tuple[Coding, ...]
    grid: Grid
    spans: Mapping[str, tuple[Span, ...]]
    read: Mapping[str, frozenset[str]]


def prepare(
    codings: Iterable[Coding],
    *,
    unit: UnitKind,
    passages: Sequence[Passage] | None,
    transcripts: Sequence[Transcript] | None,
    coders: Sequence[str] | None,
    codes: Sequence[str] | None,
    read: Mapping[str, Collection[str]] | None,
    participants: Mapping[str, str] | None,
    include_uncoded: bool,
) -> Material:
    """Check the input and build the material; every refusal says what is missing."""
    codings = tuple(map(labelled, codings))  # what was adjudicated is no coder's own judgement
    _check_offsets(codings, transcripts)
    coders = chosen_coders(codings, coders)
    codes = chosen_codes(codings, codes)
    worked = _read(codings, coders, read)
    mine = tuple(c for c in codings if c.coder in set(coders) and c.code_id in set(codes))
    units = units_of(unit, codings=mine, passages=passages, transcripts=transcripts)
    grid = build_grid(
        mine, units, coders=coders, codes=codes, read=worked, participants=participants, include_uncoded=include_uncoded
    )
    return Material(codings=mine, grid=grid, spans=codable_by_transcript(passages, transcripts, unit), read=worked)


def chosen_coders(codings: Sequence[Coding], coders: Sequence[str] | None) -> tuple[str, ...]:
    """Return the coders to compare, by default all in order of name but for what was adjudicated."""
    own = {c.coder for c in codings if not coder_from_label(c.coder)[1]}
    names = tuple(coders) if coders is not None else tuple(sorted(own))
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputError(
            message(
                "agreement.agreement_needs_two_more", count=len(names), names=", ".join(names) or message("core.none")
            )
        )
    return names


def chosen_codes(codings: Sequence[Coding], codes: Sequence[str] | None) -> tuple[str, ...]:
    """Return the codes to compare, by default all that occur in order of id."""
    ids = tuple(codes) if codes is not None else tuple(sorted({c.code_id for c in codings}))
    if not ids or len(set(ids)) < len(ids):
        raise InputError(
            message("agreement.agreement_needs_one_more", ids=", ".join(ids) or message("agreement.empty"))
        )
    return ids


def _check_offsets(codings: Sequence[Coding], transcripts: Sequence[Transcript] | None) -> None:
    lengths = {t.id: len(t.text) for t in transcripts or ()}
    for c in codings:
        end = lengths.get(c.transcript_id, c.end)
        if not 0 <= c.start < c.end <= end:
            limit = message("agreement.of_characters", end=end) if c.transcript_id in lengths else ""
            raise InputError(
                message(
                    "agreement.coding_slice_transcript_end",
                    code_id=c.code_id,
                    coder=c.coder,
                    start=c.start,
                    end=c.end,
                    transcript_id=c.transcript_id,
                    limit=limit,
                )
            )


def _read(
    codings: Sequence[Coding], coders: Sequence[str], read: Mapping[str, Collection[str]] | None
) -> Mapping[str, frozenset[str]]:
    if read is None:
        found: dict[str, set[str]] = defaultdict(set)
        for coding in codings:
            found[coding.coder].add(coding.transcript_id)
        return {coder: frozenset(found[coder]) for coder in coders}
    missing = [coder for coder in coders if coder not in read]
    if missing:
        raise InputError(message("agreement.read_names_no_transcripts", missing=[*missing]))
    return {coder: frozenset(read[coder]) for coder in coders}
