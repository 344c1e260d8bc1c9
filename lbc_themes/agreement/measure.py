"""Agreement of coders, code by code and overall, each figure with an interval."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from lbc_themes.agreement.grid import NothingSharedError
from lbc_themes.agreement.material import chosen_coders, chosen_codes, prepare
from lbc_themes.agreement.notices import not_compared, notices_of
from lbc_themes.agreement.resample import draw_weights
from lbc_themes.agreement.rows import rows_of
from lbc_themes.agreement.table import AgreementTable, Kind
from lbc_themes.agreement.units import UnitKind
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding, Passage, Transcript


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
        codings: Codings of all coders.
        unit: What is counted. "passage" needs ``passages``; "turn", "sentence" (up to 。！？!?… or a line break) and
            "character" need ``transcripts`` and leave the interviewer's turns out. A coding counts for a unit when it
            covers at least half of the unit, or at least half of the coding lies in it.
        passages: The passages that could be coded.
        transcripts: The transcripts that could be coded.
        coders: Whom to compare; by default everyone, in order of name.
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
    """
    material = prepare(
        codings, unit=unit, passages=passages, transcripts=transcripts, coders=coders, codes=codes, read=read,
        participants=participants, include_uncoded=include_uncoded,
    )  # fmt: skip
    if draws < 0:
        raise InputError(f"draws is {draws}; it must be 0 (no intervals) or more")
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
    codings = tuple(codings)
    names = chosen_coders(codings, coders)
    people = tuple(name for name in names if name not in machine_coders)
    groups: list[tuple[Kind, tuple[str, ...]]] = [("human-human", people)] if len(people) > 1 else []
    groups += [("human-machine", (name, machine)) for name in people for machine in names if machine in machine_coders]
    if not groups:
        raise InputError(f"no person among the coders {', '.join(names)}; machine_coders must name the machines only")
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
