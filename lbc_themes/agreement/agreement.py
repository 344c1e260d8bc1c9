"""Agreement of coders, code by code and overall, each figure with an interval."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import add

import numpy as np

from lbc_themes.agreement import coefficients, unitizing
from lbc_themes.agreement.bootstrap import FEWEST, draw_weights, estimates
from lbc_themes.agreement.coefficients import MISSING, Bools, Floats, Ints, Sums, sums_of
from lbc_themes.agreement.ratings import (
    Grid,
    Material,
    NothingSharedError,
    UnitKind,
    chosen_coders,
    chosen_codes,
    prepare,
)
from lbc_themes.agreement.table import SCOPES, UNITS, AgreementRow, AgreementTable, Estimate, Kind, Notice, Scope
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import filled, message, word_table
from lbc_themes.core.records import Bilingual, Coding, Passage, Transcript
from lbc_themes.core.study_log import labelled

# --- Rows: which sums each one takes and which measures follow from them.

Measure = Callable[[Floats], dict[str, Floats]]


def rows_of(material: Material, weights: Floats) -> tuple[AgreementRow, ...]:
    """Return the overall row, the pooled row and a row for each code; ``weights`` is (draws, participants)."""
    grid = material.grid
    by_code = [_code_sums(grid, position) for position in range(len(grid.codes))]
    rows = [_overall(material, weights), _pooled(grid, by_code, weights)]
    participant = _participant_of(grid)
    for position, (code, sums) in enumerate(zip(grid.codes, by_code, strict=True)):
        spans = unitizing.coincidences(unitizing.continua_of(material, [code]), participant, len(grid.participants))
        measure = _joined(_chance(sums, len(grid.coders)), _of_spans(spans, whole=False))
        rows.append(_row(grid, "code", code, measure, grid.marks[:, :, position], weights))
    return tuple(rows)


def _overall(material: Material, weights: Floats) -> AgreementRow:
    grid = material.grid
    labels, found = coefficients.set_labels(grid.marks, grid.read)
    spans = unitizing.coincidences(
        unitizing.continua_of(material, grid.codes), _participant_of(grid), len(grid.participants)
    )
    sums = _sums(grid, labels, len(found))
    measure = _joined(
        _chance(sums, len(grid.coders)), _joined(_of_sets(grid, labels, found, sums), _of_spans(spans, whole=True))
    )
    return _row(grid, "overall", "", measure, np.asarray(grid.marks.any(2)), weights)


def _pooled(grid: Grid, by_code: Sequence[Sums], weights: Floats) -> AgreementRow:
    row = _row(grid, "pooled", "", _chance(reduce(add, by_code), len(grid.coders)), grid.marks.mean(2), weights)
    return replace(row, units=row.units * len(grid.codes))


def _row(
    grid: Grid, scope: Scope, code: str, measure: Measure, present: Bools | Floats, weights: Floats
) -> AgreementRow:
    return AgreementRow(
        scope=scope, code_id=code, coders=grid.coders, units=round(grid.size.sum()),
        measures=estimates(measure, weights), prevalence=_prevalence(grid, present, weights),
    )  # fmt: skip


def _code_sums(grid: Grid, position: int) -> Sums:
    return _sums(grid, np.where(grid.read, grid.marks[:, :, position], MISSING).astype(np.int64), 2)


def _sums(grid: Grid, labels: Ints, values: int) -> Sums:
    return sums_of(
        labels, values=values, size=grid.size, participant=grid.participant, participants=len(grid.participants)
    )


def _participant_of(grid: Grid) -> dict[str, int]:
    return {u.transcript_id: int(p) for u, p in zip(grid.units, grid.participant, strict=True)}


def _chance(sums: Sums, coders: int) -> Measure:
    def measure(weights: Floats) -> dict[str, Floats]:
        drawn = sums.drawn(weights)
        figures = {"percent": coefficients.percent(drawn)}
        if coders == 2:
            figures["cohen_kappa"] = coefficients.cohen_kappas(drawn)[:, 0]
        else:
            figures |= {
                "fleiss_kappa": coefficients.fleiss_kappa(drawn),
                "mean_cohen_kappa": coefficients.mean_cohen_kappa(drawn),
            }
        figures |= {"alpha": coefficients.alpha(drawn), "ac1": coefficients.gwet_ac1(drawn)}
        return figures | {"brennan_prediger": coefficients.brennan_prediger(drawn)}

    return measure


def _of_sets(grid: Grid, labels: Ints, found: Bools, sums: Sums) -> Measure:
    kept = {}
    for name, distances in (
        ("alpha_jaccard", coefficients.jaccard_distances(found)),
        ("alpha_masi", coefficients.masi_distances(found)),
    ):
        disagree = coefficients.distance_sums(
            labels, distances, size=grid.size, participant=grid.participant, participants=len(grid.participants)
        )
        kept[name] = (disagree, distances)
    return lambda weights: {
        name: coefficients.distance_alpha(weights @ disagree, weights @ sums.counts, distances)
        for name, (disagree, distances) in kept.items()
    }


def _of_spans(sums: unitizing.Coincidences, *, whole: bool) -> Measure:
    def measure(weights: Floats) -> dict[str, Floats]:
        drawn = sums.drawn(weights)
        figures = {"u_alpha": unitizing.u_alpha(drawn)}
        return figures | (
            {"bar_u_alpha": unitizing.bar_u_alpha(drawn), "cu_alpha": unitizing.cu_alpha(drawn)} if whole else {}
        )

    return measure


def _joined(one: Measure, two: Measure) -> Measure:
    return lambda weights: one(weights) | two(weights)


def _prevalence(grid: Grid, present: Bools | Floats, weights: Floats) -> dict[str, Estimate]:
    def added(rows: Floats) -> Floats:
        total = np.zeros((len(grid.participants), rows.shape[1]))
        np.add.at(total, grid.participant, rows)
        return total

    size = grid.size[:, None] * grid.read
    given, all_units = added(size * present), added(size)

    def measure(weights: Floats) -> dict[str, Floats]:
        shares = coefficients.over(weights @ given, weights @ all_units)
        return {coder: shares[:, k] for k, coder in enumerate(grid.coders)}

    return estimates(measure, weights)


def remark(topic: str, **figures: object) -> Bilingual:
    """Return the wording of ``topic`` with its figures filled in."""
    return filled(word_table("agreement.remarks")[topic], **figures)


# --- Notices: what must be said beside the figures, and when.

FEW = 20
HIGH_PERCENT, LOW_KAPPA, APART = 0.8, 0.6, 0.2


def notices_of(table: AgreementTable, material: Material) -> tuple[Notice, ...]:
    """Return the notices of a table, the general ones first."""
    general = (_uncoded(table), _interval(table), *_not_read(material), *_dropped(table, material), *_bars(table))
    return (*general, *(notice for row in table.rows for notice in (*_paradox(row), *_undefined(row))))


def _notice(topic: str, *, code_id: str = "", **figures: object) -> Notice:
    return Notice(topic=topic, code_id=code_id, text=remark(topic, **figures))


def not_compared(coders: Sequence[str]) -> Notice:
    """Return that coders who share no unit are not compared."""
    return _notice("not-compared", coders=" × ".join(coders))


def _uncoded(table: AgreementTable) -> Notice:
    unit = UNITS[table.unit]
    topic = "uncoded-counted" if table.include_uncoded else "uncoded-left-out"
    return _notice(topic, unit=unit)


def _interval(table: AgreementTable) -> Notice:
    n = table.participants
    if not table.draws:
        return _notice("no-draws")
    if n < FEWEST:
        return _notice("no-interval", n=n, fewest=FEWEST)
    return _notice("few-participants" if n < FEW else "interval", n=n, draws=table.draws)


def _not_read(material: Material) -> Iterator[Notice]:
    everything = frozenset().union(*material.read.values())
    for coder in material.grid.coders:
        missing = sorted(everything - material.read[coder])
        if missing:
            some = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
            yield _notice("not-read", coder=coder, n=len(missing), some=some)


def _dropped(table: AgreementTable, material: Material) -> Iterator[Notice]:
    unit = UNITS[table.unit]
    for coder, n in sorted(material.grid.dropped.items()):
        yield _notice("dropped-codings", coder=coder, n=n, unit=unit)


def _bars(table: AgreementTable) -> Iterator[Notice]:
    yield _notice("bars")
    if len(table.coders) > 2:
        yield _notice("many-coders")


def _paradox(row: AgreementRow) -> Iterator[Notice]:
    percent, kappa, ac1 = row.measures["percent"].value, row.kappa.value, row.measures["ac1"].value
    if percent is None or kappa is None or ac1 is None:
        return
    if percent >= HIGH_PERCENT and kappa < LOW_KAPPA and ac1 - kappa >= APART:
        known = {coder: share.value for coder, share in row.prevalence.items() if share.value is not None}
        shares = ", ".join(f"{coder} {share:.2f}" for coder, share in known.items())
        figures = {"percent": percent, "kappa": kappa, "ac1": ac1, "shares": shares}
        yield _notice("prevalence-paradox", code_id=row.code_id, name=_name(row), **figures)


def _undefined(row: AgreementRow) -> Iterator[Notice]:
    if row.kappa.value is None:
        yield _notice("undefined", code_id=row.code_id, name=_name(row))


def _name(row: AgreementRow) -> object:
    return row.code_id if row.scope == "code" else SCOPES[row.scope]


def agreement(
    codings: Iterable[Coding],
    *,
    unit: UnitKind = "passage",
    passages: Sequence[Passage] | None = None,
    transcripts: Sequence[Transcript] | None = None,
    coders: Sequence[str] | None = None,
    codes: Sequence[str] | None = None,
    participants: Mapping[str, str] | None = None,
    read: Mapping[str, Collection[str]] | None = None,
    include_uncoded: bool = True,
    draws: int = 1000,
    seed: int = 0,
) -> AgreementTable:
    """Return how far two or more coders agree; the machine is a coder like any other.

    Args:
        codings: Codings of all coders. What 李 adjudicated is no coding of 李's own and counts for "adjudication:李".
        unit: What is counted. "passage" needs ``passages``; "turn", "sentence" (up to 。！？!?… or a line break) and
            "character" need ``transcripts`` and leave the interviewer's turns out. A coding counts for a unit when it
            covers at least half of the unit, or at least half of the coding lies in it.
        passages: The passages that could be coded.
        transcripts: The transcripts that could be coded.
        coders: Whom to compare; by default everyone, in order of name, and nothing that was adjudicated.
        codes: Which code ids to compare; by default all that occur. Codings with other codes are left out.
        participants: Transcript id to participant, for the intervals; by default each transcript is a participant.
        read: Coder to the ids of the transcripts worked through; by default those with a coding of theirs. A
            transcript that a coder did not work through is missing for that coder, not empty.
        include_uncoded: Whether units to which no coder gave a code count as agreement.
        draws: Bootstrap draws of participants with replacement; 0 for no intervals.
        seed: Seed of the draws.

    Returns:
        Rows overall, pooled and for each code. The intervals are percentile intervals of 95 %; there are none with
        fewer than five participants. Unitizing alpha looks at the characters of the codable text, whatever the unit.

    Raises:
        InputError: for fewer than two coders, no codes, a coding that is no slice of its transcript, a unit whose
            passages or transcripts are missing, or no unit that two coders worked through.

    >>> from lbc_themes.core.records import Coding, Passage, Role
    >>> passages = [
    ...     Passage(id=f"C01:{n}", transcript_id="C01", spans=((n, n + 1),), text="想", speaker="小林", role=Role.CHILD)
    ...     for n in range(4)
    ... ]
    >>> codings = [
    ...     Coding(transcript_id="C01", start=n, end=n + 1, code_id="longing", coder=coder)
    ...     for coder, places in (("li", (0, 1)), ("wang", (0, 1, 2)))
    ...     for n in places
    ... ]
    >>> agreement(codings, passages=passages, draws=0).row("longing").kappa.value
    0.5
    """
    material = prepare(
        codings, unit=unit, passages=passages, transcripts=transcripts, coders=coders, codes=codes, read=read,
        participants=participants, include_uncoded=include_uncoded,
    )  # fmt: skip
    if draws < 0:
        raise InputError(message("agreement.draws_must_no_intervals", draws=draws))
    grid = material.grid
    weights = draw_weights(len(grid.participants), draws, seed)
    table = AgreementTable(
        unit=unit, coders=grid.coders, codes=grid.codes, include_uncoded=include_uncoded,
        participants=len(grid.participants), draws=draws, seed=seed, rows=rows_of(material, weights),
    )  # fmt: skip
    return replace(table, notices=notices_of(table, material))


def agreement_by_kind(
    codings: Iterable[Coding],
    *,
    machine_coders: Sequence[str] = ("machine",),
    unit: UnitKind = "passage",
    passages: Sequence[Passage] | None = None,
    transcripts: Sequence[Transcript] | None = None,
    coders: Sequence[str] | None = None,
    codes: Sequence[str] | None = None,
    participants: Mapping[str, str] | None = None,
    read: Mapping[str, Collection[str]] | None = None,
    include_uncoded: bool = True,
    draws: int = 1000,
    seed: int = 0,
) -> AgreementTable:
    """Return people with people and each person with each machine, beside each other in one table.

    Rows of kind "human-human" compare all people at once; rows of kind "human-machine" compare one person with one
    machine, so that machine figures never borrow from the agreement of people. ``machine_coders`` are the names of
    the machines; everything else is as in ``agreement``, which is run for each comparison on the same codes. A
    comparison of coders who share no unit is left out, with a notice; where all are, it is refused.
    """
    codings = tuple(map(labelled, codings))
    names = chosen_coders(codings, coders)
    people = tuple(name for name in names if name not in machine_coders)
    groups: list[tuple[Kind, tuple[str, ...]]] = [("human-human", people)] if len(people) > 1 else []
    groups += [("human-machine", (name, machine)) for name in people for machine in names if machine in machine_coders]
    if not groups:
        raise InputError(message("agreement.no_person_among_coders", names=[*names]))
    ids = chosen_codes(codings, codes)
    tables, apart = [], []
    for kind, group in groups:
        try:
            tables.append((kind, agreement(
                codings, unit=unit, passages=passages, transcripts=transcripts, coders=group, codes=ids, read=read,
                participants=participants, include_uncoded=include_uncoded, draws=draws, seed=seed,
            )))  # fmt: skip
        except NothingSharedError:
            if (kind, group) == groups[-1] and not tables:
                raise
            apart.append(not_compared(group))
    rows = tuple(replace(row, kind=kind) for kind, table in tables for row in table.rows)
    notices = tuple(dict.fromkeys([*apart, *(notice for _, table in tables for notice in table.notices)]))
    most = max(table.participants for _, table in tables)
    return replace(tables[0][1], coders=names, rows=rows, notices=notices, participants=most)
