"""Codings, units and choices, checked and put side by side."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lbc_themes.agreement.continuum import Continuum, continua
from lbc_themes.agreement.grid import Grid, build_grid
from lbc_themes.agreement.units import Span, UnitKind, codable_by_transcript, units_of
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding, Passage, Transcript


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """The checked input: codings of the chosen coders, the grid of units, and the codable slices of each transcript.

    ``read`` gives each coder the transcripts that they worked through.
    """

    codings: tuple[Coding, ...]
    grid: Grid
    spans: Mapping[str, tuple[Span, ...]]
    read: Mapping[str, frozenset[str]]

    def lines(self, codes: Collection[str]) -> list[Continuum]:
        """Return the continua on which these codes alone are marked, for the transcripts that have units."""
        inside = {u.transcript_id for u in self.grid.units}
        spans = {key: value for key, value in self.spans.items() if key in inside}
        return continua(self.codings, spans, coders=self.grid.coders, codes=codes, read=self.read)


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
    codings = tuple(codings)
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
    """Return the coders to compare, by default all in order of name."""
    names = tuple(coders) if coders is not None else tuple(sorted({c.coder for c in codings}))
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputError(
            f"agreement needs two or more different coders; there are {len(names)}: {', '.join(names) or 'none'}"
        )
    return names


def chosen_codes(codings: Sequence[Coding], codes: Sequence[str] | None) -> tuple[str, ...]:
    """Return the codes to compare, by default all that occur in order of id."""
    ids = tuple(codes) if codes is not None else tuple(sorted({c.code_id for c in codings}))
    if not ids or len(set(ids)) < len(ids):
        raise InputError(f"agreement needs one or more different codes; codes is {', '.join(ids) or 'empty'}")
    return ids


def _check_offsets(codings: Sequence[Coding], transcripts: Sequence[Transcript] | None) -> None:
    lengths = {t.id: len(t.text) for t in transcripts or ()}
    for c in codings:
        end = lengths.get(c.transcript_id, c.end)
        if not 0 <= c.start < c.end <= end:
            limit = f" of {end} characters" if c.transcript_id in lengths else ""
            raise InputError(
                f"coding of {c.code_id} by {c.coder}: "
                f"[{c.start}, {c.end}) is not a slice of transcript {c.transcript_id}{limit}; "
                "end must come after start and within the text"
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
        raise InputError(
            f"read names no transcripts for {', '.join(missing)}; "
            "give every coder the ids of the transcripts worked through"
        )
    return {coder: frozenset(read[coder]) for coder in coders}
