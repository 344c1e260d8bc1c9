"""How far people agree so far, on the passages that two or more of them decided on."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lbc_themes.agreement import AgreementTable, agreement
from lbc_themes.core.records import Coding, Passage
from lbc_themes.core.study_log import codings_of
from lbc_themes.review.board import Board

DRAWS = 200
MOST_FOR_INTERVALS = 1500


@dataclass(frozen=True, kw_only=True, slots=True)
class SoFar:
    """The table, or None where nothing can be compared yet."""

    table: AgreementTable | None


def agreement_so_far(board: Board, participants: Mapping[str, str] | None = None) -> SoFar:
    """Return how far people agree, codes on parts of passages included.

    ``participants`` maps transcript ids to participants, for the intervals; by default each transcript is one. There
    are no intervals where there are more than 1,500 passages.
    """
    by_coder = {coder: board.decided(coder) for coder in board.people()}
    times = Counter(passage_id for held in by_coder.values() for passage_id in held)
    both = [p for p in board.passages if times[p.id] > 1]
    read = {coder: {p.id for p in both if p.id in held} for coder, held in by_coder.items()}
    coders = [coder for coder, ids in read.items() if ids]
    codings = list(_codings(board, both, read))
    if len(coders) < 2 or not codings:
        return SoFar(table=None)
    draws = DRAWS if len(both) <= MOST_FOR_INTERVALS else 0
    spoke = {p.id: (participants or {}).get(p.transcript_id, p.transcript_id) for p in both}
    # Each passage stands for a text of its own: one that a coder has not come to yet is missing, not without a code.
    apart = [replace(p, transcript_id=p.id) for p in both]
    return SoFar(table=agreement(codings, passages=apart, coders=coders, read=read, participants=spoke, draws=draws))


def _codings(board: Board, passages: Sequence[Passage], read: Mapping[str, set[str]]) -> Iterator[Coding]:
    for passage in passages:
        for decision in board.decisions_on(passage.id):
            if decision.coder in read:
                yield from (replace(c, transcript_id=passage.id) for c in codings_of(decision, passage))
        for coding in (each.coding for each in board.spans_in(passage)):
            if passage.id in read.get(coding.coder, ()):
                yield replace(coding, transcript_id=passage.id)
