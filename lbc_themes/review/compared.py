"""How far people agree so far, on the passages that two or more of them decided on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lbc_themes.agreement import AgreementTable, agreement
from lbc_themes.exchange.standing import codings_of
from lbc_themes.records import Coding, Decision, Passage
from lbc_themes.review.board import Board

DRAWS = 200
MOST_FOR_INTERVALS = 1500


@dataclass(frozen=True, kw_only=True, slots=True)
class SoFar:
    """The table, or None where nothing can be compared yet."""

    table: AgreementTable | None


def agreement_so_far(board: Board) -> SoFar:
    """Return how far people agree; without intervals where there are more than 1,500 passages."""
    by_coder = {coder: board.decided(coder) for coder in board.people()}
    times = Counter(passage_id for held in by_coder.values() for passage_id in held)
    both = [p for p in board.passages if times[p.id] > 1]
    inside = {p.id: p for p in both}
    coders = [coder for coder, held in by_coder.items() if inside.keys() & held.keys()]
    codings = [c for coder in coders for c in _codings(by_coder[coder].values(), inside)]
    if len(coders) < 2 or not codings:
        return SoFar(table=None)
    read = {coder: {inside[i].transcript_id for i in by_coder[coder] if i in inside} for coder in coders}
    draws = DRAWS if len(both) <= MOST_FOR_INTERVALS else 0
    return SoFar(table=agreement(codings, passages=both, coders=coders, read=read, draws=draws))


def _codings(decisions: Iterable[Decision], inside: Mapping[str, Passage]) -> Iterator[Coding]:
    for decision in decisions:
        if decision.passage_id in inside:
            yield from codings_of(decision, inside[decision.passage_id])
