"""The figures of one table: which sums each row takes and which measures follow from them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from operator import add

import numpy as np

from lbc_themes.agreement import formulas, sets, unitizing
from lbc_themes.agreement.arrays import Bools, Floats, Ints
from lbc_themes.agreement.grid import Grid
from lbc_themes.agreement.material import Material
from lbc_themes.agreement.resample import estimates
from lbc_themes.agreement.sums import MISSING, Sums, sums_of
from lbc_themes.agreement.table import AgreementRow, Estimate, Scope

Measure = Callable[[Floats], dict[str, Floats]]


def rows_of(material: Material, weights: Floats) -> tuple[AgreementRow, ...]:
    """Return the overall row, the pooled row and a row for each code; ``weights`` is (draws, participants)."""
    grid = material.grid
    by_code = [_code_sums(grid, position) for position in range(len(grid.codes))]
    rows = [_overall(material, weights), _pooled(grid, by_code, weights)]
    participant = _participant_of(grid)
    for position, (code, sums) in enumerate(zip(grid.codes, by_code, strict=True)):
        spans = unitizing.coincidences(material.lines([code]), participant, len(grid.participants))
        measure = _joined(_chance(sums, len(grid.coders)), _of_spans(spans, whole=False))
        rows.append(_row(grid, "code", code, measure, grid.marks[:, :, position], weights))
    return tuple(rows)


def _overall(material: Material, weights: Floats) -> AgreementRow:
    grid = material.grid
    labels, found = sets.set_labels(grid.marks, grid.read)
    spans = unitizing.coincidences(material.lines(grid.codes), _participant_of(grid), len(grid.participants))
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
        figures = {"percent": formulas.percent(drawn)}
        if coders == 2:
            figures["cohen_kappa"] = formulas.cohen_kappas(drawn)[:, 0]
        else:
            figures |= {
                "fleiss_kappa": formulas.fleiss_kappa(drawn),
                "mean_cohen_kappa": formulas.mean_cohen_kappa(drawn),
            }
        figures |= {"alpha": formulas.alpha(drawn), "ac1": formulas.gwet_ac1(drawn)}
        return figures | {"brennan_prediger": formulas.brennan_prediger(drawn)}

    return measure


def _of_sets(grid: Grid, labels: Ints, found: Bools, sums: Sums) -> Measure:
    kept = {}
    for name, distances in (
        ("alpha_jaccard", sets.jaccard_distances(found)),
        ("alpha_masi", sets.masi_distances(found)),
    ):
        disagree = sets.distance_sums(
            labels, distances, size=grid.size, participant=grid.participant, participants=len(grid.participants)
        )
        kept[name] = (disagree, distances)
    return lambda weights: {
        name: formulas.distance_alpha(weights @ disagree, weights @ sums.counts, distances)
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
        shares = formulas.over(weights @ given, weights @ all_units)
        return {coder: shares[:, k] for k, coder in enumerate(grid.coders)}

    return estimates(measure, weights)
